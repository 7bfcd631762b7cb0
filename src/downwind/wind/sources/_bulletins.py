"""BUFR messages cut out of a file, whole, before any decoder sees them.

A message says its own length and ends with ``7777``. Bulletin headers between messages, as the
telecommunication system adds them, are passed over.

References
----------
WMO Manual on Codes, FM 94 BUFR, editions 2 to 4: sections 0, 1 and 5.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from downwind.errors import WeatherTruncatedError

MAGIC = b"BUFR"
END = b"7777"
EDITIONS = (2, 3, 4)
SMALLEST = 30
"""Bytes that sections 0, 1, 3 and 5 take at least."""

_HINT = "fetch the file again: the download stopped early or lost a part"


def find_bulletin(head: bytes, start: int = 0) -> int:
    """Return where the next BUFR message of edition 2 to 4 starts, or -1."""
    while (at := head.find(MAGIC, start)) >= 0:
        if at + SMALLEST <= len(head) and head[at + 7] in EDITIONS:
            return at
        start = at + 1
    return -1


def iterate_bulletins(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield where each message of a BUFR file stands, for people, and its bytes.

    Parameters
    ----------
    path : Path
        A file with at least one message.

    Raises
    ------
    WeatherTruncatedError
        If a message does not end where it says, or the file ends before that.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at, number, size = data.find(MAGIC), 0, len(data)
        while at >= 0:
            number += 1
            where = f"{path.name}, message {number} at byte {at}"
            length = int.from_bytes(data[at + 4 : at + 7], "big")
            end = at + length
            if end > size or at + SMALLEST > size:
                raise WeatherTruncatedError(f"{where}: the file ends inside it", _HINT)
            if length < SMALLEST or data[end - 4 : end] != END:
                raise WeatherTruncatedError(
                    f"{where}: the message does not end with 7777, so a part of it is missing",
                    _HINT,
                )
            yield where, data[at:end]
            at = data.find(MAGIC, end)
