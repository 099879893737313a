"""The converter of an ESP32: range, gain, offset, noise, whole millivolts, and its faults.

Runs on MicroPython and CPython.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from massager_tools.sim.chip import Chip


class Converter:
    """One channel of `chip` for `role`, at one attenuation: an index of "adc_ranges".

    `last_uv` is the last reading, below 0 before there was one.
    """

    def __init__(self, chip: "Chip", role: str, attenuation: int) -> None:
        self.last_uv = -1
        self._chip = chip
        self._role = role
        floor_mv, top_mv, full_mv, error_mv = chip.facts["adc_ranges"][attenuation]
        self.full_uv = full_mv * 1000.0
        self._top_uv = top_mv * 1000.0
        self._floor_uv = floor_mv * 1000.0
        errors = chip.adc
        self._noise_uv = 1000.0 * chip.facts["adc_noise_mv"] * errors["noise"]
        self._offset_uv = 1000.0 * error_mv * errors["offset_error"]
        self._gain = 1.0 + errors["gain_error"] * error_mv / top_mv

    def uv(self, true_uv: float) -> int:
        """Return what the chip reads of `true_uv`: calibrated microvolts in whole millivolts.

        Raise OSError where the port does.
        """
        chip = self._chip
        if chip.plant.chip.adc_frozen and self.last_uv >= 0:
            return self.last_uv
        uv = true_uv * self._gain + self._offset_uv + self._noise_uv * chip.next_noise()
        if uv < self._floor_uv:
            uv = self._floor_uv
        elif uv > self.full_uv:
            uv = self.full_uv
        if chip.plant.adc.active:
            uv = self._with_faults(uv)
        self.last_uv = int(uv * 0.001) * 1000
        return self.last_uv

    def _with_faults(self, uv: float) -> float:
        """Return what the converter makes of `uv` while something is wrong with it."""
        chip = self._chip
        faults = chip.plant.adc
        if faults.uncalibrated and chip.facts["adc_fuses"] and chip.version >= (1, 24):
            raise OSError(-258, "ESP_ERR_INVALID_ARG")
        if self._one_of(faults.failing):
            if chip.version >= (1, 29):
                raise OSError(116)  # ETIMEDOUT
            return 0.0
        if self._one_of(faults.high.get(self._role, 0)):
            return self.full_uv
        if self._one_of(faults.low.get(self._role, 0)):
            return self._floor_uv
        if faults.low_top and uv > self._top_uv:
            return self._top_uv
        return uv

    def _one_of(self, count: int) -> bool:
        """Return True for one of `count` calls at random; never for 0."""
        return count > 0 and (self._chip.random() >> 8) % count == 0
