"""What an own observation of the wind changed in a plan: the same setting flown without it.

The chosen setting flies a second time in the wind before the blend, with the same random numbers,
so that the difference is that of the wind alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from downwind.errors import WindCoverageError
from downwind.geo.sphere import bearing_deg, distance_m
from downwind.landing.clusters import estimate_mean
from downwind.landing.regions import TARGET
from downwind.landing.shares import Share, estimate_share
from downwind.plan.clusters import find_clusters, learn_likeness
from downwind.plan.evaluate import OPENED, SampledItems, drop_sample, fly_settings, summarise_kind
from downwind.wind.cube import WindCube, interpolate_wind
from downwind.wind.grid import WindGrid
from downwind.wind.observation.blend import Blend, ObservationCheck

if TYPE_CHECKING:
    from downwind.plan.evaluate import Progress
    from downwind.plan.result import PlanResult

SITE_HEIGHTS_M: Final = (250.0, 500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0)
"""Geopotential heights at which the wind over the site is told [m]."""


@dataclass(frozen=True, slots=True)
class SiteWind:
    """The wind over the site at the launch, before and after the blend.

    Attributes
    ----------
    height_m : float
        Geopotential, above the sea [m].
    before_ms, after_ms : tuple of float
        Eastward and northward wind; of an ensemble the mean of its members [m s-1].
    """

    height_m: float
    before_ms: tuple[float, float]
    after_ms: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the landings of one kind moved.

    Attributes
    ----------
    name, title : str
        Of the kind.
    before, after : tuple of float or None
        Centroid of the items let go and opened, longitude and latitude [degrees]; None without any.
    distance_m, bearing_deg : float
        From before to after [m], [degrees]; NaN where one is not known.
    """

    name: str
    title: str
    before: tuple[float, float] | None
    after: tuple[float, float] | None
    distance_m: float
    bearing_deg: float


@dataclass(frozen=True, slots=True)
class ObservationEffect:
    """What observations changed.

    Attributes
    ----------
    observations : tuple of ObservationCheck
    largest_change_ms : float
        Largest change of the wind where it was observed [m s-1].
    site : tuple of SiteWind
        From the ground up.
    shares_before, shares_after : dict
        Expected share of the load by mass for each region, with the same setting.
    target_change, target_change_error : float
        Change of the share in the target and its standard error, draw by draw [fraction].
    shifts : tuple of Shift
        One a kind.
    """

    observations: tuple[ObservationCheck, ...]
    largest_change_ms: float
    site: tuple[SiteWind, ...]
    shares_before: dict[str, Share]
    shares_after: dict[str, Share]
    target_change: float
    target_change_error: float
    shifts: tuple[Shift, ...]


def find_effect(
    result: PlanResult,
    forecast: WindCube,
    before: WindGrid,
    blend: Blend,
    progress: Progress,
) -> ObservationEffect:
    """Fly the setting of a result in the wind before the blend and compare.

    Parameters
    ----------
    result : PlanResult
        Made in the blended wind.
    forecast : WindCube
        The wind before the blend.
    before : WindGrid
        The same, laid out as that of the result, each draw with an error of its own where the
        result has one.
    blend : Blend
    progress : callable
        Called with a stage's name and a fraction of it.
    """
    mission, steps = result.mission, result.steps
    draws = result.manifest.draws
    settings = tuple(group.setting for group in result.groups)
    flights = fly_settings(mission, draws, before, settings, steps, progress)
    samples = [
        drop_sample(mission, draws, grid, flown, steps, progress)
        for grid, flown in ((before, flights), (result.grid, result.manifest.flights))
    ]
    mass = np.array([kind.count * kind.kind.mass_kg for kind in result.kinds])
    shares = []
    for sample in samples:
        rows = [summarise_kind(mission, items, result.regions)[1].shares for items in sample]
        shares.append(
            {
                name: np.average([row[name] for row in rows], axis=0, weights=mass)
                for name in result.regions.names
            }
        )
    clusters = find_clusters(result.grid, mission.draws)
    clusters = learn_likeness(clusters, result.grid, samples[1])
    change = estimate_mean(shares[1][TARGET] - shares[0][TARGET], clusters)
    return ObservationEffect(
        observations=blend.checks,
        largest_change_ms=blend.largest_change_ms,
        site=_compare_site(result, forecast, blend.cube),
        shares_before={name: estimate_share(rows, clusters) for name, rows in shares[0].items()},
        shares_after={name: estimate_share(rows, clusters) for name, rows in shares[1].items()},
        target_change=change.mean,
        target_change_error=change.standard_error,
        shifts=tuple(_shift(*pair) for pair in zip(*samples, strict=True)),
    )


def _compare_site(result: PlanResult, before: WindCube, after: WindCube) -> tuple[SiteWind, ...]:
    """Return the wind over the site at the heights that both cubes hold."""
    times, site = before.times_s, result.site
    when = float(np.clip(result.start_s, times[0], times[-1]))
    found = []
    for height in SITE_HEIGHTS_M:
        try:
            pair = [
                np.mean(
                    [
                        interpolate_wind(cube, m, when, site.longitude, site.latitude, height)
                        for m in range(cube.member_count)
                    ],
                    axis=0,
                )
                for cube in (before, after)
            ]
        except WindCoverageError:
            # below the lowest level the plan bridges, above the highest it has no wind
            continue
        east, north = np.array(pair).T.tolist()
        found.append(SiteWind(height, (east[0], north[0]), (east[1], north[1])))
    return tuple(found)


def _shift(before: SampledItems, after: SampledItems) -> Shift:
    ends = [_centroid(sample) for sample in (before, after)]
    far, way = float("nan"), float("nan")
    if ends[0] is not None and ends[1] is not None:
        far = float(distance_m(*ends[0], *ends[1]))
        way = float(bearing_deg(*ends[0], *ends[1]))
    return Shift(before.kind.name, before.kind.title, ends[0], ends[1], far, way)


def _centroid(sample: SampledItems) -> tuple[float, float] | None:
    """Return the mean place of the items let go and opened [degrees]."""
    opened: NDArray[np.bool_] = np.isin(sample.outcome, OPENED)
    if not opened.any():
        return None
    longitude, weight = sample.longitude[opened], sample.weight[opened]
    first = float(longitude[0])
    east = float(np.average((longitude - first + 180.0) % 360.0 - 180.0, weights=weight))
    north = float(np.average(sample.latitude[opened], weights=weight))
    return (first + east + 180.0) % 360.0 - 180.0, north
