"""Fitted sizes of wind error in 80 columns, beside the default table."""

from __future__ import annotations

import math

from downwind.report._plain import field, heading, table, wrap
from downwind.wind.error import LARGE, forecast_sigma_ms
from downwind.wind.error_sizes import FittedScale, FittedSizes


def sizes_lines(sizes: FittedSizes) -> list[str]:
    """Write fitted sizes for a person, in lines of at most 80 columns.

    Parameters
    ----------
    sizes : FittedSizes
    """
    rows = [
        (
            f"{entry.pressure_pa / 100.0:.0f}",
            f"{entry.lead_h:.0f}",
            f"{entry.n_effective:.1f}",
            f"{entry.sigma_ms:.2f}+-{entry.standard_error_ms:.2f}",
            f"{float(forecast_sigma_ms(entry.pressure_pa, entry.lead_h)):.2f}",
        )
        for entry in sizes.entries
    ]
    lines = [*heading("Size of forecast error, fitted"), *field("from", sizes.origin), ""]
    lines += table(("level\nhPa", "lead\nh", "\neff", "fitted\nm/s", "default\nm/s"), rows, left=0)
    lines += field("length", _scale_text(sizes.horizontal_m, LARGE.horizontal_m, 1e3, "km"))
    lines += field("time", _scale_text(sizes.time_s, LARGE.time_s, 3600.0, "h"))
    lines += [line for note in sizes.notes for line in wrap(note, "- ", "  ")]
    return lines + wrap(
        "One component, large-scale part. A mission takes it with [wind.error] sizes."
    )


def _scale_text(scale: FittedScale | None, default: float, unit: float, name: str) -> str:
    text = f"default {default / unit:g} {name}"
    if scale is None or math.isnan(scale.value):
        return f"not fitted; {text}"
    value, error = scale.value / unit, scale.standard_error / unit
    digits = 0 if value >= 100.0 else 1
    return f"{value:.{digits}f}+-{error:.{digits}f} {name}; {text}"
