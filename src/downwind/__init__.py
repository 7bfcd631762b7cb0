"""Plan, fly and account for free-balloon drops."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["__version__"]

try:
    __version__ = version("downwind")
except PackageNotFoundError:  # run from the sources, not installed
    __version__ = "0+unknown"
