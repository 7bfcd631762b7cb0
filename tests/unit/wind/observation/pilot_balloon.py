"""A pilot balloon in a wind with a closed form, as theodolites and receivers see it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
START_S = 1_428_084_000.0
EARTH_M = 6_371_009.0


@dataclass(frozen=True)
class Ascent:
    """Wind u0 + u1 z, v0 + v1 z [m s-1] above the release, and a steady rate of ascent [m s-1]."""

    rate_ms: float = 3.0
    east: tuple[float, float] = (4.0, 2e-3)
    north: tuple[float, float] = (-2.0, 3e-3)

    def wind(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self.east[0] + self.east[1] * z, self.north[0] + self.north[1] * z

    def place(self, t: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return east, north and up at times since the release [m]."""
        z = self.rate_ms * t
        return (
            self.east[0] * t + 0.5 * self.east[1] * z * t,
            self.north[0] * t + 0.5 * self.north[1] * z * t,
            z,
        )


def sight(east: FloatArray, north: FloatArray, up: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return azimuth and elevation [degrees], over a round earth with refraction."""
    flat = np.hypot(east, north)
    bend = (1.0 - 0.13) * flat**2 / (2.0 * EARTH_M)
    return np.degrees(np.arctan2(east, north)) % 360.0, np.degrees(np.arctan2(up - bend, flat))
