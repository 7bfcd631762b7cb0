"""How much plastic a load brings down: items, envelopes, and what is not known of the wrapping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from downwind.errors import ArgumentError
from downwind.load.traits import ItemKind

WRAPPING_NOTE: Final = (
    "bags, cords and timers are left out: what bundles are wrapped in is not on record"
)


@dataclass(frozen=True, slots=True)
class PlasticMass:
    """Plastic that comes down.

    Attributes
    ----------
    by_item : dict
        Plastic in all items of a kind, by the name of the kind [kg].
    envelopes_kg : float
        Plastic in the envelopes [kg].
    rubber_kg : float
        Latex in the envelopes [kg], which is no plastic but litter all the same.
    """

    by_item: dict[str, float]
    envelopes_kg: float
    rubber_kg: float = 0.0

    @property
    def items_kg(self) -> float:
        """Plastic in all items [kg]."""
        return sum(self.by_item.values())

    @property
    def total_kg(self) -> float:
        """Plastic in items and envelopes [kg]."""
        return self.items_kg + self.envelopes_kg

    def lines(self) -> tuple[str, ...]:
        """Return lines for people, the wrapping among them."""
        lines = [
            f"plastic: {self.total_kg:,.1f} kg, of it {self.items_kg:,.1f} kg in items and "
            f"{self.envelopes_kg:,.1f} kg in envelopes"
        ]
        if self.rubber_kg:
            lines.append(f"latex: {self.rubber_kg:,.1f} kg")
        return (*lines, WRAPPING_NOTE)


def plastic_mass(
    items: Iterable[tuple[ItemKind, float]],
    film_kg: float = 0.0,
    rubber_kg: float = 0.0,
) -> PlasticMass:
    """Add up the plastic of a load.

    Parameters
    ----------
    items : iterable of (ItemKind, float)
        Kinds with how many of each; a mean number, such as one by region, need not be whole.
    film_kg, rubber_kg : float
        Mass of all envelopes of film, and of all of latex [kg].

    Raises
    ------
    ArgumentError
        If a count or a mass is below 0.
    """
    if not (film_kg >= 0.0 and rubber_kg >= 0.0):
        raise ArgumentError("an envelope weighs less than nothing", "give masses of 0 or more")
    by_item: dict[str, float] = {}
    for kind, count in items:
        if not count >= 0.0:
            raise ArgumentError(
                f"there are {count} items of the kind '{kind.name}'", "give a count of 0 or more"
            )
        plastic = kind.plastic_fraction * kind.mass_kg * count
        by_item[kind.name] = by_item.get(kind.name, 0.0) + plastic
    return PlasticMass(by_item, film_kg, rubber_kg)
