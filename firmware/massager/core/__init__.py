"""Control as pure functions of time and signals; imports only itself. No clock, no I/O, no heap."""
