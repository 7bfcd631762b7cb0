"""GRIB files (edition 2, and 1 where it is laid out alike) on regular latitude-longitude grids.

Fields are told apart by the names that ecCodes gives them, members by their perturbation number
(a negatively perturbed member gets its negative, the control 0), valid times by date and step.
Fields that say they are a reanalysis have no run; every other field belongs to the run it names, an
analysis to the run of its own time. A sum or a mean of rain becomes a mean rate at the end of its
own span of time, a greatest gust stays one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WeatherFileError
from downwind.wind.cube import (
    GUST,
    PRECIPITATION,
    TERRAIN,
)
from downwind.wind.sources._belong import check_size
from downwind.wind.sources._eccodes import DecodeError, Message, open_message
from downwind.wind.sources._fields import (
    AIR_FIELDS,
    CENTRES,
    CONTROL,
    MEMBER,
    SINGLE,
    Field,
    Inventory,
    Layout,
    find_layout,
)
from downwind.wind.sources._grib_names import name_field
from downwind.wind.sources._messages import find_message, iterate_messages
from downwind.wind.sources._products import MEAN, MEAN_WARNING, explain_statistic, is_mean
from downwind.wind.window import Window

NAME = "GRIB"

_RAIN_UNITS = {"kgm-2s-1": 1.0, "ms-1": 1000.0, "kgm-2": 1.0, "m": 1000.0}
_STEP_UNITS_S = {"": 3600.0, "h": 3600.0, "m": 60.0, "s": 1.0, "D": 86_400.0}
_STEP_RANGE = re.compile(r"(\d+)([hmsD]?)-(\d+)([hmsD]?)")
_SPECTRAL = {"vo", "d"}
_REANALYSES = {"ea": "ERA5", "ei": "ERA-Interim", "e4": "ERA-40"}
_NCEP_MODELS = {"81": "GFS", "96": "GFS", "107": "GEFS"}
_REANALYSIS_STATUS = 3
_NEGATIVE_PERTURBATION = 2
_UNPERTURBED = (0, 1, 5)
_ENSEMBLE_STREAMS = ("enfo", "ef", "enfh")

MAX_POINTS = 60_000_000
"""Points of a field above which a message is taken for damaged; 0.04 deg has 40 million."""

_GRID_KEYS = (
    "Ni",
    "Nj",
    "latitudeOfFirstGridPointInDegrees",
    "latitudeOfLastGridPointInDegrees",
    "longitudeOfFirstGridPointInDegrees",
    "longitudeOfLastGridPointInDegrees",
    "iDirectionIncrementInDegrees",
    "iScansNegatively",
)


def recognise(path: Path, head: bytes) -> bool:
    """Tell by the first bytes of a file whether this source reads it.

    Parameters
    ----------
    path : Path
        The file; its name plays no part.
    head : bytes
        Its first bytes.
    """
    return find_message(head) >= 0


def scan(paths: Sequence[Path], window: Window) -> Inventory:
    """Read all fields of GRIB files that a flight can use, and count the others.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    window : Window
        The part of them that is wanted.

    Returns
    -------
    Inventory
        What they hold, whether it makes a cube or not.

    Raises
    ------
    WeatherFileError
        If a file cannot be read.
    WeatherTruncatedError
        If a file ends inside a message.
    """
    fields: list[Field] = []
    refused: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    others: Counter[str] = Counter()
    editions: set[int] = set()
    names_of: dict[bytes, dict[str, str]] = {}
    unneeded: dict[bytes | None, str] = {}
    points = 0
    for path in paths:
        for number, raw in enumerate(iterate_messages(path), start=1):
            editions.add(raw.edition)
            if aside := raw.aside or unneeded.get(raw.kind):
                others[aside] += 1
                continue
            texts = {} if raw.kind is None else names_of.setdefault(raw.kind, {})
            try:
                with open_message(raw.data, texts) as message:
                    field = _read_field(message, path.name, window, refused, left_out)
            except DecodeError as error:
                raise WeatherFileError(
                    f"{path.name}: field {number} cannot be decoded ({error})",
                    "fetch the file again, or in another packing such as simple packing",
                ) from error
            if isinstance(field, str):
                others[field] += 1
                if raw.kind is not None:
                    unneeded[raw.kind] = field
            elif field is not None:
                fields.append(field)
                points += field.values.size
                check_size(points, path.name)
    kind = " and ".join(f"GRIB edition {edition}" for edition in sorted(editions))
    has_mean = any(field.source.endswith(MEAN) for field in fields)
    reasons = tuple(_write_reason(reason, count) for reason, count in left_out.items())
    names = tuple(path.name for path in paths)
    return Inventory(
        kind,
        names,
        tuple(fields),
        dict(refused),
        reasons,
        dict(others),
        warnings=(MEAN_WARNING,) if has_mean else (),
    )


def _read_field(
    message: Message,
    file: str,
    window: Window,
    refused: Counter[str],
    left_out: Counter[str],
) -> Field | str | None:
    """Return the field of a message; the name of one that no flight needs; None if refused."""
    short, level_type = message.text("shortName"), message.text("typeOfLevel")
    named = name_field(message, short, level_type)
    if named is None:
        if short in ("u", "v") and level_type.startswith("hybrid"):
            left_out[f"{short} on model (hybrid) levels"] += 1
            return None
        if short in _SPECTRAL and message.text("gridType") == "sh":
            left_out[f"{short} in spherical harmonics, which is no wind yet"] += 1
            return None
        return f"{short} ({level_type})"
    name, factor, level_pa = named
    span_s, scale = _find_span(message, name, short)
    if scale == 0.0:
        return f"{short} ({level_type}, {message.text('stepType')})"
    if what := explain_statistic(message):
        if name in AIR_FIELDS:
            return f"{short} ({level_type}, {what})"
        left_out[f"{short} in {file}: {what}"] += 1
        return None
    grid_type = message.text("gridType")
    if grid_type != "regular_ll":
        if name in AIR_FIELDS:
            return f"{short} ({level_type}, {grid_type})"
        refused[grid_type or "unknown"] += 1
        return None
    if message.need("numberOfDataPoints") != message.need("Ni") * message.need("Nj"):
        raise ValueError("its number of points is not that of its rows and columns")
    try:
        layout = _find_layout(*(message.need(key) for key in _GRID_KEYS))
    except ValueError as error:
        left_out[f"{short}: {error}"] += 1
        return None
    time_s = _read_time(message, "validity")
    run_s = _find_run(message)
    is_held = window.holds_time(time_s) and window.holds_run(run_s)
    if name != TERRAIN and not is_held:
        return None
    part = _crop(layout, window)
    if part is None:
        left_out[f"{short}: nothing of it in {window.describe()}"] += 1
        return None
    member, role = _read_member(message)
    return Field(
        name=name,
        level_pa=level_pa,
        time_s=time_s,
        member=member,
        values=part.lay_out(_unscan(message) * (factor * scale)),
        grid=part.grid,
        run_s=run_s,
        is_analysis=run_s is None or (run_s == time_s and message.text("dataType") == "an"),
        source=_name_source(message) + (MEAN if is_mean(message) else ""),
        file=file,
        span_s=span_s,
        role=role,
        ensemble_size=message.number("numberOfForecastsInEnsemble") or 0,
    )


def _find_run(message: Message) -> int | None:
    """Return the run of a message [s since 1970]; None for a reanalysis."""
    status = message.number("productionStatusOfProcessedData")
    if message.text("marsClass") in _REANALYSES or status == _REANALYSIS_STATUS:
        return None
    return _read_time(message, "data")


def _find_span(message: Message, name: str, short: str) -> tuple[int | None, float]:
    """Return the span of time that a field is taken over [s], and its factor; 0 if it is no use."""
    kind = message.text("stepType")
    if name == GUST and (kind == "max" or short == "10fg"):
        return _read_span(message) or None, 1.0
    if name == PRECIPITATION:
        unit = message.text("units").replace("**", "").replace(" ", "")
        span_s = _read_span(message)
        scale = _RAIN_UNITS.get(unit, 0.0)
        if kind == "accum" and not unit.endswith("s-1"):
            return span_s, scale / span_s if span_s else 0.0
        if kind == "avg" and unit.endswith("s-1"):
            return span_s, scale if span_s else 0.0
        return 0, scale if kind == "instant" and unit.endswith("s-1") else 0.0
    return 0, float(name == TERRAIN or kind == "instant")


def _read_span(message: Message) -> int:
    """Return the length of the span of a message, such as 21,600 for ``66-72`` [s]; 0 without."""
    found = _STEP_RANGE.fullmatch(message.text("stepRange"))
    if found is None:
        return 0
    unit = found[4]
    start = int(found[1]) * _STEP_UNITS_S[found[2] or unit]
    return round(int(found[3]) * _STEP_UNITS_S[unit] - start)


@lru_cache(maxsize=64)
def _find_layout(
    columns: float,
    rows: float,
    first_lat: float,
    last_lat: float,
    first_lon: float,
    last_lon: float,
    step_lon: float,
    westward: float,
) -> Layout:
    n = int(columns)
    if n * rows > MAX_POINTS:
        raise ValueError(f"{columns:.0f} x {rows:.0f} points are too many")
    sign = -1.0 if westward else 1.0
    span = (sign * (last_lon - first_lon)) % 360.0
    if span < 0.5 * step_lon and n > 1:
        span += 360.0
    longitudes = first_lon + sign * np.linspace(0.0, span, n)
    return find_layout(np.linspace(first_lat, last_lat, int(rows)), longitudes)


@lru_cache(maxsize=64)
def _crop(layout: Layout, window: Window) -> Layout | None:
    return layout.within(window)


def _unscan(message: Message) -> NDArray[np.float64]:
    """Return the values of a message, shape (rows, columns) in the order of its own axes."""
    n_rows, n_columns = int(message.need("Nj")), int(message.need("Ni"))
    values = message.values(MAX_POINTS)
    if message.number("jPointsAreConsecutive"):
        values = values.reshape(n_columns, n_rows)
        if message.number("alternativeRowScanning"):
            values[1::2] = values[1::2, ::-1]
        return values.T
    values = values.reshape(n_rows, n_columns)
    if message.number("alternativeRowScanning"):
        values[1::2] = values[1::2, ::-1]
    return values


def _read_time(message: Message, prefix: str) -> int:
    """Return the valid time (``validity``) or the run (``data``) of a message [s since 1970]."""
    date, clock = int(message.need(f"{prefix}Date")), int(message.need(f"{prefix}Time"))
    moment = datetime(
        date // 10_000, date // 100 % 100, date % 100, clock // 100, clock % 100, tzinfo=UTC
    )
    return int(moment.timestamp())


def _read_member(message: Message) -> tuple[int, str]:
    """Return the number of a member and its role; the control has the number 0."""
    number = message.number("number")
    if number is None:
        number = message.number("perturbationNumber")
    is_grib2 = message.text("edition") == "2"
    if number is None:
        return 0, "" if is_mean(message) else SINGLE
    if not is_grib2 and not message.number("numberOfForecastsInEnsemble") and number == 0:
        return 0, SINGLE
    kind = message.text("dataType")
    # in edition 1 ecCodes gives every member of a reanalysis the type of a control
    perturbation = message.number("typeOfEnsembleForecast") if is_grib2 else None
    if kind == "cf" or (kind != "pf" and perturbation in _UNPERTURBED):
        return 0, CONTROL
    return -number if perturbation == _NEGATIVE_PERTURBATION else number, MEMBER


def _name_source(message: Message) -> str:
    centre = message.text("centre")
    name = CENTRES.get(centre) or message.text("centreDescription") or f"centre {centre}"
    mars_class = message.text("marsClass")
    if mars_class in _REANALYSES:
        return f"{name} {_REANALYSES[mars_class]}"
    if centre == "kwbc":
        model = _NCEP_MODELS.get(message.text("generatingProcessIdentifier"), "")
        return f"{name} {model}".strip()
    if mars_class == "ai":
        name += " AIFS"
    is_ensemble = centre == "ecmf" and message.text("marsStream") in _ENSEMBLE_STREAMS
    return f"{name} ENS" if is_ensemble else name


def _write_reason(reason: str, count: int) -> str:
    return f"{reason} ({count} fields)" if count > 1 else reason
