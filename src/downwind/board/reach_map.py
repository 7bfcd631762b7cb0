"""Launches that were found, gathered into the cells of a map for each hour.

The share of a cell is what the load of each group would bring into the target with the timer
setting that serves it best there, over the winds of the data that were flown in. It knows these
winds and nothing else that is uncertain: it says where to look, and at how large a piece of land.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from downwind.constants import EARTH_RADIUS_M
from downwind.geo.regions import SEA, classify_country
from downwind.geo.sphere import distance_m
from downwind.plan.mission import Mission, Site
from downwind.plan.reach_back import BackFlights
from downwind.plan.reach_places import TargetPlaces

CELL_STEPS: Final = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
"""Sizes that the cells of the map may have [degrees]; the first is the finest that is named."""


PLACES: Final = 5
"""Places in the home region that are flown forward."""


APART_M: Final = 15_000.0
"""Least distance between two of them [m]."""


ROOM_M: Final = 40_000.0
"""How far about a place the shares of others count for it [m]."""


@dataclass(frozen=True, slots=True)
class ReachMap:
    """How much of the load each cell could bring into the target, for each hour.

    Attributes
    ----------
    longitude, latitude : numpy.ndarray
        Middles of the cells, shape (columns,) and (rows,) [degrees]; longitudes may run on past
        180.
    cell_deg : float
    share : numpy.ndarray
        Shape (hours, rows, columns) [fraction of the load by mass].
    in_home, on_land : numpy.ndarray
        Whether the middle of each cell is in the home region, and on land, shape (rows, columns).
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    cell_deg: float
    share: NDArray[np.float64]
    in_home: NDArray[np.bool_]
    on_land: NDArray[np.bool_]

    def area_km2(self, hour: int, at_least: float, home_only: bool = True) -> float:
        """Return the area of the cells with a share of at least so much at an hour [km2]."""
        held = self.share[hour] >= max(at_least, 1e-9)
        if home_only:
            held = held & self.in_home
        side_km = math.radians(self.cell_deg) * EARTH_RADIUS_M / 1e3
        return float((held * np.cos(np.radians(self.latitude))[:, None]).sum() * side_km**2)


def gather_map(
    mission: Mission, found: list[BackFlights], hours: int, places: TargetPlaces
) -> ReachMap:
    """Gather launches into cells: for each hour, what share of the load each cell could bring.

    A group's share in a cell with a setting is the part of its load, by mass, whose launches lie
    there, averaged over the winds; each group takes the setting that serves the cell best.
    """
    first = mission.sites[0]
    every = [
        (f.longitude[np.isfinite(f.longitude)], f.latitude[np.isfinite(f.latitude)]) for f in found
    ]
    longitude = np.concatenate([x for x, _ in every] or [np.zeros(0)])
    latitude = np.concatenate([y for _, y in every] or [np.zeros(0)])
    if not longitude.size:
        longitude, latitude = np.array([first.longitude]), np.array([first.latitude])
    about = float(longitude[0])
    east = about + (longitude - about + 180.0) % 360.0 - 180.0
    wanted = 1.5 * places.fine_spacing_m / EARTH_RADIUS_M * 180.0 / math.pi
    cell = next((step for step in CELL_STEPS if step >= wanted), CELL_STEPS[-1])
    west, south = (math.floor(float(v.min()) / cell) - 1 for v in (east, latitude))
    columns = math.floor(float(east.max()) / cell) + 2 - west
    rows = math.floor(float(latitude.max()) / cell) + 2 - south
    best: dict[tuple[int, int], NDArray[np.float64]] = {}
    load_kg = [sum(p.count * p.kind.mass_kg for p in g.load) for g in mission.groups]
    for h in range(hours):
        for g in range(len(mission.groups)):
            lots = [f for f in found if f.hour == h and f.lot.group == g]
            settings, winds = lots[0].longitude.shape[:2]
            total = np.zeros((settings, rows * columns))
            for flights in lots:
                part = flights.lot.count * flights.lot.kind.mass_kg / load_kg[g]
                for t in range(settings):
                    for w in range(winds):
                        good = np.isfinite(flights.longitude[t, w])
                        lon = about + (flights.longitude[t, w, good] - about + 180.0) % 360.0
                        x = np.floor((lon - 180.0) / cell).astype(np.int64) - west
                        y = np.floor(flights.latitude[t, w, good] / cell).astype(np.int64) - south
                        total[t, np.unique(y * columns + x)] += part / winds
            best[h, g] = total.max(axis=0)
    weight = np.array(load_kg) / sum(load_kg)
    share = np.array(
        [sum(weight[g] * best[h, g] for g in range(len(load_kg))) for h in range(hours)]
    ).reshape(hours, rows, columns)
    lon = (west + np.arange(columns) + 0.5) * cell
    lat = (south + np.arange(rows) + 0.5) * cell
    grid_lon, grid_lat = np.meshgrid((lon + 180.0) % 360.0 - 180.0, lat)
    return ReachMap(
        np.asarray(lon, np.float64),
        np.asarray(lat, np.float64),
        cell,
        share,
        in_home=mission.home.contains(grid_lon, grid_lat),
        on_land=classify_country(grid_lon, grid_lat) != SEA,
    )


def read_cell(reach_map: ReachMap, hour: int, site: Site) -> float:
    """Return the share of the cell that holds a site, 0 off the map."""
    half = 0.5 * reach_map.cell_deg
    turn = (site.longitude - reach_map.longitude[0] + 180.0) % 360.0 - 180.0
    column = math.floor((turn + half) / reach_map.cell_deg)
    up = site.latitude - float(reach_map.latitude[0])
    row = math.floor((up + half) / reach_map.cell_deg)
    rows, columns = reach_map.share.shape[1:]
    if not (0 <= row < rows and 0 <= column < columns):
        return 0.0
    return float(reach_map.share[hour, row, column])


def best_places(
    mission: Mission, hours: tuple[int, ...], reach_map: ReachMap
) -> list[tuple[Site, int, float]]:
    """Return the best cells of the home region, apart from each other, with their best hours."""
    share = np.where(reach_map.in_home & reach_map.on_land, reach_map.share, 0.0)
    # in the midst of good cells an error of the wind costs least
    width = math.degrees(ROOM_M / EARTH_RADIUS_M) / reach_map.cell_deg
    room = np.array([gaussian_filter(one, width, mode="constant") for one in reach_map.share])
    order = np.argsort(-(share * room).ravel(), kind="stable")
    found: list[tuple[Site, int, float]] = []
    for index in order:
        hour, row, column = (int(i) for i in np.unravel_index(index, share.shape))
        if share[hour, row, column] <= 0.0 or len(found) == PLACES:
            break
        step = CELL_STEPS[0]
        lat = round(round(float(reach_map.latitude[row]) / step) * step, 2)
        lon = round(round(float(reach_map.longitude[column]) / step) * step, 2)
        lon = (lon + 180.0) % 360.0 - 180.0
        if any(float(distance_m(lon, lat, s.longitude, s.latitude)) < APART_M for s, _, _ in found):
            continue
        name = f"{abs(lat):.2f} {'NS'[lat < 0]} {abs(lon):.2f} {'EW'[lon < 0]}"
        place = Site(name, lat, lon, None, mission.sites[0].time_zone)
        found.append((place, hour, float(share[hour, row, column])))
    return found
