"""Read what a mission asks of the landing maps, and where people live."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import numpy as np

from downwind.errors import DownwindError
from downwind.geo.population import check_population, look_at_population
from downwind.geo.regions import Region
from downwind.plan.mission import Site
from downwind.plan.mission_choices import PopulationChoice, Report
from downwind.plan.mission_model import PopulationTable, ReportTable

_ACROSS: Final = 61
"""Points along each side of the area in which a raster is checked."""


def read_report(table: ReportTable) -> Report:
    """Turn ``[report]`` into what the program holds."""
    return Report(
        tuple(sorted(set(table.at_least))),
        tuple(sorted(set(table.contours))),
        table.town_radius,
        table.smallest_town,
    )


def find_population_faults(table: PopulationTable) -> list[tuple[str, str]]:
    """Return what is wrong with ``[population]`` as it stands in the file."""
    if table.file is not None and table.unit is None:
        return [("population.unit", 'missing; say "people/cell" or "people/km2": files do not')]
    if table.file is None and table.unit is not None:
        return [("population.unit", "is of a raster; give population.file, or leave it")]
    return []


def read_population(
    table: PopulationTable, folder: Path, hasher: Any, sites: tuple[Site, ...], target: Region
) -> PopulationChoice:
    """Look at the raster of people, which counts in the digest, and check it near the mission.

    Raises
    ------
    PopulationFileError
        If it cannot be read or placed, does not reach sites and target, or is negative there.
    """
    if table.file is None or table.unit is None:
        return PopulationChoice(None, table.person_radius)
    path = folder / table.file
    try:
        raster = look_at_population(path, table.unit)
        about = sites[0].longitude
        west, south, east, north = target.geometry.bounds
        if east - west > 180.0:  # across the antimeridian: then the site alone
            west, east = about, about
        longitudes = [about + (x - about + 180.0) % 360.0 - 180.0 for x in (west, east)]
        longitudes += [about + (s.longitude - about + 180.0) % 360.0 - 180.0 for s in sites]
        latitudes = [south, north, *(s.latitude for s in sites)]
        grid = np.meshgrid(
            np.linspace(min(longitudes), max(longitudes), _ACROSS),
            np.linspace(min(latitudes), max(latitudes), _ACROSS),
        )
        check_population(raster, grid[0].ravel(), grid[1].ravel())
        with path.open("rb") as opened:
            hasher.update(hashlib.file_digest(opened, "sha256").digest())
    except DownwindError as error:
        error.message = f"population.file: {error.message}"
        raise
    return PopulationChoice(raster, table.person_radius)
