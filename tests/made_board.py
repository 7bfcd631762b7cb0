"""Boards made by hand, in seconds: believable cells without a flight."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from downwind.board.result import (
    Board,
    Cell,
    Certificate,
    CertifiedStage,
    LimitBound,
    Sky,
    Verdict,
    WindVerdict,
)
from downwind.geo.sun import sun_elevation_deg
from downwind.landing.regions import HOME, LEFT_DATA, SEA_NAME, TARGET, THIRD_COUNTRY
from downwind.landing.shares import Share, estimate_share
from downwind.plan.air_of_run import LaunchWeather
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission, Site
from downwind.plan.mission_file import parse_mission
from downwind.plan.run import Run
from downwind.rules.findings import Compliance, Finding, Level
from downwind.rules.records import Rule, Status
from downwind.service.demonstration import demonstration_wind
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid, build_grid
from tests.small_mission import SMALL

DRAWS = 200
NO_RULES = Compliance(())
FIRST_S = 1_428_080_400  # 2015-04-03T17:00Z


def make_rule(name: str, title: str, clears: tuple[str, ...] = ("permission",)) -> Rule:
    return Rule(
        name=name,
        jurisdiction="kr",
        title=title,
        citation="Aviation Safety Act, article 129 paragraph 2",
        version_date=date(2026, 6, 8),
        read_on=date(2026, 11, 22),
        page="statute text",
        status=Status.IN_FORCE,
        check="payload_mass",
        values={"least_kg": 2.0},
        clears=clears,
        decides="Minister of Land, Infrastructure and Transport",
    )


PERMIT = make_rule("kr.act-129-2", "A hung load of 2 kg or more needs a permit")
OVERFLIGHT = make_rule("icao.overflight", "No flight over another State without authorisation")


def make_stop(rule: Rule, subject: str, text: str, todo: str = "enter the permission") -> Finding:
    return Finding(rule, Level.STOP, subject, text, todo)


@cache
def make_wind() -> WindGrid:
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return build_grid(cube, parse_mission(copy.deepcopy(SMALL)).wind)


def make_mission(
    sites: int = 1, changes: Callable[[dict[str, Any]], None] | None = None
) -> Mission:
    table = copy.deepcopy(SMALL)
    table["keep_out"] = [{"country": "China", "limit": "1 %"}]
    more = {"name": "Paju", "latitude": 37.86, "longitude": 126.79, "time_zone": "Asia/Seoul"}
    table["site"] += [more | {"name": f"Paju {k}"} for k in range(1, sites)]
    if changes is not None:
        changes(table)
    return parse_mission(table)


def make_share(mean: float, draws: int = DRAWS, spread: float = 0.1) -> Share:
    """Return a share with the mean wanted, of draws that differ."""
    rows = np.full(draws, mean)
    if mean > 0.0:
        rows[::2] *= 1.0 - spread
        rows[1::2] *= 1.0 + spread
    return estimate_share(np.clip(rows, 0.0, 1.0))


def make_shares(target: float, short: float, draws: int = DRAWS) -> dict[str, Share]:
    return {
        TARGET: make_share(target, draws),
        HOME: make_share(short, draws),
        THIRD_COUNTRY: make_share(0.0, draws),
        SEA_NAME: make_share(max(1.0 - target - short, 0.0), draws),
        "elsewhere": make_share(0.0, draws),
        "keep_out:China": make_share(0.0, draws),
        LEFT_DATA: make_share(0.0, draws),
    }


def make_certificate(
    target: float, short: float, verdict: WindVerdict, mission: Mission
) -> Certificate:
    shares = make_shares(target, short, 2_400)
    limits = tuple(
        LimitBound(name, title, limit, shares[name], bound, opposite, needed)
        for name, title, limit, bound, opposite, needed in (
            (HOME, "falling short: South Korea", 0.05, 1.2 * short + 0.001, 0.8 * short, None),
            (THIRD_COUNTRY, "third countries", 0.01, 0.0018, 0.0, None),
            ("keep_out:China", "keep-out China", 0.01, 0.0018, 0.0, 438),
        )
    )
    kinds = {kind.name: shares for kind in mission.kinds}
    stages = (
        CertifiedStage(600, 0.02, WindVerdict.UNSURE),
        CertifiedStage(2_400, 0.03, verdict),
    )
    return Certificate(verdict, HOME, limits, shares, kinds, stages, 0.05)


def make_cell(
    mission: Mission,
    site: Site,
    start_s: int,
    target: float,
    short: float,
    *,
    compliance: Compliance = NO_RULES,
    certify: bool = True,
    conditions: tuple[str, ...] = (),
    wind_ms: float = 3.4,
) -> Cell:
    breaks = short > 0.05
    wind = WindVerdict.WITHIN
    if short > 0.035:
        wind = WindVerdict.BREAKS if breaks else WindVerdict.UNSURE
    certificate = make_certificate(target, short, wind, mission)
    if breaks or not certify:
        certificate = None
    verdict = {
        WindVerdict.WITHIN: Verdict.GO,
        WindVerdict.UNSURE: Verdict.MARGINAL,
        WindVerdict.BREAKS: Verdict.NO_GO,
    }[wind]
    if conditions:
        verdict = Verdict.NO_GO
    if compliance.stops:
        verdict = Verdict.STOP
    sun = sun_elevation_deg(start_s, site.latitude, site.longitude)
    return Cell(
        site=site,
        start_s=start_s,
        settings=tuple(
            Setting(site, start_s, group.free_lift, 3_000.0 - 600.0 * k)
            for k, group in enumerate(mission.groups)
        ),
        vehicles=tuple(group.vehicle.name for group in mission.groups),
        screened=make_shares(target + 0.01, short, DRAWS),
        meets_screen=not breaks,
        certificate=certificate,
        lead_s=27 * 3600.0 + start_s - FIRST_S,
        weather=LaunchWeather(
            site, start_s, start_s + mission.fleet_span_s, wind_ms, 210.0, 2.1 * wind_ms, 0.4, 0.0
        ),
        conditions=conditions,
        sky=Sky(sun, sun < -0.833, 0.99, 30.0 - 2.0 * ((start_s - FIRST_S) / 3600.0)),
        compliance=compliance,
        verdict=verdict,
        decided_by="falling short: South Korea" if wind is not WindVerdict.WITHIN else "all limits",
    )


def make_board(
    sites: int = 1,
    hours: int = 8,
    *,
    step_s: int = 3600,
    stops: tuple[Finding, ...] = (),
    shares: Callable[[int, int], tuple[float, float]] | None = None,
    mission: Mission | None = None,
) -> Board:
    """Return a board of so many sites and hours; ``stops`` stand open for every cell."""

    def swing(site: int, hour: int) -> tuple[float, float]:
        wave = 0.5 + 0.5 * math.cos(2.0 * math.pi * (hour * step_s / 3600.0 - 3.0 + site) / 24.0)
        return 0.9 * wave, 0.2 * (1.0 - wave) ** 2

    made = make_mission(sites) if mission is None else mission
    compliance = Compliance(stops)
    cells = tuple(
        make_cell(made, site, FIRST_S + step_s * h, *(shares or swing)(s, h), compliance=compliance)
        for s, site in enumerate(made.sites)
        for h in range(hours)
    )
    order = list(Verdict)

    def rank(index: int) -> tuple[int, float, float]:
        cell = cells[index]
        return (
            order.index(cell.verdict),
            cell.screened[HOME].mean if not cell.meets_screen else 0.0,
            -cell.screened[TARGET].mean,
        )

    return Board(
        mission=made,
        grid=make_wind(),
        run=Run("0.1.0", made.digest, "0" * 64, made.seed, DRAWS, "2026-11-23T00:00:00Z"),
        steps=Steps(30.0, 10.0, 0.1, 0.2, 0.1),
        cells=cells,
        ranking=tuple(sorted(range(len(cells)), key=rank)),
        compliance=compliance,
        left_out=("2015-04-04 05:00 to 19:00 KST: by day (14 hours at each site)",),
        warnings=("the shape of the film tube is an assumption",),
        screen_draws=DRAWS,
    )


def with_cell(board: Board, index: int, **changes: Any) -> Board:
    """Return a board with one cell changed."""
    cells = list(board.cells)
    cells[index] = replace(cells[index], **changes)
    return replace(board, cells=tuple(cells))
