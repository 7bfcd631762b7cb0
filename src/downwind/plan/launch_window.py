"""When a fleet may be launched: by how dark it is, and by the clock at the site.

Every launch of the fleet has to lie in the window, from the first to the last, by the planned
times. Darkness goes by the height of the sun's centre without refraction: sunset and sunrise as
almanacs give them, or the end of one of the three twilights. The clock is that of the site's time
zone, as it is shown there on that day: a change to summer time moves the window with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from heapq import merge
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from downwind.geo.sun import SUNSET_ELEVATION_DEG, sun_elevation_deg
from downwind.times import epoch_to_datetime, format_minute

LOOK_S: Final = 600.0
"""Between the first launch and the last the window is looked at so often, or more often [s]."""

AHEAD_DAYS: Final = 370
"""How far ahead the next opening of a window is looked for [d]."""

_AHEAD_STEP_S: Final = 900


class Darkness(StrEnum):
    """How dark it has to be at every launch."""

    ANY = "any"
    NIGHT = "night"
    CIVIL = "civil"
    NAUTICAL = "nautical"
    ASTRONOMICAL = "astronomical"

    @property
    def sun_below_deg(self) -> float:
        """Height of the sun's centre below which it is so dark [degrees]."""
        return _SUN_BELOW_DEG[self]

    @property
    def meaning(self) -> str:
        """What is asked for, for people."""
        return _MEANINGS[self]


_SUN_BELOW_DEG: Final = {
    Darkness.ANY: 90.0,
    Darkness.NIGHT: SUNSET_ELEVATION_DEG,
    Darkness.CIVIL: -6.0,
    Darkness.NAUTICAL: -12.0,
    Darkness.ASTRONOMICAL: -18.0,
}
_MEANINGS: Final = {
    Darkness.ANY: "any light",
    Darkness.NIGHT: "night, from sunset to sunrise",
    Darkness.CIVIL: "civil darkness, the sun below -6 deg",
    Darkness.NAUTICAL: "nautical darkness, the sun below -12 deg",
    Darkness.ASTRONOMICAL: "astronomical darkness, the sun below -18 deg",
}


@dataclass(frozen=True, slots=True)
class LaunchWindow:
    """When balloons may leave the ground.

    Attributes
    ----------
    darkness : Darkness
    earliest, latest : datetime.time or None
        By the clock at the site; the window passes midnight where the latest is the smaller. None:
        at all hours.
    """

    darkness: Darkness = Darkness.ANY
    earliest: time | None = None
    latest: time | None = None

    @property
    def is_always_open(self) -> bool:
        """Whether it leaves every hour."""
        return self.darkness is Darkness.ANY and self.earliest is None

    @property
    def title(self) -> str:
        """The window in words."""
        parts = [] if self.darkness is Darkness.ANY else [self.darkness.meaning]
        if self.earliest is not None and self.latest is not None:
            parts.append(f"{self.earliest:%H:%M} to {self.latest:%H:%M} local time")
        return "; ".join(parts) or "any hour"

    def holds(
        self, start_s: float, span_s: float, latitude: float, longitude: float, zone: str
    ) -> bool:
        """Tell whether all launches of a fleet lie in the window.

        Parameters
        ----------
        start_s : float
            First launch [epoch s].
        span_s : float
            From the first launch to the last [s].
        latitude, longitude : float
            Of the site [degrees].
        zone : str
            Its time zone, a name of the IANA list.
        """
        looks = np.linspace(start_s, start_s + span_s, 1 + int(np.ceil(span_s / LOOK_S)))
        return all(self._clock_allows(t, zone) for t in looks) and (
            self.darkness is Darkness.ANY
            or all(
                sun_elevation_deg(t, latitude, longitude) < self.darkness.sun_below_deg
                for t in looks
            )
        )

    def find_next(
        self, after_s: float, span_s: float, latitude: float, longitude: float, zone: str
    ) -> float | None:
        """Return the first time after another at which a fleet could start [epoch s], or None.

        It is looked for every quarter of an hour and where the clock opens it, as far as
        ``AHEAD_DAYS`` ahead. Arguments as of ``holds``.
        """
        first = int(after_s // _AHEAD_STEP_S + 1) * _AHEAD_STEP_S
        last = first + AHEAD_DAYS * 86_400
        if not self._clock_takes(span_s):
            return None
        opens = [t for t in self._clock_opens(after_s, zone) if after_s < t < last]
        for t in merge(range(first, last, _AHEAD_STEP_S), opens):
            if self.holds(t, span_s, latitude, longitude, zone):
                return float(t)
        return None

    def _clock_takes(self, span_s: float) -> bool:
        """Tell whether so long a time lies between the earliest and the latest hour on any day."""
        if self.earliest is None or self.latest is None:
            return True
        open_s = (_seconds(self.latest) - _seconds(self.earliest)) % 86_400.0
        # a change of the clock adds an hour or two
        return span_s <= open_s + 7_200.0

    def _clock_opens(self, after_s: float, zone: str) -> list[int]:
        """Return when the clock opens the window on each day ahead [epoch s]."""
        if self.earliest is None:
            return []
        first = epoch_to_datetime(after_s).astimezone(ZoneInfo(zone)).date()
        moments = [
            datetime.combine(first + timedelta(days=d), self.earliest, ZoneInfo(zone))
            for d in range(AHEAD_DAYS + 1)
        ]
        return [int(moment.timestamp()) for moment in moments]

    def _clock_allows(self, epoch_s: float, zone: str) -> bool:
        if self.earliest is None or self.latest is None:
            return True
        clock = epoch_to_datetime(epoch_s).astimezone(ZoneInfo(zone)).time()
        if self.earliest < self.latest:
            return self.earliest <= clock <= self.latest
        return clock >= self.earliest or clock <= self.latest


def _seconds(clock: time) -> float:
    return 3600.0 * clock.hour + 60.0 * clock.minute + clock.second


def explain_closed(
    window: LaunchWindow,
    starts_s: Sequence[int],
    span_s: float,
    site: str,
    latitude: float,
    longitude: float,
    zone: str,
) -> str:
    """Say why a window leaves none of some hours at a site, and when it opens next.

    Parameters
    ----------
    window : LaunchWindow
    starts_s : sequence of int
        Launches that were asked for, ascending [epoch s].
    span_s : float
        From the first launch of the fleet to the last [s].
    site : str
        Its name.
    latitude, longitude : float
        [degrees]
    zone : str
        Its time zone.
    """
    asked = format_minute(starts_s[0], zone)
    if len(starts_s) > 1:
        asked += f" to {format_minute(starts_s[-1], zone)}"
    text = f"the window ({window.title}) leaves no hour at {site} of those asked for, {asked}"
    if window.darkness is not Darkness.ANY:
        lowest = min(sun_elevation_deg(t, latitude, longitude) for t in starts_s)
        text += f": the sun stands at {lowest:.1f} deg or higher at the first launch"
    if span_s >= LOOK_S:
        text += f"; all launches have to lie in it, which take {span_s / 60.0:.0f} min"
    opens = window.find_next(starts_s[0], span_s, latitude, longitude, zone)
    if opens is None:
        return f"{text}; it does not open within {AHEAD_DAYS} days"
    return f"{text}; it opens next at {format_minute(opens, zone)}"
