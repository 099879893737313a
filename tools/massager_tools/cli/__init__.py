"""The subcommands of `massager`, one module each: options and words, no work of their own."""
