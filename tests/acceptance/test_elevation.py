"""A mission over the ground of an elevation file, as it is flown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from downwind.errors import DownwindError
from downwind.plan.fleet import launch_height_m
from downwind.report.summary import plan_text
from downwind.service.missions import fly_mission

CONSTANT = "[terrain]\nconstant_m = 100\n"


def write_hills(path: Path, nodata: bool = False) -> Path:
    """Write hills for one cell of the test wind: 35 to 40 N, 125 to 130 E."""
    step = 0.05
    lon, lat = (a + s * (np.arange(110) + 0.5) for a, s in ((124.8, step), (40.2, -step)))
    values = (400.0 + 300.0 * np.sin(9.0 * lon) * np.sin(8.0 * lat[:, None])).astype(np.float32)
    if nodata:
        values[40:60, 30:50] = -9999.0
    with rasterio.open(
        path, "w", driver="GTiff", width=110, height=110, count=1, dtype="float32", nodata=-9999.0,
        crs="EPSG:4326", transform=Affine(step, 0, 124.8, 0, -step, 40.2),
    ) as out:  # fmt: skip
        out.write(values, 1)
        out.units = ("m",)
    return path


def test_given_an_elevation_file_when_flown_then_the_outputs_name_it_and_it_is_launched_from(
    wind: Path, write_mission: Callable[..., Path], tmp_path: Path
) -> None:
    write_hills(tmp_path / "hills.tif")
    mission = write_mission((CONSTANT, '[terrain]\nconstant_m = 100\nfile = "hills.tif"\n'))
    result = fly_mission(mission, [wind], tmp_path / "out")
    site = result.site
    ground = 400.0 + 300.0 * np.sin(9.0 * site.longitude) * np.sin(8.0 * site.latitude)
    assert launch_height_m(site, result.grid) == pytest.approx(ground, abs=10.0)  # bilinear
    text = " ".join(plan_text(result).split())
    assert "ground of hills.tif for 34.75 to 40.2 N, 124.8 to 130.25 E" in text
    assert "elsewhere constant 100 m (terrain.constant_m)" in text
    assert "At the ground of Ganghwa" in text
    assert "not in the weather data: 10 m wind, gusts, sky in cloud, rain or snow" in text
    plan = json.loads((tmp_path / "out" / "plan.json").read_text("utf-8"))
    assert plan["wind"]["terrain"].startswith("hills.tif at 5.6 km")
    assert plan["mission"]["bridges"]["terrain_files"] == ["hills.tif"]


@pytest.mark.parametrize(
    ("name", "says"),
    [("absent.tif", "terrain.file: cannot read"), ("hills.tif", "hills.tif has no height at")],
)
def test_given_a_file_that_does_not_serve_when_flown_then_it_is_refused(
    wind: Path, write_mission: Callable[..., Path], tmp_path: Path, name: str, says: str
) -> None:
    write_hills(tmp_path / "hills.tif", nodata=True)
    mission = write_mission((CONSTANT, f'[terrain]\nconstant_m = 100\nfile = "{name}"\n'))
    with pytest.raises(DownwindError, match=says) as caught:
        fly_mission(mission, [wind], tmp_path / "out")
    assert caught.value.hint
    assert not (tmp_path / "out").exists()
