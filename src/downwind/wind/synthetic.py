"""Wind and air with a closed form: for demonstrations and tests, named synthetic on every output.

The wind is linear in time between hodographs, linear in height between their levels, and linear in
longitude and latitude. A cube whose nodes hold those levels and times therefore reproduces the
closed form everywhere inside it, to the rounding of float32. The air, where there is one, is the
standard atmosphere plus an offset, with one layer of cloud.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from downwind.atmosphere import LAYER_BASE_M, temperature_k
from downwind.times import epoch_to_datetime64
from downwind.wind.cube import CLOUD, HUMIDITY, TEMPERATURE, WindCube, validate_cube


@dataclass(frozen=True, slots=True)
class SyntheticAir:
    """The standard atmosphere plus an offset, with even humidity and one layer of cloud.

    Attributes
    ----------
    temperature_offset_k : float
        Warmer than the standard atmosphere by this, at the centre and the first time [K].
    temperature_gradient : tuple of float
        dT/dlon, dT/dlat [K per degree] and dT/dt [K per hour].
    relative_humidity : float
        Over water, outside the cloud; a fraction.
    cloud_m : tuple of float or None
        Base and top of the cloud, geopotential [m]; None for a clear sky.
    cloud_fraction : float
        Cloud fraction between base and top; 0 elsewhere.
    cloud_humidity : float
        Relative humidity between base and top.
    edge_m : float
        Depth outside base and top over which cloud and humidity fall off linearly [m].
    """

    temperature_offset_k: float = 0.0
    temperature_gradient: tuple[float, float, float] = (0.0, 0.0, 0.0)
    relative_humidity: float = 0.5
    cloud_m: tuple[float, float] | None = None
    cloud_fraction: float = 1.0
    cloud_humidity: float = 1.0
    edge_m: float = 10.0

    def numbers(self) -> NDArray[np.float64]:
        """Return the numbers that define this air, one after the other; NaN for no cloud."""
        cloud = (np.nan, np.nan) if self.cloud_m is None else self.cloud_m
        return np.array(
            [
                self.temperature_offset_k,
                *self.temperature_gradient,
                self.relative_humidity,
                *cloud,
                self.cloud_fraction,
                self.cloud_humidity,
                self.edge_m,
            ],
            "<f8",
        )

    def find_temperature_k(
        self, east_deg: ArrayLike, north_deg: ArrayLike, h_m: ArrayLike, elapsed_h: ArrayLike
    ) -> NDArray[np.float64]:
        """Return the temperature [K], so far from the centre and after so many hours."""
        east, north, h, elapsed = (
            np.asarray(x, np.float64) for x in (east_deg, north_deg, h_m, elapsed_h)
        )
        by_lon, by_lat, by_hour = self.temperature_gradient
        offset = self.temperature_offset_k + by_lon * east + by_lat * north + by_hour * elapsed
        return np.asarray(temperature_k(h) + offset, np.float64)

    def find_cloud(self, h_m: ArrayLike) -> NDArray[np.float64]:
        """Return the cloud fraction at heights [m]."""
        return self.cloud_fraction * self._share(h_m)

    def find_humidity(self, h_m: ArrayLike) -> NDArray[np.float64]:
        """Return the relative humidity over water at heights [m], a fraction."""
        share = self._share(h_m)
        return (1.0 - share) * self.relative_humidity + share * self.cloud_humidity

    def bends_m(self) -> NDArray[np.float64]:
        """Return the heights at which the air bends, shape (n,), ascending [m]."""
        bends = set(LAYER_BASE_M.tolist())
        if self.cloud_m is not None:
            base, top = self.cloud_m
            bends |= {base - self.edge_m, base, top, top + self.edge_m}
        return np.array(sorted(bends))

    def _share(self, h_m: ArrayLike) -> NDArray[np.float64]:
        h = np.asarray(h_m, np.float64)
        if self.cloud_m is None:
            return np.zeros(h.shape)
        base, top = self.cloud_m
        outside = np.maximum(np.maximum(base - h, h - top), 0.0)
        return np.asarray(np.clip(1.0 - outside / self.edge_m, 0.0, 1.0), np.float64)


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
    air : SyntheticAir or None
        Temperature, humidity and cloud; None for a cube of wind alone.
    """

    name: str
    time_s: NDArray[np.float64]
    height_m: NDArray[np.float64]
    east_ms: NDArray[np.float64]
    north_ms: NDArray[np.float64]
    longitude0: float
    latitude0: float
    gradient: tuple[float, float, float, float]
    air: SyntheticAir | None = None

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
        """Return the wind as a cube; with air, on levels at all bends of wind and air.

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
        levels = self._find_levels()
        place = (lon, lat[:, None], levels[:, None, None], times[:, None, None, None])
        u, v = self.wind_ms(*place)
        dims = ("realization", "time", "level", "latitude", "longitude")
        height = np.broadcast_to(levels[:, None, None], u.shape)
        fields = {
            "eastward_wind": (u, "m s-1", "eastward_wind"),
            "northward_wind": (v, "m s-1", "northward_wind"),
            "geopotential_height": (height, "m", "geopotential_height"),
        }
        if self.air is not None:
            kelvin = self.air.find_temperature_k(
                place[0] - self.longitude0,
                place[1] - self.latitude0,
                height,
                (place[3] - self.time_s[0]) / 3600.0,
            )
            air = {
                TEMPERATURE: (kelvin, "K"),
                HUMIDITY: (self.air.find_humidity(height), "1"),
                CLOUD: (self.air.find_cloud(height), "1"),
            }
            fields |= {name: (data, unit, name) for name, (data, unit) in air.items()}
        level = {"units": "m", "standard_name": "geopotential_height", "positive": "up"}
        dataset = xr.Dataset(
            {
                key: (dims, data[None].astype(np.float32), {"units": unit, "standard_name": name})
                for key, (data, unit, name) in fields.items()
            },
            coords={
                "realization": [0],
                "time": epoch_to_datetime64(times),
                "level": ("level", levels, level),
                "latitude": ("latitude", lat, {"units": "degrees_north"}),
                "longitude": ("longitude", lon, {"units": "degrees_east"}),
            },
            attrs={
                "source": self.name,
                "files": "",
                "digest": self.digest(),
                "forecast_reference_time": "",
                "nature": "synthetic",
                "warnings": "",
                "notes": "",
            },
        )
        return validate_cube(dataset)

    def _find_levels(self) -> NDArray[np.float64]:
        if self.air is None:
            return self.height_m
        bends = self.air.bends_m()
        inside = (bends > self.height_m[0]) & (bends < self.height_m[-1])
        return np.union1d(self.height_m, bends[inside])

    def digest(self) -> str:
        """Return the sha256 of the numbers that define this wind and air."""
        import hashlib

        hasher = hashlib.sha256()
        for part in (self.time_s, self.height_m, self.east_ms, self.north_ms):
            hasher.update(np.ascontiguousarray(part, "<f8").tobytes())
        hasher.update(np.array([self.longitude0, self.latitude0, *self.gradient], "<f8").tobytes())
        if self.air is not None:
            hasher.update(self.air.numbers().tobytes())
        return hasher.hexdigest()
