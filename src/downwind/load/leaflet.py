"""Leaflets, and their law: how fast a sheet of paper or film falls, and whether it autorotates.

The law is fitted to the 58 cells of the US Army leaflet descent table, GTA 33-01-003 (June 2014),
table 2-1. With surface density sigma [kg m-2], long side L, short side c, aspect L / c:

* reference speed v_ref = sqrt(2 sigma g / rho0), Froude number Fr = sqrt(sigma / (rho0 c));
* J = sqrt(sigma / (rho c)) sqrt(L / c) with the local density; a leaflet autorotates from about
  J = 1.25 on, so that it may spin aloft and stop lower down;
* autorotating v0 = 0.538 v_ref (rms of ln v0 over the cells 0.18), otherwise
  ln(v0 / v_ref) = -0.351 + 0.506 ln(L / c) - 0.283 ln Fr (rms 0.13).
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.atmosphere import BOTTOM_M, TOP_M, density_kgm3
from downwind.constants import GRAVITY_MS2, RHO0
from downwind.errors import ArgumentError
from downwind.load.traits import PAPER_WETTING, Described, FallColumns, Traits

AUTOROTATION_J: Final = 1.25
RMS_LN_AUTOROTATING: Final = 0.18
RMS_LN_OTHER: Final = 0.13
MODE_CENTRE: Final = 1.24
MODE_WIDTH: Final = 0.035
EXPONENT_LOW: Final = 0.3
EXPONENT_HIGH: Final = 0.5

PAPER: Final = Traits("leaflet", 0.0, PAPER_WETTING, "flutters, tumbles or autorotates")
FILM: Final = Traits("leaflet", 1.0, None, "flutters, tumbles or autorotates; film curls")


@dataclass(frozen=True, slots=True)
class LeafletLaw:
    """What the law says of one leaflet at sea level.

    Attributes
    ----------
    reference_speed_ms : float
        v_ref [m s-1].
    froude : float
        Fr [-].
    autorotation : float
        J at sea level [-].
    speed_autorotating_ms, speed_other_ms : float
        v0 in each mode [m s-1].
    """

    reference_speed_ms: float
    froude: float
    autorotation: float
    speed_autorotating_ms: float
    speed_other_ms: float

    @property
    def autorotates(self) -> bool:
        """Whether the sheet autorotates at sea level: J of 1.25 or more.

        It agrees with 57 of the 58 cells of table 2-1. The odd one is 8.5 x 3.09 inch on 16-lb
        paper, which has J = 1.31 and does not autorotate.
        """
        return self.autorotation >= AUTOROTATION_J

    @property
    def speed_ms(self) -> float:
        """v0 of the likelier mode at sea level [m s-1]."""
        return self.speed_autorotating_ms if self.autorotates else self.speed_other_ms


def leaflet_law(surface_density_kgm2: float, length_m: float, width_m: float) -> LeafletLaw:
    """Apply the law to a sheet.

    Parameters
    ----------
    surface_density_kgm2 : float
        Mass by area [kg m-2].
    length_m, width_m : float
        The sides, in either order [m].

    Raises
    ------
    ArgumentError
        If one of them is not above 0.
    """
    if not all(0.0 < x < math.inf for x in (surface_density_kgm2, length_m, width_m)):
        raise ArgumentError(
            f"no sheet has {length_m:g} x {width_m:g} m and {surface_density_kgm2:g} kg/m2",
            "give sides and a surface density above 0",
        )
    long_side, short_side = max(length_m, width_m), min(length_m, width_m)
    aspect = long_side / short_side
    reference = math.sqrt(2.0 * surface_density_kgm2 * GRAVITY_MS2 / RHO0)
    froude = math.sqrt(surface_density_kgm2 / (RHO0 * short_side))
    other = math.exp(-0.351 + 0.506 * math.log(aspect) - 0.283 * math.log(froude))
    return LeafletLaw(
        reference_speed_ms=reference,
        froude=froude,
        autorotation=froude * math.sqrt(aspect),
        speed_autorotating_ms=0.538 * reference,
        speed_other_ms=other * reference,
    )


def mode_threshold(u: ArrayLike) -> NDArray[np.float64]:
    """Return the J [-] from which a leaflet autorotates, for its own uniform number.

    References
    ----------
    Logistic fit to the cells of table 2-1: J >= 1.24 + 0.035 ln(u / (1 - u)).
    """
    u = np.asarray(u, np.float64)
    return MODE_CENTRE + MODE_WIDTH * np.log(u / (1.0 - u))


def switch_height_m(autorotation: float, threshold: ArrayLike) -> NDArray[np.float64]:
    """Return the height [m, geopotential] above which a leaflet autorotates.

    J grows as the air thins: J(H) = J0 sqrt(rho0 / rho). Minus infinity means everywhere, plus
    infinity nowhere below 47 km.

    Parameters
    ----------
    autorotation : float
        J0 at sea level [-].
    threshold : array_like
        The leaflet's own threshold of J, any shape [-].
    """
    wanted = RHO0 * (autorotation / np.maximum(np.asarray(threshold, np.float64), 1e-9)) ** 2
    heights = np.arange(BOTTOM_M, TOP_M + 1.0, 10.0)
    log_density = np.log(density_kgm3(heights))
    found = np.interp(-np.log(wanted), -log_density, heights)
    found = _polish(found, wanted)
    found = np.where(wanted >= np.exp(log_density[0]), -np.inf, found)
    return np.where(wanted <= np.exp(log_density[-1]), np.inf, found)


@dataclass(frozen=True, slots=True)
class Leaflet(Described):
    """A sheet of paper or film.

    Attributes
    ----------
    name, title : str
    length_m, width_m : float
    surface_density_kgm2 : float
    scatter : float
        Standard deviation of ln(speed) from leaflet to leaflet (0.05 to 0.2; not in the data).
    """

    model: ClassVar[str] = "leaflet"
    parachute_m: ClassVar[float | None] = None
    unopened_speed_ms: ClassVar[float | None] = None

    name: str
    title: str
    length_m: float
    width_m: float
    surface_density_kgm2: float
    scatter: float = 0.10
    _: KW_ONLY
    traits: Traits = PAPER

    @property
    def mass_kg(self) -> float:
        """Mass of one sheet [kg]."""
        return self.surface_density_kgm2 * self.length_m * self.width_m

    @property
    def area_m2(self) -> float:
        """Area of one face [m2]."""
        return self.length_m * self.width_m

    @property
    def body_area_m2(self) -> float:
        """Area of one face [m2]."""
        return self.area_m2

    @property
    def size_text(self) -> str:
        """Size for people."""
        size = f"{1e3 * self.length_m:.4g} x {1e3 * self.width_m:.4g} mm"
        return f"{size}, {1e3 * self.surface_density_kgm2:.4g} g/m2"

    @property
    def law(self) -> LeafletLaw:
        """What the leaflet law says of this sheet."""
        return leaflet_law(self.surface_density_kgm2, self.length_m, self.width_m)

    @property
    def speed_ms(self) -> float:
        """Speed at sea level of the likelier mode [m s-1]."""
        return self.law.speed_ms

    def fall_columns(
        self,
        bias: NDArray[np.float64],
        bias_autorotating: NDArray[np.float64],
        exponent: NDArray[np.float64],
        own: NDArray[np.float64],
        mode: NDArray[np.float64],
    ) -> FallColumns:
        """Turn random numbers, shapes that broadcast to (n,), into how each leaflet falls.

        ``bias`` and ``bias_autorotating`` are standard normals shared by the kind, ``exponent`` a
        uniform shared by the kind; ``own`` is a standard normal and ``mode`` a uniform of each
        leaflet.
        """
        law = self.law
        own_factor = np.exp(self.scatter * own)
        low = law.speed_other_ms * np.exp(RMS_LN_OTHER * bias) * own_factor
        high = law.speed_autorotating_ms * np.exp(RMS_LN_AUTOROTATING * bias_autorotating)
        high = high * own_factor
        threshold = mode_threshold(mode) + np.zeros(low.shape)
        power = EXPONENT_LOW + (EXPONENT_HIGH - EXPONENT_LOW) * exponent
        return FallColumns(
            low,
            high,
            power + np.zeros(low.shape),
            switch_height_m(law.autorotation, threshold),
            threshold,
        )


def _polish(h_m: NDArray[np.float64], rho: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take two Newton steps towards the height of a density."""
    for _ in range(2):
        at = np.clip(h_m, BOTTOM_M, TOP_M)
        value = np.log(density_kgm3(at) / rho)
        slope = (np.log(density_kgm3(at + 0.5)) - np.log(density_kgm3(at - 0.5))) / 1.0
        h_m = at - value / slope
    return h_m
