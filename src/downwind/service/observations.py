"""Own observations of the wind: reduce one, and blend them into the wind of a mission."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from downwind.errors import ObservationError, ResultsWriteError
from downwind.geo.sphere import distance_m
from downwind.plan.mission import Mission
from downwind.wind.cube import WindCube, goes_round
from downwind.wind.observation import read_observation, recognise_observation
from downwind.wind.observation.blend import Blend, blend_observations, last_time_s
from downwind.wind.profile import Profile

MOST_PROFILES: Final = 12
"""Profiles that are blended at the most: those nearest to the site, and then in time."""

SAME_HOUR_S: Final = 3.0 * 3600.0
"""Soundings that lie so close in time count as flown for one hour [s]."""

MOST_AWAY_M: Final = 1_000_000.0
"""Profiles further from the site than this are left out [m]."""


def read_profiles(paths: Sequence[Path]) -> tuple[Profile, ...]:
    """Read own observations and soundings, in the order in which they are given.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Observations (TOML), tracks (GPX), or files of soundings of any kind that is read.

    Raises
    ------
    ObservationError
        If a file holds no observation of the wind.
    WeatherFileError
        If a file of soundings cannot be read.
    """
    from downwind.wind.sources import scan_weather

    found: list[Profile] = []
    for path in map(Path, paths):
        if recognise_observation(path):
            found.append(read_observation(path))
            continue
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no such file"
            raise ObservationError(
                f"cannot read the observation {path}: {what}",
                "give the path of an observation or of a sounding",
            )
        profiles = scan_weather([path])[0].profiles
        if not profiles:
            raise ObservationError(
                f"{path.name} holds no sounding", "give it with --wind, if it is a forecast"
            )
        found += profiles
    return tuple(found)


def draw_profile(profile: Profile, path: Path) -> None:
    """Draw a profile as PNG.

    Raises
    ------
    ResultsWriteError
        If the file cannot be written.
    """
    from downwind.report.observed_plot import draw_observation

    try:
        draw_observation(profile, Path(path))
    except OSError as error:
        raise ResultsWriteError(
            f"cannot write {path}: {error.strerror or error}", "name a file that you may write"
        ) from error


def find_times(profiles: Sequence[Profile]) -> tuple[float, ...]:
    """Return the times that a wind has to hold [s since 1970]; none for many soundings."""
    if len(profiles) > MOST_PROFILES:
        return ()
    return tuple(float(profile.time_s) for profile in profiles)


def blend_for_mission(
    cube: WindCube, mission: Mission, profiles: Sequence[Profile], trust: bool = False
) -> Blend:
    """Blend own observations into the wind of a mission.

    Of many soundings those inside the wind and near the first site are taken.

    Parameters
    ----------
    cube : WindCube
    mission : Mission
    profiles : sequence of Profile
        What `read_profiles` found.
    trust : bool
        Use levels that differ from the forecast by more than the gross check allows.

    Raises
    ------
    ObservationError, WindCoverageError, WeatherFileError
    """
    once = drop_twins(profiles)
    kept, note = choose_profiles(cube, mission, once)
    steady_s = 3600.0 * (mission.wind.steady_hours or 0.0)
    blend = blend_observations(cube, kept, trust=trust, steady_s=steady_s)
    notes, warnings = [note] if note else [], []
    if len(once) < len(profiles):
        notes.append(f"{len(profiles) - len(once)} observations are there twice: each counts once")
    if doubtful := find_doubtful(cube, kept):
        warnings.append(
            "the wind is made of soundings, and one of them may be the observation of "
            f"{', '.join(doubtful)}: then it counts twice, and the error stated is too small; "
            "import all soundings as one wind instead"
        )
    for key, lines in (("notes", notes), ("warnings", warnings)):
        attrs = blend.cube.dataset.attrs
        attrs[key] = "\n".join(x for x in (attrs[key], *lines) if x)
    return blend


def find_doubtful(cube: WindCube, profiles: Sequence[Profile]) -> tuple[str, ...]:
    """Return the stations whose observation a wind of soundings may hold already.

    That is one of a file of the wind, or of about one of its times.
    """
    if cube.nature != "observation":
        return ()
    files = cube.files.split(", ")
    return tuple(
        dict.fromkeys(
            profile.station
            for profile in profiles
            if profile.file in files or np.abs(cube.times_s - profile.time_s).min() <= SAME_HOUR_S
        )
    )


def drop_twins(profiles: Sequence[Profile]) -> tuple[Profile, ...]:
    """Return profiles, each once: the same winds of the same place and time are one.

    Counted twice, an observation would pass for a better one than it is.
    """
    kept: dict[tuple[object, ...], Profile] = {}
    for p in profiles:
        winds = (p.height_m, p.eastward_ms, p.northward_ms)
        key = (p.longitude, p.latitude, p.time_s, *(values.tobytes() for values in winds))
        kept.setdefault(key, p)
    return tuple(kept.values())


def choose_profiles(
    cube: WindCube, mission: Mission, profiles: Sequence[Profile]
) -> tuple[tuple[Profile, ...], str]:
    """Return the profiles to blend, and a note on those that are left out.

    A few are all taken, so that one which does not fit is refused by name.
    """
    if len(profiles) <= MOST_PROFILES:
        return tuple(profiles), ""
    site = mission.sites[0]
    away = np.array(
        [
            float(distance_m(site.longitude, site.latitude, p.longitude, p.latitude))
            for p in profiles
        ]
    )
    steady_s = 3600.0 * (mission.wind.steady_hours or 0.0)
    inside = np.array([_is_inside(cube, profile, steady_s) for profile in profiles])
    late = np.array([abs(p.time_s - mission.launch_times_s[0]) for p in profiles])
    order = np.lexsort((late, away))
    chosen = [i for i in order if inside[i] and away[i] <= MOST_AWAY_M][:MOST_PROFILES]
    if not chosen:
        raise ObservationError(
            f"none of {len(profiles)} soundings lies inside {cube.source} and within "
            f"{MOST_AWAY_M / 1e3:.0f} km of the site {site.name}",
            "bring soundings of the hours and the area of the forecast",
        )
    kept = tuple(profiles[i] for i in sorted(chosen))
    return kept, (
        f"{len(kept)} of {len(profiles)} soundings blended: those nearest to the site, inside the "
        "wind in place and time"
    )


def _is_inside(cube: WindCube, profile: Profile, steady_s: float) -> bool:
    times, lat, lon = cube.times_s, cube.latitude, cube.longitude
    across = (profile.longitude - lon[0]) % 360.0 <= lon[-1] - lon[0] or goes_round(lon)
    return bool(
        times[0] <= profile.time_s <= last_time_s(cube, steady_s)
        and lat[0] <= profile.latitude <= lat[-1]
        and across
    )
