"""What a mission states about the error of its wind, in SI units, all defaults filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from downwind.wind.error import (
    LARGE,
    MESOSCALE_UP_MS,
    MOUNTAIN_FACTOR,
    SYNOPTIC_UP_MS,
    UNRESOLVED,
    Scales,
)
from downwind.wind.error_sizes import FittedSizes
from downwind.wind.perturbation import FAST_UP, SLOW_UP


@dataclass(frozen=True, slots=True)
class WindErrorOptions:
    """``[wind.error]`` of a mission.

    Attributes
    ----------
    use : str
        ``auto``: by the nature of the wind; ``on``: in full, also over an ensemble; ``off``: none.
    lead_hours : float or None
        Lead at the first launch time where the wind does not state its run [h].
    scale : float
        What all sizes are multiplied by.
    large_factor : float
        What the large-scale sizes are multiplied by, besides.
    unresolved_ms : float or None
        Size of what the grid does not resolve [m s-1]; None: by the spacing of the grid.
    synoptic_up_ms, mesoscale_up_ms, mountain_up_ms : float
        Sizes of the upward wind, and of its mesoscale part over mountains in strong flow [m s-1].
    large, unresolved, synoptic_up, mesoscale_up : Scales
        Over what each part stays alike.
    stated : tuple of str
        Keys of the scales that the mission states; those of a file of sizes do not replace them.
    sizes : FittedSizes or None
        Large-scale sizes in place of the default table.
    """

    use: Literal["auto", "on", "off"] = "auto"
    lead_hours: float | None = None
    scale: float = 1.0
    large_factor: float = 1.0
    unresolved_ms: float | None = None
    synoptic_up_ms: float = SYNOPTIC_UP_MS
    mesoscale_up_ms: float = MESOSCALE_UP_MS
    mountain_up_ms: float = round(MOUNTAIN_FACTOR * MESOSCALE_UP_MS, 9)
    large: Scales = LARGE
    unresolved: Scales = UNRESOLVED
    synoptic_up: Scales = SLOW_UP
    mesoscale_up: Scales = FAST_UP
    stated: tuple[str, ...] = ()
    sizes: FittedSizes | None = None

    @property
    def large_scales(self) -> Scales:
        """Scales of the large part: stated, else those of the file of sizes, else the default."""
        own = self.large
        if self.sizes is None:
            return own
        fitted_m, fitted_s = self.sizes.horizontal_m, self.sizes.time_s
        return Scales(
            fitted_m.value
            if fitted_m is not None and "horizontal" not in self.stated
            else own.horizontal_m,
            own.vertical_m,
            fitted_s.value if fitted_s is not None and "time" not in self.stated else own.time_s,
        )
