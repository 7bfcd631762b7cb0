"""Draw the fleet: turn a mission and its random numbers into balloons to fly and items to drop.

What a draw shares (fill bias, purity, gas temperature, leak of the batch, drag, opening delay,
timer batch, fall law of a kind) and what each balloon and each item draws for itself is decided
here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.errors import LiftError
from downwind.geo.sun import is_night
from downwind.load.items import FallColumns, ItemKind, bundle_speed_ms
from downwind.plan.mission import BalloonGroup, Mission, Site
from downwind.sim.draws import Cause, Draws, two_piece_lognormal
from downwind.sim.flight import FilmArrays
from downwind.vehicle.film import Fill, fill_to_free_lift
from downwind.vehicle.gas import filling_gas_constant, lift_ratio
from downwind.vehicle.timer import TimerFailure, draw_failure
from downwind.wind.grid import WindGrid
from downwind.wind.kernels import terrain_at


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
class BalloonDraws:
    """What the timers of some balloons do, each array of shape (n,).

    Attributes
    ----------
    fire_s : numpy.ndarray
        When the release acts [s after launch]; infinity for never.
    failure : numpy.ndarray
        A ``TimerFailure``.
    fraction : numpy.ndarray
        Share of the load that is let go: 1, or less for a partial release.
    """

    fire_s: NDArray[np.float64]
    failure: NDArray[np.int64]
    fraction: NDArray[np.float64]


def launch_height_m(site: Site, grid: WindGrid) -> float:
    """Return the geopotential height of a launch [m]: the site's, not below the model's ground."""
    ground = float(terrain_at(grid.arrays, site.longitude, site.latitude))
    if site.altitude_m is None:
        return ground
    return max(ground, float(atmosphere.geopotential_height(site.altitude_m)))


def nominal_fill(mission: Mission, group: BalloonGroup, setting: Setting, grid: WindGrid) -> Fill:
    """Return the fill of the group's first balloon, with the median purity; LiftError if unfit."""
    load_kg = group.load_kg(0)
    try:
        return fill_to_free_lift(
            group.tube,
            group.gas,
            1.0 - mission.uncertainty.impurity[0],
            load_kg,
            setting.free_lift * load_kg,
            launch_height_m(setting.site, grid),
        )
    except LiftError as error:
        error.message = f"group '{group.name}': {error.message}"
        raise


def draw_timers(
    mission: Mission,
    group: BalloonGroup,
    draws: Draws,
    setting_s: float,
    draw: NDArray[np.int64],
    balloon: NDArray[np.int64],
) -> BalloonDraws:
    """Draw what timers do; ``draw`` and ``balloon`` (its index in the fleet) have shape (n,)."""
    fire = group.timer.actual_s(
        setting_s,
        draws.shared_normal(Cause.TIMER_BIAS, draw, label=group.timer.kind),
        draws.normal(Cause.BALLOON_TIMER, draw, balloon),
    )
    failure = draw_failure(
        mission.uncertainty.failure,
        draws.uniform(Cause.BALLOON_FAILURE, draw, balloon),
        draws.uniform(Cause.BALLOON_FAILURE_KIND, draw, balloon),
    )
    size = draws.uniform(Cause.BALLOON_FAILURE_SIZE, draw, balloon)
    fire = np.where(failure == TimerFailure.NEVER, np.inf, fire)
    fire = np.where(failure == TimerFailure.EARLY, size * fire, fire)
    return BalloonDraws(fire, failure, np.where(failure == TimerFailure.PARTIAL, size, 1.0))


def draw_films(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    setting: Setting,
    draw: NDArray[np.int64],
    balloon: NDArray[np.int64],
    timers: BalloonDraws | None,
    follow_envelope: bool = False,
) -> FilmArrays:
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
    timers : BalloonDraws or None
        What their timers do; None flies the load to the ground.
    follow_envelope : bool
        Also fly what is left after the release.
    """
    group, u = mission.groups[group_index], mission.uncertainty
    in_fleet = mission.first_balloon(group_index) + balloon
    label = group.tube.name
    launch_s = setting.start_s + mission.launch_spacing_s * in_fleet
    height = launch_height_m(setting.site, grid)
    load = np.array([group.load_kg(b) for b in range(group.count)])[balloon]

    purity = 1.0 - np.minimum(
        two_piece_lognormal(
            draws.shared_normal(Cause.PURITY, draw, label=group.gas.name), *u.impurity
        ),
        0.9,
    )
    error = u.fill_bias * draws.shared_normal(
        Cause.FILL_BIAS, draw
    ) + u.fill_scatter * draws.normal(Cause.BALLOON_FILL, draw, in_fleet)
    gross = (group.tube.envelope_kg + load * (1.0 + setting.free_lift)) * (1.0 + error)
    ratio = lift_ratio(group.gas, purity)
    moments, index = np.unique(launch_s, return_inverse=True)
    site = setting.site
    night = np.array([is_night(float(t), site.latitude, site.longitude) for t in moments])[index]
    coldest = np.where(night, u.superheat_night_k[0], u.superheat_day_k[0])
    warmest = np.where(night, u.superheat_night_k[1], u.superheat_day_k[1])
    superheat = coldest + (warmest - coldest) * draws.shared_uniform(Cause.SUPERHEAT, draw)
    leak_z = draws.shared_normal(Cause.LEAK_BATCH, draw, label=label) + draws.normal(
        Cause.BALLOON_LEAK, draw, in_fleet
    )
    drag = two_piece_lognormal(draws.shared_normal(Cause.DRAG, draw, label=label), *u.drag)
    relaxation = two_piece_lognormal(
        draws.shared_normal(Cause.GAS_RELAXATION, draw), *u.relaxation_s
    )
    if timers is None:
        carried, stop = load[:, None], np.full((draw.size, 1), np.inf)
    elif follow_envelope:
        carried = np.column_stack([load, load * (1.0 - timers.fraction)])
        stop = np.column_stack([timers.fire_s, np.full(draw.size, np.inf)])
    else:
        carried, stop = load[:, None], timers.fire_s[:, None]
    one = np.ones(draw.size)
    return FilmArrays(
        member=draw % grid.member_count,
        longitude=setting.site.longitude * one,
        latitude=setting.site.latitude * one,
        height_m=height * one,
        time_s=launch_s.astype(np.float64),
        gas_kg=gross * (1.0 - ratio) / ratio,
        gas_constant=filling_gas_constant(group.gas, purity),
        volume_m3=group.tube.volume_m3 * one,
        drag_area_m2=drag * group.tube.cross_section_m2,
        kappa=group.gas.kappa * one,
        superheat_k=superheat,
        relaxation_s=relaxation,
        leak_1s=two_piece_lognormal(leak_z / np.sqrt(2.0), *u.leak_1s),
        envelope_kg=group.tube.envelope_kg * one,
        carried_kg=np.ascontiguousarray(carried, np.float64),
        stop_s=np.ascontiguousarray(stop, np.float64),
    )


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


def bundle_speeds_ms(group: BalloonGroup, kind: ItemKind) -> NDArray[np.float64]:
    """Return the fall speed of each balloon's bundle of a kind, shape (balloons,) [m s-1]."""
    part = next(p for p in group.load if p.kind is kind)
    counts = [part.count_on(b, group.count) for b in range(group.count)]
    return np.array([bundle_speed_ms(max(c, 1) * kind.mass_kg) for c in counts])
