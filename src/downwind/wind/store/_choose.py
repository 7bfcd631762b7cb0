"""Which stored winds serve a mission: the places and hours that it needs, and who holds them.

Heights are judged later, where the grid is built and the fills are known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from downwind.errors import StoredWindMissingError
from downwind.times import format_utc
from downwind.wind._contract import TERRAIN
from downwind.wind.store._folder import find_store
from downwind.wind.store._join import join_key
from downwind.wind.store._manifest import StoredWind
from downwind.wind.store._read import StoreListing

_ORDER = {"forecast": 0, "reanalysis": 1, "observation": 2, "synthetic": 3}
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Need:
    """What a mission needs of a wind.

    Parameters
    ----------
    places : tuple of tuple
        Name, longitude and latitude [degrees] of each site.
    start_s, end_s : float
        First launch, and last launch with the longest timer [s since 1970].
    spans_s : tuple of tuple
        Start and end of what each launch needs [s since 1970].
    gap_s : float
        Longest gap on the time axis that is bridged [s].
    steady_s : float
        How long a single time is held steady [s].
    states_terrain : bool
        Whether the mission states the height of the ground.
    until_s : float
        End of the last flight [s since 1970]: wind up to there is used where there is some, but
        the launches do not need it.
    """

    places: tuple[tuple[str, float, float], ...]
    spans_s: tuple[tuple[float, float], ...]
    gap_s: float
    steady_s: float
    states_terrain: bool
    until_s: float = -math.inf

    @property
    def start_s(self) -> float:
        """First launch [s since 1970]."""
        return min(start for start, _ in self.spans_s)

    @property
    def end_s(self) -> float:
        """Last launch with the longest timer [s since 1970]."""
        return max(end for _, end in self.spans_s)


@dataclass(frozen=True, slots=True)
class Choice:
    """The stored winds that serve best.

    Parameters
    ----------
    entries : tuple of StoredWind
        Of one run, to be joined along time.
    passed_over : tuple of str
        Spoilt cubes, which may have been better, each a sentence.
    """

    entries: tuple[StoredWind, ...]
    passed_over: tuple[str, ...]


def choose_winds(listing: StoreListing, need: Need) -> Choice:
    """Choose the newest stored wind that serves a mission.

    Forecasts go before reanalyses and these before observations; then the newest run, the finest
    grid, the most members, the widest box. Cubes of one run that differ in time alone count as one.

    Parameters
    ----------
    listing : StoreListing
        What there is.
    need : Need
        What is needed.

    Raises
    ------
    StoredWindMissingError
        If nothing serves; it says what each stored wind lacks.
    """
    groups: dict[tuple[str, ...], list[StoredWind]] = {}
    for entry in listing.entries:
        groups.setdefault(join_key(entry), []).append(entry)
    ordered = sorted(groups.values(), key=_rank)
    spoilt = tuple(f"passed over in the store: {text}" for text in listing.spoilt.values())
    lacks = []
    for group in ordered:
        lack = find_lack(group, need)
        if not lack:
            return Choice(_fewest(group, need), spoilt)
        lacks.append(f"{' and '.join(e.title for e in group)}: {lack}")
    lacks += listing.spoilt.values()
    wanted = f"{format_utc(need.start_s)[:16]}Z to {format_utc(need.end_s)[:16]}Z"
    places = ", ".join(f"{name} ({lat:.2f} N {lon:.2f} E)" for name, lon, lat in need.places)
    if not lacks:
        raise StoredWindMissingError(
            f"no wind is given, and the store {find_store()} is empty; needed is {wanted} at "
            f"{places}",
            "name files with --wind FILE, or store them once: downwind weather import FILE",
        )
    more = [f"and {len(lacks) - _SHOWN} more"] if len(lacks) > _SHOWN else []
    raise StoredWindMissingError(
        f"no wind is given, and none of the {len(lacks)} in the store serves: needed is {wanted} "
        f"at {places}\n" + "\n".join(f"  {lack}" for lack in [*lacks[:_SHOWN], *more]),
        "store a wind that holds them: downwind weather import FILE; or name one with --wind",
    )


def _rank(group: Sequence[StoredWind]) -> tuple[object, ...]:
    first = group[0]
    return (
        _ORDER.get(first.nature, 9),
        -max(entry.rank_s for entry in group),
        first.spacing_deg[0] * first.spacing_deg[1],
        -first.members,
        -_area_deg2(first),
        -len(first.variables),
        min(entry.id for entry in group),
    )


def _area_deg2(entry: StoredWind) -> float:
    west, south, east, north = entry.box
    return (360.0 if entry.is_global else east - west) * (north - south)


def _fewest(group: Sequence[StoredWind], need: Need) -> tuple[StoredWind, ...]:
    """Return of one run what the flights use: one cube where it holds all of that, else several."""
    low = need.start_s - max(need.gap_s, need.steady_s)
    high = max(need.end_s, need.until_s) + need.gap_s

    def used(entry: StoredWind) -> set[int]:
        return {time for time in entry.times_s if low <= time <= high}

    useful = [entry for entry in group if used(entry)]
    wanted = set[int]().union(*map(used, useful))
    alone = [entry for entry in useful if used(entry) == wanted and not find_lack([entry], need)]
    if alone:
        return (max(alone, key=lambda e: (len(e.times_s), e.id)),)
    return tuple(sorted(useful, key=lambda e: (e.times_s[0], e.id)))


def find_lack(group: Sequence[StoredWind], need: Need) -> str:
    """Say what cubes of one run lack for a mission; empty if nothing.

    Parameters
    ----------
    group : sequence of StoredWind
        Cubes that are joined along time.
    need : Need
        What is needed.
    """
    first = group[0]
    outside = [name for name, lon, lat in need.places if not _holds_place(first, lon, lat)]
    lacks = [f"{', '.join(outside)} outside {first.describe_box()}"] if outside else []
    times = sorted({t for entry in group for t in entry.times_s})
    lack = _find_time_lack(times, need)
    if lack:
        lacks.append(lack)
    if not need.states_terrain and not any(TERRAIN in e.variables for e in group):
        lacks.append("no height of the ground, and the mission states no terrain.constant_m")
    return "; ".join(lacks)


def _holds_place(entry: StoredWind, longitude: float, latitude: float) -> bool:
    west, south, east, north = entry.box
    if not south <= latitude <= north:
        return False
    return entry.is_global or (longitude - west) % 360.0 <= east - west + 1e-9


def _find_time_lack(times: Sequence[int], need: Need) -> str:
    held = f"holds {_minute(times[0])}" + (f" to {_minute(times[-1])}" if len(times) > 1 else "")
    if len(times) == 1:
        if not need.steady_s:
            return f"{held} alone, and the mission states no wind.steady_hours"
        last = times[0] + need.steady_s
        if need.start_s < times[0] or need.end_s > last:
            return f"{held} alone, held steady to {_minute(last)}"
        return ""
    if need.start_s < times[0] or need.end_s > times[-1]:
        return held
    for start, end in pairwise(times):
        if end - start > need.gap_s + 1.0 and any(a < end and b > start for a, b in need.spans_s):
            return f"has a hole from {_minute(start)} to {_minute(end)}"
    return ""


def _minute(epoch_s: float) -> str:
    return format_utc(epoch_s)[:16] + "Z"
