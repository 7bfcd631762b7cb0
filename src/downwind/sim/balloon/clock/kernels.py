"""Read the clocks of release timers, which may run with the temperature: compiled.

Within a step a clock's rate is integrated over the heights of a parabola through the step.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downwind.atmosphere.kernels import SCALAR, temperature_pressure
from downwind.compiled.kernels import kernel

_PIECE_S = 10.0
_TURN_S = 1e-4
_FOUND_S = 1e-5
_LN2 = math.log(2.0)


class Releases(NamedTuple):
    """The releases of one balloon, each array of shape (releases,), as `BalloonArrays` has them.

    ``reading_s`` is what each clock reads; it is of use where a clock is not steady.
    """

    reading_s: NDArray[np.float64]
    drop_kg: NDArray[np.float64]
    drop_drag_area_m2: NDArray[np.float64]
    fire_s: NDArray[np.float64]
    halving_k: NDArray[np.float64]
    reference_k: NDArray[np.float64]
    slow_below_k: NDArray[np.float64]
    slow_rate: NDArray[np.float64]


@kernel(**SCALAR)
def has_acted(out, j):
    """Tell whether release j has acted: ``out``, shape (releases, 6), then holds its time."""
    return not math.isnan(out[j, 0])


@kernel(**SCALAR)
def is_steady(releases, j):
    """Tell whether clock j runs alike at every temperature."""
    return releases.halving_k[j] == np.inf and (
        releases.slow_below_k[j] == -np.inf or releases.slow_rate[j] == 1.0
    )


@kernel(**SCALAR)
def _air_k(path, s):
    """Return the temperature [K] around the timers s seconds into a step along ``path``."""
    h, rise, bend, offset_k = path
    t, _ = temperature_pressure(h + s * (rise + s * bend))
    return t + offset_k


@kernel(**SCALAR)
def _clock_piece_s(releases, j, path, start, end, is_slow):
    """Return how far clock j goes [s] between two times of a step, by Simpson's rule."""
    halving, reference = releases.halving_k[j], releases.reference_k[j]
    first = math.exp(_LN2 * (_air_k(path, start) - reference) / halving)
    middle = math.exp(_LN2 * (_air_k(path, 0.5 * (start + end)) - reference) / halving)
    last = math.exp(_LN2 * (_air_k(path, end) - reference) / halving)
    rate = (first + 4.0 * middle + last) / 6.0
    return (end - start) * (rate * releases.slow_rate[j] if is_slow else rate)


@kernel(**SCALAR)
def clock_gain_s(releases, j, path, seconds):
    """Return how far clock j goes [s] in the first seconds of a step.

    ``path`` is the height [m] at the beginning, its rate of change [m s-1] and half that one's
    [m s-2], and what the air around the timer has above the standard atmosphere [K].

    A piece in which the clock turns slow, or no longer is, is cut there.
    """
    pieces = max(math.ceil(seconds / _PIECE_S), 1)
    gain = 0.0
    end = 0.0
    below = releases.slow_below_k[j]
    was_slow = _air_k(path, 0.0) < below
    for k in range(pieces):
        start = end
        end = seconds * (k + 1) / pieces
        is_slow = _air_k(path, end) < below
        if is_slow != was_slow:
            low, high = start, end
            while high - low > _TURN_S:
                s = 0.5 * (low + high)
                if (_air_k(path, s) < below) == was_slow:
                    low = s
                else:
                    high = s
            gain += _clock_piece_s(releases, j, path, start, low, was_slow)
            start = low
        gain += _clock_piece_s(releases, j, path, start, end, is_slow)
        was_slow = is_slow
    return gain


@kernel(**SCALAR)
def find_release(releases, out, path, d):
    """Return when within d seconds an unsteady clock first reaches its release, and which.

    The index is -1, and the time d, where none does.
    """
    first, which = d, -1
    for j in range(releases.fire_s.size):
        if has_acted(out, j) or is_steady(releases, j):
            continue
        left = releases.fire_s[j] - releases.reading_s[j]
        if left > clock_gain_s(releases, j, path, first):
            continue
        low, high = 0.0, first
        while high - low > _FOUND_S:
            s = 0.5 * (low + high)
            if clock_gain_s(releases, j, path, s) >= left:
                high = s
            else:
                low = s
        first, which = high, j
    return first, which
