"""The report on weather files, for those that serve and for those that do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from downwind.errors import DownwindError, WeatherFileError, WeatherTruncatedError
from downwind.wind.check import describe_height, inspect_weather
from downwind.wind.sources import read_weather
from tests.unit.wind.weather_files import grib_bytes, grib_set, make_era5, write_netcdf

ECMWF = "ecmwf_open_0p4_20220817/ecmwf_ifs_0p4_2022081706_east_asia_tuv_500_850.nc"
REAL_FILES = {
    "pygrib_gfs/gfs_2p5_2011100800_f072.grb2": "",
    "pygrib_gfs/gfs.t12z.pgrbf120.2p5deg_2011011012.grib2": "",
    "pygrib_gfs/eta_2004120812_f024_awips211.grb": "lambert",
    "jma_meps_20190605/jma_meps_ctl_20190605T00Z_pall_first20.grib2": "",
    ECMWF: "",
    "rocketpy_era5/euroc_2023_all_windows.nc": "",
    "rocketpy_era5/LASC2019_TATUI_reanalysis_ensemble.nc": "",
    "rocketpy_era5/valetudo_weather_data_ERA5.nc": "",
    "ecmwf_samples/ens_50.grib": "no eastward_wind, northward_wind",
    "ecmwf_samples/era5-levels-members.grib": "no eastward_wind, northward_wind",
    "ecmwf_samples/multi_param_on_multi_dims.grib": "no northward_wind",
    "ecmwf_samples/nam.t00z.awp21100.tm00.grib2": "lambert",
    "ecmwf_samples/pl_regular_ll.grib": "",
    "ecmwf_samples/tuv_pl.grib": "",
    "ecmwf_samples/uv_on_different_levels.grib": "",
    "climatology/NCEP_06_climo.nc": "not evenly spaced",
    "climatology/eraint_uvz.nc": "axis 'month' is that of a climatology",
    "climatology/ncep_uvt_jan1988.nc": "not evenly spaced",
}
"""Each real file, and what its refusal says; empty if it serves."""


@pytest.mark.parametrize(("name", "said"), REAL_FILES.items(), ids=lambda value: str(value)[:40])
def test_given_a_real_file_when_inspected_then_served_or_refused_by_name(
    shared: Path, name: str, said: str
) -> None:
    path = shared / "data" / "grids" / name
    report = inspect_weather([path])
    assert report.serves == (said == "")
    assert said in report.refusal
    assert max(len(line) for line in report.to_text().splitlines()) <= 80
    json.dumps(report.to_dict(), allow_nan=False)
    if report.serves:
        assert report.digest == read_weather([path]).digest
        assert report.can_serve
    else:
        assert report.next_step
        with pytest.raises(DownwindError, match=said):
            read_weather([path])


def test_given_all_real_files_when_listed_then_none_is_left_untested(shared: Path) -> None:
    folder = shared / "data" / "grids"
    kinds = {".nc", ".grib", ".grb", ".grb2", ".grib2"}
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.suffix in kinds}
    assert found == set(REAL_FILES)


def test_given_real_gfs_when_inspected_then_it_covers_the_envelope(shared: Path) -> None:
    path = shared / "data" / "grids" / "pygrib_gfs" / "gfs_2p5_2011100800_f072.grb2"
    report = inspect_weather([path])
    text = report.to_text()
    assert report.sources == ("NCEP GFS",)
    assert report.runs == ("2011-10-08T00:00:00Z",)
    assert report.box == (-180.0, -90.0, 177.5, 90.0)
    assert report.spacing_deg == (2.5, 2.5)
    assert len(report.levels_hpa) == 26
    assert report.fields["lagrangian_tendency_of_air_pressure"][-1] == 100.0
    assert "no vertical wind on 70, 50, 30, 20, 10 hPa" in report.notes
    assert report.top_m is not None
    assert report.top_m > 20_000.0
    assert "wind.steady_hours" in text
    assert "covers emptied film" in text
    assert "terrain.constant_m" not in text


@pytest.mark.parametrize(
    ("top_m", "said"),
    [
        (12_000.0, "12000 m only: emptied film, which climbs to about 20 km, leaves the data"),
        (27_901.0, "bursts at 30 to 36 km, leaves the data"),
        (33_000.0, "bursts at 30 to 36 km, may leave the data"),
        (40_000.0, "covers emptied film, which climbs to about 20 km, and rubber of 600 g"),
    ],
)
def test_given_a_top_when_judged_then_film_and_rubber_are_told_apart(
    top_m: float, said: str
) -> None:
    text = describe_height(top_m)
    assert said in text
    assert ("covers emptied film" in text) is (top_m >= 20_000.0)


@pytest.mark.parametrize(
    ("name", "heights", "warned"),
    [
        ("pygrib_gfs/gfs_2p5_2011100800_f072.grb2", "the file", ()),
        (
            "jma_meps_20190605/jma_meps_ctl_20190605T00Z_pall_first20.grib2",
            "the file (300 hPa); weight of the air (975, 950, 925, 850 hPa)",
            (),
        ),
        (ECMWF, "weight of the air above a standard height", ("330 m",)),
        ("ecmwf_samples/tuv_pl.grib", "weight of the air above a standard height", ("230 m",)),
        ("ecmwf_samples/uv_on_different_levels.grib", "standard atmosphere", ("580 m",)),
    ],
)
def test_given_a_real_file_when_inspected_then_the_origin_of_its_heights_is_said(
    shared: Path, name: str, heights: str, warned: tuple[str, ...]
) -> None:
    report = inspect_weather([shared / "data" / "grids" / name])
    assert report.heights == heights
    assert len(report.warnings) == len(warned)
    text = report.to_text()
    assert "heights    " in text
    for said in warned:
        assert said in report.warnings[0]
        assert "warnings   heights of" in text


def test_given_a_real_file_of_four_runs_when_inspected_then_all_are_listed(shared: Path) -> None:
    report = inspect_weather([shared / "data" / "grids" / "ecmwf_samples" / "pl_regular_ll.grib"])
    assert len(report.runs) == 4
    assert "2024-06-04 12:00Z, the newest of 4" in report.to_text()


def test_given_real_hours_by_day_only_when_inspected_then_nights_are_holes(shared: Path) -> None:
    path = shared / "data" / "grids" / "rocketpy_era5" / "euroc_2023_all_windows.nc"
    report = inspect_weather([path])
    assert [gap[2] for gap in report.gaps] == [14.0, 14.0, 14.0]
    assert "hole from 2023-10-12 18:00Z to 2023-10-13 08:00Z (14 h)" in report.to_text()


def test_given_no_ground_and_no_10_m_wind_when_inspected_then_needs_are_said(
    tmp_path: Path,
) -> None:
    report = inspect_weather([write_netcdf(make_era5(), tmp_path / "a.nc", "classic")])
    said = "\n".join(report.can_serve)
    assert report.kind == "NetCDF classic"
    assert "terrain.constant_m" in said
    assert 'wind.surface = "log"' in said
    assert "leaves the data" in said
    assert "wind.steady_hours" not in said
    assert "10 m wind" in report.missing
    assert report.gaps == ()


def test_given_ground_and_10_m_wind_when_inspected_then_nothing_more_is_asked(
    tmp_path: Path,
) -> None:
    surface = b"".join(grib_bytes(name) for name in ("10u", "10v", "sp", "orog"))
    (tmp_path / "a.grib2").write_bytes(grib_set() + surface)
    said = "\n".join(inspect_weather([tmp_path / "a.grib2"]).can_serve)
    assert "terrain.constant_m" not in said
    assert "wind.surface" not in said


def test_given_one_component_when_inspected_then_told_and_not_raised(tmp_path: Path) -> None:
    (tmp_path / "u.grib2").write_bytes(grib_set(("u",)))
    report = inspect_weather([tmp_path / "u.grib2"])
    assert not report.serves
    assert report.fields == {"eastward_wind": (1000.0, 850.0, 500.0)}
    assert {"northward_wind", "geopotential_height"} <= set(report.missing)
    assert report.refusal_code == "weather-incomplete"
    assert "no flight" in report.to_text()


def test_given_bad_values_when_inspected_then_told_and_not_raised(tmp_path: Path) -> None:
    (tmp_path / "a.grib2").write_bytes(grib_set(("v", "gh")) + grib_set(("u",), offset=500.0))
    report = inspect_weather([tmp_path / "a.grib2"])
    assert not report.serves
    assert report.refusal_code == "wind-values"


def test_given_no_weather_or_a_cut_file_when_inspected_then_raised(tmp_path: Path) -> None:
    path = tmp_path / "a.grib2"
    path.write_text("<html></html>")
    with pytest.raises(WeatherFileError):
        inspect_weather([path])
    path.write_bytes(grib_set()[:-50])
    with pytest.raises(WeatherTruncatedError):
        inspect_weather([path])


def test_given_a_hole_in_the_newest_run_when_another_run_fills_it_then_it_is_a_hole(
    tmp_path: Path,
) -> None:
    older = grib_set(run=(20240102, 0), step_h=12)
    newest = grib_set(step_h=0), grib_set(step_h=12)
    (tmp_path / "a.grib2").write_bytes(b"".join([older, *newest]))
    report = inspect_weather([tmp_path / "a.grib2"])
    assert [gap[2] for gap in report.gaps] == [12.0]
    assert report.times == ("2024-01-02T06:00:00Z", "2024-01-02T18:00:00Z")
