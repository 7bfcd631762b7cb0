"""Whatever file of a result is opened, it says what the cards warn of."""

from __future__ import annotations

import dataclasses
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import xarray as xr

from downwind.io.cf import write_flight_nc
from downwind.io.cloud import write_cloud
from downwind.io.geojson import write_landing_geojson
from downwind.io.kml import write_flight_kml
from downwind.plan.result import PlanResult

BRIDGE = "heights of 850 hPa are not in the file: taken from the standard atmosphere"
ALARM = "the forecast is 72 h old at the launch"


@pytest.fixture(scope="module")
def warned(small_result: PlanResult) -> PlanResult:
    """Return the small result as if flown in an old forecast with made heights."""
    grid = dataclasses.replace(
        small_result.grid,
        nature="forecast",
        source="GFS",
        stored_as="gfs_20150401",
        reference_time_s=small_result.start_s - 72 * 3600,
        bridges=(*small_result.grid.bridges, BRIDGE),
    )
    limits = tuple(
        dataclasses.replace(
            check, limit=-1.0, share=dataclasses.replace(check.share, mean=0.5, hit_draws=1)
        )
        for check in small_result.limits
    )
    return dataclasses.replace(small_result, grid=grid, limits=limits, alarms=(ALARM,))


def read_geojson(result: PlanResult, path: Path) -> list[str]:
    write_landing_geojson(result, path)
    found: list[str] = json.loads(path.read_text("utf-8"))["warnings"]
    return found


def read_kml(result: PlanResult, path: Path) -> list[str]:
    write_flight_kml(result, path)
    space = "{http://www.opengis.net/kml/2.2}"
    text = ET.parse(path).getroot().findtext(f"{space}Document/{space}description")
    return (text or "").splitlines()


def read_nc(result: PlanResult, path: Path) -> list[str]:
    write_flight_nc(result, path)
    with xr.open_dataset(path) as data:
        return str(data.attrs["comment"]).splitlines()


def read_cloud(result: PlanResult, path: Path) -> list[str]:
    write_cloud(result, path)
    found: list[str] = json.loads(pq.read_schema(path).metadata[b"downwind"])["warnings"]
    return found


@pytest.mark.parametrize("read", [read_geojson, read_kml, read_nc, read_cloud])
def test_given_warnings_when_a_file_is_written_then_it_says_each_of_them(
    read, warned: PlanResult, tmp_path: Path
) -> None:
    lines = read(warned, tmp_path / "file")

    for line in (
        ALARM,
        "Wind: GFS (forecast)",
        f"Bridged: {BRIDGE}",
        "given this wind: forecast error is not included (the wind is synthetic; "
        "wind.error.lead_hours gives it the error of a forecast)",
        *(f"limit not met: {check.title}" for check in warned.limits),
    ):
        assert line in lines
    assert any(line.startswith("RULES OPEN: STOP (") for line in lines)
    assert any(line.endswith("lead at launch 72.0 h") for line in lines)
