"""One NTC thermistor with its tolerance: resistance from temperature.

A `line` is a list of (1/T in 1/K, ln of the resistance in ohm), coldest first: between
two points ln R is linear in 1/T. Two points are a B value, more are a maker's table.
"""

from math import exp

_KELVIN = 273.15


class Thermistor:
    """`ohm_error` and `beta_error` are shares of the nominal values (0.01: a 1 % part)."""

    def __init__(
        self,
        line: "list[tuple[float, float]]",
        ohm_error: float = 0.0,
        beta_error: float = 0.0,
    ) -> None:
        self._line = line
        self._steepness = 1.0 + beta_error
        self._factor = 1.0 + ohm_error
        self._log_25c = self._log_ohm(25.0)

    def ohm(self, temp_c: float, beta_factor: float = 1.0) -> float:
        """Return the resistance at `temp_c`; another part has another B value by `beta_factor`."""
        above = (self._log_ohm(temp_c) - self._log_25c) * self._steepness * beta_factor
        return self._factor * exp(self._log_25c + above)

    def _log_ohm(self, temp_c: float) -> float:
        inverse = 1.0 / (temp_c + _KELVIN)
        line = self._line
        upper = 1
        # 1/T falls from point to point
        while upper < len(line) - 1 and inverse < line[upper][0]:
            upper += 1
        cold, cold_log = line[upper - 1]
        hot, hot_log = line[upper]
        return cold_log + (inverse - cold) * (hot_log - cold_log) / (hot - cold)
