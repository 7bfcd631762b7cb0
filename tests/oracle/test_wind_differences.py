"""Differences of real winds against independent reckoning, and the page on wind error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from docs.figures import wind_error as figure
from downwind.errors import WindCoverageError
from downwind.service.comparisons import compare_weather
from downwind.wind import error

ROOT = Path(__file__).parents[2]
GRAVITY = 9.80665


def test_given_two_members_of_era5_when_compared_then_as_columns_interpolated_one_by_one(
    shared: Path,
) -> None:
    path = shared / "data/grids/rocketpy_era5/LASC2019_TATUI_reanalysis_ensemble.nc"
    found = compare_weather([f"{path}@0", f"{path}@5"], heights=["2 km", "5 km"])
    with xr.open_dataset(path) as file:
        data = file.sortby("level", ascending=False).transpose(
            "number", "time", "level", "latitude", "longitude"
        )
        fields = {name: data[name].values.astype(float) for name in ("z", "u", "v")}
        weight = np.cos(np.radians(data["latitude"].values))
    for row, height in zip(found.comparisons[0].levels, (2_000.0, 5_000.0), strict=True):
        change = np.empty((2, *fields["z"].shape[1:2], *fields["z"].shape[3:]))
        for place in np.ndindex(*change.shape[1:]):
            t, y, x = place
            for c, name in enumerate(("u", "v")):
                early, late = (
                    np.interp(height, fields["z"][m, t, :, y, x] / GRAVITY,
                              fields[name][m, t, :, y, x])
                    for m in (0, 5)
                )  # fmt: skip
                change[(c, *place)] = late - early
        w = np.broadcast_to(weight[:, None], change.shape[1:])
        mean_u = np.average(change[0], weights=w)
        rms = np.sqrt(np.average(change[0] ** 2 + change[1] ** 2, weights=w))
        assert row.difference.n == change[0].size
        assert row.difference.mean_u == pytest.approx(mean_u, abs=2e-4)
        assert row.difference.rms_vector == pytest.approx(rms, rel=5e-4)
        assert 0.1 < rms < 1.0


def test_given_two_gfs_runs_of_one_year_when_compared_then_refused_by_both_times(
    shared: Path,
) -> None:
    folder = shared / "data/grids/pygrib_gfs"
    names = ("gfs_2p5_2011100800_f072.grb2", "gfs.t12z.pgrbf120.2p5deg_2011011012.grib2")
    with pytest.raises(WindCoverageError, match=r"2011-10-11T00.*2011-01-15T12"):
        compare_weather([str(folder / name) for name in names], box="120,30,135,45")


def test_given_the_soundings_of_darwin_when_fitted_then_the_constants_are_those(
    shared: Path,
) -> None:
    profiles = figure.read_soundings(shared / "data/soundings/arm")
    assert len(profiles) == 12
    growth = figure.fit_darwin(profiles)
    assert round(growth.spread_ms, 1) == error.PERSISTENCE_SPREAD_MS
    assert round(growth.time_h) == error.PERSISTENCE_TIME_H
    assert [round(float(growth.sigma_ms(t)), 1) for t in (6.0, 12.0, 24.0)] == [3.7, 4.8, 5.9]
    assert [round(growth.standard_error_ms(t), 1) for t in (6.0, 12.0, 24.0)] == [0.6, 0.5, 0.6]
    page = (ROOT / "docs" / figure.PAGE).read_text("utf-8")
    assert figure.update_page(page, profiles) == page


def test_given_the_soundings_of_darwin_when_paired_by_hand_then_the_same_change_at_700_hpa(
    shared: Path,
) -> None:
    height, winds, hours = 3_012.18, [], []
    for path in sorted((shared / "data/soundings/arm").glob(figure.PATTERN)):
        with xr.open_dataset(path, decode_times=False) as data:
            alt, u, v = (data[name].values.astype(float) for name in ("alt", "u_wind", "v_wind"))
            hours.append(int(data["base_time"]) / 3600.0)
        up = slice(0, int(np.argmax(alt)) + 1)
        alt, u, v = (x[up][np.abs(u[up]) < 200.0] for x in (alt, u, v))
        winds.append([np.interp(height, alt, u), np.interp(height, alt, v)])
    change = [
        np.subtract(winds[j], winds[i])
        for i in range(12)
        for j in range(12)
        if abs(hours[j] - hours[i] - 6.0) <= 1.5
    ]
    want = np.sqrt(np.mean(np.square(change).sum(axis=1)))
    (row,) = figure.compare_profiles(
        figure.read_soundings(shared / "data/soundings/arm"), (6.0,), (height,)
    )
    assert row.n == len(change) == 11
    # heights in the files are geometric, here they are geopotential: about a metre
    assert row.rms_vector == pytest.approx(want, rel=0.02)
