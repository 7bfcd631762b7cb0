"""The public face of the kinds of item: the fall models, and the catalogue."""

from __future__ import annotations

from typing import Final

from downwind.load.catalogue import ItemCatalogue, load_items
from downwind.load.impact import (
    BUNDLE_AREA_M2,
    BUNDLE_DRAG,
    BUNDLE_MASS_KG,
    OPENING_S,
    bundle_speed_ms,
    explain_refusal,
    impact_energy_j,
    is_above_impact_limit,
)
from downwind.load.kinds import Box, Disc, Measured, Parachute, Plate
from downwind.load.leaflet import Leaflet
from downwind.load.make import leaflet_by_size, make_item
from downwind.load.traits import FallColumns, ItemKind, Traits, Wetting

__all__ = [
    "BUNDLE_AREA_M2",
    "BUNDLE_DRAG",
    "BUNDLE_MASS_KG",
    "CATALOGUE",
    "OPENING_S",
    "Box",
    "Disc",
    "FallColumns",
    "ItemCatalogue",
    "ItemKind",
    "Leaflet",
    "Measured",
    "Parachute",
    "Plate",
    "Traits",
    "Wetting",
    "bundle_speed_ms",
    "explain_refusal",
    "impact_energy_j",
    "is_above_impact_limit",
    "leaflet_by_size",
    "load_items",
    "make_item",
]

CATALOGUE: Final[ItemCatalogue] = load_items()
"""The packaged kinds by name."""
