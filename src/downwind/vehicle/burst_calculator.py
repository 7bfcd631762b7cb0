"""The burst calculator of CU Spaceflight, with its own constants, for comparison with its page.

Its gas densities are those of 0 C and its air that of about 20 C, so its lift is 1.2 % too low for
helium and 0.5 % too low for hydrogen. Its air thins out exponentially with one scale height, and
its balloon bursts at the nominal diameter. A launch is planned with `downwind.vehicle.fill`.

References
----------
cusf-burst-calc js/calc.js a9c4d17, 2015: formulas, constants, limits of input, and rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from downwind.constants import GRAVITY_MS2
from downwind.errors import ArgumentError, LiftError
from downwind.vehicle.latex import LatexBalloon, sphere_volume_m3

GAS_DENSITIES_KGM3: Final = {"helium": 0.1786, "hydrogen": 0.0899, "methane": 0.6672}
"""Gas densities of the calculator [kg m-3]."""
AIR_DENSITY_KGM3: Final = 1.2050
SCALE_HEIGHT_M: Final = 7238.3
CUBIC_FEET: Final = 35.31
"""Cubic feet in a cubic metre, as the calculator rounds it."""


@dataclass(frozen=True, slots=True)
class BurstAnswer:
    """What the calculator answers.

    Attributes
    ----------
    ascent_rate_ms : float
        [m s-1].
    burst_altitude_m : float
        [m].
    time_to_burst_s : float
        [s].
    neck_lift_kg : float
        [kg].
    launch_volume_m3 : float
        [m3].
    launch_radius_m : float
        [m].
    warning : str
        Empty, or what the calculator warns of.
    """

    ascent_rate_ms: float
    burst_altitude_m: float
    time_to_burst_s: float
    neck_lift_kg: float
    launch_volume_m3: float
    launch_radius_m: float
    warning: str = ""

    def to_page(self) -> dict[str, str]:
        """Return the texts that the calculator writes into its page, by their places there."""
        volume = self.launch_volume_m3
        return {
            "#result": f"Result ({self.warning})" if self.warning else "Result",
            "ar": f"{_to_fixed(self.ascent_rate_ms, 2)} m/s",
            "ba": f"{_to_fixed(self.burst_altitude_m)} m",
            "ttb": f"{_to_fixed(self.time_to_burst_s / 60.0)} min",
            "nl": f"{_to_fixed(1e3 * self.neck_lift_kg)} g",
            "lv_m3": f"{_to_fixed(volume, 2)} m<sup>3</sup>",
            "lv_l": f"{_to_fixed(1e3 * volume)} L",
            "lv_cf": f"{_to_fixed(CUBIC_FEET * volume, 1)} ft<sup>3</sup>",
        }


def preset_drag(balloon: LatexBalloon) -> float:
    """Return the calculator's drag coefficient [-]: 0.30 from 600 to 1000 g, else 0.25.

    The calculator calls those of Hwoyee and Pawan guesswork.
    """
    return 0.30 if 0.6 <= balloon.mass_kg <= 1.0 else 0.25


def calculate_burst(
    balloon: LatexBalloon,
    payload_kg: float,
    gas: str = "helium",
    *,
    ascent_rate_ms: float | None = None,
    burst_altitude_m: float | None = None,
    drag: float | None = None,
    gas_density_kgm3: float | None = None,
    air_density_kgm3: float = AIR_DENSITY_KGM3,
    scale_height_m: float = SCALE_HEIGHT_M,
    gravity_ms2: float = GRAVITY_MS2,
) -> BurstAnswer:
    """Answer as the burst calculator does, for a target ascent rate or a target burst altitude.

    Parameters
    ----------
    balloon : LatexBalloon
    payload_kg : float
        From 0.01 to 20 kg.
    gas : str
        ``helium``, ``hydrogen`` or ``methane``; not used where its density is given.
    ascent_rate_ms : float, optional
        Target, up to 10 m/s.
    burst_altitude_m : float, optional
        Target, from 10 to 40 km. Exactly one of the two.
    drag : float, optional
        Drag coefficient [-]; the calculator's own by default.
    gas_density_kgm3, air_density_kgm3, scale_height_m, gravity_ms2 : float
        Constants.

    Raises
    ------
    ArgumentError
        If a number lies outside what the calculator takes.
    LiftError
        If the fill for a target burst altitude does not lift the payload.
    """
    if (ascent_rate_ms is None) == (burst_altitude_m is None):
        raise ArgumentError(
            "the burst calculator takes a target ascent rate or a target burst altitude",
            "give exactly one of ascent_rate_ms and burst_altitude_m",
        )
    if gas_density_kgm3 is None and gas not in GAS_DENSITIES_KGM3:
        raise ArgumentError(
            f"the burst calculator has no density for '{gas}'",
            f"use one of {', '.join(GAS_DENSITIES_KGM3)}, or give gas_density_kgm3",
        )
    density = GAS_DENSITIES_KGM3[gas] if gas_density_kgm3 is None else gas_density_kgm3
    coefficient = preset_drag(balloon) if drag is None else drag
    _check(payload_kg, "payload", 0.01, 20.0, "kg")
    _check(coefficient, "drag coefficient", 1e-9, 1.0, "")
    lift_kgm3 = air_density_kgm3 - density
    if not (density > 0.0 and lift_kgm3 > 0.0 and scale_height_m > 0.0 and gravity_ms2 > 0.0):
        raise ArgumentError(
            "the constants of the burst calculator are not physical",
            "give densities, scale height and gravity above 0, and air denser than gas",
        )
    total_kg = balloon.mass_kg + payload_kg
    if burst_altitude_m is not None:
        _check(burst_altitude_m, "target burst altitude", 10_000.0, 40_000.0, "m")
        volume = balloon.volume_m3 * math.exp(-burst_altitude_m / scale_height_m)
        radius = (3.0 * volume / (4.0 * math.pi)) ** (1.0 / 3.0)
    else:
        rate = ascent_rate_ms or 0.0
        _check(rate, "target ascent rate", 1e-9, 10.0, "m/s")
        radius = _launch_radius_m(
            4.0 / 3.0 * math.pi * lift_kgm3 * gravity_ms2,
            -0.5 * rate**2 * coefficient * air_density_kgm3 * math.pi,
            -total_kg * gravity_ms2,
        )
        volume = float(sphere_volume_m3(2.0 * radius))
    gross = volume * lift_kgm3
    if gross <= total_kg:
        raise LiftError(
            f"to burst at {burst_altitude_m:.0f} m, {balloon.name} takes {volume:.2f} m3 of gas, "
            f"which lift {gross:.2f} kg, but balloon and payload weigh {total_kg:.2f} kg",
            f"take more than {total_kg - gross:.2f} kg off the payload, aim lower, or use a larger "
            "balloon",
        )
    free_n = (gross - total_kg) * gravity_ms2
    reached = math.sqrt(free_n / (0.5 * coefficient * math.pi * radius**2 * air_density_kgm3))
    altitude = -scale_height_m * math.log(volume / balloon.volume_m3)
    floater = balloon.burst_diameter_m >= 10.0 and reached < 4.8
    return BurstAnswer(
        ascent_rate_ms=reached,
        burst_altitude_m=altitude,
        time_to_burst_s=altitude / reached,
        neck_lift_kg=gross - balloon.mass_kg,
        launch_volume_m3=volume,
        launch_radius_m=radius,
        warning="configuration suggests a possible floater" if floater else "",
    )


def _launch_radius_m(cubic: float, square: float, constant: float) -> float:
    """Return the real root of cubic r^3 + square r^2 + constant, both below 0 but the first."""
    shift = square / cubic / 3.0
    half = -(shift**3) - constant / cubic / 2.0
    root = math.sqrt(half**2 - shift**6)
    return math.cbrt(half + root) + math.cbrt(half - root) - shift


def _check(value: float, what: str, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:
        raise ArgumentError(
            f"the burst calculator takes no {what} of {value:g} {unit}".rstrip(),
            f"give one from {low:g} to {high:g} {unit}".rstrip(),
        )


def _to_fixed(value: float, digits: int = 0) -> str:
    """Write a number as JavaScript's toFixed does: the nearest, ties away from 0."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))
