"""The demonstration: the fleet of the 2015 report in a synthetic wind, without any file."""

from __future__ import annotations

from importlib import resources

import numpy as np

from downwind.times import parse_time
from downwind.wind.synthetic import SyntheticWind

MISSION_FILE = "demonstration.toml"

_HEIGHT_M = (0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 6000, 7000, 8000, 9000,
             10000, 11000, 12000, 14000, 16000, 18000, 20000, 22000, 24000, 26000)  # fmt: skip
_EVENING = ((3, 210), (6, 220), (8, 228), (9, 232), (10, 235), (11, 238), (12, 240), (13, 243),
            (14, 245), (15, 248), (17, 250), (21, 253), (26, 256), (31, 258), (36, 260), (40, 260),
            (42, 261), (40, 262), (32, 264), (24, 266), (16, 268), (10, 270), (7, 272), (6, 274),
            (6, 275))  # fmt: skip
_MORNING = ((3, 150), (6, 168), (8, 176), (9, 181), (10, 185), (11, 188), (11, 191), (12, 194),
            (13, 197), (14, 200), (15, 204), (19, 212), (24, 220), (29, 227), (34, 233), (38, 238),
            (40, 242), (38, 246), (30, 252), (22, 258), (15, 263), (9, 268), (7, 272), (6, 274),
            (6, 275))  # fmt: skip
"""Speed [m s-1] and direction the wind comes from [degrees], at each height."""


def demonstration_wind() -> SyntheticWind:
    """Return the synthetic wind of the demonstration night.

    A south-westerly evening turns southerly until the morning, over shear, veer with height and a
    westerly jet at 11 km; it is made up to be plausible for the season, from no observation.
    """
    times = [parse_time("2015-04-03T06:00Z"), parse_time("2015-04-04T00:00Z"),
             parse_time("2015-04-05T06:00Z")]  # fmt: skip
    hodographs = [np.array(table, float) for table in (_EVENING, _MORNING, _MORNING)]
    speed = np.array([h[:, 0] for h in hodographs])
    towards = np.radians(np.array([h[:, 1] for h in hodographs]) + 180.0)
    return SyntheticWind(
        name="synthetic wind (made up, not of that night)",
        time_s=np.array(times, float),
        height_m=np.array(_HEIGHT_M, float),
        east_ms=np.round(speed * np.sin(towards), 3),
        north_ms=np.round(speed * np.cos(towards), 3),
        longitude0=126.5,
        latitude0=38.5,
        gradient=(0.15, 0.4, -0.2, 0.1),
    )


def demonstration_mission_text() -> str:
    """Return the mission file of the demonstration."""
    return resources.files("downwind.service").joinpath(MISSION_FILE).read_text("utf-8")
