"""Whether fields belong together: one grid, one source, one run of them.

Every refusal says which two things stand against each other, and in which files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from downwind.errors import WeatherContentError, WeatherFileError
from downwind.times import format_utc
from downwind.wind.cube import EAST, NEEDED, NORTH, TERRAIN
from downwind.wind.sources._fields import MAX_CUBE_BYTES, Field, Grid, Inventory
from downwind.wind.sources._products import MEAN

WINDS: Final = (EAST, NORTH)
"""What decides the times, members and levels of a cube; heights can be made."""

GRID_NAMES: Final = {
    "sh": "spherical harmonics",
    "reduced_gg": "reduced Gaussian",
    "regular_gg": "Gaussian",
    "reduced_ll": "reduced latitude-longitude",
    "rotated_ll": "rotated latitude-longitude",
    "lambert": "projected, Lambert conformal",
    "polar_stereographic": "projected, polar stereographic",
    "mercator": "projected, Mercator",
    "space_view": "projected, seen from a satellite",
    "unstructured_grid": "unstructured, such as that of ICON",
}
"""What the grids are that ecCodes names so."""

_MOST_LEVELS: Final = 8

GRID_HINT: Final = (
    "bring in the regular latitude-longitude product of the same model, or regrid the file, such "
    "as with: cdo remapbil,r720x361 IN OUT"
)
_HINTS: Final = (
    (
        "climatology",
        "a climatology is the mean of many years and no wind of a day: bring in a forecast, or a "
        "reanalysis of the day",
    ),
    ("hybrid", "fetch the same fields on pressure levels, or interpolate them: cdo ml2pl"),
    ("spherical harmonics", "turn them into a wind on a grid: cdo -f nc sp2gpl and dv2uv"),
    ("Gaussian", GRID_HINT),
    (
        "no unit: hPa or Pa",
        "write the unit into the file: ncatted -a units,AXIS,o,c,hPa FILE, after you made sure of "
        "it",
    ),
    (
        "the unit",
        "write the right unit into the file, such as: ncatted -a units,u,o,c,'m s-1' FILE, after "
        "you made sure of it; or convert the values",
    ),
    (
        "no unit",
        "write the unit into the file, such as: ncatted -a units,u,o,c,'m s-1' FILE, after you "
        "made sure of it",
    ),
    ("nothing of it in", "choose a box that the file covers, or leave the box out"),
    ("climate model", "bring in a forecast or a reanalysis: a model year is no real year"),
)
"""What to do about a reason to leave fields out, by a phrase of it; the first one counts."""


def check_anything(inventory: Inventory) -> None:
    """Raise an error that says what there is, if a component of the wind is missing altogether."""
    names = ", ".join(inventory.files)
    core = [field for field in inventory.fields if field.name in WINDS]
    if not core and inventory.refused_grids:
        kinds = ", ".join(
            f"{kind}: {GRID_NAMES[kind]}" if kind in GRID_NAMES else kind
            for kind in sorted(inventory.refused_grids)
        )
        raise WeatherFileError(
            f"{names}: the wind lies on a grid that cannot be read ({kinds}); only regular "
            "latitude-longitude grids (regular_ll) are",
            GRID_HINT,
        )
    if not inventory.fields and not inventory.left_out and not inventory.others:
        raise WeatherContentError(
            f"{names}: nothing at all in the span of time or of the run that was asked for",
            "see what there is with: downwind weather check FILE, and choose times that it holds",
        )
    absent = [name for name in WINDS if not any(field.name == name for field in core)]
    if not absent:
        return
    message = f"{names}: no {', '.join(absent)} on pressure levels"
    if any(field.name in NEEDED for field in inventory.fields):
        message += f"; there is {write_holdings(inventory, set(NEEDED).difference(absent))}"
    hint = f"bring in, together with this, a file with {' and '.join(absent)} on the same levels"
    if inventory.left_out:
        message += f"; left out: {'; '.join(inventory.left_out)}"
        hint = next(
            (hint for phrase, hint in _HINTS if phrase in message),
            "bring in a file with evenly spaced latitudes and longitudes, dated times, and levels "
            "in hPa or Pa",
        )
    raise WeatherContentError(message, hint)


def check_size(count: int, what: str) -> None:
    """Raise WeatherContentError if so many float32 values are more than a cube may hold."""
    if 4 * count > MAX_CUBE_BYTES:
        raise WeatherContentError(
            f"{what}: the fields take {4 * count / 2**30:.1f} GiB in memory, more than the "
            f"{MAX_CUBE_BYTES / 2**30:.0f} GiB that are read at once",
            "read a part of it: give a box with --box, such as --box 120,33,132,43",
        )


def find_grid(fields: Sequence[Field]) -> Grid:
    """Return the one grid of all fields; raise WeatherContentError if there are two."""
    grids: dict[Grid, str] = {}
    for field in fields:
        grids.setdefault(field.grid, f"{field.name} in {field.file}")
    if len(grids) > 1:
        (one, first), (two, second) = list(grids.items())[:2]
        if len({field.member for field in fields}) > 1:
            first, second = (
                f"{where}, member {next(f.member for f in fields if f.grid == found)}"
                for found, where in ((one, first), (two, second))
            )
        raise WeatherContentError(
            f"two grids in one set: {one.describe()} ({first}) and {two.describe()} ({second})",
            "give files of one grid and one box",
        )
    grid = next(iter(grids))
    if grid.rows < 2 or grid.columns < 2:
        raise WeatherContentError(
            f"the wind covers a single row or column ({grid.describe()})", "bring in a wider box"
        )
    return grid


def find_source(fields: Sequence[Field]) -> str:
    """Return the one source of all fields; raise WeatherContentError if there are two."""
    sources = {field.source: field.file for field in fields}
    if len(sources) > 1:
        mean = next((source for source in sorted(sources) if source.endswith(MEAN)), None)
        if mean is not None and any(not source.endswith(MEAN) for source in sources):
            raise WeatherContentError(
                f"{sources[mean]} holds the mean of an ensemble, and is no member of it",
                "leave that file out: the mean is smoother than the wind of any day",
            )
        raise WeatherContentError(
            "two sources in one set: "
            + " and ".join(f"{source} ({file})" for source, file in sorted(sources.items())),
            "give files of one source, or each as a wind of its own: --wind A --and-wind B",
        )
    return next(iter(sources))


def find_runs(inventory: Inventory) -> tuple[int | None, ...]:
    """Return the forecast runs of a set, each of which makes a cube of its own.

    Parameters
    ----------
    inventory : Inventory
        All that the files hold.

    Returns
    -------
    tuple of int or None
        The runs, ascending [s since 1970], for ``Window.run_s``; ``(None,)`` for what is no
        forecast: a reanalysis, analyses of several times, soundings, or no wind at all.

    Raises
    ------
    WeatherContentError
        If a reanalysis and a forecast lie in one set.
    """
    moving = [field for field in inventory.fields if field.name in WINDS]
    runs = sorted({field.run_s for field in moving if field.run_s is not None})
    past = [field for field in moving if field.run_s is None]
    if len(runs) == 1 and all(field.time_s == runs[0] for field in past):
        return (runs[0],)
    if all(field.is_analysis for field in moving):
        return (None,)
    if past:
        raise WeatherContentError(
            f"a reanalysis ({past[0].file}) and a forecast run of {format_utc(runs[0])} in one set",
            "give either of them alone",
        )
    return tuple(runs)


def choose_run(inventory: Inventory, notes: list[str]) -> tuple[str, int | None, tuple[Field, ...]]:
    """Return the nature and the run [s since 1970] of a set, and the fields that belong to it.

    Of several forecast runs the newest counts; a note names the others.
    """
    runs = find_runs(inventory)
    run_s = runs[-1]
    if run_s is None:
        times = {field.run_s for field in inventory.fields if field.name in WINDS}
        if times != {None}:
            notes.append(
                f"analyses of {len(times)} times: taken as the wind of the past, no forecast"
            )
        return "reanalysis", None, inventory.fields
    if len(runs) > 1:
        _check_runs(inventory, runs)
        others = write_few([format_utc(run) for run in runs[:-1] if run is not None], 8)
        notes.append(
            f"{len(runs)} forecast runs: the newest, {format_utc(run_s)}, is taken; the others are "
            f"{others}"
        )
    kept: list[Field] = []
    lost: set[str] = set()
    for field in inventory.fields:
        is_fixed = field.run_s is None and (field.name == TERRAIN or field.time_s == run_s)
        if field.run_s == run_s or is_fixed:
            kept.append(field)
        elif field.run_s not in runs:
            lost.add(f"{field.name} in {field.file}")
    if lost:
        notes.append(f"left out {write_few(sorted(lost))}: of another run than the wind")
    return "forecast", run_s, tuple(kept)


def _check_runs(inventory: Inventory, runs: Sequence[int | None]) -> None:
    """Raise WeatherContentError if the members of an ensemble are spread over runs."""
    core = [field for field in inventory.fields if field.name in WINDS]
    members = {run: {f.member for f in core if f.run_s == run} for run in runs}
    if len(set().union(*members.values())) < 2 or len({frozenset(m) for m in members.values()}) < 2:
        return
    parts = []
    for run in runs:
        assert run is not None
        numbers = sorted(members[run])
        span = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}"
        file = next(f.file for f in core if f.run_s == run)
        parts.append(f"member {span} of {format_utc(run)} ({file})")
    raise WeatherContentError(
        f"the members are of {len(runs)} runs: {write_few(parts)}",
        "give the files of one run; for several runs as one set give the others with --and-wind",
    )


def write_holdings(inventory: Inventory, names: Iterable[str] = NEEDED) -> str:
    """Write on which levels each variable is there, for messages."""
    parts = []
    for name in sorted(names):
        levels = {f.level_pa for f in inventory.fields if f.name == name and f.level_pa is not None}
        text = write_levels(levels)
        if len(levels) > _MOST_LEVELS:
            text = f"{len(levels)} levels, {max(levels) / 100.0:g} to {min(levels) / 100.0:g} hPa"
        parts.append(f"{name} on {text}" if levels else f"no {name}")
    return "; ".join(parts)


def write_levels(levels: Iterable[float]) -> str:
    """Write pressure levels [Pa] from the ground up, such as ``850, 500 hPa``."""
    return ", ".join(f"{level / 100.0:g}" for level in sorted(levels, reverse=True)) + " hPa"


def write_few(items: Sequence[str], most: int = 3) -> str:
    """Write the first few of a list, and how many more there are."""
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")
