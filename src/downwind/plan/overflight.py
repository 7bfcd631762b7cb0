"""Over what a launch flies: countries, zones and towns, draw by draw.

One balloon of each group flies in every draw along its whole way, up with its load and down as an
empty envelope, or with what stayed on it; its track is a point a minute, with more between them.
Items count by the straight line from where that balloon lets them go to where they land. What is
found befell a draw if anything of it did, so for a large fleet it is a little too rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.geo.atlas import countries
from downwind.geo.places import Town, towns_in_box
from downwind.geo.regions import SEA, Region, classify_country
from downwind.geo.sphere import bearing_deg, distance_m, wrap_longitude
from downwind.landing.clusters import Clusters
from downwind.landing.intervals import EventProbability, estimate_event
from downwind.rules.facts import LOW_PATH_M
from downwind.sim.flight import Flights, StopRule

SPACING_M: Final = 1_000.0
"""Greatest distance of two points of a path that are asked for their country [m]."""

TOWN_PER_KM2: Final = 2_500.0
"""People on a square kilometre of a town, which makes it a disc; an assumption."""

SMALLEST_TOWN_M: Final = 500.0
"""Radius of the smallest town [m]; an assumption."""

_LOW_SPACING_M: Final = 100.0
_LINES: Final = 20_000
_REACH_DEG: Final = 0.7
"""Latitude that the disc of the largest town reaches, and more [degrees]."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Balloons of one group on their whole way; a row a balloon.

    Attributes
    ----------
    draw : numpy.ndarray
        Shape (n,).
    launch_s : numpy.ndarray
        Shape (n,) [epoch s].
    flights : Flights
        With tracks.
    """

    draw: NDArray[np.int64]
    launch_s: _Floats
    flights: Flights


@dataclass(frozen=True, slots=True, eq=False)
class Falls:
    """Things that come down; columns of shape (n,).

    Attributes
    ----------
    group, release : int
        Of what let them go; -1 where it is the balloon itself that came down.
    draw : numpy.ndarray
    longitude, latitude : numpy.ndarray
        Where they land [degrees].
    aloft : bool
        Whether these are places in the air, which count for countries alone.
    """

    group: int
    release: int
    draw: NDArray[np.int64]
    longitude: _Floats
    latitude: _Floats
    aloft: bool = False


@dataclass(frozen=True, eq=False)
class Overflight:
    """All ways of a launch.

    Attributes
    ----------
    clusters : Clusters
        Of the draws that were flown.
    ground_m : float
        Height of the site [m above the sea].
    tracks : tuple of Track
        One a group.
    falls : tuple of Falls
    """

    clusters: Clusters
    ground_m: float
    tracks: tuple[Track, ...]
    falls: tuple[Falls, ...]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.clusters.draws

    @cached_property
    def pieces(self) -> tuple[_Lines, ...]:
        """The tracks of each group from one record to the next."""
        return tuple(_track_lines(track) for track in self.tracks)

    @cached_property
    def fall_pieces(self) -> tuple[_Lines, ...]:
        """The straight lines of what is let go, to where it lands."""
        return tuple(_fall_lines(self, fall) for fall in self.falls if fall.group >= 0)

    def estimate(self, draw: NDArray[np.int64]) -> EventProbability:
        """Estimate the probability of what befell some draws, repeated as often as it did."""
        befell = np.zeros(self.draws, np.bool_)
        befell[draw] = True
        return estimate_event(befell, self.clusters)


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Straight pieces of ways: ends [degrees], heights [m above the sea], draw; shape (n,)."""

    draw: NDArray[np.int64]
    start: tuple[_Floats, _Floats, _Floats]
    end: tuple[_Floats, _Floats, _Floats]


def find_crossings(overflight: Overflight) -> dict[str, EventProbability]:
    """Return the probability that anything of a draw is over, or comes down in, each country.

    Parameters
    ----------
    overflight : Overflight

    Returns
    -------
    dict
        By the name of the country; only those that some draw met.
    """
    every = countries("10m")
    met = np.zeros((len(every) + 1, overflight.draws), np.bool_)  # the last row is SEA, -1
    for lines in overflight.pieces:
        draw, longitude, latitude = _spread(lines, SPACING_M)
        met[classify_country(longitude, latitude), draw] = True
    for fall in overflight.falls:
        met[classify_country(fall.longitude, fall.latitude), fall.draw] = True
    return {
        every[i].name: estimate_event(met[i], overflight.clusters)
        for i in np.flatnonzero(met[:SEA].any(axis=1))
    }


def find_entered(
    overflight: Overflight, region: Region, lower_m: float, upper_m: float
) -> EventProbability:
    """Return the probability that anything of a draw enters a region between two heights.

    Parameters
    ----------
    overflight : Overflight
    region : Region
    lower_m, upper_m : float
        [m above the sea]
    """
    shapely.prepare(region.geometry)
    west, south, east, north = region.geometry.bounds
    found: list[NDArray[np.int64]] = []
    pieces = (*overflight.pieces, *overflight.fall_pieces)
    for lines in (*pieces, *_turned_lines(pieces)):
        (lon_0, lat_0, h_0), (lon_1, lat_1, h_1) = lines.start, lines.end
        near = (np.minimum(h_0, h_1) <= upper_m) & (np.maximum(h_0, h_1) >= lower_m)
        near &= (np.minimum(lat_0, lat_1) <= north) & (np.maximum(lat_0, lat_1) >= south)
        near &= (np.minimum(lon_0, lon_1) <= east) & (np.maximum(lon_0, lon_1) >= west)
        at = np.flatnonzero(near)
        ends = np.stack([np.stack([lon_0, lat_0], 1)[at], np.stack([lon_1, lat_1], 1)[at]], 1)
        hit = shapely.intersects(region.geometry, shapely.linestrings(ends))
        found.append(lines.draw[at[hit]])
    if lower_m <= overflight.ground_m:
        for fall in (fall for fall in overflight.falls if not fall.aloft):
            found.append(fall.draw[region.contains(fall.longitude, fall.latitude)])
    return overflight.estimate(np.concatenate([*found, np.empty(0, np.int64)]))


def find_low_towns(
    overflight: Overflight, smallest: int
) -> tuple[tuple[Town, float, EventProbability], ...]:
    """Return the towns under the climb, as long as it is low, the largest first.

    Parameters
    ----------
    overflight : Overflight
    smallest : int
        People of the smallest town that is asked.

    Returns
    -------
    tuple of tuple
        The town, its distance from the site [m], and the probability that a draw flies over it
        below ``LOW_PATH_M`` above the ground. A town is a disc about its middle.
    """
    parts = [
        _spread(_low_lines(track, lines, overflight.ground_m), _LOW_SPACING_M)
        for track, lines in zip(overflight.tracks, overflight.pieces, strict=True)
    ]
    draw, longitude, latitude = (np.concatenate(x) for x in zip(*parts, strict=True))
    if not draw.size:
        return ()
    site = overflight.tracks[0].flights.track[0, 0, :2]
    found = []
    for town in _towns_about(longitude, latitude, smallest):
        away = distance_m(longitude, latitude, town.longitude, town.latitude)
        under = away <= town_radius_m(town)
        if under.any():
            own = float(distance_m(site[0], site[1], town.longitude, town.latitude))
            found.append((town, own, overflight.estimate(draw[under])))
    return tuple(found)


def town_radius_m(town: Town) -> float:
    """Return the radius of the disc that a town is taken for [m]."""
    area_km2 = town.population / TOWN_PER_KM2
    return max(1e3 * float(np.sqrt(area_km2 / np.pi)), SMALLEST_TOWN_M)


def find_highest_m(track: Track) -> float:
    """Return the greatest altitude of any balloon of a group [m above the sea]."""
    return float(atmosphere.geometric_altitude(np.nanmax(track.flights.track[:, :, 2])))


def find_climb_s(tracks: tuple[Track, ...], altitude_m: float) -> float | None:
    """Return the median time from the launch through an altitude [s].

    None where fewer than half of the balloons get there.
    """
    level = float(atmosphere.geopotential_height(altitude_m))
    times = []
    for track in tracks:
        height = track.flights.track[:, :, 2]
        above = height >= level
        row = above.argmax(axis=1)
        every = np.arange(row.size)
        below = height[every, np.maximum(row - 1, 0)]
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.where(row > 0, (level - below) / (height[every, row] - below), 0.0)
        seconds = (np.maximum(row - 1, 0) + part) * track.flights.record_s
        times.append(np.where(above.any(axis=1), seconds, np.inf))
    median = float(np.median(np.concatenate(times)))
    return median if np.isfinite(median) else None


def find_first_release_s(tracks: tuple[Track, ...]) -> float | None:
    """Return the median time from the launch to the first release [s]; None without any."""
    found = np.concatenate([t.flights.release_time_s[:, 0] - t.launch_s for t in tracks])
    found = found[np.isfinite(found)]
    return float(np.median(found)) if found.size else None


def find_carried_s(tracks: tuple[Track, ...]) -> float | None:
    """Return the longest time from a launch to a last release that acts [s]; None without any."""
    times = [t.flights.release_time_s - t.launch_s[:, None] for t in tracks]
    return _longest(times)


def find_aloft_s(tracks: tuple[Track, ...]) -> float | None:
    """Return the longest time from a launch to where a balloon is followed no further [s]."""
    return _longest([t.flights.end_time_s - t.launch_s for t in tracks])


def _longest(times: list[_Floats]) -> float | None:
    known = np.concatenate([t[np.isfinite(t)] for t in times])
    return float(known.max()) if known.size else None


def find_heading_deg(overflight: Overflight) -> float | None:
    """Return the bearing from the site to the median place of the first release [degrees].

    None without any release.
    """
    flights = [track.flights for track in overflight.tracks]
    longitude = np.concatenate([f.release_longitude[:, 0] for f in flights])
    latitude = np.concatenate([f.release_latitude[:, 0] for f in flights])
    acted = np.isfinite(longitude)
    if not acted.any():
        return None
    site = flights[0].track[0, 0, :2]
    east = float(np.median(_unwrap(np.full(int(acted.sum()), site[0]), longitude[acted])))
    return float(bearing_deg(site[0], site[1], east, float(np.median(latitude[acted]))))


def find_left_data(overflight: Overflight) -> EventProbability:
    """Return the probability that a balloon of a draw leaves the wind data before it is down."""
    draws = [t.draw[t.flights.reason == StopRule.LEFT_DATA] for t in overflight.tracks]
    return overflight.estimate(np.concatenate(draws))


def _track_lines(track: Track) -> _Lines:
    """Return the pieces of tracks from one record to the next."""
    points = track.flights.track
    known = np.isfinite(points[:, 1:, 0])
    height = np.asarray(atmosphere.geometric_altitude(points[:, :, 2]), np.float64)
    row, at = np.nonzero(known)
    start = (points[row, at, 0], points[row, at, 1], height[row, at])
    end = (points[row, at + 1, 0], points[row, at + 1, 1], height[row, at + 1])
    return _Lines(track.draw[row], start, (_unwrap(start[0], end[0]), *end[1:]))


def _low_lines(track: Track, lines: _Lines, ground_m: float) -> _Lines:
    """Return the pieces of the climb below ``LOW_PATH_M`` above the ground, cut off there."""
    top = ground_m + LOW_PATH_M
    (lon_0, lat_0, h_0), (lon_1, lat_1, h_1) = lines.start, lines.end
    # the climb ends with the first piece that reaches the top; rows of a balloon stand together
    points = track.flights.track
    known = np.isfinite(points[:, 1:, 0])
    reached = atmosphere.geometric_altitude(points[:, :-1, 2]) >= top
    first = ~np.logical_or.accumulate(reached, axis=1)[known]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.clip(np.where(h_1 > top, (top - h_0) / (h_1 - h_0), 1.0), 0.0, 1.0)[first]
    start = (lon_0[first], lat_0[first], h_0[first])
    end = tuple(
        a[first] + part * (b - a)[first] for a, b in ((lon_0, lon_1), (lat_0, lat_1), (h_0, h_1))
    )
    return _Lines(lines.draw[first], start, (end[0], end[1], end[2]))


def _fall_lines(overflight: Overflight, fall: Falls) -> _Lines:
    """Return the lines from where the balloon of a draw lets go to where things of it land."""
    track = overflight.tracks[fall.group]
    place = np.full((overflight.draws, 3), np.nan)
    flights, r = track.flights, fall.release
    place[track.draw, 0] = flights.release_longitude[:, r]
    place[track.draw, 1] = flights.release_latitude[:, r]
    place[track.draw, 2] = atmosphere.geometric_altitude(flights.release_height_m[:, r])
    some = np.arange(0, fall.draw.size, max(-(-fall.draw.size // _LINES), 1))
    some = some[np.isfinite(place[fall.draw[some], 0])]
    draw = fall.draw[some]
    start = (place[draw, 0], place[draw, 1], place[draw, 2])
    longitude = _unwrap(start[0], fall.longitude[some])
    ground = np.full(draw.size, min(overflight.ground_m, 0.0))
    return _Lines(draw, start, (longitude, fall.latitude[some], ground))


def _turned_lines(pieces: tuple[_Lines, ...]) -> list[_Lines]:
    """Return the pieces that pass the 180th meridian as they lie from its other side."""
    turned = []
    for lines in pieces:
        (lon_0, *_), (lon_1, lat_1, h_1) = lines.start, lines.end
        past = np.flatnonzero((lon_1 > 180.0) | (lon_1 < -180.0))
        if past.size:
            turn = -360.0 * np.sign(lon_1[past])
            start = (lon_0[past] + turn, lines.start[1][past], lines.start[2][past])
            end = (lon_1[past] + turn, lat_1[past], h_1[past])
            turned.append(_Lines(lines.draw[past], start, end))
    return turned


def _unwrap(start: _Floats, end: _Floats) -> _Floats:
    """Return the longitudes [degrees] of ends, the short way round from their starts."""
    return np.asarray(start + (end - start + 180.0) % 360.0 - 180.0)


def _spread(lines: _Lines, spacing_m: float) -> tuple[NDArray[np.int64], _Floats, _Floats]:
    """Return draw, longitude and latitude of points along lines, their ends among them."""
    (lon_0, lat_0, _), (lon_1, lat_1, _) = lines.start, lines.end
    count = np.ceil(distance_m(lon_0, lat_0, lon_1, lat_1) / spacing_m).astype(np.int64) + 1
    line = np.repeat(np.arange(count.size), count)
    step = np.arange(line.size) - np.repeat(np.cumsum(count) - count, count)
    part = step / np.maximum(count[line] - 1, 1)
    longitude = lon_0[line] + part * (lon_1 - lon_0)[line]
    latitude = lat_0[line] + part * (lat_1 - lat_0)[line]
    return lines.draw[line], wrap_longitude(longitude), latitude


def _towns_about(longitude: _Floats, latitude: _Floats, smallest: int) -> list[Town]:
    """Return the towns whose disc may reach a low path, which is short."""
    first, steepest = float(longitude[0]), float(np.abs(latitude).max())
    east = (longitude - first + 180.0) % 360.0 - 180.0
    wide = min(_REACH_DEG / max(float(np.cos(np.radians(steepest))), 1e-2), 90.0)
    return towns_in_box(
        float(wrap_longitude(first + east.min() - wide)),
        max(float(latitude.min()) - _REACH_DEG, -90.0),
        float(wrap_longitude(first + east.max() + wide)),
        min(float(latitude.max()) + _REACH_DEG, 90.0),
        smallest,
        100_000,
    )
