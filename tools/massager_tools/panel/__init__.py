"""The panel's table, in words: the rows of the firmware's gestures.py, read and rendered."""

from dataclasses import dataclass
from typing import Any

from massager_tools.core import core

_BUTTONS = ("POWER", "UP", "DOWN", "PROGRAM", "HEAT")
_SITUATIONS = (
    ("OFF", "off"),
    ("CHECKING", "self-test"),
    ("RAMPING", "level rising"),
    ("RUNNING", "running"),
    ("ENDING", "fading out"),
    ("PAUSED", "paused"),
    ("FAULTY", "fault"),
    ("LOCKED", "locked"),
)
_DOES = {
    "EVENT_POWER_EDGE": "stops whatever runs, at first contact",
    "EVENT_START": "starts the program, or goes on after a pause",
    "EVENT_CLEAR": "clears the fault once its code has been shown, gives a pause up",
    "EVENT_FREEZE": "the level stays as it feels now",
    "EVENT_LEVEL_UP": "one level stronger: pressure and speed",
    "EVENT_LEVEL_DOWN": "one level gentler",
    "EVENT_CYCLE_HEAT": "heat off, 41, 42, 43 °C",
    "EVENT_BOOST_HEAT": "44.5 °C for 10 min at most",
    "EVENT_SKIP": "on to the fade-out",
    "EVENT_NEXT_PROGRAM": "chooses the next program",
    "EVENT_RELIEF": "starts relief at once",
    "EVENT_FEELING_UP": "how the legs feel, 0–10: one worse",
    "EVENT_FEELING_DOWN": "how the legs feel, 0–10: one better",
    "EVENT_LOCK": "locks or unlocks the panel",
}


@dataclass(frozen=True)
class PanelRow:
    """One row of the table for people."""

    buttons: str
    gesture: str
    when: str
    does: str


def panel_rows() -> list[PanelRow]:
    """Every row of the firmware's table, in its order."""
    gestures = core("panel.gestures")
    signals = core("signals")
    events = {value: name for name, value in vars(signals).items() if name.startswith("EVENT_")}
    rows = []
    for buttons, kind, at_least_ms, at_most_ms, when, event in gestures.GESTURES:
        names = [name.lower() for name in _BUTTONS if buttons & getattr(signals, f"BUTTON_{name}")]
        joint = " + " if kind == gestures.CHORD else ", "
        rows.append(
            PanelRow(
                buttons=joint.join(names),
                gesture=_gesture(gestures, kind, at_least_ms, at_most_ms),
                when=_when(gestures, when),
                does=_DOES[events[event]],
            )
        )
    return rows


def _gesture(gestures: Any, kind: int, at_least_ms: int, at_most_ms: int) -> str:
    least = f"{at_least_ms / 1000:g}"
    most = f"{at_most_ms / 1000:g}"
    if kind == gestures.EDGE:
        return "touch"
    if kind == gestures.PRESS:
        return "press"
    if kind == gestures.RELEASE:
        return f"press {least}–{most} s" if at_least_ms else f"press, under {most} s"
    if kind == gestures.REPEAT:
        return f"hold {least} s, again every {most} s"
    return f"hold {least} s"


def _when(gestures: Any, when: int) -> str:
    chosen = [words for name, words in _SITUATIONS if when & getattr(gestures, name)]
    if len(chosen) == len(_SITUATIONS):
        return "always"
    if len(chosen) > len(_SITUATIONS) // 2:
        left_out = [words for _, words in _SITUATIONS if words not in chosen]
        return f"always but {', '.join(left_out)}"
    return ", ".join(chosen)
