"""Fly the whole manifest through every member of an ensemble, and count where it lands.

What differs between members is the wind alone: the same balloons with the same fills, leaks and
timers, and the same items with the same fall speeds, fly in each. Balloon b is of draw b modulo D,
item i of draw i modulo D, so that one pass sees the whole spread of what draws share. The spread of
the shares from member to member is then that of the forecast. Only counts are kept; of the items
of one member, a block at a time is in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downwind.landing.regions import TARGET, LandingRegions
from downwind.load.traits import ItemKind
from downwind.plan.drop import ItemRows
from downwind.plan.evaluate import manifest_rows
from downwind.plan.fleet import (
    ReleaseDraws,
    Setting,
    bundle_speeds_ms,
    draw_balloons,
    draw_falls,
    draw_opening_s,
    draw_releases,
)
from downwind.plan.mission import Lot, Mission
from downwind.sim.draws import Draws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import BalloonArrays, StopRule, fly_balloons
from downwind.sim.steps import Steps
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid

BLOCK = 1 << 18
"""Items in memory at a time."""


@dataclass(frozen=True, slots=True)
class MemberShares:
    """Where the manifest lands in each member.

    Attributes
    ----------
    kinds : tuple of ItemKind
    regions : tuple of str
        Names of ``LandingRegions.names``.
    items : numpy.ndarray
        Items of each kind, shape (kinds,).
    counts : numpy.ndarray
        Items that end in each region, shape (members, kinds, regions): in the target those let go
        and opened, elsewhere all that come down inside the data.
    left_data : numpy.ndarray
        Items that leave the data, shape (members, kinds).
    """

    kinds: tuple[ItemKind, ...]
    regions: tuple[str, ...]
    items: NDArray[np.int64]
    counts: NDArray[np.int64]
    left_data: NDArray[np.int64]

    @property
    def shares(self) -> NDArray[np.float64]:
        """Shares of the whole load by mass, shape (members, regions)."""
        mass = np.array([kind.mass_kg for kind in self.kinds])
        load: NDArray[np.float64] = np.einsum("mkr,k->mr", self.counts, mass)
        return load / float(mass @ self.items)


@dataclass(frozen=True, slots=True)
class _Ends:
    """How the balloons of a group fly, arrays of shape (members, balloons, releases).

    ``rest`` says, for each region, where what stays on a balloon comes down, and last whether it
    leaves the data; shape (members, balloons, regions + 1).
    """

    released: NDArray[np.bool_]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    height_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    rest: NDArray[np.bool_]


def fly_members(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    settings: tuple[Setting, ...],
    steps: Steps,
    members: int | None = None,
) -> MemberShares:
    """Fly every balloon and every item of the manifest once in each member.

    Parameters
    ----------
    mission : Mission
    draws : Draws
    grid : WindGrid
    regions : LandingRegions
    settings : tuple of Setting
        One for each group, with its timer.
    steps : Steps
    members : int, optional
        Only the first so many.
    """
    count = grid.member_count if members is None else min(members, grid.member_count)
    kinds, names = mission.kinds, regions.names
    index = {kind.name: k for k, kind in enumerate(kinds)}
    items = np.zeros(len(kinds), np.int64)
    counts = np.zeros((count, len(kinds), len(names) + 1), np.int64)
    for g, setting in enumerate(settings):
        timers, ends = _fly_group(mission, g, draws, grid, regions, setting, steps, count)
        for lot in mission.lots_of(g):
            k = index[lot.kind.name]
            items[k] += lot.count
            for first in range(0, lot.count, BLOCK):
                rows = manifest_rows(mission, draws, lot, first, min(first + BLOCK, lot.count))
                _drop_block(
                    mission, lot, draws, grid, regions, steps, timers, ends, rows, counts[:, k]
                )
    return MemberShares(kinds, names, items, counts[..., :-1], counts[..., -1])


def _fly_group(
    mission: Mission,
    group_index: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    setting: Setting,
    steps: Steps,
    members: int,
) -> tuple[ReleaseDraws, _Ends]:
    group = mission.groups[group_index]
    assert setting.timer_s is not None
    balloon = np.arange(group.count)
    draw = balloon % mission.draws
    in_fleet = mission.first_balloon(group_index) + balloon
    timers = draw_releases(mission, group, draws, setting.timer_s, draw, in_fleet)
    one = draw_balloons(mission, group_index, draws, grid, setting, draw, balloon, timers)
    flown = fly_balloons(grid, _tile(one, members), steps.balloon_s)
    inside = regions.classify(flown.end_longitude, flown.end_latitude)
    down = flown.reason == StopRule.GROUND
    rest = [(name != TARGET) & mask & down for name, mask in inside.items()]
    shape = (members, group.count, -1)
    return timers, _Ends(
        released=flown.released.reshape(shape),
        longitude=flown.release_longitude.reshape(shape),
        latitude=flown.release_latitude.reshape(shape),
        height_m=flown.release_height_m.reshape(shape),
        time_s=flown.release_time_s.reshape(shape),
        rest=np.stack([*rest, flown.reason == StopRule.LEFT_DATA], axis=-1).reshape(shape),
    )


def _drop_block(
    mission: Mission,
    lot: Lot,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    timers: ReleaseDraws,
    ends: _Ends,
    rows: ItemRows,
    counts: NDArray[np.int64],
) -> None:
    """Drop a block of items in every member and add to the counts, shape (members, regions + 1)."""
    group, kind, r = mission.groups[lot.group], lot.kind, lot.release
    columns = draw_falls(draws, kind, rows.draw, rows.own, rows.mode)
    opening = draw_opening_s(mission, draws, kind, np.arange(mission.draws))[rows.draw]
    unopened = timers.failure[rows.balloon, r] == TimerFailure.UNOPENED
    opening = np.where(unopened, np.inf, opening)
    bundle = bundle_speeds_ms(group, lot.part)[rows.balloon]
    stays = rows.rank >= timers.fraction[rows.balloon, r]
    on_balloon = np.bincount(rows.balloon, minlength=group.count)
    staying = np.bincount(rows.balloon[stays], minlength=group.count)
    for member in range(counts.shape[0]):
        total = counts[member]
        released = ends.released[member][:, r]
        # what never left its balloon comes down with it
        kept = np.where(released, staying, on_balloon)
        total += kept @ ends.rest[member]
        some = released[rows.balloon] & ~stays
        # all of them, as a rule: then nothing need be copied
        where = slice(None) if some.all() else np.flatnonzero(some)
        balloon = rows.balloon[where]
        falls = drop_items(
            grid,
            ItemArrays(
                member=np.array([member]),
                longitude=ends.longitude[member][balloon, r],
                latitude=ends.latitude[member][balloon, r],
                height_m=ends.height_m[member][balloon, r],
                time_s=ends.time_s[member][balloon, r],
                bundle_speed_ms=bundle[where],
                opening_s=opening[where],
                low_speed_ms=columns.low_speed_ms[where],
                high_speed_ms=columns.high_speed_ms[where],
                exponent=columns.exponent[where],
                switch_m=columns.switch_m[where],
                draw=rows.draw[where],
                balloon=mission.first_balloon(lot.group) + balloon,
                item=rows.item[where],
            ),
            steps.item_s,
            turbulence=mission.turbulence,
            seed=draws.seed,
            label=rows.label,
        )
        inside = regions.classify(falls.longitude, falls.latitude)
        inside[TARGET] &= ~unopened[where]
        for k, mask in enumerate(inside.values()):
            total[k] += np.count_nonzero(mask & falls.on_ground)
        total[-1] += np.count_nonzero(~falls.on_ground)


def _tile(balloons: BalloonArrays, members: int) -> BalloonArrays:
    """Return the same balloons for each member, by member."""
    tiled = BalloonArrays._make(np.concatenate([x] * members) for x in balloons)
    return tiled._replace(member=np.repeat(np.arange(members), balloons.member.size))
