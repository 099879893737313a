"""First power-up: `runner.py` runs the steps, `bench.py` drives, the operator answers."""
