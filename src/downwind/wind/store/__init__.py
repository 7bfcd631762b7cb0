"""The store of winds: cubes kept on the disk, whole or not there, that open at once.

A stored cube is a folder with a Zarr group (format 3), which any reader of Zarr opens, and a
manifest with the size and sha256 of each of its files. See the parts for what each does.
"""

from downwind.wind.store._choose import Choice, Need, choose_winds, find_lack
from downwind.wind.store._folder import VARIABLE, Leftover, find_store, list_leftovers
from downwind.wind.store._join import open_cubes
from downwind.wind.store._manifest import FORMAT, StoredWind
from downwind.wind.store._prune import Pruning, prune_winds
from downwind.wind.store._read import (
    StoreListing,
    check_cube,
    find_wind_entry,
    list_winds,
    open_cube,
)
from downwind.wind.store._write import Placement, derive_digest, store_cube

__all__ = [
    "FORMAT",
    "VARIABLE",
    "Choice",
    "Leftover",
    "Need",
    "Placement",
    "Pruning",
    "StoreListing",
    "StoredWind",
    "check_cube",
    "choose_winds",
    "derive_digest",
    "find_lack",
    "find_store",
    "find_wind_entry",
    "list_leftovers",
    "list_winds",
    "open_cube",
    "open_cubes",
    "prune_winds",
    "store_cube",
]
