"""Verdicts, the sentence that decided, and the ranking, of cells made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from downwind.board.cells import ScreenedCell
from downwind.board.rank import find_next_good, rank_cells
from downwind.board.result import (
    Cell,
    Certificate,
    CertifiedStage,
    LimitBound,
    Verdict,
    WindVerdict,
)
from downwind.board.sky import find_sky
from downwind.board.solve import find_common
from downwind.board.verdicts import decide
from downwind.landing.regions import HOME, LEFT_DATA, TARGET, THIRD_COUNTRY, LandingRegions
from downwind.landing.shares import Share, estimate_share
from downwind.plan.air_of_run import LaunchWeather
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.rules.findings import Compliance, Finding, Level
from downwind.rules.records import Rule, Status
from tests.unit.board.conftest import board_mission

RULE = Rule(
    name="xx.act-1", jurisdiction="xx", title="permit", citation="Act 1, article 2",
    version_date=None, read_on=date(2026, 11, 22), page="from memory", status=Status.IN_FORCE,
    check="load", values={}, clears=("permission",), decides="the ministry",
)  # fmt: skip
STOP = Finding(RULE, Level.STOP, "group discs", "6.2 kg hang on each balloon", "enter the permit")
NOTE = Finding(RULE, Level.NOTE, "site Ganghwa", "read in a reprint")
NO_RULE = Compliance(())
HOUR = 3_600


@pytest.fixture(scope="module")
def mission() -> Mission:
    return board_mission(
        site=[
            {"name": name, "latitude": 37.75, "longitude": 126.49, "time_zone": "Asia/Seoul"}
            for name in ("Ganghwa", "Paju")
        ],
        limits={"falling_short": "5 %", "third_country": "1 %"},
    )


@pytest.fixture(scope="module")
def regions(mission: Mission) -> LandingRegions:
    return LandingRegions(mission.target, mission.home, ())


def share(mean: float) -> Share:
    return estimate_share(np.clip(mean + np.array([-0.01, 0.0, 0.01] * 30), 0.0, 1.0))


def screened(target: float = 0.8, home: float = 0.02, third: float = 0.0) -> ScreenedCell:
    mission = board_mission()
    found = {TARGET: target, HOME: home, THIRD_COUNTRY: third, LEFT_DATA: 0.0}
    shares = {name: share(mean) if mean else estimate_share(np.zeros(90)) for name, mean in
              found.items()}  # fmt: skip
    setting = Setting(mission.sites[0], mission.launch_times_s[0], 0.1, 3_000.0)
    return ScreenedCell(
        mission.sites[0], setting.start_s, (setting,), ("film-7m",), shares,
        {name: shares[name] for name in (HOME, THIRD_COUNTRY)},
    )  # fmt: skip


def certificate(verdict: WindVerdict, target: float = 0.8, home: float = 0.02) -> Certificate:
    bounds = {
        WindVerdict.WITHIN: (0.03, 0.01),
        WindVerdict.UNSURE: (0.06, 0.03),
        WindVerdict.BREAKS: (0.2, 0.08),
    }
    high, low = bounds[verdict]
    limit = LimitBound(HOME, "falling short: South Korea", 0.05, share(home), high, low, 99)
    shares = {**screened(target, home).shares}
    stage = CertifiedStage(90, 0.0125, verdict)
    return Certificate(verdict, HOME, (limit,), shares, {}, (stage,), 0.05)


def cell(
    verdict: Verdict,
    hour: int = 0,
    found: Certificate | None = None,
    site: int = 0,
    conditions: tuple[str, ...] = (),
    target: float = 0.8,
    home: float = 0.02,
) -> Cell:
    mission = board_mission(
        site=[
            {"name": name, "latitude": 37.75, "longitude": 126.49, "time_zone": "Asia/Seoul"}
            for name in ("Ganghwa", "Paju")
        ]
    )
    of_screen = screened(target, home)
    place, start = mission.sites[site], of_screen.start_s + HOUR * hour
    return Cell(
        place, start, of_screen.settings, of_screen.vehicles, of_screen.shares, True, found, None,
        LaunchWeather(place, start, start, *[float("nan")] * 5), conditions,
        find_sky(place, start, 0.0), NO_RULE, verdict, "",
    )  # fmt: skip


# --- verdicts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wind", "verdict"),
    [
        (WindVerdict.WITHIN, Verdict.GO),
        (WindVerdict.UNSURE, Verdict.MARGINAL),
        (WindVerdict.BREAKS, Verdict.NO_GO),
    ],
)
def test_given_no_rule_and_no_condition_when_decided_then_fresh_draws_decide(
    wind: WindVerdict, verdict: Verdict, mission: Mission, regions: LandingRegions
) -> None:
    got, text = decide(mission, regions, screened(), certificate(wind), (), NO_RULE)

    assert got is verdict
    assert "falling short: South Korea" in text
    assert "limit 5 %" in text
    assert "at 98.8 % confidence" in text


def test_given_a_limit_too_fine_when_decided_then_told_how_many_draws_it_would_take(
    mission: Mission, regions: LandingRegions
) -> None:
    found = certificate(WindVerdict.UNSURE)
    _, text = decide(mission, regions, screened(), found, (), NO_RULE)

    assert text.endswith("not sure; it would take 99 independent draws to tell")


def test_given_a_limit_of_nothing_when_decided_then_told_that_no_draws_would_show_it(
    mission: Mission, regions: LandingRegions
) -> None:
    limit = LimitBound(HOME, "falling short", 0.0, estimate_share(np.zeros(90)), 0.05, 0.0, None)
    found = replace(certificate(WindVerdict.UNSURE), limits=(limit,))
    verdict, text = decide(mission, regions, screened(), found, (), NO_RULE)

    assert verdict is Verdict.MARGINAL
    assert text.endswith("not sure, and no number of draws shows so much")


def test_given_load_that_leaves_the_data_when_decided_then_its_share_has_its_error(
    mission: Mission, regions: LandingRegions
) -> None:
    found = certificate(WindVerdict.WITHIN)
    found = replace(found, shares={**found.shares, LEFT_DATA: share(0.02)})
    _, text = decide(mission, regions, screened(), found, (), NO_RULE)

    assert "(of the load 2.0 ± 0.1 % leaves the wind data, and counts as if" in text


@pytest.mark.parametrize("wind", [None, *WindVerdict])
@pytest.mark.parametrize("conditions", [(), ("the gust reaches 12.0 m/s",)])
def test_given_a_rule_that_stands_open_when_decided_then_nothing_else_counts(
    wind: WindVerdict | None,
    conditions: tuple[str, ...],
    mission: Mission,
    regions: LandingRegions,
) -> None:
    found = None if wind is None else certificate(wind)
    other = replace(STOP, rule=replace(RULE, name="xx.act-2"))
    open_rules = Compliance((STOP, STOP, NOTE, other))

    verdict, text = decide(mission, regions, screened(), found, conditions, open_rules)

    assert verdict is Verdict.STOP
    assert text == "Act 1, article 2, permit: 6.2 kg hang on each balloon (and 1 more rule)"


def test_given_a_gust_when_decided_then_no_go_even_within_limits(
    mission: Mission, regions: LandingRegions
) -> None:
    found = certificate(WindVerdict.WITHIN)
    verdict, text = decide(mission, regions, screened(), found, ("the gust is high",), NO_RULE)

    assert (verdict, text) == (Verdict.NO_GO, "the gust is high")


def test_given_a_cell_ruled_out_when_decided_then_the_limit_broken_most_is_told_as_the_screens(
    mission: Mission, regions: LandingRegions
) -> None:
    verdict, text = decide(mission, regions, screened(home=0.4), None, (), NO_RULE)

    assert verdict is Verdict.NO_GO
    assert "South Korea: 40.0 ± 0.1 % by the screen, above 5 %" in text


# --- the screen ----------------------------------------------------------------------------------


def test_given_a_share_just_over_a_limit_when_screened_then_it_could_go_within_its_error(
    mission: Mission,
) -> None:
    error = screened(home=0.05).shares[HOME].standard_error
    inside, outside = (screened(home=0.05 + k * error) for k in (1.9, 2.1))

    assert screened(home=0.049).meets(mission)
    assert not inside.meets(mission)
    assert inside.could_go(mission)
    assert not outside.could_go(mission)


def test_given_a_least_share_in_the_target_when_screened_then_it_is_a_limit_from_below() -> None:
    from dataclasses import replace

    mission = board_mission()
    wanting = replace(mission, limits=replace(mission.limits, target_least=0.9))

    assert screened(target=0.8).could_go(mission)
    assert not screened(target=0.8).could_go(wanting)
    assert screened(target=0.95).meets(wanting)
    assert screened(target=0.8).excess(wanting)[TARGET] == pytest.approx(0.1)


# --- ranking -------------------------------------------------------------------------------------


def test_given_cells_when_ranked_then_go_first_and_by_target_then_by_how_little_they_break(
    mission: Mission,
) -> None:
    within, unsure = WindVerdict.WITHIN, WindVerdict.UNSURE
    cells = [
        cell(Verdict.NO_GO, 0, home=0.4),
        cell(Verdict.NO_GO, 1, home=0.2),
        cell(Verdict.MARGINAL, 2, certificate(unsure)),
        cell(Verdict.GO, 3, certificate(within, target=0.7)),
        cell(Verdict.GO, 4, certificate(within, target=0.9)),
        cell(Verdict.STOP, 5, certificate(within)),
        cell(Verdict.NO_GO, 6, conditions=("rain",)),
    ]

    assert rank_cells(mission, cells) == (4, 3, 2, 1, 0, 6, 5)


def test_given_equal_cells_when_ranked_then_the_earlier_and_then_the_first_site_leads(
    mission: Mission,
) -> None:
    found = certificate(WindVerdict.WITHIN)
    cells = [
        cell(Verdict.GO, 1, found), cell(Verdict.GO, 0, found, site=1), cell(Verdict.GO, 0, found)
    ]  # fmt: skip

    assert rank_cells(mission, cells) == (2, 1, 0)


def test_given_all_stopped_when_ranked_then_the_wind_ranks_them(mission: Mission) -> None:
    cells = [
        cell(Verdict.STOP, 0, home=0.5),
        cell(Verdict.STOP, 1, certificate(WindVerdict.UNSURE)),
        cell(Verdict.STOP, 2, certificate(WindVerdict.WITHIN)),
    ]

    assert rank_cells(mission, cells) == (2, 1, 0)


def test_given_a_missed_hour_when_asked_for_the_next_then_the_first_good_one_later(
    mission: Mission,
) -> None:
    within = WindVerdict.WITHIN
    cells = [
        cell(Verdict.GO, 0, certificate(within, target=0.9)),
        cell(Verdict.MARGINAL, 1, certificate(WindVerdict.UNSURE)),
        cell(Verdict.GO, 2, certificate(within, target=0.6), site=1),
        cell(Verdict.GO, 2, certificate(within, target=0.7)),
        cell(Verdict.STOP, 3, certificate(within)),
    ]
    ranking = rank_cells(mission, cells)
    first = cells[0].start_s

    assert find_next_good(cells, ranking, first) is cells[3]
    assert find_next_good(cells, ranking, first + 2 * HOUR) is cells[4]
    assert find_next_good(cells, ranking, first + 3 * HOUR) is None


# --- rules ---------------------------------------------------------------------------------------


def test_given_findings_of_cells_when_joined_then_only_what_all_have_is_common() -> None:
    other = Finding(RULE, Level.STOP, "group discs", "6.3 kg hang on each balloon")
    common = find_common(
        [
            Compliance((STOP, NOTE), ("old",), ("light is not safe",)),
            Compliance((other, NOTE), ("old", "older"), ("light is not safe",)),
        ]
    )

    assert common.findings == (NOTE,)
    assert common.stale == ("old", "older")
    assert common.general == ("light is not safe",)
