"""Control as functions of time and signals: no clock, no I/O, no heap; imports only itself."""
