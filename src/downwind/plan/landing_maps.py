"""The landing maps of a plan: for each kind of item, and for all else that comes down.

A map says where, as a predictive density with its contours; how many are expected to a square
kilometre; and how many people are expected to be struck by what is above the limit of energy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from downwind.geo.population import PopulationRaster, iter_people
from downwind.landing.casualty import YARDSTICK_KM2, Struck, add_up, casualty_area_m2
from downwind.landing.clusters import Clusters
from downwind.landing.density import LandingDensity, estimate_density
from downwind.landing.regions import LandingRegions
from downwind.load.impact import item_impact
from downwind.plan.drop import GroupFlights
from downwind.plan.endings import TITLES, Part, find_endings
from downwind.plan.evaluate import OPENED, SampledItems, wind_of_draw
from downwind.plan.ground import GroundResult
from downwind.plan.load_events import LoadEvent, find_load_events
from downwind.plan.mission import Mission
from downwind.plan.mission_choices import PopulationChoice, Report
from downwind.plan.towns import Landings, TownTable, find_towns
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

_EVERY: Final = 4
"""Of the nodes of a map, which ones mark the area in which a raster is read."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class People:
    """People of a population raster on the grid of a map.

    Attributes
    ----------
    in_area : dict
        People within the contour of each probability.
    """

    in_area: dict[float, float]


@dataclass(frozen=True, slots=True)
class LandingMap:
    """Where one sort of thing comes down in a night.

    Attributes
    ----------
    key : str
        Name of the item, or ``bundles``, ``unreleased``, ``envelopes``.
    role : {"item", "ending"}
    title : str
    expected : float
        How many are expected to come down within the wind data.
    density : LandingDensity or None
        None where fewer than three draws have any.
    per_km2 : numpy.ndarray or None
        How many are expected to a square kilometre, on the grid of the density [km-2].
    regions : dict
        For each region, how many are expected there, and the standard error.
    struck : Struck
    people : People or None
        None without a population raster.
    expected_error : float
        Standard error of ``expected``.
    """

    key: str
    role: Literal["item", "ending"]
    title: str
    expected: float
    density: LandingDensity | None
    per_km2: _Floats | None
    regions: dict[str, tuple[float, float]]
    struck: Struck
    people: People | None = None
    expected_error: float = float("nan")


@dataclass(frozen=True)
class LandingReport:
    """All that is said of where things come down.

    Attributes
    ----------
    maps : tuple of LandingMap
        The items in the order of the manifest, then bundles, loads that stayed, and envelopes.
    events : tuple of LoadEvent
    things : tuple of Landings
        The landings behind the maps, in their order.
    draws : int
    choice : Report
    clusters : Clusters
        Which draws share a wind of the data.
    """

    maps: tuple[LandingMap, ...]
    events: tuple[LoadEvent, ...]
    things: tuple[Landings, ...]
    draws: int
    choice: Report
    clusters: Clusters

    @cached_property
    def towns(self) -> TownTable:
        """The towns about the landings, read when they are first asked for: that takes a second."""
        choice = self.choice
        return find_towns(
            self.things, self.draws, choice.town_radius_m, choice.smallest_town, self.clusters
        )

    def of_role(self, role: Literal["item", "ending"]) -> tuple[LandingMap, ...]:
        """Return the maps of the items, or of the endings, that have a density."""
        return tuple(m for m in self.maps if m.role == role and m.density is not None)


def report_landings(
    mission: Mission,
    draws: Draws,
    grid: WindGrid,
    clusters: Clusters,
    regions: LandingRegions,
    steps: Steps,
    flights: tuple[GroupFlights, ...],
    grounds: tuple[GroundResult, ...],
    sample: tuple[SampledItems, ...],
    densities: dict[str, LandingDensity | None],
    shares: dict[str, _Floats],
    left: _Floats,
) -> LandingReport:
    """Make the maps, the events and the table of towns of a plan.

    Parameters
    ----------
    mission, draws, grid, clusters, regions, steps
        Of the run.
    flights, grounds : tuple
        Of each group.
    sample : tuple of SampledItems
        Of each kind.
    densities : dict
        Of each kind, by its name.
    shares, left : dict, numpy.ndarray
        Share of the load by mass in each region and beyond the data, in each draw.
    """
    sorts: list[tuple[str, Literal["item", "ending"], str, list[Part]]] = [
        (items.kind.name, "item", items.kind.title, [_part_of_items(items)]) for items in sample
    ]
    endings = find_endings(mission, draws, grid, steps, flights, grounds, clusters)
    sorts += [(key, "ending", TITLES[key], parts) for key, parts in endings.items()]
    maps, things = [], []
    for key, role, title, parts in sorts:
        rows = _join(key, role == "item", parts)
        things.append(rows)
        density = densities.get(key) if role == "item" else _density_of(mission, grid, rows)
        maps.append(_make_map(mission, clusters, regions, key, role, title, parts, rows, density))
    choice = mission.report
    return LandingReport(
        tuple(maps),
        find_load_events(regions, shares, left, choice.at_least, clusters),
        tuple(things),
        mission.draws,
        choice,
        clusters,
    )


def _part_of_items(items: SampledItems) -> Part:
    opened = np.isin(items.outcome, OPENED)
    impact = item_impact(items.kind)
    return Part(
        items.longitude[opened], items.latitude[opened], items.draw[opened], items.weight[opened],
        1.0, 0.0, items.kind.body_area_m2, impact.fast_energy_j,
    )  # fmt: skip


def _join(key: str, is_item: bool, parts: list[Part]) -> Landings:
    """Put the parts of one sort together, each row weighted by how often it comes to pass."""
    return Landings(
        key,
        is_item,
        np.concatenate([p.longitude for p in parts]),
        np.concatenate([p.latitude for p in parts]),
        np.concatenate([p.draw for p in parts]),
        np.concatenate([p.number * p.weight for p in parts]),
    )


def _density_of(mission: Mission, grid: WindGrid, rows: Landings) -> LandingDensity | None:
    any_of_it = rows.weight > 0.0
    draw = rows.draw[any_of_it]
    return estimate_density(
        rows.longitude[any_of_it], rows.latitude[any_of_it], rows.weight[any_of_it], draw,
        wind_of_draw(grid, draw), levels=mission.report.contours, even_draws=False,
        own_errors=grid.arrays.has_error,
    )  # fmt: skip


def _make_map(
    mission: Mission,
    clusters: Clusters,
    regions: LandingRegions,
    key: str,
    role: Literal["item", "ending"],
    title: str,
    parts: list[Part],
    rows: Landings,
    density: LandingDensity | None,
) -> LandingMap:
    draws = mission.draws
    found = {}
    inside = [regions.classify(p.longitude, p.latitude) for p in parts]
    for name in regions.names:
        found[name] = _add_up(parts, [mask[name] for mask in inside], clusters)
    expected, error = _add_up(parts, [np.ones(p.draw.size, np.bool_) for p in parts], clusters)
    above = [p for p in parts if p.is_above_limit]
    per_km2, people, read = None, None, None
    if density is not None:
        per_km2 = 1e6 * density.smooth(rows.longitude, rows.latitude, rows.weight / draws)
        raster = mission.population.raster
        if raster is not None:
            read = _read_on_grid(raster, density)
            people = People({
                level: float(read[0][density.density >= threshold].sum())
                for level, threshold in density.levels.items()
            })  # fmt: skip
    struck = _strike(above, mission.population, clusters, density, read)
    return LandingMap(key, role, title, expected, density, per_km2, found, struck, people, error)


def _add_up(
    parts: list[Part], masks: list[NDArray[np.bool_]], clusters: Clusters
) -> tuple[float, float]:
    """Return how many of the rows that are marked are expected, and the standard error."""
    sums = [
        add_up(
            p.number,
            p.number_error,
            p.per_draw(mask.astype(np.float64), clusters.draws),
            clusters,
        )
        for p, mask in zip(parts, masks, strict=True)
    ]
    return sum(s[0] for s in sums), float(np.hypot.reduce([s[1] for s in sums]))


def _read_on_grid(raster: PopulationRaster, density: LandingDensity) -> tuple[_Floats, _Floats]:
    """Return people at the nodes of a map, and the part of each node's area with a value."""
    nodes, plane = density.nodes, density.plane
    ends = [np.union1d(axis[::_EVERY], axis[-1:]) for axis in (nodes.x_m, nodes.y_m)]
    x, y = (v.ravel() for v in np.meshgrid(*ends))
    people = np.zeros(density.density.shape)
    known_km2, read_km2 = np.zeros_like(people), np.zeros_like(people)
    for cells in iter_people(raster, *plane.inverse(x, y), spacing_m=min(nodes.cell)):
        at = plane.forward(cells.longitude, cells.latitude)
        people += nodes.count(*at, cells.count)
        known_km2 += nodes.count(*at, cells.area_km2 * cells.is_known)
        read_km2 += nodes.count(*at, cells.area_km2)
    return people, np.divide(known_km2, read_km2, np.zeros_like(people), where=read_km2 > 0.0)


def _strike(
    parts: list[Part],
    choice: PopulationChoice,
    clusters: Clusters,
    density: LandingDensity | None,
    read: tuple[_Floats, _Floats] | None,
) -> Struck:
    """Return how many people are expected to be struck by parts above the limit of energy."""
    draws = clusters.draws
    areas = [casualty_area_m2(p.area_m2, choice.person_radius_m) for p in parts]
    things = [p.number * float(p.weight.sum()) / draws for p in parts]
    total = sum(things)
    if not total > 0.0:
        return Struck(0.0, float("nan"), 0.0, *((0.0, 0.0, 0.0) if read is not None else ()))
    swept = sum(a * n for a, n in zip(areas, things, strict=True))
    bare = Struck(total, swept / total, YARDSTICK_KM2 * swept / 1e6)
    if density is None or read is None:
        return bare
    # one kernel for both: people about a landing are those about where it may be as well
    nodes = density.nodes
    per_m2 = density.spread(read[0]) / density.cell_m2
    mean = square = lost = 0.0
    for part, area in zip(parts, areas, strict=True):
        at = density.plane.forward(part.longitude, part.latitude)
        each = part.per_draw(area * nodes.read(per_m2, *at), draws)
        expected, error = add_up(part.number, part.number_error, each, clusters)
        mean, square = mean + expected, square + error**2
        off = part.per_draw(1.0 - nodes.read(read[1], *at), draws)
        lost += part.number * float(off.mean())
    return replace(
        bare, expected=mean, standard_error=float(np.sqrt(square)), unknown_share=lost / total
    )
