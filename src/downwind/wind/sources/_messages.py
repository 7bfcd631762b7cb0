"""GRIB messages cut out of a file, one field each, whole and checked before any decoder sees them.

A message says its own length and ends with ``7777``; in edition 2 sections 2 to 7 may repeat, so
that one message holds several fields (U and V, as a rule). Cutting them here needs no state in
the decoding library, which keeps its multi-field mode for the whole process and ends in silence
at a broken message, as if the file ended there.

References
----------
WMO Manual on Codes, FM 92 GRIB, editions 1 and 2: sections 0, 1 and 8 and the section headers.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from downwind.errors import WeatherFileError, WeatherTruncatedError

MAGIC = b"GRIB"
END = b"7777"
_NO_BITMAP, _SAME_BITMAP = 255, 254
_INSTANT_TEMPLATES = (0, 1, 2)
"""Product templates of edition 2 of one point in time: forecast, member, and derived forecast."""

_DERIVED = 2
"""The template whose 35th byte says which statistic of an ensemble it is."""

_ABOVE_GROUND_1, _ABOVE_GROUND_2 = 105, 103
_SURFACES_ASIDE = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 102, 104, 106, 108, 109, 220})
"""Surfaces of code table 4.5 that hold no field that a flight needs.

Cloud base, cloud top, level of 0 C, condensation level, maximum wind, tropopause, top of the
atmosphere, sea bottom, cloud layers, sea level, sigma, below ground, pressure above ground,
potential vorticity, and the boundary layer of NCEP.
"""
_TRUNCATED_HINT = "fetch the file again: the download stopped early or lost a part"


def find_message(head: bytes, start: int = 0) -> int:
    """Return where the next GRIB message of edition 1 or 2 starts, or -1.

    Bulletin headers before a message are passed over.
    """
    while (at := head.find(MAGIC, start)) >= 0:
        if at + 7 < len(head) and head[at + 7] in (1, 2):
            return at
        start = at + 1
    return -1


class RawField(NamedTuple):
    """One field of a GRIB file as a message of its own.

    ``kind`` holds the bytes that name the field: two fields of one kind differ in level, time,
    member and values only, so that their names need to be decoded once. It is None where that is
    not known of the layout of the message. ``aside`` names a field on a kind of surface that no
    wind lies on, such as the tropopause; it is empty for all others.
    """

    edition: int
    data: bytes
    kind: bytes | None
    aside: str = ""


def iterate_messages(path: Path) -> Iterator[RawField]:
    """Yield each field of a GRIB file, in the order of the file.

    Parameters
    ----------
    path : Path
        A file with at least one message.

    Yields
    ------
    RawField
        The edition, a message with one field, and its kind.

    Raises
    ------
    WeatherTruncatedError
        If a message does not end where it says, or the file ends before that.
    WeatherFileError
        If the sections of a message do not add up, or its edition is not 1 or 2.
    """
    if path.stat().st_size == 0:
        raise WeatherFileError(f"{path.name} is empty", "fetch the file again")
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at, number = data.find(MAGIC), 0
        while at >= 0:
            number += 1
            where = f"{path.name}, message {number} at byte {at}"
            edition, end = _measure_message(data, at, where)
            message = data[at:end]
            if edition == 1:
                yield RawField(edition, message, _find_kind_1(message))
            else:
                yield from _split_sections(message, where)
            at = data.find(MAGIC, end)
            if at < 0 and end < len(data) and MAGIC.startswith(data[end:]):
                raise WeatherTruncatedError(
                    f"{path.name}: the file ends inside the message after number {number}",
                    _TRUNCATED_HINT,
                )


def _measure_message(data: mmap.mmap, at: int, where: str) -> tuple[int, int]:
    """Return the edition of the message at a byte and the byte after its end."""
    size = len(data)
    if at + 16 > size:
        raise WeatherTruncatedError(f"{where}: the file ends inside it", _TRUNCATED_HINT)
    edition = data[at + 7]
    if edition == 2:
        length = int.from_bytes(data[at + 8 : at + 16], "big")
    elif edition == 1:
        length = int.from_bytes(data[at + 4 : at + 7], "big")
        if length & 0x800000:
            # Messages above 8 MiB count in 120 bytes, and end within the last such piece.
            length = (length & 0x7FFFFF) * 120
            cut = data.rfind(END, at + length - 120, at + length + 4)
            length = cut + 4 - at if cut >= 0 else length
    else:
        raise WeatherFileError(
            f"{where}: GRIB edition {edition} is not known", "bring in GRIB of edition 1 or 2"
        )
    end = at + length
    if end > size:
        raise WeatherTruncatedError(
            f"{where}: the file ends {end - size} bytes before the message does", _TRUNCATED_HINT
        )
    if length < 20 or data[end - 4 : end] != END:
        raise WeatherTruncatedError(
            f"{where}: the message does not end with 7777, so a part of it is missing",
            _TRUNCATED_HINT,
        )
    return edition, end


def _split_sections(message: bytes, where: str) -> Iterator[RawField]:
    """Yield each field of an edition 2 message as a message of its own."""
    kept: dict[int, bytes] = {}
    bitmap = b""
    at, fields, end = 16, 0, len(message) - 4
    while at < end:
        length = int.from_bytes(message[at : at + 4], "big")
        number = message[at + 4] if at + 5 <= end else 0
        if length < 5 or at + length > end or not 1 <= number <= 7:
            raise WeatherFileError(
                f"{where}: its sections do not add up to its length (at byte {at})", _TRUNCATED_HINT
            )
        section = message[at : at + length]
        at += length
        if number == 6 and length > 5:
            if section[5] == _SAME_BITMAP:
                section = bitmap or section
            elif section[5] != _NO_BITMAP:
                bitmap = section
        kept[number] = section
        if number == 7:
            if not {1, 3, 4, 5, 6} <= kept.keys():
                raise WeatherFileError(f"{where}: a section is missing", _TRUNCATED_HINT)
            fields += 1
            body = b"".join(kept[key] for key in sorted(kept))
            total = 16 + len(body) + 4
            field = message[:8] + total.to_bytes(8, "big") + body + END
            kind, aside = _find_kind_2(message[6:7], kept), _name_aside(message[6], kept[4])
            yield RawField(2, field, kind, aside)
    if fields == 0:
        raise WeatherFileError(f"{where}: there is no field in it", _TRUNCATED_HINT)


def _find_kind_1(message: bytes) -> bytes:
    """Return what names a field of edition 1: tables, centre, parameter, level type, class."""
    section = message[8 : 8 + int.from_bytes(message[8:11], "big")]
    level = section[10:12] if section[9:10] == bytes([_ABOVE_GROUND_1]) else b""
    grid = message[8 + len(section) :][5:6]
    # centre and process, parameter, range of time, and (ECMWF) class, type, stream, version
    parts = (section[3:8], section[8:10], section[17:21], section[25:26], section[40:49])
    return b"|".join((b"1", *parts, level, grid))


def _find_kind_2(discipline: bytes, sections: dict[int, bytes]) -> bytes | None:
    """Return what names a field of edition 2; None for products of more than one point in time."""
    identity, grid, product = sections[1], sections[3], sections[4]
    if int.from_bytes(product[7:9], "big") not in _INSTANT_TEMPLATES or len(product) < 34:
        return None
    level = product[23:28] if product[22] == _ABOVE_GROUND_2 else b""
    parts = (
        discipline,
        identity[5:12],  # centre, tables, significance of the time
        identity[19:21],  # status and type of data
        sections.get(2, b""),
        grid[12:14],
        product[7:14],  # template, parameter, process
        product[22:23],
        product[28:29],  # type of the second surface
        product[34:35] if product[8] == _DERIVED else b"",
    )
    return b"|".join((b"2", *parts, level))


def _name_aside(discipline: int, product: bytes) -> str:
    """Return a name for a field on one of `_SURFACES_ASIDE`; empty for another."""
    template = int.from_bytes(product[7:9], "big")
    if template not in _INSTANT_TEMPLATES or len(product) < 34:
        return ""
    if product[22] not in _SURFACES_ASIDE:
        return ""
    return f"{discipline}.{product[9]}.{product[10]} (surface {product[22]})"
