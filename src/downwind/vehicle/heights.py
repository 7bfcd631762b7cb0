"""The heights that follow from a fill: where a balloon is full, floats, or bursts.

Gas is at the temperature of the air. The air is the standard atmosphere, warmer or colder by one
amount at every height if asked for. All heights are geopotential.
"""

from __future__ import annotations

import math
from enum import StrEnum

from downwind import atmosphere
from downwind.constants import R_AIR
from downwind.errors import LiftError
from downwind.vehicle.envelope import Envelope, Vehicle
from downwind.vehicle.gas import Gas, lift_ratio


class End(StrEnum):
    """What becomes of a balloon that carries its load to the end, by its fill alone."""

    FLOATS = "floats"
    VENTS_AND_FLOATS = "vents and floats"
    BURSTS = "bursts"
    ABOVE_MODEL = "still rises at the top of the model's atmosphere"


def float_height_m(
    vehicle: Vehicle,
    gas: Gas,
    purity: float,
    load_kg: float,
    air_offset_k: float = 0.0,
) -> float:
    """Return the height [m] at which an open tube, full, floats with a load [kg].

    References
    ----------
    V_max rho_a (1 - M_g / M_a) = m_total.
    """
    total = vehicle.envelope_kg + load_kg
    rho = total / (vehicle.volume_m3 * float(lift_ratio(gas, purity)))
    try:
        return height_of_air_density(rho, air_offset_k)
    except ValueError as error:
        raise LiftError(
            f"tube {vehicle.name}, full of {gas.name}, floats with {total:.2f} kg at no height",
            "lighten the load or use a larger tube",
        ) from error


def balloon_heights_m(
    vehicle: Vehicle,
    gas: Gas,
    purity: float,
    load_kg: float,
    gas_kg: float,
    displaced_kg: float,
    air_offset_k: float,
) -> tuple[float, float, float, End]:
    """Return where the balloon is full, floats and bursts [m], and what becomes of it."""
    full_rho = displaced_kg / vehicle.volume_m3
    nowhere = math.nan
    try:
        full = height_of_air_density(full_rho, air_offset_k)
    except ValueError:
        return nowhere, nowhere, nowhere, End.ABOVE_MODEL
    if vehicle.shape == Envelope.LATEX:
        return nowhere, nowhere, full, End.BURSTS
    if vehicle.shape == Envelope.OPEN_TUBE:
        return (
            full,
            float_height_m(vehicle, gas, purity, load_kg, air_offset_k),
            nowhere,
            End.VENTS_AND_FLOATS,
        )
    total = vehicle.envelope_kg + load_kg + gas_kg
    try:
        floats = height_of_air_density(total / vehicle.volume_m3, air_offset_k)
    except ValueError:
        floats = atmosphere.TOP_M
    bursts = _tearing_height_m(full_rho, vehicle.strength_pa, full, floats, air_offset_k)
    if not math.isnan(bursts):
        return full, nowhere, bursts, End.BURSTS
    if floats >= atmosphere.TOP_M:
        return full, nowhere, nowhere, End.ABOVE_MODEL
    return full, floats, nowhere, End.FLOATS


def _tearing_height_m(
    full_rho: float, strength_pa: float, full_m: float, float_m: float, air_offset_k: float
) -> float:
    """Return where the overpressure of a sealed tube first reaches its strength [m], or NaN.

    Gas that keeps its volume and takes the temperature of the air has the overpressure
    R_air T (rho_full - rho).
    """

    def excess(h_m: float) -> float:
        warm = float(atmosphere.temperature_k(h_m)) + air_offset_k
        return R_AIR * warm * (full_rho - air_density_kgm3(h_m, air_offset_k)) - strength_pa

    steps = max(int((float_m - full_m) / 50.0), 1)
    low = full_m
    for i in range(1, steps + 1):
        high = full_m + (float_m - full_m) * i / steps
        if excess(high) >= 0.0:
            for _ in range(60):
                middle = 0.5 * (low + high)
                low, high = (low, middle) if excess(middle) >= 0.0 else (middle, high)
            return high
        low = high
    return math.nan


def air_density_kgm3(h_m: float, air_offset_k: float) -> float:
    """Return the density [kg m-3] of air warmer than standard by an offset [K], at a height [m]."""
    if air_offset_k == 0.0:
        return float(atmosphere.density_kgm3(h_m))
    warm = float(atmosphere.temperature_k(h_m)) + air_offset_k
    return float(atmosphere.pressure_pa(h_m)) / (R_AIR * warm)


def height_of_air_density(rho_kgm3: float, air_offset_k: float) -> float:
    """Return the height [m] at which air warmer than standard by an offset [K] has a density.

    Raises
    ------
    ValueError
        If no height between -2 and 47 km has that density.
    """
    if air_offset_k == 0.0:
        return atmosphere.height_of_density(rho_kgm3)
    low, high = atmosphere.BOTTOM_M, atmosphere.TOP_M
    if not air_density_kgm3(high, air_offset_k) <= rho_kgm3 <= air_density_kgm3(low, air_offset_k):
        raise ValueError(f"no height of the atmosphere has {rho_kgm3:.4g} kg/m3")
    for _ in range(60):
        middle = 0.5 * (low + high)
        if air_density_kgm3(middle, air_offset_k) > rho_kgm3:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
