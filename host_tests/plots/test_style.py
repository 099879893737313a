"""Every plot has the look of the one style sheet."""

import re
from pathlib import Path

import matplotlib

from host_tests.support.interpreter import ROOT
from massager_tools.plots import style

OWN_LOOK = re.compile(r"facecolor=\"white\"|frameon|\bdpi=|matplotlib\.use|pyplot|#[0-9a-f]{6}\b")


def test_no_plot_has_a_look_of_its_own() -> None:
    drawing = [
        path
        for path in (ROOT / "tools").rglob("*.py")
        if "matplotlib" in path.read_text(encoding="utf-8") and path.name != "style.py"
    ]
    assert len(drawing) > 5
    found = {path.name: OWN_LOOK.findall(_without_tables(path)) for path in drawing}
    assert {name: looks for name, looks in found.items() if looks} == {}


def _without_tables(path: Path) -> str:
    """Colours of states are data."""
    return re.sub(r"STATE_COLOURS = \{.*?\}", "", path.read_text(encoding="utf-8"), flags=re.S)


def test_importing_the_style_applies_its_sheet() -> None:
    sheet = matplotlib.rc_params_from_file(
        Path(style.__file__).with_name("massager.mplstyle"), use_default_template=False
    )
    assert sheet and {name: matplotlib.rcParams[name] for name in sheet} == dict(sheet)
