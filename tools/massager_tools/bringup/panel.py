"""Check every button, and the lights."""

from collections.abc import Iterator

from massager_tools.bringup.runner import Run, Trouble
from massager_tools.firmware_tables import button_bits

LOOK_MS = 2_000
LOOKS = 10  # 20 s to find a button
LIGHT_MS = 1_500


def buttons(run: Run) -> Iterator[Trouble]:
    """Ask for a press of each button in turn; no other may react."""
    there = {role: bit for role, bit in _role_bits().items() if role in run.roles}
    held = run.bench.look().buttons
    for role, bit in there.items():
        if held & bit:
            yield run.trouble(
                role, "pressed with no finger on it: shorted, or another part hangs on this pin"
            )
    for role, bit in there.items():
        if not held & bit:
            yield from _button(run, role, bit, held)


def _role_bits() -> dict[str, int]:
    return {f"button_{name}": bit for name, bit in button_bits().items()}


def _button(run: Run, role: str, bit: int, held: int) -> Iterator[Trouble]:
    run.operator.press(role.removeprefix("button_"))
    seen = 0
    for _ in range(LOOKS):
        seen = run.bench.drive(LOOK_MS).buttons & ~held
        if seen:
            break
    others = [
        f"{name} (pin {run.pin(name)})"
        for name, mask in _role_bits().items()
        if seen & mask & ~bit
    ]
    if not seen:
        yield run.trouble(role, "no press seen: is the button wired to this pin and to ground?")
    elif others:
        yield run.trouble(role, f"the press came in on {' and '.join(others)}: swap the wires")
    _wait_for_release(run, held)


def _wait_for_release(run: Run, held: int) -> None:
    """Wait until no finger is on a button: a slow release is no press of the next one."""
    for _ in range(LOOKS):
        if not run.bench.look().buttons & ~held:
            return


def lights(run: Run) -> Iterator[Trouble]:
    """Light the light stick, or the lamp."""
    for role in ("pixels", "lamp"):
        if role not in run.roles:
            continue
        run.operator.about_to(f"{role}: lights up for {LIGHT_MS / 1000:g} s")
        run.bench.drive(LIGHT_MS, light=True)
        noticed = run.operator.noticed("the lights")
        if noticed == "nothing":
            yield run.trouble(role, "stays dark: check its supply, ground, and DIN (not DOUT)")
        elif noticed != "the lights":
            yield run.trouble(role, f"moves {noticed}: this wire belongs on another pin")
