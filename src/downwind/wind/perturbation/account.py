"""What was decided about the error of a wind: how large it is, why, and what it rests on.

A grid carries it to the outputs, which say it; the kernels know nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.wind.perturbation import ErrorSize

FloatArray = NDArray[np.float64]

NO_LEAD: Final = float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class ErrorAccount:
    """What was decided about the error of a wind.

    Attributes
    ----------
    use : str
        ``auto``, ``on`` or ``off``, as the mission has it.
    size : ErrorSize or None
        What was drawn; None where nothing was.
    reason : str
        Why nothing was drawn; empty where something was.
    origin : str
        Where the sizes come from.
    scale : float
        What all sizes were multiplied by; it is in ``size`` already.
    lead_from_s : float
        Time from which leads count [epoch s]; NaN where the error does not go by lead.
    lead_origin : str
        What that time is: ``run``, ``mission``, ``analysis``, ``first time`` or empty.
    wanted_ms : numpy.ndarray or None
        Large-scale size before the spread of the members was taken off, on the nodes of
        ``size``, shape (k, m) [m s-1].
    spread_ms : numpy.ndarray or None
        Spread of the members there; None for one wind.
    notes : tuple of str
        What people should know of it, a sentence each.
    """

    use: str
    size: ErrorSize | None
    reason: str = ""
    origin: str = ""
    scale: float = 1.0
    lead_from_s: float = NO_LEAD
    lead_origin: str = ""
    wanted_ms: FloatArray | None = None
    spread_ms: FloatArray | None = None
    notes: tuple[str, ...] = ()

    def large_ms(self, height_m: float, time_s: float) -> float:
        """Return the large-scale size that was drawn at a height and time [m s-1]."""
        return 0.0 if self.size is None else self._look_up(self.size.large_ms, height_m, time_s)

    def wanted_at_ms(self, height_m: float, time_s: float) -> float:
        """Return the large-scale size that such a wind has at a height and time [m s-1]."""
        if self.wanted_ms is None:
            return self.large_ms(height_m, time_s)
        return self._look_up(self.wanted_ms, height_m, time_s)

    def spread_at_ms(self, height_m: float, time_s: float) -> float:
        """Return the spread of the members at a height and time [m s-1]; NaN for one wind."""
        if self.spread_ms is None:
            return float("nan")
        return self._look_up(self.spread_ms, height_m, time_s)

    def lead_h(self, time_s: float) -> float:
        """Return the lead at a time [h]; NaN where the error does not go by lead."""
        return (time_s - self.lead_from_s) / 3600.0

    def _look_up(self, table: FloatArray, height_m: float, time_s: float) -> float:
        assert self.size is not None
        heights, times = self.size.height_m, self.size.time_s
        column = [np.interp(height_m, heights, table[:, m]) for m in range(times.size)]
        return float(np.interp(time_s, times, column))
