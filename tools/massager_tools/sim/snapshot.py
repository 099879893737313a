"""State that a reset of the chip does not change: pads, flash store, time, the whole plant.

Every boot of the board on a port is a process of its own; these functions carry the rest of
the world from one to the next, as plain values. Runs on MicroPython.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from massager_tools.sim.assembly import Assembly

_PAD_FIELDS = ("route", "level", "pull", "open_drain", "duty", "inverted", "freq_hz", "phase_us")
_FIXED = ("p", "faults", "_healthy")  # parameters, and what `set_fault` manages
_PLAIN = (bool, int, float, str)


def dump(assembly: "Assembly") -> "dict[str, Any]":
    """Return the state of the chip of `assembly` and all that is wired to it, for JSON."""
    chip = assembly.chip
    watchdog = None
    if chip.watchdog is not None:
        watchdog = [chip.watchdog_timeout_us // 1000, chip.watchdog_fed_us]
    return {
        "now_us": chip.now_us,
        "boots": chip.boots,
        "pads": {
            str(number): [getattr(pad, field) for field in _PAD_FIELDS]
            for number, pad in chip.pads.items()
            if pad.route
        },
        "pwm_freqs": [[number, hz] for number, hz in chip.pwm_freqs.items()],
        "watchdog": watchdog,
        "nvs": dump_nvs(chip.nvs),
        "events": assembly.events,
        "faults": assembly.plant.faults,
        "plant": _dump(assembly.plant),
    }


def restore(assembly: "Assembly", state: "dict[str, Any]") -> None:
    """Give a fresh `assembly` the state that `dump` returned."""
    chip = assembly.chip
    plant = assembly.plant
    chip.now_us = chip._plant_us = state["now_us"]
    chip.boots = state["boots"]
    chip.nvs = load_nvs(state["nvs"])
    assembly.events = state["events"]
    for name, value in state["faults"]:
        plant.set_fault(name, True, value)
    _restore(plant, state["plant"])
    chip.pwm_freqs = dict(state["pwm_freqs"])
    for number, values in state["pads"].items():
        pad = chip.pads[int(number)]
        for index in range(len(_PAD_FIELDS)):
            setattr(pad, _PAD_FIELDS[index], values[index])
        pad.update_sink()
    if state["watchdog"] is not None:
        timeout_ms, fed_us = state["watchdog"]
        chip.arm_watchdog(timeout_ms)
        chip.watchdog_fed_us = fed_us


def load_nvs(stored: "dict[str, Any]") -> "dict[str, Any]":
    """Return the flash store (namespace -> key -> int or bytes) that `dump_nvs` described."""
    return {
        namespace: {
            key: value if isinstance(value, int) else bytes(value) for key, value in keys.items()
        }
        for namespace, keys in stored.items()
    }


def dump_nvs(nvs: "dict[str, Any]") -> "dict[str, Any]":
    """Return the flash store for JSON: bytes become lists."""
    return {
        namespace: {
            key: value if isinstance(value, int) else list(value) for key, value in keys.items()
        }
        for namespace, keys in nvs.items()
    }


def _dump(thing: object) -> "Any":
    if thing is None or isinstance(thing, _PLAIN):
        return thing
    if isinstance(thing, (list, tuple)):
        return [_dump(item) for item in thing]
    if isinstance(thing, dict):
        return {name: _dump(value) for name, value in thing.items()}
    return {
        name: _dump(value)
        for name, value in thing.__dict__.items()
        if name not in _FIXED and _is_state(value)
    }


def _is_state(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_state, value))
    if isinstance(value, dict):
        return all(map(_is_state, value.values()))
    return value is None or isinstance(value, _PLAIN) or hasattr(value, "__dict__")


def _restore(thing: "Any", state: "Any") -> "Any":
    """Fill an object or list in place, because others refer to it; return it."""
    if isinstance(thing, dict):
        thing.update(state)
        return thing
    if isinstance(state, dict):
        for name in state:
            setattr(thing, name, _restore(getattr(thing, name), state[name]))
        return thing
    if isinstance(state, list) and isinstance(thing, list):
        thing[:] = [
            _restore(thing[index] if index < len(thing) else None, state[index])
            for index in range(len(state))
        ]
        return thing
    return tuple(state) if isinstance(thing, tuple) else state
