"""Lifting gases: molar mass, expansion, and what impurity does to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.constants import MOLAR_MASS_AIR, R_UNIVERSAL


@dataclass(frozen=True, slots=True)
class Gas:
    """A lifting gas.

    Attributes
    ----------
    name : str
    molar_mass : float
        [g mol-1].
    kappa : float
        R / c_p of the gas, which sets how it cools when it expands [-].
    """

    name: str
    molar_mass: float
    kappa: float


HELIUM: Final = Gas("helium", 4.0026, 0.400)
HYDROGEN: Final = Gas("hydrogen", 2.016, 0.289)
GASES: Final = {gas.name: gas for gas in (HELIUM, HYDROGEN)}


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
