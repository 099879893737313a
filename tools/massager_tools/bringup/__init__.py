"""First power-up with the builder: `walk.py` leads, `bench.py` drives, `operator.py` answers."""
