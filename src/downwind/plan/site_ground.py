"""The ground of a launch site as a mission states it, where no weather is at hand."""

from __future__ import annotations

import math

import numpy as np

from downwind.plan.mission import Site
from downwind.wind.grid import WindOptions


def read_site_ground(wind: WindOptions, site: Site) -> tuple[float | None, str]:
    """Return the altitude of the ground at a site, and where it comes from.

    Parameters
    ----------
    wind : WindOptions
        What the mission states of its ground.
    site : Site

    Returns
    -------
    altitude_m : float or None
        Above the sea [m]: of the elevation files; what the mission states for points without a
        value; else of the constant ground; None without any.
    source : str
        For people; empty without either.

    Raises
    ------
    ElevationFileError
        If an elevation file cannot be read.
    """
    if wind.terrain_files:
        from downwind.geo.elevation import look_at_files, read_points

        files = look_at_files(wind.terrain_files)
        place = np.array([site.longitude]), np.array([site.latitude])
        found = read_points(files, *place, wind.terrain_lowest_m)
        ground = float(found.height_m[0])
        names = ", ".join(path.name for path in wind.terrain_files)
        if math.isfinite(ground):
            return ground, names
        if found.is_inside[0] and wind.terrain.nodata_m is not None:
            return wind.terrain.nodata_m, f"stated where {names} has none"
    return wind.terrain_constant_m, "" if wind.terrain_constant_m is None else "constant ground"
