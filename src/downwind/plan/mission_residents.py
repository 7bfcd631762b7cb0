"""Read ``[residents]`` of a mission: the limit, what counts as near, and power lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from downwind.errors import RegionError
from downwind.geo.lines import read_lines
from downwind.plan.mission_model import ResidentsTable
from downwind.plan.resident_choice import PowerLines, ResidentChoice


def read_residents(
    table: ResidentsTable | None, folder: Path, hasher: Any
) -> ResidentChoice | None:
    """Turn ``[residents]`` into what the program holds; None without the table.

    Parameters
    ----------
    table : ResidentsTable or None
    folder : pathlib.Path
        Beside which the file of power lines lies.
    hasher : hash object
        Of the mission's digest, in which that file counts.

    Raises
    ------
    RegionError
        If the power lines cannot be read.
    """
    if table is None:
        return None
    lines = None
    if table.power_lines is not None:
        path = folder / table.power_lines.file
        try:
            read = read_lines(path)
        except RegionError as error:
            error.message = f"residents.power_lines: {error.message}"
            raise
        hasher.update(path.read_bytes())
        lines = PowerLines(
            read,
            table.power_lines.source,
            table.power_lines.published,
            table.power_lines.distance,
        )
    return ResidentChoice(
        table.most, table.homes_per_km2, table.airport_radius, table.low_path, lines
    )
