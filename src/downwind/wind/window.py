"""The part of a weather file that is wanted: a box, a span of time, one forecast run.

Without one a whole file is read. A global file of several gigabytes is read with one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from downwind.errors import ArgumentError
from downwind.times import format_utc


@dataclass(frozen=True, slots=True)
class Window:
    """A box [degrees] and a span of time [s since 1970], ends included.

    Parameters
    ----------
    west, east : float
        Longitudes, read either way round; the box goes eastward from west to east, so that
        ``west=170, east=-170`` spans the antimeridian. 360 degrees or more are the whole circle.
    south, north : float
        Latitudes, in order.
    start_s, end_s : float
        Valid times outside are left out. Whoever asks widens the span by the gap between two times
        of the data, so that its ends are bracketed.
    run_s : int, optional
        The one forecast run that is wanted [s since 1970]; without it the newest run counts.

    Raises
    ------
    ArgumentError
        If the box or the span is empty or no number.
    """

    west: float = -180.0
    south: float = -90.0
    east: float = 180.0
    north: float = 90.0
    start_s: float = -math.inf
    end_s: float = math.inf
    run_s: int | None = None

    def __post_init__(self) -> None:
        box = (self.west, self.south, self.east, self.north)
        if not all(map(math.isfinite, box)) or not -90.0 <= self.south < self.north <= 90.0:
            raise ArgumentError(
                f"the box {', '.join(f'{value:g}' for value in box)} is none",
                "write it as west,south,east,north in degrees, south below north: 120,33,132,43",
            )
        if not self.start_s <= self.end_s:
            raise ArgumentError("the span of time ends before it starts", "swap its ends")

    @property
    def width_deg(self) -> float:
        """Extent in longitude, above 0 and up to 360 [degrees]."""
        if self.east - self.west >= 360.0:
            return 360.0
        return (self.east - self.west) % 360.0 or 360.0

    def holds_time(self, time_s: float) -> bool:
        """Tell whether a valid time [s since 1970] is wanted."""
        return self.start_s <= time_s <= self.end_s

    def holds_run(self, run_s: int | None) -> bool:
        """Tell whether a run [s since 1970] is wanted; None stands for what is no forecast."""
        return self.run_s is None or run_s == self.run_s

    def describe(self) -> str:
        """Write the window for a person."""
        text = f"{self.south:g} to {self.north:g} N, {self.west:g} to {self.east:g} E"
        if math.isfinite(self.start_s) and math.isfinite(self.end_s):
            text += f", {format_utc(self.start_s)} to {format_utc(self.end_s)}"
        if self.run_s is not None:
            text += f", run {format_utc(self.run_s)}"
        return text
