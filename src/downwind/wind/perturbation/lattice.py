"""Say how large the lattices of the error fields are, and what size the error has at each node.

Across, a lattice goes round after a few of its lengths. In height it covers the data. In time it
covers the data too where that takes few enough nodes; else it is a circle, and goes round.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ArgumentError
from downwind.wind.error import Scales
from downwind.wind.perturbation.kernels import FAST_UP, FINE, LARGE, SLOW_UP

FloatArray = NDArray[np.float64]

NODE_SPACING: Final = 1.61
"""Distance of nodes over L: the correlation is then within 0.02 of exp(-d^2 / 2 L^2)."""

NODES_A_TAU: Final = 4.0
"""Nodes in time a correlation time."""

TIME_PACE: Final = 1.0947
"""By how much the autoregression of the nodes decays faster than the field shall: what is linear
between nodes is smoother than they. With it the integral of the field's correlation is tau, which
settles how far a parcel is carried; the correlation itself is up to 0.065 too high at tau / 8."""

MOST_TIMES: Final = 64
"""Most nodes in time of what has one size at all times: it goes round after 16 tau."""

FEWEST_TIMES: Final = 32
"""Fewest nodes in time of a circle: 8 tau."""

MOST_NODES: Final = 131_072
"""Nodes of one member's lattice above which a circle in time is made shorter."""

_RHO: Final = math.exp(-TIME_PACE / NODES_A_TAU)
_ACROSS: Final = {LARGE: 8, FINE: 8, SLOW_UP: 8, FAST_UP: 16}


@dataclass(frozen=True, slots=True)
class Lattice:
    """The lattice of one field.

    Attributes
    ----------
    field : int
        ``LARGE`` to ``FAST_UP``.
    count : tuple of int
        Nodes along time, height, y and x: powers of two.
    per : tuple of float
        Nodes a second and a metre along these; 0 for a height that does not matter.
    first_height : int
        Number of the lowest node in height that is read, from 0 m.
    is_circle : bool
        Whether the sequence in time is closed to a circle.
    along : float
        Correlation of neighbours in time.
    """

    field: int
    count: tuple[int, int, int, int]
    per: tuple[float, float, float, float]
    first_height: int
    is_circle: bool
    along: float

    @property
    def parts(self) -> int:
        """Components that it holds."""
        return 2 if self.field in (LARGE, FINE) else 1

    @property
    def nodes(self) -> int:
        """Nodes of one member."""
        return math.prod(self.count)

    @property
    def rho(self) -> float:
        """Factor of the autoregression from one node in time to the next."""
        return _RHO

    @property
    def innovation(self) -> float:
        """Standard deviation of what each node in time adds, so that the variance is 1."""
        square = 1.0 - self.rho**2
        if self.is_circle:
            turn = self.rho ** self.count[0]
            square *= (1.0 - turn) / (1.0 + turn)
        return math.sqrt(square)

    def node_heights_m(self, shift: FloatArray) -> FloatArray:
        """Return the height of each node, shape (members, heights) [m]; 0 for the one of all.

        Parameters
        ----------
        shift : numpy.ndarray
            Shift of each member in nodes, shape (members,).
        """
        if self.per[1] == 0.0:
            return np.zeros((shift.size, 1))
        number = np.arange(self.count[1])
        number = self.first_height + (number - self.first_height) % self.count[1]
        return np.asarray((number - shift[:, None]) / self.per[1], np.float64)

    def node_times_s(self, shift: FloatArray) -> FloatArray:
        """Return the time of each node from the start of the data, shape (members, times) [s]."""
        return np.asarray((np.arange(self.count[0]) - shift[:, None]) / self.per[0], np.float64)


def make_lattice(field: int, scales: Scales, span_s: float, low_m: float, top_m: float) -> Lattice:
    """Lay out the lattice of a field over a wind.

    Parameters
    ----------
    field : int
        ``LARGE`` to ``FAST_UP``.
    scales : Scales
        Over what the error stays alike.
    span_s : float
        Length of the data in time [s].
    low_m, top_m : float
        Heights between which they are flown [m].

    Raises
    ------
    ArgumentError
        If a scale is not a number above 0.
    """
    for name, value in (("horizontal_m", scales.horizontal_m), ("time_s", scales.time_s)):
        if not 0.0 < value < math.inf:
            raise ArgumentError(
                f"the error of a wind has {name} = {value:g}", "give a number above 0"
            )
    if not scales.vertical_m > 0.0:
        raise ArgumentError(
            f"the error of a wind has vertical_m = {scales.vertical_m:g}",
            "give a number above 0; inf for an error that is the same at all heights",
        )
    across = _ACROSS[field]
    per_m = 1.0 / (NODE_SPACING * scales.horizontal_m)
    per_height, heights, first_height = 0.0, 1, 0
    if math.isfinite(scales.vertical_m):
        per_height = 1.0 / (NODE_SPACING * scales.vertical_m)
        first_height = math.floor(low_m * per_height)
        # of one size at all heights, the top may share its nodes with the ground
        spare = 3 if field == LARGE else 1
        heights = _power_of_two(math.floor(top_m * per_height) + spare - first_height)
    per_s = NODES_A_TAU / scales.time_s
    times = _power_of_two(math.floor(span_s * per_s) + 3)
    is_circle = False
    if field != LARGE:  # whose size follows the time
        plane = heights * across * across
        most = min(MOST_TIMES, max(MOST_NODES // plane, FEWEST_TIMES))
        is_circle = times > most
        times = min(times, most)
    along = (_RHO + _RHO ** (times - 1)) / (1.0 + _RHO**times) if is_circle else _RHO
    return Lattice(
        field,
        (times, heights, across, across),
        (per_s, per_height, per_m, per_m),
        first_height,
        is_circle,
        along,
    )


def _power_of_two(least: int) -> int:
    return 1 << max(least - 1, 0).bit_length()


def sizes_at(
    table_ms: FloatArray,
    table_height_m: FloatArray,
    table_time_s: FloatArray,
    height_m: FloatArray,
    time_s: FloatArray,
) -> NDArray[np.float32]:
    """Return the size of an error at nodes, linear in a table and held at its edges [m s-1].

    Parameters
    ----------
    table_ms : numpy.ndarray
        Shape (k, m) [m s-1], over ``table_height_m``, shape (k,), and ``table_time_s``, shape (m,).
    height_m, time_s : numpy.ndarray
        Of the nodes, shapes (members, heights) [m] and (members, times) [epoch s].

    Returns
    -------
    numpy.ndarray
        Shape (members, times, heights).
    """
    rows, up = _cells(table_height_m, height_m)
    columns, late = _cells(table_time_s, time_s)
    rows, up = rows[:, None, :], up[:, None, :]
    columns, late = columns[:, :, None], late[:, :, None]
    above = np.minimum(rows + 1, table_height_m.size - 1)
    after = np.minimum(columns + 1, table_time_s.size - 1)
    now = (1.0 - up) * table_ms[rows, columns] + up * table_ms[above, columns]
    then = (1.0 - up) * table_ms[rows, after] + up * table_ms[above, after]
    return np.asarray((1.0 - late) * now + late * then, np.float32)


def _cells(axis: FloatArray, x: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Return the interval of an axis that holds each x, and the way into it, held at the ends."""
    if axis.size == 1:
        return np.zeros(x.shape, np.intp), np.zeros(x.shape)
    low = np.clip(np.searchsorted(axis, x, side="right") - 1, 0, axis.size - 2)
    return low, np.clip((x - axis[low]) / (axis[low + 1] - axis[low]), 0.0, 1.0)
