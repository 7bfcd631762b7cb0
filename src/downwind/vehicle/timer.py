"""The release timer: how far it goes wrong, what cold does to it, and how it fails.

A timer acts at a reading of its own clock. Error and batch change the reading; temperature changes
how fast the clock runs. A quartz clock runs at one speed, so that reading and time are the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.catalogue import Entry
from downwind.spread import Z95, Triple
from downwind.vehicle._entries import packaged_defaults
from downwind.vehicle._sanity import check_values, reject_faults

TIMER_FIELDS: Final = {
    "timer": {
        "error": "fraction",
        "error_time": "time?",
        "sigma": "number?",
        "halving": "temperature_difference?",
        "reference": "temperature?",
        "slow_below": "temperature?",
        "slow_rate": "pair?",
        "longest": "time?",
        "failure": "triple?",
        "accounting": "flag?",
    }
}
"""Fields of a timer in a catalogue file."""

TIMER_DEFAULTS, TIMER_ENTRIES = packaged_defaults(
    "timers.toml",
    TIMER_FIELDS,
    {"reference": "temperature", "longest": "time", "failure": "triple"},
)
_DEFAULT: Final = TIMER_DEFAULTS.values
MAX_SETTING_S: Final[float] = _DEFAULT["longest"]
"""Longest setting of a timer that states none, and of any timer in a mission [s]."""


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
        variance is shared by the batch, half is each timer's own, here and in what follows.
    title : str
    error_s : float
        Error that does not grow with the setting [s], 90 % within; it adds to the relative one.
    sigma : float
        Width of a lognormal factor on the reading [-].
    halving_k : float
        The clock runs at half speed for each so many kelvin below the reference [K]; infinity for
        a clock that does not mind.
    reference_k : float
        Temperature at which it runs as it is set [K].
    slow_below_k : float
        Below this temperature [K] the clock slows down; minus infinity for never.
    slow_rate : tuple of float
        Share of its speed that is left then, drawn evenly between the two [fraction].
    longest_s : float
        Longest setting [s].
    failure : tuple of float
        Probability that it does not release as planned: median, 5 % and 95 % point.
    accounting : bool
        Whether it may only stand in an account of flights of others, and in no plan.
    """

    kind: str
    error: float
    title: str = ""
    error_s: float = 0.0
    sigma: float = 0.0
    halving_k: float = math.inf
    reference_k: float = _DEFAULT["reference"]
    slow_below_k: float = -math.inf
    slow_rate: tuple[float, float] = (1.0, 1.0)
    longest_s: float = MAX_SETTING_S
    failure: Triple = _DEFAULT["failure"]
    accounting: bool = False

    @property
    def is_steady(self) -> bool:
        """Whether the clock runs at one speed at every temperature."""
        return math.isinf(self.halving_k) and math.isinf(self.slow_below_k)

    def reading_s(
        self, setting_s: ArrayLike, z_batch: ArrayLike, z_own: ArrayLike
    ) -> NDArray[np.float64]:
        """Return the reading of its clock at which a timer acts [s].

        Parameters
        ----------
        setting_s : array_like
            What it is set to [s].
        z_batch, z_own : array_like
            Standard normals of the batch and of the timer, broadcast together.

        Returns
        -------
        numpy.ndarray
            At least 0.
        """
        z = (np.asarray(z_batch) + np.asarray(z_own)) / np.sqrt(2.0)
        relative = 1.0 + self.error / Z95 * z
        reading = np.asarray(setting_s, np.float64) * relative
        if self.sigma > 0.0:
            reading = reading * np.exp(self.sigma * z)
        if self.error_s > 0.0:
            reading = reading + self.error_s / Z95 * z
        return np.asarray(np.maximum(reading, 0.0))

    def within_s(self, setting_s: float) -> tuple[float, float]:
        """Return the readings [s] between which 90 % of timers of a setting [s] act."""
        low, high = self.reading_s(setting_s, 0.0, np.array([-1.0, 1.0]) * Z95 * math.sqrt(2.0))
        return float(low), float(high)

    def slow_rate_of(self, u: ArrayLike) -> NDArray[np.float64]:
        """Return the share of its speed that a cold clock keeps, for uniforms of any shape."""
        slowest, fastest = self.slow_rate
        return np.asarray(slowest + (fastest - slowest) * np.asarray(u, np.float64))

    def elapsed_s(
        self,
        reading_s: ArrayLike,
        time_s: ArrayLike,
        temperature_k: ArrayLike,
        slow_rate: ArrayLike = 1.0,
    ) -> NDArray[np.float64]:
        """Return when a clock that lives through temperatures comes to a reading.

        Parameters
        ----------
        reading_s : array_like
            Readings, shape (n,) or none [s].
        time_s : array_like
            Times of the temperatures, rising, shape (m,) [s].
        temperature_k : array_like
            Temperatures, linear in between, shape (m,) for all clocks or (n, m) [K].
        slow_rate : array_like
            Share of its speed that each clock keeps below ``slow_below_k``, shape (n,) or none.

        Returns
        -------
        numpy.ndarray
            Time since the first of ``time_s`` [s], shape (n,) or none; infinity where the reading
            is not reached in that time. A steady clock gives the reading itself, however long.
        """
        reading = np.asarray(reading_s, np.float64)
        if self.is_steady:
            return reading.copy()
        kept = np.asarray(slow_rate, np.float64)
        shape = np.broadcast_shapes(reading.shape, kept.shape, np.shape(temperature_k)[:-1])
        flat = np.broadcast_to(reading, shape).reshape(-1)
        times = np.asarray(time_s, np.float64)
        warmth = np.asarray(temperature_k, np.float64)
        rows = np.broadcast_to(warmth, (*shape, times.size)).reshape(flat.size, times.size)
        node_s, node_k = _split_at(times - times[0], rows, self.slow_below_k)
        span = np.diff(node_s, axis=1)
        cold = 0.5 * (node_k[:, 1:] + node_k[:, :-1]) < self.slow_below_k
        share = np.where(cold, np.broadcast_to(kept, shape).reshape(-1)[:, None], 1.0)
        start = share * np.exp2((node_k[:, :-1] - self.reference_k) / self.halving_k)
        with np.errstate(divide="ignore", invalid="ignore"):
            growth = np.diff(node_k, axis=1) * math.log(2.0) / self.halving_k / span
        growth = np.where(span > 0.0, growth, 0.0)
        ticks = np.concatenate(
            [np.zeros((flat.size, 1)), np.cumsum(_run(start, growth, span), axis=1)], axis=1
        )
        # the first piece at whose end the clock is at or past the reading
        piece = np.argmax(ticks[:, 1:] >= flat[:, None], axis=1)
        row = np.arange(flat.size)
        left = flat - ticks[row, piece]
        at = node_s[row, piece] + _run_back(start[row, piece], growth[row, piece], left)
        at = np.minimum(at, node_s[row, piece + 1])
        return np.where(ticks[:, -1] >= flat, np.where(flat <= 0.0, 0.0, at), np.inf).reshape(shape)


def _split_at(
    time_s: NDArray[np.float64], rows_k: NDArray[np.float64], threshold_k: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Put into each piece of each row a node where it crosses a threshold, or its middle."""
    first, last = rows_k[:, :-1], rows_k[:, 1:]
    crosses = (first < threshold_k) != (last < threshold_k)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(crosses, (threshold_k - first) / (last - first), 0.5)
    nodes_s = np.empty((rows_k.shape[0], 2 * time_s.size - 1))
    nodes_k = np.empty_like(nodes_s)
    nodes_s[:, ::2], nodes_k[:, ::2] = time_s, rows_k
    nodes_s[:, 1::2] = time_s[:-1] + part * np.diff(time_s)
    nodes_k[:, 1::2] = np.where(crosses, threshold_k, first + part * (last - first))
    return nodes_s, nodes_k


def _run(
    start: NDArray[np.float64], growth: NDArray[np.float64], span_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the integral of start exp(growth t) over a span."""
    exponent = growth * span_s
    safe = np.where(exponent == 0.0, 1.0, exponent)
    return start * span_s * np.where(exponent == 0.0, 1.0, np.expm1(safe) / safe)


def _run_back(
    start: NDArray[np.float64], growth: NDArray[np.float64], ticks: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the span over which start exp(growth t) has an integral."""
    with np.errstate(divide="ignore", invalid="ignore"):
        even = ticks / start
        bent = np.log1p(growth * even) / growth
    return np.asarray(np.where(growth == 0.0, even, bent))


def timer_from_entry(entry: Entry) -> Timer:
    """Make a timer of its entry in a catalogue; MissionError says which numbers cannot be."""
    values = {**_DEFAULT, **entry.values}
    reject_faults("timer", values["name"], check_values("timer", values))
    return Timer(
        kind=values["name"],
        error=values["error"],
        title=values["title"],
        error_s=values.get("error_time", 0.0),
        sigma=values.get("sigma", 0.0),
        halving_k=values.get("halving", math.inf),
        reference_k=values["reference"],
        slow_below_k=values.get("slow_below", -math.inf),
        slow_rate=values.get("slow_rate", (1.0, 1.0)),
        longest_s=values["longest"],
        failure=values["failure"],
        accounting=values.get("accounting", False),
    )


TIMERS: Final = {entry.values["name"]: timer_from_entry(entry) for entry in TIMER_ENTRIES}
"""Timers on record, by kind; those marked ``accounting`` may stand in no plan."""


def draw_failure(probability: ArrayLike, u_any: ArrayLike, u_kind: ArrayLike) -> NDArray[np.int64]:
    """Return a ``TimerFailure`` for uniforms: whether it fails, and how.

    Parameters
    ----------
    probability : array_like
        That it fails [fraction].
    u_any, u_kind : array_like
        Uniforms, broadcast with it.

    Notes
    -----
    Never, early, partial or unopened are taken as equally likely: an assumption, which no source
    settles.
    """
    kind = 1 + np.minimum((4.0 * np.asarray(u_kind)).astype(np.int64), 3)
    return np.where(np.asarray(u_any) < np.asarray(probability), kind, int(TimerFailure.NONE))
