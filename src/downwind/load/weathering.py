"""What water and ice do to falling items, and when to warn of them.

An item that gains mass and keeps its shape falls faster by the root of the mass ratio. How much
water an item takes up, and how thick ice grows, is not in any weather file: the factors are for
people, and no figure of a plan has them in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ArgumentError
from downwind.load.traits import ItemKind

ICE_KGM3: Final = 917.0
ICE_THICKNESS_M: Final = 0.001
"""The thickness of ice that warnings name, on one face."""

FREEZING_K: Final = 273.15
ICING_FROM_K: Final = FREEZING_K - 15.0
"""Between this and freezing point, cloud is taken to hold supercooled water."""

CLOUD_FRACTION: Final = 0.25
"""Cloud cover from which a layer counts as cloud; an assumption."""

CLOUD_HUMIDITY: Final = 0.95
"""Relative humidity over water that counts as cloud where no cover is known; an assumption."""


@dataclass(frozen=True, slots=True)
class WeatherWarning:
    """One warning.

    Attributes
    ----------
    code : str
        ``icing``, ``wet`` or ``unknown``.
    text : str
    low_m, high_m : float
        The lowest and the highest height concerned [m, geopotential]; NaN for ``unknown``.
    speed_factor : float
        The greatest factor of the fall speed that it speaks of; 1 for ``unknown``.
    """

    code: str
    text: str
    low_m: float = math.nan
    high_m: float = math.nan
    speed_factor: float = 1.0


def mass_speed_factor(extra_fraction: float) -> float:
    """Return the factor of the fall speed for extra mass, as a fraction of the dry mass.

    Raises
    ------
    ArgumentError
        If the fraction is below 0.
    """
    if not extra_fraction >= 0.0:
        raise ArgumentError(
            f"{extra_fraction} is no extra mass", "give a fraction of the dry mass, 0 or more"
        )
    return math.sqrt(1.0 + extra_fraction)


def wet_speed_factor(kind: ItemKind) -> tuple[float, float]:
    """Return the lowest and the highest factor of the fall speed of a wet item; 1 if it stays dry.

    References
    ----------
    v sqrt(m / m0), with 30 to 100 % of water in wet paper: 1.14 to 1.41. Standard knowledge, not
    checked against a source.
    """
    if kind.wetting is None:
        return 1.0, 1.0
    return mass_speed_factor(kind.wetting.low), mass_speed_factor(kind.wetting.high)


def ice_mass_kg(kind: ItemKind, thickness_m: float) -> float:
    """Return the mass of a layer of ice on one face of an item [kg].

    The face is ``body_area_m2``: of a block its mean projected area. A canopy is left out.

    Raises
    ------
    ArgumentError
        If the thickness is below 0.
    """
    if not thickness_m >= 0.0:
        raise ArgumentError(f"ice cannot be {thickness_m} m thick", "give 0 or more")
    return ICE_KGM3 * kind.body_area_m2 * thickness_m


def ice_speed_factor(kind: ItemKind, thickness_m: float = ICE_THICKNESS_M) -> float:
    """Return the factor of the fall speed of an item with ice on one face.

    Ice of 1 mm on one side of a bare disc of 120 mm weighs 10.4 g, and the disc falls 1.29 times
    as fast.
    """
    return mass_speed_factor(ice_mass_kg(kind, thickness_m) / kind.mass_kg)


def weather_warnings(
    kind: ItemKind,
    height_m: ArrayLike,
    temperature_k: ArrayLike,
    relative_humidity: ArrayLike | None = None,
    cloud_fraction: ArrayLike | None = None,
    rain: ArrayLike | None = None,
) -> tuple[WeatherWarning, ...]:
    """Warn of ice and water along a fall.

    Parameters
    ----------
    kind : ItemKind
    height_m, temperature_k : array_like
        Along the fall, shape (n,), in any order [m, geopotential] and [K].
    relative_humidity : array_like, optional
        Over water, as a fraction, shape (n,); NaN where it is not known.
    cloud_fraction : array_like, optional
        As a fraction, shape (n,); NaN where it is not known. Where it is known, humidity is not
        asked.
    rain : array_like, optional
        Rain in any unit, shape (n,); above 0 it rains.

    Returns
    -------
    tuple of WeatherWarning
        ``icing`` where cloud or rain lies between -15 and 0 C; ``wet`` where it lies above 0 C,
        for an item that takes up water; ``unknown`` where temperature, or both cloud and humidity,
        are not known.

    Raises
    ------
    ArgumentError
        If the arrays differ in shape.
    """
    height = np.asarray(height_m, np.float64)
    temperature = _take(temperature_k, height, "temperature")
    cloud = _take(cloud_fraction, height, "cloud fraction")
    humidity = _take(relative_humidity, height, "humidity")
    falling = _take(rain, height, "rain")
    is_cloud = np.where(np.isnan(cloud), humidity >= CLOUD_HUMIDITY, cloud >= CLOUD_FRACTION)
    is_rain = falling > 0.0
    is_damp = is_cloud | is_rain
    is_known = ~(np.isnan(cloud) & np.isnan(humidity)) & ~np.isnan(temperature)
    is_cold = (temperature >= ICING_FROM_K) & (temperature <= FREEZING_K)
    warnings: list[WeatherWarning] = []
    icing = is_damp & is_cold
    if icing.any():
        low, high = _reach(height, icing)
        factor = ice_speed_factor(kind)
        text = (
            f"{kind.title}: {_name(icing, is_cloud, is_rain)} between -15 and 0 C from {low:.0f} "
            f"to {high:.0f} m: ice may form; 1 mm of it on one face makes the fall {factor:.2f} "
            "times as fast"
        )
        warnings.append(WeatherWarning("icing", text, low, high, factor))
    wet = is_damp & (temperature > FREEZING_K)
    if kind.wetting is not None and wet.any():
        low, high = _reach(height, wet)
        slow, fast = wet_speed_factor(kind)
        text = (
            f"{kind.title}: {_name(wet, is_cloud, is_rain)} above 0 C from {low:.0f} to "
            f"{high:.0f} m: wet, it falls {slow:.2f} to {fast:.2f} times as fast"
        )
        if kind.wetting.clumps:
            text += ", and wet sheets may cling together"
        warnings.append(WeatherWarning("wet", text, low, high, fast))
    if not is_known.all():
        share = 1.0 - float(is_known.mean()) if height.size else 1.0
        text = (
            f"{kind.title}: cloud is not known for {share:.0%} of the fall; ice and water are not "
            "checked there"
        )
        warnings.append(WeatherWarning("unknown", text))
    return tuple(warnings)


def _take(values: ArrayLike | None, height: NDArray[np.float64], what: str) -> NDArray[np.float64]:
    """Return values along the fall, shape (n,); NaN where there are none."""
    if values is None:
        return np.full(height.shape, np.nan)
    array = np.asarray(values, np.float64)
    if array.shape != height.shape:
        raise ArgumentError(
            f"{what} has the shape {array.shape} along a fall of the shape {height.shape}",
            "give one value for each height",
        )
    return array


def _name(where: NDArray[np.bool_], is_cloud: NDArray[np.bool_], is_rain: NDArray[np.bool_]) -> str:
    """Return what it is that wets at the heights of a warning."""
    if not is_rain[where].any():
        return "cloud"
    return "cloud or rain" if is_cloud[where].any() else "rain"


def _reach(height: NDArray[np.float64], where: NDArray[np.bool_]) -> tuple[float, float]:
    return float(height[where].min()), float(height[where].max())
