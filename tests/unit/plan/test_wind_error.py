"""The error of the wind by its nature: sizes, members, refusals, and what the outputs say."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from downwind.errors import ArgumentError, MissionError
from downwind.plan._wind_error_sizes import choose_nodes, find_sizes, spacing_sigma_ms
from downwind.plan.air_of_run import flight_hours
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.wind_error import settle_wind_error, without_error
from downwind.service.demonstration import demonstration_wind
from downwind.wind.air import AirField
from downwind.wind.cube import EAST, WIND_ERROR, WindCube, validate_cube
from downwind.wind.error import (
    SOUNDING_FINE_MS,
    between_sigma_ms,
    forecast_sigma_ms,
    persistence_sigma_ms,
    unresolved_sigma_ms,
)
from downwind.wind.error_sizes import FittedSizes, SizeEntry, write_sizes
from downwind.wind.grid import WindGrid, build_grid
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.sources import read_weather
from tests.small_mission import SMALL
from tests.unit.sim.made_winds import wind_grid

BOX = (110.0, 28.0, 150.0, 50.0)
HOUR = 3600.0


def mission_with(**error: Any) -> Mission:
    table = copy.deepcopy(SMALL)
    table["mission"]["draws"] = 24
    table["wind"] = {"error": error}
    return parse_mission(table)


def cube_of(nature: str, run: str = "") -> WindCube:
    data = demonstration_wind().to_cube(BOX, 2.0, 3 * HOUR).dataset.copy()
    data.attrs = {**data.attrs, "nature": nature, "forecast_reference_time": run}
    return validate_cube(data)


def grid_of(nature: str, run: str = "") -> WindGrid:
    return build_grid(cube_of(nature, run), mission_with().wind)


def ensemble_of(offsets: list[float], run: str = "2015-04-03T12:00:00Z") -> WindGrid:
    """Return a forecast whose members differ from each other by offsets of the eastward wind."""
    one = cube_of("forecast", run).dataset
    members = []
    for m, offset in enumerate(offsets):
        member = one.copy(deep=True)
        member[EAST].values[:] += offset
        members.append(member.assign_coords(realization=[m]))
    data = xr.concat(members, "realization", combine_attrs="override", data_vars="minimal")
    return build_grid(validate_cube(data), mission_with().wind)


def large_at(grid: WindGrid, pressure_pa: float, time_s: float) -> float:
    assert grid.error is not None
    return grid.error.large_ms(_height(pressure_pa), time_s)


def _height(pressure_pa: float) -> float:
    return float(standard_height_m([pressure_pa])[0])


def test_given_a_forecast_then_its_error_grows_with_the_lead_at_the_hours_flown() -> None:
    mission = mission_with()
    grid = settle_wind_error(mission, grid_of("forecast", "2015-04-02T18:00:00Z"))
    start = float(mission.launch_times_s[0])
    assert grid.member_count == 24
    assert grid.base_count == 1
    assert grid.arrays.has_error
    assert grid.error is not None
    assert grid.error.lead_h(start) == 24.0
    for later in (0.0, 3.0, 6.0):
        want = float(forecast_sigma_ms(50_000.0, 24.0 + later))
        assert large_at(grid, 50_000.0, start + later * HOUR) == pytest.approx(want, rel=0.01)
    size = grid.error.size
    assert size is not None
    assert size.fine_ms == pytest.approx(spacing_sigma_ms(grid, mission))
    # 2 degrees of latitude and of longitude at 37.75 N
    across = 111_195.0 * (1.0 + math.cos(math.radians(37.75)))
    assert size.fine_ms == pytest.approx(float(unresolved_sigma_ms(across)), rel=1e-3)
    assert (size.slow_up_ms, size.fast_up_ms, size.mountain_up_ms) == (0.05, 0.1, 0.3)


def test_given_more_draws_when_settled_again_then_those_there_were_keep_their_errors() -> None:
    mission = mission_with()
    few = settle_wind_error(mission, grid_of("forecast", "2015-04-03T12:00:00Z"))
    more = settle_wind_error(mission, few, draws=40)
    assert more.member_count == 40
    assert np.array_equal(few.arrays.error_shift, more.arrays.error_shift[:24])
    again = settle_wind_error(mission, more, draws=24)
    assert np.array_equal(again.arrays.error_values, few.arrays.error_values)
    assert without_error(more).member_count == 1
    assert not without_error(more).arrays.has_error


def test_given_a_reanalysis_then_it_has_the_error_of_six_hours_and_says_so() -> None:
    mission = mission_with()
    grid = settle_wind_error(mission, grid_of("reanalysis"))
    start = float(mission.launch_times_s[0])
    for later in (0.0, 9.0):
        assert large_at(grid, 50_000.0, start + later * HOUR) == pytest.approx(1.7, rel=0.01)
    assert grid.error is not None
    assert "reanalysis: the error of a 6 h forecast" in " ".join(grid.error.notes)
    aged = settle_wind_error(mission_with(lead_hours=48), grid_of("reanalysis"))
    assert large_at(aged, 50_000.0, start) == pytest.approx(3.2, rel=0.01)


def test_given_a_synthetic_wind_then_it_has_none_unless_a_lead_is_stated() -> None:
    grid = settle_wind_error(mission_with(), grid_of("synthetic"))
    assert grid.member_count == 1
    assert grid.error is not None
    assert "synthetic" in grid.error.reason
    drawn = settle_wind_error(mission_with(lead_hours=24), grid_of("synthetic"))
    assert drawn.member_count == 24
    with pytest.raises(MissionError, match="synthetic and states no run"):
        settle_wind_error(mission_with(use="on"), grid_of("synthetic"))


def test_given_off_or_scale_zero_then_nothing_is_drawn_and_the_reason_is_told() -> None:
    plain = grid_of("forecast", "2015-04-03T12:00:00Z")
    for error in ({"use": "off"}, {"scale": 0}):
        grid = settle_wind_error(mission_with(**error), plain)
        assert grid.member_count == 1
        assert not grid.arrays.has_error
        assert grid.error is not None
        assert next(iter(error)) in grid.error.reason


def test_given_a_scale_and_sizes_then_all_of_them_are_in_what_is_drawn() -> None:
    mission = mission_with(
        scale=2, large_factor=0.5, unresolved="1 m/s", synoptic_up="0.1 m/s",
        mesoscale_up="0.2 m/s", large_scales={"horizontal": "300 km", "time": "6 h"},
        mesoscale_up_scales={"time": "20 min"},
    )  # fmt: skip
    grid = settle_wind_error(mission, grid_of("reanalysis"))
    assert grid.error is not None
    size = grid.error.size
    assert size is not None
    assert large_at(grid, 50_000.0, grid.start_s) == pytest.approx(1.7, rel=0.01)
    assert size.fine_ms == 2.0
    assert size.slow_up_ms == pytest.approx(0.2)
    assert size.fast_up_ms == pytest.approx(0.4)
    assert size.mountain_up_ms == pytest.approx(1.2)
    assert (size.large.horizontal_m, size.large.vertical_m, size.large.time_s) == (
        300e3, 2e3, 6 * HOUR,
    )  # fmt: skip
    assert (size.fast_up.horizontal_m, size.fast_up.time_s) == (20e3, 1_200.0)


def test_given_an_ensemble_then_only_what_its_spread_lacks_is_drawn_on_top() -> None:
    mission = mission_with()
    grid = ensemble_of([-1.5, 0.0, 1.5])
    spread = math.sqrt(0.5 * 1.5**2)
    drawn = settle_wind_error(mission, grid)
    start = float(mission.launch_times_s[0])
    assert drawn.error is not None
    height = _height(50_000.0)
    whole = float(forecast_sigma_ms(50_000.0, 6.0))
    assert drawn.error.spread_at_ms(height, start) == pytest.approx(spread, rel=1e-3)
    assert drawn.error.large_ms(height, start) == pytest.approx(
        math.sqrt(whole**2 - spread**2), rel=0.01
    )
    assert np.bincount(drawn.base).tolist() == [8, 8, 8]
    text = " ".join(drawn.error.notes)
    assert "3 members differ by 1.1 m/s at 500 hPa" in text
    assert "1.6 times too narrow" in text
    full = settle_wind_error(mission_with(use="on"), grid)
    assert large_at(full, 50_000.0, start) == pytest.approx(whole, rel=0.01)


def test_given_an_ensemble_that_is_wide_enough_then_only_the_unresolved_part_is_drawn() -> None:
    drawn = settle_wind_error(mission_with(), ensemble_of([-9.0, 0.0, 9.0]))
    assert drawn.error is not None
    assert drawn.error.size is not None
    assert drawn.error.size.large_ms.max() == 0.0
    assert drawn.error.size.fine_ms > 1.0
    assert "wide enough" in " ".join(drawn.error.notes)


def test_given_fewer_draws_than_members_then_it_is_refused_with_the_number_needed() -> None:
    grid = ensemble_of([0.1 * m for m in range(25)])
    for use in ("auto", "off"):
        with pytest.raises(ArgumentError, match="24 draws are too few for 25 members") as found:
            settle_wind_error(mission_with(use=use), grid)
        assert "mission.draws = 25" in found.value.hint


def observed(error_ms: float, times_h: list[float]) -> WindGrid:
    """Return an observed wind of times so many hours from the launch, with its error."""
    mission = mission_with()
    grid = grid_of("observation")
    shape = (1, len(times_h), 2, 2, 2)
    field = np.full(shape, error_ms, np.float32)
    heights = np.broadcast_to(np.array([0.0, 30e3])[:, None, None], shape).astype(np.float32)
    air = AirField(
        source="test", time_s=mission.launch_times_s[0] + HOUR * np.array(times_h),
        is_hole=np.zeros(len(times_h) - 1, bool), steady_s=24 * HOUR,
        latitude=np.array([28.0, 50.0]), longitude=np.array([110.0, 150.0]), is_global=False,
        height_m=heights, temperature_k=None, relative_humidity=None, cloud_fraction=None,
        wind_error_ms=field, ground={},
    )  # fmt: skip
    return replace(grid, air=air)


@pytest.mark.parametrize(
    ("times_h", "change"),
    [
        ([0.0], 0.0),
        ([-6.0], float(persistence_sigma_ms(70_000.0, 6.0))),
        ([-6.0, 6.0], float(between_sigma_ms(70_000.0, 6.0, 6.0))),
        ([-3.0, 9.0], float(between_sigma_ms(70_000.0, 3.0, 9.0))),
    ],
)
def test_given_an_observation_then_its_error_is_that_stated_and_the_change_since(
    times_h: list[float], change: float
) -> None:
    mission = mission_with()
    grid = settle_wind_error(mission, observed(2.5, times_h))
    assert grid.error is not None
    assert grid.error.size is not None
    large = large_at(grid, 70_000.0, float(mission.launch_times_s[0]))
    total = math.hypot(large, grid.error.size.fine_ms)
    assert grid.error.size.fine_ms == SOUNDING_FINE_MS
    assert total == pytest.approx(math.hypot(2.5, change), rel=1e-6)


def test_given_an_old_observation_then_the_law_is_carried_on_and_that_is_told() -> None:
    mission = mission_with()
    grid = settle_wind_error(mission, observed(2.0, [-20.0]))
    assert grid.error is not None
    assert "law is carried on" in " ".join(grid.error.notes)
    start = float(mission.launch_times_s[0])
    sizes = [large_at(grid, 70_000.0, start + h * HOUR) for h in (0.0, 4.0, 8.0)]
    assert sizes == sorted(sizes)
    assert sizes[-1] < math.hypot(2.0, 4.8 * math.sqrt(2.0))


def test_given_an_own_observation_in_a_forecast_then_what_the_blend_leaves_is_drawn() -> None:
    mission = mission_with()
    data = cube_of("forecast", "2015-04-03T12:00:00Z").dataset
    left = data.assign({WIND_ERROR: xr.full_like(data[EAST], 3.5)})
    grid = settle_wind_error(mission, build_grid(validate_cube(left), mission.wind))
    assert grid.error is not None
    assert grid.error.size is not None
    large = large_at(grid, 70_000.0, float(mission.launch_times_s[0]))
    assert math.hypot(large, grid.error.size.fine_ms) == pytest.approx(3.5)
    assert "own observation" in grid.error.origin


def test_given_days_of_wind_when_errors_are_drawn_then_they_move_with_that_of_the_night() -> None:
    mission = mission_with(lead_hours=24)
    first = float(mission.launch_times_s[0])
    days = wind_grid(
        lambda x, y, h, t: ((t - first) / 3_600.0 + 0.0 * (x + y + h), 0.0 * (x + h)),
        time=first + 3_600.0 * np.arange(-24.0, 97.0, 3.0),
        height=np.linspace(0.0, 12_000.0, 5),
        latitude=np.linspace(35.0, 41.0, 7),
        longitude=np.linspace(122.0, 130.0, 9),
    )
    start, end = flight_hours(mission)
    assert start == first
    frame = settle_wind_error(mission, days).arrays.error_frame
    np.testing.assert_allclose(frame[:, 0], 0.5 * (end - start) / 3_600.0, rtol=1e-5)


def test_given_a_file_of_sizes_then_it_is_flown_and_counts_in_the_digest(tmp_path: Path) -> None:
    path = tmp_path / "sizes.toml"
    sizes = FittedSizes((SizeEntry(50_000.0, 24.0, 4.0, 0.3, 20.0),), "mine", ("one note",))
    path.write_text(write_sizes(sizes), "utf-8")
    table = copy.deepcopy(SMALL)
    table["wind"] = {"error": {"sizes": "sizes.toml"}}
    plain = parse_mission(copy.deepcopy(SMALL), tmp_path)
    mission = parse_mission(table, tmp_path)
    assert mission.digest != plain.digest
    grid = settle_wind_error(mission, grid_of("forecast", "2015-04-02T18:00:00Z"))
    assert large_at(grid, 50_000.0, float(mission.launch_times_s[0])) == pytest.approx(
        4.0, rel=0.01
    )
    assert grid.error is not None
    assert grid.error.origin == "fitted: mine"
    assert "one note" in grid.error.notes
    assert "fitted at 24 h" in " ".join(grid.error.notes)
    assert "fitted at 500 hPa: elsewhere the default table" in " ".join(grid.error.notes)
    path.write_text(write_sizes(sizes).replace("sigma_ms = 4", "sigma_ms = 5"), "utf-8")
    assert parse_mission(table, tmp_path).digest != mission.digest


@pytest.mark.parametrize(
    ("error", "what"),
    [
        ({"use": "maybe"}, "wind.error.use"),
        ({"scale": -1}, "wind.error.scale"),
        ({"lead_hours": 500}, "wind.error.lead_hours"),
        ({"lead_hour": 24}, "did you mean 'lead_hours'"),
        ({"unresolved": 1.4}, "needs a unit"),
        ({"unresolved": "30 m/s"}, "wind.error.unresolved"),
        ({"sizes": "none.toml"}, "wind.error.sizes: cannot read none.toml"),
        ({"mountain_up": "0.05 m/s"}, "lies below wind.error.mesoscale_up"),
        ({"mountain_up": "0.5 m/s", "mesoscale_up": "0 m/s"}, "both as 0"),
        ({"use": "off", "scale": 2}, "leave out scale"),
        ({"large_scales": {"time": "10 s"}}, "wind.error.large_scales.time"),
        ({"synoptic_up_scales": {"vertical": "1 km"}}, "unknown key"),
    ],
)
def test_given_an_error_that_cannot_be_when_read_then_it_is_named(
    error: dict[str, Any], what: str
) -> None:
    with pytest.raises(MissionError, match=what):
        mission_with(**error)


def test_given_low_levels_a_pole_or_the_whole_globe_then_no_size_is_missing() -> None:
    for mission, grid in (
        (mission_with(), grid_of("reanalysis")),
        (mission_with(), build_grid(
            WindCube(cube_of("reanalysis").dataset.isel(level=slice(0, 6))), mission_with().wind
        )),
    ):  # fmt: skip
        heights, times = choose_nodes(mission, grid)
        assert np.all(np.diff(heights) > 0.0)
        assert np.all(np.diff(times) > 0.0)
        assert heights[-1] == grid.top_m
        sizes = find_sizes(mission, grid, heights, times)
        assert not isinstance(sizes, str)
        assert np.isfinite(sizes.large_ms).all()
    polar = replace(mission_with(), sites=(replace(mission_with().sites[0], latitude=89.9),))
    assert math.isfinite(spacing_sigma_ms(grid_of("reanalysis"), polar))


def test_given_the_era5_ensemble_then_ten_members_are_flown_and_its_narrowness_is_told(
    shared: Path,
) -> None:
    path = shared / "data/grids/rocketpy_era5/LASC2019_TATUI_reanalysis_ensemble.nc"
    table = copy.deepcopy(SMALL)
    table["site"] = [{"name": "Tatui", "latitude": -23.36, "longitude": -48.01,
                      "time_zone": "America/Sao_Paulo"}]  # fmt: skip
    table["launch"] = {"times": ["2019-08-10T12:00Z"]}
    table["target"], table["home"] = {"country": "Brazil"}, {"country": "Paraguay"}
    table["terrain"], table["wind"] = {"constant_m": 600}, {"surface": "log"}
    mission = parse_mission(table)
    grid = settle_wind_error(mission, build_grid(read_weather([path]), mission.wind))
    assert grid.base_count == 10
    assert np.bincount(grid.base).tolist() == [4] * 10
    assert grid.error is not None
    text = " ".join(grid.error.notes)
    print("\n" + text)
    spread = grid.error.spread_at_ms(_height(50_000.0), float(mission.launch_times_s[0]))
    assert 0.1 < spread < 0.5
    assert f"the 10 members differ by {spread:.1f} m/s at 500 hPa" in text
    ratio = grid.error.wanted_at_ms(_height(50_000.0), float(mission.launch_times_s[0])) / spread
    assert f"where such a wind errs by 1.7: {ratio:.1f} times too narrow" in text
    assert ratio > 4.0
    assert "for forecast error; the difference is drawn on top" in text
