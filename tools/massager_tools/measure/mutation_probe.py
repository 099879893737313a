"""Runs the core's tests until the first fails: `python mutation_probe.py TREE SECONDS.json`.

A fresh interpreter for each mutant, and no pytest in it: that is most of the time saved.
SECONDS.json says how long each case took undisturbed, by its name; quick ones go first.
Prints `failed CASE` and exits 1, or writes the times when there were none to begin with.
"""

import importlib
import json
import sys
import time
from pathlib import Path

_PATHS = (".", "firmware", "tools/massager_tools/shim")


def main(tree: Path, seconds_file: Path) -> int:
    """The exit code."""
    sys.path[:0] = [str(tree / path) for path in _PATHS]
    sys.dont_write_bytecode = True
    known = json.loads(seconds_file.read_text()) if seconds_file.exists() else {}
    from host_tests.support import rows

    cases = []
    for path in sorted((tree / "host_tests" / "core").rglob("test_*.py")):
        if path.stem.endswith("_properties"):
            continue
        name = ".".join(path.relative_to(tree).with_suffix("").parts)
        try:
            module = importlib.import_module(name)
        except Exception as error:  # a broken module may not even import
            print(f"failed {name}: {type(error).__name__}")
            return 1
        for case, function, arguments in rows.cases(module.__dict__):
            cases.append((f"{name}::{case}", function, arguments))
    cases.sort(key=lambda case: known.get(case[0], 0.0))
    took = {}
    for case_name, function, arguments in cases:
        started_s = time.process_time()
        try:
            function(*arguments)
        except Exception:  # a test fails in whatever way it likes
            print(f"failed {case_name}")
            return 1
        took[case_name] = round(time.process_time() - started_s, 4)
    if not known:
        seconds_file.write_text(json.dumps(took))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
