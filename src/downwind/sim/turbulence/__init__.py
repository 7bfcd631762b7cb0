"""Turbulence: the wind's wander that no weather model carries, along, across and upward.

``kernels`` holds the profiles, the steps and the normals; here stand what the air is like and
which random numbers are its own. One air is set for a run: ``Turbulence.night()`` is a calm, clear
night, and ``downwind.plan.air_of_run`` takes its depth and friction from the weather.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from downwind.errors import MissionError
from downwind.sim.draws import Cause, Draws


class Scales(NamedTuple):
    """The columns of ``Turbulence`` as the kernels take them, all float64 or all float32.

    ``neutral`` and ``unstable`` are 1 where the air is so and None where it is not; stable air has
    None for both. A kernel is compiled for each kind by itself.
    """

    h: float | np.float32
    ustar: float | np.float32
    length: float | np.float32
    wstar: float | np.float32
    diffusivity: float | np.float32
    time_scale: float | np.float32
    neutral: float | np.float32 | None
    unstable: float | np.float32 | None


@dataclass(frozen=True, slots=True)
class Turbulence:
    """The turbulence of the air over one run.

    Attributes
    ----------
    boundary_layer_m : float
        Depth of the boundary layer above ground [m]; 0 for none.
    friction_velocity_ms : float
        u* [m s-1].
    obukhov_length_m : float
        L [m]: above 0 stable, below 0 unstable; neutral where it is longer than the layer is deep.
    convective_velocity_ms : float
        w* [m s-1], used where the air is unstable.
    diffusivity_m2s, time_scale_s : float
        Horizontal diffusivity K [m2 s-1] and its time scale T [s] above the boundary layer.
    origin : str
        Where depth and friction come from, for people; no part of what the air is.

    Raises
    ------
    MissionError
        If a quantity is out of its range. ``faults`` names each.
    """

    boundary_layer_m: float = 200.0
    friction_velocity_ms: float = 0.15
    obukhov_length_m: float = 40.0
    convective_velocity_ms: float = 0.0
    diffusivity_m2s: float = 50.0
    time_scale_s: float = 100.0
    origin: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        faults = tuple(_find_faults(self))
        if faults:
            raise MissionError(
                "turbulence cannot be as given: "
                + "; ".join(f"{name} {fault}" for name, fault in faults),
                "give the depth, u*, w* and K as 0 or more, T above 0, and L other than 0",
                faults,
            )

    @classmethod
    def night(cls) -> Turbulence:
        """Return the turbulence of a calm, clear night: a shallow stable layer, and K above it."""
        return cls()

    @classmethod
    def none(cls) -> Turbulence:
        """Return still air: no boundary layer, and no diffusivity above it."""
        return cls(boundary_layer_m=0.0, friction_velocity_ms=0.0, diffusivity_m2s=0.0)

    @property
    def is_on(self) -> bool:
        """Whether anything is moved by it."""
        return self.boundary_layer_m > 0.0 or self.diffusivity_m2s > 0.0

    @property
    def text(self) -> str:
        """What it is, in words and numbers."""
        if not self.is_on:
            return "none"
        layer = (
            f"boundary layer of {self.boundary_layer_m:g} m with u* "
            f"{self.friction_velocity_ms:g} m/s, L {self.obukhov_length_m:g} m, w* "
            f"{self.convective_velocity_ms:g} m/s"
        )
        above = f"K {self.diffusivity_m2s:g} m2/s with T {self.time_scale_s:g} s above it"
        kind = "night defaults, " if self == Turbulence.night() else ""
        kind = f"{self.origin}: " if self.origin else kind
        return f"{kind}{layer}; {above}"

    @property
    def scales(self) -> Scales:
        """What the kernels take, in float64."""
        is_neutral = self.boundary_layer_m < abs(self.obukhov_length_m)
        return Scales(
            self.boundary_layer_m,
            self.friction_velocity_ms,
            self.obukhov_length_m,
            self.convective_velocity_ms,
            self.diffusivity_m2s,
            self.time_scale_s,
            1.0 if is_neutral else None,
            1.0 if self.obukhov_length_m < 0.0 and not is_neutral else None,
        )

    @property
    def scales32(self) -> Scales:
        """What the kernels take, in float32."""
        rounded = (None if x is None else np.float32(x) for x in self.scales)
        return Scales._make(rounded)


def _find_faults(air: Turbulence) -> list[tuple[str, str]]:
    """Return each quantity that is out of its range, with what is wrong."""
    least = {
        "boundary_layer_m": 0.0,
        "friction_velocity_ms": 0.0,
        "convective_velocity_ms": 0.0,
        "diffusivity_m2s": 0.0,
    }
    faults = [
        (name, f"is {value:g}, not a number from 0 on")
        for name in least
        if not 0.0 <= (value := float(getattr(air, name))) < math.inf
    ]
    if not 0.0 < air.time_scale_s < math.inf:
        faults.append(("time_scale_s", f"is {air.time_scale_s:g}, not a number above 0"))
    if math.isnan(air.obukhov_length_m) or air.obukhov_length_m == 0.0:
        faults.append(("obukhov_length_m", f"is {air.obukhov_length_m:g}, not a length"))
    if air.boundary_layer_m > 0.0 and air.friction_velocity_ms == 0.0:
        faults.append(("friction_velocity_ms", "is 0 in a boundary layer"))
    return faults


def stream_key(seed: int, label: str = "") -> tuple[np.uint32, np.uint32]:
    """Return the key of the normals of turbulence for one seed and label.

    The counter is (step, item, balloon, draw), each from 0 to 2^32 - 1, so that a normal is found
    by seed, label, draw, balloon, item and step alone.

    Parameters
    ----------
    seed : int
        From 0 to 2^64 - 1.
    label : str
        Tells streams apart, such as the name of an item kind.

    Returns
    -------
    tuple of numpy.uint32
        The two words of the key.
    """
    return Draws(seed).words(Cause.TURBULENCE, label)
