"""What bring-up found about one device counts only for the wiring it was found on."""


def recall(settings, wiring_id):
    """On any wiring but `wiring_id` the device is a new one: forget what was found."""
    if settings.proven_wiring != wiring_id:
        forget(settings)


def forget(settings):
    """No calibration, and no heat."""
    settings.proven_wiring = 0
    settings.pad_a_offset_mc = 0
    settings.pad_b_offset_mc = 0
    settings.pressure_offset_uv = 0
    settings.chamber_order = 0
