"""The subcommands of `massager`, one module each: options and printing only."""
