"""Numbers of the catalogues for people: each dimension in the unit that reads best."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from downwind.catalogue import Provenance

_ZERO_CELSIUS_K: Final = 273.15


def quantity_text(value: Any, kind: str) -> str:
    """Write a value of a catalogue field; a triple as the median, the 5 and the 95 % point.

    Parameters
    ----------
    value : float, tuple of float, bool or str
        In SI units, as the catalogue holds it.
    kind : str
        Kind of the field, such as ``length`` or ``fraction triple``, with or without a ``?``.
    """
    base = kind.removesuffix("?")
    for length in ("triple", "pair"):
        if base == length or base.endswith(" " + length):
            unit = base.removesuffix(length).strip() or "number"
            return _several(value, unit)
    if base == "flag":
        return "yes" if value else "no"
    if base == "text":
        return str(value)
    return _WRITERS.get(base, number_text)(float(value))


def _several(values: tuple[float, ...], unit: str) -> str:
    parts = [quantity_text(value, unit) for value in values]
    if len(parts) == 2:
        return f"{parts[0]} to {parts[1]}"
    median, low, high = parts
    number, _, unit_text = low.partition(" ")
    if unit_text and high.endswith(f" {unit_text}"):
        low = number
    return f"{median} ({low} to {high})"


def number_text(value: float) -> str:
    """Write a number of a catalogue, to six digits at most."""
    if value != 0.0 and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.6g}"
    text = f"{value:,.{_decimals(value, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def short_text(value: float, digits: int = 3) -> str:
    """Write a measured number with some digits, zeros at its end kept."""
    if value == 0.0 or not math.isfinite(value):
        return f"{value:g}"
    if abs(value) < 1e-3:
        return f"{value:.1g}"
    return f"{value:,.{_decimals(value, digits)}f}"


def mass_text(value_kg: float) -> str:
    """Write a mass in g below 1 kg, else in kg."""
    return f"{number_text(value_kg)} kg" if value_kg >= 1.0 else f"{number_text(1e3 * value_kg)} g"


def length_text(value_m: float) -> str:
    """Write a length in um, mm or m."""
    if value_m < 1e-3:
        return f"{number_text(1e6 * value_m)} um"
    return f"{number_text(value_m)} m" if value_m >= 1.0 else f"{number_text(1e3 * value_m)} mm"


def time_text(value_s: float) -> str:
    """Write a time in s, min or h."""
    if value_s < 60.0:
        return f"{number_text(value_s)} s"
    if value_s < 7200.0:
        return f"{number_text(value_s / 60.0)} min"
    return f"{number_text(value_s / 3600.0)} h"


def percent_text(value: float) -> str:
    """Write a fraction in per cent."""
    return f"{number_text(100.0 * value)} %"


def share_text(share: float) -> str:
    """Write a share of the load, which may be several times the load, in per cent."""
    return f"{100.0 * share:.3g} %" if share < 9.995 else f"{100.0 * share:,.0f} %"


def pressure_text(value_pa: float) -> str:
    """Write a pressure in Pa, hPa, bar or MPa."""
    if value_pa < 1e3:
        return f"{number_text(value_pa)} Pa"
    return f"{number_text(value_pa / 1e5)} bar"


def source_text(provenance: Provenance) -> str:
    """Write how sure a number is and where it comes from."""
    return f"[{provenance.confidence}] {provenance.source}"


def _decimals(value: float, digits: int) -> int:
    if value == 0.0:
        return 0
    return max(0, digits - 1 - math.floor(math.log10(abs(value)) + 1e-9))


_WRITERS: Final[dict[str, Callable[[float], str]]] = {
    "length": length_text,
    "mass": mass_text,
    "time": time_text,
    "fraction": percent_text,
    "pressure": pressure_text,
    "temperature": lambda k: f"{number_text(round(k - _ZERO_CELSIUS_K, 6))} C",
    "temperature_difference": lambda k: f"{number_text(k)} K",
    "surface_density": lambda x: f"{number_text(1e3 * x)} g/m2",
    "density": lambda x: f"{number_text(x)} kg/m3",
    "volume": lambda x: f"{number_text(1e3 * x)} L" if x < 1.0 else f"{number_text(x)} m3",
    "speed": lambda x: f"{number_text(x)} m/s",
    "drag_area_by_mass": lambda x: f"{number_text(x)} m2/kg",
    "number": number_text,
    "integer": number_text,
}
