"""What a reset of the chip does not touch: pads, flash store, time, and the whole plant.

Every boot is a process of its own; these two functions carry the rest of the world from
one to the next, as plain values. Runs on MicroPython.
"""

_PAD_FIELDS = ("route", "level", "pull", "open_drain", "duty", "inverted", "freq_hz", "phase_us")
_FIXED = ("p", "faults", "_healthy")  # parameters, and what `set_fault` keeps
_PLAIN = (bool, int, float, str)


def dump(chip):
    """The state of `chip` and all that is wired to it, for JSON."""
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
        "nvs": {
            namespace: {
                key: value if isinstance(value, int) else list(value)
                for key, value in values.items()
            }
            for namespace, values in chip.nvs.items()
        },
        "faults": chip.plant.faults,
        "plant": _dump(chip.plant),
    }


def restore(chip, kept):
    """Make a fresh `chip` and its plant what `dump` saw."""
    chip.now_us = chip._plant_us = kept["now_us"]
    chip.boots = kept["boots"]
    for namespace, values in kept["nvs"].items():
        chip.nvs[namespace] = {
            key: value if isinstance(value, int) else bytes(value) for key, value in values.items()
        }
    for name, value in kept["faults"]:
        chip.plant.set_fault(name, True, value)
    _restore(chip.plant, kept["plant"])
    chip.pwm_freqs = dict(kept["pwm_freqs"])
    for number, values in kept["pads"].items():
        pad = chip.pads[int(number)]
        for index in range(len(_PAD_FIELDS)):
            setattr(pad, _PAD_FIELDS[index], values[index])
        pad.tell()
    if kept["watchdog"] is not None:
        timeout_ms, fed_us = kept["watchdog"]
        chip.arm_watchdog(timeout_ms)
        chip.watchdog_fed_us = fed_us


def _dump(thing):
    if thing is None or isinstance(thing, _PLAIN):
        return thing
    if isinstance(thing, (list, tuple)):
        return [_dump(item) for item in thing]
    if isinstance(thing, dict):
        return {name: _dump(value) for name, value in thing.items()}
    return {
        name: _dump(value)
        for name, value in thing.__dict__.items()
        if name not in _FIXED and _is_kept(value)
    }


def _is_kept(value):
    if isinstance(value, (list, tuple)):
        return all(map(_is_kept, value))
    if isinstance(value, dict):
        return all(map(_is_kept, value.values()))
    return value is None or isinstance(value, _PLAIN) or hasattr(value, "__dict__")


def _restore(thing, kept):
    """Fill an object or list in place, because others hold on to it; returns it."""
    if isinstance(thing, dict):
        thing.update(kept)
        return thing
    if isinstance(kept, dict):
        for name in kept:
            setattr(thing, name, _restore(getattr(thing, name), kept[name]))
        return thing
    if isinstance(kept, list) and isinstance(thing, list):
        thing[:] = [
            _restore(thing[index] if index < len(thing) else None, kept[index])
            for index in range(len(kept))
        ]
        return thing
    return tuple(kept) if isinstance(thing, tuple) else kept
