"""Soundings for tests: profiles by closed form, and the inventory that a source would hand over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downwind.wind.profile import Profile
from downwind.wind.sources._fields import Inventory

NOON_S = 1_228_737_600
"""2008-12-08 12:00 UTC."""

Law = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def make_profile(
    station: str = "A",
    longitude: float = 127.0,
    latitude: float = 37.0,
    *,
    time_s: int = NOON_S,
    height_m: Any = (50.0, 500.0, 1_500.0, 3_000.0, 5_000.0, 9_000.0, 16_000.0),
    u: float | Law = 10.0,
    v: float | Law = 5.0,
    error_ms: float = 1.0,
    **changes: Any,
) -> Profile:
    """Return a sounding whose wind is a number or a function of height."""
    height = np.array(height_m, float)
    none = np.full(height.size, np.nan)
    east, north = (law(height) if callable(law) else np.full(height.size, law) for law in (u, v))
    profile = Profile(
        station=station,
        longitude=longitude,
        latitude=latitude,
        elevation_m=float(height[0]),
        time_s=time_s,
        height_m=height,
        eastward_ms=east,
        northward_ms=north,
        pressure_pa=none,
        temperature_k=288.15 - 0.005 * height,
        humidity=np.full(height.size, 0.5),
        error_ms=np.full(height.size, error_ms),
        level_time_s=none,
        level_longitude=none,
        level_latitude=none,
        source="test sounding",
        file=f"{station}.txt",
    )
    return replace(profile, **changes)


def inventory_of(*profiles: Profile, **changes: Any) -> Inventory:
    """Return what a source would make of soundings."""
    files = tuple(dict.fromkeys(p.file for p in profiles))
    inventory = Inventory("test soundings", files, (), {}, (), {}, profiles=profiles)
    return replace(inventory, **changes)
