"""Digits of means and errors: enough that an error that is not zero never reads as zero."""

from __future__ import annotations

import math
from typing import Final

MOST_DIGITS: Final = 4
"""Digits after the point at the most; an error below them is given by its bound."""


def write_uncertain(mean: float, error: float, digits: int = 1, sign: str = "") -> str:
    """Write a mean and its error: ``84.1 ± 1.9``, or ``0.312 ± 0.004``.

    Parameters
    ----------
    mean, error : float
    digits : int
        After the point, or more where the error would read as 0.
    sign : {"", "+"}
        Whether a plus stands before what is positive.
    """
    if 0.0 < error < 0.5 * 10.0**-digits:
        digits = min(-math.floor(math.log10(error)), MOST_DIGITS)
    least = 10.0**-digits
    if 0.0 < error < 0.5 * least:
        return f"{mean:{sign}.{digits}f} ± <{least:.{digits}f}"
    return f"{mean:{sign}.{digits}f} ± {error:.{digits}f}"


def write_below(bound: float) -> str:
    """Write an upper bound in per cent: ``< 1.5``, or ``< 0.03``."""
    digits = 1 if not 0.0 < bound < 0.1 else min(-math.floor(math.log10(bound)), MOST_DIGITS)
    return f"< {bound:.{digits}f}"


def write_above(bound: float) -> str:
    """Write a lower bound in per cent: ``> 98.5``, or ``> 99.97``."""
    below = write_below(100.0 - bound).removeprefix("< ")
    return f"> {100.0 - float(below):.{len(below.partition('.')[2])}f}"


def write_bound(bound: float, *, is_upper: bool) -> str:
    """Write a bound with three digits, rounded up if it is an upper one, and down if a lower.

    Parameters
    ----------
    bound : float
        0 or more.
    is_upper : bool
    """
    if bound <= 0.0:
        return "0"
    step = 10.0 ** (math.floor(math.log10(bound)) - 2)
    steps = bound / step
    whole = math.ceil(steps - 1e-6) if is_upper else math.floor(steps + 1e-6)
    return f"{whole * step:.3g}"


def write_number(mean: float, error: float) -> str:
    """Write an expected number with two digits of its error: ``74,440 ± 640``.

    Parameters
    ----------
    mean, error : float
        An error of NaN is not known; of 0, there is none to write.
    """
    if math.isnan(error):
        return f"{write_plain(mean)} ± ?"
    if not error > 0.0:
        return write_plain(mean)
    if error < 1e-3:
        return f"{mean:.1e} ± {error:.0e}"
    place = math.floor(math.log10(error)) - 1
    if place >= 0:
        return f"{round(mean, -place):,.0f} ± {round(error, -place):,.0f}"
    return f"{mean:,.{-place}f} ± {error:.{-place}f}"


def write_plain(value: float) -> str:
    """Write an expected number with two or three digits."""
    if value == 0.0:
        return "0"
    if value >= 100.0:
        return f"{value:,.0f}"
    return f"{value:.2g}" if value >= 1e-3 else f"{value:.0e}"
