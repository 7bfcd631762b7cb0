"""What every kind of item has, whatever the model by which it falls.

A kind turns random numbers into the columns that the falling-item kernel takes: speed at sea level
in each mode, density exponent, and the height at which the mode changes. What is drawn once for
all items of a kind (the bias of its drag or of the leaflet law, the density exponent) and what
each item draws for itself (its own speed, its own mode) are kept apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from downwind.catalogue import Provenance

FAMILIES: Final = {
    "leaflet": "a sheet of paper or film",
    "disc": "an optical disc, bare or in a paper sleeve",
    "case": "a disc in a rigid case",
    "stick": "a USB stick or a memory card",
    "radio": "a radio receiver",
    "packet": "a packet of food, medicine or seeds",
    "instrument": "a research instrument",
}
"""What may be carried. The list is closed."""

REFUSED_FAMILIES: Final = (
    "hazardous", "chemical", "biological", "radioactive", "incendiary", "explosive", "pyrotechnic",
    "weapon",
)  # fmt: skip
"""What is never carried: named here so that it is refused in so many words."""


@dataclass(frozen=True, slots=True)
class Wetting:
    """How much heavier an item gets when wet.

    Attributes
    ----------
    low, high : float
        Water taken up, as a fraction of the dry mass.
    clumps : bool
        Whether wet items may stick together and fall as one.
    """

    low: float
    high: float
    clumps: bool = False


PAPER_WETTING: Final = Wetting(0.30, 1.00, clumps=True)
"""Paper soaks up 30 to 100 % of its mass; standard knowledge, not checked against a source."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a kind is, besides how it falls.

    Attributes
    ----------
    family : str
        A key of ``FAMILIES``.
    plastic_fraction : float
        Share of the mass that is plastic.
    wetting : Wetting or None
        None for an item that stays dry.
    regime : str
        How it falls, in a line.
    note : str
        What people should know of its figures; may be empty.
    provenance : mapping
        Source and confidence of each number, by the field of the catalogue entry.
    """

    family: str
    plastic_fraction: float = 0.0
    wetting: Wetting | None = None
    regime: str = ""
    note: str = ""
    provenance: Mapping[str, Provenance] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class FallColumns:
    """How items fall, each array of shape (n,).

    Attributes
    ----------
    low_speed_ms, high_speed_ms : numpy.ndarray
        Speed at sea level below and above the switch: flutter or tumble, and autorotation.
    exponent : numpy.ndarray
        Exponent of the density law [-].
    switch_m : numpy.ndarray
        Height above which ``high_speed_ms`` holds [m, geopotential]; minus infinity where an
        item has one mode only (then both speeds are the same).
    threshold : numpy.ndarray
        J at which a leaflet's mode changes [-]; NaN for items with one mode.
    """

    low_speed_ms: NDArray[np.float64]
    high_speed_ms: NDArray[np.float64]
    exponent: NDArray[np.float64]
    switch_m: NDArray[np.float64]
    threshold: NDArray[np.float64]


class _HasTraits(Protocol):
    @property
    def traits(self) -> Traits: ...


class Described:
    """Gives the traits of a kind as its own attributes."""

    __slots__ = ()

    @property
    def family(self: _HasTraits) -> str:
        """What sort of thing it is, a key of ``FAMILIES``."""
        return self.traits.family

    @property
    def plastic_fraction(self: _HasTraits) -> float:
        """Share of the mass that is plastic."""
        return self.traits.plastic_fraction

    @property
    def wetting(self: _HasTraits) -> Wetting | None:
        """How much heavier it gets when wet; None if it stays dry."""
        return self.traits.wetting

    @property
    def regime(self: _HasTraits) -> str:
        """How it falls, in a line."""
        return self.traits.regime

    @property
    def note(self: _HasTraits) -> str:
        """What people should know of its figures."""
        return self.traits.note

    @property
    def provenance(self: _HasTraits) -> Mapping[str, Provenance]:
        """Source and confidence of each number, by field."""
        return self.traits.provenance


class ItemKind(Protocol):
    """A kind of item: what the rest of the program may ask of it.

    The distribution of the speed, with all that is drawn, stands in `downwind.load.impact`.
    """

    @property
    def name(self) -> str:
        """The name in missions."""
        ...

    @property
    def title(self) -> str:
        """The name for people."""
        ...

    @property
    def model(self) -> str:
        """The fall model, a key of ``downwind.load.make.FIELDS``."""
        ...

    @property
    def traits(self) -> Traits:
        """What it is besides how it falls."""
        ...

    @property
    def family(self) -> str:
        """What sort of thing it is, a key of ``FAMILIES``."""
        ...

    @property
    def plastic_fraction(self) -> float:
        """Share of the mass that is plastic."""
        ...

    @property
    def wetting(self) -> Wetting | None:
        """How much heavier it gets when wet; None if it stays dry."""
        ...

    @property
    def regime(self) -> str:
        """How it falls, in a line."""
        ...

    @property
    def note(self) -> str:
        """What people should know of its figures; may be empty."""
        ...

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Source and confidence of each number, by field."""
        ...

    @property
    def mass_kg(self) -> float:
        """All of it, a parachute included [kg]."""
        ...

    @property
    def area_m2(self) -> float:
        """The area that its drag coefficient refers to [m2]: the canopy under a parachute."""
        ...

    @property
    def body_area_m2(self) -> float:
        """A face of the item itself [m2], of a block its mean projected area; for ice."""
        ...

    @property
    def parachute_m(self) -> float | None:
        """Diameter of its canopy [m], or None."""
        ...

    @property
    def size_text(self) -> str:
        """Size for people."""
        ...

    @property
    def speed_ms(self) -> float:
        """Median speed at sea level, of the likelier mode [m s-1]."""
        ...

    @property
    def unopened_speed_ms(self) -> float | None:
        """Speed at sea level with its parachute shut [m s-1]; None without a parachute."""
        ...

    def fall_columns(
        self,
        bias: NDArray[np.float64],
        bias_autorotating: NDArray[np.float64],
        exponent: NDArray[np.float64],
        own: NDArray[np.float64],
        mode: NDArray[np.float64],
    ) -> FallColumns:
        """Turn random numbers, shapes that broadcast to (n,), into how each item falls.

        ``bias`` and ``bias_autorotating`` are standard normals shared by the kind, ``exponent`` a
        uniform shared by the kind; ``own`` is a standard normal and ``mode`` a uniform of each
        item.
        """
        ...
