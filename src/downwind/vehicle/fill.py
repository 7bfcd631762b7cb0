"""How much gas: from any one of volume, free lift, neck lift or ascent rate to all the others.

The numbers here are those of the gas at the temperature of the air, for the fill card and for
checks; the flight itself adds gas temperature, leak and weather. The air is the standard
atmosphere, warmer or colder by one amount at every height if asked for. All heights are
geopotential.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from downwind import atmosphere
from downwind.constants import GRAVITY_MS2
from downwind.errors import ArgumentError, LiftError
from downwind.vehicle.drag import (
    DragCurve,
    DragLaw,
    balance_speeds_ms,
    bracket_free_lift_kg,
    constant_curve,
)
from downwind.vehicle.envelope import Envelope, Vehicle
from downwind.vehicle.gas import Gas, lift_ratio
from downwind.vehicle.heights import End, air_density_kgm3, balloon_heights_m

_SAME_SPEED: Final = 1e-6
"""Relative difference below which two speeds count as one."""
_ROUNDING: Final = 1e-12
"""Share of its volume by which a fill may be more than full."""
_MAX_OFFSET_K: Final = 100.0
"""Most that air is warmer or colder than the standard atmosphere [K], an assumption.

Colder by more than 170 K, its density would not fall with height.
"""


@dataclass(frozen=True, slots=True)
class Fill:
    """One filled balloon at its launch site, gas at the temperature of the air.

    Attributes
    ----------
    volume_m3 : float
        Gas at the site [m3].
    gross_lift_kg : float
        Air displaced less gas [kg].
    neck_lift_kg : float
        Gross lift less envelope: what a spring balance shows at the neck [kg].
    free_lift_kg : float
        Neck lift less load [kg].
    full_height_m : float
        Height at which a tube is full [m]; NaN for a rubber balloon.
    float_height_m : float
        Height at which it floats [m]; NaN where it does not.
    burst_height_m : float
        Height at which it bursts, at its nominal strength or size [m]; NaN where it does not.
    end : End
    gas_kg : float
        Mass of the gas, impurity included [kg].
    ascent_rate_ms : float
        Speed at which drag balances the free lift at the site [m s-1]; NaN where no drag was given.
    notes : tuple of str
        What the reader of the fill must know.
    """

    volume_m3: float
    gross_lift_kg: float
    neck_lift_kg: float
    free_lift_kg: float
    full_height_m: float
    float_height_m: float
    burst_height_m: float = math.nan
    end: End = End.VENTS_AND_FLOATS
    gas_kg: float = math.nan
    ascent_rate_ms: float = math.nan
    notes: tuple[str, ...] = ()


def solve_fill(
    vehicle: Vehicle,
    gas: Gas,
    purity: float,
    load_kg: float,
    site_m: float,
    *,
    drag: DragLaw | DragCurve | float | None = None,
    volume_m3: float | None = None,
    free_lift_kg: float | None = None,
    neck_lift_kg: float | None = None,
    ascent_rate_ms: float | None = None,
    air_offset_k: float = 0.0,
) -> Fill:
    """Find the fill for one of volume, free lift, neck lift or ascent rate.

    Parameters
    ----------
    vehicle : Vehicle
        A `FilmTube` or a `LatexBalloon`.
    gas : Gas
    purity : float
        Above 0 and at most 1 [fraction].
    load_kg : float
        [kg].
    site_m : float
        Height of the site, within the atmosphere of the model [m].
    drag : DragLaw, DragCurve or float, optional
        A law counts with its medians, a float above 0 as a constant coefficient. Without one the
        ascent rate is not known.
    volume_m3, free_lift_kg, neck_lift_kg, ascent_rate_ms : float, optional
        Exactly one of them: gas at the site [m3], lifts [kg], speed at the site [m s-1].
    air_offset_k : float
        How much warmer the air is than the standard atmosphere, at every height [K]; at most 100.

    Returns
    -------
    Fill
        Inside the drag crisis one lift balances at several speeds: the lowest is taken and a note
        says so. An ascent rate that no lift gives, because the speed jumps over it, is answered
        with the greatest lift that stays below it, and a note.

    Raises
    ------
    ArgumentError
        If not exactly one of the four is given, an ascent rate without drag, or a purity, drag,
        site or air that cannot be.
    LiftError
        If the balloon cannot lift its load or hold its gas; it says what would help.
    """
    given = {
        "volume_m3": volume_m3,
        "free_lift_kg": free_lift_kg,
        "neck_lift_kg": neck_lift_kg,
        "ascent_rate_ms": ascent_rate_ms,
    }
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise ArgumentError(
            f"a fill follows from one number, and {len(named)} are given"
            + (f": {', '.join(named)}" if named else ""),
            f"give exactly one of {', '.join(given)}",
        )
    curve = None if drag is None else _curve(drag)
    _check(purity, curve, site_m, air_offset_k)
    rho = air_density_kgm3(site_m, air_offset_k)
    ratio = float(lift_ratio(gas, purity))
    envelope_kg = vehicle.envelope_kg
    if not load_kg >= 0.0:
        raise LiftError(f"a load of {load_kg:g} kg is no load", "give a load of 0 kg or more")
    if not ratio > 0.0:
        raise LiftError(f"{gas.name} of purity {purity:g} has no lift", "use a purer gas")
    if volume_m3 is not None:
        gross = _gross_of_volume(vehicle, gas, load_kg, volume_m3, rho, ratio)
    elif free_lift_kg is not None:
        if not free_lift_kg > 0.0:
            raise LiftError(
                f"a free lift of {free_lift_kg * 1e3:.0f} g lifts nothing off the ground",
                'give a free lift above 0, such as free_lift = "10 %" of the load',
            )
        gross = envelope_kg + load_kg + free_lift_kg
    elif neck_lift_kg is not None:
        if not neck_lift_kg > load_kg:
            raise LiftError(
                f"a neck lift of {neck_lift_kg:.3f} kg does not lift a load of {load_kg:.3f} kg",
                "give a neck lift above the load, or take "
                f"{load_kg - neck_lift_kg:.3f} kg and more off the load",
            )
        gross = envelope_kg + neck_lift_kg
    elif curve is None:
        raise ArgumentError("an ascent rate needs the drag of the balloon", "give drag")
    else:
        gross = _gross_of_rate(
            vehicle, load_kg, given["ascent_rate_ms"] or 0.0, site_m, ratio, curve, air_offset_k
        )
    return _finish(
        vehicle, gas, purity, load_kg, gross, site_m, curve, ascent_rate_ms, air_offset_k
    )


def _check(purity: float, curve: DragCurve | None, site_m: float, air_offset_k: float) -> None:
    if not 0.0 < purity <= 1.0:
        raise ArgumentError(
            f"a gas of purity {purity:g} cannot be",
            "give the share of the gas in what is filled, above 0 and at most 1, such as 0.99",
        )
    if curve is not None and not (
        all(math.isfinite(number) for number in curve)
        and min(curve.high, curve.low) > 0.0
        and min(curve.reynolds_start, curve.reynolds_width) >= 0.0
    ):
        raise ArgumentError(
            f"a balloon of drag coefficient {curve.high:g} cannot be",
            "give a drag coefficient above 0, or a drag curve of numbers above 0",
        )
    if not atmosphere.BOTTOM_M <= site_m < atmosphere.TOP_M:
        raise ArgumentError(
            f"a site at {site_m:g} m lies outside the atmosphere of the model",
            f"give the height of the site above the sea, from {atmosphere.BOTTOM_M:.0f} to below "
            f"{atmosphere.TOP_M:.0f} m",
        )
    if not abs(air_offset_k) <= _MAX_OFFSET_K:
        raise ArgumentError(
            f"air {air_offset_k:g} K warmer than the standard atmosphere cannot be",
            f"give a temperature within {_MAX_OFFSET_K:.0f} K of the standard one, which is "
            f"{float(atmosphere.temperature_k(site_m)) - 273.15:.0f} C at the site",
        )


def _gross_of_volume(
    vehicle: Vehicle, gas: Gas, load_kg: float, volume_m3: float, rho: float, ratio: float
) -> float:
    if not volume_m3 > 0.0:
        raise LiftError(f"a fill of {volume_m3:g} m3 is no fill", "give a volume of gas above 0")
    gross = volume_m3 * rho * ratio
    needed = vehicle.envelope_kg + load_kg
    if gross <= needed:
        raise LiftError(
            f"{volume_m3:.2f} m3 of {gas.name} lift {gross:.2f} kg, but the envelope weighs "
            f"{vehicle.envelope_kg:.2f} kg and the load {load_kg:.2f} kg",
            f"give more than {needed / (rho * ratio):.2f} m3 of gas, or take more than "
            f"{needed - gross:.2f} kg off the load",
        )
    return gross


def _gross_of_rate(
    vehicle: Vehicle,
    load_kg: float,
    rate_ms: float,
    site_m: float,
    ratio: float,
    curve: DragCurve,
    air_offset_k: float,
) -> float:
    """Return the gross lift [kg] whose lowest balance of drag is at a speed.

    Where the speed jumps over it, that of the lower side.
    """
    if not rate_ms > 0.0:
        raise LiftError(
            f"an ascent rate of {rate_ms:g} m/s lifts nothing off the ground",
            "give an ascent rate above 0 m/s",
        )
    lift_kgm3 = air_density_kgm3(site_m, air_offset_k) * ratio
    dry = vehicle.envelope_kg + load_kg
    below, above = bracket_free_lift_kg(
        rate_ms,
        lambda free_kg: vehicle.area_m2((dry + free_kg) / lift_kgm3),
        *_air(site_m, air_offset_k),
        curve,
    )
    volume = (dry + above) / lift_kgm3
    reached = _speeds(vehicle, volume, above, site_m, curve, air_offset_k)[0]
    return dry + (below if reached > rate_ms * (1.0 + _SAME_SPEED) else above)


def _finish(
    vehicle: Vehicle,
    gas: Gas,
    purity: float,
    load_kg: float,
    gross_kg: float,
    site_m: float,
    curve: DragCurve | None,
    wanted_ms: float | None,
    air_offset_k: float,
) -> Fill:
    rho = air_density_kgm3(site_m, air_offset_k)
    ratio = float(lift_ratio(gas, purity))
    volume = gross_kg / (rho * ratio)
    if volume > vehicle.volume_m3 * (1.0 + _ROUNDING):
        raise _too_small(vehicle, load_kg, gross_kg, rho * ratio)
    neck = gross_kg - vehicle.envelope_kg
    free = gross_kg - vehicle.envelope_kg - load_kg
    gas_kg = gross_kg * (1.0 - ratio) / ratio
    full, floats, bursts, end = balloon_heights_m(
        vehicle, gas, purity, load_kg, gas_kg, rho * volume, air_offset_k
    )
    rate, notes = math.nan, []
    if curve is not None:
        speeds = _speeds(vehicle, volume, free, site_m, curve, air_offset_k)
        rate = speeds[0]
        others = " and ".join(f"{speed:.2f}" for speed in speeds[1:])
        if wanted_ms is not None and abs(rate - wanted_ms) > _SAME_SPEED * wanted_ms:
            notes.append(
                f"no fill rises steadily at {wanted_ms:.2f} m/s: in the drag crisis the speed "
                f"jumps from {rate:.2f} to {speeds[-1]:.2f} m/s; filled for the lower one, and a "
                "little more gas gives the higher one"
            )
        elif others:
            notes.append(
                f"in the drag crisis the same lift also balances at {others} m/s; the lowest "
                f"speed, {rate:.2f} m/s, is taken"
            )
    if end is End.ABOVE_MODEL:
        notes.append(
            f"it is still rising at {atmosphere.TOP_M / 1e3:.0f} km, where the atmosphere of the "
            "model ends"
        )
    return Fill(
        volume_m3=volume,
        gross_lift_kg=gross_kg,
        neck_lift_kg=neck,
        free_lift_kg=free,
        full_height_m=full,
        float_height_m=floats,
        burst_height_m=bursts,
        end=end,
        gas_kg=gas_kg,
        ascent_rate_ms=rate,
        notes=tuple(notes),
    )


def _too_small(vehicle: Vehicle, load_kg: float, gross_kg: float, lift_kgm3: float) -> LiftError:
    most = vehicle.volume_m3 * lift_kgm3 - vehicle.envelope_kg
    neck = gross_kg - vehicle.envelope_kg
    needed = gross_kg / lift_kgm3
    lighter = neck - most
    if vehicle.shape == Envelope.LATEX:
        return LiftError(
            f"balloon {vehicle.name} bursts at {vehicle.volume_m3:.2f} m3, which lift at most "
            f"{most:.2f} kg at the neck; load and free lift need {neck:.2f} kg",
            f"take {lighter:.2f} kg off load and free lift, use a balloon that bursts well above "
            f"{needed:.2f} m3, or more balloons",
        )
    return LiftError(
        f"tube {vehicle.name} holds {vehicle.volume_m3:.2f} m3, which lift at most {most:.2f} kg "
        f"at the neck; load and free lift need {neck:.2f} kg",
        f"take {lighter:.2f} kg off load and free lift, use a larger tube of {needed:.2f} m3 and "
        "more, or more balloons",
    )


def _curve(drag: DragLaw | DragCurve | float) -> DragCurve:
    if isinstance(drag, DragCurve):
        return drag
    return drag.median if isinstance(drag, DragLaw) else constant_curve(float(drag))


def _speeds(
    vehicle: Vehicle,
    volume_m3: float,
    free_kg: float,
    h_m: float,
    curve: DragCurve,
    air_offset_k: float,
) -> tuple[float, ...]:
    density, viscosity = _air(h_m, air_offset_k)
    return balance_speeds_ms(
        free_kg * GRAVITY_MS2, density, viscosity, vehicle.area_m2(volume_m3), curve
    )


def _air(h_m: float, air_offset_k: float) -> tuple[float, float]:
    """Return density [kg m-3] and viscosity [Pa s] of the air at a height [m]."""
    kelvin = atmosphere.temperature_k(h_m) + air_offset_k
    return air_density_kgm3(h_m, air_offset_k), float(atmosphere.viscosity_pas(kelvin))
