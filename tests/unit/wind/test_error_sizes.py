"""Files of fitted sizes: what is written is read, between entries the default's shape holds."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.errors import ArgumentError
from downwind.wind.error import LEADS_H, SIGMA_MS, forecast_sigma_ms
from downwind.wind.error_sizes import (
    FittedScale,
    FittedSizes,
    SizeEntry,
    read_sizes,
    write_sizes,
)

HEAD = 'format = "downwind-wind-error-sizes-1"\norigin = "a test"\n'
ENTRY = "[[size]]\npressure_hpa = 500\nlead_hours = 24\nsigma_ms = 2.0\n"


def entries_of_the_table(factor: float = 1.0) -> tuple[SizeEntry, ...]:
    return tuple(
        SizeEntry(pressure, lead, factor * sigma)
        for pressure, row in SIGMA_MS.items()
        for lead, sigma in zip(LEADS_H, row, strict=True)
    )


def test_given_fitted_sizes_when_written_and_read_then_they_are_the_same(tmp_path: Path) -> None:
    sizes = FittedSizes(
        (SizeEntry(50_000.0, 24.0, 2.25, 0.125, 12.5), SizeEntry(85_000.0, 6.5, 1.75)),
        'GFS "quoted" \\ against ERA5',
        ("ERA5 counts as exact",),
        FittedScale(375_000.0, 40_000.0),
        None,
    )
    path = tmp_path / "sizes.toml"
    path.write_text(write_sizes(sizes), "utf-8")
    found = read_sizes(path)
    assert found.entries[0] == sizes.entries[0]
    assert found.entries[1].sigma_ms == 1.75
    assert math.isnan(found.entries[1].standard_error_ms)
    assert (found.origin, found.notes) == (sizes.origin, sizes.notes)
    assert found.horizontal_m == sizes.horizontal_m
    assert found.time_s is None
    assert len(found.digest) == 64


@given(st.floats(10_000.0, 101_000.0), st.floats(0.0, 120.0), st.floats(0.5, 2.0))
def test_given_the_default_table_times_a_factor_when_asked_anywhere_then_it_is_that(
    pressure: float, lead: float, factor: float
) -> None:
    sizes = FittedSizes(entries_of_the_table(factor), "")
    want = factor * float(forecast_sigma_ms(pressure, lead))
    assert float(sizes.sigma_ms(pressure, lead)) == pytest.approx(want, rel=1e-12)


def test_given_one_entry_when_asked_elsewhere_then_the_growth_is_that_of_the_default() -> None:
    sizes = FittedSizes((SizeEntry(50_000.0, 24.0, 4.6),), "")
    assert float(sizes.sigma_ms(50_000.0, 24.0)) == pytest.approx(4.6)
    assert float(sizes.sigma_ms(30_000.0, 72.0)) == pytest.approx(12.0)


def test_given_levels_with_leads_of_their_own_when_asked_at_the_entries_then_they_are_met() -> None:
    entries = (
        SizeEntry(85_000.0, 12.0, 1.0), SizeEntry(85_000.0, 36.0, 3.0),
        SizeEntry(50_000.0, 24.0, 2.5), SizeEntry(30_000.0, 24.0, 5.0),
    )  # fmt: skip
    sizes = FittedSizes(entries, "")
    found = sizes.sigma_ms([e.pressure_pa for e in entries], [e.lead_h for e in entries])
    assert found == pytest.approx([1.0, 3.0, 2.5, 5.0])
    assert sizes.sigma_ms(np.full((3, 1), 70_000.0), np.arange(4.0)).shape == (3, 4)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("format = 3 4", "is not TOML"),
        ("", "its format is None"),
        ('format = "other"\n', "its format is 'other'"),
        (HEAD, "holds no"),
        (HEAD + ENTRY + "sigma = 2\n", "known keys are pressure_hpa"),
        (HEAD + ENTRY.replace("2.0", "nan"), "sigma_ms is nan, not a number"),
        (HEAD + ENTRY.replace("2.0", '"2"'), "sigma_ms is '2', not a number"),
        (HEAD + ENTRY.replace("2.0", "-2.0"), "-2 m/s is no size"),
        (HEAD + ENTRY.replace("500", "50000"), "50000 hPa is no level"),
        (HEAD + ENTRY.replace("24", "-1"), "-1 h is no lead"),
        (HEAD + ENTRY + ENTRY, "stands there twice"),
        (HEAD + "[scales.vertical_km]\nvalue = 1\n" + ENTRY, "known are horizontal_km"),
        (HEAD + "[scales.time_hours]\nvalue = 0\n" + ENTRY, "0 is not between 0.0167 and 720"),
        (HEAD + "[scales.horizontal_km]\nvalue = 1e9\n" + ENTRY, "not between 1 and 20000"),
    ],
)
def test_given_a_file_that_is_none_when_read_then_it_says_what_is_wrong(
    text: str, what: str, tmp_path: Path
) -> None:
    path = tmp_path / "sizes.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ArgumentError, match=what):
        read_sizes(path)
    with pytest.raises(ArgumentError, match="cannot read"):
        read_sizes(tmp_path / "none.toml")
