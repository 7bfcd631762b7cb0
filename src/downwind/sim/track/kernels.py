"""Interpolate recorded flights: compiled, bare arrays, no I/O.

Between two rows a path is the cubic of Hermite whose slopes are those of the parabolas through
three rows; at the first and the last row, which have a neighbour on one side only, of the parabola
next to it. Rows are evenly spaced except the last, at the flight's end.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from downwind.atmosphere.kernels import PARALLEL, SCALAR
from downwind.compiled.kernels import kernel
from downwind.sim.kernels import wrap_longitude


@kernel(**SCALAR)
def _hermite(before, low, high, after, h_before, h, h_after, x):
    """Return the cubic at the fraction x of the interval from low to high.

    ``before`` and ``after`` are the values one row further out; an interval h of no length means
    that there is none.
    """
    rise = (high - low) / h
    slope_low = slope_high = rise
    if h_before > 0.0:
        slope_low = ((low - before) / h_before * h + rise * h_before) / (h + h_before)
        slope_high = 2.0 * rise - slope_low
    if h_after > 0.0:
        slope_high = ((after - high) / h_after * h + rise * h_after) / (h + h_after)
        if not h_before > 0.0:
            slope_low = 2.0 * rise - slope_high
    y = 1.0 - x
    edge = x * y * h * (slope_low * y - slope_high * x)
    return low * y * y * (1.0 + 2.0 * x) + high * x * x * (1.0 + 2.0 * y) + edge


@kernel(**SCALAR)
def _turn(longitude, reference):
    """Return a longitude [degrees] moved by whole turns to within 180 of another."""
    return reference + (longitude - reference + 180.0) % 360.0 - 180.0


@kernel(**PARALLEL)
def interpolate_tracks(track, record_s, end_s, elapsed_s, longitude, latitude, height_m):
    """Find places on many tracks.

    Parameters
    ----------
    track : numpy.ndarray
        Longitude, latitude, height every ``record_s`` and at the end, shape (n, rows, 3); NaN
        after the end.
    record_s : float
        Spacing of the rows [s].
    end_s : numpy.ndarray
        End of each flight after launch, shape (n,) [s].
    elapsed_s : numpy.ndarray
        Times after launch, shape (n, t) [s].
    longitude, latitude, height_m : numpy.ndarray
        Output, shape (n, t).
    """
    for i in nb.prange(elapsed_s.shape[0]):
        rows = 0
        while rows < track.shape[1] and np.isfinite(track[i, rows, 2]):
            rows += 1
        for k in range(elapsed_s.shape[1]):
            low = min(int(elapsed_s[i, k] / record_s), rows - 2)
            if low < 0:
                longitude[i, k] = track[i, 0, 0]
                latitude[i, k] = track[i, 0, 1]
                height_m[i, k] = track[i, 0, 2]
                continue
            start = low * record_s
            h = min(record_s, max(end_s[i] - start, 1e-9))
            x = min(max((elapsed_s[i, k] - start) / h, 0.0), 1.0)
            before = max(low - 1, 0)
            after = min(low + 2, rows - 1)
            h_before = record_s if low > 0 else 0.0
            h_after = 0.0
            if after == low + 2:
                h_after = min(record_s, end_s[i] - start - h)
            here = track[i, low, 0]
            lon = _hermite(
                _turn(track[i, before, 0], here), here, _turn(track[i, low + 1, 0], here),
                _turn(track[i, after, 0], here), h_before, h, h_after, x,
            )  # fmt: skip
            longitude[i, k] = wrap_longitude(lon)
            latitude[i, k] = _hermite(
                track[i, before, 1], track[i, low, 1], track[i, low + 1, 1], track[i, after, 1],
                h_before, h, h_after, x,
            )  # fmt: skip
            height_m[i, k] = _hermite(
                track[i, before, 2], track[i, low, 2], track[i, low + 1, 2], track[i, after, 2],
                h_before, h, h_after, x,
            )  # fmt: skip
