"""The release timer: how far it goes wrong, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_SETTING_S: Final = 12 * 3600.0
"""Longest setting that a timer takes [s]: a digital kitchen or laboratory timer's 12 h or more."""


class TimerFailure(IntEnum):
    """What a release does; each kind of failure has an equal share of the failures."""

    NONE = 0
    NEVER = 1
    EARLY = 2
    PARTIAL = 3
    UNOPENED = 4


@dataclass(frozen=True, slots=True)
class Timer:
    """A kind of release timer.

    Attributes
    ----------
    kind : str
    error : float
        Relative error: 90 % of timers lie within plus and minus this [fraction]. Half of the
        variance is shared by the batch, half is each timer's own.
    """

    kind: str
    error: float

    def actual_s(
        self, setting_s: ArrayLike, z_batch: ArrayLike, z_own: ArrayLike
    ) -> NDArray[np.float64]:
        """Return when the timer fires [s] for a setting [s] and two standard normals."""
        z = (np.asarray(z_batch) + np.asarray(z_own)) / np.sqrt(2.0)
        relative = 1.0 + self.error / 1.6448536269514722 * z
        return np.asarray(np.asarray(setting_s, np.float64) * relative)


QUARTZ: Final = Timer("quartz", 100e-6)
TIMERS: Final = {timer.kind: timer for timer in (QUARTZ,)}


def draw_failure(probability: float, u_any: ArrayLike, u_kind: ArrayLike) -> NDArray[np.int64]:
    """Return a ``TimerFailure`` for uniforms: whether it fails, and how.

    References
    ----------
    Never, early, partial or unopened: the four outcomes of PHYSICS 3, taken as equally likely,
    which no source settles.
    """
    kind = 1 + np.minimum((4.0 * np.asarray(u_kind)).astype(np.int64), 3)
    return np.where(np.asarray(u_any) < probability, kind, int(TimerFailure.NONE))
