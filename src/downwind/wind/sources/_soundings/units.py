"""Units in which the columns of soundings come, and what takes them to SI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Scale = tuple[float, float]

FOOT_M: Final = 0.3048
KNOT_MS: Final = 1852.0 / 3600.0
ZERO_CELSIUS_K: Final = 273.15

_PA, _HPA = (1.0, 0.0), (100.0, 0.0)
_M, _KM, _FT = (1.0, 0.0), (1000.0, 0.0), (FOOT_M, 0.0)
_MS, _KMH, _KT = (1.0, 0.0), (1.0 / 3.6, 0.0), (KNOT_MS, 0.0)
_MPH = (5280.0 * FOOT_M / 3600.0, 0.0)
_K, _C = (1.0, 0.0), (1.0, ZERO_CELSIUS_K)
_F = (5.0 / 9.0, ZERO_CELSIUS_K - 32.0 * 5.0 / 9.0)
_ONE, _PERCENT = (1.0, 0.0), (0.01, 0.0)

UNITS: Final[Mapping[str, Mapping[str, Scale]]] = {
    "pressure": {"pa": _PA, "hpa": _HPA, "mb": _HPA, "mbar": _HPA, "millibar": _HPA},
    "length": {
        "m": _M, "gpm": _M, "metre": _M, "metres": _M, "meter": _M, "meters": _M, "km": _KM,
        "metersabovemeansealevel": _M, "ft": _FT, "feet": _FT, "foot": _FT,
    },
    "speed": {
        "m/s": _MS, "ms": _MS, "mps": _MS, "ms-1": _MS, "km/h": _KMH, "kmh": _KMH, "kph": _KMH,
        "kmh-1": _KMH, "kt": _KT, "kts": _KT, "kn": _KT, "knot": _KT, "knots": _KT, "mph": _MPH,
    },
    "angle": {
        "deg": _ONE, "degree": _ONE, "degrees": _ONE, "\N{DEGREE SIGN}": _ONE, "degt": _ONE,
        "degreen": _ONE, "degreee": _ONE, "degreenorth": _ONE, "degreeeast": _ONE,
        "degreesnorth": _ONE, "degreeseast": _ONE,
    },
    "temperature": {
        "k": _K, "kelvin": _K, "c": _C, "degc": _C, "celsius": _C, "\N{DEGREE SIGN}c": _C,
        "f": _F, "degf": _F, "fahrenheit": _F, "\N{DEGREE SIGN}f": _F,
    },
    "fraction": {
        "%": _PERCENT, "percent": _PERCENT, "pct": _PERCENT, "1": _ONE, "fraction": _ONE,
    },
    "duration": {"s": _ONE, "sec": _ONE, "second": _ONE, "seconds": _ONE, "min": (60.0, 0.0)},
}  # fmt: skip
"""Factor and offset of each unit, by kind of quantity; units in the spelling of `tidy`."""


def tidy(unit: str) -> str:
    """Return a unit in one spelling: lower case, no blanks, stars, carets or underscores."""
    kept = unit.strip().lower()
    for mark in ("**", "^", " ", "_"):
        kept = kept.replace(mark, "")
    return kept


def find_scale(kind: str, unit: str) -> Scale | None:
    """Return factor and offset of a unit of one kind; None if it is no such unit."""
    return UNITS[kind].get(tidy(unit))


def to_si(values: FloatArray, scale: Scale) -> FloatArray:
    """Return values in SI units, same shape."""
    return np.asarray(values * scale[0] + scale[1], np.float64)
