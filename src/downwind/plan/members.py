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
from downwind.load.items import ItemKind
from downwind.plan.drop import ItemRows
from downwind.plan.evaluate import item_kinds, manifest_rows
from downwind.plan.fleet import (
    BalloonDraws,
    Setting,
    bundle_speeds_ms,
    draw_falls,
    draw_films,
    draw_opening_s,
    draw_timers,
)
from downwind.plan.mission import Mission
from downwind.sim.draws import Draws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.sim.flight import FilmArrays, StopRule, fly_balloons
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
    """How the balloons of a group end their flights with the load, shape (members, balloons).

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
    kinds, names = item_kinds(mission), regions.names
    index = {kind.name: k for k, kind in enumerate(kinds)}
    items = np.zeros(len(kinds), np.int64)
    counts = np.zeros((count, len(kinds), len(names) + 1), np.int64)
    for g, (group, setting) in enumerate(zip(mission.groups, settings, strict=True)):
        timers, ends = _fly_group(mission, g, draws, grid, regions, setting, steps, count)
        for part in group.load:
            k = index[part.kind.name]
            for first in range(0, part.count, BLOCK):
                rows, _ = manifest_rows(
                    mission, draws, g, part.kind, int(items[k]), first,
                    min(first + BLOCK, part.count),
                )  # fmt: skip
                _drop_block(
                    mission, g, part.kind, draws, grid, regions, steps, timers, ends, rows,
                    counts[:, k],
                )  # fmt: skip
            items[k] += part.count
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
) -> tuple[BalloonDraws, _Ends]:
    group = mission.groups[group_index]
    assert setting.timer_s is not None
    balloon = np.arange(group.count)
    draw = balloon % mission.draws
    in_fleet = mission.first_balloon(group_index) + balloon
    timers = draw_timers(mission, group, draws, setting.timer_s, draw, in_fleet)
    whole = draw_films(mission, group_index, draws, grid, setting, draw, balloon, timers)
    films = _tile(whole, members)
    flown = fly_balloons(grid, films, steps.balloon_s)
    place = np.array([flown.longitude[:, 0], flown.latitude[:, 0]])
    reason = flown.reason[:, 0].copy()
    released = reason == StopRule.TIMER
    partial = np.flatnonzero(timers.failure == TimerFailure.PARTIAL)
    if partial.size:
        some = BalloonDraws(
            timers.fire_s[partial], timers.failure[partial], timers.fraction[partial]
        )
        followed = draw_films(
            mission, group_index, draws, grid, setting, draw[partial], balloon[partial], some,
            follow_envelope=True,
        )  # fmt: skip
        end = fly_balloons(grid, _tile(followed, members), steps.balloon_s)
        at = (np.arange(members)[:, None] * group.count + partial).ravel()
        last = (np.arange(at.size), end.last_stage)
        place[:, at] = end.longitude[last], end.latitude[last]
        reason[at] = end.reason[last]
    inside = regions.classify(place[0], place[1])
    down = reason == StopRule.GROUND
    rest = [(name != TARGET) & mask & down for name, mask in inside.items()]
    shape = (members, group.count)
    return timers, _Ends(
        released=released.reshape(shape),
        longitude=flown.longitude.reshape(shape),
        latitude=flown.latitude.reshape(shape),
        height_m=flown.height_m.reshape(shape),
        time_s=flown.time_s.reshape(shape),
        rest=np.stack([*rest, reason == StopRule.LEFT_DATA], axis=-1).reshape(*shape, -1),
    )


def _drop_block(
    mission: Mission,
    group_index: int,
    kind: ItemKind,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    timers: BalloonDraws,
    ends: _Ends,
    rows: ItemRows,
    counts: NDArray[np.int64],
) -> None:
    """Drop a block of items in every member and add to the counts, shape (members, regions + 1)."""
    group = mission.groups[group_index]
    columns = draw_falls(draws, kind, rows.draw, rows.own, rows.mode)
    opening = draw_opening_s(mission, draws, kind, np.arange(mission.draws))[rows.draw]
    unopened = timers.failure[rows.balloon] == TimerFailure.UNOPENED
    opening = np.where(unopened, np.inf, opening)
    bundle = bundle_speeds_ms(group, kind)[rows.balloon]
    stays = rows.rank >= timers.fraction[rows.balloon]
    on_balloon = np.bincount(rows.balloon, minlength=group.count)
    staying = np.bincount(rows.balloon[stays], minlength=group.count)
    for member in range(counts.shape[0]):
        total = counts[member]
        released = ends.released[member]
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
                longitude=ends.longitude[member][balloon],
                latitude=ends.latitude[member][balloon],
                height_m=ends.height_m[member][balloon],
                time_s=ends.time_s[member][balloon],
                bundle_speed_ms=bundle[where],
                opening_s=opening[where],
                low_speed_ms=columns.low_speed_ms[where],
                high_speed_ms=columns.high_speed_ms[where],
                exponent=columns.exponent[where],
                switch_m=columns.switch_m[where],
                draw=rows.draw[where],
                balloon=mission.first_balloon(group_index) + balloon,
                item=rows.item[where],
            ),
            steps.item_s,
            turbulence=mission.turbulence,
            seed=draws.seed,
            label=rows.label,
        )
        inside = regions.classify(falls.longitude, falls.latitude)
        inside[TARGET] &= ~unopened[where]
        for r, mask in enumerate(inside.values()):
            total[r] += np.count_nonzero(mask & falls.on_ground)
        total[-1] += np.count_nonzero(~falls.on_ground)


def _tile(films: FilmArrays, members: int) -> FilmArrays:
    """Return the same films for each member, by member."""
    tiled = FilmArrays._make(np.concatenate([x] * members) for x in films)
    return tiled._replace(member=np.repeat(np.arange(members), films.member.size))
