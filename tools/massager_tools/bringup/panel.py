"""The panel: every button is seen, and no other in its place; the lights shine."""

from collections.abc import Iterator

from massager_tools.bringup.runner import Trouble, Walk

BUTTONS = {  # role → bit, as in core/signals.py
    "button_power": 1,
    "button_up": 2,
    "button_down": 4,
    "button_program": 8,
    "button_heat": 16,
}
LOOK_MS = 2_000
LOOKS = 10  # 20 s to find a button
LIGHT_MS = 1_500


def buttons(walk: Walk) -> Iterator[Trouble]:
    """Ask for each button in turn."""
    there = {role: bit for role, bit in BUTTONS.items() if role in walk.roles}
    held = walk.bench.look().buttons
    for role, bit in there.items():
        if held & bit:
            yield walk.trouble(
                role, "pressed with no finger on it: shorted, or another part hangs on this pin"
            )
    for role, bit in there.items():
        if not held & bit:
            yield from _button(walk, role, bit, held)


def _button(walk: Walk, role: str, bit: int, held: int) -> Iterator[Trouble]:
    walk.person.press(role.removeprefix("button_"))
    seen = 0
    for _ in range(LOOKS):
        seen = walk.bench.drive(LOOK_MS).buttons & ~held
        if seen:
            break
    others = [
        f"{name} (pin {walk.pin(name)})" for name, mask in BUTTONS.items() if seen & mask & ~bit
    ]
    if not seen:
        yield walk.trouble(role, "no press seen: is the button wired to this pin and to ground?")
    elif others:
        yield walk.trouble(role, f"the press came in on {' and '.join(others)}: swap the wires")


def lights(walk: Walk) -> Iterator[Trouble]:
    """The light stick, or the lamp."""
    for role in ("pixels", "lamp"):
        if role not in walk.roles:
            continue
        walk.person.about_to(f"{role}: lights up for {LIGHT_MS / 1000:g} s")
        walk.bench.drive(LIGHT_MS, light=True)
        noticed = walk.person.noticed("the lights")
        if noticed == "nothing":
            yield walk.trouble(role, "stays dark: check its supply, ground, and DIN (not DOUT)")
        elif noticed != "the lights":
            yield walk.trouble(role, f"moves {noticed}: this wire belongs on another pin")
