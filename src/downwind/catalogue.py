"""Read catalogues: entries of a model, each number with its source and how sure it is.

A catalogue is a TOML file of arrays of tables, one array a model; every number has beside it, in
the table ``source`` of its entry, where it comes from and how sure it is. The packaged files state
both for each number; in a user's own file they may be left out, which is then shown.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from downwind.errors import MissionError
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

_LENGTHS: Final = {"pair": 2, "triple": 3}


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
    """

    model: str
    values: dict[str, Any]
    provenance: dict[str, Provenance]
    place: str


def read_packaged(package: str, name: str) -> str:
    """Return the text of a data file of ours."""
    return files(package).joinpath("data", name).read_text("utf-8")


def read_catalogue(
    text: str, where: str, fields: Mapping[str, Mapping[str, str]], own: bool = False
) -> tuple[Entry, ...]:
    """Read the entries of a catalogue.

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
    own : bool
        Whether this is a user's own file, where sources may be left out, and entries of the other
        catalogue are passed over.

    Raises
    ------
    MissionError
        If the text is not TOML or an entry does not keep the form; ``faults`` names each place.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MissionError(
            f"{where} is not TOML: {error}", "mend the line that it names; text needs quotes"
        ) from error
    faults: list[tuple[str, str]] = []
    entries: list[Entry] = []
    seen: set[str] = set()
    others = {name for names in MODELS.values() for name in names} if own else set()
    for model, rows in table.items():
        if model not in fields and model in others:
            continue
        if model not in fields or not isinstance(rows, list):
            faults.append((f"{where}: {model}", f"no such kind of entry{_near(model, fields)}"))
            continue
        for i, row in enumerate(rows):
            place = f"{where}: {model}[{i}]"
            if not isinstance(row, dict):
                faults.append((place, "is no table; write [[" + model + "]]"))
                continue
            entry = _read_entry(model, row, fields[model], place, own, faults)
            if entry.values.get("name") in seen:
                faults.append((place, f"'{entry.values['name']}' stands twice"))
            seen.add(str(entry.values.get("name")))
            entries.append(entry)
    if faults:
        raise MissionError(
            f"the catalogue has {len(faults)} fault{'s' if len(faults) > 1 else ''}:"
            + "".join(f"\n  {place}: {text}" for place, text in faults),
            "mend these entries; docs/reference/catalogues.md lists every field with its unit",
            tuple(faults),
        )
    return tuple(entries)


def _read_entry(
    model: str,
    row: dict[str, Any],
    kinds: Mapping[str, str],
    place: str,
    own: bool,
    faults: list[tuple[str, str]],
) -> Entry:
    known = {"name": "text", "title": "text?" if own else "text", **kinds}
    sources = row.get("source", {})
    values: dict[str, Any] = {}
    provenance: dict[str, Provenance] = {}
    for key in row:
        if key not in known and key != "source":
            faults.append((f"{place}.{key}", f"unknown field{_near(key, known)}"))
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
    for key in sources if isinstance(sources, dict) else ():
        if key not in row:
            faults.append((f"{place}.source.{key}", "speaks of a field that is not there"))
    return Entry(model, values, provenance, place)


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
        return value if kind == "integer" else float(value)
    return parse_quantity(value, kind)


def _read_provenance(sources: Any, key: str, own: bool) -> Provenance:
    given = sources.get(key) if isinstance(sources, dict) else None
    if given is None:
        if own:
            return Provenance()
        raise ValueError("missing; every number of a packaged catalogue says where it comes from")
    if not isinstance(given, dict) or set(given) != {"source", "confidence"}:
        raise ValueError('write { source = "...", confidence = "..." }')
    if given["confidence"] not in CONFIDENCES:
        raise ValueError(
            f"'{given['confidence']}' is no confidence; use one of {', '.join(CONFIDENCES)}"
        )
    return Provenance(str(given["source"]), str(given["confidence"]))


def _near(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(known)}"
