"""Runs core test modules inside MicroPython: `micropython run_tests.py MODULE`.

Prints one line a case, `ok ID` or `FAIL ID` with its traceback, and last `ran N`.
Exits 1 when a case failed. MICROPYPATH has to hold the repository, `firmware` and `tools`.
"""

import sys

from host_tests.support import rows


def run(module_name: str) -> int:
    """Run every case of the module; the number of failures."""
    __import__(module_name)
    found = rows.cases(sys.modules[module_name].__dict__)
    failures = 0
    for case_id, function, arguments in found:
        try:
            function(*arguments)
        except Exception as error:  # a test fails in whatever way it likes
            failures += 1
            print("FAIL", case_id)
            sys.print_exception(error)
        else:
            print("ok", case_id)
    print("ran", len(found))
    return failures


if __name__ == "__main__":
    sys.exit(1 if run(sys.argv[1]) else 0)
