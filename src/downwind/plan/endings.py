"""Where all else comes down that a mission asks for: bundles, loads that stayed, envelopes.

Each is rare or single in a draw, so it is flown in every draw as if it came to pass, and counted by
how many are expected: the flight and whether a timer fails are drawn apart. A balloon that came
down early is where its own flight ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.landing.clusters import Clusters
from downwind.landing.shares import Share, estimate_share
from downwind.load.impact import (
    BUNDLE_AREA_M2,
    BUNDLE_MASS_KG,
    CATEGORY_2_J,
)
from downwind.plan.drop import GroupFlights
from downwind.plan.fleet import bundle_speeds_ms, draw_falls
from downwind.plan.ground import GroundResult
from downwind.plan.mission import BalloonGroup, Lot, Mission
from downwind.sim.draws import Draws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import StopRule
from downwind.sim.steps import Steps
from downwind.vehicle.film import FilmTube
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid

BUNDLES: Final = "bundles"
UNRELEASED: Final = "unreleased"
ENVELOPES: Final = "envelopes"
TITLES: Final = {
    BUNDLES: "bundles that never open",
    UNRELEASED: "loads that stay on",
    ENVELOPES: "emptied envelopes",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the things of one sort that come down; columns of shape (n,).

    Attributes
    ----------
    longitude, latitude : numpy.ndarray
        Landings [degrees].
    draw : numpy.ndarray
    weight : numpy.ndarray
        Things that each row stands for, were ``number`` one.
    number, number_error : float
        How often this comes to pass in a night, and the standard error of that; 1 and 0 where the
        rows themselves say it.
    area_m2 : float
        Of one, seen from above [m2].
    energy_j : float
        With which one in twenty of them lands [J]; NaN where none landed.
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    draw: NDArray[np.int64]
    weight: NDArray[np.float64]
    number: float
    number_error: float
    area_m2: float
    energy_j: float

    @property
    def is_above_limit(self) -> bool:
        """Whether it lands above the limit of energy of category 2."""
        return self.energy_j > CATEGORY_2_J

    def per_draw(self, values: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
        """Add up values, shape (n,), of the things of each draw, shape (draws,)."""
        return np.bincount(self.draw, self.weight * values, draws).astype(np.float64)


def find_endings(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    steps: Steps,
    flights: tuple[GroupFlights, ...],
    grounds: tuple[GroundResult, ...],
    clusters: Clusters | None = None,
) -> dict[str, list[Part]]:
    """Return the parts of each sort of ending, over all groups, by ``BUNDLES`` and so on."""
    found: dict[str, list[Part]] = {BUNDLES: [], UNRELEASED: [], ENVELOPES: []}
    for g, (fleet, ground) in enumerate(zip(flights, grounds, strict=True)):
        group = mission.groups[g]
        for lot, bundle in zip(mission.lots_of(g), ground.bundles, strict=True):
            found[BUNDLES].append(
                _drop_bundles(
                    mission, lot, draws, grid, fleet, steps, bundle.unopened, bundle.fast_energy_j
                )
            )
        found[UNRELEASED] += _unreleased(group, fleet, ground, clusters)
        found[ENVELOPES].append(_envelopes(group, ground))
    return found


def _drop_bundles(
    mission: Mission,
    lot: Lot,
    draws: Draws,
    grid: WindGrid,
    fleet: GroupFlights,
    steps: Steps,
    unopened: Share,
    energy_j: float,
) -> Part:
    """Drop one bundle of a lot in every draw that never opens."""
    group = mission.groups[lot.group]
    every = np.arange(mission.draws)
    balloon = every % group.count
    draw = every[fleet.released[every, balloon, lot.release]]
    at = (draw, balloon[draw], lot.release)
    falls_as = draw_falls(draws, lot.kind, draw, np.zeros(draw.size), np.full(draw.size, 0.5))
    down = drop_items(
        grid,
        ItemArrays(
            member=draw % grid.member_count,
            longitude=fleet.longitude[at],
            latitude=fleet.latitude[at],
            height_m=fleet.height_m[at],
            time_s=fleet.time_s[at],
            bundle_speed_ms=bundle_speeds_ms(group, lot.part)[balloon[draw]],
            opening_s=np.full(draw.size, np.inf),
            low_speed_ms=falls_as.low_speed_ms,
            high_speed_ms=falls_as.high_speed_ms,
            exponent=falls_as.exponent,
            switch_m=falls_as.switch_m,
            draw=draw,
            balloon=mission.first_balloon(lot.group) + balloon[draw],
            item=np.zeros(draw.size, np.int64),
        ),
        steps.item_s,
        turbulence=mission.turbulence,
        seed=draws.seed,
        label=f"{lot.kind.name}/bundle",
    )
    on = down.on_ground
    weight = np.full(int(on.sum()), mission.draws / max(draw.size, 1))
    mass = lot.part.count_on(0, group.count) * lot.kind.mass_kg
    return Part(
        down.longitude[on], down.latitude[on], draw[on], weight, unopened.mean * group.count,
        unopened.standard_error * group.count, _bundle_area_m2(mass), energy_j,
    )  # fmt: skip


def _unreleased(
    group: BalloonGroup, fleet: GroupFlights, ground: GroundResult, clusters: Clusters | None
) -> list[Part]:
    """Return balloons whose releases never act, and those that came down with some of the load."""
    never = (~fleet.released & (fleet.failure == TimerFailure.NEVER)).all(axis=-1)
    emptied = (fleet.released & (fleet.fraction >= 1.0)).all(axis=-1)
    flown = ground.unreleased.flights
    area, energy = _bundle_area_m2(group.load_kg(0)), ground.unreleased.energy_j
    share = estimate_share(np.asarray(never.mean(axis=1), np.float64), clusters)
    draw = np.flatnonzero(flown.reason == StopRule.GROUND)
    parts = [
        Part(
            flown.end_longitude[draw], flown.end_latitude[draw], draw, np.ones(draw.size),
            share.mean * group.count, share.standard_error * group.count, area, energy,
        )
    ]  # fmt: skip
    early = ~emptied & ~never & (fleet.end_reason == StopRule.GROUND)
    row = np.nonzero(early)
    if row[0].size:
        parts.append(
            Part(
                fleet.end_longitude[row], fleet.end_latitude[row], row[0], np.ones(row[0].size),
                1.0, 0.0, area, energy,
            )
        )  # fmt: skip
    return parts


def _envelopes(group: BalloonGroup, ground: GroundResult) -> Part:
    flown, vehicle = ground.envelope.flights, group.vehicle
    gone = flown.released.all(axis=1)
    draw = np.flatnonzero((flown.reason == StopRule.GROUND) & gone)
    area = _bundle_area_m2(ground.envelope.mass_kg)
    if isinstance(vehicle, FilmTube):
        area = max(area, vehicle.cross_section_m2)
    weight = np.full(draw.size, flown.reason.size / max(int(gone.sum()), 1))
    return Part(
        flown.end_longitude[draw], flown.end_latitude[draw], draw, weight, ground.emptied_count,
        ground.emptied_error, area, ground.envelope.energy_j,
    )  # fmt: skip


def _bundle_area_m2(mass_kg: float) -> float:
    """Return the area of a bundle of some mass [m2]: the shape and density of the one of 3 kg."""
    return float(BUNDLE_AREA_M2 * (mass_kg / BUNDLE_MASS_KG) ** (2.0 / 3.0))
