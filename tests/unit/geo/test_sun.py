"""The sun against known times of sunset and sunrise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from downwind.geo.sun import SUNSET_ELEVATION_DEG, find_night, is_night, sun_elevation_deg
from downwind.times import parse_time

GANGHWA = (37.75, 126.49)


@pytest.mark.parametrize(
    ("known", "evening"),
    [("2015-04-03T18:58+09:00", True), ("2015-04-04T06:16+09:00", False)],
    ids=["sunset", "sunrise"],
)
def test_sun_crosses_the_horizon_within_a_minute_and_a_half_of_the_known_time(
    known: str, evening: bool
) -> None:
    moment = parse_time(known)
    assert is_night(moment + 90, *GANGHWA) is evening
    assert is_night(moment - 90, *GANGHWA) is not evening


def test_three_in_the_morning_is_night_and_noon_is_not() -> None:
    assert is_night(parse_time("2015-04-04T03:00+09:00"), *GANGHWA)
    assert not is_night(parse_time("2015-04-04T12:00+09:00"), *GANGHWA)


def test_midsummer_at_the_pole_has_no_night() -> None:
    start = datetime(2015, 6, 21, tzinfo=UTC)
    hours = [int((start + timedelta(hours=h)).timestamp()) for h in range(24)]
    assert not any(is_night(hour, 89.9, 0.0) for hour in hours)
    assert all(sun_elevation_deg(hour, -89.9, 0.0) < SUNSET_ELEVATION_DEG for hour in hours)


def test_noon_sun_at_an_equinox_stands_at_the_colatitude() -> None:
    noon = datetime(2015, 3, 20, 12, 7, 30, tzinfo=timezone(timedelta(0))).timestamp()
    assert sun_elevation_deg(noon, 50.0, 0.0) == pytest.approx(40.0, abs=0.2)


def test_given_a_night_when_asked_within_or_before_it_then_its_ends_are_the_known_ones() -> None:
    sunset, sunrise = parse_time("2015-04-03T18:58+09:00"), parse_time("2015-04-04T06:16+09:00")
    for asked in ("2015-04-03T14:00+09:00", "2015-04-03T19:30+09:00", "2015-04-04T05:00+09:00"):
        found = find_night(parse_time(asked), *GANGHWA)
        assert found[0] == pytest.approx(sunset, abs=90)
        assert found[1] == pytest.approx(sunrise, abs=90)


def test_given_no_night_or_no_day_when_its_ends_are_asked_then_there_are_none() -> None:
    assert find_night(parse_time("2015-06-21T12:00Z"), 78.0, 15.0) == (None, None)
    assert find_night(parse_time("2015-12-21T12:00Z"), 78.0, 15.0) == (None, None)
