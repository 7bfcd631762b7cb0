"""A wind with a closed form: for demonstrations and tests, named synthetic on every output.

The wind is linear in time between hodographs, linear in height between their levels, and linear in
longitude and latitude. A cube whose nodes hold those levels and times therefore reproduces the
closed form everywhere inside it, to the rounding of float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from downwind.times import epoch_to_datetime64
from downwind.wind.cube import WindCube, validate_cube


@dataclass(frozen=True, slots=True)
class SyntheticWind:
    """Hodographs at several times, and constant horizontal gradients.

    Attributes
    ----------
    name : str
        What the outputs call it; begins with ``synthetic``.
    time_s : numpy.ndarray
        Times of the hodographs, shape (t,), ascending [epoch s].
    height_m : numpy.ndarray
        Geopotential heights, shape (z,), ascending [m].
    east_ms, north_ms : numpy.ndarray
        Wind at the centre, shape (t, z) [m s-1].
    longitude0, latitude0 : float
        The centre [degrees].
    gradient : tuple of float
        du/dlon, du/dlat, dv/dlon, dv/dlat [m s-1 per degree].
    """

    name: str
    time_s: NDArray[np.float64]
    height_m: NDArray[np.float64]
    east_ms: NDArray[np.float64]
    north_ms: NDArray[np.float64]
    longitude0: float
    latitude0: float
    gradient: tuple[float, float, float, float]

    def wind_ms(
        self, longitude: ArrayLike, latitude: ArrayLike, h_m: ArrayLike, time_s: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return eastward and northward wind [m s-1]; arguments broadcast, heights geopotential."""
        lon, lat, h, t = np.broadcast_arrays(
            *(np.asarray(x, np.float64) for x in (longitude, latitude, h_m, time_s))
        )
        k = np.clip(np.searchsorted(self.time_s, t, side="right") - 1, 0, self.time_s.size - 2)
        f = (t - self.time_s[k]) / (self.time_s[k + 1] - self.time_s[k])
        j = np.clip(np.searchsorted(self.height_m, h, side="right") - 1, 0, self.height_m.size - 2)
        g = (h - self.height_m[j]) / (self.height_m[j + 1] - self.height_m[j])
        east, north = lon - self.longitude0, lat - self.latitude0
        result = []
        for table, gx, gy in (
            (self.east_ms, self.gradient[0], self.gradient[1]),
            (self.north_ms, self.gradient[2], self.gradient[3]),
        ):
            early = (1.0 - g) * table[k, j] + g * table[k, j + 1]
            late = (1.0 - g) * table[k + 1, j] + g * table[k + 1, j + 1]
            result.append((1.0 - f) * early + f * late + gx * east + gy * north)
        return result[0], result[1]

    def to_cube(
        self, box: tuple[float, float, float, float], spacing_deg: float, step_s: float
    ) -> WindCube:
        """Return the wind as a cube.

        Parameters
        ----------
        box : tuple of float
            West, south, east, north [degrees].
        spacing_deg : float
            Grid spacing [degrees].
        step_s : float
            Longest step of the time axis [s]; the hodographs' times are always nodes.
        """
        west, south, east, north = box
        lon = west + spacing_deg * np.arange(round((east - west) / spacing_deg) + 1)
        lat = south + spacing_deg * np.arange(round((north - south) / spacing_deg) + 1)
        times = np.unique(
            np.concatenate(
                [
                    np.linspace(a, b, int(np.ceil((b - a) / step_s)) + 1)
                    for a, b in zip(self.time_s[:-1], self.time_s[1:], strict=True)
                ]
            )
        )
        u, v = self.wind_ms(
            lon, lat[:, None], self.height_m[:, None, None], times[:, None, None, None]
        )
        dims = ("realization", "time", "level", "latitude", "longitude")
        height = np.broadcast_to(self.height_m[:, None, None], u.shape)
        fields = {
            "eastward_wind": (u, "m s-1", "eastward_wind"),
            "northward_wind": (v, "m s-1", "northward_wind"),
            "geopotential_height": (height, "m", "geopotential_height"),
        }
        level = {"units": "m", "standard_name": "geopotential_height", "positive": "up"}
        dataset = xr.Dataset(
            {
                key: (dims, data[None].astype(np.float32), {"units": unit, "standard_name": name})
                for key, (data, unit, name) in fields.items()
            },
            coords={
                "realization": [0],
                "time": epoch_to_datetime64(times),
                "level": ("level", self.height_m, level),
                "latitude": ("latitude", lat, {"units": "degrees_north"}),
                "longitude": ("longitude", lon, {"units": "degrees_east"}),
            },
            attrs={
                "source": self.name,
                "files": "",
                "digest": self.digest(),
                "forecast_reference_time": "",
                "nature": "synthetic",
                "notes": "",
            },
        )
        return validate_cube(dataset)

    def digest(self) -> str:
        """Return the sha256 of the numbers that define this wind."""
        import hashlib

        hasher = hashlib.sha256()
        for part in (self.time_s, self.height_m, self.east_ms, self.north_ms):
            hasher.update(np.ascontiguousarray(part, "<f8").tobytes())
        hasher.update(np.array([self.longitude0, self.latitude0, *self.gradient], "<f8").tobytes())
        return hasher.hexdigest()
