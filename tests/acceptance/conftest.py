"""What the acceptance tests share: the command as a user runs it, and small weather files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.acceptance.starter import Starter

Run = Callable[..., subprocess.CompletedProcess[str]]

MISSION = """\
[mission]
name = "test night"
seed = 5
draws = 20

[[site]]
name = "Ganghwa"
latitude = 37.75
longitude = 126.49
time_zone = "Asia/Seoul"

[launch]
times = ["2015-04-03T18:00Z"]

[[balloon]]
name = "discs"
count = 2
vehicle = "film-7m"
gas = "helium"
free_lift = "10 %"
timer = "quartz"
timer_setting = "40 min"
load = [{ item = "dvd", count = 800 }]

[target]
country = "North Korea"

[home]
country = "South Korea"

[limits]
falling_short = "5 %"
third_country = "1 %"

[terrain]
constant_m = 100

[wind]
surface = "log"

[search]
timer_from = "20 min"
timer_until = "60 min"
timer_step = "20 min"
"""


@pytest.fixture(scope="session")
def run() -> Iterator[Run]:
    """Run the command in a process of its own."""
    starter = Starter({**os.environ, "COLUMNS": "100", "TERM": "dumb"})

    def call(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "COLUMNS": "100", "TERM": "dumb"}
        return starter.run([str(a) for a in arguments], environment, cwd)

    yield call
    starter.stop()


def make_wind(
    path: Path,
    hours: tuple[int, ...] = (0, 3, 6, 9, 12, 15, 18, 21),
    spoil: Callable[[xr.Dataset], xr.Dataset] = lambda data: data,
) -> Path:
    """Write a southerly wind as ERA5 pressure levels: 60 deg square, 1000 to 10 hPa."""
    level = np.array([1000, 925, 850, 700, 500, 300, 200, 100, 50, 20, 10], float)
    height = 44330.8 * (1.0 - (level / 1013.25) ** 0.190263)
    height[level < 226] = 11000.0 + 6341.6 * np.log(226.32 / level[level < 226])
    latitude, longitude = np.arange(60.0, 9.0, -5.0), np.arange(100.0, 161.0, 5.0)
    times = np.datetime64("2015-04-03T12:00", "ns") + np.array(hours) * np.timedelta64(1, "h")
    shape = (len(hours), level.size, latitude.size, longitude.size)
    dims = ("time", "level", "latitude", "longitude")
    column = np.ones(shape) * height[None, :, None, None]
    data = xr.Dataset(
        {
            "u": (dims, np.full(shape, 1.0, "f4"), {"units": "m s**-1"}),
            "v": (dims, np.full(shape, 9.0, "f4"), {"units": "m s**-1"}),
            "z": (dims, (9.80665 * column).astype("f4"), {"units": "m**2 s**-2"}),
        },
        coords={
            "time": times,
            "level": ("level", level, {"units": "hPa"}),
            "latitude": ("latitude", latitude, {"units": "degrees_north"}),
            "longitude": ("longitude", longitude, {"units": "degrees_east"}),
        },
    )
    spoil(data).to_netcdf(path, engine="h5netcdf")
    return path


@pytest.fixture(scope="session")
def wind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound weather file that covers the mission."""
    return make_wind(tmp_path_factory.mktemp("wind") / "wind.nc")


@pytest.fixture
def write_mission(tmp_path: Path) -> Callable[..., Path]:
    """Write the test mission, with pieces of its text replaced."""

    def write(*changes: tuple[str, str]) -> Path:
        text = MISSION
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "mission.toml"
        path.write_text(text)
        return path

    return write
