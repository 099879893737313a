"""The pages, one module each; `build(panel)` puts a page where it is called."""
