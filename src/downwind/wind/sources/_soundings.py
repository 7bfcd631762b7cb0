"""A cube made of soundings, with an error that grows away from their stations."""

from __future__ import annotations

import xarray as xr

from downwind.wind.sources._fields import Inventory


def assemble_soundings(inventory: Inventory, digest: str) -> xr.Dataset:
    """Assemble the soundings of an inventory to the dataset of a cube."""
    raise NotImplementedError
