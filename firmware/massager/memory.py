"""What outlives power-off, in the chip's non-volatile store.

Flash is written only while every output is off, because writing stalls the chip for tens
of milliseconds.
"""

from massager.core.safety import supervisor

_LATCHED_KEYS = ("heat", "air", "motor", "system")


class Memory:
    """Fills `settings` from `store`, and keeps there what the core changes later.

    `store` has `get(key)` (0 where nothing is kept), `set(key, value)` and `commit()`.
    """

    def __init__(self, store, settings):
        self._store = store
        self._settings = settings
        for index in range(len(_LATCHED_KEYS)):
            settings.latched[index] = store.get(_LATCHED_KEYS[index])

    def step(self, controller, outputs):
        """Write what changed, if nothing is energised."""
        state = controller.state
        if state != supervisor.OFF and state != supervisor.FAULT:
            return
        if not (outputs.motor_permille or outputs.chambers or outputs.heater_enable):
            self.keep(controller.faults)

    def keep(self, faults):
        """Write what changed; every output must be safe already."""
        latched = self._settings.latched
        for index in range(len(latched)):
            word = faults.groups[index].latched
            if word != latched[index]:
                latched[index] = word
                self._store.set(_LATCHED_KEYS[index], word)
                self._store.commit()
