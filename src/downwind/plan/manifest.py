"""The manifest: every item of a mission once, flown as it is read, in constant memory.

Item i of a kind flies in draw i modulo D. Its random numbers are found by its own indices alone, so
that rows do not depend on how many of them fly at a time, and every pass gives the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.load.traits import ItemKind
from downwind.plan.drop import GroupFlights, ItemLandings, Outcome, drop_rows, mark_sea
from downwind.plan.evaluate import Progress, manifest_rows
from downwind.plan.mission import Lot, Mission
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid

CHUNK: Final = 65_536
"""Items that fly at a time; what they need passes through some 20 MiB."""


@dataclass(frozen=True, slots=True)
class LandedItems:
    """Items of one lot with what became of them and where; arrays of shape (n,).

    Attributes
    ----------
    kind : ItemKind
    group, release : int
        Index of the balloon group, and of its release.
    balloon : numpy.ndarray
        Index of the balloon in the fleet.
    draw : numpy.ndarray
    landings : ItemLandings
    """

    kind: ItemKind
    group: int
    release: int
    balloon: NDArray[np.int64]
    draw: NDArray[np.int64]
    landings: ItemLandings


@dataclass(frozen=True, slots=True)
class Tally:
    """What a pass over the whole manifest counts.

    Attributes
    ----------
    outcomes : dict
        For each kind, by its name, how many items met each outcome, by its text.
    released : dict
        For each kind how many items were let go, whatever came after.
    box : tuple of float or None
        West, south, east, north [degrees] of all ends; west is greater than east where they lie
        about the antimeridian. None where no end is known.
    """

    outcomes: dict[str, dict[str, int]]
    released: dict[str, int]
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Manifest:
    """Every item of a mission once, in the order kind, group, release, item; flown by each pass.

    Iterating gives ``LandedItems``, as ``chunks`` does.

    Attributes
    ----------
    mission : Mission
    draws : Draws
    grid : WindGrid
    flights : tuple of GroupFlights
        The fleet's flights, one entry a group; the items fall from these.
    steps : Steps
    """

    mission: Mission
    draws: Draws
    grid: WindGrid
    flights: tuple[GroupFlights, ...]
    steps: Steps
    # what a whole pass counted, for those who ask later: every pass counts the same
    _counted: list[Tally] = field(default_factory=list, init=False, repr=False)

    @property
    def kinds(self) -> tuple[ItemKind, ...]:
        """The kinds of item, in the order of the rows."""
        return self.mission.kinds

    @property
    def count(self) -> int:
        """Number of items."""
        return sum(part.count for group in self.mission.groups for part in group.load)

    def __iter__(self) -> Iterator[LandedItems]:
        return self.chunks()

    def chunks(self, progress: Progress | None = None, size: int = CHUNK) -> Iterator[LandedItems]:
        """Fly every item, some at a time.

        Parameters
        ----------
        progress : callable, optional
            Called with the stage's name and the fraction of it that is done.
        size : int
            Most items at a time; the rows do not depend on it, to the bit.

        Yields
        ------
        LandedItems
            At most ``size`` items of one kind and one release of a group.
        """
        counter, done = _Counter(self.kinds), 0
        for lot in self.mission.lots:
            for start in range(0, lot.count, size):
                if progress is not None:
                    progress("dropping every item", done / self.count)
                stop = min(start + size, lot.count)
                items = self._drop(lot, start, stop)
                ends = items.landings
                mark_sea(ends.outcome, ends.longitude, ends.latitude)
                counter.add(items)
                done += stop - start
                yield items
        self._counted[:] = [counter.tally()]

    def tally(self, progress: Progress | None = None) -> Tally:
        """Return what a pass counts; no item flies again if a whole pass has been made."""
        if not self._counted:
            for _ in self.chunks(progress):
                pass
        return self._counted[0]

    def _drop(self, lot: Lot, start: int, stop: int) -> LandedItems:
        rows = manifest_rows(self.mission, self.draws, lot, start, stop)
        flights = self.flights[lot.group]
        landings = drop_rows(self.mission, lot, self.draws, self.grid, flights, rows, self.steps)
        balloon = self.mission.first_balloon(lot.group) + rows.balloon
        return LandedItems(lot.kind, lot.group, lot.release, balloon, rows.draw, landings)


class _Counter:
    """Counts outcomes and finds the box of all ends, chunk by chunk."""

    def __init__(self, kinds: tuple[ItemKind, ...]) -> None:
        self._outcomes = {kind.name: np.zeros(len(Outcome), np.int64) for kind in kinds}
        self._released = dict.fromkeys(self._outcomes, 0)
        # the least and the greatest longitude east and west of Greenwich, then the latitudes
        self._eastern, self._western = [np.inf, -np.inf], [np.inf, -np.inf]
        self._latitude = [np.inf, -np.inf]

    def add(self, items: LandedItems) -> None:
        rows, name = items.landings, items.kind.name
        self._outcomes[name] += np.bincount(rows.outcome, minlength=len(Outcome))
        self._released[name] += int(np.count_nonzero(np.isfinite(rows.release_s)))
        known = np.isfinite(rows.longitude) & np.isfinite(rows.latitude)
        longitude, latitude = rows.longitude[known], rows.latitude[known]
        _widen(self._eastern, longitude[longitude >= 0.0])
        _widen(self._western, longitude[longitude < 0.0])
        _widen(self._latitude, latitude)

    def tally(self) -> Tally:
        outcomes = {
            name: {outcome.text: int(counts[outcome]) for outcome in Outcome}
            for name, counts in self._outcomes.items()
        }
        return Tally(outcomes, self._released, self._box())

    def _box(self) -> tuple[float, float, float, float] | None:
        if self._latitude[0] > self._latitude[1]:
            return None
        west = min(self._eastern[0], self._western[0])
        east = max(self._eastern[1], self._western[1])
        if east - west > 180.0:  # the ends lie about the antimeridian
            west, east = self._eastern[0], self._western[1]
        return west, self._latitude[0], east, self._latitude[1]


def _widen(span: list[float], values: NDArray[np.float64]) -> None:
    if values.size:
        span[:] = [min(span[0], float(values.min())), max(span[1], float(values.max()))]
