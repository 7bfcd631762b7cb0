"""What no vehicle, gas, cylinder, timer or drag law can be: bounds on each of their numbers.

The bounds catch slips of a unit or of a decimal point. They are assumptions, wider than anything
that is on record.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from downwind.catalogue import Faults
from downwind.errors import MissionError


class Bounds(NamedTuple):
    """Least and greatest of a number in SI units, and the unit in which it is told.

    Attributes
    ----------
    low, high : float
        In SI units.
    unit : str
        For messages.
    per_si : float
        How many of that unit are one of SI.
    """

    low: float
    high: float
    unit: str = ""
    per_si: float = 1.0


_COEFFICIENT: Final = Bounds(0.01, 10.0)
_SHARE: Final = Bounds(0.0, 1.0)
_CLOCK_K: Final = Bounds(150.0, 350.0, "K")
_REYNOLDS: Final = Bounds(1.0, 1e9)

BOUNDS: Final[dict[str, dict[str, Bounds]]] = {
    "film": {
        "length": Bounds(0.5, 100.0, "m"),
        "diameter": Bounds(0.1, 20.0, "m"),
        "film": Bounds(3e-6, 1e-3, "um", 1e6),
        "film_density": Bounds(500.0, 2500.0, "kg/m3"),
        "yield": Bounds(1e6, 500e6, "MPa", 1e-6),
        "remains_drag": Bounds(1e-3, 3.0),
    },
    "latex": {
        "mass": Bounds(1e-3, 10.0, "g", 1e3),
        "burst_diameter": Bounds(0.1, 25.0, "m"),
        "burst_shape": Bounds(1.0, 200.0),
        "burst_mean_ratio": Bounds(0.5, 2.0),
        "remains_drag_area_by_mass": Bounds(1e-3, 10.0, "m2/kg"),
    },
    "gas": {
        "molar_mass": Bounds(2.0, 28.0, "g/mol, which lifts in air of 28.96"),
        "kappa": Bounds(0.05, 0.41),
        "impurity": Bounds(1e-6, 0.5),
        "virial": Bounds(-5e-5, 5e-5, "m3/mol"),
    },
    "cylinder": {
        "water": Bounds(2e-4, 3.0, "L", 1e3),
        "filling": Bounds(5e5, 4e7, "bar", 1e-5),
        "residual": Bounds(0.0, 4e7, "bar", 1e-5),
        "price": Bounds(1e-6, 1e12),
    },
    "timer": {
        "error": _SHARE,
        "error_time": Bounds(0.0, 86_400.0, "s"),
        "sigma": Bounds(0.0, 3.0),
        "halving": Bounds(0.5, 200.0, "K"),
        "reference": _CLOCK_K,
        "slow_below": _CLOCK_K,
        "slow_rate": _SHARE,
        "longest": Bounds(1.0, 7 * 86_400.0, "s"),
        "failure": Bounds(1e-6, 1.0),
    },
    "drag": {
        "high": _COEFFICIENT,
        "low": _COEFFICIENT,
        "start": _REYNOLDS,
        "width": _REYNOLDS,
    },
}
"""What each number may be, by kind of entry and field."""

RUBBER_KGM2: Final = Bounds(2e-3, 50e-3, "g/m2", 1e3)
"""Rubber by the area of a balloon that bursts; 4.6 to 16 g/m2 is on record."""


def check_values(model: str, values: Mapping[str, Any]) -> Faults:
    """Return what is wrong with the numbers of an entry that are there, each with its field.

    Parameters
    ----------
    model : str
        A key of ``BOUNDS``.
    values : mapping
        In SI units, by field; a triple is median, 5 % and 95 % point, a pair its low and high.
    """
    faults: Faults = []
    for field, bounds in BOUNDS[model].items():
        if field not in values:
            continue
        value = values[field]
        numbers = value if isinstance(value, tuple) else (value,)
        outside = [number for number in numbers if not bounds.low <= number <= bounds.high]
        if outside:
            faults.append((field, _outside_text(outside[0], bounds)))
        elif len(numbers) == 3 and not numbers[1] <= numbers[0] <= numbers[2]:
            median, low, high = (f"{bounds.per_si * number:g}" for number in numbers)
            text = f"must be its median, 5 % and 95 % point, and {low} <= {median} <= {high}"
            faults.append((field, text + " does not hold"))
        elif len(numbers) == 2 and numbers[0] > numbers[1]:
            faults.append((field, "must be the least and the most, in this order"))
    if not faults and model in _TOGETHER:
        _TOGETHER[model](values, faults)
    return faults


def reject_faults(what: str, name: str, faults: Faults) -> None:
    """Raise MissionError with the faults of one thing, if there are any; places are fields."""
    if faults:
        raise MissionError(
            f"the {what} '{name}': " + "; ".join(f"{field}: {text}" for field, text in faults),
            "mend these fields; docs/reference/catalogues.md says what each is",
            tuple(faults),
        )


def _outside_text(value: float, bounds: Bounds) -> str:
    shown, low, high = (bounds.per_si * x for x in (value, bounds.low, bounds.high))
    return f"{shown:.4g} is not within {low:.4g} and {high:.4g} {bounds.unit}".rstrip()


def _check_rubber(values: Mapping[str, Any], faults: Faults) -> None:
    by_area = values["mass"] / (math.pi * values["burst_diameter"] ** 2)
    if not RUBBER_KGM2.low <= by_area <= RUBBER_KGM2.high:
        faults.append(
            (
                "burst_diameter",
                f"{values['mass']:.3g} kg of rubber at {values['burst_diameter']:.3g} m has "
                f"{1e3 * by_area:.3g} g/m2, not within {1e3 * RUBBER_KGM2.low:g} and "
                f"{1e3 * RUBBER_KGM2.high:g}; check the units",
            )
        )


def _check_cylinder(values: Mapping[str, Any], faults: Faults) -> None:
    if not values["residual"] < values["filling"]:
        faults.append(("residual", "must be below filling"))
    if "price" in values and "currency" not in values:
        faults.append(("price", "needs its currency beside it"))


def _check_timer(values: Mapping[str, Any], faults: Faults) -> None:
    if ("slow_below" in values) != ("slow_rate" in values):
        field = "slow_below" if "slow_below" in values else "slow_rate"
        faults.append((field, "slow_below and slow_rate belong together"))


def _check_drag(values: Mapping[str, Any], faults: Faults) -> None:
    parts = [field for field in ("low", "start", "width") if field in values]
    if parts and len(parts) < 3:
        text = "state low, start and width, or none of them for a constant coefficient"
        faults.append((parts[0], text))
    elif parts and values["low"][0] > values["high"][0]:
        faults.append(("low", "must not lie above high"))


_TOGETHER: Final[dict[str, Callable[[Mapping[str, Any], Faults], None]]] = {
    "latex": _check_rubber,
    "cylinder": _check_cylinder,
    "timer": _check_timer,
    "drag": _check_drag,
}
"""What the numbers of some kinds must be to each other."""
