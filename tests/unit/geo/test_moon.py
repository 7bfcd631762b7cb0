"""The moon against known phases, and against the series of Meeus for its lit part."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.geo.moon import moon_elevation_deg, moon_lit_fraction
from downwind.times import parse_time


def lit_by_meeus(epoch_s: float) -> float:
    """Lit part by Meeus 1998, Astronomical Algorithms, 48.4, which needs no places."""
    century = ((epoch_s / 86_400.0 + 2_440_587.5) - 2_451_545.0) / 36_525.0
    apart, sun, moon = (
        math.radians(a + b * century)
        for a, b in (
            (297.8501921, 445_267.1114034),
            (357.5291092, 35_999.0502909),
            (134.9633964, 477_198.8675055),
        )
    )
    angle = (
        180.0 - math.degrees(apart) - 6.289 * math.sin(moon) + 2.100 * math.sin(sun)
        - 1.274 * math.sin(2 * apart - moon) - 0.658 * math.sin(2 * apart)
        - 0.214 * math.sin(2 * moon) - 0.110 * math.sin(apart)
    )  # fmt: skip
    return 0.5 * (1.0 + math.cos(math.radians(angle)))


def test_at_three_in_the_night_of_the_report_the_moon_is_nearly_full_and_up() -> None:
    at = parse_time("2015-04-04T03:00+09:00")
    assert moon_lit_fraction(at) == pytest.approx(0.995, abs=0.001)
    assert moon_elevation_deg(at, 37.75, 126.49) == pytest.approx(33.0, abs=1.5)


@pytest.mark.parametrize(
    ("known", "lit"),
    [
        ("2015-03-20T09:36Z", 0.0),
        ("2015-03-27T07:43Z", 0.5),
        ("2015-04-04T12:06Z", 1.0),
        ("2015-04-12T03:44Z", 0.5),
    ],
    ids=["new", "first quarter", "full", "last quarter"],
)
def test_at_known_phases_so_much_is_lit(known: str, lit: float) -> None:
    assert moon_lit_fraction(parse_time(known)) == pytest.approx(lit, abs=0.003)


@given(st.integers(946_684_800, 2_208_988_800))
def test_the_lit_part_is_that_of_an_independent_series(at: int) -> None:
    assert moon_lit_fraction(at) == pytest.approx(lit_by_meeus(at), abs=0.004)


@given(st.integers(946_684_800, 2_208_988_800))
def test_a_full_moon_stands_opposite_the_sun(at: int) -> None:
    from downwind.geo.sun import sun_elevation_deg

    if lit_by_meeus(at) < 0.998:
        return
    # the moon's path leaves that of the sun by 5 degrees, and it may be 6 from its opposite
    up = moon_elevation_deg(at, 10.0, 50.0) + sun_elevation_deg(at, 10.0, 50.0)
    assert abs(up) < 7.0
