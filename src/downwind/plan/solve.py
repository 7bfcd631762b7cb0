"""From a mission and a wind to a ``PlanResult``: search, fly the whole fleet, judge, warn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.constants import IMPACT_LIMIT_J
from downwind.errors import MissionError, TimerError, WindCoverageError
from downwind.geo.sun import is_night
from downwind.landing.regions import HOME, TARGET, LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.load.items import (
    bundle_speed_ms,
    impact_energy_j,
    is_above_impact_limit,
)
from downwind.plan.drop import GroupFlights, Outcome
from downwind.plan.evaluate import (
    Progress,
    drop_sample,
    fly_settings,
    item_kinds,
    manifest_rows,
    summarise_kind,
)
from downwind.plan.fleet import (
    Setting,
    bundle_speeds_ms,
    draw_falls,
    draw_films,
    draw_opening_s,
    draw_timers,
    launch_height_m,
    nominal_fill,
)
from downwind.plan.manifest import Manifest
from downwind.plan.mission import Mission
from downwind.plan.result import (
    CandidateRow,
    EnvelopeResult,
    GroupResult,
    LimitCheck,
    PlanResult,
)
from downwind.plan.run import identify_run
from downwind.plan.search import Candidate, limit_table, search, trace_timers
from downwind.sim.draws import Draws
from downwind.sim.drop import ItemArrays
from downwind.sim.flight import StopRule, fly_balloons
from downwind.sim.steps import ITEM_STEPS_S, Steps, choose_balloon_step, choose_item_step
from downwind.sim.turbulence import Turbulence
from downwind.times import format_utc
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid

RULES_STOP = "RULES NOT CHECKED: STOP"
ENVELOPE_HOURS = 15.0
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
    latest = mission.search.timer_until_s
    check_coverage(mission, grid, mission.launch_times_s, latest)
    draws, regions = Draws(mission.seed, mission.draws), _regions(mission)
    lifts = [mission.search.free_lifts or (g.free_lift,) for g in mission.groups]
    middle = min(3600.0, latest)
    settings = [
        Setting(mission.sites[0], mission.launch_times_s[0], lift[0], middle) for lift in lifts
    ]
    steps = choose_steps(mission, grid, draws, settings, progress)
    found = search(mission, draws, grid, regions, steps, progress)
    return _finish(command, mission, grid, draws, regions, steps, found[0], found, progress)


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
    site, start = mission.sites[0], mission.launch_times_s[0]
    timers = [float(g.timer_setting_s or 0.0) for g in mission.groups]
    check_coverage(mission, grid, (start,), max(timers))
    draws, regions = Draws(mission.seed, mission.draws), _regions(mission)
    settings = [
        Setting(site, start, g.free_lift, t) for g, t in zip(mission.groups, timers, strict=True)
    ]
    steps = choose_steps(mission, grid, draws, settings, progress)
    limits, curves, best = limit_table(mission), [], []
    for g, setting in enumerate(settings):
        around = np.arange(
            mission.search.timer_from_s,
            mission.search.timer_until_s + 1.0,
            mission.search.timer_step_s,
        )
        tried = np.union1d(around, [timers[g]])
        unset = Setting(site, start, setting.free_lift, None)
        curve = trace_timers(mission, g, draws, grid, regions, steps, unset, tried)
        curves.append(curve)
        best.append(int(np.searchsorted(tried, timers[g])))
    feasible = tuple(bool(c.excess(limits)[i] <= 0.0) for c, i in zip(curves, best, strict=True))
    given = Candidate(site, start, tuple(curves), tuple(best), feasible, 0.0, 0.0)
    return _finish("fly", mission, grid, draws, regions, steps, given, (), progress)


def check_coverage(
    mission: Mission, grid: WindGrid, starts: tuple[int, ...], latest_timer_s: float
) -> None:
    """Raise unless the wind holds the sites, hours and heights, and every fill lifts its load."""
    for site in mission.sites:
        grid.require_place(site.longitude, site.latitude, f"the site {site.name}")
    for start in starts:
        last = start + mission.fleet_span_s
        grid.require_time(start, last, f"the launch at {format_utc(start)}")
        try:
            grid.require_time(
                start, last + latest_timer_s, f"a timer of {latest_timer_s / 60:.0f} min"
            )
        except WindCoverageError as error:
            raise TimerError(
                error.message,
                "shorten the timer (balloon.timer_setting, search.timer_until), launch earlier, or "
                "bring a wind file that reaches further",
            ) from error
    for site in mission.sites:
        grid.require_height(launch_height_m(site, grid), f"the site {site.name}")
        for group in mission.groups:
            for lift in mission.search.free_lifts or (group.free_lift,):
                fill = nominal_fill(mission, group, Setting(site, starts[0], lift, None), grid)
                grid.require_height(fill.float_height_m, f"group '{group.name}' afloat")


def choose_steps(
    mission: Mission, grid: WindGrid, draws: Draws, settings: list[Setting], progress: Progress
) -> Steps:
    """Choose integration steps by the error measured on a sample of this mission's own flights."""
    progress("choosing steps", 0.0)
    balloon = (60.0, 0.0, 0.0)
    item = (ITEM_STEPS_S[0], 0.0)
    count = min(CALIBRATION_DRAWS, mission.draws)
    for g, (group, setting) in enumerate(zip(mission.groups, settings, strict=True)):
        draw = np.arange(count)
        index = draw % group.count
        assert setting.timer_s is not None
        in_fleet = mission.first_balloon(g) + index
        timers = draw_timers(mission, group, draws, setting.timer_s, draw, in_fleet)
        films = draw_films(mission, g, draws, grid, setting, draw, index, timers)
        step, place, height = choose_balloon_step(grid, films)
        balloon = (min(balloon[0], step), max(balloon[1], place), max(balloon[2], height))
        flown = fly_balloons(grid, films, step)
        up = flown.reason[:, 0] == StopRule.TIMER
        for part in group.load:
            rows, _ = manifest_rows(mission, draws, g, part.kind, 0, stop=count)
            columns = (
                draw_falls(draws, part.kind, draw, rows.own, rows.mode)
                if rows.own.size == count
                else draw_falls(draws, part.kind, draw, np.zeros(count), np.full(count, 0.5))
            )
            items = ItemArrays(
                films.member[up],
                flown.longitude[up, 0],
                flown.latitude[up, 0],
                flown.height_m[up, 0],
                flown.time_s[up, 0],
                bundle_speeds_ms(group, part.kind)[index[up]],
                draw_opening_s(mission, draws, part.kind, draw)[up],
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
    draws: Draws,
    regions: LandingRegions,
    steps: Steps,
    chosen: Candidate,
    candidates: tuple[Candidate, ...],
    progress: Progress,
) -> PlanResult:
    settings = chosen.settings
    flights = fly_settings(mission, draws, grid, settings, steps, progress)
    sample = drop_sample(mission, draws, grid, flights, steps, progress)
    summaries = [summarise_kind(mission, items, regions) for items in sample]
    mass = np.array([r.count * r.kind.mass_kg for r, _ in summaries])
    load_shares = {
        name: estimate_share(np.average([s[name] for _, s in summaries], axis=0, weights=mass))
        for name in regions.names
    }
    limits = tuple(
        LimitCheck(
            name, regions.title(name), limit, load_shares[name], load_shares[name].mean <= limit
        )
        for name, limit in limit_table(mission).items()
    )
    progress("following the envelopes", 0.0)
    groups = tuple(
        _group_result(mission, g, draws, grid, regions, steps, chosen, flights[g])
        for g in range(len(mission.groups))
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
        kinds=tuple(r for r, _ in summaries),
        load_shares=load_shares,
        limits=limits,
        candidates=tuple(_candidate_row(mission, c) for c in candidates),
        manifest=Manifest(mission, draws, grid, flights, steps),
        stops=_stops(mission),
        warnings=(),
    )
    progress("done", 1.0)
    return _with_warnings(result)


def _group_result(
    mission: Mission,
    g: int,
    draws: Draws,
    grid: WindGrid,
    regions: LandingRegions,
    steps: Steps,
    chosen: Candidate,
    flights: GroupFlights,
) -> GroupResult:
    group, setting = mission.groups[g], chosen.settings[g]
    assert setting.timer_s is not None
    draw = np.arange(mission.draws)
    balloon = draw % group.count
    in_fleet = mission.first_balloon(g) + balloon
    timers = draw_timers(mission, group, draws, setting.timer_s, draw, in_fleet)
    films = draw_films(
        mission, g, draws, grid, setting, draw, balloon, timers, follow_envelope=True
    )
    rows = int(ENVELOPE_HOURS * 60.0) + 2
    flown = fly_balloons(grid, films, steps.balloon_s, 60.0, rows)
    last = flown.last_stage
    end = (draw, last)
    left = (flown.reason[end] == StopRule.LEFT_DATA) * 1.0
    inside = regions.classify(flown.longitude[end], flown.latitude[end])
    peak = np.nanmax(flown.track[:, :, 2], axis=1)
    released = flights.reason == StopRule.TIMER
    down = (
        ~released & (flights.reason == StopRule.GROUND) & (flights.failure != TimerFailure.NEVER)
    ).mean(axis=1)
    altitude = atmosphere.geometric_altitude(flights.height_m[released])
    quantiles = (
        tuple(float(q) for q in np.quantile(altitude, [0.5, 0.05, 0.95]))
        if altitude.size
        else (float("nan"),) * 3
    )
    return GroupResult(
        group=group,
        setting=setting,
        fill=nominal_fill(mission, group, setting, grid),
        curve=chosen.curves[g],
        is_feasible=chosen.feasible[g],
        on_ground_before_release=estimate_share(down),
        release_altitude_m=(quantiles[0], quantiles[1], quantiles[2]),
        envelope=EnvelopeResult(
            flights=flown,
            launch_s=films.time_s,
            peak_m=atmosphere.geometric_altitude(peak),
            shares={n: estimate_share((m & (left == 0.0)) * 1.0) for n, m in inside.items()},
            left_data=estimate_share(left),
        ),
    )


def _candidate_row(mission: Mission, candidate: Candidate) -> CandidateRow:
    mass = np.array([sum(p.count * p.kind.mass_kg for p in g.load) for g in mission.groups])

    def whole(region: str) -> Share:
        rows: list[NDArray[np.float64]] = [
            c.shares[region][i] for c, i in zip(candidate.curves, candidate.best, strict=True)
        ]
        return estimate_share(np.average(rows, axis=0, weights=mass))

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


def _stops(mission: Mission) -> tuple[str, ...]:
    stops = [RULES_STOP]
    for kind in item_kinds(mission):
        if is_above_impact_limit(kind):
            energy = impact_energy_j(kind.mass_kg, kind.fast_speed_ms)
            stops.append(
                f"{kind.title} lands with {energy:.1f} J, above {IMPACT_LIMIT_J} J: STOP "
                "(14 CFR Part 107, category 2)"
            )
    return tuple(stops)


def _describe_turbulence(mission: Mission, settings: list[Setting]) -> str:
    """Say which turbulence was taken, and whether it is that of another time of day."""
    text = f"turbulence: {mission.turbulence.text}"
    by_day = [
        s for s in settings if not is_night(float(s.start_s), s.site.latitude, s.site.longitude)
    ]
    if by_day and mission.turbulence == Turbulence.night():
        text += ", although the launch is by day; state the air of the day under [turbulence]"
    return text


def _with_warnings(result: PlanResult) -> PlanResult:
    mission, grid = result.mission, result.grid
    notes: list[str] = []
    if grid.nature == "synthetic":
        notes.append(f"the wind is not real: {grid.source}")
    notes.append(
        "one wind is taken as certain: forecast error is not in these figures, so all shares and "
        "errors are given this wind"
        if grid.member_count == 1
        else f"{grid.member_count} members"
    )
    notes += list(grid.bridges)
    notes += list(grid.notes)
    if not grid.has_vertical_wind:
        notes.append("the source has no vertical wind; it is taken as 0")
    notes.append("air density is that of the standard atmosphere")
    notes.append(_describe_turbulence(mission, [g.setting for g in result.groups]))
    if not result.is_feasible:
        broken = ", ".join(c.title for c in result.limits if not c.is_met)
        notes.append(f"no setting found that meets the limits; broken: {broken}")
    for group in result.groups:
        left = group.envelope.left_data
        if left.hit_draws:
            notes.append(
                f"{group.group.name}: {left.to_text()} of the emptied envelopes leave the wind "
                "data before they land"
            )
        load_kg = group.group.load_kg(0)
        energy = impact_energy_j(load_kg, bundle_speed_ms(load_kg))
        notes.append(
            f"{group.group.name}: a bundle that never opens lands with {energy:.0f} J "
            f"(probability {result.mission.uncertainty.failure / 4:.2%} a balloon): lethal"
        )
    left_items = [
        f"{k.kind.title} {k.outcomes[Outcome.LEFT_DATA.text].to_text()}"
        for k in result.kinds
        if k.outcomes[Outcome.LEFT_DATA.text].hit_draws
    ]
    if left_items:
        notes.append("items that leave the wind data: " + "; ".join(left_items))
    if mission.note:
        notes.insert(0, mission.note)
    return replace(result, warnings=tuple(dict.fromkeys(notes)))
