"""Whether fields belong together: one grid, one source, one run.

Every refusal says which two things stand against each other, and in which files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from downwind.errors import WeatherContentError, WeatherFileError
from downwind.times import format_utc
from downwind.wind.cube import NEEDED
from downwind.wind.sources._fields import Field, Grid, Inventory


def check_anything(inventory: Inventory, core: Sequence[Field]) -> None:
    """Raise an error that says what there is, if a variable is missing altogether."""
    names = ", ".join(inventory.files)
    if not core and inventory.refused_grids:
        kinds = ", ".join(sorted(inventory.refused_grids))
        raise WeatherFileError(
            f"{names}: the wind lies on a grid that cannot be read ({kinds}); only regular "
            "latitude-longitude grids (regular_ll) are",
            "bring in the regular latitude-longitude product of the same model, or regrid the file",
        )
    absent = [name for name in NEEDED if not any(field.name == name for field in core)]
    if not absent:
        return
    message = f"{names}: no {', '.join(absent)} on pressure levels"
    if core:
        message += f"; there is {write_holdings(inventory, set(NEEDED).difference(absent))}"
    hint = f"bring in, together with this, a file with {' and '.join(absent)} on the same levels"
    if inventory.left_out:
        message += f"; left out: {'; '.join(inventory.left_out)}"
        hint = (
            "bring in a file with evenly spaced latitudes and longitudes, dated times, and levels "
            "in hPa or Pa"
        )
    raise WeatherContentError(message, hint)


def find_grid(fields: Sequence[Field]) -> Grid:
    """Return the one grid of all fields; raise WeatherContentError if there are two."""
    grids: dict[Grid, str] = {}
    for field in fields:
        grids.setdefault(field.grid, f"{field.name} in {field.file}")
    if len(grids) > 1:
        (one, first), (two, second) = list(grids.items())[:2]
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
        raise WeatherContentError(
            "two sources in one set: "
            + " and ".join(f"{source} ({file})" for source, file in sorted(sources.items())),
            "give files of one source",
        )
    return next(iter(sources))


def find_run(fields: Sequence[Field], notes: list[str]) -> tuple[str, int | None]:
    """Return the nature and the run [s since 1970] of a set, and note what was decided.

    Raises
    ------
    WeatherContentError
        If fields of several runs, or of a run and a reanalysis, lie in one set.
    """
    runs = sorted({field.run_s for field in fields if field.run_s is not None})
    past = [field for field in fields if field.run_s is None]
    if not runs:
        return "reanalysis", None
    if len(runs) == 1 and all(field.time_s == runs[0] for field in past):
        return "forecast", runs[0]
    if all(field.is_analysis for field in fields):
        notes.append(f"analyses of {len(runs)} times: taken as the wind of the past, no forecast")
        return "reanalysis", None
    if past:
        raise WeatherContentError(
            f"a reanalysis ({past[0].file}) and a forecast run of {format_utc(runs[0])} in one set",
            "give either of them alone",
        )
    raise WeatherContentError(
        f"{len(runs)} forecast runs in one set: " + write_few([format_utc(run) for run in runs]),
        "give the files of one run",
    )


def write_holdings(inventory: Inventory, names: Iterable[str] = NEEDED) -> str:
    """Write on which levels each variable is there, for messages."""
    parts = []
    for name in sorted(names):
        levels = {f.level_pa for f in inventory.fields if f.name == name and f.level_pa is not None}
        parts.append(f"{name} on {write_levels(levels)}" if levels else f"no {name}")
    return "; ".join(parts)


def write_levels(levels: Iterable[float]) -> str:
    """Write pressure levels [Pa] from the ground up, such as ``850, 500 hPa``."""
    return ", ".join(f"{level / 100.0:g}" for level in sorted(levels, reverse=True)) + " hPa"


def write_few(items: Sequence[str], most: int = 3) -> str:
    """Write the first few of a list, and how many more there are."""
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")
