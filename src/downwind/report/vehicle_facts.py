"""What there is to say of a vehicle, gas, cylinder, timer or drag law, and every number of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from downwind import atmosphere
from downwind.constants import GRAVITY_MS2, RHO0
from downwind.report.item_facts import NumberFact
from downwind.report.quantities import (
    length_text,
    mass_text,
    number_text,
    percent_text,
    pressure_text,
    quantity_text,
    short_text,
    time_text,
)
from downwind.vehicle.catalogue import DEFAULTS, FIELDS, VehicleCatalogue
from downwind.vehicle.cylinders import Cylinder, delivered_m3
from downwind.vehicle.drag import DragLaw
from downwind.vehicle.film import FilmTube, expansion_ratio, slack_length_m
from downwind.vehicle.gas import HELIUM, HYDROGEN, Gas, lift_ratio
from downwind.vehicle.latex import LatexBalloon
from downwind.vehicle.timer import Timer

KINDS: Final = {
    "film": "film tubes",
    "latex": "rubber balloons",
    "gas": "gases",
    "cylinder": "gas cylinders",
    "timer": "release timers",
    "drag": "drag laws of balloons",
}
"""Kinds of entry, each with its heading."""

SINGULAR: Final = {
    "film": "film tube",
    "latex": "rubber balloon",
    "gas": "gas",
    "cylinder": "gas cylinder",
    "timer": "release timer",
    "drag": "drag law of balloons",
}
"""What one entry of each kind is."""

HEIGHTS_M: Final = (3000.0, 5000.0)
"""Heights of float at which loads of tubes are told [m, geopotential]."""

SETTING_S: Final = 3600.0
"""The setting at which the error of a timer is told [s]."""

SEA_PA: Final = 101_325.0


@dataclass(frozen=True, slots=True)
class VehicleFacts:
    """What there is to say of an entry.

    Attributes
    ----------
    model : str
        A key of ``KINDS``.
    name, title : str
    maker : str
        Of a rubber balloon; empty for all else.
    place : str
        File and position of the entry.
    lines : tuple of (str, str)
        Labels with what they say.
    figures : dict
        Computed figures for JSON, units in the names.
    numbers : tuple of NumberFact
    usage : str
        How it is written in a mission; empty where it is not.
    """

    model: str
    name: str
    title: str
    maker: str
    place: str
    lines: tuple[tuple[str, str], ...]
    figures: dict[str, Any]
    numbers: tuple[NumberFact, ...]
    usage: str

    def to_dict(self) -> dict[str, Any]:
        """Return the facts for JSON."""
        return {
            "kind": self.model,
            "name": self.name,
            "title": self.title,
            "maker": self.maker,
            "place": self.place,
            "figures": self.figures,
            "facts": dict(self.lines),
            "numbers": [number.to_dict() for number in self.numbers],
            "mission": self.usage,
        }


Lines = tuple[tuple[str, str], ...]


def gather_vehicle(catalogue: VehicleCatalogue, model: str, name: str) -> VehicleFacts:
    """Gather the facts of an entry.

    Parameters
    ----------
    catalogue : VehicleCatalogue
    model : str
        A key of ``KINDS``.
    name : str
    """
    entry = catalogue.entries[model, name]
    thing = catalogue_of(catalogue, model)[name]
    lines, figures = _DESCRIBERS[model](thing)
    defaults = DEFAULTS[model].values if model in DEFAULTS else {}
    values = {**defaults, **entry.values}
    provenance = catalogue.provenance_of(model, name)
    numbers = [
        NumberFact(field, _number_text(field, values[field], kind), provenance[field])
        for field, kind in FIELDS[model].items()
        if field in provenance
    ]
    return VehicleFacts(
        model=model,
        name=name,
        title=entry.values["title"],
        maker=str(values.get("maker", "")),
        place=entry.place,
        lines=lines,
        figures=figures,
        numbers=tuple(numbers),
        usage=_usage(model, name, thing),
    )


def catalogue_of(catalogue: VehicleCatalogue, model: str) -> Mapping[str, Any]:
    """Return what a catalogue holds of a kind, by name."""
    return {
        "film": catalogue.tubes,
        "latex": catalogue.latex,
        "gas": catalogue.gases,
        "cylinder": catalogue.cylinders,
        "timer": catalogue.timers,
        "drag": catalogue.drags,
    }[model]


def tube_load_kg(tube: FilmTube, gas: Gas, height_m: float) -> float:
    """Return the load with which a full tube floats at a height [kg], gas of median purity."""
    ratio = float(lift_ratio(gas, 1.0 - gas.impurity[0]))
    return tube.volume_m3 * float(atmosphere.density_kgm3(height_m)) * ratio - tube.envelope_kg


def net_lift_kgm3(gas: Gas, purity: float = 1.0) -> float:
    """Return the lift of a cubic metre of gas at 15 C and 1013.25 hPa [kg m-3]."""
    return RHO0 * float(lift_ratio(gas, purity))


def burst_text(balloon: LatexBalloon) -> str:
    """Return between which diameters 90 % of a kind of rubber balloon burst."""
    low, high = balloon.burst_diameter([0.05, 0.95])
    return f"{low:.2f} to {high:.2f} m"


def clock_text(timer: Timer) -> str:
    """Return what temperature does to a timer."""
    parts = []
    if math.isfinite(timer.halving_k):
        parts.append(
            f"half as fast for each {number_text(timer.halving_k)} K below "
            f"{quantity_text(timer.reference_k, 'temperature')}"
        )
    if math.isfinite(timer.slow_below_k):
        slowest, fastest = timer.slow_rate
        parts.append(
            f"below {quantity_text(timer.slow_below_k, 'temperature')} it keeps "
            f"{percent_text(slowest)} to {percent_text(fastest)} of its speed"
        )
    return "; ".join(parts) or "its clock runs alike at every temperature"


def setting_text(timer: Timer) -> str:
    """Return when 90 % of timers act that are set to an hour."""
    low, high = timer.within_s(SETTING_S)
    digits = 2 if high - low < 60.0 else 1
    return f"{low / 60.0:.{digits}f} to {high / 60.0:.{digits}f} min"


def drag_text(law: DragLaw) -> str:
    """Return a drag law in a sentence."""
    high = quantity_text(law.high, "triple")
    if law.is_constant:
        return f"{high}, at every speed"
    return (
        f"{high} below the drag crisis, {quantity_text(law.low, 'triple')} above it; the crisis "
        f"begins at Re {quantity_text(law.reynolds_start, 'triple')} and is "
        f"{number_text(law.reynolds_width)} wide"
    )


def _tube(tube: FilmTube) -> tuple[Lines, dict[str, Any]]:
    loads = {
        (gas.name, height): tube_load_kg(tube, gas, height)
        for gas in (HYDROGEN, HELIUM)
        for height in HEIGHTS_M
    }
    lines = [
        ("size", f"{length_text(round(tube.length_m, 2))} x {length_text(tube.diameter_m)}, film "
                 f"{length_text(tube.film_m)}"),
        ("holds", f"{short_text(tube.volume_m3, 4)} m3"),
        ("weighs", mass_text(round(tube.envelope_kg, 3))),
        ("bottom", "open: above the height at which it is full it lets gas out and floats"
                   if tube.is_open else _sealed_text(tube)),
        ("drag", f"{drag_text(tube.drag)}, on {short_text(tube.cross_section_m2)} m2"),
    ]  # fmt: skip
    if tube.is_open:
        for gas in (HYDROGEN, HELIUM):
            told = [
                f"{short_text(loads[gas.name, height])} kg floats at {height / 1e3:.0f} km"
                if loads[gas.name, height] > 0.0
                else f"nothing floats at {height / 1e3:.0f} km"
                for height in HEIGHTS_M
            ]
            lines.append((f"load, {gas.name}", f"full of gas, {' and '.join(told)}"))
        lines.append(("slack", _slack_text(tube)))
    figures = {
        "volume_m3": tube.volume_m3,
        "envelope_kg": tube.envelope_kg,
        "cross_section_m2": tube.cross_section_m2,
        "open": tube.is_open,
        "strength_pa": tube.strength_pa if math.isfinite(tube.strength_pa) else None,
        "float_loads": [
            {"gas": gas, "height_m": height, "load_kg": load if load > 0.0 else None}
            for (gas, height), load in loads.items()
        ]
        if tube.is_open
        else [],
        "slack": [
            {
                "height_m": height,
                "expansion_isothermal": expansion_ratio(height, isothermal=True),
                "expansion_as_air": expansion_ratio(height),
                "most_filled_m": tube.length_m / expansion_ratio(height, isothermal=True),
            }
            for height in HEIGHTS_M
        ]
        if tube.is_open
        else [],
    }
    return tuple(lines), figures


def _slack_text(tube: FilmTube) -> str:
    told, most = [], []
    for height in HEIGHTS_M:
        warm, cold = (slack_length_m(1.0, height, isothermal=kept) for kept in (True, False))
        told.append(f"{warm:.2f} m at {height / 1e3:.0f} km ({cold:.2f} m if as cold as the air)")
        most.append(f"below {height / 1e3:.0f} km if more than {tube.length_m / warm:.1f} m of it")
    return (
        f"a metre of gas at sea level takes {' and '.join(told)}; it may lose gas "
        f"{' and '.join(most)} are filled"
    )


def _sealed_text(tube: FilmTube) -> str:
    above_m = tube.strength_pa / (RHO0 * GRAVITY_MS2)
    return (
        f"sealed: it tears at an overpressure of {pressure_text(round(tube.strength_pa))}, some "
        f"{short_text(above_m, 2)} m above the height at which it is full, more in thinner air"
    )


def _rubber(balloon: LatexBalloon) -> tuple[Lines, dict[str, Any]]:
    low, high = (float(x) for x in balloon.burst_diameter([0.05, 0.95]))
    lines = (
        ("maker", balloon.maker or "not stated"),
        ("weighs", mass_text(balloon.mass_kg)),
        ("bursts", f"nominally at {length_text(balloon.burst_diameter_m)}, "
                   f"{short_text(balloon.volume_m3)} m3; 90 % of them between "
                   f"{low:.2f} and {high:.2f} m"),
        ("drag", f"{drag_text(balloon.drag)}, on the cross-section of the gas"),
    )  # fmt: skip
    figures = {
        "mass_kg": balloon.mass_kg,
        "burst_diameter_m": balloon.burst_diameter_m,
        "burst_volume_m3": balloon.volume_m3,
        "burst_diameter_5_95_m": [low, high],
    }
    return lines, figures


def _gas(gas: Gas) -> tuple[Lines, dict[str, Any]]:
    purity = 1.0 - gas.impurity[0]
    pure, sold = net_lift_kgm3(gas), net_lift_kgm3(gas, purity)
    lines = (
        ("lift", f"{pure:.3f} kg/m3 when pure, at 15 C and 1013.25 hPa; {sold:.3f} kg/m3 with "
                 f"{percent_text(gas.impurity[0])} of air"),
        ("fire", "burns and explodes with air" if gas.flammable else "does not burn"),
    )  # fmt: skip
    return lines, {
        "pure_lift_kgm3": pure,
        "lift_kgm3": sold,
        "impurity": list(gas.impurity),
        "flammable": gas.flammable,
    }


def _cylinder(cylinder: Cylinder) -> tuple[Lines, dict[str, Any]]:
    gives = {gas.name: delivered_m3(cylinder, gas, SEA_PA) for gas in (HYDROGEN, HELIUM)}
    told = " or ".join(f"{short_text(volume)} m3 of {gas}" for gas, volume in gives.items())
    price = "not stated; put your own into a file of your own"
    if cylinder.price is not None:
        price = f"{number_text(cylinder.price)} {cylinder.currency}"
        price += f" with {cylinder.gas}" if cylinder.gas else ""
    lines = (
        ("gives", f"{told}, at 15 C and 1013.25 hPa"),
        ("price", price),
    )
    return lines, {
        "hydrogen_m3": gives["hydrogen"],
        "helium_m3": gives["helium"],
        "price": cylinder.price,
        "currency": cylinder.currency,
    }


def _timer(timer: Timer) -> tuple[Lines, dict[str, Any]]:
    low, high = timer.within_s(SETTING_S)
    lines = [
        ("set to 1 h", f"90 % act after {setting_text(timer)}, at "
                       f"{quantity_text(timer.reference_k, 'temperature')}"),
        ("in the cold", clock_text(timer)),
        ("longest setting", time_text(timer.longest_s)),
        ("fails", f"{quantity_text(timer.failure, 'fraction triple')}: never, early, in part, or "
                  "with its bundle shut, each a quarter"),
    ]  # fmt: skip
    if timer.accounting:
        lines.append(("use", "in accounts of flights of others only; no plan takes it"))
    return tuple(lines), {
        "one_hour_5_95_s": [low, high],
        "longest_s": timer.longest_s,
        "failure": list(timer.failure),
        "accounting_only": timer.accounting,
    }


def _drag(law: DragLaw) -> tuple[Lines, dict[str, Any]]:
    return (("coefficient", drag_text(law)),), {"constant": law.is_constant}


_DESCRIBERS: Final[dict[str, Callable[[Any], tuple[Lines, dict[str, Any]]]]] = {
    "film": _tube,
    "latex": _rubber,
    "gas": _gas,
    "cylinder": _cylinder,
    "timer": _timer,
    "drag": _drag,
}
_UNITS: Final = {"molar_mass": " g/mol", "virial": " m3/mol", "kappa": " (R / c_p)"}
"""Units of the fields that a catalogue writes as plain numbers."""


def _number_text(field: str, value: Any, kind: str) -> str:
    if field == "yield":
        return f"{number_text(value / 1e6)} MPa"
    return quantity_text(value, kind) + _UNITS.get(field, "")


def _usage(model: str, name: str, thing: Any) -> str:
    if model in ("film", "latex"):
        return f'vehicle = "{name}"'
    if model == "gas":
        return f'gas = "{name}", or in a mixture: gas = {{ {name} = "70 %", ... }}'
    if model == "timer" and not thing.accounting:
        return f'timer = "{name}"'
    if model == "drag":
        return f'drag = "{name}" in the entry of a vehicle of your own'
    return ""
