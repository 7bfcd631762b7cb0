"""Time axes of files: units, origins and calendars, against cftime and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.times import decode_cf_times, parse_time


@pytest.mark.parametrize(
    ("value", "units", "calendar", "wanted"),
    [
        (736445.75, "days since 1-1-1 00:00:0.0", "standard", "2017-04-25T18:00Z"),
        (736443.75, "days since 0001-01-01", "proleptic_gregorian", "2017-04-25T18:00Z"),
        (736443.75, "days since 0001-01-03", "julian", "2017-04-25T18:00Z"),
        (0, "days since 2017-04-12", "julian", "2017-04-25T00:00Z"),
        (1, "days since 1582-10-04", "standard", "1582-10-15T00:00Z"),
        (1.5, "Hour since 2017-04-25T18:00:00Z", "standard", "2017-04-25T19:30Z"),
        (90, "minutes since 2017-04-25 18", "gregorian", "2017-04-25T19:30Z"),
        (0, "seconds since 1970-01-01 00:00:00.0 0:00", "standard", "1970-01-01T00:00Z"),
        (6, "hours since 2024-01-02 09:00 +09:00", "standard", "2024-01-02T06:00Z"),
        (6, "hours since 2024-01-02 09:00 +0900", "standard", "2024-01-02T06:00Z"),
        (0, "hours since 2024-01-01 19:30 -4:30", "standard", "2024-01-02T00:00Z"),
    ],
)
def test_given_a_time_axis_when_decoded_then_the_real_instant(
    value: float, units: str, calendar: str, wanted: str
) -> None:
    assert int(decode_cf_times(value, units, calendar)) == parse_time(wanted)


@given(
    year=st.integers(1, 2400),
    month=st.integers(1, 12),
    day=st.integers(1, 28),
    calendar=st.sampled_from(["standard", "proleptic_gregorian", "julian"]),
    hours=st.integers(-200_000, 20_000_000),
)
def test_given_any_origin_when_decoded_then_as_cftime_counts(
    year: int, month: int, day: int, calendar: str, hours: int
) -> None:
    import cftime

    if calendar == "standard" and (1582, 10, 5) <= (year, month, day) < (1582, 10, 15):
        return
    origin = cftime.datetime(year, month, day, calendar=calendar)
    days = origin.toordinal(fractional=True) - 2_440_587.5
    wanted = round(days * 86_400.0) + 3600 * hours
    units = f"hours since {year}-{month}-{day}"
    assert int(decode_cf_times([hours], units, calendar)[0]) == wanted


@pytest.mark.parametrize(
    ("units", "calendar", "said"),
    [
        ("months since 2000-01-01", "standard", "months since"),
        ("hours", "standard", "no time axis"),
        ("days since 2000-13-01", "standard", "no date 2000-13-01"),
        ("days since 2001-02-29", "standard", "no date 2001-02-29"),
        ("days since 1582-10-10", "standard", "has no 1582-10-10"),
        ("days since 2000-01-01", "360_day", "climate model"),
        ("days since 2000-01-01", "noleap", "climate model"),
        ("days since 2000-01-01", "365_day", "climate model"),
    ],
)
def test_given_no_real_time_when_decoded_then_refused_by_name(
    units: str, calendar: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        decode_cf_times([0.0], units, calendar)


def test_given_a_missing_or_absurd_time_when_decoded_then_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        decode_cf_times([0.0, np.nan], "hours since 1900-01-01")
    with pytest.raises(ValueError, match="thousands of years"):
        decode_cf_times([9.97e36], "hours since 1900-01-01")
