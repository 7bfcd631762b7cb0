"""The GRIB reader on files made here: keys, grids, members, gaps, damage."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from downwind.constants import GRAVITY_MS2, R_AIR
from downwind.errors import (
    WeatherContentError,
    WeatherFileError,
    WeatherTruncatedError,
    WindValueError,
)
from downwind.wind.cube import (
    EAST,
    EAST_10M,
    HEIGHT,
    NORTH,
    NORTH_10M,
    TERRAIN,
    UPWARD,
    WindCube,
    interpolate_wind,
)
from downwind.wind.sources import find_runs, grib, read_weather, scan_weather
from downwind.wind.window import Window
from tests.unit.wind.weather_files import (
    LATITUDES,
    LEVELS_HPA,
    LONGITUDES,
    PLAIN,
    RUN_S,
    field_value,
    grib_bytes,
    grib_set,
    height_m,
    make_message,
    write_two_field_messages,
)


def save(path: Path, *parts: bytes) -> Path:
    path.write_bytes(b"".join(parts))
    return path


def expect_field(cube: WindCube, variable: str, name: str, level: int, **at: float) -> None:
    field = cube.dataset[variable].sel(level=level * 100.0)
    lat, lon = cube.latitude[:, None], cube.longitude[None, :]
    step = (cube.times_s - RUN_S) / 3600.0
    for m, member in enumerate(cube.dataset["realization"].values):
        for t in range(step.size):
            wanted = field_value(name, lat, lon, level, step[t], int(member))
            np.testing.assert_allclose(field.values[m, t], wanted, atol=2e-3, rtol=1e-6)


def test_given_plain_fields_when_read_then_every_value_is_at_its_place(tmp_path: Path) -> None:
    cube = read_weather([save(tmp_path / "a.grib2", grib_set())])
    assert cube.source == "NCEP GFS 1 deg"
    assert (cube.nature, cube.reference_time_s) == ("forecast", RUN_S)
    assert cube.times_s.tolist() == [RUN_S]
    assert cube.dataset["level"].values.tolist() == [100_000.0, 85_000.0, 50_000.0]
    assert cube.latitude.tolist() == LATITUDES.tolist()
    assert cube.longitude.tolist() == LONGITUDES.tolist()
    for level in LEVELS_HPA:
        expect_field(cube, EAST, "u", level)
        expect_field(cube, NORTH, "v", level)
        expect_field(cube, HEIGHT, "gh", level)
    assert not cube.has_vertical_wind
    assert not cube.has_surface_wind
    assert not cube.has_terrain


def test_given_u_and_v_in_one_message_when_read_then_neither_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "multi.grib2"
    write_two_field_messages(path)
    assert path.read_bytes().count(b"GRIB") == 2 * len(LEVELS_HPA)
    cube = read_weather([path])
    for level in LEVELS_HPA:
        expect_field(cube, EAST, "u", level)
        expect_field(cube, NORTH, "v", level)


@pytest.mark.parametrize("south_first", [False, True])
def test_given_either_scan_order_when_read_then_latitude_ascends(
    tmp_path: Path, south_first: bool
) -> None:
    cube = read_weather([save(tmp_path / "a.grib2", grib_set(south_first=south_first))])
    assert np.all(np.diff(cube.latitude) > 0)
    expect_field(cube, EAST, "u", 850)


def test_given_columns_one_after_the_other_when_read_then_they_are_turned(tmp_path: Path) -> None:
    import eccodes

    parts = []
    for name in ("u", "v", "gh"):
        for level in LEVELS_HPA:
            handle = make_message(name, level_hpa=level)
            values = eccodes.codes_get_values(handle).reshape(LATITUDES.size, LONGITUDES.size)
            eccodes.codes_set(handle, "jPointsAreConsecutive", 1)
            eccodes.codes_set_values(handle, values.T.ravel())
            parts.append(bytes(eccodes.codes_get_message(handle)))
            eccodes.codes_release(handle)
    cube = read_weather([save(tmp_path / "a.grib2", *parts)])
    expect_field(cube, EAST, "u", 500)


def test_given_longitudes_to_360_when_read_then_global_grid_starts_at_minus_180(
    tmp_path: Path,
) -> None:
    around = np.arange(0.0, 360.0, 30.0)
    cube = read_weather([save(tmp_path / "a.grib2", grib_set(longitudes=around))])
    assert cube.is_global
    assert cube.longitude.tolist() == np.arange(-180.0, 180.0, 30.0).tolist()
    wanted = field_value("u", LATITUDES[:, None], cube.longitude[None, :] % 360.0, 850)
    got = cube.dataset[EAST].sel(level=85_000.0).values[0, 0]
    np.testing.assert_allclose(got, wanted, atol=1e-3)


def test_given_box_across_the_antimeridian_when_read_then_it_stays_in_one_piece(
    tmp_path: Path,
) -> None:
    box = np.array([178.0, 179.0, 180.0, 181.0])
    cube = read_weather([save(tmp_path / "a.grib2", grib_set(longitudes=box))])
    assert cube.longitude.tolist() == box.tolist()
    at = (RUN_S, 31.5, height_m(850) + 5.0)
    east = interpolate_wind(cube, 0, at[0], -179.5, at[1], at[2])
    same = interpolate_wind(cube, 0, at[0], 180.5, at[1], at[2])
    assert east == same


def test_given_box_west_of_greenwich_when_read_then_longitudes_are_negative(
    tmp_path: Path,
) -> None:
    box = np.array([-2.0, -1.0, 0.0, 1.0])
    cube = read_weather([save(tmp_path / "a.grib2", grib_set(longitudes=box))])
    assert cube.longitude.tolist() == box.tolist()
    expect_field(cube, EAST, "u", 850)


def test_given_steps_and_members_in_many_files_when_read_then_one_cube(tmp_path: Path) -> None:
    paths = [
        save(tmp_path / f"{member}_{step}.grib2", grib_set(member=member, step_h=step))
        for member in (0, 1, 2)
        for step in (0, 3)
    ]
    cube = read_weather(paths[::-1])
    assert (cube.member_count, cube.times_s.tolist()) == (3, [RUN_S, RUN_S + 10_800])
    expect_field(cube, EAST, "u", 850)
    assert cube.digest == read_weather(paths).digest


def test_given_one_member_without_a_time_when_read_then_the_hole_is_named(tmp_path: Path) -> None:
    parts = [grib_set(member=m, step_h=s) for m in (0, 1) for s in (0, 3) if (m, s) != (1, 3)]
    with pytest.raises(
        WeatherContentError, match=r"member 1 \(a.grib2\) has no wind at 2024-01-02T09"
    ):
        read_weather([save(tmp_path / "a.grib2", *parts)])


def test_given_omega_on_some_levels_when_read_then_others_are_nan_whole(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.grib2", grib_set(("u", "v", "gh", "t")), grib_set(("w",), (1000, 850))
    )
    cube = read_weather([path])
    upward = cube.dataset[UPWARD].values[0, 0]
    assert np.isnan(upward[2]).all()
    omega = field_value("w", LATITUDES[:, None], LONGITUDES[None, :], 850)
    kelvin = field_value("t", LATITUDES[:, None], LONGITUDES[None, :], 850)
    wanted = -omega * R_AIR * kelvin / (85_000.0 * GRAVITY_MS2)
    np.testing.assert_allclose(upward[1], wanted, rtol=1e-4)
    assert "no vertical wind on 500 hPa" in cube.notes


def test_given_omega_without_temperature_when_read_then_standard_air_and_a_note(
    tmp_path: Path,
) -> None:
    cube = read_weather([save(tmp_path / "a.grib2", grib_set(("u", "v", "gh", "w")))])
    assert cube.has_vertical_wind
    assert any("standard temperature" in note for note in cube.notes)


def test_given_surface_fields_when_read_then_they_are_there(tmp_path: Path) -> None:
    surface = b"".join(grib_bytes(name) for name in ("10u", "10v", "sp", "orog"))
    cube = read_weather([save(tmp_path / "a.grib2", grib_set(), surface)])
    assert cube.has_surface_wind
    assert cube.has_terrain
    ground = cube.dataset["surface_altitude"]
    np.testing.assert_allclose(ground.values[:, 0], 10.0 * (LATITUDES - 29.0), atol=1e-3)


def test_given_one_component_at_10_m_when_read_then_left_out_with_a_note(tmp_path: Path) -> None:
    cube = read_weather([save(tmp_path / "a.grib2", grib_set(), grib_bytes("10u"))])
    assert not cube.has_surface_wind
    assert any("10 m wind" in note for note in cube.notes)


def test_given_a_level_without_v_when_read_then_dropped_with_a_note(tmp_path: Path) -> None:
    parts = grib_set(("u", "gh")), grib_set(("v",), (1000, 500))
    cube = read_weather([save(tmp_path / "a.grib2", *parts)])
    assert cube.dataset["level"].values.tolist() == [100_000.0, 50_000.0]
    assert cube.notes == ("dropped 850 hPa: no northward_wind",)


def test_given_one_component_when_read_then_error_says_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(WeatherContentError, match="no northward_wind") as caught:
        read_weather([save(tmp_path / "a.grib2", grib_set(("u", "gh")))])
    assert "eastward_wind on 1000, 850, 500 hPa" in caught.value.message
    assert caught.value.hint


def test_given_components_on_different_levels_when_read_then_refused(tmp_path: Path) -> None:
    parts = grib_set(("u", "gh"), (1000, 850)), grib_set(("v", "gh"), (500, 300))
    with pytest.raises(WeatherContentError, match="no level has both components of the wind"):
        read_weather([save(tmp_path / "a.grib2", *parts)])


@pytest.mark.parametrize("cut", [1, 3, 4, 5, 20, 60, 120])
def test_given_file_cut_at_the_end_when_read_then_truncated(
    tmp_path: Path, cut: int, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = grib_set()
    with pytest.raises(WeatherTruncatedError, match=r"cut\.grib2"):
        read_weather([save(tmp_path / "cut.grib2", whole[:-cut])])
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kept", [1, 3, 4, 7, 8, 15, 16, 40])
def test_given_start_of_a_further_message_when_read_then_truncated(
    tmp_path: Path, kept: int, capfd: pytest.CaptureFixture[str]
) -> None:
    more = grib_bytes("u", level_hpa=300)[:kept]
    with pytest.raises(WeatherTruncatedError):
        read_weather([save(tmp_path / "cut.grib2", grib_set(), more)])
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("lost", [10, 50])
def test_given_bytes_lost_inside_when_read_then_truncated(
    tmp_path: Path, lost: int, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = grib_set()
    middle = len(whole) // 2
    with pytest.raises(WeatherTruncatedError, match="7777"):
        read_weather([save(tmp_path / "cut.grib2", whole[:middle], whole[middle + lost :])])
    assert capfd.readouterr().err == ""


def test_given_sections_that_do_not_add_up_when_read_then_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    message = bytearray(grib_bytes("u", level_hpa=850))
    message[16:20] = (7).to_bytes(4, "big")
    with pytest.raises(WeatherFileError, match="sections do not add up"):
        read_weather([save(tmp_path / "bad.grib2", bytes(message))])
    assert capfd.readouterr().err == ""


def test_given_missing_values_in_wind_when_read_then_place_is_named(tmp_path: Path) -> None:
    bad = grib_bytes("u", level_hpa=850, missing=(0, 1))
    parts = grib_set(("v", "gh")), grib_set(("u",), (1000, 500)), bad
    with pytest.raises(WindValueError, match=r"eastward_wind = nan .* 850 hPa, .* 33 N 121 E"):
        read_weather([save(tmp_path / "a.grib2", *parts)])


def test_given_wind_of_300_ms_when_read_then_refused(tmp_path: Path) -> None:
    fast = grib_bytes("u", level_hpa=850, offset=300.0)
    parts = grib_set(("v", "gh")), grib_set(("u",), (1000, 500)), fast
    with pytest.raises(WindValueError, match="more than 200 m/s"):
        read_weather([save(tmp_path / "a.grib2", *parts)])


def test_given_missing_ground_when_read_then_left_out_with_a_note(tmp_path: Path) -> None:
    path = save(tmp_path / "a.grib2", grib_set(), grib_bytes("orog", missing=(0, 0)))
    cube = read_weather([path])
    assert not cube.has_terrain
    assert any("ground" in note for note in cube.notes)


@pytest.mark.parametrize(
    ("sample", "kind"),
    [("regular_ll_pl_grib2", "lambert"), ("reduced_gg_pl_32_grib2", "reduced_gg"),
     ("rotated_ll_pl_grib2", "rotated_ll"), ("regular_gg_pl_grib2", "regular_gg")],
)  # fmt: skip
def test_given_another_grid_when_read_then_refused_by_name(
    tmp_path: Path, sample: str, kind: str
) -> None:
    import eccodes

    handle = eccodes.codes_grib_new_from_samples(sample)
    if kind == "lambert":
        eccodes.codes_set(handle, "gridType", kind)
    for key, value in (("typeOfLevel", "isobaricInhPa"), ("level", 500), ("shortName", "u")):
        eccodes.codes_set(handle, key, value)
    message = bytes(eccodes.codes_get_message(handle))
    eccodes.codes_release(handle)
    with pytest.raises(WeatherFileError, match=kind):
        read_weather([save(tmp_path / "a.grib2", message)])


def test_given_same_field_twice_when_identical_then_taken_once(tmp_path: Path) -> None:
    path = save(tmp_path / "a.grib2", grib_set(), grib_bytes("u", level_hpa=850))
    assert read_weather([path]).level_count == len(LEVELS_HPA)


def test_given_same_field_twice_when_different_then_named(tmp_path: Path) -> None:
    other = grib_bytes("u", level_hpa=850, offset=1.0)
    with pytest.raises(WeatherContentError, match=r"eastward_wind on 850 hPa .* twice"):
        read_weather([save(tmp_path / "a.grib2", grib_set(), other)])


def test_given_two_runs_when_read_then_the_newest_and_a_note_on_the_other(tmp_path: Path) -> None:
    later = grib_set(run=(20240102, 1200), step_h=6)
    path = save(tmp_path / "a.grib2", grib_set(step_h=12), later)
    cube = read_weather([path])
    assert cube.reference_time_s == RUN_S + 21_600
    assert cube.times_s.tolist() == [RUN_S + 43_200]
    assert any(
        "2 forecast runs: the newest, 2024-01-02T12:00:00Z" in note
        and "the others are 2024-01-02T06:00:00Z" in note
        for note in cube.notes
    )
    runs = find_runs(scan_weather([path])[0])
    assert runs == (RUN_S, RUN_S + 21_600)
    first = read_weather([path], Window(run_s=runs[0]))
    assert first.reference_time_s == RUN_S
    assert not any("forecast runs" in note for note in first.notes)
    expect_field(first, EAST, "u", 850)


def test_given_a_run_that_is_not_there_when_read_then_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.grib2", grib_set())
    with pytest.raises(WeatherContentError, match="nothing at all in the span of time"):
        read_weather([path], Window(run_s=RUN_S + 3600))


def test_given_an_analysis_and_an_older_forecast_when_read_then_the_newest_run(
    tmp_path: Path,
) -> None:
    analysis = {"typeOfProcessedData": "an", "typeOfGeneratingProcess": 0}
    newer = grib_set(run=(20240102, 1200), keys=analysis)
    cube = read_weather([save(tmp_path / "a.grib2", grib_set(step_h=6), newer)])
    assert (cube.nature, cube.reference_time_s) == ("forecast", RUN_S + 21_600)


def test_given_analyses_of_two_times_when_read_then_reanalysis(tmp_path: Path) -> None:
    analysis = {"typeOfProcessedData": "an", "typeOfGeneratingProcess": 0}
    parts = [grib_set(run=(20240102, hour), keys=analysis) for hour in (600, 1200)]
    cube = read_weather([save(tmp_path / "a.grib2", *parts)])
    assert (cube.nature, cube.reference_time_s) == ("reanalysis", None)
    assert any("analyses of 2 times" in note for note in cube.notes)
    assert find_runs(scan_weather([tmp_path / "a.grib2"])[0]) == (None,)


def test_given_reanalysis_status_when_read_then_no_run(tmp_path: Path) -> None:
    keys = {"productionStatusOfProcessedData": 3}
    cube = read_weather([save(tmp_path / "a.grib2", grib_set(keys=keys))])
    assert (cube.nature, cube.reference_time_s) == ("reanalysis", None)


def test_given_two_grids_when_read_then_both_are_named(tmp_path: Path) -> None:
    other = grib_bytes("10u", longitudes=LONGITUDES + 1.0)
    with pytest.raises(WeatherContentError, match="two grids"):
        read_weather([save(tmp_path / "a.grib2", grib_set(), other)])


def test_given_edition_1_when_read_then_same_values(tmp_path: Path) -> None:
    import eccodes

    parts = []
    for name in ("u", "v", "gh"):
        for level in LEVELS_HPA:
            handle = make_message(name, level_hpa=level)
            eccodes.codes_set(handle, "edition", 1)
            parts.append(bytes(eccodes.codes_get_message(handle)))
            eccodes.codes_release(handle)
    cube = read_weather([save(tmp_path / "a.grib", *parts)])
    expect_field(cube, EAST, "u", 850)
    with pytest.raises(WeatherTruncatedError):
        read_weather([save(tmp_path / "b.grib", *parts[:-1], parts[-1][:-9])])


def test_given_bulletin_header_before_the_message_when_read_then_passed_over(
    tmp_path: Path,
) -> None:
    path = save(tmp_path / "a.bin", b"HXXA01 RJTD 020600\r\r\n", grib_set())
    assert grib.recognise(path, path.read_bytes()[:100])
    assert read_weather([path]).level_count == len(LEVELS_HPA)


def test_given_negatively_perturbed_members_when_read_then_they_are_told_apart(
    tmp_path: Path,
) -> None:
    plus = grib_set(member=1)
    minus = grib_set(member=1, keys={"typeOfEnsembleForecast": 2})
    cube = read_weather([save(tmp_path / "a.grib2", plus, minus)])
    assert cube.dataset["realization"].values.tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("sample", "keys", "said", "hint"),
    [
        ("reduced_gg_ml_grib2", {"shortName": "u"}, r"u on model \(hybrid\) levels", "pressure"),
        ("sh_ml_grib2", {"shortName": "vo"}, "vo in spherical harmonics", "sp2gpl"),
        ("sh_pl_grib1", {"shortName": "u"}, "sh: spherical harmonics", "regrid"),
        ("reduced_gg_pl_32_grib1", {"shortName": "v"}, "reduced_gg: reduced Gaussian", "remapbil"),
        ("polar_stereographic_pl_grib1", {"shortName": "u"}, "polar_stereographic", "regular"),
        ("rotated_ll_pl_grib1", {"shortName": "u"}, "rotated_ll: rotated", "regular"),
    ],
)
def test_given_another_layout_of_either_edition_when_read_then_named_with_what_to_do(
    tmp_path: Path, sample: str, keys: dict[str, str], said: str, hint: str
) -> None:
    import eccodes

    handle = eccodes.codes_grib_new_from_samples(sample)
    for key, value in keys.items():
        eccodes.codes_set(handle, key, value)
    message = bytes(eccodes.codes_get_message(handle))
    eccodes.codes_release(handle)
    with pytest.raises(WeatherFileError, match=said) as caught:
        read_weather([save(tmp_path / "a.grib", message)])
    assert hint in caught.value.hint


def test_given_gigabytes_of_zeros_when_read_then_answered_at_once(tmp_path: Path) -> None:
    path = tmp_path / "gfs.grib2"
    with path.open("wb") as stream:
        stream.truncate(2 << 30)
    start = time.monotonic()
    with pytest.raises(WeatherFileError, match="no weather file"):
        read_weather([path])
    assert time.monotonic() - start < 1.0


def test_given_more_than_fits_in_memory_when_read_then_a_box_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("downwind.wind.sources._belong.MAX_CUBE_BYTES", 250)
    with pytest.raises(WeatherContentError, match="GiB in memory") as caught:
        read_weather([save(tmp_path / "a.grib2", grib_set())])
    assert "--box" in caught.value.hint


def at_pa(level_pa: int, scale: int = 0) -> dict[str, int]:
    return {"scaleFactorOfFirstFixedSurface": scale, "scaledValueOfFirstFixedSurface": level_pa}


@pytest.mark.parametrize("turned", [False, True], ids=["ground first", "top first"])
def test_given_levels_above_and_below_1_hpa_when_read_then_each_at_its_pressure(
    tmp_path: Path, turned: bool
) -> None:
    """GFS has them from 0.01 hPa; the library counts those below 1 hPa in Pa."""
    levels_pa = [100_000, 4_000, 700, 40, 7]
    parts = [
        grib_set(PLAIN, [level_pa / 100], keys=at_pa(level_pa))
        for level_pa in (levels_pa[::-1] if turned else levels_pa)
    ]
    cube = read_weather([save(tmp_path / "a.grib2", *parts)])
    assert cube.dataset["level"].values.tolist() == levels_pa
    wanted = field_value("u", LATITUDES[:, None], LONGITUDES[None, :], 0.4)
    np.testing.assert_allclose(cube.dataset[EAST].sel(level=40.0).values[0, 0], wanted, atol=2e-3)


def test_given_a_level_between_two_hpa_when_read_then_nothing_is_cut_off(tmp_path: Path) -> None:
    parts = [grib_set(PLAIN, [850.5], keys=at_pa(850_500, 1)), grib_set(PLAIN, [500])]
    cube = read_weather([save(tmp_path / "a.grib2", *parts)])
    assert cube.dataset["level"].values.tolist() == [85_050.0, 50_000.0]


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"productDefinitionTemplateNumber": 2, "derivedForecast": 4}, "the spread"),
        ({"productDefinitionTemplateNumber": 2, "derivedForecast": 8}, "another statistic"),
        ({"productDefinitionTemplateNumber": 6}, "a percentile"),
        ({"productDefinitionTemplateNumber": 5}, "a probability"),
        ({"typeOfGeneratingProcess": 7}, "an error of an analysis"),
    ],
)
def test_given_a_statistic_of_an_ensemble_when_read_then_it_is_no_wind(
    tmp_path: Path, keys: dict[str, int], what: str
) -> None:
    path = save(tmp_path / "a.grib2", grib_set(keys=keys))
    with pytest.raises(WeatherContentError, match=what):
        read_weather([path])
    beside = save(tmp_path / "b.grib2", grib_set(), grib_set(keys=keys))
    cube = read_weather([beside])
    expect_field(cube, EAST, "u", 850)
    assert what in " ".join(cube.notes)


def test_given_the_mean_of_an_ensemble_when_read_then_every_output_says_so(tmp_path: Path) -> None:
    keys = {"productDefinitionTemplateNumber": 2, "derivedForecast": 0}
    mean = save(tmp_path / "mean.grib2", grib_set(keys=keys))
    cube = read_weather([mean])
    assert cube.source == "NCEP GFS ensemble mean 1 deg"
    assert any("mean of an ensemble" in text for text in cube.warnings)
    member = save(tmp_path / "member.grib2", grib_set(member=1))
    with pytest.raises(WeatherContentError, match="mean.grib2 holds the mean of an ensemble"):
        read_weather([mean, member])


def edition_1(name: str, **keys: object) -> bytes:
    import eccodes

    handle = make_message(name, level_hpa=keys.pop("level_hpa", 0))
    for key, value in {"edition": 1, **keys}.items():
        eccodes.codes_set(handle, key, value)
    data = bytes(eccodes.codes_get_message(handle))
    eccodes.codes_release(handle)
    return data


def test_given_the_10_m_wind_of_ecmwf_in_edition_1_when_read_then_it_is_there(
    tmp_path: Path,
) -> None:
    """ERA5 in edition 1 holds it as a field of the surface."""
    upper = [edition_1(name, level_hpa=level) for name in PLAIN for level in LEVELS_HPA]
    at_10_m = [
        edition_1("10u", indicatorOfTypeOfLevel=1, level=0, table2Version=128,
                  indicatorOfParameter=number, centre="ecmf")
        for number in (165, 166)
    ]  # fmt: skip
    path = save(tmp_path / "a.grib", *upper, *at_10_m)
    fields = {field.name: field for field in scan_weather([path])[0].fields}
    wanted = field_value("10u", LATITUDES[:, None], LONGITUDES[None, :])
    np.testing.assert_allclose(fields[EAST_10M].values, wanted, atol=2e-3)
    assert NORTH_10M in fields


def test_given_ground_of_another_time_than_the_window_when_read_then_it_is_kept(
    tmp_path: Path,
) -> None:
    path = save(tmp_path / "a.grib2", grib_bytes("orog"), grib_set(step_h=3), grib_set(step_h=6))
    cube = read_weather([path], Window(start_s=RUN_S + 10_800, end_s=RUN_S + 21_600))
    assert TERRAIN in cube.dataset
    assert cube.times_s.tolist() == [RUN_S + 10_800, RUN_S + 21_600]


@pytest.mark.parametrize("flags", [0x5E, 0xB0, 0xF0])
def test_given_a_packing_that_there_is_not_when_read_then_refused(
    tmp_path: Path, flags: int
) -> None:
    """The library knows of the key that names the packing, and has no value of it."""
    sound = edition_1("u", level_hpa=500)
    data = bytearray(edition_1("u", level_hpa=850))
    first = 8 + int.from_bytes(data[8:11], "big")
    second = first + int.from_bytes(data[first : first + 3], "big")
    data[second + 3] = flags
    with pytest.raises(WeatherFileError, match="field 2 cannot be decoded"):
        scan_weather([save(tmp_path / "a.grib", sound, bytes(data))])
