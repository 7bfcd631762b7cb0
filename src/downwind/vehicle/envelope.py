"""The three kinds of envelope, and what a fill needs to know of a balloon."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol


class Envelope(IntEnum):
    """How an envelope holds its gas; the number is the code that kernels take."""

    OPEN_TUBE = 0
    SEALED_TUBE = 1
    LATEX = 2


class Vehicle(Protocol):
    """A balloon without its gas and its load.

    Attributes
    ----------
    name, title : str
    shape : Envelope
    volume_m3 : float
        The most it holds [m3]: a full tube, or a rubber balloon as it bursts.
    envelope_kg : float
        Mass of the envelope [kg].
    strength_pa : float
        Overpressure at which a sealed tube tears [Pa]; infinity for the others.
    """

    @property
    def name(self) -> str:
        """Name in the catalogue."""
        ...

    @property
    def title(self) -> str:
        """What it is, for people."""
        ...

    @property
    def shape(self) -> Envelope:
        """How it holds its gas."""
        ...

    @property
    def volume_m3(self) -> float:
        """The most it holds [m3]."""
        ...

    @property
    def envelope_kg(self) -> float:
        """Mass of the envelope [kg]."""
        ...

    @property
    def strength_pa(self) -> float:
        """Overpressure at which it tears [Pa]."""
        ...

    def area_m2(self, volume_m3: float) -> float:
        """Return the area [m2] to which drag refers while the gas takes a volume [m3]."""
        ...
