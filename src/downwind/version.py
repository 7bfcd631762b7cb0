"""The version of this installation, a part of every run's identity."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("downwind")
except PackageNotFoundError:  # run from the sources, not installed
    VERSION = "0+unknown"
