"""Turbulence: the profile, the exact steps, mixed crowds that stay mixed, and its own normals."""

from __future__ import annotations

import math
import platform
import re
import zlib

import numba as nb
import numpy as np
import pytest
from scipy import stats

from downwind.errors import MissionError
from downwind.sim.draws import Cause
from downwind.sim.drop import drop_items
from downwind.sim.turbulence import Turbulence, kernels, stream_key
from tests.unit.sim.made_winds import make_items, wind_grid

NIGHT = Turbulence.night()
DAY = Turbulence(1_500.0, 0.3, -50.0, 1.8)
NEUTRAL = Turbulence(800.0, 0.4, 1e4)
AIRS = pytest.mark.parametrize("air", [NIGHT, DAY, NEUTRAL], ids=["night", "day", "neutral"])
TYPES = pytest.mark.parametrize(("dtype", "bound"), [(np.float64, 1e-9), (np.float32, 3e-6)])
RATIOS = (0.01, 0.1, 0.49, 0.51, 1.0, 10.0, 100.0)
KEY = (np.uint32(0x2545F491), np.uint32(0x4F6CDD1D))


# --- the profile ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("z", "air", "expected"),
    [
        (200.0, NEUTRAL, (0.6986, 0.4805, 0.4805, 118.92, 118.92, 118.92)),
        (500.0, DAY, (0.9100, 0.9100, 1.2052, 247.3, 247.3, 151.4)),
        (50.0, NIGHT, (0.2350, 0.1562, 0.1562, 63.8, 29.8, 42.2)),
    ],
    ids=["neutral", "unstable", "stable"],
)
@TYPES
def test_vector_11_hanna_has_its_computed_values(z, air, expected, dtype, bound) -> None:
    found = kernels.hanna(*(dtype(x) for x in (z, *air.scales[:4])))

    np.testing.assert_allclose(found[:3], expected[:3], atol=5.1e-5)
    np.testing.assert_allclose(found[3:], expected[3:], atol=0.051)


@pytest.mark.parametrize(
    ("z", "air", "expected"),
    [
        (0.0, NIGHT, (10.0, 10.0, 30.0)),
        (0.0, NEUTRAL, (10.0, 10.0, 30.0)),
        (1e-9, DAY, (247.25, 247.25, 30.0)),
    ],
)
def test_at_the_ground_time_scales_stand_on_their_floors(z, air, expected) -> None:
    found = kernels.hanna(z, *air.scales[:4])

    np.testing.assert_allclose(found[3:], expected, atol=0.01)
    assert np.isfinite(found).all()


@AIRS
@pytest.mark.parametrize("fall", [0.0, 0.65, 8.0])
def test_slopes_with_height_are_those_of_the_profile(air, fall) -> None:
    for zeta in (0.004, 0.02, 0.07, 0.23, 0.61, 0.97):
        z, e = zeta * air.boundary_layer_m, 1e-6 * air.boundary_layer_m
        above = kernels.local_turbulence(z + e, air.scales, fall)
        below = kernels.local_turbulence(z - e, air.scales, fall)
        here = kernels.local_turbulence(z, air.scales, fall)
        variance = (above[2] ** 2 - below[2] ** 2) / (2.0 * e)

        assert kernels.variance_slope(z, *air.scales[:4]) == pytest.approx(variance, rel=1e-6)
        assert here[6] == pytest.approx((above[2] - below[2]) / (2.0 * e), rel=1e-6)
        assert here[7] == pytest.approx((above[5] - below[5]) / (2.0 * e), rel=1e-5, abs=1e-7)


@AIRS
def test_a_fall_shortens_the_time_scales_as_csanady_says(air) -> None:
    z, fall = 0.3 * air.boundary_layer_m, 1.3
    still = kernels.local_turbulence(z, air.scales, 0.0)
    met = kernels.local_turbulence(z, air.scales, fall)
    ratio = fall / still[2]

    assert still[:6] == pytest.approx(kernels.hanna(z, *air.scales[:4]))
    assert met[:3] == still[:3]
    assert still[5] / met[5] == pytest.approx(math.sqrt(1.0 + ratio**2))
    assert still[3] / met[3] == pytest.approx(math.sqrt(1.0 + 4.0 * ratio**2))
    assert still[4] / met[4] == pytest.approx(math.sqrt(1.0 + 4.0 * ratio**2))


def test_above_the_boundary_layer_the_air_wanders_sideways_only() -> None:
    found = kernels.local_turbulence(200.0, NIGHT.scales, 0.65)

    assert found == pytest.approx((math.sqrt(0.5), math.sqrt(0.5), 0.0, 100.0, 100.0, 100.0, 0, 0))


@pytest.mark.parametrize("z", [-1.0, 0.0, 10.0, 5_000.0])
def test_without_turbulence_nothing_moves(z: float) -> None:
    su, sv, sw, *rest = kernels.local_turbulence(z, Turbulence.none().scales, 1.0)

    assert (su, sv, sw) == (0.0, 0.0, 0.0)
    assert np.isfinite(rest).all()
    assert not Turbulence.none().is_on
    assert Turbulence.night().is_on


@AIRS
def test_float32_gives_the_profile_of_float64(air) -> None:
    for z in np.linspace(0.5, 1.2 * air.boundary_layer_m, 60):
        found = kernels.local_turbulence(np.float32(z), air.scales32, np.float32(0.65))
        true = kernels.local_turbulence(float(np.float32(z)), air.scales, 0.65)

        np.testing.assert_allclose(found[:7], true[:7], rtol=2e-6, atol=1e-9)
        np.testing.assert_allclose(found[7], true[7], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"boundary_layer_m": -1.0}, "boundary_layer_m"),
        ({"boundary_layer_m": math.inf}, "boundary_layer_m"),
        ({"friction_velocity_ms": 0.0}, "friction_velocity_ms"),
        ({"obukhov_length_m": 0.0}, "obukhov_length_m"),
        ({"obukhov_length_m": math.nan}, "obukhov_length_m"),
        ({"convective_velocity_ms": math.nan}, "convective_velocity_ms"),
        ({"diffusivity_m2s": -50.0}, "diffusivity_m2s"),
        ({"time_scale_s": 0.0}, "time_scale_s"),
    ],
)
def test_turbulence_out_of_range_is_refused_by_name(wrong, named) -> None:
    with pytest.raises(MissionError, match=named) as caught:
        Turbulence(**wrong)

    assert [name for name, _ in caught.value.faults] == [named]


def test_the_defaults_are_those_of_a_night() -> None:
    assert NIGHT.scales == (200.0, 0.15, 40.0, 0.0, 50.0, 100.0, None, None)


# --- exact steps ---------------------------------------------------------------------------------


def step_matrices(d, sigma, time_scale, dtype):
    """Return the linear map of (velocity, path) over a step, and what its two normals add."""
    args = [dtype(x) for x in (sigma, time_scale, d)]
    start, first, second = (
        np.array(kernels.wander_step(dtype(u), *args, dtype(n1), dtype(n2)), np.float64)
        for u, n1, n2 in ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    )
    carried = np.array([[start[0], 0.0], [start[1], 1.0]])
    return carried, np.outer(first, first) + np.outer(second, second)


@pytest.mark.parametrize("x", RATIOS)
@TYPES
def test_a_wander_step_has_the_closed_moments_of_velocity_and_path(x, dtype, bound) -> None:
    sigma, t = 0.8, 40.0
    carried, noise = step_matrices(x * t, sigma, t, dtype)
    r, lost = math.exp(-x), -math.expm1(-x)
    spread = 2.0 * x - 2.0 * lost - lost**2
    if x < 0.05:  # the first terms of its series, which differs from it by less than x^3 / 5
        spread = 2.0 / 3.0 * x**3 * (1.0 - 0.75 * x + 0.35 * x**2)
    cross = lost**2
    scale = sigma**2 * np.array([[1.0, t], [t, t * t]])
    expected = scale * np.array([[-math.expm1(-2.0 * x), cross], [cross, spread]])

    np.testing.assert_allclose(carried, [[r, 0.0], [t * lost, 1.0]], rtol=bound, atol=bound)
    np.testing.assert_allclose(noise, expected, rtol=max(20.0 * bound, 0.2 * min(x, 0.01) ** 3))


@pytest.mark.parametrize("x", RATIOS)
def test_two_half_steps_are_one_whole_step_in_law(x: float) -> None:
    whole, noise = step_matrices(x * 40.0, 0.8, 40.0, np.float64)
    half, half_noise = step_matrices(0.5 * x * 40.0, 0.8, 40.0, np.float64)

    np.testing.assert_allclose(half @ half, whole, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(half @ half_noise @ half.T + half_noise, noise, rtol=2e-8)


def test_a_long_wander_step_spreads_by_2_sigma_squared_t_d() -> None:
    _, noise = step_matrices(1e6, 0.8, 40.0, np.float64)

    assert noise[1, 1] == pytest.approx(2.0 * 0.64 * 40.0 * 1e6, rel=1e-4)


@pytest.mark.parametrize("x", RATIOS)
def test_vertical_steps_in_even_air_spread_by_2_k_d_each(x: float) -> None:
    sigma, t = 0.6, 50.0
    d = x * t
    after, way = kernels.vertical_step(0.0, sigma, t, 0.0, 0.0, d, 1.0)
    kept, _ = kernels.vertical_step(1.0, sigma, t, 0.0, 0.0, d, 0.0)
    stride = way / after  # the way of a state of 1
    growth = stride**2 * (1.0 + kept) / (1.0 - kept)

    assert kept**2 + after**2 == pytest.approx(1.0, rel=1e-12)
    assert growth == pytest.approx(2.0 * sigma**2 * t * d, rel=1e-9)


@pytest.mark.parametrize("d", [0.3, 10.0, 40.0, 400.0])
@pytest.mark.parametrize("slope", [-2e-3, 0.0, 5e-3])
@pytest.mark.parametrize("state", [-1.7, 0.4, 2.2])
def test_a_vertical_step_keeps_a_mixed_crowd_where_sigma_is_linear(d, slope, state) -> None:
    t, e = 40.0, 1e-5

    def step(z, s):
        after, way = kernels.vertical_step(s, 0.5 + slope * z, t, slope, 0.0, d, 0.0)
        return np.array([z + way, after])

    by_z = (step(e, state) - step(-e, state)) / (2.0 * e)
    by_s = (step(0.0, state + e) - step(0.0, state - e)) / (2.0 * e)
    friction = math.exp(-d / t)
    stretch = (by_z[0] * by_s[1] - by_z[1] * by_s[0]) / friction
    slowed, after = friction * state, step(0.0, state)[1]

    # the density of (height, state) after the flow, over what it has to be there
    assert math.exp(0.5 * (after**2 - slowed**2)) / stretch == pytest.approx(1.0, rel=1e-6)


def test_a_long_vertical_step_drifts_by_the_slope_of_k() -> None:
    sigma, t, slope, t_slope, d = 0.5, 2.0, 1e-5, 3e-4, 200.0
    n = np.polynomial.hermite_e.hermegauss(40)
    ways = [kernels.vertical_step(0.0, sigma, t, slope, t_slope, d, x)[1] for x in n[0]]
    drift = float(np.dot(n[1], ways)) / math.sqrt(2.0 * math.pi) / d

    # K' = 2 sigma sigma' T + sigma^2 T', to the order of d/T beyond which a state is forgotten
    assert drift == pytest.approx(2.0 * sigma * slope * t + sigma**2 * t_slope, rel=0.01)


@pytest.mark.parametrize("slope", [-1e-3, 3e-3])
def test_a_short_vertical_step_is_thomson_s_model(slope: float) -> None:
    sigma, t, w, d = 0.5, 40.0, 0.7, 1e-4
    after, way = kernels.vertical_step(w / sigma, sigma, t, slope, 0.0, d, 0.0)
    acceleration = ((sigma + slope * way) * after - w) / d

    # -w/T + (1 + w^2 / sigma^2) / 2 times the slope of sigma^2
    assert acceleration == pytest.approx(
        -w / t + 0.5 * (1.0 + w**2 / sigma**2) * 2.0 * sigma * slope, rel=1e-4
    )
    assert way == pytest.approx(w * d, rel=1e-4)


def test_along_and_across_are_turned_to_east_and_north() -> None:
    assert kernels.to_east_north(2.0, 0.0, 3.0, 4.0) == pytest.approx((1.2, 1.6))
    assert kernels.to_east_north(0.0, 1.0, 5.0, 0.0) == pytest.approx((0.0, 1.0))
    assert kernels.to_east_north(0.0, 1.0, 0.0, 5.0) == pytest.approx((-1.0, 0.0))
    assert kernels.to_east_north(0.3, 0.4, 0.0, 0.0) == (0.3, 0.4)


# --- crowds --------------------------------------------------------------------------------------


@nb.njit(error_model="numpy")
def walk(east, north, air, d, steps, key0, key1):
    """Let walkers wander above the boundary layer, in a wind to the north-east."""
    for i in range(east.size):
        u, v = 0.0, 0.0
        for j in range(-1, steps):
            n0, n1, n2, n3 = kernels.normals4(
                np.uint32(j + 1), np.uint32(i), np.uint32(0), np.uint32(0), key0, key1, 1.0
            )
            su, sv, _, tu, tv, _, _, _ = kernels.local_turbulence(3_000.0, air, 1.0)
            if j < 0:
                u, v = n0, n1
                continue
            u, along = kernels.wander_step(u, 1.0, tu, d, n0, n1)
            v, across = kernels.wander_step(v, 1.0, tv, d, n2, n3)
            x, y = kernels.to_east_north(su * along, sv * across, 3.0, 3.0)
            east[i] += x
            north[i] += y


@nb.njit(error_model="numpy")
def stir(z, state, air, d, steps, drift, key0, key1):
    """Let a crowd wander upward and downward between walls that reflect it."""
    for i in range(z.size):
        height, s = z[i], state[i]
        for j in range(steps):
            n, _, _, _ = kernels.normals4(
                np.uint32(j), np.uint32(i), np.uint32(0), np.uint32(0), key0, key1, 1.0
            )
            _, _, sw, _, _, tw, slope, t_slope = kernels.local_turbulence(height, air, 0.0)
            s, way = kernels.vertical_step(s, sw, tw, drift * slope, drift * t_slope, d, n)
            height += way
            while height < 0.0 or height >= air.h:
                height = -height if height < 0.0 else 2.0 * air.h - height - 1e-9
                s = -s
        z[i], state[i] = height, s


@pytest.mark.parametrize("d", [50.0, 250.0])
def test_walkers_spread_by_2_k_t(d: float) -> None:
    count, seconds, k, t = 100_000, 10_000.0, 50.0, 100.0
    east, north = np.zeros(count), np.zeros(count)

    walk(east, north, NIGHT.scales, d, round(seconds / d), *stream_key(8))

    spread = 2.0 * k * (seconds - t * -math.expm1(-seconds / t))
    for way in (east, north):
        z_score = (np.mean(way**2) / spread - 1.0) / math.sqrt(2.0 / count)
        assert abs(z_score) < 4.0
        assert np.mean(way**2) == pytest.approx(2.0 * k * seconds, rel=0.03)
        assert stats.kstest(way / math.sqrt(spread), "norm").pvalue > 1e-3
    assert abs(np.corrcoef(east, north)[0, 1]) < 4.0 / math.sqrt(count)


BINS = 20


def stir_crowd(air: Turbulence, d: float, drift: float, count: int = 100_000):
    """Return the density in each bin over an hour's stirring, its standard error, the states."""
    z = (np.arange(count) + 0.5) / count * air.boundary_layer_m
    state = np.random.default_rng(2).standard_normal(count)
    stir(z, state, air.scales, d, round(3_600.0 / d), drift, *stream_key(3))
    found = np.histogram(z, BINS, (0.0, air.boundary_layer_m))[0] / (count / BINS)
    return found, math.sqrt(BINS / count), state


@AIRS
def test_a_mixed_crowd_stays_mixed_with_steps_as_long_as_the_time_scale(air) -> None:
    density, error, state = stir_crowd(air, 30.0, 1.0)

    assert np.abs(density - 1.0).max() < 4.5 * error
    assert np.sum((density - 1.0) ** 2) / error**2 < stats.chi2(BINS - 1).isf(1e-3)
    assert abs(state.mean()) < 4.5 / math.sqrt(state.size)
    assert state.std() == pytest.approx(1.0, abs=0.015)


@pytest.mark.parametrize(
    ("air", "least", "place"), [(NIGHT, 2.0, -1), (DAY, 1.3, 0)], ids=["night", "day"]
)
def test_without_the_drift_a_mixed_crowd_gathers_where_the_air_is_calm(air, least, place) -> None:
    density, error, _ = stir_crowd(air, 30.0, 0.0, 40_000)

    assert density.argmax() == place % BINS
    assert density[place] > least
    assert density.min() < 1.0 - 8.0 * error


# --- normals -------------------------------------------------------------------------------------


@nb.njit(error_model="numpy")
def fill(out, step, item, balloon, draw, key0, key1, one):
    for i in range(out.shape[1]):
        n = kernels.normals6(
            np.uint32(step[i]),
            np.uint32(item[i]),
            np.uint32(balloon[i]),
            np.uint32(draw[i]),
            key0,
            key1,
            one,
        )
        out[0, i], out[1, i], out[2, i] = n[0], n[1], n[2]
        out[3, i], out[4, i], out[5, i] = n[3], n[4], n[5]


def draw_normals(count, step=0, item=0, balloon=0, draw=0, key=KEY, dtype=np.float64):
    """Return six rows of normals; each index is broadcast to the columns."""
    out = np.empty((6, count), dtype)
    columns = [
        np.ascontiguousarray(np.broadcast_to(x, count), np.int64)
        for x in (step, item, balloon, draw)
    ]
    fill(out, *columns, *key, dtype(1))
    return out


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (
            (0xFFFFFFFF,) * 4,
            (0xFFFFFFFF,) * 2,
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_4x32_gives_the_known_answers_of_random123(counter, key, words) -> None:
    assert kernels.philox4x32(*(np.uint32(x) for x in (*counter, *key))) == words


def test_normals_are_those_of_the_bits_of_their_words() -> None:
    counter = (np.uint32(5), np.uint32(1_000_003), np.uint32(2), np.uint32(199))
    words = [int(w) for w in kernels.philox4x32(*counter, *KEY)]
    u = [((w >> 9) + 0.5) / 2**23 for w in words]
    u += [((a & 511) * 512 + (b & 511) + 0.5) / 2**18 for a, b in (words[:2], words[2:])]
    expected = [
        part
        for radius, turn in zip(u[::2], u[1::2], strict=True)
        for part in (
            math.sqrt(-2.0 * math.log(radius)) * math.cos(2.0 * math.pi * turn),
            math.sqrt(-2.0 * math.log(radius)) * math.sin(2.0 * math.pi * turn),
        )
    ]

    assert kernels.normals6(*counter, *KEY, 1.0) == pytest.approx(expected, rel=1e-12)
    assert kernels.normals4(*counter, *KEY, 1.0) == pytest.approx(expected[:4], rel=1e-12)


def test_normals_are_normal() -> None:
    count = 400_000
    for row in draw_normals(count, item=np.arange(count)):
        assert abs(row.mean()) < 4.5 / math.sqrt(count)
        assert abs(row.var() - 1.0) < 4.5 * math.sqrt(2.0 / count)
        assert abs(stats.kurtosis(row)) < 4.5 * math.sqrt(24.0 / count)
        assert abs(stats.skew(row)) < 4.5 * math.sqrt(6.0 / count)
        for bound in (3.0, 4.0):
            expected = 2.0 * count * stats.norm.sf(bound)
            assert abs(np.sum(np.abs(row) > bound) - expected) < 4.5 * math.sqrt(expected)
        assert stats.kstest(row, "norm").pvalue > 1e-3


def test_streams_and_the_normals_of_a_block_are_independent() -> None:
    count = 100_000
    item = np.arange(count)
    base = draw_normals(count, item=item)
    others = [
        draw_normals(count, item=item, step=1),
        draw_normals(count, item=item + 1),
        draw_normals(count, item=item, balloon=1),
        draw_normals(count, item=item, draw=1),
        draw_normals(count, item=item, key=stream_key(1)),
    ]
    rows = np.concatenate([base, *others])
    for power in (1, 2):
        related = np.corrcoef(rows**power) - np.eye(len(rows))
        # item i + 1 is the base moved by one, so that both are far from each other in time
        assert np.abs(related).max() < 5.0 / math.sqrt(count)


@pytest.mark.parametrize("index", ["step", "item", "balloon", "draw"])
def test_along_every_index_normals_follow_each_other_without_relation(index: str) -> None:
    count = 50_000
    rows = draw_normals(count, **{index: np.arange(count)})

    assert stats.kstest(rows[0], "norm").pvalue > 1e-3
    for lag in (1, 2, 64):
        assert abs(np.corrcoef(rows[0, lag:], rows[0, :-lag])[0, 1]) < 4.5 / math.sqrt(count)


def test_float32_normals_are_those_of_float64_to_two_millionths() -> None:
    count = 400_000
    item = np.arange(count)
    exact = draw_normals(count, item=item)
    found = draw_normals(count, item=item, dtype=np.float32)

    assert np.abs(found - exact).max() < 2e-6
    assert np.abs(found[:4]).max() < 5.77
    assert np.abs(found[4:]).max() < 5.14


def test_a_key_is_the_word_of_its_seed_and_label_under_a_cause_of_its_own() -> None:
    stream = 60 << 32 | zlib.crc32(b"dvd")
    raw = int(np.random.Philox(counter=2**256 - 1, key=77 | stream << 64).random_raw())

    assert stream_key(77, "dvd") == (raw & 0xFFFFFFFF, raw >> 32)
    assert [c for c in Cause if c == 60] == [Cause.TURBULENCE]
    keys = {stream_key(seed, label) for seed in (0, 1, 2**64 - 1) for label in ("", "a", "b")}
    assert len(keys) == 9


# --- lanes ---------------------------------------------------------------------------------------

LANES = {"reassoc", "nsz", "arcp", "contract", "afn", "nnan", "ninf"}


@nb.njit(error_model="numpy", fastmath=LANES)
def step_lanes(u, v, w, z, item, air, fall, d, key0, key1, one):
    """Take one whole step of many items."""
    for i in range(u.size):
        n = kernels.normals6(
            np.uint32(1), np.uint32(item[i]), np.uint32(0), np.uint32(0), key0, key1, one
        )
        su, sv, sw, tu, tv, tw, slope, t_slope = kernels.local_turbulence(z[i], air, fall)
        u[i], along = kernels.wander_step(u[i], one, tu, d, n[0], n[4])
        v[i], across = kernels.wander_step(v[i], one, tv, d, n[1], n[5])
        w[i], up = kernels.vertical_step(w[i], sw, tw, slope, t_slope, d, n[2])
        z[i] += up
        u[i] += su * along
        v[i] += sv * across


def make_lanes(count: int, dtype: type) -> list[np.ndarray]:
    rng = np.random.default_rng(4)
    height = rng.uniform(1.0, 250.0, count).astype(np.float32)
    states = rng.standard_normal((3, count)).astype(np.float32)
    return [*(np.array(s, dtype) for s in states), np.array(height, dtype)]


@AIRS
def test_lanes_in_float32_take_the_steps_of_float64(air) -> None:
    item = np.arange(1_000, dtype=np.uint32)
    exact, found = make_lanes(1_000, np.float64), make_lanes(1_000, np.float32)

    step_lanes(*exact, item, air.scales, 0.65, 20.0, *KEY, 1.0)
    step_lanes(*found, item, air.scales32, np.float32(0.65), np.float32(20.0), *KEY, np.float32(1))

    for a, b in zip(found, exact, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-4)


def test_a_lane_s_bits_do_not_depend_on_its_place() -> None:
    item = np.arange(203, dtype=np.uint32)
    whole, turned = make_lanes(203, np.float32), make_lanes(203, np.float32)
    turned = [np.ascontiguousarray(x[::-1]) for x in turned]
    rest = (NIGHT.scales32, np.float32(0.65), np.float32(20.0), *KEY, np.float32(1))

    step_lanes(*whole, item, *rest)
    step_lanes(*turned, np.ascontiguousarray(item[::-1]), *rest)

    for a, b in zip(whole, turned, strict=True):
        np.testing.assert_array_equal(a, b[::-1])


@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="reads x86 instructions")
def test_a_whole_step_in_float32_is_packed_and_calls_nothing() -> None:
    lanes = make_lanes(8, np.float32)
    item = np.arange(8, dtype=np.uint32)
    step_lanes(
        *lanes, item, NIGHT.scales32, np.float32(0.65), np.float32(20.0), *KEY, np.float32(1)
    )
    code = next(t for s, t in step_lanes.inspect_asm().items() if s[0].dtype == nb.float32)

    assert len(re.findall(r"\bv?(?:mul|fmadd\d+)ps\b", code)) > 100
    assert len(re.findall(r"\bv?pmuludq\b", code)) >= 18
    assert not re.findall(r"\b_?(?:exp|log|pow|sin|cos|sincos)f?\b", code)


# --- items in the layer --------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.5])
def test_the_longest_steps_keep_the_time_through_the_night_layer(speed: float, engine: str) -> None:
    """Against steps of 5 s, seed 1: 20,000 items from the top of the layer to the ground."""
    count = 20_000 if engine == "fast" else 2_000
    items = make_items(np.zeros(count), 0.0, 199.0, 0.0, speed)._replace(item=np.arange(count))
    air = Turbulence(diffusivity_m2s=0.0)

    def fall_s(step: float) -> np.ndarray:
        return drop_items(wind_grid(), items, step, engine, air, seed=1).time_s

    fine, long = fall_s(5.0), fall_s(600.0)
    noise = np.hypot(fine.std(), long.std()) / np.sqrt(count)

    assert fine.std() > 2.0
    assert abs(long.mean() - fine.mean()) < 0.5 + 4.0 * noise
    assert 0.80 < long.std() / fine.std() < 1.05


def test_items_spread_as_a_random_walk_of_their_fall(engine: str) -> None:
    """2 K (t - T (1 - exp(-t/T))) on either axis, above any layer; seed 2."""
    count = 20_000 if engine == "fast" else 4_000
    seconds = 2_000.0
    items = make_items(np.zeros(count), 0.0, seconds, 0.0, 1.0)._replace(item=np.arange(count))
    air = Turbulence(boundary_layer_m=0.0, friction_velocity_ms=0.0)
    falls = drop_items(wind_grid(), items, 200.0, engine, air, seed=2)
    expected = 2.0 * 50.0 * (seconds - 100.0 * (1.0 - math.exp(-seconds / 100.0)))

    for degrees in (falls.longitude, falls.latitude):
        variance = float(np.var(np.radians(degrees) * 6_371_000.0))
        z = (variance / expected - 1.0) / math.sqrt(2.0 / count)
        assert abs(z) < 3.5, z
    assert abs(np.corrcoef(falls.longitude, falls.latitude)[0, 1]) < 4.0 / math.sqrt(count)
