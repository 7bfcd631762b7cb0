"""Soundings put together in time: which of them were flown for one and the same hour.

A sounding takes an hour or two, and stations that fly for 12Z let go between 11Z and 12Z; some
formats give the one time, some the other. Soundings within `SPAN_S` of the first are one time,
each station once. Where they differ, that time is the nearest hour of the weather services (00,
03, 06 and so on) if it lies within half the span of all, else their mean. A sounding alone keeps
its own time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from downwind.geo.sphere import distance_m
from downwind.times import format_minute
from downwind.wind.profile import Profile

SPAN_S: Final = 3 * 3600
"""Longest time between the first and the last sounding that count as one time [s]."""

SAME_PLACE_M: Final = 2_000.0
"""Soundings from places no further apart are of one station, whatever its name [m]."""

_HOURS_S: Final = 3 * 3600
_SAME_LATITUDE_DEG: Final = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """The soundings of one time, each of another station.

    Parameters
    ----------
    time_s : int
        The time that stands for all [s since 1970].
    profiles : tuple of Profile
        In the order of their stations' names.
    """

    time_s: int
    profiles: tuple[Profile, ...]


def group_soundings(profiles: Sequence[Profile]) -> tuple[list[Sweep], list[str]]:
    """Put soundings of about one time together.

    Parameters
    ----------
    profiles : sequence of Profile
        In any order. Of two of one station and time the one with more levels is taken.

    Returns
    -------
    sweeps : list of Sweep
        In the order of time, no two at the same.
    notes : list of str
        What was decided.
    """
    single, notes = _take_once(profiles)
    groups: list[list[Profile]] = []
    for profile in sorted(single, key=lambda p: (p.time_s, p.station)):
        group = groups[-1] if groups else None
        if (
            group is None
            or profile.time_s - group[0].time_s > SPAN_S
            or any(is_same_station(profile, other) for other in group)
        ):
            groups.append([profile])
        else:
            group.append(profile)
    times = [_find_time(group) for group in groups]
    if any(second <= first for first, second in pairwise(times)):
        times = [_mean_time(group) for group in groups]
    sweeps = []
    for time_s, group in zip(times, groups, strict=True):
        group.sort(key=lambda p: (p.station, p.longitude))
        sweeps.append(Sweep(time_s, tuple(group)))
        apart = [p.time_s - time_s for p in group if p.time_s != time_s]
        if apart:
            notes.append(
                f"{len(group)} soundings of {format_minute(group_start(group))} to "
                f"{format_minute(max(p.time_s for p in group))} are taken for "
                f"{format_minute(time_s)}"
            )
    return sweeps, notes


def group_start(group: Sequence[Profile]) -> int:
    """Return the first time of a group of soundings [s since 1970]."""
    return min(p.time_s for p in group)


def is_same_station(first: Profile, second: Profile) -> bool:
    """Tell whether two soundings are of one station: by their places, not their names."""
    if abs(first.latitude - second.latitude) > _SAME_LATITUDE_DEG:
        return False
    apart = distance_m(first.longitude, first.latitude, second.longitude, second.latitude)
    return bool(apart <= SAME_PLACE_M)


def _take_once(profiles: Sequence[Profile]) -> tuple[list[Profile], list[str]]:
    kept: list[Profile] = []
    notes = []
    for profile in sorted(profiles, key=lambda p: (-p.height_m.size, p.file, p.station)):
        twin = next(
            (p for p in kept if p.time_s == profile.time_s and is_same_station(p, profile)), None
        )
        if twin is None:
            kept.append(profile)
        else:
            notes.append(
                f"{profile.station} at {format_minute(profile.time_s)} is there twice: that with "
                f"{twin.height_m.size} levels is taken, not that with {profile.height_m.size}"
            )
    return kept, notes


def _find_time(group: Sequence[Profile]) -> int:
    times = [p.time_s for p in group]
    if len(set(times)) == 1:
        return times[0]
    hour = round(_mean_time(group) / _HOURS_S) * _HOURS_S
    return hour if max(abs(t - hour) for t in times) <= SPAN_S // 2 else _mean_time(group)


def _mean_time(group: Sequence[Profile]) -> int:
    """Return the mean time of a group to the minute."""
    return round(sum(p.time_s for p in group) / len(group) / 60.0) * 60
