"""The gestures of the panel in words, from the rows of the firmware's gestures.py."""

from dataclasses import dataclass
from typing import Any

from massager_tools.firmware_tables import button_bits, core

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
    "EVENT_POWER_EDGE": "stops whatever runs, at first contact; in a pause nothing does",
    "EVENT_START": "starts the program",
    "EVENT_RESUME": "goes on after a pause",
    "EVENT_END_PAUSE": "gives the pause up",
    "EVENT_READY_TO_CLEAR": "once the code has been shown: a press within {clear_s} s clears it",
    "EVENT_CLEAR": "within {clear_s} s of the hold: clears the fault that was shown",
    "EVENT_FREEZE": "the level stays as it feels now",
    "EVENT_LEVEL_UP": "one level stronger: pressure and speed",
    "EVENT_LEVEL_DOWN": "one level gentler",
    "EVENT_CYCLE_HEAT": "heat off, {levels} °C; brings the heat that waits for a press",
    "EVENT_BOOST_HEAT": "{boost} °C for {boost_min} min at most",
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
    """Return every row of the firmware's table, in its order."""
    gestures = core("hmi.gestures")
    signals = core("signals")
    events = {value: name for name, value in vars(signals).items() if name.startswith("EVENT_")}
    limits = core("limits")
    figures = {
        "levels": ", ".join(f"{each / 1000:g}" for each in limits.HEAT_LEVELS_MC),
        "boost": f"{limits.HEAT_BOOST_MC / 1000:g}",
        "boost_min": f"{limits.HEAT_BOOST_MS / 60_000:g}",
    }
    figures["clear_s"] = f"{limits.CLEAR_WITHIN_MS / 1000:g}"
    rows = []
    for buttons, kind, first_ms, then_ms, when, event in gestures.GESTURES:
        names = [name for name, bit in button_bits().items() if buttons & bit]
        joint = " + " if kind == gestures.CHORD else ", "
        rows.append(
            PanelRow(
                buttons=joint.join(names),
                gesture=_gesture(gestures, kind, first_ms, then_ms),
                when=_when(gestures, when),
                does=_DOES[events[event]].format(**figures),
            )
        )
    return rows


def _gesture(gestures: Any, kind: int, first_ms: int, then_ms: int) -> str:
    first = f"{first_ms / 1000:g}"
    then = f"{then_ms / 1000:g}"
    if kind == gestures.TOUCH:
        return "touch"
    if kind in (gestures.RELEASE, gestures.CLEAN):
        return f"press {first}–{then} s" if first_ms else f"press, under {then} s"
    again = f"once more {then} s later" if then_ms else ""
    if kind == gestures.PRESS:
        return f"press; held, {again}" if again else "press"
    return f"hold {first} s, {again}" if again else f"hold {first} s"


def _when(gestures: Any, when: int) -> str:
    chosen = [words for name, words in _SITUATIONS if when & getattr(gestures, name)]
    if len(chosen) == len(_SITUATIONS):
        return "always"
    if len(chosen) > len(_SITUATIONS) // 2:
        left_out = [words for _, words in _SITUATIONS if words not in chosen]
        return f"always but {', '.join(left_out)}"
    return ", ".join(chosen)
