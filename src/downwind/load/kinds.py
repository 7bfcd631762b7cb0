"""The fall models but the leaflet: discs, plates, boxes, parachutes, and measured falls.

All but the measured fall by drag, ``v0 = sqrt(2 m g / (rho0 Cd A))`` with density exponent 1/2;
they differ in the area A. A drag coefficient is a median with its 5 and 95 % points, drawn once a
draw for all items of a kind.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from downwind.constants import GRAVITY_MS2, PARACHUTE_DRAG, RHO0
from downwind.load.leaflet import Leaflet
from downwind.load.traits import Described, FallColumns, Traits
from downwind.spread import Triple, two_piece_width

__all__ = [
    "Box",
    "Disc",
    "Leaflet",
    "Measured",
    "Parachute",
    "Plate",
    "box_area_m2",
    "drag_speed_ms",
]

DISC_DRAG: Final = (1.0, 0.75, 1.35)
"""On the face of a tumbling disc; an assumption, as no fall of a disc has been measured."""

PLATE_DRAG: Final = (1.0, 0.75, 1.35)
"""On the face of a tumbling plate; an assumption: as for discs."""

BOX_DRAG: Final = (1.05, 0.8, 1.3)
"""On a quarter of the surface of a tumbling block; an assumption."""

SCATTER: Final = 0.05
"""Standard deviation of ln(speed) from item to item; an assumption for all but leaflets."""

DISC: Final = Traits("disc", 1.0, None, "tumbles")
CASE: Final = Traits("case", 1.0, None, "tumbles")
INSTRUMENT: Final = Traits("instrument", 1.0, None, "tumbles")
HUNG: Final = Traits("instrument", 1.0, None, "hangs under an open parachute, stable")


def drag_speed_ms(mass_kg: float, area_m2: float, drag: float) -> float:
    """Return the speed at sea level [m s-1] at which drag carries a mass."""
    return math.sqrt(2.0 * mass_kg * GRAVITY_MS2 / (RHO0 * drag * area_m2))


def box_area_m2(length_m: float, width_m: float, thickness_m: float) -> float:
    """Return the mean projected area of a tumbling box [m2]: a quarter of its surface.

    References
    ----------
    Cauchy's theorem for convex bodies.
    """
    sides = length_m * width_m + length_m * thickness_m + width_m * thickness_m
    return 0.25 * 2.0 * sides


def _make_columns(speed_ms: NDArray[np.float64]) -> FallColumns:
    """Return the columns of items with one mode and the density exponent 1/2."""
    shape = speed_ms.shape
    return FallColumns(
        speed_ms, speed_ms, np.full(shape, 0.5), np.full(shape, -np.inf), np.full(shape, np.nan)
    )


class _Dragged(Protocol):
    @property
    def mass_kg(self) -> float: ...
    @property
    def area_m2(self) -> float: ...
    @property
    def drag(self) -> Triple: ...
    @property
    def scatter(self) -> float: ...
    @property
    def speed_ms(self) -> float: ...


class _FallsByDrag(Described):
    """The fall of a kind by drag on its area."""

    __slots__ = ()

    @property
    def speed_ms(self: _Dragged) -> float:
        """Speed at sea level with the median drag [m s-1]."""
        return drag_speed_ms(self.mass_kg, self.area_m2, self.drag[0])

    def fall_columns(
        self: _Dragged,
        bias: NDArray[np.float64],
        bias_autorotating: NDArray[np.float64],
        exponent: NDArray[np.float64],
        own: NDArray[np.float64],
        mode: NDArray[np.float64],
    ) -> FallColumns:
        """Turn random numbers, shapes that broadcast to (n,), into how each item falls.

        ``bias`` is a standard normal shared by the kind (drag), ``own`` one of each item; the
        density exponent is 1/2, and there is one mode.
        """
        del bias_autorotating, exponent, mode
        width = two_piece_width(bias, *self.drag)
        return _make_columns(self.speed_ms * np.exp(-0.5 * width * bias + self.scatter * own))


@dataclass(frozen=True, slots=True)
class Disc(_FallsByDrag):
    """A disc, which tumbles; its drag coefficient refers to its face.

    Attributes
    ----------
    name, title : str
        The name in missions, and the one for people.
    mass_kg, diameter_m : float
    drag : tuple of float
        Drag coefficient on the face: median, 5 and 95 % point.
    scatter : float
        Standard deviation of ln(speed) from disc to disc; an assumption, as no fall of a disc
        has been measured.
    """

    model: ClassVar[str] = "disc"
    parachute_m: ClassVar[float | None] = None
    unopened_speed_ms: ClassVar[float | None] = None

    name: str
    title: str
    mass_kg: float
    diameter_m: float
    drag: Triple = DISC_DRAG
    scatter: float = SCATTER
    _: KW_ONLY
    traits: Traits = DISC

    @property
    def area_m2(self) -> float:
        """Area of the face [m2]."""
        return math.pi / 4.0 * self.diameter_m**2

    @property
    def body_area_m2(self) -> float:
        """Area of the face [m2]."""
        return self.area_m2

    @property
    def size_text(self) -> str:
        """Size for people."""
        return f"{1e3 * self.diameter_m:.4g} mm"


@dataclass(frozen=True, slots=True)
class Plate(_FallsByDrag):
    """A flat, stiff, rectangular thing, which tumbles: a sleeve, a case, a card, a packet.

    The drag coefficient refers to its face. ``drag`` and ``scatter`` are as for a disc.
    """

    model: ClassVar[str] = "plate"
    parachute_m: ClassVar[float | None] = None
    unopened_speed_ms: ClassVar[float | None] = None

    name: str
    title: str
    mass_kg: float
    length_m: float
    width_m: float
    drag: Triple = PLATE_DRAG
    scatter: float = SCATTER
    _: KW_ONLY
    traits: Traits = CASE

    @property
    def area_m2(self) -> float:
        """Area of the face [m2]."""
        return self.length_m * self.width_m

    @property
    def body_area_m2(self) -> float:
        """Area of the face [m2]."""
        return self.area_m2

    @property
    def size_text(self) -> str:
        """Size for people."""
        return f"{1e3 * self.length_m:.4g} x {1e3 * self.width_m:.4g} mm"


@dataclass(frozen=True, slots=True)
class Box(_FallsByDrag):
    """A block, which tumbles; its drag coefficient refers to its mean projected area."""

    model: ClassVar[str] = "box"
    parachute_m: ClassVar[float | None] = None
    unopened_speed_ms: ClassVar[float | None] = None

    name: str
    title: str
    mass_kg: float
    length_m: float
    width_m: float
    thickness_m: float
    drag: Triple = BOX_DRAG
    scatter: float = SCATTER
    _: KW_ONLY
    traits: Traits = INSTRUMENT

    @property
    def area_m2(self) -> float:
        """Mean projected area [m2], a quarter of the surface."""
        return box_area_m2(self.length_m, self.width_m, self.thickness_m)

    @property
    def body_area_m2(self) -> float:
        """Mean projected area [m2]."""
        return self.area_m2

    @property
    def size_text(self) -> str:
        """Size for people."""
        return _block_text(self.length_m, self.width_m, self.thickness_m)


@dataclass(frozen=True, slots=True)
class Parachute(_FallsByDrag):
    """A block that hangs under a round parachute, open from the start.

    Attributes
    ----------
    mass_kg : float
        All of it, the canopy included.
    length_m, width_m, thickness_m : float
        Of the block.
    parachute_m : float
        Diameter of the canopy; the drag coefficient refers to pi d^2 / 4.
    """

    model: ClassVar[str] = "parachute"

    name: str
    title: str
    mass_kg: float
    length_m: float
    width_m: float
    thickness_m: float
    parachute_m: float
    drag: Triple = PARACHUTE_DRAG
    scatter: float = SCATTER
    _: KW_ONLY
    traits: Traits = HUNG

    @property
    def area_m2(self) -> float:
        """Area of the canopy [m2]."""
        return math.pi / 4.0 * self.parachute_m**2

    @property
    def size_text(self) -> str:
        """Size for people."""
        block = _block_text(self.length_m, self.width_m, self.thickness_m)
        return f"{block}, parachute {1e2 * self.parachute_m:.4g} cm"

    @property
    def body_area_m2(self) -> float:
        """Mean projected area of the block [m2]."""
        return box_area_m2(self.length_m, self.width_m, self.thickness_m)

    @property
    def unopened_speed_ms(self) -> float:
        """Speed at sea level if the parachute stays shut [m s-1]: that of the block alone."""
        return drag_speed_ms(self.mass_kg, self.body_area_m2, BOX_DRAG[0])


@dataclass(frozen=True, slots=True)
class Measured(Described):
    """An item whose fall was measured.

    Attributes
    ----------
    sea_speed_ms : tuple of float
        Fall speed at sea level [m s-1]: median, 5 and 95 % point, shared by the kind.
    parachute_m : float or None
        Diameter of its parachute, if it has one.
    """

    model: ClassVar[str] = "measured"

    name: str
    title: str
    mass_kg: float
    length_m: float
    width_m: float
    thickness_m: float
    sea_speed_ms: Triple
    parachute_m: float | None = None
    scatter: float = SCATTER
    _: KW_ONLY
    traits: Traits = INSTRUMENT

    @property
    def area_m2(self) -> float:
        """Area of the canopy, or without one the mean projected area of the block [m2]."""
        if self.parachute_m is not None:
            return math.pi / 4.0 * self.parachute_m**2
        return self.body_area_m2

    @property
    def body_area_m2(self) -> float:
        """Mean projected area of the block [m2]."""
        return box_area_m2(self.length_m, self.width_m, self.thickness_m)

    @property
    def unopened_speed_ms(self) -> float | None:
        """Speed at sea level of the block alone [m s-1]; None without a parachute."""
        if self.parachute_m is None:
            return None
        return drag_speed_ms(self.mass_kg, self.body_area_m2, BOX_DRAG[0])

    @property
    def drag_coefficient(self) -> float:
        """The drag coefficient that the median speed stands for."""
        return 2.0 * self.mass_kg * GRAVITY_MS2 / (RHO0 * self.area_m2 * self.speed_ms**2)

    @property
    def size_text(self) -> str:
        """Size for people."""
        block = _block_text(self.length_m, self.width_m, self.thickness_m)
        if self.parachute_m is None:
            return block
        return f"{block}, parachute {1e2 * self.parachute_m:.4g} cm"

    @property
    def speed_ms(self) -> float:
        """Median speed at sea level [m s-1]."""
        return self.sea_speed_ms[0]

    def fall_columns(
        self,
        bias: NDArray[np.float64],
        bias_autorotating: NDArray[np.float64],
        exponent: NDArray[np.float64],
        own: NDArray[np.float64],
        mode: NDArray[np.float64],
    ) -> FallColumns:
        """Turn random numbers, shapes that broadcast to (n,), into how each item falls.

        ``bias`` is a standard normal shared by the kind; as for drag, above 0 is slower.
        """
        del bias_autorotating, exponent, mode
        width = two_piece_width(-bias, *self.sea_speed_ms)
        return _make_columns(self.speed_ms * np.exp(-width * bias + self.scatter * own))


def _block_text(length_m: float, width_m: float, thickness_m: float) -> str:
    return f"{1e3 * length_m:.4g} x {1e3 * width_m:.4g} x {1e3 * thickness_m:.4g} mm"
