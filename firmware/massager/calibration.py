"""What bring-up found about one device, in the chip's non-volatile store.

It counts only for the very wiring it was found on: with another board file flashed, the
device is a new one again, and its heat stays locked until bring-up has passed on that.
"""

_PROVEN_KEY = "proven"  # written last: a power cut in between leaves the heat locked
_FIELDS = (  # key, name in Settings
    ("pad_a", "pad_a_offset_mc"),
    ("pad_b", "pad_b_offset_mc"),
    ("pressure", "pressure_offset_uv"),
    ("order", "chamber_order"),
)


def recall(store, settings, wiring_id):
    """Fill `settings` with what was found on the wiring `wiring_id`, if anything was."""
    settings.heat_unlocked = store.get(_PROVEN_KEY) == wiring_id
    if settings.heat_unlocked:
        for key, name in _FIELDS:
            setattr(settings, name, store.get(key))


def forget(store):
    """Lock the heat; every output must be safe already, as for `keep`."""
    store.set(_PROVEN_KEY, 0)
    store.commit()


def keep(store, settings, wiring_id):
    """Keep the calibration in `settings` and unlock the heat on the wiring `wiring_id`."""
    forget(store)
    for key, name in _FIELDS:
        store.set(key, getattr(settings, name))
    store.commit()
    store.set(_PROVEN_KEY, wiring_id)
    store.commit()
