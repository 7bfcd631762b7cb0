"""Landing maps as GeoTIFF, for any program that draws maps, and the towns as a table."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.transform import from_origin

from downwind.constants import EARTH_RADIUS_M
from downwind.landing.density import LandingDensity
from downwind.plan.caption import warning_lines
from downwind.plan.landing_maps import LandingMap
from downwind.plan.result import PlanResult
from downwind.plan.towns import TOWNS_ONLY

FOLDER: Final = "maps"


def write_landing_maps(result: PlanResult, folder: Path) -> None:
    """Write one GeoTIFF for each map of a result that has a density.

    Band 1 holds how many are expected to a square kilometre; band 2 the probability of the smallest
    area that holds a cell, so that a contour of any level can be drawn. The projection is Lambert's
    equal-area one about the landings; tags say the units, the wind, its lead and the draws.

    Parameters
    ----------
    result : PlanResult
    folder : pathlib.Path
        It is made.
    """
    folder.mkdir()
    if result.landings is None:
        return
    for name, found in file_names(result).items():
        _write_map(result, found, folder / name)


def file_names(result: PlanResult) -> dict[str, LandingMap]:
    """Return the maps that have a density by the names of their files."""
    found: dict[str, LandingMap] = {}
    for each in result.landings.maps if result.landings is not None else ():
        if each.density is None or each.per_km2 is None:
            continue
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", each.key).strip("-.") or "item"
        stem = f"item-{plain}" if each.role == "item" else plain
        name, again = f"{stem}.tif", 2
        while name in found:
            name, again = f"{stem}-{again}.tif", again + 1
        found[name] = each
    return found


def write_towns_csv(result: PlanResult, path: Path) -> None:
    """Write the towns that most comes down about, one a line, with what is expected of each sort.

    Parameters
    ----------
    result : PlanResult
    path : pathlib.Path
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        write = csv.writer(stream, lineterminator="\n")
        if result.landings is None:
            return
        table, keys = result.landings.towns, [m.key for m in result.landings.maps]
        km = f"{table.radius_m / 1e3:g}_km"
        head = ["town", "latitude", "longitude", "population", f"items_within_{km}", "error"]
        for key in keys:
            head += [f"{key}_within_{km}", f"{key}_error", f"{key}_nearest"]
        write.writerow([*head, "note"])
        for row in table.rows:
            town = row.town
            cells: list[object] = [
                town.name, f"{town.latitude:.5f}", f"{town.longitude:.5f}", town.population,
                *(f"{v:.4g}" for v in row.items),
            ]  # fmt: skip
            for key in keys:
                cells += [f"{v:.4g}" for v in (*row.within[key], row.nearest[key])]
            write.writerow([*cells, TOWNS_ONLY])


def _write_map(result: PlanResult, found: LandingMap, path: Path) -> None:
    density, per_km2 = found.density, found.per_km2
    assert density is not None
    assert per_km2 is not None
    dx, dy = density.nodes.cell
    profile = {
        "driver": "GTiff",
        "width": density.x_m.size,
        "height": density.y_m.size,
        "count": 2,
        "dtype": "float32",
        "crs": _crs(density),
        "transform": from_origin(density.x_m[0] - 0.5 * dx, density.y_m[-1] + 0.5 * dy, dx, dy),
        "compress": "deflate",
        "predictor": 3,
    }
    bands = (
        (_round(per_km2), f"{found.title}: expected to a square kilometre", "km-2"),
        (_enclosed(density), "probability of the smallest area that holds the cell", "1"),
    )
    tags = {
        "title": found.title,
        "expected": f"{found.expected:.6g}",
        "draws": str(density.draws),
        "clusters": str(density.clusters),
        "seed": str(result.run.seed),
        "run": result.run.digest,
        "version": result.run.version,
        "caption": "\n".join(warning_lines(result)),
    }
    if density.note:
        tags["note"] = density.note
    with rasterio.open(path, "w", **profile) as data:
        data.update_tags(**tags)
        for number, (values, title, unit) in enumerate(bands, 1):
            data.write(values[::-1].astype(np.float32), number)
            data.set_band_description(number, title)
            data.set_band_unit(number, unit)


def _crs(density: LandingDensity) -> CRS:
    return CRS.from_string(
        f"+proj=laea +lat_0={density.latitude0!r} +lon_0={density.longitude0!r} "
        f"+R={EARTH_RADIUS_M!r} +units=m +no_defs"
    )


def _enclosed(density: LandingDensity) -> NDArray[np.float64]:
    found = density.enclosed(density.density.ravel()).reshape(density.density.shape)
    return np.asarray(np.round(found, 4))


def _round(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make what is less than a millionth of the most nothing, and leave few bits: files shrink."""
    kept = np.where(values < 1e-6 * values.max(initial=0.0), 0.0, values)
    mantissa, exponent = np.frexp(kept)
    return np.asarray(np.ldexp(np.round(mantissa * 4096.0) / 4096.0, exponent))
