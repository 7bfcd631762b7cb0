"""What a weather file holds, and the wind that a mission flies in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from downwind.errors import (
    ArgumentError,
    StoredWindMissingError,
    WeatherFileError,
)
from downwind.geo.sphere import distance_m
from downwind.plan.launch_hours import first_launch_s
from downwind.plan.mission import Mission
from downwind.plan.search import timer_settings
from downwind.vehicle.film import FilmTube
from downwind.wind.check import WeatherReport, inspect_weather
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.grid import WindGrid, build_grid
from downwind.wind.reach import Reach, read_reachable
from downwind.wind.sources import choose_sources, read_weather, scan_weather
from downwind.wind.sources._assemble import assemble_dataset
from downwind.wind.sources._files import hash_files
from downwind.wind.window import Window

if TYPE_CHECKING:
    from downwind.plan.mission import Site
    from downwind.wind.store import Need, StoredWind

GRID_BYTES: Final = 2 << 30
"""A wind grid beyond this size is cropped to what the flights can reach [bytes]."""

LARGE_BYTES: Final = 1 << 30
"""Of weather files beyond this size only what the flights can reach is read [bytes]."""

FILM_CEILING_M: Final = 25_000.0
"""Height that no film tube reaches; emptied ones climb to about 20 km [m]."""

_ENVELOPE_S: Final = 15 * 3600.0
_NODES: Final = 130


def check_weather(paths: Sequence[Path], window: Window | None = None) -> WeatherReport:
    """Say what weather files hold, what they lack, and what they can serve.

    Parameters
    ----------
    paths : sequence of pathlib.Path
    window : Window, optional
        The part of them to look at; all of it without.

    Raises
    ------
    WeatherFileError
        If a file is no weather or cannot be read, or ends too early.
    """
    return inspect_weather([Path(p) for p in paths], window or Window())


def find_wind(
    mission: Mission,
    wind: Sequence[str | Path],
    *,
    as_stated: bool = False,
    also_s: Sequence[float] = (),
) -> WindCube:
    """Return the wind that a mission flies in: of files, of the store, or the best of the store.

    Parameters
    ----------
    mission : Mission
    wind : sequence of str or pathlib.Path
        Weather files, or ids or names of stored winds; empty for the newest stored wind that holds
        the sites and the hours of the mission.
    as_stated : bool
        Whether the mission's own site, launch and timers are flown, instead of a search over all.
    also_s : sequence of float
        Other times that a stored wind has to hold, such as those of observations [s since 1970].

    Returns
    -------
    WindCube
        Of files beyond `LARGE_BYTES`, as they are or stored, what the flights can reach.

    Raises
    ------
    WeatherFileError
        If a file is no weather, or the files lack what a flight needs.
    StoredWindMissingError
        If there is no such wind in the store, or none that serves.
    StoredWindError
        If a stored wind is spoilt.
    ArgumentError
        If files and stored winds are named at once, or stored winds that do not belong together.
    """
    entries = _find_entries([str(argument) for argument in wind])
    if entries:
        return _open_stored(entries, find_reach(mission, also_s))
    if wind:
        return _read_files([Path(argument) for argument in wind], find_reach(mission, also_s))
    from downwind.wind.store import choose_winds, list_winds

    need = find_need(mission, as_stated=as_stated)
    need = replace(need, spans_s=(*need.spans_s, *((time, time) for time in also_s)))
    choice = choose_winds(list_winds(), need)
    cube = _open_stored(choice.entries, find_reach(mission, also_s))
    if not choice.passed_over:
        return cube
    warnings = "\n".join([*cube.warnings, *choice.passed_over])
    return WindCube(cube.dataset.assign_attrs(warnings=warnings))


def open_wind(wind: Sequence[str], window: Window | None = None) -> WindCube:
    """Return the wind of files or of the store, for no mission in particular.

    Parameters
    ----------
    wind : sequence of str
        Weather files, or ids or names of stored winds.
    window : Window, optional
        The part that is wanted; all of it without.

    Raises
    ------
    DownwindError
        As for ``find_wind``.
    """
    entries = _find_entries(wind)
    if entries:
        from downwind.wind.store import open_cubes

        return open_cubes(entries, window)
    return read_weather([Path(argument) for argument in wind], window or Window())


def is_stored(arguments: Sequence[str]) -> bool:
    """Tell whether arguments name one stored wind, and no file.

    Raises
    ------
    StoredWindMissingError
        If it is the beginning of several.
    StoredWindError
        If it is spoilt.
    WeatherFileError
        If an argument is neither a file nor a stored wind.
    """
    return len(_find_entries(arguments)) == 1 and len(arguments) == 1


def _find_entries(wind: Sequence[str]) -> tuple[StoredWind, ...]:
    """Return the stored winds that arguments name; a file of that name goes before."""
    named = [argument for argument in wind if not Path(argument).exists()]
    if not named or any("/" in argument for argument in named):
        return ()
    from downwind.wind.store import find_wind_entry
    from downwind.wind.store._join import join_key

    entries = []
    for argument in named:
        try:
            entries.append(find_wind_entry(argument))
        except StoredWindMissingError as error:
            if "begin with" in error.message:
                raise
            raise WeatherFileError(
                f"{argument}: there is no such file, and no stored wind of that name",
                "check the name; see what is stored with: downwind weather list",
            ) from error
    if len(named) < len(wind):
        raise ArgumentError(
            f"files and a stored wind ({entries[0].id}) are named at once",
            "name either; or store the files too: downwind weather import FILE",
        )
    if len({join_key(entry) for entry in entries}) > 1:
        raise ArgumentError(
            f"the stored winds {' and '.join(e.id for e in entries[:3])} are not of one source, "
            "run and grid",
            "name winds of one run, which are joined along time, or one alone",
        )
    return tuple({entry.id: entry for entry in entries}.values())


def _open_stored(entries: Sequence[StoredWind], reach: Reach) -> WindCube:
    from downwind.wind.store import open_cubes

    if sum(entry.source_bytes for entry in entries) <= LARGE_BYTES:
        return open_cubes(entries)
    return read_reachable(partial(open_cubes, entries), reach)


def _read_files(paths: Sequence[Path], reach: Reach) -> WindCube:
    if sum(path.stat().st_size for path in paths if path.is_file()) <= LARGE_BYTES:
        return read_weather(paths)

    def read(window: Window) -> WindCube:
        # the digest takes a pass over all bytes, so it is made once, after the last window
        inventory, _ = scan_weather(paths, window)
        return WindCube(assemble_dataset(inventory, inventory.digest))

    cube = read_reachable(read, reach)
    if cube.digest:
        return validate_cube(cube.dataset)
    files = [path for _, group in choose_sources(paths) for path in group]
    return validate_cube(cube.dataset.assign_attrs(digest=hash_files(files)))


def find_reach(mission: Mission, also_s: Sequence[float] = ()) -> Reach:
    """Return where and when a mission's balloons may fly, as far as the mission alone tells.

    Parameters
    ----------
    mission : Mission
    also_s : sequence of float
        Other times that are wanted [s since 1970].
    """
    last_s = max(mission.launch_times_s) + mission.fleet_span_s
    longest_s = _ENVELOPE_S + mission.uncertainty.launch_delay_s[2]
    options = mission.wind
    margin_h = max(options.max_gap_hours, options.steady_hours or 0.0)
    only_film = all(isinstance(group.vehicle, FilmTube) for group in mission.groups)
    return Reach(
        places=tuple((site.longitude, site.latitude) for site in mission.sites),
        flight_s=mission.fleet_span_s + longest_s,
        start_s=float(min((*mission.launch_times_s, *also_s))),
        end_s=max((last_s + longest_s, *also_s)),
        margin_s=3600.0 * margin_h,
        ceiling_m=FILM_CEILING_M if only_film else math.inf,
    )


def find_need(mission: Mission, *, as_stated: bool = False) -> Need:
    """Return what a mission needs of a wind: its sites, and its launches with their timers.

    Parameters
    ----------
    mission : Mission
    as_stated : bool
        Whether its own site, launch and timers are flown, instead of a search over all.
    """
    from downwind.wind.store import Need

    if as_stated:
        sites = mission.sites[:1]
        starts: tuple[int, ...] = (first_launch_s(mission, sites[0]),)
        timers = [(g.timer_setting_s or 0.0) + g.last_after_s for g in mission.groups]
    else:
        sites, starts = mission.sites, mission.launch_times_s
        timers = [float(timer_settings(mission, g)[-1]) + g.last_after_s for g in mission.groups]
    lasting_s = mission.fleet_span_s + mission.uncertainty.launch_delay_s[2] + max(timers)
    return Need(
        places=tuple((site.name, site.longitude, site.latitude) for site in sites),
        spans_s=tuple((float(start), start + lasting_s) for start in starts),
        gap_s=3600.0 * mission.wind.max_gap_hours,
        steady_s=3600.0 * (mission.wind.steady_hours or 0.0),
        states_terrain=mission.wind.terrain_constant_m is not None
        or bool(mission.wind.terrain_files),
        until_s=find_reach(mission).end_s,
    )


def lay_out_wind(cube: WindCube, mission: Mission) -> WindGrid:
    """Lay a cube out for a mission: its bridges, every member, what the flights can reach."""
    return build_grid(cube, mission.wind, _reach(cube, mission))


def _reach(cube: WindCube, mission: Mission) -> tuple[float, float, float] | None:
    """Return what to keep of a large cube: no wind in it carries anything further."""
    columns = cube.latitude.size * cube.longitude.size * max(cube.times_s.size, 2)
    columns *= cube.member_count
    if 12 * _NODES * columns < GRID_BYTES:
        return None
    speed = math.hypot(
        *(
            float(np.abs(cube.dataset[name].values).max())
            for name in ("eastward_wind", "northward_wind")
        )
    )
    first: Site = mission.sites[0]
    apart = max(
        float(distance_m(first.longitude, first.latitude, s.longitude, s.latitude))
        for s in mission.sites
    )
    return first.longitude, first.latitude, apart + speed * (mission.fleet_span_s + _ENVELOPE_S)
