"""Lifting gases: molar mass, expansion, mixtures, and what impurity does to them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.catalogue import Entry
from downwind.constants import MOLAR_MASS_AIR, R_UNIVERSAL
from downwind.errors import MissionError
from downwind.spread import Triple
from downwind.vehicle._entries import packaged_defaults
from downwind.vehicle._sanity import check_values, reject_faults

GAS_FIELDS: Final = {
    "gas": {
        "molar_mass": "number",
        "kappa": "number",
        "impurity": "fraction triple?",
        "virial": "number?",
        "flammable": "flag?",
    }
}
"""Fields of a gas in a catalogue file."""

GAS_DEFAULTS, GAS_ENTRIES = packaged_defaults(
    "gases.toml",
    GAS_FIELDS,
    {"impurity": "fraction triple", "virial": "number", "flammable": "flag"},
)
_DEFAULT: Final = GAS_DEFAULTS.values


@dataclass(frozen=True, slots=True)
class Gas:
    """A lifting gas.

    Attributes
    ----------
    name : str
    molar_mass : float
        Of the pure gas [g mol-1].
    kappa : float
        R / c_p of the gas, which sets how it cools when it expands [-].
    title : str
    impurity : tuple of float
        Air in what is sold [fraction by volume]: median, 5 % and 95 % point.
    virial_m3mol : float
        Second virial coefficient near 15 C [m3 mol-1], for the contents of cylinders.
    flammable : bool
    """

    name: str
    molar_mass: float
    kappa: float
    title: str = ""
    impurity: Triple = _DEFAULT["impurity"]
    virial_m3mol: float = _DEFAULT["virial"]
    flammable: bool = _DEFAULT["flammable"]


def gas_from_entry(entry: Entry) -> Gas:
    """Make a gas of its entry in a catalogue; MissionError says which numbers cannot be."""
    values = {**_DEFAULT, **entry.values}
    reject_faults("gas", values["name"], check_values("gas", values))
    return Gas(
        name=values["name"],
        molar_mass=values["molar_mass"],
        kappa=values["kappa"],
        title=values["title"],
        impurity=values["impurity"],
        virial_m3mol=values["virial"],
        flammable=values["flammable"],
    )


GASES: Final = {entry.values["name"]: gas_from_entry(entry) for entry in GAS_ENTRIES}
"""Gases on record, by name."""
HELIUM: Final = GASES["helium"]
HYDROGEN: Final = GASES["hydrogen"]


def mix_gases(shares: Mapping[str, float], gases: Mapping[str, Gas] = GASES) -> Gas:
    """Mix gases by volume.

    Parameters
    ----------
    shares : mapping
        Share of each gas by volume, which is also its share of the moles [fraction]; together 1.
    gases : mapping, optional
        Where the names are looked up.

    Returns
    -------
    Gas
        With molar mass, heat capacity, virial coefficient and impurity linear in the shares. A
        mixture with any flammable gas counts as flammable. One gas alone is returned as it is.

    Raises
    ------
    MissionError
        If a gas is not known, a share is not above 0, or the shares are not 1 together.
    """
    faults: list[tuple[str, str]] = []
    for name, share in shares.items():
        if name not in gases:
            faults.append((name, f"is no gas on record; known: {', '.join(gases)}"))
        if not 0.0 < share <= 1.0:
            faults.append((name, f"has a share of {share:g}; write one above 0 and up to 1"))
    total = math.fsum(shares.values())
    if not faults and abs(total - 1.0) > 1e-6:
        faults.append(("shares", f"add up to {total:g}, not to 1"))
    if faults:
        raise MissionError(
            "the gas cannot be mixed: " + "; ".join(f"{place} {text}" for place, text in faults),
            'give the share of each gas by volume, such as {"helium": 0.7, "hydrogen": 0.3}',
            tuple(faults),
        )
    if len(shares) == 1:
        return gases[next(iter(shares))]
    parts = [(gases[name], share / total) for name, share in shares.items()]
    name = " + ".join(f"{gas.name} {100.0 * share:.4g} %" for gas, share in parts)
    impurity = [math.fsum(x * gas.impurity[i] for gas, x in parts) for i in range(3)]
    return Gas(
        name=name,
        molar_mass=math.fsum(x * gas.molar_mass for gas, x in parts),
        kappa=1.0 / math.fsum(x / gas.kappa for gas, x in parts),
        title=name,
        impurity=(impurity[0], impurity[1], impurity[2]),
        virial_m3mol=math.fsum(x * gas.virial_m3mol for gas, x in parts),
        flammable=any(gas.flammable for gas, _ in parts),
    )


def filling_molar_mass(gas: Gas, purity: ArrayLike) -> NDArray[np.float64]:
    """Return the molar mass [g mol-1] of a gas of some purity [fraction], the rest being air."""
    x = np.asarray(purity, np.float64)
    return x * gas.molar_mass + (1.0 - x) * MOLAR_MASS_AIR


def filling_gas_constant(gas: Gas, purity: ArrayLike) -> NDArray[np.float64]:
    """Return the specific gas constant [J kg-1 K-1] of a gas of some purity [fraction]."""
    return R_UNIVERSAL / (filling_molar_mass(gas, purity) * 1e-3)


def lift_ratio(gas: Gas, purity: ArrayLike) -> NDArray[np.float64]:
    """Return 1 - M_g / M_a [-]: net lift by mass of displaced air, at one temperature."""
    return 1.0 - filling_molar_mass(gas, purity) / MOLAR_MASS_AIR
