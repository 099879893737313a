"""Mutants: which changes are made, and that a change that a test notices is seen."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from host_tests.support.interpreter import FIRMWARE, ROOT
from massager_tools.verification import mutation
from massager_tools.verification.mutants import (
    CORE,
    HAL,
    Mutant,
    guard_files,
    limits_outside,
    mutants,
)
from massager_tools.verification.mutation_verdicts import VerdictStore
from massager_tools.verification.report import Options

LIMITS = "X_MC = const(1_000)\nY_MS = (10, 20)\nOUTSIDE_MS = const(5)\nZ = const(3)\n"
GUARD = """
from massager.core import limits
from massager.core.safety import fault_table

SHORT_STEPS = 2
_NAME = 2


def step(value, flag):
    found = 0
    if value >= limits.X_MC and not flag:
        found |= fault_table.TOO_MUCH
    return found + limits.Y_MS[0] + limits.Z


def twice(word):
    other = 0
    if word & fault_table.TOO_MUCH:
        other |= fault_table.OTHER
    return other if word * 100 > 300 else 0
"""
HAL_TEXT = """
from massager.core import limits


class Hal:
    def feed(self):
        if self.armed:
            self.dog.feed()

    def read(self):
        return 1 if self.other else 0

    def _check_lease(self):
        self.pump.off()
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A firmware of one guard, its limits and a test."""
    root = tmp_path / "tree"
    core = root / "firmware" / CORE
    (core / "safety").mkdir(parents=True)
    (root / "firmware" / HAL).parent.mkdir()
    (root / "firmware" / HAL).write_text(HAL_TEXT)
    (root / "boards").mkdir()
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (core / "limits.py").write_text("from micropython import const\n" + LIMITS)
    (core / "guards.py").write_text(GUARD)
    (core / "safety" / "fault_table.py").write_text(
        "TOO_MUCH = 1\nOTHER = 2\nLATCHES = True\nPASSES = False\nSTOPS_ALL = 16\n"
        "STOPS_SESSION = 8\nSTOPS_MOTOR = 4\nSTOPS_AIR = 2\nSTOPS_HEAT = 1\nSTOPS_NOTHING = 0\n"
        'HEAT = ((TOO_MUCH, 12, "TOO_MUCH", STOPS_ALL, 100, LATCHES),)\n'
        "AIR = ()\nMOTOR = ()\nSYSTEM = ()\n"
    )
    tests = root / "host_tests"
    (tests / "core").mkdir(parents=True)
    (tests / "support").mkdir()
    shutil.copy(ROOT / "host_tests" / "support" / "rows.py", tests / "support")
    shutil.copytree(
        ROOT / "tools" / "massager_tools" / "sim" / "cpython_modules",
        root / "tools" / "massager_tools" / "sim" / "cpython_modules",
    )
    (tests / "core" / "test_step.py").write_text(
        "from massager.core.guards import step\n\n\n"
        "def test_more():\n    assert step(1_100, False) == 14\n\n\n"
        "def test_less():\n    assert step(900, False) == 13\n"
    )
    return root


def test_what_is_broken(small: Path) -> None:
    found = [mutant.name for mutant in mutants(small / "firmware")]
    assert found == [
        "guards.py SHORT_STEPS: 2 → 3",
        "guards.py SHORT_STEPS: 2 → 1",
        "guards.py step: value >= limits.X_MC → value < limits.X_MC",
        "guards.py step: flag → (not (flag))",
        "guards.py step: fault_table.TOO_MUCH → 0",
        "guards.py twice: word & fault_table.TOO_MUCH → (not (word & fault_table.TOO_MUCH))",
        "guards.py twice: fault_table.OTHER → 0",
        "guards.py twice: word * 100 > 300 → word * 100 <= 300",
        "guards.py twice: 100 → 120",
        "guards.py twice: 100 → 80",
        "guards.py twice: 300 → 360",
        "guards.py twice: 300 → 240",
        "safety/fault_table.py HEAT TOO_MUCH: STOPS_ALL → STOPS_SESSION",
        "safety/fault_table.py HEAT TOO_MUCH: STOPS_ALL → STOPS_HEAT",
        "safety/fault_table.py HEAT TOO_MUCH: STOPS_ALL → STOPS_AIR",
        "safety/fault_table.py HEAT TOO_MUCH: STOPS_ALL → STOPS_MOTOR",
        "safety/fault_table.py HEAT TOO_MUCH: STOPS_ALL → STOPS_NOTHING",
        "safety/fault_table.py HEAT TOO_MUCH: 100 → 536870912",
        "safety/fault_table.py HEAT TOO_MUCH: LATCHES → PASSES",
        "limits.py X_MC: 1_000 → 1200",
        "limits.py X_MC: 1_000 → 800",
        "limits.py Y_MS: (10, 20) → (12, 24)",
        "limits.py Y_MS: (10, 20) → (8, 16)",
        "limits.py OUTSIDE_MS: 5 → 6",
        "limits.py OUTSIDE_MS: 5 → 4",
        "limits.py Z: 3 → 4",
        "limits.py Z: 3 → 2",
        "massager/hal/esp32.py feed: self.armed → (not (self.armed))",
        "massager/hal/esp32.py _check_lease: self.pump.off() → pass",
    ]
    assert limits_outside(small / "firmware") == {"OUTSIDE_MS"}


def test_the_same_change_twice_has_two_names(small: Path) -> None:
    guards = small / "firmware" / CORE / "guards.py"
    guards.write_text(GUARD + GUARD.replace("step", "again").partition("def twice")[0])
    names = [mutant.name for mutant in mutants(small / "firmware")]
    assert "guards.py SHORT_STEPS: 2 → 3 (2)" in names
    assert len(set(names)) == len(names)


def seen(small: Path) -> dict[str, tuple[str, str]]:
    """What the probe says of each mutant of `small`, by the mutant's name."""
    tree = mutation._Tree(small, 60.0)
    assert mutation._probe(tree) == ("", mutation.BY_A_TEST)
    found = {}
    for mutant in mutants(small / "firmware"):
        with mutation.broken(small / "firmware", mutant):
            found[mutant.name.partition(" ")[2]] = mutation._probe(tree, mutant)
    return found


def test_a_test_that_notices_kills(small: Path) -> None:
    found = seen(small)
    test = "host_tests.core.test_step::test"
    assert found["X_MC: 1_000 → 1200"] == (f"{test}_more", mutation.BY_A_TEST)
    assert found["X_MC: 1_000 → 800"] == (f"{test}_less", mutation.BY_A_TEST)
    assert found["HEAT TOO_MUCH: LATCHES → PASSES"][0] == ""


def test_only_cases_that_enter_the_function_are_run(small: Path) -> None:
    marks = small / "marks.txt"
    (small / "host_tests" / "core" / "test_twice.py").write_text(
        "from massager.core.guards import twice\n\n\n"
        f"def test_twice():\n    open({str(marks)!r}, 'a').write('.')\n    assert twice(5) == 2\n"
    )
    found = seen(small)
    mutants_of_it = [name for name in found if name.startswith("twice")]
    everywhere = [name for name in found if not name.startswith(("twice", "step"))]
    assert found["twice: fault_table.OTHER → 0"][0] == "host_tests.core.test_twice::test_twice"
    # the first run, those of the function, and those that are in no function and reach it
    assert len(mutants_of_it) < len(marks.read_text()) <= 1 + len(mutants_of_it + everywhere)


SHOWN_ROWS = (
    ("while True:\n        pass", mutation.BY_HANGING),
    ("raise KeyError", mutation.BY_AN_ERROR),
    ("assert step(1_100, False) == 14", mutation.BY_A_TEST),
)


@pytest.mark.parametrize(("body", "how"), SHOWN_ROWS)
def test_how_a_mutant_shows_is_kept(small: Path, body: str, how: str) -> None:
    test = small / "host_tests" / "core" / "test_step.py"
    sound = test.read_text().partition("\n\n\ndef test_less")[0]
    test.write_text(sound)
    tree = mutation._Tree(small, 60.0)
    mutation._probe(tree)
    test.write_text(sound.replace("assert step(1_100, False) == 14", body))
    mutant = mutants(small / "firmware")[2]
    with mutation.broken(small / "firmware", mutant):
        assert mutation._probe(tree, mutant) == ("host_tests.core.test_step::test_more", how)


def test_a_run_that_is_killed_goes_on(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = small / "keep.jsonl"
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from massager_tools.verification import mutation, mutants\n"
        "from massager_tools.verification.report import Options\n"
        "mutation.CHECKOUT = Path(sys.argv[1])\n"
        "found = mutants.mutants(mutation.CHECKOUT / 'firmware')[:19]\n"
        "show = lambda share: print(share, flush=True)\n"
        "mutation.run(found, Options(keep=Path(sys.argv[2]), progress=show), 1)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(small), str(keep)],
        env={**os.environ, "TMPDIR": str(small.parent)},  # nobody tidies up after it
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        for _ in range(3):
            assert running.stdout.readline()
        running.kill()
    with keep.open("a") as file:
        file.write('{"mutant": "cut sho')
    before = keep.read_text().count("\n")
    monkeypatch.setattr(mutation, "CHECKOUT", small)
    chosen = mutants(small / "firmware")[:19]
    again = mutation.run(chosen, Options(keep=keep), 1)
    lines = keep.read_text().splitlines()
    assert [verdict.mutant for verdict in again] == chosen
    assert len(lines) == len(chosen) + 1 and before >= 3  # the cut one, on a line of its own
    assert mutation.run(chosen, Options(keep=keep), 1) == again
    assert keep.read_text().splitlines() == lines


FORGET_ROWS = (
    # what changes, whether a killed mutant and a survivor are tried again
    ("firmware/massager/core/limits.py", True, True),
    ("host_tests/support/rows.py", True, True),
    ("host_tests/core/test_step.py", True, True),
    ("host_tests/core/test_other.py", False, True),
    ("host_tests/core/bench.py", True, True),
    ("host_tests/hmi/test_panel.py", False, False),
)


@pytest.mark.parametrize(("file", "killed", "survivor"), FORGET_ROWS)
def test_a_verdict_is_kept_until_what_it_rests_on_changes(
    small: Path, file: str, killed: bool, survivor: bool
) -> None:
    path = small / "keep.jsonl"
    one, other = mutants(small / "firmware")[2:4]
    tests = [Path("host_tests/core")]
    verdicts = VerdictStore(path, small)
    verdicts.keep(one, tests, "host_tests.core.test_step::test_more", mutation.BY_A_TEST)
    verdicts.keep(other, tests, "", mutation.BY_A_TEST)
    assert VerdictStore(path, small).known(one, tests) is not None
    (small / file).parent.mkdir(exist_ok=True)
    with (small / file).open("a") as out:
        out.write("# changed\n")
    later = VerdictStore(path, small)
    assert (later.known(one, tests) is None) == killed
    assert (later.known(other, tests) is None) == survivor


def test_every_mutant_of_the_firmware_is_a_program_of_its_own() -> None:
    kinds: Counter[str] = Counter()
    for mutant in mutants(FIRMWARE):
        source = (FIRMWARE / mutant.file).read_text(encoding="utf-8")
        broken = mutant.apply(source)
        assert ast.dump(ast.parse(broken)) != ast.dump(ast.parse(source)), mutant.name
        kinds[mutant.kind] += 1
    assert set(kinds) == {"comparison", "condition", "constant", "row", "test"}


def test_every_guard_is_among_them() -> None:
    found = set(guard_files(FIRMWARE))
    for path in (FIRMWARE / CORE).rglob("guard*.py"):
        assert path.relative_to(FIRMWARE) in found
    assert {
        CORE / "safety" / f"{name}.py" for name in ("gate", "fault_manager", "fault_table")
    } <= found
    assert {CORE / "safety" / "supervisor.py", CORE / "heat" / "dose.py"} <= found


def test_every_limit_is_among_them() -> None:
    names = {mutant.where for mutant in mutants(FIRMWARE) if mutant.file.endswith("limits.py")}
    text = (FIRMWARE / CORE / "limits.py").read_text()
    assert names == set(re.findall(r"^([A-Z_0-9]+) = ", text, re.MULTILINE))


def test_survivors_fall_short_of_the_bar_and_are_listed() -> None:
    mutant = Mutant("massager/core/limits.py", "constant", "X", "1", "2", 0, 1)
    verdicts = [mutation.Verdict(mutant, "test_x")] * 9 + [mutation.Verdict(mutant, "")]
    report = mutation.report(verdicts)
    assert not report.ok and report.values["survived_unexplained"] == 1
    assert [bar.ok for bar in report.criteria] == [False, False]
    assert "survived: limits.py X: 1 → 2 (line 1): not explained yet" in report.notes


def test_how_they_were_noticed_is_counted_apart() -> None:
    mutant = Mutant("massager/core/limits.py", "constant", "X", "1", "2", 0, 1)
    hows = (mutation.BY_A_TEST, mutation.BY_AN_ERROR, mutation.BY_HANGING, mutation.BY_HANGING)
    report = mutation.report([mutation.Verdict(mutant, "test_x", how) for how in hows])
    assert report.ok
    counts = {"killed_by_a_test": 1, "killed_by_an_error": 1, "killed_by_hanging": 2, "killed": 4}
    assert counts.items() <= report.values.items()
    assert counts.items() <= report.rows[0].items()


def test_every_reason_is_of_a_mutant_there_is() -> None:
    names = {mutant.name for mutant in mutants(FIRMWARE)}
    assert set(json.loads(mutation.REASONS.read_text(encoding="utf-8"))) <= names
