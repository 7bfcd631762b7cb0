"""Drag of balloons: a coefficient against the Reynolds number, its spread, and the speed it allows.

The coefficient is ``high`` below a Reynolds number, then falls on a straight line to ``low``: the
drag crisis of a sphere. Re = rho w d / mu with d the diameter of a circle of the area that drag
refers to. In the crisis drag may fall while speed grows, so one lift can balance at two or three
speeds; a balloon that sets off slowly meets the lowest of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.catalogue import Entry, Faults, suggest
from downwind.constants import GRAVITY_MS2
from downwind.errors import LiftError
from downwind.spread import Triple, two_piece_lognormal
from downwind.vehicle._entries import packaged_entries
from downwind.vehicle._sanity import check_values, reject_faults

NO_CRISIS_REYNOLDS: Final = 1e12
"""Start of the drag crisis of a law that has none [-]."""

DRAG_FIELDS: Final = {
    "drag": {
        "high": "triple",
        "low": "triple?",
        "start": "triple?",
        "width": "number?",
    }
}
"""Fields of a drag law in a catalogue file."""


class DragCurve(NamedTuple):
    """A drag coefficient against the Reynolds number: four floats, or arrays of one shape.

    Attributes
    ----------
    high, low : float or numpy.ndarray
        Coefficient below and above the drag crisis [-].
    reynolds_start, reynolds_width : float or numpy.ndarray
        Where the crisis begins, and how wide it is [-]; with a width of 0 the coefficient jumps.
    """

    high: float | NDArray[np.float64]
    low: float | NDArray[np.float64]
    reynolds_start: float | NDArray[np.float64]
    reynolds_width: float | NDArray[np.float64]

    def coefficient(self, reynolds: ArrayLike) -> NDArray[np.float64]:
        """Return the coefficient [-] at Reynolds numbers, broadcast against the curve."""
        past = np.asarray(reynolds, np.float64) - self.reynolds_start
        width = np.asarray(self.reynolds_width, np.float64)
        ramp = np.clip(past / np.where(width > 0.0, width, 1.0), 0.0, 1.0)
        share = np.where(width > 0.0, ramp, past > 0.0)
        return np.asarray(self.high + (np.asarray(self.low) - self.high) * share, np.float64)


def constant_curve(coefficient: float) -> DragCurve:
    """Return the curve of a coefficient [-] that is the same at every speed."""
    return DragCurve(coefficient, coefficient, NO_CRISIS_REYNOLDS, 1.0)


@dataclass(frozen=True, slots=True)
class DragLaw:
    """A drag curve with its spread; each triple is median, 5 % and 95 % point.

    Attributes
    ----------
    high : tuple of float
        Coefficient below the crisis [-].
    low : tuple of float
        Coefficient above it [-]; equal to ``high`` for a constant coefficient.
    reynolds_start : tuple of float
        Where the crisis begins [-].
    reynolds_width : float
        How wide it is [-].
    name : str
    """

    high: Triple
    low: Triple
    reynolds_start: Triple = (NO_CRISIS_REYNOLDS, NO_CRISIS_REYNOLDS, NO_CRISIS_REYNOLDS)
    reynolds_width: float = 1.0
    name: str = ""

    @property
    def is_constant(self) -> bool:
        """Whether the coefficient does not depend on the speed."""
        return self.high == self.low

    @property
    def median(self) -> DragCurve:
        """The curve of the medians."""
        return DragCurve(self.high[0], self.low[0], self.reynolds_start[0], self.reynolds_width)

    def draw(self, z_high: ArrayLike, z_low: ArrayLike, z_start: ArrayLike) -> DragCurve:
        """Draw curves from standard normals, each array of one shape (n,).

        Each quantity is lognormal with one width below its median and one above, so that its three
        points hold. The coefficient above the crisis is at most that below; that of a constant law
        follows ``z_high`` alone.
        """
        high = two_piece_lognormal(z_high, *self.high)
        low = high if self.is_constant else np.minimum(two_piece_lognormal(z_low, *self.low), high)
        start = two_piece_lognormal(z_start, *self.reynolds_start)
        return DragCurve(high, low, start, np.full(np.shape(start), self.reynolds_width))


def drag_from_entry(entry: Entry) -> DragLaw:
    """Make a drag law of its entry in a catalogue; MissionError says which numbers cannot be."""
    values = entry.values
    reject_faults("drag law", values["name"], check_values("drag", values))
    if "low" not in values:
        return DragLaw(values["high"], values["high"], name=values["name"])
    return DragLaw(
        values["high"], values["low"], values["start"], values["width"], name=values["name"]
    )


DRAG_ENTRIES: Final = packaged_entries("drags.toml", DRAG_FIELDS)
DRAGS: Final = {entry.values["name"]: drag_from_entry(entry) for entry in DRAG_ENTRIES}
"""Drag laws on record, by name."""
SPHERE_DRAG: Final = DRAGS["sphere"]
TUBE_DRAG: Final = DRAGS["film-tube"]


def check_drag(name: str, drags: Mapping[str, DragLaw], faults: Faults) -> None:
    """Add to the faults of an entry that its field ``drag`` names no drag law."""
    if name not in drags:
        faults.append(("drag", f"'{name}' is no drag law on record{suggest(name, drags)}"))


def gallice_drag(reynolds: ArrayLike) -> NDArray[np.float64]:
    """Return the drag coefficient [-] of a sounding balloon by night, for comparison.

    Parameters
    ----------
    reynolds : array_like
        Any shape; the fit holds from 1e5 to 2e6.

    References
    ----------
    Gallice et al. 2011, Atmos. Meas. Tech. 4:2235, the fit 0.04808 ln2 Re - 1.406 ln Re + 10.49 as
    coded in an R package; one type of balloon.
    """
    log = np.log(np.asarray(reynolds, np.float64))
    return np.asarray(0.04808 * log**2 - 1.406 * log + 10.49, np.float64)


def balance_speeds_ms(
    pull_n: float, density_kgm3: float, viscosity: float, area_m2: float, curve: DragCurve
) -> tuple[float, ...]:
    """Return every speed at which drag balances a pull, the lowest first.

    Parameters
    ----------
    pull_n : float
        [N], not below 0.
    density_kgm3, viscosity : float
        Of the air [kg m-3], [Pa s].
    area_m2 : float
        Area that the coefficient refers to [m2].
    curve : DragCurve
        Of floats.

    Returns
    -------
    tuple of float
        One speed outside the drag crisis, up to three inside it [m s-1].

    References
    ----------
    w^2 Cd(Re) = 2 F / (rho A).
    """
    high, low = float(curve.high), float(curve.low)
    wanted = 2.0 * pull_n / (density_kgm3 * area_m2)
    slow = math.sqrt(wanted / high)
    reynolds_1ms = density_kgm3 * 2.0 * math.sqrt(area_m2 / math.pi) / viscosity
    start_ms = float(curve.reynolds_start) / reynolds_1ms
    if low == high or slow * reynolds_1ms <= 0.0:
        return (slow,)
    end_ms = start_ms + float(curve.reynolds_width) / reynolds_1ms

    def drag_of(w: float) -> float:
        share = (w - start_ms) / (end_ms - start_ms)
        return w * w * (high + (low - high) * min(max(share, 0.0), 1.0))

    roots = [slow] if slow <= start_ms else []
    if end_ms > start_ms:
        slope = (high - low) / (end_ms - start_ms)
        crest_ms = 2.0 * (high + slope * start_ms) / (3.0 * slope)
        crest_ms = min(max(crest_ms, start_ms), end_ms)
        for from_ms, to_ms in ((start_ms, crest_ms), (crest_ms, end_ms)):
            below, above = drag_of(from_ms) - wanted, drag_of(to_ms) - wanted
            if from_ms < to_ms and below != 0.0 and below * above <= 0.0:
                roots.append(_bisect(drag_of, wanted, from_ms, to_ms))
    fast = math.sqrt(wanted / low)
    if fast > end_ms:
        roots.append(fast)
    return tuple(sorted(set(roots)))


def bracket_free_lift_kg(
    rate_ms: float,
    area_m2: Callable[[float], float],
    density_kgm3: float,
    viscosity_pas: float,
    curve: DragCurve,
) -> tuple[float, float]:
    """Return two free lifts [kg], next to each other, between which a speed is reached.

    Parameters
    ----------
    rate_ms : float
        [m s-1], above 0. A lift counts with the lowest speed at which drag balances it.
    area_m2 : callable
        Area that the coefficient refers to [m2], above 0, for a free lift [kg]: grows with it or
        stays.
    density_kgm3, viscosity_pas : float
        Of the air [kg m-3], [Pa s].
    curve : DragCurve
        Of floats.

    Returns
    -------
    tuple of float
        The greatest lift that is slower, and the least that is not. The speed grows with the lift
        and jumps over the drag crisis, so bisection ends at the speed or at the jump.

    Raises
    ------
    LiftError
        If no lift below 1e9 kg gives that speed.
    """

    def speed(free_kg: float) -> float:
        pull_n = free_kg * GRAVITY_MS2
        return balance_speeds_ms(pull_n, density_kgm3, viscosity_pas, area_m2(free_kg), curve)[0]

    below, above = 0.0, 1e-6
    while speed(above) < rate_ms:
        below, above = above, 2.0 * above
        if above > 1e9:
            raise LiftError(f"no fill rises at {rate_ms:g} m/s", "give a lower ascent rate")
    while True:
        middle = 0.5 * (below + above)
        if middle in (below, above):
            return below, above
        if speed(middle) < rate_ms:
            below = middle
        else:
            above = middle


def _bisect(
    drag_of: Callable[[float], float], wanted: float, from_ms: float, to_ms: float
) -> float:
    rises = drag_of(to_ms) > drag_of(from_ms)
    while True:
        middle = 0.5 * (from_ms + to_ms)
        if middle in (from_ms, to_ms):
            return to_ms
        if (drag_of(middle) < wanted) == rises:
            from_ms = middle
        else:
            to_ms = middle
