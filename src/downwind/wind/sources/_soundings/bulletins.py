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

MAGIC = b"BUFR"
END = b"7777"
EDITIONS = (2, 3, 4)
SMALLEST = 30
"""Bytes that sections 0, 1, 3 and 5 take at least."""


def find_bulletin(head: bytes, start: int = 0) -> int:
    """Return where the next BUFR message of edition 2 to 4 starts, or -1."""
    while (at := head.find(MAGIC, start)) >= 0:
        if at + SMALLEST <= len(head) and head[at + 7] in EDITIONS:
            return at
        start = at + 1
    return -1


def iterate_bulletins(path: Path) -> Iterator[tuple[str, bytes, str]]:
    """Yield where each message of a BUFR file stands, for people, its bytes and what is wrong.

    Parameters
    ----------
    path : Path
        A file with at least one message.

    Yields
    ------
    tuple of str, bytes and str
        The last is empty for a whole message. After a broken one the search goes on behind its
        first letters.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at, number, size = data.find(MAGIC), 0, len(data)
        while at >= 0:
            number += 1
            length = int.from_bytes(data[at + 4 : at + 7], "big")
            end, fault = at + length, ""
            if end > size or at + SMALLEST > size:
                fault = "the file ends inside it"
            elif length < SMALLEST or data[end - 4 : end] != END:
                fault = "it does not end with 7777, so a part of it is missing"
            yield f"{path.name}, message {number} at byte {at}", data[at:end], fault
            at = data.find(MAGIC, at + len(MAGIC) if fault else end)
