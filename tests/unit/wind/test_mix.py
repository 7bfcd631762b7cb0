"""Several winds as one weighted set: every member is the wind of its source, to rounding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from downwind.errors import ArgumentError, SingleTimeError, WindCoverageError
from downwind.service.comparisons import pick_member
from downwind.times import parse_time
from downwind.wind._mix_axes import stretch_levels
from downwind.wind.cube import (
    EAST,
    HEIGHT,
    TERRAIN,
    WindCube,
    interpolate_wind,
    validate_cube,
)
from downwind.wind.grid import WindOptions, build_grid
from downwind.wind.ground import shift_levels
from downwind.wind.members import members_of_draws
from downwind.wind.mix import mix_cubes
from tests.unit.wind.store_cubes import RUN_S, make_cube

COARSE = {"source": "NCEP GEFS 2 deg", "spacing": 2.0, "members": 3, "levels": 4}
FINE = {"source": "ECMWF ENS 1 deg", "spacing": 1.0, "members": 2, "levels": 7}
BOX = (120.0, 33.0, 132.0, 43.0)


def flat(cube: WindCube) -> WindCube:
    """Return a cube with the ground at sea level, which moves no levels."""
    return WindCube(cube.dataset.assign({TERRAIN: 0.0 * cube.dataset[TERRAIN]}))


def expect_same(
    mixed: WindCube, first: int, cube: WindCube, times_s: Sequence[int], seed: int = 1
) -> None:
    """Check that members of a set give the wind of their source, by the reference rule."""
    rng = np.random.default_rng(seed)
    low, high = (f(cube.dataset[HEIGHT].values[:, :, k]) for f, k in ((np.max, 0), (np.min, -1)))
    for time_s in times_s:
        for member in range(cube.member_count):
            for _ in range(4):
                lon = float(rng.choice(mixed.longitude))
                lat = float(rng.choice(mixed.latitude))
                height = float(rng.uniform(low, high))
                ours = interpolate_wind(mixed, first + member, time_s, lon, lat, height)
                theirs = interpolate_wind(cube, member, time_s, lon, lat, height)
                assert ours == pytest.approx(theirs, abs=2e-3)


def test_given_two_winds_when_mixed_then_each_member_is_the_wind_of_its_source() -> None:
    coarse = flat(make_cube((0, 6, 12), **COARSE))
    fine = flat(make_cube((0, 3, 6, 9), box=(122.0, 34.0, 140.0, 50.0), **FINE))
    mixed = validate_cube(mix_cubes([coarse, fine], [0.25, 0.75]).dataset)
    assert (mixed.member_count, mixed.level_count) == (5, 7)
    assert mixed.longitude.tolist() == list(np.arange(122.0, 133.0))
    assert mixed.latitude.tolist() == list(np.arange(34.0, 44.0))
    assert [(t - RUN_S) / 3600 for t in mixed.times_s] == [0, 3, 6, 9]
    expect_same(mixed, 0, fine, [RUN_S, RUN_S + 5_000, RUN_S + 32_400])
    expect_same(mixed, 2, coarse, [RUN_S, RUN_S + 5_000, RUN_S + 32_400])
    assert [(p.source, p.members, p.weight) for p in mixed.parts] == [
        ("ECMWF ENS 1 deg", 2, 0.75),
        ("NCEP GEFS 2 deg", 3, 0.25),
    ]


def test_given_any_order_when_mixed_then_the_set_is_the_same() -> None:
    cubes = [make_cube((0, 6), **COARSE), make_cube((0, 6), **FINE)]
    one, two = mix_cubes(cubes, [0.4, 0.6]), mix_cubes(cubes[::-1], [0.6, 0.4])
    assert one.dataset.identical(two.dataset)
    assert one.digest != mix_cubes(cubes, [0.5, 0.5]).digest


def test_given_a_set_when_laid_out_then_draws_follow_the_weights() -> None:
    cubes = [flat(make_cube((0, 3), **COARSE)), flat(make_cube((0, 3), **FINE))]
    grid = build_grid(mix_cubes(cubes, [0.25, 0.75]), WindOptions(surface="log"))
    assert grid.weights == pytest.approx([0.375, 0.375, 0.25 / 3, 0.25 / 3, 0.25 / 3])
    assert np.bincount(members_of_draws(grid, 24)).tolist() == [9, 9, 2, 2, 2]
    alone = build_grid(cubes[1], WindOptions(surface="log"))
    assert alone.weights is None
    height = np.searchsorted(grid.arrays.height_m, alone.arrays.height_m[3])
    np.testing.assert_allclose(
        grid.arrays.wind[:2, 0, height], alone.arrays.wind[:, 0, 3], atol=2e-3
    )


def test_given_more_levels_when_stretched_then_all_own_levels_stay() -> None:
    for count, levels in ((2, 2), (3, 8), (13, 26), (26, 27)):
        axis = stretch_levels(count, levels)
        places = axis.low + axis.share
        assert places.size == levels
        assert np.all(np.diff(places) > 0.0)
        assert np.isin(np.arange(count), np.round(places, 6)).all()


def test_given_lagged_runs_of_one_model_when_mixed_then_the_lead_is_that_of_the_oldest() -> None:
    runs = [make_cube((0, 6, 12, 18), run_h=h) for h in (0, 6)]
    mixed = mix_cubes(runs)
    assert mixed.reference_time_s == RUN_S
    assert [part.reference_time_s for part in mixed.parts] == [RUN_S, RUN_S + 21_600]
    assert mixed.source == "NCEP GFS 1 deg"
    assert any("oldest of the runs, 2024-01-02T06:00:00Z" in note for note in mixed.notes)


def test_given_a_hole_in_one_when_mixed_then_it_stays_a_hole() -> None:
    gappy, whole = make_cube((0, 3, 12, 15), **COARSE), make_cube(range(0, 19, 3), **FINE)
    mixed = mix_cubes([gappy, whole])
    assert [(t - RUN_S) / 3600 for t in mixed.times_s] == [0, 3, 12, 15]
    grid = build_grid(mixed, WindOptions(surface="log"))
    assert len(grid.holes) == 1
    bridged = mix_cubes([gappy, whole], max_gap_hours=12.0)
    assert bridged.times_s.size == 6


def test_given_two_grounds_when_mixed_then_levels_keep_their_height_above_their_own_ground() -> (
    None
):
    coarse, fine = make_cube((0, 6), **COARSE), make_cube((0, 6), **FINE)
    raised = WindCube(coarse.dataset.assign({TERRAIN: coarse.dataset[TERRAIN] + 300.0}))
    mixed = mix_cubes([raised, fine])
    np.testing.assert_array_equal(
        mixed.dataset[TERRAIN].values, fine.dataset[TERRAIN].values[:, : mixed.longitude.size]
    )
    own_m = raised.dataset[TERRAIN].values
    points = fine.dataset[TERRAIN].values[::2, ::2]
    wanted = shift_levels(raised.dataset[HEIGHT].values, own_m, points - own_m)
    got = mixed.dataset[HEIGHT].values[2:, :, 0, ::2, ::2]
    np.testing.assert_allclose(got, wanted[:, :, 0], atol=0.01)
    np.testing.assert_allclose(mixed.dataset[HEIGHT].values[2:, :, -1, ::2, ::2], wanted[:, :, -1])


def test_given_a_global_wind_and_a_box_over_the_antimeridian_when_mixed_then_the_box_is_kept() -> (
    None
):
    world = flat(
        make_cube((0, 6), box=(-180.0, 30.0, 178.0, 46.0), spacing=2.0, source="world 2 deg")
    )
    box = flat(make_cube((0, 6), box=(170.0, 32.0, 190.0, 44.0), source="box 1 deg"))
    mixed = mix_cubes([world, box])
    assert (mixed.longitude[0], mixed.longitude[-1]) == (170.0, 190.0)
    expect_same(mixed, 0, box, [RUN_S])
    expect_same(mixed, 1, world, [RUN_S + 7_200])
    fine_world = flat(
        make_cube((0, 6), box=(-180.0, 30.0, 179.0, 46.0), spacing=1.0, source="a 1 deg")
    )
    coarse_box = flat(
        make_cube((0, 6), box=(170.0, 32.0, 190.0, 44.0), spacing=2.0, source="b 2 deg")
    )
    turned = mix_cubes([fine_world, coarse_box])
    assert (turned.longitude[0], turned.longitude[-1]) == (170.0, 190.0)
    expect_same(turned, 0, fine_world, [RUN_S])


def test_given_a_variable_that_one_lacks_when_mixed_then_it_is_unknown_there() -> None:
    with_it, without = make_cube((0, 6), **FINE), make_cube((0, 6), cloud=False, **COARSE)
    mixed = validate_cube(mix_cubes([with_it, without]).dataset)
    humidity = mixed.dataset["relative_humidity"].values
    assert np.isnan(humidity[2:]).all()
    assert np.isfinite(humidity[:2]).any()


def test_given_warnings_when_mixed_then_each_is_kept_with_its_wind() -> None:
    cube = make_cube((0, 6), **FINE)
    warned = WindCube(cube.dataset.assign_attrs(warnings="heights are guessed", notes="one\ntwo"))
    mixed = mix_cubes([warned, make_cube((0, 6), **COARSE)])
    assert mixed.warnings == ("ECMWF ENS 1 deg, run 2024-01-02T06:00Z: heights are guessed",)
    assert sum(note.startswith("ECMWF ENS 1 deg, run") for note in mixed.notes) == 2


@pytest.mark.parametrize(
    ("weights", "what"),
    [
        ([0.5, 0.4], "add up to 0.9, not to 1"),
        ([1.0, 0.0], "would never be flown"),
        ([1.5, -0.5], "not negative"),
        ([math.nan, 1.0], "is nan"),
        ([1.0], "1 weights for 2 winds"),
    ],
)
def test_given_bad_weights_when_mixed_then_refused(weights: list[float], what: str) -> None:
    cubes = [make_cube((0, 6), **FINE), make_cube((0, 6), **COARSE)]
    with pytest.raises(ArgumentError, match=what):
        mix_cubes(cubes, weights)


def test_given_winds_that_make_no_set_when_mixed_then_refused_with_both_named() -> None:
    fine = make_cube((0, 6), **FINE)
    with pytest.raises(ArgumentError, match="run 2024-01-02T06:00Z is given twice"):
        mix_cubes([fine, fine])
    with pytest.raises(ArgumentError, match="make no set"):
        mix_cubes([fine, make_cube((0, 6), nature="reanalysis", source="ERA5")])
    with pytest.raises(WindCoverageError, match="no time in common .*2024-01-03T06:00:00Z"):
        mix_cubes([fine, make_cube((24, 30), **COARSE)])
    with pytest.raises(WindCoverageError, match="no box in common .*0 to 10 E"):
        mix_cubes([fine, make_cube((0, 6), box=(0.0, 33.0, 10.0, 43.0), **COARSE)])
    with pytest.raises(SingleTimeError, match="holds one time only"):
        mix_cubes([fine, make_cube((3,), **COARSE)])


def test_given_one_time_in_each_when_mixed_then_it_can_be_held_steady() -> None:
    mixed = mix_cubes([make_cube((3,), **FINE), make_cube((3,), **COARSE)])
    assert mixed.times_s.tolist() == [parse_time("2024-01-02T09:00Z")]
    grid = build_grid(mixed, WindOptions(surface="log", steady_hours=6.0))
    assert grid.base_count == 5
    assert EAST in mixed.dataset


def test_given_a_set_when_one_member_is_taken_then_its_weights_are_not_kept() -> None:
    mixed = mix_cubes([make_cube((0, 6), **FINE), make_cube((0, 6), **COARSE)], [0.5, 0.5])
    assert mixed.weights == pytest.approx([0.25, 0.25, 1 / 6, 1 / 6, 1 / 6])
    grid = build_grid(mixed, WindOptions(surface="log"), member_limit=2)
    assert (grid.weights, grid.parts, grid.base_count) == (None, (), 2)
    assert pick_member(mixed, "mean")[0].weights is None
    one, which = pick_member(mixed, "3")
    assert (one.weights, one.member_count, which) == (None, 1, "member 3 of 5")
