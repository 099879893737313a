"""A person's own program: checked with one clear line a mistake, compiled, never beyond limits."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massager.core import limits
from massager.core.session import program_format
from massager.core.session.session import Session
from massager.core.signals import Setpoints, Settings
from massager_tools.cli import main
from massager_tools.firmware_tables import programs
from massager_tools.programs import (
    ProgramError,
    compile_program,
    findings,
    load_program,
    phase_rules,
)


def a_phase(**changes: Any) -> dict[str, Any]:
    return {"minutes": 10, "air": "wave", "motor": "swell", **changes}


def a_program(*phases: dict[str, Any], **changes: Any) -> dict[str, Any]:
    taper = {"minutes": 3, "air": "wave", "fades": True}
    return {"name": "mine", "phases": (*(phases or (a_phase(),)), taper), **changes}


WRONG_ROWS: tuple[tuple[str, object, str], ...] = (
    ("no table", 3, "PROGRAM takes a table"),
    ("no name", {"phases": ({"minutes": 3, "air": "wave", "fades": True},)}, "name is missing"),
    ("bad name", a_program(name="My Program"), "name is 'My Program'; it takes 1–15 of a–z"),
    ("taken name", a_program(name="warm"), "'warm', which comes with the firmware"),
    ("heat", a_program(heat_c=44), "heat_c is 44; it takes one of 0, 41, 42, 43, last"),
    ("level", a_program(level=0), "level is 0; it takes a whole number from 1 to 5"),
    ("a true level", a_program(level=True), "level is True"),
    ("unknown key", a_program(volume=3), "'volume' is not known here"),
    (
        "a boost where all are joined",
        a_program(a_phase(air="squeeze", boost_chamber=1, boost_percent=110)),
        "phase 1: boost_chamber is 1, but in squeeze no chamber is held on its own",
    ),
    (
        "a boost without air",
        a_program(a_phase(air="none", motor="swell", boost_chamber=1)),
        "phase 1: boost_chamber is 1, but the phase has no air",
    ),
    (
        "a boost of what foot_first joins",
        a_program(a_phase(air="foot_first", boost_chamber=2, boost_s=2)),
        "phase 1: boost_chamber is 2, but in foot_first only chamber 1 is held alone",
    ),
    (
        "a boost of pressure in a wave",
        a_program(a_phase(air="wave", boost_chamber=2, boost_percent=110)),
        "phase 1: boost_percent: in a wave it raises all that are joined",
    ),
    ("no phases", {"name": "mine", "phases": ()}, "phases is (); it takes a tuple of phases"),
    ("phase no table", a_program(3), "phase 1: takes a table"),  # type: ignore[arg-type]
    ("no minutes", a_program({"air": "wave"}), "phase 1: minutes is missing"),
    ("air", a_program(a_phase(air="storm")), "phase 1: air is 'storm'; it takes one of wave"),
    (
        "pressure",
        a_program(a_phase(), a_phase(pressure_mmhg=60)),
        "phase 2: pressure_mmhg is 60; it takes 10 to 40 mmHg",
    ),
    ("hold", a_program(a_phase(hold_s=30)), "phase 1: hold_s is 30; it takes 0 to 15 s"),
    ("rest", a_program(a_phase(rest_s=1)), "phase 1: rest_s is 1; it takes 2 to 55 s"),
    ("speed", a_program(a_phase(speed_rpm=4_000)), "phase 1: speed_rpm is 4000"),
    ("idle", a_program({"minutes": 5}), "phase 1: does nothing"),
    ("too long", a_program(a_phase(minutes=58)), "all phases last 61 min; a session ends"),
    ("fades early", a_program(a_phase(fades=True)), "phase 1: fades, but only the last"),
    ("no fade", {"name": "mine", "phases": (a_phase(),)}, "phase 1: the last one has to fade"),
    (
        "short fade",
        {"name": "mine", "phases": (a_phase(minutes=1, fades=True),)},
        "phase 1: minutes is 1; a fade takes 2",
    ),
)


def test_wrong(row: tuple[str, object, str]) -> None:
    _, program, line = row
    found = findings(program)
    assert len(found) == 1
    assert line in found[0]


def test_a_mistake_at_the_top_hides_none_in_the_phases() -> None:
    found = findings(a_program(3, a_phase(hold_s=30), level=0))  # type: ignore[arg-type]
    assert [line.split(" is ")[0] for line in found] == [
        "level",
        "phase 1: takes a table {...}",
        "phase 2: hold_s",
    ]


def test_right() -> None:
    assert findings(a_program()) == []
    warm = ({"minutes": 10}, {"minutes": 2, "fades": True})
    assert findings({"name": "mine", "heat_c": 41, "phases": warm}) == []


def test_compiled_as_the_firmware_wants_it() -> None:
    compiled = compile_program(
        a_program(
            a_phase(air="squeeze", pressure_mmhg=29.4, hold_s=5, rest_s=55, motor="none"),
            heat_c=42,
            level=4,
        )
    )
    assert compiled[:5] == ("mine", 2, 4, 60_000, False)
    first = compiled[program_format.PHASES][0]
    assert first == program_format.phase(10, 2, pressure_pa=3_920, hold_ms=5_000, rest_ms=55_000)
    assert all(
        type(number) in (int, bool)
        for phase in compiled[program_format.PHASES]
        for number in phase
    )


def _in_range(name: str) -> "st.SearchStrategy[Any]":
    """Values that may or may not be right."""
    return {
        "air": st.sampled_from(["wave", "ripple", "squeeze", "foot_first", "none"]),
        "motor": st.sampled_from(["steady", "swell", "pulse", "fade", "none"]),
        "fades": st.booleans(),
        "boost_chamber": st.integers(0, 4),
    }.get(name, st.integers(0, 3_000) | st.floats(0, 100, allow_nan=False))


PHASES = st.fixed_dictionaries(
    {"minutes": st.integers(1, 20)},
    optional={name: _in_range(name) for name in phase_rules() if name != "minutes"},
)


@given(st.lists(PHASES, min_size=1, max_size=3))
def test_what_passes_the_check_is_played_as_it_says(phases: list[dict[str, Any]]) -> None:
    """The session's own limits change nothing of a program that was found right."""
    program: dict[str, Any] = {"name": "mine"}
    program["phases"] = (*phases, {"minutes": 2, "air": "wave", "fades": True})
    if findings(program):
        return
    compiled = compile_program(program)
    setpoints, settings = Setpoints(), Settings()
    session = Session(setpoints, settings, (compiled,))
    session.program = len(session.programs) - 1
    session.start()
    assert session.left_ms == sum(phase["minutes"] for phase in program["phases"]) * 60_000
    session.intensity.choose(5)
    session.step()
    session.update_setpoints()
    first = compiled[program_format.PHASES][0]
    if setpoints.air_on:
        assert setpoints.pressure_set_pa == max(
            first[program_format.PRESSURE_PA], limits.PRESSURE_SET_MIN_PA
        )
        assert setpoints.hold_ms == first[program_format.HOLD_MS]
        assert setpoints.rest_ms == first[program_format.REST_MS]
    if setpoints.motor_on:
        assert setpoints.motor_set_rpm == first[program_format.SPEED_RPM]


BOOST_ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("any in a ripple", a_phase(air="ripple", boost_chamber=3, boost_percent=110, boost_s=2)),
    ("the foot first", a_phase(air="foot_first", boost_chamber=1, boost_percent=110)),
    ("longer in a wave", a_phase(air="wave", boost_chamber=2, boost_s=3)),
)


def test_boost(row: tuple[str, dict[str, Any]]) -> None:
    assert findings(a_program(row[1])) == []


FILE_ROWS = (
    ("not python", "PROGRAM = {", "line 1: not Python"),
    ("two", "PROGRAM = {}\nPROGRAM = {}", "needs one PROGRAM = {...}, has 2"),
    ("none", '"""Nothing."""', "needs one PROGRAM = {...}, has 0"),
    ("code", "import os\nPROGRAM = {}", "line 1: a program file holds PROGRAM"),
    ("call", "PROGRAM = dict()", "line 1: PROGRAM holds something that is not a plain value"),
)


def test_file(row: tuple[str, str, str], tmp_path: Path) -> None:
    _, text, line = row
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProgramError, match=r"^[^\n]*$") as caught:
        load_program(path)
    assert line in str(caught.value)


def test_check_names_phase_and_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.py"
    path.write_text(f"PROGRAM = {a_program(a_phase(hold_s=30, rest_s=0))!r}", encoding="utf-8")
    assert main.run(["programs", "check", str(path)]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        f"{path}: phase 1: hold_s is 30; it takes 0 to 15 s",
        f"{path}: phase 1: rest_s is 0; it takes 2 to 55 s (blood has to flow back)",
    ]
    assert main.run(["demo", "--program", str(path)]) == 2
    assert capsys.readouterr().err == f"massager: {shown[0]} (and 1 more)\n"


def test_check_passes_a_right_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.py"
    path.write_text(f"PROGRAM = {a_program()!r}", encoding="utf-8")
    assert main.run(["programs", "check", str(path)]) == 0
    assert "mine: 2 phases, 13 min: may be built in" in capsys.readouterr().out


def test_programs_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["programs"]) == 0
    shown = capsys.readouterr().out
    assert all(f"{name}, " in shown for name in programs())
    assert main.run(["programs", "list", "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in output] == list(programs())
    assert all(one["minutes"] > 0 and one["evidence"] for one in output)
