"""Check which role may use which pin: one small function for each rule."""

from collections.abc import Callable, Iterator
from typing import Any

from massager_tools.boards.chips import Chip
from massager_tools.boards.finding import Finding
from massager_tools.boards.schema import ANALOG, BUTTONS, CHAMBERS, OUTPUTS

HEATER_ROLES = ("heater_enable", "heater_pwm")
HEAT_ROLES = (*HEATER_ROLES, "heartbeat")  # the heartbeat permits the heat
DRIVE_ROLES = ("pump", "motor")
VALVE_ROLES = (*CHAMBERS, "exhaust")

Board = dict[str, Any]
PinRule = Callable[[Board, Chip, str, int], Finding | None]


def pin_findings(board: Board, chip: Chip, role: str, pin: int) -> Iterator[Finding]:
    """Yield the findings of all pin rules on `role` on `pin`."""
    if pin not in chip.pins:
        yield _error("no-pin", role, pin, f"the {chip.name} has no such pin")
        return
    for rule in PIN_RULES:
        finding = rule(board, chip, role, pin)
        if finding:
            yield finding


def free_pins(board: Board, chip: Chip, role: str) -> tuple[int, ...]:
    """Return the unused pins on which `role` breaks no rule, the best first."""
    used = {spec["pin"] for spec in board["roles"].values()}
    free = sorted(chip.pins - used)
    good = [pin for pin in free if not any(pin_findings(board, chip, role, pin))]
    # a pin made for a heater gate is the best for one, and a waste on anything else
    good.sort(key=lambda pin: (pin in chip.heater_gates) is not (role in HEATER_ROLES))
    return tuple(good)


def flash(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    if pin not in chip.flash:
        return None
    return _error("flash", role, pin, "the flash is on this pin: the chip would not start")


def psram(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    stated = board.get("psram")
    kinds = [kind for kind, pins in chip.psram.items() if pin in pins]
    if stated in kinds:
        message = f"the module's {stated} PSRAM is on this pin: memory faults at random"
        return _error("psram", role, pin, message)
    if kinds and stated is None:
        message = f'taken on modules with {kinds[0]} PSRAM; without, say "psram": "none"'
        return Finding("warning", "psram", role, pin, message)
    return None


def strapping(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    if pin not in chip.strapping:
        return None
    return _error("strapping", role, pin, f"strapping pin: {chip.strapping[pin]}")


def input_only(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    if pin not in chip.input_only or role not in OUTPUTS:
        return None
    return _error("input-only", role, pin, "the pin can only read: nothing would be switched")


def no_pull(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    if pin not in chip.input_only or (role not in BUTTONS and role != "tach"):
        return None
    message = "the pin has no pull resistor: an open contact reads anything; fit one outside"
    return _error("no-pull", role, pin, message)


def adc1(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    if role not in ANALOG or pin in chip.adc1:
        return None
    if pin in chip.adc2:
        return _error("adc", role, pin, "ADC2 fails while Wi-Fi is on; analog roles go on ADC1")
    return _error("adc", role, pin, "no ADC on this pin: the reading would fail at start")


def usb(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    if pin not in chip.usb:
        return None
    return _error("usb", role, pin, "MicroPython keeps this pin for USB: nothing would move")


def uart0(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    if pin not in chip.uart0:
        return None
    if not chip.usb:
        message = "the only console is on this pin: the chip could not be flashed or watched"
        return _error("console", role, pin, message)
    message = "a UART0 pin: its console is lost, and TX puts out the boot log at each reset"
    return _error("uart0", role, pin, message)


def reset_glitch(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    if pin not in chip.reset_glitch:
        return None
    if role in (*HEAT_ROLES, *DRIVE_ROLES):
        message = "high or toggling from reset until boot.py: it would be driven meanwhile"
        return _error("reset-glitch", role, pin, message)
    if role in VALVE_ROLES:
        message = "may click at reset; harmless, as the pump is off then"
        return Finding("note", "reset-glitch", role, pin, message)
    return None


def off_module(board: Board, chip: Chip, role: str, pin: int) -> Finding | None:
    if pin not in chip.off_module:
        return None
    message = "usual modules do not bring this pin out: there is nothing to solder to"
    return Finding("warning", "off-module", role, pin, message)


PIN_RULES: tuple[PinRule, ...] = (
    flash,
    psram,
    strapping,
    input_only,
    no_pull,
    adc1,
    usb,
    uart0,
    reset_glitch,
    off_module,
)


def _error(rule: str, role: str, pin: int, message: str) -> Finding:
    return Finding("error", rule, role, pin, message)
