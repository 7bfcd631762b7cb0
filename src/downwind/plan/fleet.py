"""Draw the fleet: turn a mission and its random numbers into balloons to fly and items to drop.

What a draw shares (fill bias, purity, gas temperature, leak of the batch, drag, opening delay,
timer batch, fall law of a kind) and what each balloon and each item draws for itself is decided
here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.errors import LiftError
from downwind.geo.sun import is_night
from downwind.load.impact import bundle_drag_area_m2, bundle_speed_ms
from downwind.load.traits import FallColumns, ItemKind
from downwind.plan.mission import (
    BalloonGroup,
    LoadPart,
    Mission,
    Release,
    Site,
    Vehicle,
)
from downwind.sim.draws import Cause, Draws
from downwind.sim.flight import BalloonArrays
from downwind.spread import Triple, two_piece_lognormal
from downwind.vehicle.fill import Fill, solve_fill
from downwind.vehicle.gas import filling_gas_constant, lift_ratio
from downwind.vehicle.latex import LatexBalloon, sphere_volume_m3
from downwind.vehicle.timer import TimerFailure, draw_failure
from downwind.wind.grid import WindGrid
from downwind.wind.kernels import terrain_at

MOST_FAILURES: Final = 0.9
"""Greatest probability of a failed release in any draw."""

AIR_LAYER_M: Final = 5_000.0
"""Depth of the air above the site whose temperature the timers feel [m]."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a crew decides for one group: where, when, how much gas, which timer setting.

    ``start_s`` is the time of the fleet's first launch [epoch s]; ``timer_s`` is None for a flight
    without a timer.
    """

    site: Site
    start_s: int
    free_lift: float
    timer_s: float | None


@dataclass(frozen=True, slots=True)
class ReleaseDraws:
    """What the timers of some balloons do, each array of shape (n, releases).

    Attributes
    ----------
    reading_s : numpy.ndarray
        Reading of the timer at which the release acts [s]; infinity for never.
    failure : numpy.ndarray
        A ``TimerFailure``.
    fraction : numpy.ndarray
        Share of what hangs on the release that is let go: 1, or less for a partial release.
    slow_rate : numpy.ndarray
        How fast the timer runs in the cold that it does not bear [fraction].
    """

    reading_s: NDArray[np.float64]
    failure: NDArray[np.int64]
    fraction: NDArray[np.float64]
    slow_rate: NDArray[np.float64]

    @property
    def keeps(self) -> NDArray[np.bool_]:
        """Whether something stays on the balloon when all timers have run out, shape (n,)."""
        stays = np.isin(self.failure, (TimerFailure.NEVER, TimerFailure.PARTIAL))
        return np.asarray(stays.any(axis=1))


def launch_height_m(site: Site, grid: WindGrid) -> float:
    """Return the geopotential height of a launch [m]: the site's, not below the model's ground."""
    ground = float(terrain_at(grid.arrays, site.longitude, site.latitude))
    if site.altitude_m is None:
        return ground
    return max(ground, float(atmosphere.geopotential_height(site.altitude_m)))


def own_free_lift(mission: Mission, group: BalloonGroup, site: Site, grid: WindGrid) -> float:
    """Return the free lift that a group's own fill has at a site [fraction of the load]."""
    return group.free_lift_at(mission.uncertainty, launch_height_m(site, grid))


def nominal_fill(
    mission: Mission, group: BalloonGroup, setting: Setting, grid: WindGrid, index: int = 0
) -> Fill:
    """Return the fill of one of a group's balloons, medians throughout; LiftError if unfit."""
    try:
        return solve_fill(
            group.vehicle,
            group.gas,
            mission.uncertainty.purity_of(group.gas),
            group.carried_kg(index),
            launch_height_m(setting.site, grid),
            drag=mission.uncertainty.drag_of(group.vehicle),
            free_lift_kg=setting.free_lift * group.load_kg(index),
        )
    except LiftError as error:
        error.message = f"group '{group.name}': {error.message}"
        raise


def draw_releases(
    mission: Mission,
    group: BalloonGroup,
    draws: Draws,
    setting_s: float,
    draw: NDArray[np.int64],
    balloon: NDArray[np.int64],
) -> ReleaseDraws:
    """Draw what timers do.

    Parameters
    ----------
    mission : Mission
    group : BalloonGroup
    draws : Draws
    setting_s : float
        Of the group's first release [s].
    draw, balloon : numpy.ndarray
        Draw and index in the fleet of each balloon, shape (n,).
    """
    columns = [
        _draw_release(mission, release, draws, setting_s + release.after_s, draw, balloon, r)
        for r, release in enumerate(group.releases)
    ]
    return ReleaseDraws(*(np.stack(c, axis=1) for c in zip(*columns, strict=True)))


def _draw_release(
    mission: Mission,
    release: Release,
    draws: Draws,
    setting_s: float,
    draw: NDArray[np.int64],
    balloon: NDArray[np.int64],
    index: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Draw one release of some balloons: reading, failure, fraction, slow rate, shape (n,) each.

    Timers of one kind share their batch; what each does besides is its own.
    """
    timer, where = release.timer, (draw, balloon, index)
    reading = timer.reading_s(
        setting_s,
        draws.shared_normal(Cause.TIMER_BIAS, draw, label=timer.kind),
        draws.normal(Cause.BALLOON_TIMER, *where),
    )
    rate = np.zeros(draw.size)
    points = mission.uncertainty.failure or timer.failure
    if any(points):
        z = draws.shared_normal(Cause.FAILURE_RATE, draw, label=timer.kind)
        rate = np.minimum(two_piece_lognormal(z, *points), MOST_FAILURES)
    failure = draw_failure(
        rate,
        draws.uniform(Cause.BALLOON_FAILURE, *where),
        draws.uniform(Cause.BALLOON_FAILURE_KIND, *where),
    )
    size = draws.uniform(Cause.BALLOON_FAILURE_SIZE, *where)
    reading = np.where(failure == TimerFailure.NEVER, np.inf, reading)
    reading = np.where(failure == TimerFailure.EARLY, size * reading, reading)
    fraction = np.where(failure == TimerFailure.PARTIAL, size, 1.0)
    slow = timer.slow_rate_of(draws.uniform(Cause.BALLOON_TIMER_COLD, *where))
    return reading, failure, fraction, slow


def draw_balloons(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    setting: Setting,
    draw: NDArray[np.int64],
    balloon: NDArray[np.int64],
    releases: ReleaseDraws | None,
    follow_envelope: bool = False,
) -> BalloonArrays:
    """Draw balloons to fly.

    Parameters
    ----------
    mission : Mission
    group_index : int
    draws : Draws
    grid : WindGrid
    setting : Setting
    draw, balloon : numpy.ndarray
        Draw and index within the group of each balloon, shape (n,).
    releases : ReleaseDraws or None
        What their timers do; None flies the load to the ground.
    follow_envelope : bool
        Also fly what is left when nothing hangs on it any more; a balloon that keeps some of its
        load is flown to its end in any case.
    """
    group, u = mission.groups[group_index], mission.uncertainty
    in_fleet = mission.first_balloon(group_index) + balloon
    vehicle, count = group.vehicle, draw.size
    one = np.ones(count)
    planned_s = np.asarray(setting.start_s + mission.launch_spacing_s * in_fleet, np.float64)
    late_s = two_piece_lognormal(
        draws.normal(Cause.BALLOON_LAUNCH, draw, in_fleet), *u.launch_delay_s
    )
    height = launch_height_m(setting.site, grid)
    load = np.array([group.load_kg(b) for b in range(group.count)])[balloon]
    brake_kg = group.parachute_kg

    impurity = two_piece_lognormal(
        draws.shared_normal(Cause.PURITY, draw, label=group.gas.name),
        *(u.impurity or group.gas.impurity),
    )
    purity = 1.0 - np.minimum(impurity, 0.9)
    error = u.fill_bias * draws.shared_normal(
        Cause.FILL_BIAS, draw
    ) + u.fill_scatter * draws.normal(Cause.BALLOON_FILL, draw, in_fleet)
    gross = (vehicle.envelope_kg + brake_kg + load * (1.0 + setting.free_lift)) * (1.0 + error)
    ratio = lift_ratio(group.gas, purity)
    drag = u.drag_of(vehicle).draw(
        *(
            draws.shared_normal(cause, draw, label=vehicle.name)
            for cause in (Cause.DRAG, Cause.DRAG_LOW, Cause.DRAG_START)
        )
    )
    first = mission.first_balloon(group_index)
    envelope = _draw_envelope(mission, group, draws, draw, in_fleet, first)
    timers = _lay_out_timers(group, releases, balloon)
    return BalloonArrays(
        member=draw % grid.member_count,
        longitude=setting.site.longitude * one,
        latitude=setting.site.latitude * one,
        height_m=height * one,
        time_s=planned_s + late_s,
        gas_kg=gross * (1.0 - ratio) / ratio,
        gas_constant=filling_gas_constant(group.gas, purity),
        kappa=group.gas.kappa * one,
        superheat_k=_draw_superheat(mission, draws, setting.site, planned_s, draw),
        relaxation_s=two_piece_lognormal(
            draws.shared_normal(Cause.GAS_RELAXATION, draw), *u.relaxation_s
        ),
        drag_high=drag.high * one,
        drag_low=drag.low * one,
        reynolds_start=drag.reynolds_start * one,
        reynolds_width=drag.reynolds_width * one,
        shape=np.full(count, vehicle.shape, np.int64),
        envelope_kg=(vehicle.envelope_kg + brake_kg) * one,
        load_kg=load,
        follow=np.full(count, follow_envelope) | (releases is not None and releases.keeps),
        air_offset_k=np.nan_to_num(air_offset_k(grid, setting))[draw % grid.member_count],
        **envelope,
        **timers,
    )


def _draw_superheat(
    mission: Mission,
    draws: Draws,
    site: Site,
    launch_s: NDArray[np.float64],
    draw: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Draw how much warmer than the air the gas is [K], by the sun's height at each launch."""
    u = mission.uncertainty
    moments, index = np.unique(launch_s, return_inverse=True)
    night = np.array([is_night(float(t), site.latitude, site.longitude) for t in moments])[index]
    coldest = np.where(night, u.superheat_night_k[0], u.superheat_day_k[0])
    warmest = np.where(night, u.superheat_night_k[1], u.superheat_day_k[1])
    part = draws.shared_uniform(Cause.SUPERHEAT, draw)
    return np.asarray(coldest + (warmest - coldest) * part)


def _draw_envelope(
    mission: Mission,
    group: BalloonGroup,
    draws: Draws,
    draw: NDArray[np.int64],
    in_fleet: NDArray[np.int64],
    first: int,
) -> dict[str, NDArray[np.float64]]:
    """Draw what the envelopes are: size, leak, and what brakes them after a burst."""
    u, vehicle, one = mission.uncertainty, group.vehicle, np.ones(draw.size)
    hung = np.array([_bundles_drag_area_m2(group, b) for b in range(group.count)])
    remains = hung[in_fleet - first] + two_piece_lognormal(
        draws.shared_normal(Cause.REMAINS, draw, label=vehicle.name), *remains_drag_area_m2(vehicle)
    )
    if group.parachute is not None:
        remains += group.parachute.area_m2 * two_piece_lognormal(
            draws.shared_normal(Cause.PARACHUTE, draw), *group.parachute.drag
        )
    shared = {
        "area_m2": vehicle.area_m2(vehicle.volume_m3) * one,
        "strength_pa": vehicle.strength_pa * one,
        "remains_drag_area_m2": remains,
    }
    if isinstance(vehicle, LatexBalloon):
        diameter = vehicle.burst_diameter(draws.uniform(Cause.BURST, draw, in_fleet))
        return {**shared, "volume_m3": sphere_volume_m3(diameter), "leak_1s": 0.0 * one}
    z = draws.shared_normal(Cause.LEAK_BATCH, draw, label=vehicle.name)
    z = (z + draws.normal(Cause.BALLOON_LEAK, draw, in_fleet)) / np.sqrt(2.0)
    return {
        **shared,
        "volume_m3": vehicle.volume_m3 * one,
        "leak_1s": two_piece_lognormal(z, *u.leak_1s),
    }


def remains_drag_area_m2(vehicle: Vehicle) -> Triple:
    """Return Cd A of what is left of an envelope after a burst [m2]: median, 5 and 95 % point."""
    if isinstance(vehicle, LatexBalloon):
        median, low, high = vehicle.remains_drag_area_by_mass
        return median * vehicle.mass_kg, low * vehicle.mass_kg, high * vehicle.mass_kg
    median, low, high = vehicle.remains_drag
    return median * vehicle.side_m2, low * vehicle.side_m2, high * vehicle.side_m2


def _bundles_drag_area_m2(group: BalloonGroup, index: int) -> float:
    """Return Cd A of all that hangs on one balloon, a bundle for each release [m2]."""
    loads = np.array([release.load_kg(index, group.count) for release in group.releases])
    return float(_drag_areas_m2(loads).sum())


def _drag_areas_m2(bundles_kg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Cd A of bundles of some masses, any shape [m2]: that of 1 kg times m^(2/3)."""
    return np.asarray(bundle_drag_area_m2(1.0) * bundles_kg ** (2.0 / 3.0))


def _lay_out_timers(
    group: BalloonGroup, releases: ReleaseDraws | None, balloon: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    """Return the columns of the releases, shape (n, releases) each; none for no releases."""
    shape = (balloon.size, 0 if releases is None else len(group.releases))
    names = ("halving_k", "reference_k", "slow_below_k")
    laws = {name: np.empty(shape) for name in names}
    hung, shed_m2 = np.empty(shape), np.empty(shape)
    for r, release in enumerate(group.releases if releases is not None else ()):
        for name in names:
            laws[name][:, r] = getattr(release.timer, name)
        each = np.array([release.load_kg(b, group.count) for b in range(group.count)])
        hung[:, r] = each[balloon]
    if releases is not None:
        shed_m2 = _drag_areas_m2(hung) - _drag_areas_m2(hung * (1.0 - releases.fraction))
    return {
        "drop_kg": hung if releases is None else hung * releases.fraction,
        "drop_drag_area_m2": shed_m2,
        "fire_s": np.empty(shape) if releases is None else releases.reading_s,
        "clock_slow_rate": np.empty(shape) if releases is None else releases.slow_rate,
        **{f"clock_{name}": column for name, column in laws.items()},
    }


def air_offset_k(grid: WindGrid, setting: Setting) -> NDArray[np.float64]:
    """Return how much warmer than the standard atmosphere the air of the flight is [K].

    For each member, shape (members,); NaN where the weather data do not say.
    """
    if grid.air is None:
        return np.full(grid.member_count, np.nan)
    # members that share a wind share its air
    _, first, same = np.unique(grid.base, return_index=True, return_inverse=True)
    low, site = launch_height_m(setting.site, grid), setting.site
    return grid.air.temperature_offset_k(
        site.longitude, site.latitude, setting.start_s, low, low + AIR_LAYER_M, first
    )[same]


def draw_opening_s(
    mission: Mission, draws: Draws, kind: ItemKind, draw: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Draw the opening delay of a kind's bundles, one for each draw, shape (n,) [s]."""
    z = draws.shared_normal(Cause.OPENING, draw, label=kind.name)
    return two_piece_lognormal(z, *mission.uncertainty.opening_s)


def draw_falls(
    draws: Draws,
    kind: ItemKind,
    draw: NDArray[np.int64],
    own: NDArray[np.float64],
    mode: NDArray[np.float64],
) -> FallColumns:
    """Draw how items fall: the kind's shared bias by draw, and each item's own numbers.

    ``draw``, ``own`` (standard normals) and ``mode`` (uniforms) have shape (n,).
    """
    every = np.arange(int(draw.max()) + 1) if draw.size else np.arange(1)
    return kind.fall_columns(
        draws.shared_normal(Cause.FALL_BIAS, every, label=kind.name)[draw],
        draws.shared_normal(Cause.FALL_BIAS_AUTOROTATING, every, label=kind.name)[draw],
        draws.shared_uniform(Cause.DENSITY_EXPONENT, every, label=kind.name)[draw],
        own,
        mode,
    )


def bundle_speeds_ms(group: BalloonGroup, part: LoadPart) -> NDArray[np.float64]:
    """Return the fall speed of each balloon's bundle of a load, shape (balloons,) [m s-1]."""
    counts = [part.count_on(b, group.count) for b in range(group.count)]
    return np.array([bundle_speed_ms(max(c, 1) * part.kind.mass_kg) for c in counts])
