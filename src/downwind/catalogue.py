"""Read catalogues: entries of a model, each number with its source and how sure it is.

A catalogue is a TOML file of arrays of tables, one array a model; every number has beside it, in
the table ``source`` of its entry, where it comes from and how sure it is. The packaged files state
both for each number; in a user's own file they may be left out, which is then shown.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from downwind.errors import MissionError, MissionFileError
from downwind.units import parse_quantity

CONFIDENCES: Final = {
    "read": "read in the source",
    "computed": "computed from the numbers of the source",
    "standard": "standard knowledge, not checked against a source",
    "assumed": "an assumption",
}
NOT_STATED: Final = "not stated"
MODELS: Final = {
    "items": ("leaflet", "disc", "plate", "box", "parachute", "measured"),
    "vehicles": ("film", "latex", "gas", "cylinder", "timer", "drag"),
}
"""What a user's own file may describe: one file may hold items and vehicles alike."""

Faults = list[tuple[str, str]]
"""Places, each with what is wrong there."""

_LENGTHS: Final = {"pair": 2, "triple": 3}
_SOURCE_FORM: Final = '{ source = "...", confidence = "..." }'


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number comes from.

    Attributes
    ----------
    source : str
    confidence : str
        A key of ``CONFIDENCES``, or ``not stated``.
    """

    source: str = NOT_STATED
    confidence: str = NOT_STATED


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a catalogue.

    Attributes
    ----------
    model : str
        The array that it stands in.
    values : dict
        Text, flags, and numbers in SI units; pairs and triples are tuples. A field that is left
        out has no key.
    provenance : dict
        A ``Provenance`` for each number.
    place : str
        File and position, for messages.
    is_sound : bool
        Whether all of its fields are there and in their form, so that something can be made of it.
    """

    model: str
    values: dict[str, Any]
    provenance: dict[str, Provenance]
    place: str
    is_sound: bool = True


def read_packaged(package: str, name: str) -> str:
    """Return the text of a data file of ours."""
    return files(package).joinpath("data", name).read_text("utf-8")


def read_catalogue(
    text: str, where: str, fields: Mapping[str, Mapping[str, str]], own: bool = False
) -> tuple[Entry, ...]:
    """Read the entries of a catalogue, all of which must keep the form.

    Parameters
    ----------
    text, where, fields, own
        As in `read_entries`.

    Raises
    ------
    MissionError
        If the text is not TOML or an entry does not keep the form; ``faults`` names each place.
    """
    faults: Faults = []
    entries = read_entries(text, where, fields, faults, own)
    raise_faults(faults)
    return entries


def read_own(
    path: Path, fields: Mapping[str, Mapping[str, str]], faults: Faults
) -> tuple[Entry, ...]:
    """Read the entries of a user's own file; its places begin with the name of the file.

    Parameters
    ----------
    path : Path
    fields, faults
        As in `read_entries`.

    Raises
    ------
    MissionFileError
        If the file cannot be read.
    MissionError
        If it is not TOML.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise MissionFileError(
            f"cannot read the catalogue {path}: {reason or error}",
            "give the path of a TOML file with entries; docs/reference/catalogues.md shows one",
        ) from error
    return read_entries(text, path.name, fields, faults, own=True)


def read_entries(
    text: str,
    where: str,
    fields: Mapping[str, Mapping[str, str]],
    faults: Faults,
    own: bool = False,
) -> tuple[Entry, ...]:
    """Read the entries of a catalogue and gather what is wrong with them.

    Parameters
    ----------
    text : str
        TOML.
    where : str
        What to call the file in messages.
    fields : mapping
        For each model its fields besides ``name`` and ``title``, each with its kind: ``text``,
        ``flag``, ``number``, ``integer``, a dimension of `downwind.units`, and for numbers of
        either also ``… pair`` and ``… triple``. A ``?`` at the end marks one that may be left out.
    faults : list
        Takes each place with what is wrong there.
    own : bool
        Whether this is a user's own file, where sources may be left out, and entries of the other
        catalogue are passed over.

    Returns
    -------
    tuple of Entry
        All that have a name of their own within their model, sound or not.

    Raises
    ------
    MissionError
        If the text is not TOML.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MissionError(
            f"{where} is not TOML: {error}", "mend the line that it names; text needs quotes"
        ) from error
    entries: dict[tuple[str, str], Entry] = {}
    others = {name for names in MODELS.values() for name in names} if own else set()
    for model, rows in table.items():
        if model not in fields and model in others:
            continue
        if model not in fields:
            faults.append((f"{where}: {model}", f"no such kind of entry{suggest(model, fields)}"))
            continue
        if not isinstance(rows, list):
            faults.append((f"{where}: {model}", f"is no list of entries; write [[{model}]]"))
            continue
        for i, row in enumerate(rows):
            place = f"{where}: {model}[{i}]"
            if not isinstance(row, dict):
                faults.append((place, f"is no table; write [[{model}]]"))
                continue
            entry = _read_entry(model, row, fields[model], place, own, faults)
            name = entry.values.get("name")
            if (model, name) in entries:
                faults.append((place, f"'{name}' stands twice"))
            elif name is not None:
                entries[model, name] = entry
    return tuple(entries.values())


def raise_faults(faults: Faults, what: str = "the catalogue has") -> None:
    """Raise MissionError with the faults of entries, if there are any."""
    if faults:
        raise MissionError(
            f"{what} {len(faults)} fault{'s' if len(faults) > 1 else ''}:"
            + "".join(f"\n  {place}: {text}" for place, text in faults),
            "mend these entries; docs/reference/catalogues.md lists every field with its unit",
            tuple(faults),
        )


def suggest(name: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: the nearest known one, or all of them."""
    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(names)}"


def _read_entry(
    model: str,
    row: dict[str, Any],
    kinds: Mapping[str, str],
    place: str,
    own: bool,
    faults: Faults,
) -> Entry:
    known = {"name": "text", "title": "text?" if own else "text", **kinds}
    count = len(faults)
    sources = row.get("source", {})
    if not isinstance(sources, dict):
        faults.append(
            (
                f"{place}.source",
                f"is no table; write [{model}.source] below the entry, and in it for each number "
                + _SOURCE_FORM,
            )
        )
        sources = {}
    values: dict[str, Any] = {}
    provenance: dict[str, Provenance] = {}
    for key in row:
        if key not in known and key != "source":
            faults.append((f"{place}.{key}", f"unknown field{suggest(key, known)}"))
    for key, kind in known.items():
        if key not in row:
            if not kind.endswith("?"):
                faults.append((f"{place}.{key}", "missing; it has no default"))
            continue
        try:
            values[key] = _read_value(row[key], kind.removesuffix("?"))
        except ValueError as error:
            faults.append((f"{place}.{key}", str(error)))
            continue
        if kind.removesuffix("?") not in ("text", "flag"):
            try:
                provenance[key] = _read_provenance(sources, key, own)
            except ValueError as error:
                faults.append((f"{place}.source.{key}", str(error)))
    values.setdefault("title", values.get("name", ""))
    for key in sources:
        if key not in row:
            faults.append((f"{place}.source.{key}", "speaks of a field that is not there"))
    return Entry(model, values, provenance, place, is_sound=len(faults) == count)


def _read_value(value: Any, kind: str) -> Any:
    base, _, length = kind.rpartition(" ")
    if length in _LENGTHS:
        if not isinstance(value, list) or len(value) != _LENGTHS[length]:
            raise ValueError(f"is no list of {_LENGTHS[length]} numbers")
        return tuple(_read_value(v, base or "number") for v in value)
    if kind == "text":
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{value!r} is no text")
        return value.strip()
    if kind == "flag":
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value
    if kind in ("number", "integer"):
        wanted = int if kind == "integer" else (int, float)
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise ValueError(f"{value!r} is no {kind}")
        return value if kind == "integer" else _finite(value, value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = _finite(value, value)
    return _finite(parse_quantity(value, kind), value)


def _finite(number: float, written: Any) -> float:
    """Return a number that must be finite, as a float; ``written`` is how the file has it."""
    try:
        if math.isfinite(number):
            return float(number)
    except OverflowError:
        written = "it"
    raise ValueError(f"{written} is no finite number")


def _read_provenance(sources: Mapping[str, Any], key: str, own: bool) -> Provenance:
    given = sources.get(key)
    if given is None:
        if own:
            return Provenance()
        raise ValueError("missing; every number of a packaged catalogue says where it comes from")
    if not isinstance(given, dict) or set(given) != {"source", "confidence"}:
        raise ValueError(f"write {_SOURCE_FORM}")
    source, confidence = given["source"], given["confidence"]
    if not isinstance(source, str) or not source.strip():
        raise ValueError("its source is no text")
    if not isinstance(confidence, str) or confidence not in CONFIDENCES:
        raise ValueError(f"'{confidence}' is no confidence; use one of {', '.join(CONFIDENCES)}")
    return Provenance(source, confidence)
