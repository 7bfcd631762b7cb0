"""What a set of weather files holds, and what it can serve, without asking that it serve at all.

The report is made for files that fly and for files that do not: a file with one wind component, a
projected grid or heights without wind is described, with the reason why it is refused. Only what
is no weather file, or is cut short, is an error.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import DownwindError, WeatherFileError, WindValueError
from downwind.times import format_utc
from downwind.wind.check_soundings import (
    SoundingReport,
    describe_soundings,
    write_soundings,
)
from downwind.wind.cube import (
    BOUNDARY_LAYER,
    CLOUD,
    EAST_10M,
    GUST,
    HEIGHT,
    HUMIDITY,
    NEEDED,
    PRECIPITATION,
    SURFACE_PRESSURE,
    TEMPERATURE,
    TERRAIN,
    UPWARD,
    WindCube,
    validate_cube,
)
from downwind.wind.error import ANALYSIS_LEAD_H, forecast_sigma_ms
from downwind.wind.sources import EVERYTHING, find_digest, scan_weather
from downwind.wind.sources._assemble import assemble_dataset
from downwind.wind.sources._belong import write_levels
from downwind.wind.sources._ensemble import find_missing_members, write_members
from downwind.wind.sources._fields import AIR_FIELDS, OMEGA, SPECIFIC, Field, Inventory
from downwind.wind.window import Window

HOLE_HOURS: Final = 6.0
"""A longer gap on the time axis is a hole, unless the mission declares 12 h."""

TOLD_PA: Final = (85_000.0, 50_000.0)
"""Levels at which the default error is told [Pa]."""

ENVELOPE_TOP_M: Final = 20_000.0
"""Geopotential height to which an emptied envelope of film climbs [m]."""

RUBBER_TOP_M: Final = (30_000.0, 36_000.0)
"""Geopotential heights between which rubber balloons of 600 g to 1.5 kg mostly burst [m].

Computed for loads about as heavy as the balloon and a climb at 5 m/s, where the median is 32 to
35 km. Balloons of 300 g burst from 23 km on, those of 3 kg up to 40 km.
"""

_WIDTH = 80
_LABEL = 11
_OPTIONAL = {
    "vertical wind": (UPWARD, OMEGA),
    "air temperature": (TEMPERATURE,),
    "humidity": (HUMIDITY, SPECIFIC),
    "cloud": (CLOUD,),
    "rain": (PRECIPITATION,),
    "gusts": (GUST,),
    "height of the boundary layer": (BOUNDARY_LAYER,),
    "10 m wind": (EAST_10M,),
    "surface pressure": (SURFACE_PRESSURE,),
    "height of the ground": (TERRAIN,),
}


@dataclass(frozen=True, slots=True)
class WeatherReport:
    """What a set of weather files holds and serves.

    Parameters
    ----------
    files : tuple of str
        Names of the files.
    digest : str
        The sha256 of their bytes.
    kind : str
        Kind of file, such as ``GRIB edition 2``.
    sources : tuple of str
        Names of the sources.
    nature : str
        ``forecast`` or ``reanalysis``; empty if the files serve no flight.
    runs : tuple of str
        Times of the forecast runs, ISO, ascending; of several the last one is served.
    times : tuple of str
        Valid times, ISO.
    gaps : tuple of tuple
        Holes on the time axis: start, end (ISO) and length [h].
    levels_hpa : tuple of float
        Pressure levels, from the ground up [hPa].
    grids : tuple of str
        The grids: points, box and spacing.
    box : tuple of float or None
        West, south, east, north of the first grid [degrees].
    spacing_deg : tuple of float or None
        Spacing in longitude and latitude of the first grid [degrees].
    members : tuple of int
        Numbers of the members.
    fields : dict
        Levels [hPa] on which each variable is there; empty for a field at the surface.
    others : dict
        Number of fields of each kind that no flight needs.
    missing : tuple of str
        What a flight needs or would profit from, and is not there.
    heights : str
        Where the heights of the levels come from; empty if the files serve no flight.
    warnings : tuple of str
        What every output that rests on the files says.
    notes : tuple of str
        What the reader had to decide.
    bottom_m, top_m : float or None
        Geopotential height that the lowest level reaches down to and the highest level reaches
        everywhere [m]; None if the files serve no flight.
    serves : bool
        Whether a flight can use the files.
    refusal, refusal_code, next_step : str
        Why not, the code of the error, and what to do; empty if they serve.
    can_serve : tuple of str
        What they serve, and what the mission has to say for it.
    soundings : tuple of SoundingReport
        The soundings, where the files hold these and no grids.
    control : int or None
        Number of the unperturbed member; None where there is none or the files do not say.
    missing_members : tuple of int
        Holes in the numbers of the members.
    """

    files: tuple[str, ...]
    digest: str
    kind: str
    sources: tuple[str, ...]
    nature: str
    runs: tuple[str, ...]
    times: tuple[str, ...]
    gaps: tuple[tuple[str, str, float], ...]
    levels_hpa: tuple[float, ...]
    grids: tuple[str, ...]
    box: tuple[float, float, float, float] | None
    spacing_deg: tuple[float, float] | None
    members: tuple[int, ...]
    fields: dict[str, tuple[float, ...]]
    others: dict[str, int]
    missing: tuple[str, ...]
    heights: str
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    bottom_m: float | None
    top_m: float | None
    serves: bool
    refusal: str
    refusal_code: str
    next_step: str
    can_serve: tuple[str, ...]
    soundings: tuple[SoundingReport, ...] = ()
    control: int | None = None
    missing_members: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain lists, numbers and text, ready for JSON."""
        return {name: _to_plain(value) for name, value in asdict(self).items()}

    def to_text(self) -> str:
        """Write the report for a terminal of 80 columns."""
        lines: list[str] = []
        for label, items in self._rows():
            for i, item in enumerate(items):
                lines += textwrap.wrap(
                    item,
                    _WIDTH,
                    initial_indent=f"{label if i == 0 else '':<{_LABEL}}",
                    subsequent_indent=" " * (_LABEL + 2),
                )
        return "\n".join(lines)

    def _rows(self) -> list[tuple[str, list[str]]]:
        times = [_write_minute(time) for time in self.times]
        span = times[:1] if len(times) < 2 else [f"{len(times)} from {times[0]} to {times[-1]}"]
        levels = write_levels(level * 100.0 for level in self.levels_hpa)
        members = [str(member) for member in self.members]
        if len(members) > 1:
            members = [write_members(self.members, self.control is not None)]
        if self.missing_members:
            members.append(f"missing: {', '.join(str(m) for m in self.missing_members)}")
        span += [
            f"hole from {_write_minute(start)} to {_write_minute(end)} ({hours:g} h)"
            for start, end, hours in self.gaps
        ]
        count = sum(self.others.values())
        others = [f"{count} that no flight needs"] if count else []
        refusal = [] if self.serves else [f"no flight: {self.refusal}", f"next: {self.next_step}"]
        return [
            ("files", list(self.files)),
            ("kind", [self.kind]),
            ("source", list(self.sources)),
            ("nature", [self.nature] if self.nature else []),
            ("run", self._write_runs()),
            ("times", span),
            ("levels", [levels] if self.levels_hpa else []),
            ("grid", list(self.grids)),
            ("soundings", write_soundings(self.soundings)),
            ("members", members),
            ("fields", [_write_field(name, levels) for name, levels in self.fields.items()]),
            ("others", others),
            ("missing", list(self.missing)),
            ("heights", [self.heights] if self.heights else []),
            ("warnings", list(self.warnings)),
            ("notes", list(self.notes)),
            ("serves", [*refusal, *self.can_serve]),
        ]

    def _write_runs(self) -> list[str]:
        runs = [_write_minute(run) for run in self.runs]
        if len(runs) > 1 and self.nature == "forecast":
            return [f"{runs[-1]}, the newest of {len(runs)}: {', '.join(runs)}"]
        return runs


def inspect_weather(paths: Sequence[Path | str], window: Window = EVERYTHING) -> WeatherReport:
    """Report what weather files hold and what they can serve.

    Parameters
    ----------
    paths : sequence of Path or str
        The files of one set.
    window : Window, optional
        The part of them to look at; all of it without.

    Returns
    -------
    WeatherReport
        Also for files that no flight can use.

    Raises
    ------
    WeatherFileError
        If a file is no weather file or cannot be read.
    WeatherTruncatedError
        If a file is cut short.
    """
    inventory, files = scan_weather(paths, window)
    digest = find_digest(inventory, files)
    cube: WindCube | None = None
    refusal: DownwindError | None = None
    try:
        cube = validate_cube(assemble_dataset(inventory, digest))
    except (WeatherFileError, WindValueError) as error:
        refusal = error
    fields = inventory.fields
    moving = [field for field in fields if field.name not in (TERRAIN, *AIR_FIELDS)]
    times = sorted({field.time_s for field in moving})
    if cube is not None:
        # Of several runs the holes of one may lie where another has a time.
        times = [int(time) for time in cube.times_s]
    grids = sorted({field.grid for field in fields}, key=lambda grid: -grid.rows * grid.columns)
    first = grids[0] if grids else None
    bottom_m, top_m = (None, None) if cube is None else _find_reach(cube)
    runs = sorted({field.run_s for field in moving if field.run_s is not None})
    members = tuple(sorted({field.member for field in moving}))
    if cube is not None:
        # the control has another number in some files
        members = tuple(int(member) for member in cube.dataset["realization"].values)
    report = WeatherReport(
        files=inventory.files,
        digest=digest,
        kind=inventory.kind,
        sources=tuple(sorted({field.source for field in fields})),
        nature="" if cube is None else cube.nature,
        runs=tuple(format_utc(run) for run in runs),
        times=tuple(format_utc(time) for time in times),
        gaps=_find_gaps(times),
        levels_hpa=_list_levels(fields),
        grids=(
            *(grid.describe() for grid in grids),
            *(f"{kind} grid (not read)" for kind in sorted(inventory.refused_grids)),
        ),
        box=None if first is None else (first.west, first.south, first.east, first.north),
        spacing_deg=None if first is None else first.spacing(),
        members=members,
        fields={
            name: _list_levels([field for field in fields if field.name == name])
            for name in dict.fromkeys(field.name for field in fields)
        },
        others=dict(sorted(inventory.others.items())),
        missing=_find_missing(inventory),
        heights="" if cube is None else _find_heights(cube),
        warnings=inventory.warnings if cube is None else cube.warnings,
        notes=inventory.left_out if cube is None else cube.notes,
        bottom_m=bottom_m,
        top_m=top_m,
        serves=cube is not None,
        refusal="" if refusal is None else refusal.message,
        refusal_code="" if refusal is None else refusal.code,
        next_step="" if refusal is None else refusal.hint,
        can_serve=() if cube is None else _find_services(cube, times),
        control=None if cube is None else cube.control,
        missing_members=find_missing_members(members),
    )
    if not inventory.profiles:
        return report
    return replace(report, **describe_soundings(inventory.profiles))


def _find_heights(cube: WindCube) -> str:
    return str(cube.dataset[HEIGHT].attrs.get("comment", "")).removeprefix("from: ")


def _find_missing(inventory: Inventory) -> tuple[str, ...]:
    present = {field.name for field in inventory.fields}
    missing = [name for name in NEEDED if name not in present]
    missing += [what for what, names in _OPTIONAL.items() if not present.intersection(names)]
    return tuple(missing)


def _find_gaps(times: Sequence[int]) -> tuple[tuple[str, str, float], ...]:
    return tuple(
        (format_utc(start), format_utc(end), round((end - start) / 3600.0, 2))
        for start, end in pairwise(times)
        if end - start > HOLE_HOURS * 3600.0
    )


def _find_reach(cube: WindCube) -> tuple[float, float]:
    heights = cube.dataset[HEIGHT].values
    return float(heights[:, :, 0].min()), float(heights[:, :, -1].min())


def _find_services(cube: WindCube, times: Sequence[int]) -> tuple[str, ...]:
    lines = [f"wind for flights: {cube.describe()}"]
    if cube.member_count > 1:
        lines.append(
            f"an ensemble of {cube.member_count}: every member is flown evenly, so a plan takes "
            f"{cube.member_count} draws or more"
        )
    bottom_m, top_m = _find_reach(cube)
    if cube.times_s.size == 1:
        lines.append("a single time: serves a plan only with wind.steady_hours")
    if gaps := _find_gaps(times):
        lines.append(
            f"{len(gaps)} hole{'s' if len(gaps) > 1 else ''} of more than {HOLE_HOURS:g} h on the "
            "time axis: a flight that reaches one leaves the data"
        )
    if not cube.has_terrain:
        lines.append("no height of the ground: needs terrain.constant_m or terrain.file")
    lines += _find_surface_service(cube, bottom_m)
    lines.append(describe_height(top_m))
    if not cube.has_vertical_wind:
        lines.append("no vertical wind: the air is taken to move level")
    lines.append(_find_icing_service(cube))
    if cube.nature == "observation":
        lines.append(
            "observed wind: a plan draws the error that it states, and how the wind changes later"
        )
    elif cube.nature != "synthetic":
        lines.append(describe_error(cube))
    return tuple(lines)


def describe_error(cube: WindCube) -> str:
    """Say the default error that a plan draws for a wind, at two levels."""
    run, times = cube.reference_time_s, cube.times_s
    leads = np.full(2, ANALYSIS_LEAD_H) if run is None else (times[[0, -1]] - run) / 3600.0
    levels = " and ".join(
        f"{_span(forecast_sigma_ms(pressure, leads))} at {pressure / 100.0:.0f} hPa"
        for pressure in TOLD_PA
    )
    text = f"error that a plan draws, one component, large-scale: {levels} m/s ("
    text += "that of a 6 h forecast" if run is None else f"leads of {_hours(leads)} h"
    text += "; default table)"
    if cube.member_count > 1:
        text += ", less what the members differ by"
    return text


def _span(values: NDArray[np.float64]) -> str:
    low, high = (f"{value:.1f}" for value in values)
    return low if low == high else f"{low} to {high}"


def _hours(leads: NDArray[np.float64]) -> str:
    low, high = (f"{lead:.0f}" for lead in leads)
    return low if low == high else f"{low} to {high}"


def describe_height(top_m: float) -> str:
    """Say which envelopes the data cover, film and rubber apart."""
    film, (low, high) = ENVELOPE_TOP_M / 1e3, (height / 1e3 for height in RUBBER_TOP_M)
    film_text = f"emptied film, which climbs to about {film:g} km"
    rubber_text = f"rubber of 600 g and more, which mostly bursts at {low:g} to {high:g} km"
    if top_m >= RUBBER_TOP_M[1]:
        return f"data up to {top_m:.0f} m: covers {film_text}, and {rubber_text}"
    if top_m < ENVELOPE_TOP_M:
        return (
            f"data up to {top_m:.0f} m only: {film_text}, leaves the data, and so does "
            f"{rubber_text}"
        )
    leaves = "leaves the data" if top_m <= RUBBER_TOP_M[0] else "may leave the data"
    return f"data up to {top_m:.0f} m: covers {film_text}; {rubber_text}, {leaves}"


def _find_icing_service(cube: WindCube) -> str:
    moist = [
        what
        for what, is_there in (("humidity", cube.has_humidity), ("cloud", cube.has_cloud))
        if is_there
    ]
    if cube.has_temperature and moist:
        return f"wet and icing warnings: yes, by temperature and {' and '.join(moist)}"
    lack = [] if cube.has_temperature else ["no temperature"]
    lack += [] if moist else ["no humidity and no cloud"]
    return f"wet and icing warnings: no, there is {' and '.join(lack)}"


def _find_surface_service(cube: WindCube, bottom_m: float) -> list[str]:
    if cube.has_surface_wind:
        return []
    lowest = cube.dataset[HEIGHT].values[:, :, 0]
    if cube.has_terrain:
        above_m = float(np.max(lowest - cube.dataset[TERRAIN].values))
        if above_m <= 0.0:
            return []
        what = f"the lowest level lies up to {above_m:.0f} m above the ground"
    else:
        low, high = f"{bottom_m:.0f}", f"{lowest.max():.0f}"
        span = low if low == high else f"{low} to {high}"
        what = f"the lowest level lies at {span} m above the sea"
    return [f'no 10 m wind, and {what}: may need wind.surface = "log"']


def _list_levels(fields: Sequence[Field]) -> tuple[float, ...]:
    levels = {field.level_pa for field in fields if field.level_pa is not None}
    return tuple(level / 100.0 for level in sorted(levels, reverse=True))


def _write_field(name: str, levels_hpa: tuple[float, ...]) -> str:
    if not levels_hpa:
        return f"{name} at the surface"
    if len(levels_hpa) < 3:
        return f"{name} on {write_levels(level * 100.0 for level in levels_hpa)}"
    return f"{name} on {len(levels_hpa)} levels, {levels_hpa[0]:g} to {levels_hpa[-1]:g} hPa"


def _write_minute(iso: str) -> str:
    return f"{iso[:10]} {iso[11:16]}Z"


def _to_plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_to_plain(item) for item in value]
    return value
