"""How the packaged catalogue files of vehicles are read, with the defaults that they state."""

from __future__ import annotations

from collections.abc import Mapping

from downwind.catalogue import Entry, Provenance, read_catalogue, read_packaged

Fields = Mapping[str, Mapping[str, str]]
"""For each kind of entry its fields with their kinds."""


def packaged_entries(name: str, fields: Fields) -> tuple[Entry, ...]:
    """Return the entries of a packaged data file of vehicles."""
    return read_catalogue(read_packaged("downwind.vehicle", name), name, fields)


def packaged_defaults(
    name: str, fields: Fields, defaults: Mapping[str, str]
) -> tuple[Entry, tuple[Entry, ...]]:
    """Return what a packaged data file states for entries that say nothing else, and its entries.

    Parameters
    ----------
    name : str
        Of the file.
    fields : mapping
        Of its entries.
    defaults : mapping
        Fields of its one table ``[[default]]``, each with its kind.
    """
    entries = packaged_entries(name, {"default": defaults, **fields})
    (default,) = (entry for entry in entries if entry.model == "default")
    return default, tuple(entry for entry in entries if entry.model != "default")


def default_provenance(default: Entry) -> dict[str, Provenance]:
    """Return where the default numbers come from, each marked as what it is."""
    title = default.values["title"]
    return {
        field: Provenance(f"{title}: {source.source}", source.confidence)
        for field, source in default.provenance.items()
    }
