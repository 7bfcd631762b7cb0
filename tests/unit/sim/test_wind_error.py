"""Draws that each have an error of the wind of their own, and what flies in it."""

from __future__ import annotations

import math
from dataclasses import replace

import numba as nb
import numpy as np
import pytest

from docs.figures.error_fields import size_of, uniform_grid
from downwind.errors import ArgumentError, WindCoverageError
from downwind.sim.draws import Draws
from downwind.sim.drop import drop_items
from downwind.sim.flight import fly_balloons
from downwind.sim.profile import Stage, StageStop, VerticalLaw, fly_profiles, make_profiles
from downwind.sim.wind_error import perturb_grid
from downwind.wind.error import Scales
from downwind.wind.grid import WindGrid
from downwind.wind.perturbation import ErrorSize, sample_errors
from tests.unit.sim.made_winds import DEG_M, make_balloon, make_items, wind_grid

HOUR_S = 3_600.0
NONE = np.zeros(1)
NOTHING = ErrorSize(NONE, NONE, np.zeros((1, 1)), 0.0, 0.0, 0.0, 0.0)
USUAL = replace(
    NOTHING, large_ms=np.full((1, 1), 1.9), fine_ms=1.4, slow_up_ms=0.05, fast_up_ms=0.1,
    mountain_up_ms=0.3,
)  # fmt: skip


def two_winds(
    terrain: float | np.ndarray = 0.0, u: float = 10.0, hours: float = 8.0, top: float = 8_000.0
) -> WindGrid:
    """Two members, ``u`` eastward and 2 u northward, around 125 E 38 N."""
    grid = wind_grid(
        lambda x, y, h, t: (u + 0.0 * (x + y + h), 0.0 * (x + h)),
        time=np.linspace(0.0, hours * HOUR_S, 3),
        height=np.linspace(0.0, top, 9),
        latitude=np.linspace(35.0, 41.0, 25),
        longitude=np.linspace(121.0, 131.0, 41),
        terrain=terrain,
    )
    both = np.concatenate([grid.arrays.wind, grid.arrays.wind[..., [1, 0, 2]] * 2.0])
    arrays = grid.arrays._replace(
        wind=both, wind_flat=both.reshape(-1), base=np.arange(2, dtype=np.int32)
    )
    return replace(grid, arrays=arrays)


def fall(grid: WindGrid, count: int = 40, step_s: float = 200.0) -> np.ndarray:
    items = make_items(np.full(count, 125.0), 38.0, 3_000.0, 600.0, 1.5)
    items = items._replace(member=np.arange(count) % grid.member_count)
    found = drop_items(grid, items, step_s, "plain")
    return np.stack([found.longitude, found.latitude, found.height_m, found.time_s])


# --- which bits -----------------------------------------------------------------------------------


def test_given_the_same_seed_when_drawn_again_then_every_bit_is_the_same() -> None:
    one, two = (perturb_grid(two_winds(), USUAL, Draws(5), 8, 125.0, 38.0) for _ in range(2))
    assert np.array_equal(one.arrays.error_values, two.arrays.error_values)
    assert np.array_equal(fall(one), fall(two))
    other = perturb_grid(two_winds(), USUAL, Draws(6), 8, 125.0, 38.0)
    assert not np.array_equal(one.arrays.error_values, other.arrays.error_values)


def test_given_more_draws_when_drawn_then_those_before_keep_their_bits() -> None:
    few, many = (perturb_grid(two_winds(), USUAL, Draws(5), n, 125.0, 38.0) for n in (3, 50))
    assert np.array_equal(fall(few, 3), fall(many, 3))


def test_given_one_thread_or_two_when_drawn_then_the_bits_are_the_same() -> None:
    threads = nb.get_num_threads()
    try:
        nb.set_num_threads(1)
        one = perturb_grid(two_winds(), USUAL, Draws(5), 9, 125.0, 38.0)
        alone = fall(one)
        nb.set_num_threads(threads)
        two = perturb_grid(two_winds(), USUAL, Draws(5), 9, 125.0, 38.0)
    finally:
        nb.set_num_threads(threads)
    assert np.array_equal(one.arrays.error_values, two.arrays.error_values)
    assert np.array_equal(alone, fall(two))


def test_given_another_order_when_items_fall_then_each_lands_where_it_did() -> None:
    grid = perturb_grid(two_winds(), USUAL, Draws(5), 9, 125.0, 38.0)
    items = make_items(np.full(30, 125.0), 38.0, 3_000.0, 600.0 + np.arange(30.0))
    items = items._replace(member=np.arange(30) % 9)
    order = np.random.default_rng(1).permutation(30)
    columns = {
        name: column[order] if column.size == 30 else column
        for name, column in items._asdict().items()
    }
    straight = drop_items(grid, items, 200.0, "plain")
    mixed = drop_items(grid, items._replace(**columns), 200.0, "plain")
    assert np.array_equal(straight.longitude[order], mixed.longitude)
    assert np.array_equal(straight.latitude[order], mixed.latitude)


# --- members, and fields that are not there -------------------------------------------------------


def test_given_two_winds_when_drawn_then_draws_take_turns_and_move_with_their_own() -> None:
    grid = perturb_grid(two_winds(), USUAL, Draws(1), 5, 125.0, 38.0)
    assert (grid.member_count, grid.base_count) == (5, 2)
    assert grid.base.tolist() == [0, 1, 0, 1, 0]
    np.testing.assert_allclose(grid.arrays.error_frame[:2], [[10.0, 0.0], [0.0, 20.0]])
    assert grid.packed is not None
    chosen = perturb_grid(two_winds(), USUAL, Draws(1), 3, 125.0, 38.0, base=[1, 1, 0])
    assert chosen.base.tolist() == [1, 1, 0]
    # a grid that says itself which draw flies in what is asked
    said = chosen.with_members(chosen.arrays._replace(has_error=False))
    assert perturb_grid(said, USUAL, Draws(1), 6, 125.0, 38.0).base.tolist() == [1, 1, 0] * 2


def test_given_a_base_when_drawn_then_the_error_is_that_of_the_draw_whatever_its_wind() -> None:
    one = perturb_grid(two_winds(), USUAL, Draws(1), 4, 125.0, 38.0, base=[0, 0, 0, 0])
    two = perturb_grid(two_winds(), USUAL, Draws(1), 4, 125.0, 38.0, base=[1, 0, 1, 0])
    assert np.array_equal(one.arrays.error_values, two.arrays.error_values)


def test_given_sizes_of_zero_when_drawn_then_members_are_counted_and_fly_as_the_data() -> None:
    grid = perturb_grid(two_winds(), NOTHING, Draws(1), 6, 125.0, 38.0)
    assert grid.member_count == 6
    assert not grid.arrays.has_error
    assert grid.arrays.error_values.size == 1
    assert np.array_equal(fall(grid, 6)[:, :2], fall(two_winds(), 2))


@pytest.mark.parametrize("name", ["large", "fine", "slow_up", "fast_up"])
def test_given_one_field_when_drawn_then_the_others_are_exactly_nothing(name: str) -> None:
    grid = perturb_grid(two_winds(), size_of(name), Draws(1), 6, 125.0, 38.0)
    found = sample_errors(grid.arrays, np.arange(6), 125.0, 38.0, 3_000.0, 900.0)
    there = {"large": (0, 1), "fine": (0, 1), "slow_up": (2,), "fast_up": (3,)}[name]
    for part in range(4):
        assert (found[part] != 0.0).all() == (part in there)
        assert (found[part] == 0.0).all() == (part not in there)
    # a field that is not there takes one word a member at most
    whole = perturb_grid(two_winds(), USUAL, Draws(1), 6, 125.0, 38.0)
    assert grid.arrays.error_values.size < whole.arrays.error_values.size


def test_given_fields_left_out_when_drawn_then_the_others_keep_their_numbers() -> None:
    whole = perturb_grid(two_winds(), USUAL, Draws(1), 6, 125.0, 38.0)
    alone = perturb_grid(two_winds(), replace(NOTHING, fast_up_ms=0.1), Draws(1), 6, 125.0, 38.0)
    point = (np.arange(6), 125.0, 38.0, 3_000.0, 900.0)
    assert np.array_equal(
        sample_errors(whole.arrays, *point)[3], sample_errors(alone.arrays, *point)[3]
    )


# --- what flies -----------------------------------------------------------------------------------


def test_given_a_field_that_never_changes_when_an_item_falls_then_it_is_carried_by_it() -> None:
    """Scales so long that the error of a member is one vector: the way is that of both winds."""
    scales = Scales(1e9, math.inf, 1e9)
    steady = replace(NOTHING, fine_ms=2.0, fine=scales)
    grid = perturb_grid(two_winds(), steady, Draws(4), 12, 125.0, 38.0, base=[0] * 12)
    east, north = sample_errors(grid.arrays, np.arange(12), 125.0, 38.0, 3_000.0, 600.0)[:2]
    assert np.hypot(east, north).min() > 0.1
    longitude, latitude, height, time = fall(grid, 12)
    np.testing.assert_allclose(time, 600.0 + 2_000.0, atol=1e-3)
    np.testing.assert_allclose(height, 0.0, atol=2e-3)
    np.testing.assert_allclose((latitude - 38.0) * DEG_M, 2_000.0 * north, atol=0.5)
    middle = np.cos(np.radians(0.5 * (latitude + 38.0)))
    way = 2_000.0 * (10.0 + east)
    np.testing.assert_allclose((longitude - 125.0) * DEG_M * middle, way, atol=1.0)


def test_given_a_steady_upward_error_when_an_item_falls_then_it_lands_later_by_it() -> None:
    scales = Scales(1e9, math.inf, 1e9)
    steady = replace(NOTHING, slow_up_ms=0.2, slow_up=scales)
    grid = perturb_grid(two_winds(), steady, Draws(4), 40, 125.0, 38.0)
    up = sample_errors(grid.arrays, np.arange(40), 125.0, 38.0, 3_000.0, 600.0)[2]
    time = fall(grid, 40, 10.0)[3] - 600.0
    # the last 500 m above the ground it fades: dh/dt = -v + up h / 500
    last = 500.0 / up * np.log(1.5 / (1.5 - up))
    np.testing.assert_allclose(time, 2_500.0 / (1.5 - up) + last, rtol=2e-3)
    # the balloon meets the same air
    lone = make_balloon(fire=(900.0,), count=40, longitude=125.0, latitude=38.0, time_s=600.0,
                        member=np.arange(40), follow=False)  # fmt: skip
    still = fly_balloons(grid.without_error(), lone, 10.0).release_height_m[:, 0]
    risen = fly_balloons(grid, lone, 10.0).release_height_m[:, 0] - still
    assert np.corrcoef(risen, up)[0, 1] > 0.999
    assert np.all(np.abs(risen) < 900.0 * np.abs(up))
    assert np.all(np.abs(risen) > 600.0 * np.abs(up))


def test_given_mountains_in_strong_flow_when_read_then_the_mesoscale_part_is_as_asked() -> None:
    """By the spread of fall times over many members, against flat land and a weak wind."""
    ridge = np.zeros((25, 41))
    ridge[:, ::2] = 400.0
    size = replace(NOTHING, fast_up_ms=0.1, mountain_up_ms=0.3, fast_up=Scales(1e9, math.inf, 1e9))
    found = {}
    away_s = HOUR_S - 600.0
    for name, terrain, u in (("flat", 0.0, 15.0), ("calm", ridge, 5.0), ("strong", ridge, 15.0)):
        grid = perturb_grid(two_winds(terrain, u, 1.0), size, Draws(2), 300, 125.0, 38.0,
                            base=[0] * 300)  # fmt: skip
        assert bool(grid.arrays.error_mountain.any()) == (name != "flat")
        items = make_items(np.full(300, 125.0), 38.0, 5_000.0, 600.0, 3.0)
        items = items._replace(member=np.arange(300))
        # to the end of the data: no ground is met
        ends = drop_items(
            grid, items._replace(low_speed_ms=np.array([1e-3]), high_speed_ms=np.array([1e-3])),
            60.0, "plain",
        )  # fmt: skip
        assert not ends.on_ground.any()
        found[name] = np.std(ends.height_m) / away_s
    assert found["flat"] == pytest.approx(0.1, rel=3.0 / math.sqrt(600))
    assert found["calm"] == pytest.approx(found["flat"], rel=1e-6)
    assert found["strong"] == pytest.approx(3.0 * found["flat"], rel=1e-3)


def test_given_no_mesoscale_error_but_over_mountains_when_read_then_it_is_there_alone() -> None:
    ridge = np.zeros((25, 41))
    ridge[:, 20:] = 800.0 * np.arange(21)[None, :] % 1_600.0
    size = replace(NOTHING, mountain_up_ms=0.3)
    grid = perturb_grid(two_winds(ridge, 15.0), size, Draws(2), 500, 125.0, 38.0)
    fast = sample_errors(grid.arrays, np.arange(500), 125.0, 38.0, 5_000.0, 900.0)[3]
    assert fast.std() < 1e-6
    grown = fast.std() * (1.0 + grid.arrays.error_mountain.max())
    assert grown == pytest.approx(0.3, rel=3.0 / math.sqrt(1_000))


def test_given_a_parcel_in_uniform_wind_when_carried_then_its_spread_is_the_closed_form() -> None:
    """PHYSICS 5: sigma sqrt(2 tau^2 (T/tau - 1 + exp(-T/tau))) after T, moving with the wind.

    24 h lead at and below 700 hPa: 19.4 km by the large scales, 8.0 km by the unresolved part and
    21.0 km together after 3 h. 2,000 members, two components: a standard error of 1.1 %; the
    bound is 5 %.
    """
    for names, expected_km in ((("large",), 19.44), (("fine",), 7.97), (("large", "fine"), 21.0)):
        size = NOTHING
        for name in names:
            size = replace(size, **{f"{name}_ms": getattr(size_of(name), f"{name}_ms")})
        grid = perturb_grid(uniform_grid(3.0 * HOUR_S, 2_000.0), size, Draws(11), 2_000, 20.0, 0.0)
        start = make_items(np.full(2_000, 20.0), 0.0, 1_000.0, 0.0, 1e-4)
        ends = drop_items(grid, start._replace(member=np.arange(2_000)), 60.0, "plain")
        assert np.allclose(ends.time_s, 3.0 * HOUR_S)
        where = DEG_M * np.stack([ends.longitude - 20.0, ends.latitude]) / 1e3
        where -= np.array([[10.0], [3.0]]) * 10.8
        found = math.sqrt(float((where**2).mean()))
        assert found == pytest.approx(expected_km, rel=0.05), names


def test_given_a_profile_when_flown_then_it_is_in_the_wind_of_the_data() -> None:
    plain = two_winds()
    grid = perturb_grid(plain, USUAL, Draws(1), 5, 125.0, 38.0, base=[1, 0, 1, 0, 1])
    stages = [Stage(VerticalLaw.FALL, 5.0, StageStop.GROUND)]
    for member, base in ((0, 1), (1, 0), (4, 1)):
        with_errors, bare = (
            fly_profiles(wind, make_profiles(125.0, 38.0, 3_000.0, 600.0, stages, m))
            for wind, m in ((grid, member), (plain, base))
        )
        assert np.array_equal(with_errors.longitude, bare.longitude)
        assert np.array_equal(with_errors.latitude, bare.latitude)


def test_given_shorter_steps_when_items_fall_then_the_spread_of_landings_is_the_same() -> None:
    """The error is read once a step: one landing depends on the steps a little, their law hardly.

    The mean of a field over a step of d has a variance that is (d / tau)^2 / 12 too large.
    """
    grid = perturb_grid(two_winds(), USUAL, Draws(5), 400, 125.0, 38.0, base=[0] * 400)
    items = make_items(np.full(400, 125.0), 38.0, 5_000.0, 600.0, 1.5)
    items = items._replace(member=np.arange(400))
    fine, coarse = (drop_items(grid, items, step, "plain") for step in (5.0, 400.0))
    for name, least_m in (("longitude", 4_000.0), ("latitude", 5_000.0)):
        one, other = (DEG_M * getattr(ends, name) for ends in (fine, coarse))
        assert one.std() > least_m
        assert other.std() == pytest.approx(one.std(), rel=0.02)
        assert np.median(np.abs(one - other)) < 0.05 * one.std()
        assert abs(one.mean() - other.mean()) < 0.02 * one.std()


def test_given_an_error_when_items_fall_by_the_usual_kernel_then_it_carries_them() -> None:
    grid = perturb_grid(two_winds(), USUAL, Draws(5), 100, 125.0, 38.0, base=[0] * 100)
    items = make_items(np.full(100, 125.0), 38.0, 5_000.0, 600.0, 1.5)
    items = items._replace(member=np.arange(100))
    usual, plain = (drop_items(grid, items, 200.0, engine) for engine in ("auto", "plain"))
    off = DEG_M * np.abs(usual.latitude - plain.latitude)
    assert DEG_M * plain.latitude.std() > 5_000.0
    assert np.median(off) < 0.02 * DEG_M * plain.latitude.std()


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fine_ms": -1.0}, "fine_ms"),
        ({"slow_up_ms": math.nan}, "slow_up_ms"),
        ({"fast_up_ms": math.inf}, "fast_up_ms"),
        ({"mountain_up_ms": 300.0}, "mountain_up_ms"),
        ({"large_ms": np.array([[-0.1]])}, "large_ms"),
        ({"large_ms": np.zeros((2, 1))}, "shape"),
        ({"height_m": np.zeros(0), "large_ms": np.zeros((0, 1))}, "shape"),
        ({"time_s": np.array([5.0, 5.0]), "large_ms": np.zeros((1, 2))}, "time_s"),
        ({"height_m": np.array([math.nan])}, "height_m"),
        ({"large": Scales(-1.0, 1.0, 1.0)}, "horizontal_m"),
        (
            {
                "height_m": np.array([0.0, 1.0]),
                "large_ms": np.array([[1.0], [2.0]]),
                "large": Scales(4e5, math.inf, 32_400.0),
            },
            "the same at all heights",
        ),
    ],
)
def test_given_a_size_that_is_none_when_drawn_then_an_error_says_which(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        perturb_grid(two_winds(), replace(USUAL, **change), Draws(1), 2, 125.0, 38.0)


@pytest.mark.parametrize("base", [[0], [0, 2], [-1, 0], [0.0, 1.0]])
def test_given_a_base_that_does_not_fit_when_drawn_then_an_error_says_so(base: list[int]) -> None:
    with pytest.raises(ArgumentError, match="wind"):
        perturb_grid(two_winds(), USUAL, Draws(1), 2, 125.0, 38.0, base=base)


def test_given_scales_of_a_minute_and_metres_when_drawn_then_the_memory_is_refused_by_name() -> (
    None
):
    small = replace(USUAL, large=Scales(400_000.0, 50.0, 60.0))
    with pytest.raises(ArgumentError, match="GiB for 200 draws.*large-scale part has 2048 nodes"):
        perturb_grid(two_winds(), small, Draws(1), 200, 126.0, 38.0)


def test_given_no_draws_when_drawn_then_an_error_says_so() -> None:
    with pytest.raises(ArgumentError, match="0 draws"):
        perturb_grid(two_winds(), USUAL, Draws(1), 0, 125.0, 38.0)


def test_given_a_place_outside_the_wind_when_drawn_then_an_error_says_so() -> None:
    with pytest.raises(WindCoverageError, match="the error of the wind"):
        perturb_grid(two_winds(), USUAL, Draws(1), 2, 12.0, 38.0)


def test_given_a_pole_when_drawn_then_it_is_told_and_the_size_holds() -> None:
    wind = wind_grid(
        lambda x, y, h, t: (5.0 + 0.0 * (x + y + h), 0.0 * (x + h)),
        longitude=np.linspace(0.0, 360.0, 73),
        latitude=np.linspace(60.0, 90.0, 31),
        height=np.linspace(0.0, 8_000.0, 5),
        time=np.array([0.0, 7_200.0]),
    )
    grid = perturb_grid(wind, USUAL, Draws(1), 400, 10.0, 88.0)
    assert any("pole" in told for told in grid.bridges)
    east, north = sample_errors(grid.arrays, np.arange(400), 100.0, 89.5, 3_000.0, 900.0)[:2]
    size = math.hypot(1.9, 1.4)
    assert np.std([east, north]) == pytest.approx(size, rel=3.0 / math.sqrt(1_600))
    items = make_items(np.full(400, 10.0), 88.0, 2_000.0, 600.0, 2.0)
    ends = drop_items(grid, items._replace(member=np.arange(400)), 200.0, "plain")
    assert np.isfinite(ends.longitude).all()
    assert ends.on_ground.all()
    away = perturb_grid(wind, USUAL, Draws(1), 2, 10.0, 70.0)
    assert not any("pole" in told for told in away.bridges)
