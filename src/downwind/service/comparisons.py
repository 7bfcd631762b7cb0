"""Compare winds: read each, take the common part, and fly or climb through each of them.

Each wind is compared with the first. Of an ensemble one member counts, or the mean of all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from downwind.errors import ArgumentError, ResultsExistError, ResultsWriteError
from downwind.geo.sphere import wrap_longitude
from downwind.plan.nominal import NominalFlight, fly_nominal
from downwind.plan.wind_comparison import ClimbRequest, ComparedWind, WindComparison
from downwind.service.store import parse_window
from downwind.service.weather import lay_out_wind, open_wind
from downwind.times import parse_time
from downwind.units import parse_quantity
from downwind.wind.compare.climb import Climb, climb_through
from downwind.wind.compare.cubes import EVERYWHERE, STANDARD_HEIGHTS_M, compare_cubes
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.error_sizes import FittedSizes, write_sizes
from downwind.wind.window import Window

MEAN: Final = "mean"
"""What stands for the mean of all members after the ``@`` of a wind."""

LABELS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_MEMBER = re.compile(r"(.+)@(\d+|mean)")


def compare_weather(
    winds: Sequence[str],
    *,
    heights: Sequence[str] = (),
    box: str | None = None,
    mission: Path | None = None,
    at: str | None = None,
    ascent_rate: str = "5 m/s",
    top: str = "10 km",
    output: Path | None = None,
    sizes: Path | None = None,
    force: bool = False,
) -> WindComparison:
    """Compare winds with the first of them.

    Parameters
    ----------
    winds : sequence of str
        Two or more. Each is a file or the id of a stored wind, or several joined by commas; ``@``
        and a number after it name a member of an ensemble, ``@mean`` the mean of all. The first
        member counts without it.
    heights : sequence of str, optional
        Geopotential heights with a unit; the standard levels without any.
    box : str, optional
        ``west,south,east,north`` [degrees]; compare inside it alone.
    mission : pathlib.Path, optional
        Fly the first balloon of each of its groups in each wind.
    at : str, optional
        ``latitude,longitude,time``: climb from there through each wind.
    ascent_rate, top : str, optional
        Of that climb.
    output : pathlib.Path, optional
        Picture to write, PNG.
    sizes : pathlib.Path, optional
        File to write the size of forecast error to that is fitted to the differences, TOML, as
        ``wind.error.sizes`` of a mission reads it.
    force : bool
        Replace files that stand there.

    Raises
    ------
    DownwindError
        One of its kinds: no two winds; nothing in common in place, time or height; a file that
        cannot be read; a mission that cannot be flown in one of them; a picture that exists.
    """
    if output is not None:
        _check_file(Path(output), force, "picture", ".png", "PNG")
    if sizes is not None:
        _check_file(Path(sizes), force, "file of sizes", ".toml", "TOML file")
    if not 2 <= len(winds) <= len(LABELS):
        raise ArgumentError(
            f"{len(winds)} wind{'s were' if len(winds) != 1 else ' was'} named, and it takes 2 to "
            f"{len(LABELS)} to compare",
            "name two weather files; join the files of one wind by commas: f000.grib2,f003.grib2",
        )
    wanted = [_read_quantity(text, "length", "--height") for text in heights]
    request = None if at is None else _parse_request(at, ascent_rate, top)
    window = parse_window(box)
    read = tuple(
        _open_wind(text, label, window) for text, label in zip(winds, LABELS, strict=False)
    )
    cubes = [wind.cube for wind in read]
    comparisons = tuple(
        compare_cubes(cubes[0], cube, wanted or STANDARD_HEIGHTS_M, window or EVERYWHERE)
        for cube in cubes[1:]
    )
    name, flights, notes = _fly(mission, read) if mission is not None else ("", (), ())
    climbs: tuple[Climb, ...] = ()
    if request is not None:
        climbs = climb_through(
            cubes,
            request.longitude,
            request.latitude,
            request.time_s,
            request.rate_ms,
            request.top_m,
        )
    fitted = None
    if sizes is not None:
        fitted = _fit(cubes, wanted or STANDARD_HEIGHTS_M, window or EVERYWHERE)
    result = WindComparison(read, comparisons, name, flights, notes, request, climbs, fitted)
    if output is not None:
        _write_picture(result, Path(output))
    if fitted is not None and sizes is not None:
        _write_whole(Path(sizes), lambda part: part.write_text(write_sizes(fitted), "utf-8"))
    return result


def pick_member(cube: WindCube, member: str | None) -> tuple[WindCube, str]:
    """Return one member of a cube, or the mean of all, and which one it is in words.

    Parameters
    ----------
    cube : WindCube
    member : str or None
        Its number in the file, or ``mean``; the first one without.

    Raises
    ------
    ArgumentError
        If the cube has no such member.
    """
    data, count = cube.dataset, cube.member_count
    if member == MEAN and count > 1:
        averaged = data.isel(realization=[0]).assign_coords(realization=[0])
        for name, field in data.data_vars.items():
            if "realization" in field.dims:
                mean = field.mean("realization", keep_attrs=True).astype(np.float32)
                averaged[name] = mean.expand_dims({"realization": [0]}, 0).transpose(*field.dims)
        return validate_cube(averaged), f"mean of {count} members"
    numbers = [int(number) for number in data["realization"].values]
    if member is not None and (member == MEAN or int(member) not in numbers):
        held = f"the members {numbers[0]} to {numbers[-1]}" if count > 1 else "one member only"
        raise ArgumentError(
            f"there is no member '{member}' of {cube.source}: it holds {held}",
            "name one that is there after the @, or leave it out for the first",
        )
    at = 0 if member is None else numbers.index(int(member))
    which = f"member {numbers[at]} of {count}" if count > 1 else ""
    return WindCube(data.isel(realization=[at])), which


def _open_wind(text: str, label: str, window: Window | None) -> ComparedWind:
    match = None if Path(text).exists() else _MEMBER.fullmatch(text)
    name, member = (match[1], match[2]) if match else (text, None)
    names = [name] if Path(name).exists() else name.split(",")
    cube, which = pick_member(open_wind(names, window), member)
    return ComparedWind(label, WindCube(cube.dataset.load()), which)


def _fly(
    path: Path, winds: Sequence[ComparedWind]
) -> tuple[str, tuple[tuple[NominalFlight, ...], ...], tuple[str, ...]]:
    from downwind.plan.mission_file import read_mission

    mission = read_mission(Path(path), None)
    flights = []
    bridges: dict[str, list[str]] = {}
    for wind in winds:
        grid = lay_out_wind(wind.cube, mission)
        flights.append(fly_nominal(mission, grid))
        for bridge in grid.bridges:
            if bridge not in wind.cube.warnings:
                bridges.setdefault(bridge, []).append(wind.label)
    notes = tuple(f"{', '.join(labels)}: {bridge}" for bridge, labels in bridges.items())
    return mission.name, tuple(flights), notes


def _fit(cubes: Sequence[WindCube], heights: Sequence[float], window: Window) -> FittedSizes:
    """Fit the size of forecast error to the differences of each wind from the first."""
    from downwind.wind.compare.differences import find_differences
    from downwind.wind.compare.sizes import FitPair, fit_sizes

    first = cubes[0]
    return fit_sizes(
        [FitPair(first, cube, find_differences(first, cube, heights, window)) for cube in cubes[1:]]
    )


def _check_file(path: Path, force: bool, what: str, suffix: str, kind: str) -> None:
    if path.suffix.lower() != suffix:
        raise ArgumentError(
            f"the {what} {path} is no {kind}", f"give it a name that ends in {suffix}"
        )
    if not path.parent.is_dir():
        raise ResultsWriteError(f"there is no folder {path.parent}", "make it, or name another")
    if path.exists() and not force:
        raise ResultsExistError(f"{path} exists already", "name another file, or add --force")


def _write_picture(result: WindComparison, path: Path) -> None:
    """Write the picture whole or not at all."""
    from downwind.report.compare_plot import draw_comparison

    _write_whole(path, lambda part: draw_comparison(result, part))


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(part)
        part.replace(path)
    except OSError as error:
        raise ResultsWriteError(
            f"cannot write {path}: {error}", "name a folder that you may write to"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _parse_request(at: str, ascent_rate: str, top: str) -> ClimbRequest:
    parts = at.split(",")
    hint = 'write it as latitude,longitude,time: --at "37.75,126.49,2015-04-03T18:00Z"'
    if len(parts) != 3:
        raise ArgumentError(f"the place and time '{at}' has {len(parts)} parts, not 3", hint)
    try:
        latitude, longitude = float(parts[0]), float(parts[1])
        time_s = parse_time(parts[2])
    except ValueError as error:
        raise ArgumentError(f"the place and time '{at}' cannot be read: {error}", hint) from error
    if not (-90.0 <= latitude <= 90.0 and -360.0 <= longitude <= 360.0):
        raise ArgumentError(f"{latitude:g} N {longitude:g} E is no place", hint)
    return ClimbRequest(
        float(wrap_longitude(longitude)),
        latitude,
        time_s,
        _read_quantity(ascent_rate, "speed", "--ascent-rate"),
        _read_quantity(top, "length", "--top"),
    )


def _read_quantity(text: str, dimension: str, option: str) -> float:
    example = "5 km" if dimension == "length" else "5 m/s"
    try:
        return parse_quantity(text, dimension)
    except ValueError as error:
        raise ArgumentError(f"{option}: {error}", f'write it as {option} "{example}"') from error
