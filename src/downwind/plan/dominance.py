"""What dominates: the share of each group of causes in where the middle of a load comes down.

Two runs A and B of the same setting have nothing random in common. A third for each group of
causes, AB_i, is A with that group alone from B. Their draws give the first-order and total indices
of three quantities of each kind of item: how far along and across the drift the centroid of its
landings lies, and its share in the target.

A few balloons of each group stand for all; what they have too much of their own is taken off, see
``downwind.landing.sensitivity.half_squares``. What an item has of its own, its speed and its mode,
is the same in all runs: it averages out over the load. It is found in the variance within a draw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import ArgumentError
from downwind.geo.sphere import LocalPlane, bearing_deg, distance_m, local_equal_area
from downwind.landing.regions import TARGET, LandingRegions
from downwind.landing.sensitivity import (
    LEAST_ROWS,
    DrawMeans,
    Estimate,
    Floats,
    Stratum,
    estimate_indices,
    half_squares,
)
from downwind.plan.causes import (
    ALL_CAUSES,
    GROUPS,
    TURBULENCE,
    VERTICAL_WIND,
    WIND,
    CauseGroup,
)
from downwind.plan.drop import GroupFlights, Outcome, drop_rows, fly_group
from downwind.plan.evaluate import Progress, sample_rows
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.sim.draws import Cause, Draws, MixedDraws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid
from downwind.wind.members import fewest_draws
from downwind.wind.perturbation.mix import mix_members, varies_up, varies_wind

MOST_DRAWS: Final = 400
"""Draws beyond which no more are flown for this, unless a member would then have none."""

BALLOONS: Final = 8
"""Balloons of a group that stand for all of them."""

ITEMS: Final = 16
"""Items that a kind drops from a group in each draw, at the least."""

ALONG, ACROSS = "along", "across"
QUANTITIES: Final = (ALONG, ACROSS, TARGET)
"""Centroid along and across the drift [m], and share in the target."""

LEAST_VARIANCE: Final = {ALONG: 1.0, ACROSS: 1.0, TARGET: 1e-9}
"""A variance that is not above this is none [m2], [m2], [1]."""

ErrorDraw = Callable[[Mission], WindGrid]
"""Gives the wind with the errors that belong to a mission's seed and number of draws."""


@dataclass(frozen=True, slots=True)
class CauseShare:
    """The indices of one group of causes, fractions of the variance of draws.

    Attributes
    ----------
    group : CauseGroup
    first : Estimate
        What it makes by itself.
    total : Estimate
        The same with all that it does together with others.
    """

    group: CauseGroup
    first: Estimate
    total: Estimate


@dataclass(frozen=True, slots=True)
class QuantityShares:
    """What dominates one quantity.

    Attributes
    ----------
    name : str
        One of ``QUANTITIES``.
    variance : Estimate
        Of the quantity from draw to draw [m2], or [1] for the share in the target.
    within : float
        Variance of single items about their draw's value, in the same unit.
    causes : tuple of CauseShare
        Empty where there is no variance to share out, or too few draws make it.
    interaction : Estimate or None
        1 less all first orders: what no group makes by itself. None as above.
    """

    name: str
    variance: Estimate
    within: float
    causes: tuple[CauseShare, ...]
    interaction: Estimate | None

    @property
    def ranked(self) -> tuple[CauseShare, ...]:
        """The groups, the greatest first order first."""
        return tuple(sorted(self.causes, key=lambda share: -share.first.value))

    @property
    def within_share(self) -> float:
        """Share of the variance within a draw in that of an item; NaN where it has none."""
        whole = self.within + max(self.variance.value, 0.0)
        return self.within / whole if whole > 0.0 else float("nan")


@dataclass(frozen=True, slots=True)
class KindDominance:
    """What dominates where one kind of item comes down.

    Attributes
    ----------
    kind : str
    draws : int
        Draws of each run.
    used_draws : int
        Draws in which something of the kind landed in every run.
    balloons, all_balloons : int
        Balloons that stood for all that carry the kind, and all.
    bearing_deg, distance_m : float
        Of the mean landing from the site: the direction that is called along. NaN without landings.
    quantities : tuple of QuantityShares
        Along, across, target; empty where too few draws have landings.
    """

    kind: str
    draws: int
    used_draws: int
    balloons: int
    all_balloons: int
    bearing_deg: float
    distance_m: float
    quantities: tuple[QuantityShares, ...]

    def quantity(self, name: str) -> QuantityShares:
        """Return one of ``QUANTITIES`` by its name."""
        return next(q for q in self.quantities if q.name == name)


@dataclass(frozen=True, slots=True)
class _Drop:
    """What a kind's sampled items of one group did in one run; arrays (draws, balloons, items)."""

    count: int
    weight: Floats
    landed: NDArray[np.bool_]
    in_target: NDArray[np.bool_]
    longitude: Floats
    latitude: Floats


_Run = dict[str, tuple[_Drop, ...]]


def find_dominance(
    mission: Mission,
    grid: WindGrid,
    settings: tuple[Setting, ...],
    regions: LandingRegions,
    steps: Steps,
    progress: Progress,
    draw_error: ErrorDraw | None = None,
    flights: tuple[GroupFlights, ...] | None = None,
) -> tuple[KindDominance, ...]:
    """Find what dominates where each kind of item comes down, with given settings.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
        With the errors of the mission's own draws, if it has any.
    settings : tuple of Setting
        One for each group, with a timer.
    regions : LandingRegions
    steps : Steps
    progress : callable
    draw_error : callable, optional
        Gives the wind with the errors of another seed and number of draws; needed where ``grid``
        has errors.
    flights : tuple of GroupFlights, optional
        Those of all balloons in the mission's own draws, if they have been flown: the first run is
        among them.

    Returns
    -------
    tuple of KindDominance
        In the order of ``Mission.kinds``.

    Raises
    ------
    ArgumentError
        If ``grid`` has errors and ``draw_error`` is not given.
    """
    runs = _Runs.prepare(mission, grid, settings, regions, steps, draw_error)
    varied = runs.varied
    parts = len(varied) + 2
    progress("what dominates", 0.0)
    own = runs.choose(flights) if flights and runs.first.count == mission.draws else None
    first, own = runs.fly(frozenset(), own)
    progress("what dominates", 1.0 / parts)
    second, _ = runs.fly(ALL_CAUSES, None)
    mixed = []
    for i, group in enumerate(varied):
        progress("what dominates", (i + 2.0) / parts)
        mixed.append(runs.fly(group.causes, None if group.moves_balloon else own)[0])
    return tuple(
        _judge_kind(
            kind.name,
            settings[0],
            varied,
            (first[kind.name], second[kind.name], *(run[kind.name] for run in mixed)),
        )
        for kind in mission.kinds
    )


def choose_balloons(count: int) -> NDArray[np.int64]:
    """Return the indices of the balloons that stand for a group, spread evenly over its launches.

    Parameters
    ----------
    count : int
        Balloons of the group.
    """
    few = min(count, BALLOONS)
    return ((np.arange(few) + 0.5) * count / few).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Runs:
    """All that the runs have in common, and the two sources they draw from."""

    mission: Mission
    first_grid: WindGrid
    second_grid: WindGrid
    order: NDArray[np.int64]
    settings: tuple[Setting, ...]
    regions: LandingRegions
    steps: Steps
    first: Draws
    second: Draws

    @classmethod
    def prepare(
        cls,
        mission: Mission,
        grid: WindGrid,
        settings: tuple[Setting, ...],
        regions: LandingRegions,
        steps: Steps,
        draw_error: ErrorDraw | None,
    ) -> _Runs:
        weights = grid.base_count if grid.weights is None else grid.weights
        count = min(mission.draws, max(MOST_DRAWS, fewest_draws(weights)))
        fewer = replace(mission, draws=count)
        first = Draws(mission.seed, count)
        second = first.derive("what dominates")
        one = two = grid
        if grid.arrays.has_error:
            if draw_error is None:
                raise ArgumentError(
                    "the wind has errors, and there is no way given to draw others",
                    "give draw_error",
                )
            one = grid if count == mission.draws else draw_error(fewer)
            two = draw_error(replace(fewer, seed=second.seed))
        # a member of an ensemble serves the same draws in both winds: pair them anew
        order = np.argsort(
            second.uniform(Cause.WIND_MEMBER, np.arange(count), label="what dominates")
        )
        return cls(fewer, one, two, order, settings, regions, steps, first, second)

    @property
    def varied(self) -> tuple[CauseGroup, ...]:
        """The groups of causes that vary in this run; the others make nothing."""
        lacking = {
            WIND: not varies_wind(self.first_grid),
            VERTICAL_WIND: not varies_up(self.first_grid),
            TURBULENCE: not self.mission.turbulence.is_on,
        }
        return tuple(group for group in GROUPS if not lacking.get(group, False))

    def choose(self, flights: tuple[GroupFlights, ...]) -> tuple[GroupFlights, ...]:
        """Return those of all flights whose balloons stand for the others."""
        return tuple(
            GroupFlights(
                *(getattr(flown, f.name)[:, choose_balloons(group.count)] for f in fields(flown))
            )
            for flown, group in zip(flights, self.mission.groups, strict=True)
        )

    def fly(
        self, causes: frozenset[Cause], known: tuple[GroupFlights, ...] | None
    ) -> tuple[_Run, tuple[GroupFlights, ...]]:
        """Fly all with some causes of the second source; ``known`` flights are not flown again."""
        mission = self.mission
        draws = MixedDraws(self.first.seed, self.first.count, other=self.second, causes=causes)
        grid = mix_members(
            self.first_grid,
            self.second_grid,
            self.order,
            wind=causes >= WIND.causes,
            up=causes >= VERTICAL_WIND.causes,
        )
        chosen = [choose_balloons(group.count) for group in mission.groups]
        flights = known or tuple(
            fly_group(mission, g, draws, grid, setting, self.steps, chosen[g])
            for g, setting in enumerate(self.settings)
        )
        run: _Run = {kind.name: () for kind in mission.kinds}
        for g, index in enumerate(chosen):
            for name in {lot.kind.name for lot in mission.lots_of(g)}:
                run[name] += (self._drop(g, name, index, draws, grid, flights[g]),)
        return run, flights

    def _drop(
        self,
        g: int,
        name: str,
        chosen: NDArray[np.int64],
        draws: Draws,
        grid: WindGrid,
        flights: GroupFlights,
    ) -> _Drop:
        """Drop the sample of a kind from the balloons of a group, all its releases together."""
        mission = self.mission
        each = -(-ITEMS // chosen.size)
        shape = (mission.draws, chosen.size, each)
        first, parts = mission.first_balloon(g), []
        for lot in mission.lots_of(g):
            if lot.kind.name != name:
                continue
            rows = sample_rows(draws, lot.kind, first, shape[:2], 0, lot.release, each)
            fell = drop_rows(mission, lot, draws, grid, flights, rows, self.steps, chosen)
            carried = [lot.part.count_on(int(b), mission.groups[g].count) for b in chosen]
            landed = fell.outcome == Outcome.LANDED
            inside = self.regions.classify(fell.longitude, fell.latitude)[TARGET]
            parts.append(
                (
                    np.broadcast_to(np.array(carried, np.float64)[:, None] / each, shape),
                    landed.reshape(shape),
                    (landed & inside).reshape(shape),
                    fell.longitude.reshape(shape),
                    fell.latitude.reshape(shape),
                )
            )
        joined = [np.concatenate(columns, axis=2) for columns in zip(*parts, strict=True)]
        return _Drop(mission.groups[g].count, *joined)


def _judge_kind(
    kind: str,
    setting: Setting,
    groups: tuple[CauseGroup, ...],
    runs: tuple[tuple[_Drop, ...], ...],
) -> KindDominance:
    """Estimate the indices of one kind; ``runs`` are A, B and one for each group."""
    draws = runs[0][0].weight.shape[0]
    used = np.logical_and.reduce([_lands(run) for run in runs])
    balloons = sum(drop.weight.shape[1] for drop in runs[0])
    whole = sum(drop.count for drop in runs[0])
    rows = int(used.sum())
    nowhere = KindDominance(kind, draws, rows, balloons, whole, np.nan, np.nan, ())
    if rows < LEAST_ROWS:
        return nowhere
    longitude, latitude = _mean_place(runs[0] + runs[1])
    site = (setting.site.longitude, setting.site.latitude)
    away_m = float(distance_m(*site, longitude, latitude))
    back = float(bearing_deg(longitude, latitude, *site))
    course = np.radians(back + 180.0) if away_m > 0.0 else 0.0
    plane = local_equal_area(longitude, latitude)
    measured = [_measure(run, plane, course) for run in runs]
    found = []
    for q, name in enumerate(QUANTITIES):
        # a share in the target is 0 where nothing lands; a place then there is none
        kept = np.ones_like(used) if name == TARGET else used
        a, b, *rest = (m[q][0].keep(kept) for m in measured)
        within = 0.5 * float(np.mean(measured[0][q][1][kept] + measured[1][q][1][kept]))
        found.append(_share_out(name, groups, a, b, rest, within))
    return replace(
        nowhere,
        bearing_deg=float(bearing_deg(*site, longitude, latitude)),
        distance_m=away_m,
        quantities=tuple(found),
    )


def _share_out(
    name: str,
    groups: tuple[CauseGroup, ...],
    a: DrawMeans,
    b: DrawMeans,
    mixed: list[DrawMeans],
    within: float,
) -> QuantityShares:
    between = half_squares(a, b)
    none = np.empty((0, between.size))
    indices = estimate_indices(
        between,
        np.stack([half_squares(b, ab) for ab in mixed]) if mixed else none,
        np.stack([half_squares(a, ab) for ab in mixed]) if mixed else none,
        LEAST_VARIANCE[name],
    )
    if indices is None:
        variance = float(between.mean())
        error = float(between.std(ddof=1)) / between.size**0.5
        some = variance > LEAST_VARIANCE[name]
        known = Estimate(variance, error) if some else Estimate(0.0, 0.0)
        return QuantityShares(name, known, within, (), None)
    shares = zip(groups, indices.first, indices.total, strict=True)
    return QuantityShares(
        name,
        indices.variance,
        within,
        tuple(CauseShare(group, first, total) for group, first, total in shares),
        indices.interaction,
    )


def _lands(run: tuple[_Drop, ...]) -> NDArray[np.bool_]:
    """Tell in which draws anything of a kind lands, shape (draws,)."""
    landing = [((drop.weight > 0.0) & drop.landed).any(axis=(1, 2)) for drop in run]
    return np.asarray(np.logical_or.reduce(landing))


def _mean_place(drops: tuple[_Drop, ...]) -> tuple[float, float]:
    """Return the mean landing [degrees], by the mean of unit vectors."""
    total = np.zeros(3)
    for drop in drops:
        at = drop.landed
        lon, lat = np.radians(drop.longitude[at]), np.radians(drop.latitude[at])
        weight = drop.weight[at] * drop.count / drop.weight.shape[1]
        axes = (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat))
        total += [float(weight @ axis) for axis in axes]
    x, y, z = total
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def _measure(
    run: tuple[_Drop, ...], plane: LocalPlane, course: float
) -> tuple[tuple[DrawMeans, Floats], ...]:
    """Return each of ``QUANTITIES`` in each draw, and the variance of items about it."""
    values: list[list[Floats]] = [[], [], []]
    for drop in run:
        x, y = plane.forward(
            np.where(drop.landed, drop.longitude, 0.0), np.where(drop.landed, drop.latitude, 0.0)
        )
        values[0].append(x * np.sin(course) + y * np.cos(course))
        values[1].append(y * np.sin(course) - x * np.cos(course))
        values[2].append(drop.in_target.astype(np.float64))
    landed = [drop.weight * drop.landed for drop in run]
    every = [np.asarray(drop.weight) for drop in run]
    counts = [drop.count for drop in run]
    return tuple(
        _mean_of_units(value, weight, counts)
        for value, weight in zip(values, (landed, landed, every), strict=True)
    )


def _mean_of_units(
    values: list[Floats], weights: list[Floats], counts: list[int]
) -> tuple[DrawMeans, Floats]:
    """Return the weighted mean of items in each draw as one over balloons, and their variance.

    The mean is a ratio, for balloons whose items do not land count for nothing in it. Each balloon
    is given the value by which it moves that ratio (Cochran 1977, section 6.3, the ratio made
    linear): the plain mean of these is the ratio itself.
    """
    whole = sum(counts)
    shares = [count / whole for count in counts]
    mass = np.zeros(values[0].shape[0])
    moment = np.zeros_like(mass)
    for value, weight, share in zip(values, weights, shares, strict=True):
        mass += share * weight.sum(axis=2).mean(axis=1)
        moment += share * (weight * value).sum(axis=2).mean(axis=1)
    safe = np.where(mass > 0.0, mass, 1.0)
    mean = moment / safe
    strata, around = [], np.zeros_like(mass)
    for value, weight, share, count in zip(values, weights, shares, counts, strict=True):
        off = value - mean[:, None, None]
        moved = (weight * off).sum(axis=2) / safe[:, None]
        strata.append(Stratum(share, count, mean[:, None] + moved))
        around += share * (weight * off**2).sum(axis=2).mean(axis=1) / safe
    found = DrawMeans(tuple(strata))
    return found, np.asarray(around + found.noise())
