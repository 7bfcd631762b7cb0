"""Soundings of the Iowa Environmental Mesonet in JSON, with the list that says where they stand.

The JSON names stations by their code and says nothing of their place, so that a list of stations
has to be given with it. A sounding whose station is in no list is left out by name.

References
----------
Iowa Environmental Mesonet, service ``raob.py``: ``pres`` [hPa], ``hght`` [m], ``tmpc`` and
``dwpc`` [C], ``drct`` [degrees], ``sknt`` [kt]; ``valid`` with a zone; NaN for missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherContentError, WeatherFileError, WeatherTruncatedError
from downwind.times import parse_time
from downwind.wind.sources._belong import write_few
from downwind.wind.sources._fields import Inventory
from downwind.wind.sources._soundings.gather import Gatherer
from downwind.wind.sources._soundings.rows import Ascent, Rows
from downwind.wind.sources._soundings.station_lists import Station, looks_like_list, read_list
from downwind.wind.sources._soundings.units import KNOT_MS, ZERO_CELSIUS_K
from downwind.wind.window import Window

FloatArray = NDArray[np.float64]

NAME = "IEM soundings"

_LIST_HINT: Final = (
    "give a list of stations in the same command: lines of WMO number, code, name, elevation, "
    "latitude, N or S, longitude, E or W"
)
_MOST_NAMED: Final = 40


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the first bytes of a file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file; its name plays no part.
    head : bytes
        Its first bytes.
    """
    return _is_json(head) or looks_like_list(head)


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read all soundings of IEM files that lie in a window.

    Parameters
    ----------
    paths : sequence of Path
        The files, and the lists of stations that say where they were made.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        The soundings, one profile each.

    Raises
    ------
    WeatherFileError
        If there is a list of stations alone, or a file is no JSON.
    WeatherContentError
        If there is no list of stations, or no sounding can be used.
    """
    lists = [path for path in paths if not _is_json(_read_start(path))]
    files = [path for path in paths if path not in lists]
    if not files:
        raise WeatherFileError(
            f"{lists[0].name} is a list of stations, no sounding",
            "give it together with the IEM soundings (JSON) whose places it names",
        )
    if not lists:
        raise WeatherContentError(
            f"{files[0].name}: the soundings do not say where they were made, and there is no list "
            "of stations",
            _LIST_HINT,
        )
    stations: dict[str, list[Station]] = {}
    for path in lists:
        for code, found in read_list(path).items():
            stations.setdefault(code, []).extend(found)
    gatherer = Gatherer("IEM soundings", [*files, *lists], window)
    for path in files:
        _read_file(path, stations, gatherer)
    return gatherer.finish(hint=_LIST_HINT)


def _read_start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(256)


def _is_json(head: bytes) -> bool:
    start = head.lstrip()
    return start.startswith(b"{") and b'"profiles"' in start[:40] and b'"profile"' in start[:256]


def _read_file(path: Path, stations: Mapping[str, list[Station]], gatherer: Gatherer) -> None:
    try:
        content = json.loads(path.read_bytes())
        soundings = [
            (str(item["station"]), float(parse_time(str(item["valid"]))), item["profile"])
            for item in content["profiles"]
        ]
    except json.JSONDecodeError as error:
        raise WeatherTruncatedError(
            f"{path.name}: the file ends early, or is damaged at letter {error.pos}",
            "fetch the file again",
        ) from error
    except (UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise WeatherFileError(
            f"{path.name} does not keep the format of IEM soundings ({error!r})",
            "fetch the file again",
        ) from error
    unknown: list[str] = []
    moved: list[str] = []
    for code, time_s, levels in soundings:
        found = stations.get(code, [])
        places = {(station.latitude, station.longitude) for station in found}
        if len(places) == 1:
            _read_sounding(path.name, code, time_s, levels, found[0], gatherer)
        else:
            (moved if places else unknown).append(code)
    for codes, why in (
        (unknown, "in no list of stations"),
        (moved, "in several places by the list"),
    ):
        if codes:
            gatherer.leave_out(
                f"{len(codes)} soundings in {path.name}, their stations are {why}: "
                f"{write_few(sorted(set(codes)), _MOST_NAMED)}"
            )


def _read_sounding(
    file: str, code: str, time_s: float, levels: Any, station: Station, gatherer: Gatherer
) -> None:
    if not gatherer.wants(code, station.longitude, station.latitude, time_s):
        return
    try:
        columns = {
            name: np.array([level.get(name) for level in levels], np.float64)
            for name in ("pres", "hght", "tmpc", "dwpc", "drct", "sknt")
        }
    except (AttributeError, TypeError, ValueError):
        gatherer.leave_out(f"sounding of {code} in {file}: a level of it holds no numbers")
        return
    rows = Rows(
        pressure_pa=columns["pres"] * 100.0,
        height_m=columns["hght"],
        temperature_k=columns["tmpc"] + ZERO_CELSIUS_K,
        dewpoint_k=columns["dwpc"] + ZERO_CELSIUS_K,
        direction_deg=columns["drct"],
        speed_ms=columns["sknt"] * KNOT_MS,
    )
    # Rows of standard levels below the ground stand before it and hold a height alone.
    warm = np.flatnonzero(np.isfinite(rows.temperature_k))
    ground = float(rows.height_m[warm[0]]) if warm.size else np.nan
    gatherer.add(
        Ascent(
            station=f"{code} {station.name}",
            longitude=station.longitude,
            latitude=station.latitude,
            elevation_m=ground if np.isfinite(ground) else station.elevation_m,
            time_s=time_s,
            rows=rows,
            source="IEM sounding",
            file=file,
            surface=int(warm[0]) if warm.size else None,
        )
    )
