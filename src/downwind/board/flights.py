"""Fly cells whole with draws of their own: one balloon of each group in every draw.

Nothing is approximated besides that: each balloon flies with its releases and with what a partial
or a failed one leaves on it, and its items are dropped as those of a plan are. Which balloon of a
group flies in a draw is drawn by what it carries and stratified over the draws, so that the share
of its load is an unbiased share of the group's: early and late launches, full and half-full
balloons are met as often as they carry weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.landing.regions import LEFT_DATA, TARGET, LandingRegions
from downwind.plan.drop import ItemLandings, ItemRows, Outcome, drop_rows, fly_group
from downwind.plan.evaluate import OPENED, SAMPLE, sample_rows, wind_of_draw
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.sim.draws import Cause, Draws, RememberedDraws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

BlockWinds = Callable[[Mission, WindGrid], WindGrid]
"""Makes the wind of a block from its mission, which has the block's seed and draws."""

_LABEL: Final = "certify/balloon/"


@dataclass(frozen=True, slots=True)
class Places:
    """Where items of one kind came down that were let go and opened; arrays of shape (n,)."""

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    weight: NDArray[np.float64]
    draw: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CellDraws:
    """What some draws say of a cell.

    Attributes
    ----------
    regions : tuple of str
        Names of ``LandingRegions.names``, and last ``LEFT_DATA``.
    found : numpy.ndarray
        Mass of each kind in each region over that of the whole load, in each draw, shape (kinds,
        regions, draws).
    carried : numpy.ndarray
        Mass of each kind on the balloons that fly over that of the whole load, shape (kinds,
        draws). It adds up to 1 in every draw.
    wind : numpy.ndarray
        Wind of the data that each draw flies in, shape (draws,).
    places : tuple of Places
        Of each kind; empty where draws have no errors of their own.
    """

    regions: tuple[str, ...]
    found: NDArray[np.float64]
    carried: NDArray[np.float64]
    wind: NDArray[np.int64]
    places: tuple[Places, ...]

    @property
    def shares(self) -> NDArray[np.float64]:
        """Shares of the whole load by mass, shape (regions, draws)."""
        shares: NDArray[np.float64] = self.found.sum(axis=0)
        return shares

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.wind.size)


@dataclass(frozen=True, slots=True)
class Block:
    """Draws that all cells of a look fly, with their wind.

    Attributes
    ----------
    mission : Mission
        With the seed and the draws of the block.
    draws : RememberedDraws
    grid : WindGrid
    """

    mission: Mission
    draws: RememberedDraws
    grid: WindGrid


def make_block(
    mission: Mission, grid: WindGrid, index: int, draws: int, winds: BlockWinds
) -> Block:
    """Make a block of draws that no search and no other block uses.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
    index : int
        Of the block; its seed follows from this and the mission's.
    draws : int
    winds : callable
    """
    seed = Draws(mission.seed).derive(f"certify/{index}").seed
    own = replace(mission, seed=seed, draws=draws)
    return Block(own, RememberedDraws(seed, draws), winds(own, grid))


def fly_cell(
    block: Block, regions: LandingRegions, steps: Steps, settings: Sequence[Setting]
) -> CellDraws:
    """Fly a cell in every draw of a block.

    Parameters
    ----------
    block : Block
    regions : LandingRegions
    steps : Steps
    settings : sequence of Setting
        One for each group, with its timer.
    """
    mission, draws, grid = block.mission, block.draws, block.grid
    names = (*regions.names, LEFT_DATA)
    kinds = [kind.name for kind in mission.kinds]
    found = np.zeros((len(kinds), len(names), mission.draws))
    carried = np.zeros((len(kinds), mission.draws))
    landed: list[list[Places]] = [[] for _ in kinds]
    whole_kg = sum(lot.count * lot.kind.mass_kg for lot in mission.lots)
    for g, setting in enumerate(settings):
        group = mission.groups[g]
        each_kg = np.array([group.load_kg(b) for b in range(group.count)])
        balloon = draw_balloons_by_load(draws, each_kg, group.name)
        flights = fly_group(mission, g, draws, grid, setting, steps, balloon[:, None])
        of_group = each_kg.sum() / whole_kg / each_kg[balloon]
        for lot in mission.lots_of(g):
            k = kinds.index(lot.kind.name)
            counts = np.array([lot.part.count_on(b, group.count) for b in range(group.count)])
            part = counts[balloon] * lot.kind.mass_kg * of_group
            rows = sample_rows(
                draws, lot.kind, mission.first_balloon(g), (mission.draws, 1), release=lot.release
            )
            fell = drop_rows(mission, lot, draws, grid, flights, rows, steps, balloon[:, None])
            found[k] += part * _hit(regions, fell, mission.draws)
            carried[k] += part
            landed[k].append(_places(rows, fell, part))
    keeps = grid.arrays.has_error and grid.base_count > 1
    return CellDraws(
        regions=names,
        found=found,
        carried=carried,
        wind=wind_of_draw(grid, np.arange(mission.draws)),
        places=tuple(_join_places(parts) for parts in landed) if keeps else (),
    )


def join_draws(parts: Sequence[CellDraws]) -> CellDraws:
    """Return the draws of several blocks of one cell in one."""
    first = np.cumsum([0, *(part.draws for part in parts)])
    kinds = range(len(parts[0].places))
    return CellDraws(
        regions=parts[0].regions,
        found=np.concatenate([part.found for part in parts], axis=2),
        carried=np.concatenate([part.carried for part in parts], axis=1),
        wind=np.concatenate([part.wind for part in parts]),
        places=tuple(
            _join_places(
                [
                    replace(part.places[k], draw=part.places[k].draw + start)
                    for part, start in zip(parts, first, strict=False)
                ]
            )
            for k in kinds
        ),
    )


def draw_balloons_by_load(
    draws: Draws, each_kg: NDArray[np.float64], name: str
) -> NDArray[np.int64]:
    """Draw which balloon of a group flies in each draw, by what each carries, shape (draws,)."""
    assert draws.count is not None
    at = draws.shared_uniform(Cause.BALLOON_LAUNCH, np.arange(draws.count), label=_LABEL + name)
    edges = np.cumsum(each_kg) / each_kg.sum()
    return np.minimum(np.searchsorted(edges, at, side="right"), each_kg.size - 1)


def _hit(regions: LandingRegions, fell: ItemLandings, draws: int) -> NDArray[np.float64]:
    """Return the part of a lot's sample in each region in each draw, shape (regions + 1, draws).

    In the target only what was let go and opened counts.
    """
    left = fell.outcome == Outcome.LEFT_DATA
    inside = regions.classify(fell.longitude, fell.latitude)
    ends = {name: mask & ~left for name, mask in inside.items()}
    ends[TARGET] &= np.isin(fell.outcome, OPENED)
    ends[LEFT_DATA] = left
    return np.array([mask.reshape(draws, SAMPLE).mean(axis=1) for mask in ends.values()])


def _places(rows: ItemRows, fell: ItemLandings, part: NDArray[np.float64]) -> Places:
    """Return the places of a lot's opened items; weights are parts of the load."""
    opened = np.isin(fell.outcome, OPENED) & (part[rows.draw] > 0.0)
    draw = rows.draw[opened]
    return Places(fell.longitude[opened], fell.latitude[opened], part[draw] / SAMPLE, draw)


def _join_places(parts: Sequence[Places]) -> Places:
    columns = zip(*((p.longitude, p.latitude, p.weight, p.draw) for p in parts), strict=True)
    return Places(*(np.concatenate(column) for column in columns))
