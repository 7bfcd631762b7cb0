"""flight.nc is a CF trajectory file."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

from downwind import atmosphere
from downwind.io.cf import write_flight_nc
from downwind.plan.result import PlanResult
from downwind.sim.flight import StopRule


@pytest.fixture(scope="module")
def flight_file(small_result: PlanResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cf") / "flight.nc"
    write_flight_nc(small_result, path)
    return path


def test_it_has_the_attributes_of_cf(flight_file: Path) -> None:
    with xr.open_dataset(flight_file) as data:
        assert data.attrs["Conventions"] == "CF-1.11"
        assert data.attrs["featureType"] == "trajectory"
        assert data["trajectory"].attrs["cf_role"] == "trajectory_id"
        assert data["row_size"].attrs["sample_dimension"] == "obs"
        assert data["altitude"].attrs["standard_name"] == "altitude"
        assert data["altitude"].attrs["positive"] == "up"
        for name, units in (("latitude", "degrees_north"), ("longitude", "degrees_east")):
            assert data[name].attrs["units"] == units
            assert data[name].attrs["standard_name"] == name
        assert data["time"].dtype.kind == "M"
        assert int(data["row_size"].sum()) == data.sizes["obs"]
    with h5py.File(flight_file) as raw:
        named = raw["geopotential_height"].attrs["coordinates"]
        text = named.decode() if isinstance(named, bytes) else str(named)
        assert set(text.split()) == {"time", "latitude", "longitude", "altitude"}
        assert raw["time"].attrs["units"] == "seconds since 1970-01-01T00:00:00Z"
        for name in ("time", "latitude", "longitude", "altitude"):
            assert "_FillValue" not in raw[name].attrs


def test_the_flights_are_those_of_the_result(flight_file: Path, small_result: PlanResult) -> None:
    with xr.open_dataset(flight_file, decode_times=False) as data:
        start = np.concatenate([[0], np.cumsum(data["row_size"].values)])
        for i in range(data.sizes["trajectory"]):
            mine = slice(start[i], start[i + 1])
            draw = int(data["draw"][i])
            found = next(g for g in small_result.groups if g.group.name == data["group"].values[i])
            assert data["trajectory"].values[i] == f"{found.group.name}/{draw:04d}"
            flights = found.envelope.flights
            rule = StopRule(flights.reason[draw])
            assert int(data["end_reason"][i]) == rule
            time_s = data["time"].values[mine]
            assert (np.diff(time_s) > 0.0).all()
            assert time_s[0] == found.envelope.launch_s[draw]
            assert time_s[-1] == flights.end_time_s[draw]
            assert data["latitude"].values[mine][-1] == flights.end_latitude[draw]
            height = flights.end_height_m[draw]
            assert data["geopotential_height"].values[mine][-1] == height
            altitude = float(atmosphere.geometric_altitude(height))
            assert data["altitude"].values[mine][-1] == pytest.approx(altitude)
            released = flights.released[draw, 0]
            release = float(data["release_time"][i, 0])
            assert release == flights.release_time_s[draw, 0] if released else np.isnan(release)


def test_a_flight_without_a_release_has_none(flight_file: Path) -> None:
    with xr.open_dataset(flight_file) as data:
        assert np.isnat(data["release_time"].values).any()
        assert data["end_reason"].attrs["flag_meanings"].split()[1] == "ground"


def test_the_same_result_gives_the_same_bytes_and_few(
    small_result: PlanResult, flight_file: Path, tmp_path: Path
) -> None:
    write_flight_nc(small_result, tmp_path / "again.nc")
    assert (tmp_path / "again.nc").read_bytes() == flight_file.read_bytes()
    assert flight_file.stat().st_size < 5e6
