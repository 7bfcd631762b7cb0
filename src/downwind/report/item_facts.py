"""What there is to say of a kind of item: how it falls, drifts and lands, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from downwind.catalogue import Provenance
from downwind.load.fall_time import SHARES, Spread, fall_time_spread_s
from downwind.load.impact import Impact, explain_refusal, speed_quantiles_ms, unopened_impact
from downwind.load.kinds import Measured
from downwind.load.leaflet import (
    MODE_CENTRE,
    RMS_LN_AUTOROTATING,
    RMS_LN_OTHER,
    Leaflet,
    switch_height_m,
)
from downwind.load.make import FIELDS, is_leaflet_by_size
from downwind.load.traits import FAMILIES, ItemKind
from downwind.load.weathering import ice_speed_factor, wet_speed_factor
from downwind.report.quantities import number_text, quantity_text, short_text

HEIGHTS_M: Final = (3000.0, 5000.0)
"""Heights from which falls are told [m, geopotential]."""

WIND_MS: Final = 10.0
"""The uniform wind in which drifts are told [m s-1]."""

BY_NAME: Final = Provenance("as its name says", "given")
"""Of the numbers of a leaflet that is named by its size."""

_HIGHEST_M: Final = 8000.0
_ATTRIBUTES: Final = {
    "mass": "mass_kg",
    "length": "length_m",
    "width": "width_m",
    "thickness": "thickness_m",
    "diameter": "diameter_m",
    "surface_density": "surface_density_kgm2",
    "drag": "drag",
    "parachute": "parachute_m",
    "speed": "sea_speed_ms",
    "plastic_fraction": "plastic_fraction",
    "scatter": "scatter",
}
"""The attribute of a kind that holds each number of its entry."""

_DEFAULTS: Final = {
    "drag": Provenance("default of the fall model", "assumed"),
    "scatter": Provenance("default; no scatter from item to item has been measured", "assumed"),
    "plastic_fraction": Provenance("default: film and hard things whole, paper none", "assumed"),
    "wet_mass": Provenance("default: paper soaks up 30 to 100 % of its mass", "standard"),
}
"""Where the numbers come from that an entry leaves out."""


@dataclass(frozen=True, slots=True)
class NumberFact:
    """One number of an entry: its field, the number for people, and where it comes from."""

    name: str
    text: str
    provenance: Provenance

    def to_dict(self) -> dict[str, str]:
        """Return it for JSON."""
        return {
            "field": self.name,
            "value": self.text,
            "confidence": self.provenance.confidence,
            "source": self.provenance.source,
        }


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What there is to say of a kind of item.

    Attributes
    ----------
    kind : ItemKind
    place : str
        File and position of its entry; empty for a leaflet that is named by its size.
    speed_ms : Spread
        At sea level [m s-1], with all that is drawn.
    fall_s : dict of float to Spread
        Time of the fall to the sea from each height [m, geopotential] in still standard air [s].
    energy_j, fast_energy_j : float
        Of the landing, at the median speed and at the one that one item in twenty exceeds [J].
    is_above_limit : bool
        Whether the latter is above 14.9 J.
    refusal : str
        Why it may not be carried as it is; empty if it may.
    shut_energy_j : float or None
        Of a landing with the parachute shut [J].
    wet_factor : tuple of float
        Lowest and highest factor of the speed of a wet item [-]; 1 if it stays dry.
    ice_factor : float
        Factor of the speed with 1 mm of ice on one face of the item, a canopy left out [-].
    law : tuple of str
        The fall law, in sentences.
    numbers : tuple of NumberFact
    """

    kind: ItemKind
    place: str
    speed_ms: Spread
    fall_s: dict[float, Spread]
    energy_j: float
    fast_energy_j: float
    is_above_limit: bool
    refusal: str
    shut_energy_j: float | None
    wet_factor: tuple[float, float]
    ice_factor: float
    law: tuple[str, ...]
    numbers: tuple[NumberFact, ...]

    def drift_m(self, height_m: float, wind_ms: float = WIND_MS) -> Spread:
        """Return the drift in a wind that is the same at all heights [m]."""
        return self.fall_s[height_m].times(wind_ms)

    @property
    def mark(self) -> str:
        """``refused``, ``STOP`` for one above the limit with its parachute open, or nothing."""
        if self.refusal:
            return "refused"
        return "STOP" if self.is_above_limit else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the facts for JSON, units in the names."""
        kind = self.kind
        return {
            "name": kind.name,
            "title": kind.title,
            "model": kind.model,
            "family": kind.family,
            "place": self.place,
            "size": kind.size_text,
            "mass_kg": kind.mass_kg,
            "area_m2": kind.area_m2,
            "parachute_m": kind.parachute_m,
            "speed_ms": spread_document(self.speed_ms),
            "falls": [
                {
                    "from_m": height,
                    "time_s": spread_document(spread),
                    "drift_m": spread_document(self.drift_m(height)),
                    "wind_ms": WIND_MS,
                }
                for height, spread in self.fall_s.items()
            ],
            "impact_j": self.energy_j,
            "impact_one_in_twenty_j": self.fast_energy_j,
            "impact_parachute_shut_j": self.shut_energy_j,
            "above_limit": self.is_above_limit,
            "refused": self.refusal,
            "wet_speed_factor": list(self.wet_factor),
            "ice_speed_factor": self.ice_factor,
            "plastic_fraction": kind.plastic_fraction,
            "regime": kind.regime,
            "law": list(self.law),
            "note": kind.note,
            "numbers": [number.to_dict() for number in self.numbers],
        }


def gather_item(kind: ItemKind, place: str = "") -> ItemFacts:
    """Gather the facts of a kind.

    Parameters
    ----------
    kind : ItemKind
    place : str
        File and position of its entry.
    """
    speed = Spread(*(float(x) for x in speed_quantiles_ms(kind, SHARES)))
    impact = Impact(kind.title, kind.mass_kg, kind.speed_ms, speed.high)
    shut = unopened_impact(kind)
    return ItemFacts(
        kind=kind,
        place=place,
        speed_ms=speed,
        fall_s={height: fall_time_spread_s(kind, height) for height in HEIGHTS_M},
        energy_j=impact.energy_j,
        fast_energy_j=impact.fast_energy_j,
        is_above_limit=impact.is_above_limit,
        refusal=explain_refusal(kind) if impact.is_above_limit else "",
        shut_energy_j=None if shut is None else shut.energy_j,
        wet_factor=wet_speed_factor(kind),
        ice_factor=ice_speed_factor(kind),
        law=_describe_law(kind),
        numbers=_gather_numbers(kind),
    )


def family_title(family: str) -> str:
    """Return what a family is."""
    return FAMILIES[family]


def spread_document(spread: Spread) -> dict[str, float]:
    """Return a spread for JSON."""
    return {"p5": spread.low, "median": spread.median, "p95": spread.high}


def _gather_numbers(kind: ItemKind) -> tuple[NumberFact, ...]:
    numbers = []
    for name, dimension in FIELDS[kind.model].items():
        if dimension.removesuffix("?") in ("text", "flag"):
            continue
        if name == "wet_mass":
            wetting = kind.wetting
            value = None if wetting is None else (wetting.low, wetting.high)
        else:
            value = getattr(kind, _ATTRIBUTES[name], None)
        if value is None:
            continue
        default = BY_NAME if is_leaflet_by_size(kind.name) else Provenance()
        provenance = kind.provenance.get(name, _DEFAULTS.get(name, default))
        text = quantity_text(value, dimension)
        if name == "scatter":
            text += " of ln(speed), standard deviation"
        numbers.append(NumberFact(name, text, provenance))
    return tuple(numbers)


def _describe_law(kind: ItemKind) -> tuple[str, ...]:
    if isinstance(kind, Leaflet):
        return _describe_leaflet(kind)
    if isinstance(kind, Measured):
        return (
            f"a measured speed at sea level, which a drag coefficient of "
            f"{number_text(round(kind.drag_coefficient, 2))} on {_area_text(kind.area_m2)} would "
            "explain; as (rho0/rho)^0.5 above",
        )
    what = {
        "disc": "its face",
        "plate": "its face",
        "box": "a quarter of its surface, the mean shadow of a tumbling block",
        "parachute": "its canopy",
    }[kind.model]
    return (
        f"v0 = sqrt(2 m g / (rho0 Cd A)), A = {_area_text(kind.area_m2)}, {what}; as "
        "(rho0/rho)^0.5 above",
    )


def _describe_leaflet(kind: Leaflet) -> tuple[str, ...]:
    law = kind.law
    lines = [
        "fitted to GTA 33-01-003 (US Army, June 2014), table 2-1: "
        f"v_ref {law.reference_speed_ms:.3f} m/s, Fr {law.froude:.3f}, J {law.autorotation:.3f}; "
        "as (rho0/rho)^n above, n drawn from 0.3 to 0.5",
        f"spinning (autorotating) it falls at {law.speed_autorotating_ms:.2f} m/s at sea level, "
        f"fluttering or tumbling at {law.speed_other_ms:.2f} m/s; uncertain by "
        f"{RMS_LN_AUTOROTATING:g} and {RMS_LN_OTHER:g} of ln(speed), drawn once for all of a kind",
    ]
    switch = float(switch_height_m(law.autorotation, np.array(MODE_CENTRE)))
    if switch <= 0.0:
        lines.append("most spin all the way down (J is above 1.24 at sea level)")
    elif switch < _HIGHEST_M:
        lines.append(
            f"half of them spin above {short_text(switch / 1e3, 2)} km, where J reaches 1.24, and "
            "flutter or tumble below"
        )
    else:
        lines.append(f"below {_HIGHEST_M / 1e3:.0f} km they flutter or tumble all the way down")
    return tuple(lines)


def _area_text(area_m2: float) -> str:
    return f"{short_text(1e4 * area_m2)} cm2"
