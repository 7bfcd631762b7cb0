"""Fly filled balloons in still air over flat ground, with the load kept, as the plans fly them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.plan.mission import Uncertainty, Vehicle
from downwind.sim.flight import BalloonArrays, StopRule, fly_balloons
from downwind.vehicle.gas import Gas, filling_gas_constant
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays

LONGEST_S: Final = 3 * 86_400.0
"""A balloon that is still up after this time counts as staying up [s]."""

STEP_S: Final = 5.0
"""Longest integration step [s]: times to the ground keep to a second between neighbouring fills."""

RECORD_S: Final = 10.0
"""Spacing of the tracks [s]."""

_TRACK_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Flyer:
    """One filled balloon to fly.

    Attributes
    ----------
    gas_kg : float
        Gas, impurity included [kg].
    load_kg : float
        Load, which stays on [kg].
    leak_1s : float
        Share of the gas lost in a second [s-1].
    volume_m3 : float
        Of the full tube, or at which a rubber balloon bursts, in the standard atmosphere [m3].
    remains_drag_area_m2 : float
        Cd A of what comes down after a burst [m2].
    """

    gas_kg: float
    load_kg: float
    leak_1s: float
    volume_m3: float
    remains_drag_area_m2: float


@dataclass(frozen=True, slots=True)
class Flight:
    """How a filled balloon flew. Times count from the launch.

    Attributes
    ----------
    top_m, top_s : float
        Greatest geopotential height [m], and when it is first reached [s].
    burst_m, burst_s : float
        Where and when it burst [m, geopotential], [s]; NaN where it did not.
    ground_s : float
        When it is on the ground [s]; NaN where it stays up.
    landing_ms : float
        Speed at which it meets the ground [m s-1]; NaN where it stays up.
    left_model : bool
        Whether it rose out of the model's atmosphere.
    track_m : numpy.ndarray
        Geopotential height every ``RECORD_S`` from the launch, shape (rows,) [m].
    """

    top_m: float
    top_s: float
    burst_m: float
    burst_s: float
    ground_s: float
    landing_ms: float
    left_model: bool
    track_m: NDArray[np.float64]


def fly_fills(
    vehicle: Vehicle,
    gas: Gas,
    uncertainty: Uncertainty,
    purity: float,
    parachute_kg: float,
    site_m: float,
    drag_ratio: float,
    flyers: Sequence[Flyer],
) -> tuple[Flight, ...]:
    """Fly filled balloons to their ends.

    The gas starts at the temperature of the air, and follows that of the air with the median
    relaxation time; the drag is the median one.

    Parameters
    ----------
    vehicle : Vehicle
    gas : Gas
    uncertainty : Uncertainty
    purity : float
        [fraction].
    parachute_kg : float
        Mass of the parachute, which stays with the envelope [kg].
    site_m : float
        Geopotential height of site and ground [m].
    drag_ratio : float
        By which the drag is multiplied, for air that is not the standard atmosphere's [-].
    flyers : sequence of Flyer
    """
    one = np.ones(len(flyers))
    nothing = np.empty((len(flyers), 0))
    drag = uncertainty.drag_of(vehicle).median
    height_m = float(np.float32(site_m))
    flights = fly_balloons(
        _still_air(height_m),
        BalloonArrays(
            member=np.zeros(len(flyers), np.int64),
            longitude=0.0 * one,
            latitude=0.0 * one,
            height_m=height_m * one,
            time_s=0.0 * one,
            gas_kg=_column(flyers, "gas_kg"),
            gas_constant=float(filling_gas_constant(gas, purity)) * one,
            shape=np.full(len(flyers), vehicle.shape, np.int64),
            volume_m3=_column(flyers, "volume_m3"),
            area_m2=vehicle.area_m2(vehicle.volume_m3) * one,
            drag_high=drag.high * drag_ratio * one,
            drag_low=drag.low * drag_ratio * one,
            reynolds_start=drag.reynolds_start * one,
            reynolds_width=drag.reynolds_width * one,
            strength_pa=vehicle.strength_pa * one,
            kappa=gas.kappa * one,
            superheat_k=0.0 * one,
            relaxation_s=uncertainty.relaxation_s[0] * one,
            leak_1s=_column(flyers, "leak_1s"),
            envelope_kg=(vehicle.envelope_kg + parachute_kg) * one,
            remains_drag_area_m2=_column(flyers, "remains_drag_area_m2"),
            load_kg=_column(flyers, "load_kg"),
            follow=np.ones(len(flyers), np.bool_),
            drop_kg=nothing,
            drop_drag_area_m2=nothing,
            fire_s=nothing,
            clock_halving_k=nothing,
            clock_reference_k=nothing,
            clock_slow_below_k=nothing,
            clock_slow_rate=nothing,
            air_offset_k=0.0 * one,
        ),
        STEP_S,
        RECORD_S,
        round(_TRACK_S / RECORD_S) + 1,
    )
    found = []
    for i in range(len(flyers)):
        track = flights.track[i, :, 2]
        track = track[np.isfinite(track)]
        landed = flights.reason[i] == StopRule.GROUND
        burst_m = float(flights.burst_height_m[i])
        at = int(np.argmax(track))
        top_m, top_s = float(track[at]), min(RECORD_S * at, float(flights.end_time_s[i]))
        if burst_m > top_m:
            top_m, top_s = burst_m, float(flights.burst_time_s[i])
        found.append(
            Flight(
                top_m=top_m,
                top_s=top_s,
                burst_m=burst_m,
                burst_s=float(flights.burst_time_s[i]),
                ground_s=float(flights.end_time_s[i]) if landed else math.nan,
                landing_ms=-float(flights.end_rise_ms[i]) if landed else math.nan,
                left_model=not landed and float(flights.end_time_s[i]) < LONGEST_S,
                track_m=track,
            )
        )
    return tuple(found)


def find_crossing(flight: Flight, height_m: float) -> tuple[float, float]:
    """Return when a rising balloon passes a height [s], and how fast it climbs there [m s-1].

    NaN for a height that it does not pass.
    """
    track = flight.track_m
    rising = track[: int(np.argmax(track)) + 1]
    after = int(np.searchsorted(rising, height_m))
    if height_m > rising[-1] or after == 0:
        return math.nan, math.nan
    rise_m = float(rising[after] - rising[after - 1])
    part = (height_m - float(rising[after - 1])) / rise_m
    return RECORD_S * (after - 1 + part), rise_m / RECORD_S


def _column(flyers: Sequence[Flyer], name: str) -> NDArray[np.float64]:
    return np.array([getattr(flyer, name) for flyer in flyers], np.float64)


def _still_air(ground_m: float) -> WindGrid:
    """Return air at rest over flat ground, up to the top of the model's atmosphere."""
    axis = np.array([-1.0, 1.0])
    heights = np.array([ground_m - 1.0, atmosphere.TOP_M])
    return WindGrid(
        arrays=make_grid_arrays(
            np.zeros((1, 2, 2, 2, 2, 2), np.float32),
            np.array([0.0, LONGEST_S]),
            np.zeros(1, np.bool_),
            heights,
            axis,
            axis,
            np.full((2, 2), ground_m, np.float32),
        ),
        source="still air",
        digest="",
        files="",
        nature="synthetic",
        reference_time_s=None,
        bridges=(),
        notes=(),
        has_vertical_wind=False,
        terrain_source="flat ground",
    )
