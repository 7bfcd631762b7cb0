"""Gusts, rain, cloud cover and the boundary layer in GRIB, at a time or over a span of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from downwind.wind.cube import (
    BOUNDARY_LAYER,
    CLOUD_COVER,
    FRICTION_VELOCITY,
    GUST,
    PRECIPITATION,
    WindCube,
)
from downwind.wind.sources import read_weather
from tests.unit.wind.weather_files import (
    LATITUDES,
    LONGITUDES,
    RUN,
    grib_bytes,
    grib_set,
)


def surface_bytes(
    name: str,
    value: float,
    *,
    edition: int = 2,
    span_h: tuple[int, int] | None = None,
    level_type: str = "surface",
    keys: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a GRIB message of one value everywhere, at a time or over a span of hours."""
    import eccodes

    handle = eccodes.codes_grib_new_from_samples(f"regular_ll_sfc_grib{edition}")
    level = 10 if level_type == "heightAboveGround" else 0
    settings: dict[str, Any] = {"centre": "kwbc" if edition == 2 else "ecmf"}
    if edition == 2:
        settings["generatingProcessIdentifier"] = 96
    settings |= {
        "dataDate": RUN[0],
        "dataTime": RUN[1],
        "Ni": LONGITUDES.size,
        "Nj": LATITUDES.size,
        "latitudeOfFirstGridPointInDegrees": 33.0,
        "latitudeOfLastGridPointInDegrees": 30.0,
        "longitudeOfFirstGridPointInDegrees": 120.0,
        "longitudeOfLastGridPointInDegrees": 122.0,
        "iDirectionIncrementInDegrees": 1.0,
        "jDirectionIncrementInDegrees": 1.0,
    }
    if edition == 2 and span_h is not None:
        settings["productDefinitionTemplateNumber"] = 8
    if name:
        settings["shortName"] = name
    if edition == 2 and level_type != "surface":
        settings |= {"typeOfLevel": level_type, "level": level}
    settings |= keys or {}
    settings |= {"packingType": "grid_simple", "bitsPerValue": 24}
    for key, setting in settings.items():
        eccodes.codes_set(handle, key, setting)
    if span_h is not None:
        eccodes.codes_set(handle, "stepRange", f"{span_h[0]}-{span_h[1]}")
    values: NDArray[np.float64] = np.full(LATITUDES.size * LONGITUDES.size, value)
    eccodes.codes_set_values(handle, values)
    message = bytes(eccodes.codes_get_message(handle))
    eccodes.codes_release(handle)
    return message


def read_with(folder: Path, *messages: bytes, steps_h: tuple[int, ...] = (6,)) -> WindCube:
    wind = [grib_set(step_h=step) for step in steps_h]
    (folder / "a.grib2").write_bytes(b"".join([*wind, *messages]))
    return read_weather([folder / "a.grib2"])


def only_value(cube: WindCube, name: str, time: int = 0) -> float:
    values = cube.dataset[name].values[0, time]
    assert np.ptp(values) == pytest.approx(0.0, abs=1e-9)
    return float(values[0, 0])


@pytest.mark.parametrize(
    ("name", "variable"),
    [("gust", GUST), ("blh", BOUNDARY_LAYER), ("zust", FRICTION_VELOCITY)],
)
def test_given_a_field_at_a_time_when_read_then_its_values(
    name: str, variable: str, tmp_path: Path
) -> None:
    message = grib_bytes(name, step_h=6)
    cube = read_with(tmp_path, message)
    base = 0.1 * cube.latitude[:, None] + 0.01 * cube.longitude[None, :] + 0.6
    wanted = {"gust": 12.0 + base, "blh": 500.0 + 10.0 * base, "zust": 0.3 + 0.01 * base}[name]
    np.testing.assert_allclose(cube.dataset[variable].values[0, 0], wanted, rtol=1e-5)


def test_given_the_boundary_layer_of_ncep_when_read_then_known_by_its_number(
    tmp_path: Path,
) -> None:
    keys = {"discipline": 0, "parameterCategory": 3, "parameterNumber": 196, "forecastTime": 6}
    cube = read_with(tmp_path, surface_bytes("", 850.0, keys=keys))
    assert only_value(cube, BOUNDARY_LAYER) == pytest.approx(850.0)


def test_given_the_cover_of_the_whole_sky_when_read_then_a_fraction_at_a_time_only(
    tmp_path: Path,
) -> None:
    number = {"discipline": 0, "parameterCategory": 6, "parameterNumber": 1}
    at_once = surface_bytes("", 40.0, level_type="atmosphere", keys={**number, "forecastTime": 6})
    cube = read_with(tmp_path, at_once)
    assert only_value(cube, CLOUD_COVER) == pytest.approx(0.4)
    averaged = {**number, "typeOfStatisticalProcessing": 0}
    mean = surface_bytes("", 80.0, level_type="atmosphere", span_h=(0, 6), keys=averaged)
    assert CLOUD_COVER not in read_with(tmp_path, mean).dataset


@pytest.mark.parametrize(
    ("statistic", "number", "value", "rate"),
    [(1, 8, 10.8, 10.8 / 10_800.0), (0, 7, 2.0e-4, 2.0e-4)],
    ids=["sum", "mean"],
)
def test_given_rain_over_hours_when_read_then_a_mean_rate_and_a_note(
    statistic: int, number: int, value: float, rate: float, tmp_path: Path
) -> None:
    keys = {"discipline": 0, "parameterCategory": 1, "parameterNumber": number,
            "typeOfStatisticalProcessing": statistic}  # fmt: skip
    cube = read_with(tmp_path, surface_bytes("", value, span_h=(3, 6), keys=keys))
    assert only_value(cube, PRECIPITATION) == pytest.approx(rate, rel=1e-5)
    assert "precipitation_flux is the mean of the 3 h before its time" in cube.notes


def test_given_sums_since_the_start_when_read_then_each_the_rate_since_the_last(
    tmp_path: Path,
) -> None:
    keys = {"discipline": 0, "parameterCategory": 1, "parameterNumber": 8,
            "typeOfStatisticalProcessing": 1}  # fmt: skip
    first = surface_bytes("", 3.6, span_h=(0, 6), keys=keys)
    both = surface_bytes("", 18.0, span_h=(0, 12), keys=keys)
    cube = read_with(tmp_path, both, first, steps_h=(6, 12))
    assert only_value(cube, PRECIPITATION, 0) == pytest.approx(3.6 / 21_600.0, rel=1e-5)
    assert only_value(cube, PRECIPITATION, 1) == pytest.approx(14.4 / 21_600.0, rel=1e-5)
    assert "precipitation_flux is the mean of the 6 h before its time" in cube.notes


def test_given_rain_at_a_time_beside_means_when_read_then_the_shortest_span_counts(
    tmp_path: Path,
) -> None:
    keys = {"discipline": 0, "parameterCategory": 1, "parameterNumber": 7,
            "typeOfStatisticalProcessing": 0}  # fmt: skip
    mean = surface_bytes("", 5.0e-4, span_h=(0, 6), keys=keys)
    short = surface_bytes("", 3.0e-4, span_h=(3, 6), keys=keys)
    cube = read_with(tmp_path, mean, short)
    assert only_value(cube, PRECIPITATION) == pytest.approx(3.0e-4, rel=1e-5)
    at_once = surface_bytes("prate", 1.0e-4, keys={"forecastTime": 6})
    cube = read_with(tmp_path, mean, at_once, short)
    assert only_value(cube, PRECIPITATION) == pytest.approx(1.0e-4, rel=1e-5)
    assert not any("precipitation_flux is" in note for note in cube.notes)


def test_given_the_greatest_gust_of_hours_when_read_then_taken_with_a_note(
    tmp_path: Path,
) -> None:
    keys = {"discipline": 0, "parameterCategory": 2, "parameterNumber": 22,
            "typeOfStatisticalProcessing": 2}  # fmt: skip
    gust = surface_bytes("", 21.0, span_h=(3, 6), level_type="heightAboveGround", keys=keys)
    cube = read_with(tmp_path, gust)
    assert only_value(cube, GUST) == pytest.approx(21.0)
    assert "wind_speed_of_gust is the greatest of the 3 h before its time" in cube.notes


def test_given_edition_1_of_ecmwf_when_read_then_gust_rain_and_layer_too(tmp_path: Path) -> None:
    import eccodes

    from tests.unit.wind.weather_files import LEVELS_HPA, make_message

    parts = []
    for name in ("u", "v", "gh"):
        for level in LEVELS_HPA:
            keys = {"centre": "ecmf", "generatingProcessIdentifier": 100}
            handle = make_message(name, level_hpa=level, step_h=6, keys=keys)
            eccodes.codes_set(handle, "edition", 1)
            parts.append(bytes(eccodes.codes_get_message(handle)))
            eccodes.codes_release(handle)
    step = {"step": 6}
    parts += [
        surface_bytes("blh", 640.0, edition=1, keys=step),
        surface_bytes("zust", 0.4, edition=1, keys=step),
        surface_bytes("tcc", 0.3, edition=1, keys=step),
        surface_bytes("10fg", 17.0, edition=1, keys=step),
        surface_bytes("tp", 0.0108, edition=1, span_h=(3, 6), keys={"stepType": "accum"}),
    ]
    path = tmp_path / "a.grib"
    path.write_bytes(b"".join(parts))
    cube = read_weather([path])
    assert only_value(cube, BOUNDARY_LAYER) == pytest.approx(640.0)
    assert only_value(cube, FRICTION_VELOCITY) == pytest.approx(0.4)
    assert only_value(cube, CLOUD_COVER) == pytest.approx(0.3)
    assert only_value(cube, GUST) == pytest.approx(17.0)
    assert only_value(cube, PRECIPITATION) == pytest.approx(1.0e-3, rel=1e-4)
    assert any("greatest of a time that the file does not state" in note for note in cube.notes)
