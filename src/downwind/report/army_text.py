"""The Army check of a leaflet, as text and for JSON: the Army's reckoning beside our law's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from downwind.load.army import (
    FOOT_M,
    KNOT_MS,
    NAUTICAL_MILE_M,
    SECONDS_PER_HOUR,
    ArmyCheck,
)
from downwind.load.fall_time import Spread
from downwind.report._plain import field, table, underline, wrap
from downwind.report.catalogue_text import spread_text
from downwind.report.item_facts import spread_document

LABEL: Final = "Army check (GTA 33-01-003; no figure of a plan uses it)"


@dataclass(frozen=True, slots=True)
class ArmyFacts:
    """The Army's reckoning of a leaflet, and ours in the same wind.

    Attributes
    ----------
    name : str
        Of the leaflet.
    check : ArmyCheck
    wind_ms : numpy.ndarray
        Wind speed of each layer, shape (n,) [m s-1].
    from_deg : numpy.ndarray
        Where it comes from, shape (n,) [degrees]; NaN where no direction was given.
    fall_s, drift_m : Spread
        Time [s] and drift [m] by the leaflet law, with all that it draws.
    """

    name: str
    check: ArmyCheck
    wind_ms: NDArray[np.float64]
    from_deg: NDArray[np.float64]
    fall_s: Spread
    drift_m: Spread

    def to_text(self) -> str:
        """Return lines of at most 80 columns."""
        check, drift = self.check, self.check.drift
        lines = underline(LABEL, "=")
        lines += field("leaflet", self.name)
        lines += field(
            "given",
            f"rate of descent {check.descent_rate_ms / FOOT_M:.3g} ft/s "
            f"({check.descent_rate_ms:.3g} m/s), spread factor R {check.spread_factor:g}, release "
            f"{check.release_height_m:,.0f} m above ground at sea level",
        )
        lines += ["", *self._layer_table(), ""]
        lines += field("drift", f"{_distance_text(drift.distance_m)} in {drift.hours:.2f} h")
        lines += field(
            "by the leaflet law",
            f"{spread_text(self.drift_m.times(1e-3))} km in "
            f"{spread_text(self.fall_s.times(1.0 / SECONDS_PER_HOUR))} h",
        )
        lines += wrap(
            "What the spread factor means is not printed on the table. Two readings fit its size:",
            "  ",
        )
        lines += field(
            "(a) share of drift",
            f"pattern {_distance_text(check.pattern_length_m)} long along the wind",
        )
        lines += field(
            "(b) share of height", f"pattern {_distance_text(check.pattern_width_m)} wide"
        )
        return "\n".join(lines)

    def _layer_table(self) -> list[str]:
        edges, hours = self.check.edges_m, self.check.layer_hours
        rows = [
            (
                f"{edges[i] / FOOT_M:,.0f} - {edges[i + 1] / FOOT_M:,.0f} ft",
                f"{hours[i]:.3f} h",
                f"{self.wind_ms[i] / KNOT_MS:.1f} kt",
                "-" if np.isnan(self.from_deg[i]) else f"{self.from_deg[i]:.0f}",
                f"{hours[i] * self.wind_ms[i] / KNOT_MS:.2f} nm",
            )
            for i in range(hours.size)
        ]
        return table(("layer", "time", "wind", "from", "drift"), rows)

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON, units in the names."""
        check = self.check
        edges = check.edges_m.tolist()
        return {
            "label": LABEL,
            "leaflet": self.name,
            "descent_rate_ms": check.descent_rate_ms,
            "spread_factor": check.spread_factor,
            "release_height_m": check.release_height_m,
            "layers": [
                {
                    "from_m": edges[i],
                    "to_m": edges[i + 1],
                    "hours": float(check.layer_hours[i]),
                    "wind_ms": float(self.wind_ms[i]),
                    "wind_from_deg": None
                    if np.isnan(self.from_deg[i])
                    else float(self.from_deg[i]),
                }
                for i in range(check.layer_hours.size)
            ],
            "hours": check.drift.hours,
            "drift_m": check.drift.distance_m,
            "pattern_length_m": check.pattern_length_m,
            "pattern_width_m": check.pattern_width_m,
            "law_time_s": spread_document(self.fall_s),
            "law_drift_m": spread_document(self.drift_m),
        }


def _distance_text(metres: float) -> str:
    return f"{metres / 1e3:.2f} km ({metres / NAUTICAL_MILE_M:.2f} nm)"
