"""Modules that replace `machine`, `esp32`, `neopixel` and `time` when first on `sys.path`."""
