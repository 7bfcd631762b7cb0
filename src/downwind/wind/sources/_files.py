"""What kind of file a file is, by its first bytes, and what it is called if it is no weather."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from downwind.errors import WeatherFileError

HEAD_BYTES = 2048
_CHUNK_BYTES = 1 << 20
_HINT = "give GRIB or NetCDF files with wind and heights on pressure levels"

_OTHER_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (
        b"CDF\x05",
        "a NetCDF file of the CDF5 kind, which cannot be read",
        "convert it: nccopy -k nc4 IN OUT",
    ),
    (b"BUFR", "a BUFR file of observations, no gridded weather", _HINT),
    (b"\x1f\x8b", "packed with gzip, no weather file as it is", "unpack it: gunzip FILE"),
    (b"BZh", "packed with bzip2, no weather file as it is", "unpack it: bunzip2 FILE"),
    (b"PK\x03\x04", "a zip archive, no weather file as it is", "unpack it: unzip FILE"),
    (b"%PDF", "a PDF document, no weather file", _HINT),
)


def read_head(path: Path) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    WeatherFileError
        If it is missing, a folder, empty, or may not be read.
    """
    if path.is_dir():
        raise WeatherFileError(f"{path} is a folder, no weather file", "name the files in it")
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise WeatherFileError(f"{path}: there is no such file", "check the name") from error
    except OSError as error:
        raise WeatherFileError(f"{path}: {error.strerror}", "check who may read it") from error
    if not head:
        raise WeatherFileError(
            f"{path.name} is empty, no weather file", "fetch it again: the download failed"
        )
    return head


def refuse_file(path: Path, head: bytes) -> WeatherFileError:
    """Return the error that names what a file is that no source reads."""
    for magic, what, hint in _OTHER_KINDS:
        if head.startswith(magic):
            return WeatherFileError(f"{path.name} is {what}", hint)
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html")):
        return WeatherFileError(
            f"{path.name} is an HTML page, no weather file",
            "open it: as a rule it holds the error message of the server it came from",
        )
    if text.startswith((b"<?xml", b"{", b"[")):
        return WeatherFileError(f"{path.name} is XML or JSON text, no weather file", _HINT)
    if b"\x00" not in head and _is_text(head):
        return WeatherFileError(f"{path.name} is text, no weather file", _HINT)
    return WeatherFileError(
        f"{path.name} is no weather file: it starts with {head[:8]!r}, neither GRIB nor NetCDF",
        _HINT,
    )


def hash_files(paths: Sequence[Path]) -> str:
    """Return the sha256 of the bytes of files, in hex.

    Of one file it is the plain sha256. Several are read in the order of their own digests, and
    one that is given twice counts once, so that names and their order do not matter.
    """
    by_digest = {_hash_chain([path]): path for path in paths}
    if len(by_digest) == 1:
        return next(iter(by_digest))
    return _hash_chain([by_digest[digest] for digest in sorted(by_digest)])


def _hash_chain(paths: Sequence[Path]) -> str:
    chain = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while piece := stream.read(_CHUNK_BYTES):
                chain.update(piece)
    return chain.hexdigest()


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut in two where the head ends.
        return len(head) == HEAD_BYTES and error.start >= len(head) - 3
    return True
