"""The error of an ESP32's converter: range, gain, offset, noise and whole millivolts.

Runs on MicroPython and CPython.
"""


class Converter:
    """One channel at one attenuation, the index of it in `facts["adc_ranges"]`.

    `facts` are those of `chip_facts`, `errors` the section "adc" of the plant's parameters.
    """

    def __init__(self, facts: dict, errors: dict, attenuation: int) -> None:
        floor_mv, top_mv, full_mv, error_mv = facts["adc_ranges"][attenuation]
        self.floor_uv = floor_mv * 1000.0
        self.full_uv = full_mv * 1000.0
        self._gain = 1.0 + errors["gain_error"] * error_mv / top_mv
        self._offset_uv = 1000.0 * error_mv * errors["offset_error"]
        self._noise_uv = 1000.0 * facts["adc_noise_mv"] * errors["noise"]

    def uv(self, true_uv: float, noise: float) -> int:
        """Return what the chip reads of `true_uv`; `noise` has standard deviation 1."""
        uv = true_uv * self._gain + self._offset_uv + self._noise_uv * noise
        if uv < self.floor_uv:
            uv = self.floor_uv
        elif uv > self.full_uv:
            uv = self.full_uv
        return int(uv * 0.001) * 1000
