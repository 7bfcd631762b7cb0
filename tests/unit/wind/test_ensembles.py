"""Cubes with members: GEFS, ECMWF's ensemble and ERA5's, as people have their files."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from downwind.errors import WeatherContentError, WeatherFileError
from downwind.wind.check import inspect_weather
from downwind.wind.cube import EAST, WindCube
from downwind.wind.sources import read_weather
from downwind.wind.sources._ensemble import find_missing_members, write_members
from tests.unit.wind.ensemble_files import (
    LEVELS,
    ens,
    ens_single,
    era5_edition_1,
    gefs,
    save,
    write_gefs,
)
from tests.unit.wind.weather_files import (
    LATITUDES,
    LONGITUDES,
    PLAIN,
    field_value,
    grib_set,
    make_era5,
    write_netcdf,
)


def members_of(cube: WindCube) -> list[int]:
    return [int(m) for m in cube.dataset["realization"].values]


def expect_members(cube: WindCube, numbers: list[int]) -> None:
    """Check that each member is there under its number, with the closed form of its field."""
    assert members_of(cube) == numbers
    wanted = [field_value("u", LATITUDES[:, None], LONGITUDES, 850, 0, m) for m in numbers]
    np.testing.assert_allclose(cube.dataset[EAST].values[:, 0, 0], wanted, atol=2e-3)


def test_given_gefs_a_file_a_member_when_read_in_any_order_then_31_members_control_0(
    tmp_path: Path,
) -> None:
    paths = write_gefs(tmp_path, range(31))
    cube = read_weather(paths)
    expect_members(cube, list(range(31)))
    assert cube.control == 0
    assert cube.source == "NCEP GEFS 1 deg"
    assert cube.times_s.size == 2
    assert not cube.warnings
    random.Random(3).shuffle(paths)
    again = read_weather(paths)
    assert again.digest == cube.digest
    assert again.dataset.identical(cube.dataset)


def test_given_ens_with_the_control_in_a_file_of_its_own_when_read_then_51_members(
    tmp_path: Path,
) -> None:
    control = save(tmp_path / "cf.grib2", ens(0))
    perturbed = save(tmp_path / "pf.grib2", *(ens(m) for m in range(1, 51)))
    cube = read_weather([perturbed, control])
    expect_members(cube, list(range(51)))
    assert cube.control == 0
    assert cube.source == "ECMWF ENS 1 deg"
    one_file = save(tmp_path / "all.grib2", control.read_bytes(), perturbed.read_bytes())
    np.testing.assert_array_equal(read_weather([one_file]).dataset[EAST], cube.dataset[EAST])


def test_given_ens_with_its_control_as_the_deterministic_forecast_when_read_then_it_is_member_0(
    tmp_path: Path,
) -> None:
    run = {"run": (20260601, 600)}
    single = save(tmp_path / "oper-fc.grib2", ens_single(**run))
    perturbed = save(tmp_path / "enfo-ef.grib2", *(ens(m, **run) for m in (1, 2, 3)))
    cube = read_weather([single, perturbed])
    expect_members(cube, [0, 1, 2, 3])
    assert cube.control == 0
    assert any("oper-fc.grib2) is the control" in note for note in cube.notes)


def test_given_a_deterministic_forecast_of_before_when_read_with_members_then_refused(
    tmp_path: Path,
) -> None:
    single = save(tmp_path / "oper.grib2", ens_single())
    perturbed = save(tmp_path / "enfo.grib2", *(ens(m) for m in (1, 2)))
    with pytest.raises(WeatherContentError, match=r"no member \(oper.grib2\)") as caught:
        read_weather([single, perturbed])
    assert "--and-wind" in caught.value.hint


def test_given_a_control_with_the_number_of_a_perturbed_member_when_read_then_both_are_there(
    tmp_path: Path,
) -> None:
    control = save(tmp_path / "c.grib2", gefs(0, keys={"perturbationNumber": 1}))
    perturbed = save(tmp_path / "p.grib2", gefs(1), gefs(2))
    expect_members(read_weather([control, perturbed]), [0, 1, 2])
    from_0 = [gefs(m, keys={"perturbationNumber": m - 1}, offset=0.0) for m in (1, 2)]
    cube = read_weather([control, save(tmp_path / "p0.grib2", *from_0)])
    expect_members(cube, [0, 1, 2])
    assert any("numbered from 0 (p0.grib2)" in note for note in cube.notes)


@pytest.mark.parametrize("layout", ["old", "new"])
def test_given_the_era5_ensemble_as_netcdf_when_read_then_ten_members(
    tmp_path: Path, layout: str
) -> None:
    dataset = make_era5(layout=layout, members=range(10), steps_h=(0, 3))
    if layout == "new":
        dataset = dataset.transpose("number", "valid_time", "pressure_level", ...)
    path = write_netcdf(dataset, tmp_path / "eda.nc", "hdf5" if layout == "new" else "classic")
    cube = read_weather([path])
    expect_era5(cube)
    parts = [
        write_netcdf(dataset.sel(number=[m]), tmp_path / f"part{m}.nc", "hdf5") for m in range(10)
    ]
    expect_era5(read_weather(parts[::-1]))


def expect_era5(cube: WindCube) -> None:
    assert members_of(cube) == list(range(10))
    assert cube.nature == "reanalysis"
    wanted = [field_value("u", LATITUDES[:, None], LONGITUDES, 500, 3, m) for m in range(10)]
    np.testing.assert_allclose(cube.dataset[EAST].values[:, 1, -1], wanted, atol=2e-3)


def test_given_the_era5_ensemble_in_edition_1_when_read_then_ten_members(tmp_path: Path) -> None:
    path = save(
        tmp_path / "eda.grib",
        *(era5_edition_1(m, level, name) for m in range(10) for level in LEVELS for name in PLAIN),
    )
    cube = read_weather([path])
    assert cube.nature == "reanalysis"
    assert cube.source.startswith("ECMWF ERA5")
    expect_members(cube, list(range(10)))


def test_given_real_ensembles_when_scanned_then_numbers_and_roles_are_theirs(shared: Path) -> None:
    from downwind.wind.sources import scan_weather

    folder = shared / "data/grids/ecmwf_samples"
    ens_50 = scan_weather([folder / "ens_50.grib"])[0].fields
    assert {f.member for f in ens_50} == set(range(51))
    assert [f.member for f in ens_50 if f.role == "control"] == [0] * (len(ens_50) // 51)
    era5 = scan_weather([folder / "era5-levels-members.grib"])[0].fields
    assert {(f.member, f.role) for f in era5} == {(m, "member") for m in range(10)}
    eda = shared / "data/grids/rocketpy_era5/LASC2019_TATUI_reanalysis_ensemble.nc"
    assert members_of(read_weather([eda])) == list(range(10))


# --- bad input ---------------------------------------------------------------------------------


def test_given_a_hole_in_the_numbering_when_read_then_a_warning_names_who_is_missing(
    tmp_path: Path,
) -> None:
    cube = read_weather(write_gefs(tmp_path, [0, 1, 2, 4, 7], (0,)))
    assert members_of(cube) == [0, 1, 2, 4, 7]
    assert cube.warnings == (
        "the ensemble is not whole: members 3, 5, 6 missing of 0 to 7; the others are used evenly",
    )


def test_given_fewer_members_than_stated_when_read_then_a_note_says_so(tmp_path: Path) -> None:
    cube = read_weather(write_gefs(tmp_path, range(5), (0,)))
    assert not cube.warnings
    assert any("5 members of an ensemble whose files state 30" in note for note in cube.notes)


def test_given_a_member_without_a_time_when_read_then_its_file_is_named(tmp_path: Path) -> None:
    paths = [p for p in write_gefs(tmp_path, range(4)) if p.name != "gep02.t06z.pgrb2a.0p50.f006"]
    with pytest.raises(
        WeatherContentError,
        match=r"member 2 \(gep02.t06z.pgrb2a.0p50.f000\) has no wind at 2024-01-02T12:00:00Z",
    ) as caught:
        read_weather(paths)
    assert "leave out the files of that member" in caught.value.hint


def test_given_a_member_with_other_levels_when_read_then_member_file_and_level_are_named(
    tmp_path: Path,
) -> None:
    paths = write_gefs(tmp_path, range(3), (0,))
    paths.append(save(tmp_path / "gep03", gefs(3, levels=(850, 700))))
    with pytest.raises(WeatherContentError, match="has no eastward_wind on 700 hPa") as caught:
        read_weather(paths)
    assert caught.value.message.startswith("member 0 (gec00")


def test_given_a_member_on_another_grid_when_read_then_file_and_member_are_named(
    tmp_path: Path,
) -> None:
    paths = write_gefs(tmp_path, range(3), (0,))
    paths.append(save(tmp_path / "gep03", gefs(3, latitudes=LATITUDES + 1.0)))
    with pytest.raises(WeatherContentError, match=r"gep03, member 3\)"):
        read_weather(paths)


def test_given_one_member_when_read_then_it_is_a_single_forecast_and_said(tmp_path: Path) -> None:
    cube = read_weather([save(tmp_path / "gep05", gefs(5))])
    assert cube.member_count == 1
    assert "an ensemble of one, member 5: taken as a single forecast" in cube.notes


@pytest.mark.parametrize(("derived", "what"), [(0, "holds the mean"), (4, "spread")])
def test_given_a_mean_or_spread_among_members_when_read_then_it_is_no_member(
    tmp_path: Path, derived: int, what: str
) -> None:
    keys = {"productDefinitionTemplateNumber": 2, "derivedForecast": derived}
    keys |= {"generatingProcessIdentifier": 107, "typeOfGeneratingProcess": 4}
    paths = write_gefs(tmp_path, range(2), (0,))
    path = save(tmp_path / "geother", grib_set(PLAIN, LEVELS, keys=keys))
    if derived == 0:
        with pytest.raises(WeatherContentError, match="geother holds the mean") as caught:
            read_weather([*paths, path])
        assert "leave that file out" in caught.value.hint
        return
    cube = read_weather([*paths, path])
    assert members_of(cube) == [0, 1]
    assert any("u in geother" in note and what in note for note in cube.notes)
    with pytest.raises(WeatherFileError, match=what):
        read_weather([path])


@pytest.mark.parametrize(("kind", "what"), [("em", "is no member of it"), ("es", "the spread")])
def test_given_a_netcdf_statistic_when_read_then_it_is_no_member(
    tmp_path: Path, kind: str, what: str
) -> None:
    members = write_netcdf(make_era5(layout="new", members=[0, 1]), tmp_path / "eda.nc", "hdf5")
    dataset = make_era5(layout="new")
    for name in dataset.data_vars:
        dataset[name].attrs["GRIB_dataType"] = kind
    statistic = write_netcdf(dataset, tmp_path / "other.nc", "hdf5")
    if kind == "em":
        assert any("mean of an ensemble" in w for w in read_weather([statistic]).warnings)
        with pytest.raises(WeatherContentError, match=what):
            read_weather([members, statistic])
    else:
        with pytest.raises(WeatherContentError, match=what):
            read_weather([statistic])
        assert any(what in note for note in read_weather([members, statistic]).notes)


def test_given_members_of_two_runs_when_read_then_refused_with_both_named(tmp_path: Path) -> None:
    new = save(tmp_path / "new", gefs(1), gefs(2))
    old = save(tmp_path / "old", gefs(0, 6, run=(20240102, 0)))
    with pytest.raises(WeatherContentError, match="the members are of 2 runs") as caught:
        read_weather([new, old])
    assert "member 0 of 2024-01-02T00:00:00Z (old)" in caught.value.message
    assert "member 1 to 2 of 2024-01-02T06:00:00Z (new)" in caught.value.message
    assert "--and-wind" in caught.value.hint


def test_given_a_member_twice_when_read_then_the_same_is_taken_once_and_another_refused(
    tmp_path: Path,
) -> None:
    paths = write_gefs(tmp_path, range(3), (0,))
    same = save(tmp_path / "again", gefs(2))
    assert members_of(read_weather([*paths, same])) == [0, 1, 2]
    other = save(tmp_path / "other", gefs(2, offset=1.0))
    with pytest.raises(WeatherContentError, match="member 2, is there twice with different"):
        read_weather([*paths, other])


def test_given_numbers_of_members_when_written_then_holes_show() -> None:
    assert write_members(range(31), True) == "31: control and 1 to 30"
    assert write_members([0, 1, 2, 5], False) == "4: 0 to 2, 5"
    assert find_missing_members([0, 1, 4]) == (2, 3)
    assert find_missing_members([-2, -1, 0, 1, 2]) == ()
    assert find_missing_members([-2, -1, 0, 1]) == (2,)


# --- what the check says -----------------------------------------------------------------------


def test_given_an_ensemble_with_holes_when_checked_then_control_and_missing_members_are_named(
    tmp_path: Path,
) -> None:
    report = inspect_weather(write_gefs(tmp_path, [0, 1, 2, 4], (0, 6)))
    assert report.serves
    assert (report.members, report.control, report.missing_members) == ((0, 1, 2, 4), 0, (3,))
    text = report.to_text()
    assert "members    4: control and 1 to 2, 4\n           missing: 3" in text
    assert "an ensemble of 4: every member is flown evenly" in text
    assert report.to_dict()["missing_members"] == [3]
