"""How wrong a wind is: the size of forecast error by level and lead, and how far it reaches.

A large-scale part grows with the lead of the forecast; a part that the grid does not resolve goes
with its spacing. Both are the default of a source that brings no figure of its own; every output
that rests on them names them.

References
----------
PHYSICS 5: default sizes, scales and the shape of the correlation; to be calibrated on soundings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

LEADS_H: Final = (6.0, 24.0, 48.0, 72.0)
"""Leads of the table `SIGMA_MS` [h]."""

SIGMA_MS: Final[dict[float, tuple[float, ...]]] = {
    92_500.0: (1.6, 1.9, 2.4, 2.9),
    85_000.0: (1.5, 1.9, 2.5, 3.1),
    70_000.0: (1.5, 1.9, 2.6, 3.3),
    50_000.0: (1.7, 2.3, 3.2, 4.2),
    30_000.0: (2.2, 3.1, 4.6, 6.0),
}
"""Standard error of one component of a forecast, by pressure [Pa] and lead [m s-1]."""


@dataclass(frozen=True, slots=True)
class Scales:
    """Over which distance, height and time an error stays alike.

    Parameters
    ----------
    horizontal_m, vertical_m : float
        Lengths L of exp(-d^2 / 2 L^2) [m].
    time_s : float
        Time of exp(-|t| / tau), in the frame that moves with the air [s].
    """

    horizontal_m: float
    vertical_m: float
    time_s: float

    def correlate(
        self, distance_m: ArrayLike, rise_m: ArrayLike, lapse_s: ArrayLike = 0.0
    ) -> FloatArray:
        """Return the correlation of errors at two places and times [-].

        Parameters
        ----------
        distance_m, rise_m, lapse_s : array_like
            Distance, difference of height [m] and of time [s] between them; they are broadcast.
        """
        d = np.asarray(distance_m, np.float64) / self.horizontal_m
        z = np.asarray(rise_m, np.float64) / self.vertical_m
        t = np.abs(np.asarray(lapse_s, np.float64)) / self.time_s
        return np.asarray(np.exp(-0.5 * d * d - 0.5 * z * z - t), np.float64)


LARGE: Final = Scales(400_000.0, 2_000.0, 9 * 3600.0)
"""Scales of the large-scale part."""

UNRESOLVED: Final = Scales(40_000.0, 500.0, 0.5 * 3600.0)
"""Scales of the part that the grid does not resolve."""

SYNOPTIC_UP_MS: Final = 0.05
"""Standard error of the upward wind of weather systems [m s-1]."""

MESOSCALE_UP_MS: Final = 0.1
"""Standard error of the upward wind of what is smaller [m s-1]."""

MOUNTAIN_FACTOR: Final = 3.0
"""By how much the latter is larger over mountains in strong flow: 0.3 m/s [-]."""

SOUNDING_FINE_MS: Final = 1.5
"""Standard deviation of one component of what lies between soundings unseen [m s-1]: chosen so that
the errors of winds made of soundings are honest, see ``docs/explanation/soundings.md``."""

ANALYSIS_LEAD_H: Final = 6.0
"""Lead whose error is taken for an analysis or a reanalysis [h]."""


def forecast_sigma_ms(pressure_pa: ArrayLike, lead_h: ArrayLike) -> FloatArray:
    """Return the standard error of one wind component of a forecast, large-scale part [m s-1].

    Parameters
    ----------
    pressure_pa, lead_h : array_like
        Pressure [Pa] and lead [h]; they are broadcast. Between the entries of `SIGMA_MS` linear in
        ln p and in lead; below 925 hPa, above 300 hPa and before 6 h held; past 72 h it goes on
        with the slope of the last day.
    """
    log_p = np.log(np.asarray(pressure_pa, np.float64))
    lead = np.asarray(lead_h, np.float64)
    levels = np.log(np.array(sorted(SIGMA_MS)))
    table = np.array([SIGMA_MS[level] for level in sorted(SIGMA_MS)])
    log_p, lead = np.broadcast_arrays(log_p, lead)
    columns = np.stack([np.interp(log_p, levels, column) for column in table.T], axis=-1)
    leads = np.array(LEADS_H)
    cell = np.clip(np.searchsorted(leads, lead, side="right") - 1, 0, leads.size - 2)
    f = np.maximum((lead - leads[cell]) / (leads[cell + 1] - leads[cell]), 0.0)
    low = np.take_along_axis(columns, cell[..., None], -1)[..., 0]
    high = np.take_along_axis(columns, cell[..., None] + 1, -1)[..., 0]
    return np.asarray(low + f * (high - low), np.float64)


def unresolved_sigma_ms(spacing_m: ArrayLike) -> FloatArray:
    """Return the standard error of one component from what a grid does not resolve [m s-1].

    Parameters
    ----------
    spacing_m : array_like
        Spacing of the grid [m]: 1.4 (spacing / 25 km)^(1/3).
    """
    return np.asarray(1.4 * np.cbrt(np.asarray(spacing_m, np.float64) / 25_000.0), np.float64)


# --- what a sounding is worth some hours later -------------------------------------------------

PERSISTENCE_SPREAD_MS: Final = 4.8
"""s of sigma^2 = 2 s^2 (1 - exp(-t / T)), one component [m s-1]: measured over Darwin."""

PERSISTENCE_TIME_H: Final = 17.0
"""T of the same [h]; known to a factor of 2.5 only, the values up to 24 h to 10 to 15 %."""

PERSISTENCE_RANGE_PA: Final = (15_000.0, 92_500.0)
"""Pressures between which it was measured [Pa]: one law for all, from twelve ascents."""

PERSISTENCE_LONGEST_H: Final = 24.0
"""Longest time over which it was measured [h]."""


def change_sigma_ms(age_h: ArrayLike) -> FloatArray:
    """Return the law of `persistence_sigma_ms` carried on beyond what was measured [m s-1].

    Parameters
    ----------
    age_h : array_like
        Time since the sounding [h], 0 or more. Past a day it levels off at 6.8 m s-1.
    """
    age = np.asarray(age_h, np.float64)
    share = -2.0 * np.expm1(-age / PERSISTENCE_TIME_H)
    return np.asarray(PERSISTENCE_SPREAD_MS * np.sqrt(share), np.float64)


def persistence_sigma_ms(pressure_pa: ArrayLike, age_h: ArrayLike) -> FloatArray:
    """Return the standard error of one component of a sounding flown so many hours later [m s-1].

    How the wind of one place changes, small motion included; the error of the instrument is not in
    it. One tropical station in three days of an active monsoon, 12 ascents: an order of magnitude
    for other places, not their climate.

    Parameters
    ----------
    pressure_pa : array_like
        Pressure [Pa]; the same value from 925 to 150 hPa, NaN outside.
    age_h : array_like
        Time since the sounding [h]; NaN before 0 and past 24 h. They are broadcast.

    References
    ----------
    ARM soundings, Darwin (TWP C3), 19 to 21 January 2006, fitted by
    ``downwind.wind.compare.profiles.fit_growth`` with an instrument error of 0.7 m s-1 (the middle
    of 0.4 to 1: Dirksen et al. 2014, Atmos. Meas. Tech. 7, 4463).
    """
    pressure, age = np.broadcast_arrays(
        np.asarray(pressure_pa, np.float64), np.asarray(age_h, np.float64)
    )
    low, high = PERSISTENCE_RANGE_PA
    known = (pressure >= low) & (pressure <= high) & (age >= 0.0) & (age <= PERSISTENCE_LONGEST_H)
    return np.where(known, change_sigma_ms(np.where(known, age, 0.0)), np.nan)


def between_sigma_ms(pressure_pa: ArrayLike, before_h: float, after_h: float) -> FloatArray:
    """Return the standard error of one component between two soundings, linear in time [m s-1].

    Of the same law as `persistence_sigma_ms`, and as little known. With D(t) the mean square change
    in a time t and w, v the weights of the earlier and the later sounding, the mean square error is
    w D(before) + v D(after) - w v D(before + after).

    Parameters
    ----------
    pressure_pa : array_like
        Pressure [Pa]; the same value from 925 to 150 hPa, NaN outside.
    before_h, after_h : float
        Time since the earlier and to the later sounding [h]; NaN where they lie more than 24 h
        apart.

    References
    ----------
    Cressie 1993, Statistics for Spatial Data, section 3.2: the error of a linear predictor by the
    variogram.
    """
    whole = before_h + after_h
    later = before_h / whole if whole > 0.0 else 0.0
    early, late, both = (
        persistence_sigma_ms(pressure_pa, age) ** 2 for age in (before_h, after_h, whole)
    )
    square = (1.0 - later) * early + later * late - later * (1.0 - later) * both
    return np.asarray(np.sqrt(np.maximum(square, 0.0)), np.float64)
