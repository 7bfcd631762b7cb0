"""Soundings gathered to an inventory: those that a window wants, and why others are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from downwind.errors import WeatherContentError, WeatherFileError
from downwind.times import format_utc
from downwind.wind.profile import Profile
from downwind.wind.sources._belong import write_few
from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._soundings.heights import UnusableError
from downwind.wind.sources._soundings.rows import Ascent, make_profile
from downwind.wind.window import Window

OUTSIDE = "sounding outside the box or the span of time"


def wants_station(window: Window, longitude: float, latitude: float) -> bool:
    """Tell whether a station [degrees] lies in the box of a window."""
    across = (longitude - window.west) % 360.0
    north = min(max(latitude, -90.0), 90.0)
    return window.south <= north <= window.north and across <= window.width_deg


class Gatherer:
    """Takes soundings one by one and makes their inventory.

    Parameters
    ----------
    kind : str
        What the files are.
    paths : sequence of Path
        The files.
    window : Window
        The part of them that is wanted.
    """

    def __init__(self, kind: str, paths: Sequence[Path], window: Window) -> None:
        self._kind = kind
        self._files = tuple(path.name for path in paths)
        self._window = window
        self._profiles: list[Profile] = []
        self._left_out: list[str] = []
        self._others: Counter[str] = Counter()
        self._outside: tuple[str, float, float, float] | None = None
        self._damages: list[WeatherFileError] = []

    def wants(self, station: str, longitude: float, latitude: float, time_s: float) -> bool:
        """Tell whether a sounding lies in the window, and count it if it does not.

        Parameters
        ----------
        station : str
            Its name.
        longitude, latitude : float
            Where it was launched [degrees]. What is no place at all is wanted, so that it is
            named among what is left out.
        time_s : float
            Launch or nominal time [s since 1970].
        """
        # a pole, read from a packed number, may lie a rounding beyond itself
        is_place = abs(latitude) <= 90.0 + 1e-6 and abs(longitude) <= 360.0
        inside = not is_place or wants_station(self._window, longitude, latitude)
        if inside and self._window.holds_time(time_s):
            return True
        self._others[OUTSIDE] += 1
        self._outside = self._outside or (station, longitude, latitude, time_s)
        return False

    def add(self, ascent: Ascent) -> None:
        """Take one sounding, if the window wants it and it can be used."""
        if not self.wants(ascent.station, ascent.longitude, ascent.latitude, ascent.time_s):
            return
        try:
            self._profiles.append(make_profile(ascent))
        except UnusableError as reason:
            when = format_utc(ascent.time_s)
            self.leave_out(f"sounding of {ascent.station}, {when}, in {ascent.file}: {reason}")

    def leave_out(self, reason: str) -> None:
        """Say that something cannot be used, and why."""
        self._left_out.append(reason)

    def report_damage(self, error: WeatherFileError) -> None:
        """Leave out a damaged part; the error is raised if nothing else can be used."""
        self._damages.append(error)
        self._left_out.append(error.message)

    def count_other(self, kind: str) -> None:
        """Count something that is no sounding."""
        self._others[kind] += 1

    def finish(self, notes: Sequence[str] = (), hint: str = "") -> Inventory:
        """Return the inventory.

        Parameters
        ----------
        notes : sequence of str
            What the reader had to decide for all of them.
        hint : str
            What to do if there is no sounding that can be used.

        Raises
        ------
        WeatherFileError
            If a part is damaged and no sounding can be used.
        WeatherContentError
            If no sounding can be used; the message says why.
        """
        if not self._profiles:
            raise self._damages[0] if self._damages else self._explain(hint)
        return Inventory(
            kind=self._kind,
            files=self._files,
            fields=(),
            refused_grids={},
            left_out=tuple(self._left_out),
            others=dict(self._others),
            notes=tuple(notes),
            warnings=tuple(f"left out {damage.message}" for damage in self._damages),
            profiles=tuple(self._profiles),
        )

    def _explain(self, hint: str) -> WeatherContentError:
        names = write_few(self._files)
        if self._left_out:
            return WeatherContentError(
                f"{names}: no sounding can be used; left out: {write_few(self._left_out)}",
                hint or "bring in a sounding with wind, and pressure or height beside it",
            )
        if self._outside is not None:
            station, longitude, latitude, time_s = self._outside
            count = self._others[OUTSIDE]
            return WeatherContentError(
                f"{names}: none of {count} soundings lies in {self._window.describe()}; one is of "
                f"{station}, {latitude:g} N {longitude:g} E, {format_utc(time_s)}",
                "widen the box or the span of time, or bring in other soundings",
            )
        there = ", ".join(f"{count} of {kind}" for kind, count in self._others.items())
        return WeatherContentError(
            f"{names}: there is no sounding in it" + (f", but {there}" if there else ""),
            hint or "bring in a file of upper-air soundings",
        )
