"""The one door to ecCodes: messages decoded, their keys read, and its errors turned into one.

The library is loaded when the first message is opened, so that nothing else waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = -9.0e33
"""What stands for a missing value while a field is decoded."""


class DecodeError(Exception):
    """A message cannot be decoded; the text says why, and names the packing where there is one."""


class Message:
    """The keys of one decoded message; made by `open_message`."""

    __slots__ = ("_eccodes", "_handle", "_texts")

    def __init__(self, eccodes: Any, handle: Any, texts: dict[str, str]) -> None:
        self._eccodes = eccodes
        self._handle = handle
        self._texts = texts

    def text(self, key: str) -> str:
        """Return a key as text; empty if it is not there."""
        if key not in self._texts:
            is_there = self._eccodes.codes_is_defined(self._handle, key)
            value = str(self._eccodes.codes_get(self._handle, key, str)) if is_there else ""
            self._texts[key] = value
        return self._texts[key]

    def number(self, key: str) -> int | None:
        """Return a key as integer; None if it is not there."""
        if not self._eccodes.codes_is_defined(self._handle, key):
            return None
        return int(self._eccodes.codes_get(self._handle, key, int))

    def need(self, key: str) -> float:
        """Return a key as number; raise `DecodeError` if it is not there."""
        return float(self._eccodes.codes_get(self._handle, key, float))

    def array(self, key: str, kind: type[int] | type[float] = float) -> NDArray[Any]:
        """Return all values of a key, shape (n,); empty if it is not there."""
        if not self._eccodes.codes_is_defined(self._handle, key):
            return np.empty(0, kind)
        return np.asarray(self._eccodes.codes_get_array(self._handle, key, kind))

    def set(self, key: str, value: float) -> None:
        """Set a key, such as the one that unpacks a message."""
        self._eccodes.codes_set(self._handle, key, value)

    def extract(self, subset: int) -> bytes:
        """Return one subset of an unpacked BUFR message as a message of its own, from 1."""
        self._eccodes.codes_set(self._handle, "extractSubset", subset)
        self._eccodes.codes_set(self._handle, "doExtractSubsets", 1)
        return bytes(self._eccodes.codes_get_message(self._handle))

    def values(self, most: int) -> NDArray[np.float64]:
        """Return the values in the order of the file, flat, NaN where missing.

        Parameters
        ----------
        most : int
            Number of points above which the message is taken for damaged.
        """
        points = int(self.need("numberOfDataPoints"))
        size = self._eccodes.codes_get_size(self._handle, "values")
        if points > most or size != points:
            raise ValueError(f"{size} values for a grid of {points} points")
        self._eccodes.codes_set(self._handle, "missingValue", MISSING)
        values = np.asarray(self._eccodes.codes_get_values(self._handle), np.float64)
        return np.where(values == MISSING, np.nan, values)


@contextmanager
def open_message(data: bytes, texts: dict[str, str] | None = None) -> Iterator[Message]:
    """Decode the bytes of one GRIB or BUFR message for the length of a ``with`` block.

    Parameters
    ----------
    data : bytes
        The message.
    texts : dict of str to str, optional
        Keys that are known to be the same as in a message before; what is asked for is added.

    Raises
    ------
    DecodeError
        For every failure of the library, and every value that makes no sense, inside the block.
    """
    import eccodes

    handle = None
    try:
        handle = eccodes.codes_new_from_message(data)
        yield Message(eccodes, handle, {} if texts is None else texts)
    except (eccodes.CodesInternalError, ValueError, OverflowError) as error:
        raise DecodeError(f"{error}{_name_packing(eccodes, handle)}") from error
    finally:
        if handle is not None:
            eccodes.codes_release(handle)


def _name_packing(eccodes: Any, handle: Any) -> str:
    if handle is None:
        return ""
    try:
        # In a damaged message a key may be defined and have no value.
        return f", packing {eccodes.codes_get(handle, 'packingType', str)}"
    except eccodes.CodesInternalError:
        return ""
