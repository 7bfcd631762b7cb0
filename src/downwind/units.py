"""Values with units, read at the edge: ``"40 um"`` or ``"8 %"`` becomes an SI float."""

from __future__ import annotations

import re
from typing import Final

_FACTORS: Final[dict[str, dict[str, float]]] = {
    "length": {
        "m": 1.0,
        "cm": 1e-2,
        "mm": 1e-3,
        "um": 1e-6,
        "km": 1e3,
        "ft": 0.3048,
        "in": 0.0254,
        "mi": 1609.344,
        "nmi": 1852.0,
    },
    "mass": {"kg": 1.0, "g": 1e-3, "lb": 0.45359237, "oz": 0.028349523125},
    "time": {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0},
    "fraction": {"": 1.0, "%": 1e-2, "ppm": 1e-6},
    "rate": {"1/s": 1.0, "%/h": 1e-2 / 3600.0, "1/h": 1.0 / 3600.0},
    "speed": {
        "m/s": 1.0,
        "km/h": 1 / 3.6,
        "kt": 1852.0 / 3600.0,
        "ft/s": 0.3048,
        "m/min": 1 / 60,
        "ft/min": 0.3048 / 60,
    },
    "rain": {"mm/h": 1.0 / 3600.0, "mm/d": 1.0 / 86400.0, "kg/m2/s": 1.0},
    "temperature_difference": {"K": 1.0, "C": 1.0},
    "surface_density": {
        "kg/m2": 1.0,
        "g/m2": 1e-3,
        "g/cm2": 10.0,
        "oz/in2": 0.028349523125 / 0.0254**2,
    },
    "volume": {"m3": 1.0, "L": 1e-3, "l": 1e-3, "ft3": 0.3048**3},
    "area": {"m2": 1.0, "cm2": 1e-4, "mm2": 1e-6},
    "pressure": {"Pa": 1.0, "hPa": 1e2, "kPa": 1e3, "MPa": 1e6, "bar": 1e5, "psi": 6894.757293168},
    "density": {"kg/m3": 1.0, "g/cm3": 1e3},
    "temperature": {"K": 1.0, "C": 1.0},
    "force": {"N": 1.0, "kN": 1e3, "lbf": 4.4482216152605},
    "energy": {"J": 1.0, "kJ": 1e3, "ft-lb": 0.3048 * 4.4482216152605},
    "drag_area_by_mass": {"m2/kg": 1.0},
}
_ZERO_CELSIUS_K: Final = 273.15
_NUMBER = re.compile(r"^\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S*)\s*$")
_CLOCK = re.compile(r"^\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*min)?\s*$")


def parse_quantity(value: str | float, dimension: str) -> float:
    """Turn a value with a unit into SI.

    Parameters
    ----------
    value : str or float
        Text with a unit. A bare number is taken only for a fraction, which has none.
    dimension : str
        One of the keys of the unit table: ``length``, ``mass``, ``time``, ``fraction``, ...

    Returns
    -------
    float
        The value in SI units (a fraction for ``fraction``).

    Raises
    ------
    ValueError
        If the text is no number with a unit of that dimension.
    """
    factors = _FACTORS[dimension]
    known = ", ".join(unit for unit in factors if unit)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if "" not in factors:
            raise ValueError(f"{value!r} needs a unit: write it as text with one of {known}")
        return float(value)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no value with a unit ({known})")
    clock = _CLOCK.match(value) if dimension == "time" and value.strip() else None
    if clock:
        return 3600.0 * int(clock[1] or 0) + 60.0 * int(clock[2] or 0)
    match = _NUMBER.match(value)
    if not match or match[2] not in factors:
        raise ValueError(f"'{value}' is no value with a unit of {known}")
    offset = _ZERO_CELSIUS_K if dimension == "temperature" and match[2] == "C" else 0.0
    return float(match[1]) * factors[match[2]] + offset
