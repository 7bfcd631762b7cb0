"""Sizes of wind error that were fitted to pairs of winds, and the file that holds them.

The file is TOML: one entry for each level and lead, with its standard error, and the scales where
the data bore them. ``weather compare --sizes`` writes it, ``wind.error.sizes`` of a mission reads
it. Between and beyond the entries the *ratio* to the default table is interpolated and held, so
that a few levels and leads keep the shape of the table elsewhere.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ArgumentError
from downwind.wind.error import forecast_sigma_ms

FORMAT: Final = "downwind-wind-error-sizes-1"

MOST_MS: Final = 50.0
"""No size above this is read [m s-1]."""

_ENTRY: Final = ("pressure_hpa", "lead_hours", "sigma_ms", "standard_error_ms", "n_effective")
_SCALES: Final = {"horizontal_km": (1.0, 20_000.0), "time_hours": (1.0 / 60.0, 720.0)}
"""Between these a scale of a file is taken, as one of ``wind.error.large_scales`` is."""


@dataclass(frozen=True, slots=True)
class SizeEntry:
    """The size of the large-scale error of one component at a level and a lead.

    Attributes
    ----------
    pressure_pa, lead_h : float
        Pressure in the standard atmosphere [Pa] and lead [h].
    sigma_ms : float
        Standard deviation of the error [m s-1].
    standard_error_ms : float
        Of that size [m s-1]; NaN where it is not known.
    n_effective : float
        Independent differences that it rests on; NaN where it is not known.
    """

    pressure_pa: float
    lead_h: float
    sigma_ms: float
    standard_error_ms: float = math.nan
    n_effective: float = math.nan


@dataclass(frozen=True, slots=True)
class FittedScale:
    """A length [m] or a time [s] that was fitted, and its standard error."""

    value: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class FittedSizes:
    """Sizes by level and lead, and scales where they were fitted.

    Attributes
    ----------
    entries : tuple of SizeEntry
        At least one, in the order of the file.
    origin : str
        What they were fitted to, for people.
    notes : tuple of str
        What was assumed and left out.
    horizontal_m, time_s : FittedScale or None
        Scales of the large part; None where the data do not bear them.
    digest : str
        The sha256 of the file; empty for what was not read from one.
    """

    entries: tuple[SizeEntry, ...]
    origin: str
    notes: tuple[str, ...] = ()
    horizontal_m: FittedScale | None = None
    time_s: FittedScale | None = None
    digest: str = ""

    @property
    def leads_h(self) -> tuple[float, float]:
        """Shortest and longest lead [h]."""
        leads = [entry.lead_h for entry in self.entries]
        return min(leads), max(leads)

    @property
    def pressures_pa(self) -> tuple[float, float]:
        """Highest and lowest level, as pressures [Pa]."""
        pressures = [entry.pressure_pa for entry in self.entries]
        return min(pressures), max(pressures)

    def sigma_ms(self, pressure_pa: ArrayLike, lead_h: ArrayLike) -> NDArray[np.float64]:
        """Return the size of one component, large-scale part [m s-1].

        Parameters
        ----------
        pressure_pa, lead_h : array_like
            Pressure [Pa] and lead [h]; they are broadcast. The ratio to `forecast_sigma_ms` is
            linear in lead at each level of the entries, then in ln p between levels; outside both
            it is held.
        """
        pressure, lead = np.broadcast_arrays(
            np.asarray(pressure_pa, np.float64), np.asarray(lead_h, np.float64)
        )
        levels = sorted({entry.pressure_pa for entry in self.entries})
        columns = []
        for level in levels:
            own = sorted((e.lead_h, e.sigma_ms) for e in self.entries if e.pressure_pa == level)
            leads, sizes = np.array(own).T
            columns.append(np.interp(lead, leads, sizes / forecast_sigma_ms(level, leads)))
        ratios = np.stack(columns, axis=-1)
        place = np.interp(np.log(pressure), np.log(levels), np.arange(len(levels)))
        low = np.minimum(place.astype(np.intp), max(len(levels) - 2, 0))
        high = np.minimum(low + 1, len(levels) - 1)
        below, above = (np.take_along_axis(ratios, k[..., None], -1)[..., 0] for k in (low, high))
        ratio = below + (place - low) * (above - below)
        return np.asarray(ratio * forecast_sigma_ms(pressure, lead), np.float64)


def write_sizes(sizes: FittedSizes) -> str:
    """Return the text of a file of sizes.

    Parameters
    ----------
    sizes : FittedSizes
    """
    lines = [
        "# Size of wind error, one component, large-scale part; for wind.error.sizes of a mission.",
        f"format = {_quote(FORMAT)}",
        f"origin = {_quote(sizes.origin)}",
        "notes = [" + ", ".join(_quote(note) for note in sizes.notes) + "]",
    ]
    for key, fitted, unit in (
        ("horizontal_km", sizes.horizontal_m, 1e3),
        ("time_hours", sizes.time_s, 3600.0),
    ):
        if fitted is not None:
            value, error = _number(fitted.value / unit), _number(fitted.standard_error / unit)
            lines += ["", f"[scales.{key}]", f"value = {value}", f"standard_error = {error}"]
    for entry in sizes.entries:
        values = (
            entry.pressure_pa / 100.0,
            entry.lead_h,
            entry.sigma_ms,
            entry.standard_error_ms,
            entry.n_effective,
        )
        pairs = [f"{key} = {_number(value)}" for key, value in zip(_ENTRY, values, strict=True)]
        lines += ["", "[[size]]", *pairs]
    return "\n".join(lines) + "\n"


def read_sizes(path: Path) -> FittedSizes:
    """Read a file of sizes.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    ArgumentError
        If the file cannot be read, is not TOML of this form, or holds a size that cannot be.
    """
    hint = "make it with: downwind weather compare ANALYSIS FORECAST... --sizes FILE.toml"
    try:
        raw = path.read_bytes()
        table = tomllib.loads(raw.decode())
    except OSError as error:
        raise ArgumentError(f"cannot read {path}: {error.strerror or error}", hint) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{path} is not TOML: {error}", hint) from error
    if table.get("format") != FORMAT:
        raise ArgumentError(
            f"{path} is no file of wind error sizes: its format is {table.get('format')!r}, not "
            f"'{FORMAT}'",
            hint,
        )
    rows = table.get("size")
    if not isinstance(rows, list) or not rows:
        raise ArgumentError(f"{path} holds no [[size]]", hint)
    entries = tuple(_read_entry(row, f"{path}, size[{i}]") for i, row in enumerate(rows))
    places = [(entry.pressure_pa, entry.lead_h) for entry in entries]
    for i, place in enumerate(places):
        if place in places[:i]:
            raise ArgumentError(
                f"{path}, size[{i}]: {place[0] / 100.0:g} hPa at {place[1]:g} h stands there twice",
                "keep one of them",
            )
    scales = table.get("scales", {})
    if not isinstance(scales, dict) or not set(scales) <= set(_SCALES):
        raise ArgumentError(f"{path}, scales: known are {', '.join(_SCALES)}", hint)
    notes = table.get("notes", [])
    if not isinstance(notes, list):
        raise ArgumentError(f"{path}, notes: it is a list of text", hint)
    return FittedSizes(
        entries,
        str(table.get("origin", path.name)),
        tuple(str(note) for note in notes),
        _read_scale(scales, "horizontal_km", 1e3, path),
        _read_scale(scales, "time_hours", 3600.0, path),
        hashlib.sha256(raw).hexdigest(),
    )


def _read_entry(row: Any, place: str) -> SizeEntry:
    known = ", ".join(_ENTRY)
    if not isinstance(row, dict) or not set(row) <= set(_ENTRY):
        raise ArgumentError(f"{place}: known keys are {known}", "leave the others out")
    values = {key: _read_number(row.get(key), key, place) for key in _ENTRY[:3]}
    if not 1.0 <= values["pressure_hpa"] <= 1_100.0:
        raise ArgumentError(f"{place}: {values['pressure_hpa']:g} hPa is no level", "1 to 1100 hPa")
    if not 0.0 <= values["lead_hours"] <= 1_000.0:
        raise ArgumentError(f"{place}: {values['lead_hours']:g} h is no lead", "0 to 1000 h")
    if not 0.0 <= values["sigma_ms"] <= MOST_MS:
        raise ArgumentError(
            f"{place}: {values['sigma_ms']:g} m/s is no size of a wind error",
            f"0 to {MOST_MS:g} m/s",
        )
    rest = [
        float(x) if isinstance(x := row.get(key, math.nan), int | float) else math.nan
        for key in _ENTRY[3:]
    ]
    return SizeEntry(
        100.0 * values["pressure_hpa"], values["lead_hours"], values["sigma_ms"], rest[0], rest[1]
    )


def _read_scale(scales: Any, name: str, unit: float, path: Path) -> FittedScale | None:
    table, place = scales.get(name), f"{path}, scales.{name}"
    if table is None:
        return None
    if not isinstance(table, dict) or not set(table) <= {"value", "standard_error"}:
        raise ArgumentError(f"{place}: known keys are value, standard_error", "leave others out")
    value = _read_number(table.get("value"), "value", place)
    low, high = _SCALES[name]
    if not low <= value <= high:
        raise ArgumentError(
            f"{place}: {value:g} is not between {low:.3g} and {high:g}",
            "leave it out for the default",
        )
    error = table.get("standard_error", math.nan)
    return FittedScale(unit * value, unit * (error if isinstance(error, int | float) else math.nan))


def _read_number(value: Any, key: str, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ArgumentError(f"{place}: {key} is {value!r}, not a number", "give it a number")
    return float(value)


def _number(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else "nan"


def _quote(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
