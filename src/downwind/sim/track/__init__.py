"""Places on recorded flights, between the rows of their tracks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from downwind.sim.flight import Flights
from downwind.sim.track import kernels


def interpolate_tracks(
    flights: Flights, elapsed_s: NDArray[np.float64], end_s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return places on recorded tracks, by a cubic through the two rows on either side.

    Parameters
    ----------
    flights : Flights
        With tracks, n flights.
    elapsed_s : numpy.ndarray
        Times after launch, none after the flight's end, shape (n, t) [s].
    end_s : numpy.ndarray
        End of each flight after its launch, shape (n,) [s].

    Returns
    -------
    tuple of numpy.ndarray
        Longitude in [-180, 180), latitude [degrees] and height [m, geopotential], shape (n, t)
        each.
    """
    longitude, latitude, height_m = (np.empty(elapsed_s.shape) for _ in range(3))
    if elapsed_s.size:
        kernels.interpolate_tracks(
            flights.track,
            flights.record_s,
            np.ascontiguousarray(end_s, np.float64),
            np.ascontiguousarray(elapsed_s, np.float64),
            longitude,
            latitude,
            height_m,
        )
    return longitude, latitude, height_m
