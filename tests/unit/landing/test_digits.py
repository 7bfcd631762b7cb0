"""Numbers and their errors in digits: no error that is not zero reads as zero."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.landing.digits import (
    write_above,
    write_below,
    write_bound,
    write_number,
    write_uncertain,
)


@pytest.mark.parametrize(
    ("mean", "error", "text"),
    [
        (84.12, 1.93, "84.1 ± 1.9"),
        (0.31, 0.04, "0.31 ± 0.04"),
        (0.31, 0.0499, "0.31 ± 0.05"),
        (0.31234, 0.00042, "0.3123 ± 0.0004"),
        (0.31, 1e-6, "0.3100 ± <0.0001"),
        (12.0, 0.0, "12.0 ± 0.0"),
    ],
)
def test_given_an_error_when_written_then_its_first_digit_stands(
    mean: float, error: float, text: str
) -> None:
    assert write_uncertain(mean, error) == text


@given(st.floats(0.0, 100.0), st.floats(1e-12, 50.0))
def test_given_any_error_above_zero_when_written_then_it_does_not_read_as_zero(
    mean: float, error: float
) -> None:
    for text in (write_uncertain(mean, error), write_number(mean, error)):
        assert float(re.sub("[<,]", "", text.partition("± ")[2])) > 0.0


@pytest.mark.parametrize(
    ("bound", "below", "above"),
    [(1.49, "< 1.5", "> 98.5"), (0.03, "< 0.03", "> 99.97"), (0.0, "< 0.0", "> 100.0")],
)
def test_given_a_bound_when_written_then_it_does_not_read_as_certain(
    bound: float, below: str, above: str
) -> None:
    assert (write_below(bound), write_above(100.0 - bound)) == (below, above)


def test_given_an_expected_number_when_written_then_two_digits_of_the_error_stand() -> None:
    assert write_number(74_438.0, 641.0) == "74,440 ± 640"
    assert write_number(3.741, 0.214) == "3.74 ± 0.21"
    assert write_number(2.6e-4, 3e-5) == "2.6e-04 ± 3e-05"
    assert write_number(0.0, 0.0) == "0"
    assert write_number(3.0, float("nan")) == "3 ± ?"


@pytest.mark.parametrize(
    ("bound", "upper", "lower"),
    [
        (5.0, "5", "5"), (5.0004, "5.01", "5"), (4.9996, "5", "4.99"), (0.0, "0", "0"),
        (100.0, "100", "100"), (99.96, "100", "99.9"), (4.285, "4.29", "4.28"),
    ],
)  # fmt: skip
def test_given_a_bound_when_written_then_it_is_rounded_to_the_side_on_which_it_holds(
    bound: float, upper: str, lower: str
) -> None:
    assert write_bound(bound, is_upper=True) == upper
    assert write_bound(bound, is_upper=False) == lower
