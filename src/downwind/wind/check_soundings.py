"""What a set of soundings holds, station by station, for the report on weather files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from downwind.times import format_utc
from downwind.wind.profile import Profile

MOST_LINES: Final = 60
"""Most soundings that the text lists; JSON lists all."""


@dataclass(frozen=True, slots=True)
class SoundingReport:
    """What one sounding holds.

    Parameters
    ----------
    station : str
        Name or number of its station.
    longitude, latitude : float
        Where that stands [degrees].
    elevation_m : float or None
        Height of its ground [m, geopotential].
    time : str
        Nominal or launch time, ISO.
    levels : int
        Number of levels with wind.
    bottom_m, top_m : float
        Heights of the lowest and the highest [m, geopotential].
    lacks : tuple of str
        What no level has, of temperature, humidity and the balloon's places.
    source, file : str
        What kind of observation it is, and the file.
    warnings : tuple of str
        What every output that rests on it has to say.
    """

    station: str
    longitude: float
    latitude: float
    elevation_m: float | None
    time: str
    levels: int
    bottom_m: float
    top_m: float
    lacks: tuple[str, ...]
    source: str
    file: str
    warnings: tuple[str, ...]

    def to_text(self) -> str:
        """Write the sounding on one line."""
        text = (
            f"{self.station}, {self.latitude:.2f} N {self.longitude:.2f} E, {self.time[:10]} "
            f"{self.time[11:16]}Z: {self.levels} winds from {self.bottom_m:.0f} to "
            f"{self.top_m:.0f} m"
        )
        return text + (f"; no {', no '.join(self.lacks)}" if self.lacks else "")


def list_soundings(profiles: Sequence[Profile]) -> tuple[SoundingReport, ...]:
    """Return what each sounding holds, in the order of time and station."""
    return tuple(
        SoundingReport(
            station=p.station,
            longitude=p.longitude,
            latitude=p.latitude,
            elevation_m=p.elevation_m,
            time=format_utc(p.time_s),
            levels=int(p.height_m.size),
            bottom_m=round(p.bottom_m, 1),
            top_m=round(p.top_m, 1),
            lacks=_find_lacks(p),
            source=p.source,
            file=p.file,
            warnings=p.warnings,
        )
        for p in sorted(profiles, key=lambda p: (p.time_s, p.station, p.longitude))
    )


def describe_soundings(profiles: Sequence[Profile]) -> dict[str, Any]:
    """Return the fields of a weather report that soundings fill in otherwise than grids.

    What is missing is what no sounding of the set has.
    """
    soundings = list_soundings(profiles)
    lacks = [set(s.lacks) for s in soundings]
    return {
        "soundings": soundings,
        "sources": tuple(sorted({p.source for p in profiles})),
        "times": tuple(sorted({s.time for s in soundings})),
        "missing": (*sorted(set.intersection(*lacks)), "vertical wind", "height of the ground"),
    }


def write_soundings(soundings: Sequence[SoundingReport]) -> list[str]:
    """Write soundings for a terminal, one an entry, the first `MOST_LINES`."""
    lines = [s.to_text() for s in soundings[:MOST_LINES]]
    if len(soundings) > MOST_LINES:
        lines.append(f"and {len(soundings) - MOST_LINES} more (--json lists them all)")
    return [f"{len(soundings)} of them", *lines] if len(soundings) > 1 else lines


def _find_lacks(profile: Profile) -> tuple[str, ...]:
    parts = {
        "temperature": profile.temperature_k,
        "humidity": profile.humidity,
        "places of the balloon": profile.level_longitude,
    }
    return tuple(name for name, values in parts.items() if not np.isfinite(values).any())
