"""Check the board as a whole: one small function for each rule."""

from collections import Counter
from collections.abc import Callable, Iterator

from massager_tools.boards.chips import Chip
from massager_tools.boards.finding import Finding
from massager_tools.boards.levels import sensor_levels
from massager_tools.boards.ntc_table import sense
from massager_tools.boards.pin_rules import DRIVE_ROLES, HEATER_ROLES, VALVE_ROLES, Board
from massager_tools.boards.schema import CHAMBERS

MANDATORY = (*HEATER_ROLES, *DRIVE_ROLES, "button_power", "button_up", "button_down")
MIN_CHAMBERS = 2
SENSORS = (
    ("pad_temp_a", HEATER_ROLES, "heat with one thermistor trusts it blindly; both are needed"),
    ("pad_temp_b", HEATER_ROLES, "heat with one thermistor trusts it blindly; both are needed"),
    ("pressure", ("pump", *CHAMBERS), "air would squeeze without knowing how hard"),
)

CURED_BY_A_PIN = ("duplicate", "missing-role", "chambers", "sensor")
"""Rules of this file that a free pin would satisfy."""

BoardRule = Callable[[Board, Chip], Iterator[Finding]]


def psram_kind(board: Board, chip: Chip) -> Iterator[Finding]:
    kinds = ("none", *chip.psram)
    if board.get("psram", "none") not in kinds:
        message = f"no {chip.name} has {board['psram']} PSRAM; psram is {' or '.join(kinds)}"
        yield _error("psram", "", None, message)


def duplicates(board: Board, chip: Chip) -> Iterator[Finding]:
    roles = board["roles"]
    uses = Counter(spec["pin"] for spec in roles.values())
    for role, spec in roles.items():
        pin = spec["pin"]
        if uses[pin] > 1:
            others = [name for name in roles if roles[name]["pin"] == pin and name != role]
            message = f"the pin is also that of {' and '.join(others)}: they would work as one"
            yield _error("duplicate", role, pin, message)


def mandatory(board: Board, chip: Chip) -> Iterator[Finding]:
    for role in MANDATORY:
        if role not in board["roles"]:
            yield _error("missing-role", role, None, "the firmware cannot do without it")


def chambers(board: Board, chip: Chip) -> Iterator[Finding]:
    there = [role for role in CHAMBERS if role in board["roles"]]
    count = max(len(there), MIN_CHAMBERS)
    for role in CHAMBERS[:count]:
        if role not in there:
            message = "missing: chambers count from 1, at the ankle, to 2, 3 or 4 without a gap"
            yield _error("chambers", role, None, message)


def sensors(board: Board, chip: Chip) -> Iterator[Finding]:
    roles = board["roles"]
    for sensor, actuators, without in SENSORS:
        if sensor not in roles and any(role in roles for role in actuators):
            yield _error("sensor", sensor, None, f"missing: {without}")


def diverse_thermistors(board: Board, chip: Chip) -> Iterator[Finding]:
    """Warn where one error of voltage moves both thermistors' readings alike."""
    spec_a, spec_b = (board["roles"].get(role) for role in ("pad_temp_a", "pad_temp_b"))
    if spec_a and spec_b and sense(spec_a) == sense(spec_b):
        message = (
            f"both thermistors go to {sense(spec_a)}: damp, a bad ground or a wrong rail moves "
            'both readings alike and nothing sees it; wire this one the other way, with "ntc_to"'
        )
        yield Finding("warning", "ntc-alike", "pad_temp_b", spec_b["pin"], message)


def heater_polarity(board: Board, chip: Chip) -> Iterator[Finding]:
    for role in HEATER_ROLES:
        spec = board["roles"].get(role)
        if spec and spec["safe"] != 0:
            message = "safe is 1: a chip without power or firmware would heat; take a switch "
            yield _error("polarity", role, spec["pin"], message + "that low turns off")


def polarity(board: Board, chip: Chip) -> Iterator[Finding]:
    for role in (*DRIVE_ROLES, *VALVE_ROLES):
        spec = board["roles"].get(role)
        if spec and spec["safe"] != 0:
            message = "off is high: it needs a pull-up, or it runs from reset until boot.py"
            yield Finding("warning", "polarity", role, spec["pin"], message)


def pwm_budget(board: Board, chip: Chip) -> Iterator[Finding]:
    rates = [spec["pwm_hz"] for spec in board["roles"].values() if "pwm_hz" in spec]
    for what, has, wants in (
        ("PWM outputs", chip.pwm_channels, len(rates)),
        ("different pwm_hz", chip.pwm_frequencies, len(set(rates))),
    ):
        if wants > has:
            message = f"{wants} {what}, the {chip.name} has {has}: the last would not start"
            yield _error("pwm-budget", "", None, message)


def open_loop(board: Board, chip: Chip) -> Iterator[Finding]:
    if "tach" not in board["roles"]:
        message = "none: the motor runs open loop, and a stalled one does not show"
        yield Finding("note", "sensor", "tach", None, message)
    if "heater_sense" not in board["roles"]:
        message = "none: a welded heater switch shows only by the pad getting warm"
        yield Finding("note", "sensor", "heater_sense", None, message)
    if "heartbeat" not in board["roles"]:
        message = "none: a chip that hangs keeps the heat on until its watchdog resets it"
        yield Finding("note", "heartbeat", "heartbeat", None, message)


BOARD_RULES: tuple[BoardRule, ...] = (
    psram_kind,
    duplicates,
    mandatory,
    chambers,
    sensors,
    diverse_thermistors,
    heater_polarity,
    polarity,
    pwm_budget,
    sensor_levels,
    open_loop,
)


def _error(rule: str, role: str, pin: int | None, message: str) -> Finding:
    return Finding("error", rule, role, pin, message)
