"""Gas cylinders: what one delivers at a site, how many a launch needs, and what they cost.

Helium and hydrogen at 200 bar take 10 to 12 % more room than an ideal gas, so a cylinder holds
that much less. Pressures are absolute; a filling pressure refers to 15 C.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from downwind.catalogue import Entry
from downwind.constants import R_UNIVERSAL
from downwind.errors import LiftError
from downwind.vehicle._entries import packaged_entries
from downwind.vehicle._sanity import check_values, reject_faults
from downwind.vehicle.gas import Gas

FILLING_K: Final = 288.15
"""Temperature to which filling pressures refer [K]."""
_ROUNDING: Final = 1e-9

CYLINDER_FIELDS: Final = {
    "cylinder": {
        "water": "volume",
        "filling": "pressure",
        "residual": "pressure",
        "gas": "text?",
        "price": "number?",
        "currency": "text?",
    }
}
"""Fields of a cylinder in a catalogue file."""


@dataclass(frozen=True, slots=True)
class Cylinder:
    """A size of gas cylinder.

    Attributes
    ----------
    name, title : str
    water_m3 : float
        Volume inside [m3].
    filling_pa : float
        Absolute pressure when full, at 15 C [Pa].
    residual_pa : float
        Absolute pressure left inside when filling from it is stopped [Pa].
    gas : str
        Name of the gas that the price is for; empty where it does not matter.
    price : float or None
        Of one full cylinder, in ``currency``.
    currency : str
    """

    name: str
    title: str
    water_m3: float
    filling_pa: float
    residual_pa: float
    gas: str = ""
    price: float | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class CylinderCount:
    """How many cylinders a launch needs.

    Attributes
    ----------
    delivered_m3 : float
        What one cylinder gives at the site [m3, at the site].
    total_m3 : float
        What all balloons take [m3, at the site].
    by_total : int
        Cylinders if what is left of one goes into the next balloon, which is then filled from two.
    by_total_left_m3 : float
        Gas left over then [m3, at the site].
    unsplit : int or None
        Cylinders if no balloon is filled from two; None where one balloon takes more than one.
    unsplit_left_m3 : float
        Gas left over then, in all cylinders together [m3, at the site]; NaN without ``unsplit``.
    by_total_cost, unsplit_cost : float or None
        In the currency of the cylinder; None without a price.
    currency : str
    """

    delivered_m3: float
    total_m3: float
    by_total: int
    by_total_left_m3: float
    unsplit: int | None
    unsplit_left_m3: float
    by_total_cost: float | None
    unsplit_cost: float | None
    currency: str


def cylinder_from_entry(entry: Entry) -> Cylinder:
    """Make a cylinder of its entry in a catalogue; MissionError says which numbers cannot be."""
    values = entry.values
    reject_faults("gas cylinder", values["name"], check_values("cylinder", values))
    return Cylinder(
        name=values["name"],
        title=values["title"],
        water_m3=values["water"],
        filling_pa=values["filling"],
        residual_pa=values["residual"],
        gas=values.get("gas", ""),
        price=values.get("price"),
        currency=values.get("currency", ""),
    )


CYLINDER_ENTRIES: Final = packaged_entries("cylinders.toml", CYLINDER_FIELDS)
CYLINDERS: Final = {e.values["name"]: cylinder_from_entry(e) for e in CYLINDER_ENTRIES}
"""Cylinders on record, by name."""


def compressibility(gas: Gas, pressure_pa: float, temperature_k: float) -> float:
    """Return Z = p V / (n R T) [-] of a gas at a pressure [Pa] and a temperature [K].

    References
    ----------
    Z = 1 + B p / (R T), the virial series cut after its second term; B is that of 15 C.
    """
    return 1.0 + gas.virial_m3mol * pressure_pa / (R_UNIVERSAL * temperature_k)


def contents_mol(cylinder: Cylinder, gas: Gas, pressure_pa: float, temperature_k: float) -> float:
    """Return the gas in a cylinder [mol] at a pressure inside [Pa] and a temperature [K]."""
    ideal = pressure_pa * cylinder.water_m3 / (R_UNIVERSAL * temperature_k)
    return ideal / compressibility(gas, pressure_pa, temperature_k)


def delivered_m3(cylinder: Cylinder, gas: Gas, site_pa: float, site_k: float = FILLING_K) -> float:
    """Return the gas that a full cylinder gives at a site [m3, at the site's pressure].

    Parameters
    ----------
    cylinder : Cylinder
    gas : Gas
    site_pa, site_k : float
        Pressure [Pa] and temperature [K] at the site, which the cylinder has taken on.

    Raises
    ------
    LiftError
        If the pressure at the site is not below that of the filling, or is no pressure.
    """
    if not 0.0 < site_pa < cylinder.filling_pa or not site_k > 0.0:
        raise LiftError(
            f"cylinder {cylinder.name} gives no gas at {site_pa / 1e2:.0f} hPa and {site_k:.0f} K",
            "give the pressure and the temperature at the site in Pa and K",
        )
    left_pa = max(cylinder.residual_pa, site_pa)
    held = contents_mol(cylinder, gas, cylinder.filling_pa, FILLING_K)
    gone = held - contents_mol(cylinder, gas, left_pa, site_k)
    return gone * compressibility(gas, site_pa, site_k) * R_UNIVERSAL * site_k / site_pa


def cylinders_needed(
    volume_m3_each: float,
    count: int,
    cylinder: Cylinder,
    gas: Gas,
    site_pa: float,
    site_k: float = FILLING_K,
) -> CylinderCount:
    """Count the cylinders for a number of equal fills.

    Parameters
    ----------
    volume_m3_each : float
        Gas in one balloon [m3, at the site].
    count : int
        Balloons.
    cylinder : Cylinder
    gas : Gas
    site_pa, site_k : float
        Pressure [Pa] and temperature [K] at the site.

    Raises
    ------
    LiftError
        If there is no fill or no balloon to fill, or if a cylinder gives no gas at the site.
    """
    if not volume_m3_each > 0.0 or count < 1:
        raise LiftError(
            f"{count} balloons of {volume_m3_each:g} m3 need no gas",
            "give a fill above 0 m3 and at least one balloon",
        )
    each = delivered_m3(cylinder, gas, site_pa, site_k)
    if each <= 0.0:
        raise LiftError(
            f"cylinder {cylinder.name} gives no gas at {site_k:.0f} K",
            "check the temperature at the site and the pressure left in the cylinder",
        )
    total = volume_m3_each * count
    by_total = math.ceil(total / each - _ROUNDING)
    fills = math.floor(each / volume_m3_each + _ROUNDING)
    unsplit = math.ceil(count / fills) if fills else None
    price = cylinder.price
    return CylinderCount(
        delivered_m3=each,
        total_m3=total,
        by_total=by_total,
        by_total_left_m3=max(by_total * each - total, 0.0),
        unsplit=unsplit,
        unsplit_left_m3=math.nan if unsplit is None else max(unsplit * each - total, 0.0),
        by_total_cost=None if price is None else by_total * price,
        unsplit_cost=None if price is None or unsplit is None else unsplit * price,
        currency=cylinder.currency,
    )
