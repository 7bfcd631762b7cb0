"""From a mission and a wind to a ``PlanResult``: search, fly the whole fleet, judge, warn."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.errors import MissionError, TimerError, WindCoverageError
from downwind.landing.clusters import Clusters
from downwind.landing.regions import HOME, TARGET, LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.plan.air_of_run import find_launch_weather, launch_stops, settle_turbulence
from downwind.plan.compliance import judge_plan
from downwind.plan.dominance import KindDominance, find_dominance
from downwind.plan.drop import GroupFlights
from downwind.plan.enough import Winds, fly_enough
from downwind.plan.evaluate import (
    Progress,
    manifest_rows,
    median_place,
)
from downwind.plan.fleet import (
    Setting,
    bundle_speeds_ms,
    draw_balloons,
    draw_falls,
    draw_opening_s,
    draw_releases,
    launch_height_m,
    nominal_fill,
    own_free_lift,
)
from downwind.plan.ground import find_quantiles, fly_to_ground, measure_plastic
from downwind.plan.landing_maps import report_landings
from downwind.plan.launch_hours import first_launch_s
from downwind.plan.manifest import Manifest
from downwind.plan.mission import BalloonGroup, Mission, Release
from downwind.plan.notes import find_alarms, find_warnings
from downwind.plan.recommend import recommend
from downwind.plan.resident_report import report_residents
from downwind.plan.result import (
    CandidateRow,
    GroupResult,
    LimitCheck,
    PlanResult,
    ReleaseResult,
)
from downwind.plan.run import identify_run
from downwind.plan.search import (
    Candidate,
    limit_table,
    shifted_settings,
    timer_settings,
    trace_timers,
)
from downwind.plan.wind_error import settle_wind_error
from downwind.sim.draws import Draws
from downwind.sim.drop import ItemArrays
from downwind.sim.flight import StopRule, fly_balloons
from downwind.sim.steps import ITEM_STEPS_S, Steps, choose_balloon_step, choose_item_step
from downwind.times import clock_s, format_utc
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid

CALIBRATION_DRAWS = 100


def quiet(stage: str, fraction: float) -> None:
    """Report progress to nobody."""
    del stage, fraction


def plan_mission(
    mission: Mission, grid: WindGrid, progress: Progress = quiet, command: str = "plan"
) -> PlanResult:
    """Search launch, fill and timer, and fly the whole fleet with the best.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
    progress : callable
        Called with a stage's name and a fraction of it.
    command : str
        What the user asked for, as the result names it.

    Raises
    ------
    WindCoverageError
        If the wind does not cover the sites, the launch times or the heights.
    TimerError
        If a timer setting reaches past the data.
    LiftError
        If a balloon cannot lift its load.
    """
    mission = settle_turbulence(mission, grid)
    grid_as_read = grid
    latest = max(timer_settings(mission, g)[-1] + g.latest_after_s for g in mission.groups)
    check_coverage(mission, grid, mission.launch_times_s, latest)
    grid = settle_wind_error(mission, grid)
    draws, regions = Draws(mission.seed, mission.draws), _regions(mission)
    steps = choose_steps(mission, grid, draws, trial_settings(mission, grid), progress)
    found = recommend(mission, draws, grid, regions, steps, progress)
    result = _finish(
        command,
        found.mission,
        grid,
        partial(settle_wind_error, found.mission, grid_as_read),
        regions,
        steps,
        found.chosen,
        found.candidates,
        progress,
    )
    return replace(result, tried=found.tried)


def fly_mission(mission: Mission, grid: WindGrid, progress: Progress = quiet) -> PlanResult:
    """Fly the mission's own settings: its first site, first launch time, fills and timers.

    Arguments and errors are those of ``plan_mission``; MissionError if a group has no timer
    setting.
    """
    missing = [
        (f"balloon[{i}].timer_setting", "missing; fly needs it (plan finds it)")
        for i, group in enumerate(mission.groups)
        if group.timer_setting_s is None
    ]
    if missing:
        raise MissionError(
            "the mission gives no timer setting for "
            + ", ".join(
                f"balloon[{i}]" for i, g in enumerate(mission.groups) if g.timer_setting_s is None
            ),
            'add timer_setting = "60 min" to each [[balloon]], or let downwind plan find it',
            tuple(missing),
        )
    mission = settle_turbulence(mission, grid)
    winds = partial(settle_wind_error, mission, grid)
    site = mission.sites[0]
    start = first_launch_s(mission, site)
    timers = [float(g.timer_setting_s or 0.0) for g in mission.groups]
    latest = max(t + g.last_after_s for t, g in zip(timers, mission.groups, strict=True))
    check_coverage(mission, grid, (start,), latest)
    grid = settle_wind_error(mission, grid)
    draws, regions = Draws(mission.seed, mission.draws), _regions(mission)
    settings = [
        Setting(site, start, own_free_lift(mission, g, site, grid), t)
        for g, t in zip(mission.groups, timers, strict=True)
    ]
    steps = choose_steps(mission, grid, draws, settings, progress)
    limits, curves, best = limit_table(mission), [], []
    for g, setting in enumerate(settings):
        group = mission.groups[g]
        tried = np.union1d(timer_settings(mission, group), shifted_settings(group, timers[g]))
        unset = Setting(site, start, setting.free_lift, None)
        curve = trace_timers(mission, g, draws, grid, regions, steps, unset, tried)
        curves.append(curve)
        best.append(int(np.searchsorted(tried, timers[g])))
    feasible = tuple(bool(c.excess(limits)[i] <= 0.0) for c, i in zip(curves, best, strict=True))
    given = Candidate(site, start, tuple(curves), tuple(best), feasible, 0.0, 0.0)
    return _finish("fly", mission, grid, winds, regions, steps, given, (), progress)


def trial_settings(mission: Mission, grid: WindGrid) -> list[Setting]:
    """Return settings by which the steps of a search are chosen: timers of an hour or less."""
    site, start = mission.sites[0], mission.launch_times_s[0]
    return [
        Setting(
            site,
            start,
            (mission.search.free_lifts or (own_free_lift(mission, group, site, grid),))[0],
            min(3600.0, float(timer_settings(mission, group)[-1])),
        )
        for group in mission.groups
    ]


def check_coverage(
    mission: Mission, grid: WindGrid, starts: tuple[int, ...], latest_timer_s: float
) -> None:
    """Raise unless the wind holds the sites, hours and heights, and every fill lifts its load."""
    check_places(mission, grid)
    for start in starts:
        last = start + mission.fleet_span_s
        grid.require_time(start, last, f"the launch at {format_utc(start)}")
        try:
            grid.require_time(
                start,
                last + mission.uncertainty.launch_delay_s[2] + latest_timer_s,
                f"a timer of {latest_timer_s / 60:.0f} min",
            )
        except WindCoverageError as error:
            raise TimerError(
                error.message,
                "shorten the timer (balloon.timer_setting, search.timer_until), launch earlier, or "
                "bring a wind file that reaches further",
            ) from error
    for group in mission.groups:
        check_fills(mission, grid, group)


def check_places(mission: Mission, grid: WindGrid) -> None:
    """Raise unless the wind holds every site."""
    for site in mission.sites:
        grid.require_place(site.longitude, site.latitude, f"the site {site.name}")
        grid.require_height(launch_height_m(site, grid), f"the site {site.name}")


def check_fills(mission: Mission, grid: WindGrid, group: BalloonGroup) -> None:
    """Raise unless every fill of a group lifts its load at every site, to a height in the data."""
    start = mission.launch_times_s[0]
    for site in mission.sites:
        own = own_free_lift(mission, group, site, grid)
        for lift in mission.search.free_lifts or (own,):
            fill = nominal_fill(mission, group, Setting(site, start, lift, None), grid)
            if math.isfinite(fill.float_height_m):
                grid.require_height(fill.float_height_m, f"group '{group.name}' afloat")


def choose_steps(
    mission: Mission, grid: WindGrid, draws: Draws, settings: list[Setting], progress: Progress
) -> Steps:
    """Choose integration steps by the error measured on a sample of this mission's own flights."""
    progress("choosing steps", 0.0)
    balloon = (60.0, 0.0, 0.0)
    item = (ITEM_STEPS_S[0], 0.0)
    count = min(CALIBRATION_DRAWS, mission.draws)
    draw = np.arange(count)
    for g, (group, setting) in enumerate(zip(mission.groups, settings, strict=True)):
        index = draw % group.count
        assert setting.timer_s is not None
        in_fleet = mission.first_balloon(g) + index
        releases = draw_releases(mission, group, draws, setting.timer_s, draw, in_fleet)
        balloons = draw_balloons(mission, g, draws, grid, setting, draw, index, releases)
        step, place, height = choose_balloon_step(grid, balloons)
        balloon = (min(balloon[0], step), max(balloon[1], place), max(balloon[2], height))
        flown = fly_balloons(grid, balloons, step)
        for lot in mission.lots_of(g):
            up = flown.released[:, lot.release]
            rows = manifest_rows(mission, draws, lot, stop=count)
            few = rows.own.size < count
            columns = draw_falls(
                draws,
                lot.kind,
                draw,
                np.zeros(count) if few else rows.own,
                np.full(count, 0.5) if few else rows.mode,
            )
            at = (up, lot.release)
            items = ItemArrays(
                balloons.member[up],
                flown.release_longitude[at],
                flown.release_latitude[at],
                flown.release_height_m[at],
                flown.release_time_s[at],
                bundle_speeds_ms(group, lot.part)[index[up]],
                draw_opening_s(mission, draws, lot.kind, draw)[up],
                columns.low_speed_ms[up],
                columns.high_speed_ms[up],
                columns.exponent[up],
                columns.switch_m[up],
            )
            found = choose_item_step(grid, items)
            item = (min(item[0], found[0]), max(item[1], found[1]))
    return Steps(item[0], balloon[0], item[1], balloon[1], balloon[2])


def _finish(
    command: str,
    mission: Mission,
    grid: WindGrid,
    winds: Winds,
    regions: LandingRegions,
    steps: Steps,
    chosen: Candidate,
    candidates: tuple[Candidate, ...],
    progress: Progress,
) -> PlanResult:
    table = limit_table(mission)
    found, sampling = fly_enough(
        mission, winds, grid, chosen.settings, regions, tuple(table), steps, progress
    )
    mission, draws, grid, flights = found.mission, found.draws, found.grid, found.flights
    limits = tuple(
        LimitCheck(name, regions.title(name), limit, found.shares[name], found.worst[name])
        for name, limit in table.items()
    )
    # the search keeps no places: what the sample tells of the draws holds for its shares too
    chosen, *rest = (_with_likeness(c, found.clusters.likeness) for c in (chosen, *candidates))
    candidates = tuple(rest)
    progress("following the envelopes", 0.0)
    groups = tuple(
        _group_result(mission, g, draws, grid, regions, steps, chosen, flights[g], found.clusters)
        for g in range(len(mission.groups))
    )
    dominance: tuple[KindDominance, ...] = ()
    if mission.finds_dominance:
        dominance = find_dominance(
            mission,
            grid,
            chosen.settings,
            regions,
            steps,
            progress,
            partial(settle_wind_error, grid=grid),
            flights,
        )
    run = identify_run(mission.digest, grid.digest, mission.seed, mission.draws)
    result = PlanResult(
        command=command,
        mission=mission,
        grid=grid,
        regions=regions,
        run=run,
        steps=steps,
        site=chosen.site,
        start_s=chosen.start_s,
        groups=groups,
        kinds=tuple(r for r, _ in found.summaries),
        load_shares=found.shares,
        left_data=estimate_share(found.left, found.clusters),
        limits=limits,
        candidates=tuple(_candidate_row(c) for c in candidates),
        plastic=measure_plastic(
            mission,
            {r.kind.name: drawn for r, drawn in found.summaries},
            tuple(group.ground for group in groups),
            regions,
            found.clusters,
        ),
        manifest=Manifest(mission, draws, grid, flights, steps),
        stops=launch_stops(
            mission.limits, find_launch_weather(mission, grid, chosen.site, chosen.start_s)
        ),
        alarms=(),
        warnings=(),
        dominance=dominance,
        sampling=sampling,
        landings=report_landings(
            mission,
            draws,
            grid,
            found.clusters,
            regions,
            steps,
            flights,
            tuple(group.ground for group in groups),
            found.sample,
            {r.kind.name: r.density for r, _ in found.summaries},
            found.drawn,
            found.left,
        ),
        residents=report_residents(
            mission, draws, grid, steps, chosen.settings, candidates, found.clusters
        ),
    )
    progress("asking the rules", 0.0)
    result = judge_plan(result, flights, found.sample, found.clusters, clock_s())
    progress("done", 1.0)
    return replace(result, alarms=find_alarms(result), warnings=find_warnings(result))


def _with_likeness(candidate: Candidate, likeness: float) -> Candidate:
    """Return a candidate whose curves know how alike the draws of one wind are."""
    curves = tuple(
        curve
        if curve.clusters is None
        else replace(curve, clusters=replace(curve.clusters, likeness=likeness))
        for curve in candidate.curves
    )
    return replace(candidate, curves=curves)


def _group_result(
    mission: Mission,
    g: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    chosen: Candidate,
    flights: GroupFlights,
    clusters: Clusters,
) -> GroupResult:
    group, setting = mission.groups[g], chosen.settings[g]
    assert setting.timer_s is not None
    return GroupResult(
        group=group,
        setting=setting,
        fill=nominal_fill(mission, group, setting, grid),
        drag=mission.uncertainty.drag_of(group.vehicle),
        curve=chosen.curves[g],
        is_feasible=chosen.feasible[g],
        releases=tuple(
            _release_result(release, setting.timer_s + release.after_s, flights, r, clusters)
            for r, release in enumerate(group.releases)
        ),
        ground=fly_to_ground(mission, g, draws, grid, regions, setting, steps, flights, clusters),
    )


def _release_result(
    release: Release, setting_s: float, flights: GroupFlights, index: int, clusters: Clusters
) -> ReleaseResult:
    released, failure = flights.released[..., index], flights.failure[..., index]
    down = (
        ~released & (flights.end_reason == StopRule.GROUND) & (failure != TimerFailure.NEVER)
    ).mean(axis=1)
    sound = released & (failure != TimerFailure.EARLY)
    place = None
    if released.any():
        longitude, latitude = (
            x[..., index][released] for x in (flights.longitude, flights.latitude)
        )
        place = median_place(longitude, latitude, np.ones(longitude.size))
    late = released & (flights.time_s[..., index] > flights.burst_s)
    if index + 1 < flights.released.shape[-1]:
        late |= released & (flights.time_s[..., index] > flights.time_s[..., index + 1])
    return ReleaseResult(
        release=release,
        setting_s=setting_s,
        altitude_m=find_quantiles(
            atmosphere.geometric_altitude(flights.height_m[..., index][released])
        ),
        place=place,
        time_s=find_quantiles((flights.time_s[..., index] - flights.launch_s)[sound]),
        down_before=estimate_share(down, clusters),
        acts=estimate_share(released.mean(axis=1), clusters),
        out_of_turn=estimate_share(late.mean(axis=1), clusters),
    )


def _candidate_row(candidate: Candidate) -> CandidateRow:
    def whole(region: str) -> Share:
        rows: list[NDArray[np.float64]] = [
            c.shares[region][i] for c, i in zip(candidate.curves, candidate.best, strict=True)
        ]
        return estimate_share(
            np.average(rows, axis=0, weights=candidate.masses_kg), candidate.curves[0].clusters
        )

    return CandidateRow(
        candidate.site,
        candidate.start_s,
        tuple(c.setting.free_lift for c in candidate.curves),
        tuple(float(c.timer_s[i]) for c, i in zip(candidate.curves, candidate.best, strict=True)),
        all(candidate.feasible),
        whole(TARGET),
        whole(HOME),
    )


def _regions(mission: Mission) -> LandingRegions:
    return LandingRegions(mission.target, mission.home, tuple(k.region for k in mission.keep_outs))
