"""Mutants: which changes are made, and that a change that a test notices is seen."""

import ast
import json
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from host_tests.support.interpreter import FIRMWARE, ROOT
from massager_tools.measure import mutation
from massager_tools.measure.mutants import CORE, Mutant, guard_files, mutants

LIMITS = "X_MC = const(1_000)\nY_MS = (10, 20)\nUNUSED_MS = const(5)\nZ = const(3)\n"
GUARD = """
from massager.core import limits
from massager.core.safety import faults


def step(value, flag):
    found = 0
    if value >= limits.X_MC and not flag:
        found |= faults.TOO_MUCH
    return found + limits.Y_MS[0] + limits.Z
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A firmware of one guard, its limits and a test."""
    core = tmp_path / "firmware" / CORE
    (core / "safety").mkdir(parents=True)
    (core / "limits.py").write_text("from micropython import const\n" + LIMITS)
    (core / "guards.py").write_text(GUARD)
    (core / "safety" / "faults.py").write_text(
        "TOO_MUCH = 1\nLATCHES = True\nPASSES = False\nSTOPS_ALL = 16\nSTOPS_NOTHING = 0\n"
        'HEAT = ((12, "TOO_MUCH", STOPS_ALL, 100, LATCHES),)\nAIR = ()\nMOTOR = ()\nSYSTEM = ()\n'
    )
    tests = tmp_path / "host_tests"
    (tests / "core").mkdir(parents=True)
    (tests / "support").mkdir()
    shutil.copy(ROOT / "host_tests" / "support" / "rows.py", tests / "support")
    shutil.copytree(
        ROOT / "tools" / "massager_tools" / "shim", tmp_path / "tools" / "massager_tools" / "shim"
    )
    (tests / "core" / "test_step.py").write_text(
        "from massager.core.guards import step\n\n\n"
        "def test_more():\n    assert step(1_100, False) == 14\n\n\n"
        "def test_less():\n    assert step(900, False) == 13\n"
    )
    return tmp_path


def test_what_is_broken(small: Path) -> None:
    found = [mutant.name for mutant in mutants(small / "firmware")]
    assert found == [
        "guards.py step: value >= limits.X_MC → value < limits.X_MC",
        "guards.py step: flag → (not (flag))",
        "guards.py step: faults.TOO_MUCH → 0",
        "safety/faults.py HEAT TOO_MUCH: STOPS_ALL → STOPS_NOTHING",
        "safety/faults.py HEAT TOO_MUCH: 100 → 536870912",
        "safety/faults.py HEAT TOO_MUCH: LATCHES → PASSES",
        "limits.py X_MC: 1_000 → 1200",
        "limits.py X_MC: 1_000 → 800",
        "limits.py Y_MS: (10, 20) → (12, 24)",
        "limits.py Y_MS: (10, 20) → (8, 16)",
        "limits.py Z: 3 → 4",
        "limits.py Z: 3 → 2",
    ]


def probe(tree: Path) -> str:
    """What the probe says of the tests in `tree`."""
    return mutation._run(
        [sys.executable, str(mutation._PROBE), str(tree), str(tree / "seconds.json")],
        tree,
        60.0,
        "failed ",
    )


def test_a_test_that_notices_kills(small: Path) -> None:
    assert probe(small) == ""
    assert len(json.loads((small / "seconds.json").read_text())) == 2
    verdicts = {}
    for mutant in mutants(small / "firmware"):
        file = small / "firmware" / mutant.file
        source = file.read_text()
        file.write_text(mutant.apply(source))
        verdicts[mutant.name.partition(" ")[2]] = probe(small)
        file.write_text(source)
    assert verdicts["X_MC: 1_000 → 1200"] == "host_tests.core.test_step::test_more"
    assert verdicts["X_MC: 1_000 → 800"] == "host_tests.core.test_step::test_less"
    assert verdicts["HEAT TOO_MUCH: LATCHES → PASSES"] == ""


def test_a_mutant_that_never_ends_is_noticed(small: Path) -> None:
    command = [sys.executable, "-c", "while True: pass"]
    assert mutation._run(command, small, 0.2, "failed ") == mutation._HANGS


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
    assert {CORE / "safety" / f"{name}.py" for name in ("gate", "latches", "faults")} <= found


def test_survivors_fall_short_of_the_bar_and_are_listed() -> None:
    mutant = Mutant("massager/core/limits.py", "constant", "X", "1", "2", 0, 1)
    verdicts = [mutation.Verdict(mutant, "test_x")] * 9 + [mutation.Verdict(mutant, "")]
    report = mutation.report(verdicts, ["Y"])
    assert not report.ok and report.values["survived_unexplained"] == 1
    assert "survived: limits.py X: 1 → 2 (line 1): not explained yet" in report.notes


def test_every_reason_is_of_a_mutant_there_is() -> None:
    names = {mutant.name for mutant in mutants(FIRMWARE)}
    assert set(json.loads(mutation.REASONS.read_text(encoding="utf-8"))) <= names
