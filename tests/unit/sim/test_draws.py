"""The counter-based generator: NumPy's Philox word by word, and independence of how it is asked."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from scipy.stats import kstest

from downwind.errors import ArgumentError
from downwind.sim._kernels import philox_word
from downwind.sim.draws import Cause, Draws, MixedDraws
from downwind.spread import Z95, two_piece_lognormal

MAX = 2**64 - 1


@pytest.mark.parametrize(
    ("counter", "key"),
    [
        ((1, 0, 0, 0), (0, 0)),
        ((7, 3, 11, 0), (2015, 40 << 32 | 12345)),
        ((MAX, MAX, MAX, 0), (MAX, MAX)),
        ((2**63, 1, 2**40, 0), (2**63 + 5, 1)),
    ],
)
def test_a_word_is_the_first_of_numpys_block_at_that_counter(
    counter: tuple[int, int, int, int], key: tuple[int, int]
) -> None:
    # NumPy counts up by one before its first block
    whole = sum(c << (64 * i) for i, c in enumerate(counter)) - 1
    bits = np.random.Philox(counter=whole, key=key[0] | key[1] << 64)

    word = philox_word(*(np.uint64(x) for x in (*counter, *key)))

    assert int(word) == int(bits.random_raw())


def test_a_uniform_is_the_top_53_bits_of_the_word_of_its_stream() -> None:
    seed, draw, balloon, item = 123456789, 17, 4, 1_000_003
    stream = int(Cause.ITEM_SPEED) << 32 | zlib.crc32(b"dvd")
    counter = (draw | balloon << 64 | item << 128) - 1
    raw = int(np.random.Philox(counter=counter, key=seed | stream << 64).random_raw())

    found = Draws(seed).uniform(Cause.ITEM_SPEED, draw, balloon, item, label="dvd")

    assert float(found) == ((raw >> 11) + 0.5) * 2.0**-53


def test_uniforms_are_uniform_and_normals_normal() -> None:
    draws = Draws(5)
    item = np.arange(100_000)

    assert kstest(draws.uniform(Cause.ITEM_MODE, 0, 0, item), "uniform").pvalue > 1e-3
    assert kstest(draws.uniform(Cause.ITEM_MODE, item), "uniform").pvalue > 1e-3
    assert kstest(draws.normal(Cause.ITEM_SPEED, 3, item, 1), "norm").pvalue > 1e-3


def test_neighbouring_counters_causes_labels_and_seeds_are_uncorrelated() -> None:
    item = np.arange(50_000)
    base = Draws(9).normal(Cause.ITEM_SPEED, 0, 0, item, "a")
    others = [
        Draws(9).normal(Cause.ITEM_SPEED, 0, 0, item + 1, "a"),
        Draws(9).normal(Cause.ITEM_SPEED, 1, 0, item, "a"),
        Draws(9).normal(Cause.ITEM_SPEED, 0, 1, item, "a"),
        Draws(9).normal(Cause.ITEM_MODE, 0, 0, item, "a"),
        Draws(9).normal(Cause.ITEM_SPEED, 0, 0, item, "b"),
        Draws(10).normal(Cause.ITEM_SPEED, 0, 0, item, "a"),
    ]

    for other in others:
        assert abs(np.corrcoef(base, other)[0, 1]) < 0.02


def test_numbers_do_not_depend_on_order_shape_or_company() -> None:
    draws = Draws(21)
    table = draws.uniform(Cause.BALLOON_LEAK, np.arange(6)[:, None], np.arange(5))
    order = np.array([4, 0, 3])

    assert table.shape == (6, 5)
    assert float(draws.uniform(Cause.BALLOON_LEAK, 2, 3)) == table[2, 3]
    np.testing.assert_array_equal(draws.uniform(Cause.BALLOON_LEAK, order, 1), table[order, 1])
    np.testing.assert_array_equal(draws.uniform(Cause.BALLOON_LEAK, 5, np.arange(5)), table[5])
    np.testing.assert_array_equal(
        draws.uniform(Cause.BALLOON_LEAK, np.arange(6), np.array([2])), table[:, 2]
    )


def test_uniforms_lie_strictly_between_0_and_1_so_that_normals_are_finite() -> None:
    u = Draws(0).uniform(Cause.FILL_BIAS, np.arange(200_000))

    assert 0.0 < u.min() < u.max() < 1.0
    assert np.isfinite(Draws(0).normal(Cause.FILL_BIAS, np.arange(200_000))).all()


@pytest.mark.parametrize("seed", [0, 2**63, MAX])
def test_any_seed_of_64_bits_has_its_own_numbers(seed: int) -> None:
    found = Draws(seed).uniform(Cause.DRAG, np.arange(3))

    assert not np.array_equal(found, Draws(seed ^ 1).uniform(Cause.DRAG, np.arange(3)))


def test_no_two_causes_share_a_number() -> None:
    assert len({int(c) for c in Cause}) == len(list(Cause))


def test_two_piece_lognormal_holds_its_three_points_exactly() -> None:
    points = two_piece_lognormal([-Z95, 0.0, Z95], 180.0, 60.0, 300.0)

    np.testing.assert_allclose(points, [60.0, 180.0, 300.0], rtol=1e-13)


def test_two_piece_lognormal_has_those_percentiles_when_drawn() -> None:
    z = Draws(3).normal(Cause.DRAG, np.arange(200_000))

    drawn = two_piece_lognormal(z, 0.7, 0.4, 1.0)

    np.testing.assert_allclose(np.percentile(drawn, [5, 50, 95]), [0.4, 0.7, 1.0], rtol=0.01)
    assert drawn.min() > 0.0


def test_given_mixed_draws_when_drawn_then_each_cause_has_the_numbers_of_its_own_run() -> None:
    first, second = Draws(5, 40), Draws(5, 40).derive("another")
    mixed = MixedDraws(5, 40, other=second, causes=frozenset({Cause.DRAG, Cause.TURBULENCE}))
    draw = np.arange(40)
    for cause in (Cause.DRAG, Cause.LEAK_BATCH):
        own = second if cause == Cause.DRAG else first
        for name in ("shared_normal", "shared_uniform"):
            values = getattr(mixed, name)(cause, draw, label="x")
            np.testing.assert_array_equal(values, getattr(own, name)(cause, draw, label="x"))
        for name in ("uniform", "normal"):
            values = getattr(mixed, name)(cause, draw, 3, 2, label="x")
            np.testing.assert_array_equal(values, getattr(own, name)(cause, draw, 3, 2, label="x"))
    assert mixed.seed_of(Cause.TURBULENCE) == second.seed
    assert mixed.seed_of(Cause.DRAG) == second.seed
    assert mixed.seed_of(Cause.LEAK_BATCH) == first.seed


def test_given_derived_draws_when_drawn_then_they_are_stratified_and_independent() -> None:
    first = Draws(8, 2_000)
    second = first.derive("what dominates")
    draw = np.arange(2_000)
    a, b = (x.shared_uniform(Cause.DRAG, draw) for x in (first, second))
    for values in (a, b):
        assert np.array_equal(np.sort(np.floor(2_000 * values)), draw)
    assert abs(np.corrcoef(a, b)[0, 1]) < 3.0 / np.sqrt(2_000)
    assert second == first.derive("what dominates")
    assert second.seed != first.derive("something else").seed


def test_given_another_number_of_draws_when_mixed_then_it_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="40 draws are mixed with those of 30"):
        MixedDraws(5, 40, other=Draws(6, 30), causes=frozenset())
