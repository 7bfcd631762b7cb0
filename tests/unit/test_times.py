"""Times carry a zone, are UTC inside, and come back as they went in."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from downwind.times import (
    datetime64_to_epoch,
    datetime_to_epoch,
    epoch_to_datetime,
    epoch_to_datetime64,
    format_duration,
    format_minute,
    format_utc,
    parse_time,
)

MOMENT = 1_428_084_000


@pytest.mark.parametrize(
    "text",
    [
        "2015-04-03T18:00Z",
        "2015-04-04T03:00+09:00",
        " 2015-04-03T18:00:00Z ",
        "2015-04-03 13:00-05:00",
    ],
)
def test_one_moment_has_many_spellings(text: str) -> None:
    assert parse_time(text) == MOMENT


@pytest.mark.parametrize("text", ["2015-04-03T18:00", "2015-04-03"])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="has no zone: write Z or an offset"):
        parse_time(text)


@pytest.mark.parametrize("text", ["", "tomorrow", "2015-02-30T00:00Z", "2015-04-03T25:00Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time such as"):
        parse_time(text)


def test_a_datetime_with_a_zone_is_taken() -> None:
    seoul = timezone(timedelta(hours=9))

    assert datetime_to_epoch(datetime(2015, 4, 4, 3, tzinfo=seoul)) == MOMENT


def test_times_are_written_in_utc_and_in_the_zone_of_the_site() -> None:
    assert format_utc(MOMENT) == "2015-04-03T18:00:00Z"
    assert format_utc(MOMENT + 0.6) == "2015-04-03T18:00:01Z"
    assert format_minute(MOMENT, "Asia/Seoul") == "2015-04-04 03:00 KST"
    assert parse_time(format_utc(MOMENT)) == MOMENT
    assert epoch_to_datetime(MOMENT).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 min"),
        (3_900.0, "1 h 05 min"),
        (3_599.0, "1 h 00 min"),
        (89.0, "1 min"),
        (-5_400.0, "-1 h 30 min"),
        (-120.0, "-2 min"),
    ],
)
def test_durations_are_written_for_people(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_arrays_of_times_come_back() -> None:
    epochs = np.array([0, MOMENT, 4_102_444_800, -86_400])

    assert datetime64_to_epoch(epoch_to_datetime64(epochs)).tolist() == epochs.tolist()
    assert epoch_to_datetime64(np.array([MOMENT + 0.4]))[0] == np.datetime64("2015-04-03T18:00:00")
