"""Spread whole items of several kinds evenly over the fewest balloons.

Each balloon gets an equal share of every kind; the items that are left over go round the fleet,
the heaviest kind first, each kind going on where the one before it stopped. So no two balloons
differ by more than one item of a kind, and there are few different loads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from downwind.errors import ArgumentError

MOST_BALLOONS: Final = 1_000_000
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Pack:
    """Balloons that carry the same.

    Attributes
    ----------
    balloons : int
    counts : tuple of int
        Items of each kind on one of them.
    load_kg : float
        Of one of them [kg].
    """

    balloons: int
    counts: tuple[int, ...]
    load_kg: float


def count_fitting(mass_kg: float, capacity_kg: float) -> int:
    """Return how many items of a mass [kg] a balloon of a capacity [kg] carries."""
    count = math.floor(capacity_kg / mass_kg * (1.0 + _ROUNDING))
    while count > 0 and count * mass_kg > capacity_kg:
        count -= 1
    return count


def spread_items(
    masses_kg: Sequence[float], counts: Sequence[int], balloons: int
) -> tuple[Pack, ...]:
    """Spread items over a number of balloons.

    Parameters
    ----------
    masses_kg : sequence of float
        Of one item of each kind, shape (kinds,) [kg].
    counts : sequence of int
        Items of each kind, shape (kinds,).
    balloons : int

    Returns
    -------
    tuple of Pack
        The heaviest first; balloons that would carry nothing are left out.
    """
    heaviest_first = sorted(range(len(masses_kg)), key=lambda k: -masses_kg[k])
    start, spans = 0, {}
    for kind in heaviest_first:
        rest = counts[kind] % balloons
        spans[kind] = (start, rest)
        start = (start + rest) % balloons
    edges = sorted({0, balloons, *(s for s, _ in spans.values())} |
                   {(s + rest) % balloons for s, rest in spans.values()})  # fmt: skip
    packs: dict[tuple[int, ...], int] = {}
    for first, end in pairwise(edges):
        load = tuple(
            counts[kind] // balloons + ((first - spans[kind][0]) % balloons < spans[kind][1])
            for kind in range(len(masses_kg))
        )
        packs[load] = packs.get(load, 0) + end - first
    found = [
        Pack(number, load, math.fsum(n * m for n, m in zip(load, masses_kg, strict=True)))
        for load, number in packs.items()
        if any(load)
    ]
    return tuple(sorted(found, key=lambda pack: (-pack.load_kg, pack.counts)))


def pack_items(
    masses_kg: Sequence[float], counts: Sequence[int], capacity_kg: float
) -> tuple[Pack, ...]:
    """Pack items into the fewest balloons over which they spread evenly.

    Parameters
    ----------
    masses_kg, counts
        As in `spread_items`.
    capacity_kg : float
        Of one balloon [kg].

    Raises
    ------
    ArgumentError
        If one item is heavier than a balloon carries, or the fleet would have more than
        1,000,000 balloons.
    """
    if not any(counts):
        return ()
    least = math.ceil(
        math.fsum(n * m for n, m in zip(counts, masses_kg, strict=True))
        / capacity_kg
        * (1.0 - _ROUNDING)
    ) if capacity_kg > 0.0 else MOST_BALLOONS + 1  # fmt: skip
    for mass, count in zip(masses_kg, counts, strict=True):
        fitting = count_fitting(mass, capacity_kg)
        if count and not fitting:
            raise ArgumentError(
                f"an item of {mass:.3g} kg is heavier than the {capacity_kg:.3g} kg of a balloon",
                "take it out of the load, or use a larger balloon",
            )
        least = max(least, math.ceil(count / fitting) if count else 0)
    balloons = max(least, 1)
    while balloons <= MOST_BALLOONS:
        packs = spread_items(masses_kg, counts, balloons)
        if packs[0].load_kg <= capacity_kg:
            return packs
        balloons += 1
    raise ArgumentError(
        f"this load takes more than {MOST_BALLOONS:,} balloons", "give fewer items, or lighter ones"
    )
