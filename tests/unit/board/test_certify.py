"""Certified cells: fresh draws, fixed looks, and bounds that every limit has to meet."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from downwind.board import certify as module
from downwind.board.certify import (
    BLOCK_DRAWS,
    bound_limits,
    certify,
    cut_draws,
    estimate_ratio,
    find_deciding,
    find_draw_clusters,
    judge_limits,
    plan_looks,
)
from downwind.board.flights import (
    Block,
    CellDraws,
    draw_balloons_by_load,
    fly_cell,
    join_draws,
    make_block,
)
from downwind.board.result import Certificate, WindVerdict
from downwind.errors import ArgumentError
from downwind.landing.clusters import cluster_draws
from downwind.landing.intervals import draws_to_bound
from downwind.landing.regions import HOME, LEFT_DATA, TARGET, THIRD_COUNTRY, LandingRegions
from downwind.plan.evaluate import drop_sample, fly_settings, summarise_kind
from downwind.plan.fleet import Setting
from downwind.plan.mission import Limits, Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.solve import quiet
from downwind.plan.wind_error import settle_wind_error
from downwind.service.demonstration import demonstration_wind
from downwind.sim.draws import Draws
from downwind.sim.kernels import limit_threads
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid, build_grid
from tests.small_mission import SMALL

STEPS = Steps(200.0, 60.0, 0.0, 0.0, 0.0)
Floats = NDArray[np.float64]


def mission_of(draws: int = 40, **limits: Any) -> Mission:
    table = copy.deepcopy(SMALL)
    table["mission"]["draws"] = draws
    table["wind"] = {"error": {"use": "off"}}
    table["limits"] = {"falling_short": "30 %", "third_country": "20 %"}
    mission = parse_mission(table)
    return replace(mission, limits=replace(mission.limits, **limits))


def regions_of(mission: Mission) -> LandingRegions:
    return LandingRegions(mission.target, mission.home, tuple(k.region for k in mission.keep_outs))


def settings_of(mission: Mission, *timers_s: float) -> tuple[Setting, ...]:
    site, start = mission.sites[0], mission.launch_times_s[0]
    return tuple(Setting(site, start, 0.1, timer) for timer in timers_s)


@pytest.fixture(scope="module")
def grid() -> WindGrid:
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return build_grid(cube, mission_of().wind)


@pytest.fixture(scope="module")
def pair(grid: WindGrid) -> list[Certificate]:
    """Return the certificates of a cell that lands short and of one that flies far."""
    mission = mission_of()
    cells = [settings_of(mission, 300.0, 300.0), settings_of(mission, 3_000.0, 2_400.0)]
    return certify(mission, grid, regions_of(mission), STEPS, cells)


def made(shares: dict[str, Floats], wind: NDArray[np.int64] | None = None) -> CellDraws:
    """Return draws of one kind with these shares; the rest of each lands in the sea."""
    names = (TARGET, HOME, THIRD_COUNTRY, "sea", LEFT_DATA)
    count = next(iter(shares.values())).size
    rows = np.array([shares.get(name, np.zeros(count)) for name in names])
    rows[3] = 1.0 - rows.sum(axis=0)
    label = np.zeros(count, np.int64) if wind is None else wind
    return CellDraws(names, rows[None], np.ones((1, count)), label, ())


def bounds_of(drawn: CellDraws, level: float = 0.0125, **limits: Any) -> Any:
    mission = mission_of(**limits)
    found = bound_limits(mission, regions_of(mission), drawn, find_draw_clusters(drawn), level)
    return {limit.name: limit for limit in found}


def test_given_a_short_and_a_far_timer_when_certified_then_one_breaks_and_one_is_within(
    pair: list[Certificate],
) -> None:
    short, far = pair

    assert short.verdict is WindVerdict.BREAKS
    assert short.decided_by == HOME
    assert short.draws == 40  # one look tells
    assert short.shares[HOME].mean > 0.7
    assert far.verdict is WindVerdict.WITHIN
    assert all(limit.bound <= limit.limit for limit in far.limits)
    assert far.stages[-1].level == pytest.approx(0.05 / 4)
    assert set(far.kinds) == {"dvd", "leaflet-film-12x5"}


def test_given_other_cells_or_threads_when_certified_then_nothing_changes(
    grid: WindGrid, pair: list[Certificate]
) -> None:
    mission = mission_of()
    far, short = settings_of(mission, 3_000.0, 2_400.0), settings_of(mission, 300.0, 300.0)
    cells = [far, settings_of(mission, 1_500.0, 900.0), short]
    limit_threads(1)
    try:
        again = certify(mission, grid, regions_of(mission), STEPS, cells)
    finally:
        limit_threads(2)
    assert repr([again[2], again[0]]) == repr(pair)
    assert certify(mission, grid, regions_of(mission), STEPS, []) == []


def test_given_a_cell_when_flown_then_its_shares_are_those_of_the_whole_fleet(
    grid: WindGrid,
) -> None:
    """One balloon a draw tells the same as all, where loads differ and many releases fail."""
    mission = mission_of(draws=400)
    group = mission.groups[0]
    heavy = replace(group.load[0], kind=replace(group.load[0].kind, mass_kg=3.0), count=5)
    release = replace(group.releases[0], load=(heavy,))  # 2, 2 and 1 of them
    group = replace(group, count=3, releases=(release,))
    often = replace(mission.uncertainty, failure=(0.4, 0.3, 0.5))
    mission = replace(mission, groups=(group,), uncertainty=often)
    regions, settings = regions_of(mission), settings_of(mission, 2_400.0)
    block = make_block(mission, grid, 0, 400, settle_wind_error)
    drawn = fly_cell(block, regions, STEPS, settings)
    assert drawn.carried.sum(axis=0) == pytest.approx(np.ones(400))
    assert drawn.shares[: len(regions.names)].sum(axis=0).max() <= 1.0 + 1e-12

    other = Draws(99, 400)
    flights = fly_settings(mission, other, grid, settings, STEPS, quiet)
    (sample,) = drop_sample(mission, other, grid, flights, STEPS, quiet)
    _, whole = summarise_kind(mission, sample, regions)
    for name in (HOME, TARGET):
        one = drawn.shares[drawn.regions.index(name)]
        every = whole.shares[name]
        error = np.sqrt((one.var() + every.var()) / 400)
        assert 0.01 < one.mean() < 0.99
        assert abs(one.mean() - every.mean()) < 4.0 * error


def test_given_unequal_balloons_when_drawn_then_each_flies_as_often_as_it_carries() -> None:
    carried = np.array([4.0, 4.0, 1.0])
    balloon = draw_balloons_by_load(Draws(5, 900), carried, "group")
    assert np.bincount(balloon) == pytest.approx(900 * carried / 9.0, abs=1.0)


def test_given_blocks_when_made_then_no_seed_is_used_twice(grid: WindGrid) -> None:
    mission = mission_of()
    blocks = [make_block(mission, grid, i, 40, settle_wind_error) for i in range(5)]
    seeds = {block.draws.seed for block in blocks}
    assert len(seeds | {mission.seed}) == 6
    assert all(b.mission.seed == b.draws.seed and b.mission.draws == 40 for b in blocks)


def test_given_draws_of_blocks_when_joined_then_places_keep_their_draws(grid: WindGrid) -> None:
    mission = mission_of()
    parts = [
        fly_cell(make_block(mission, grid, i, 40, settle_wind_error), regions_of(mission), STEPS,
                 settings_of(mission, 3_000.0, 2_400.0))
        for i in range(2)
    ]  # fmt: skip
    joined = join_draws(parts)
    assert joined.draws == 80
    assert np.array_equal(joined.shares[:, 40:], parts[1].shares)
    assert not np.array_equal(parts[0].shares, parts[1].shares)


def test_given_a_mission_when_looks_are_planned_then_draws_double_up_to_the_ceiling() -> None:
    mission = replace(mission_of(draws=200), draws_most=3_200)
    assert plan_looks(mission) == (200, 400, 800, 1_600)
    assert plan_looks(replace(mission, draws_most=500)) == (200, 400)
    assert plan_looks(replace(mission, draws=3_200)) == (3_200,)
    assert cut_draws(1_000, 400) == (334, 333, 333)
    assert sum(cut_draws(801, 400)) == 801


@pytest.mark.parametrize("members", [1, 31, 399])
@pytest.mark.parametrize("draws", [400, 401, 799, 1_600])
def test_given_members_when_draws_are_cut_then_every_block_holds_each_of_them(
    members: int, draws: int
) -> None:
    blocks = cut_draws(draws, max(BLOCK_DRAWS, 2 * members))
    assert sum(blocks) == draws
    assert min(blocks) >= members


def test_given_one_limit_not_met_when_judged_then_the_cell_is_not_within() -> None:
    shares = {HOME: np.zeros(1_600), THIRD_COUNTRY: np.tile([0.0, 0.02], 800)}
    found = bounds_of(made(shares), falling_short=0.01, third_country=0.0101)
    assert found[HOME].is_met
    assert not found[THIRD_COUNTRY].is_met
    assert not found[THIRD_COUNTRY].is_broken
    assert judge_limits(list(found.values())) is WindVerdict.UNSURE
    assert find_deciding(list(found.values())).name == THIRD_COUNTRY
    broken = bounds_of(made(shares), falling_short=0.01, third_country=0.005)
    assert judge_limits(list(broken.values())) is WindVerdict.BREAKS


def test_given_a_limit_finer_than_the_draws_when_bounded_then_it_says_how_many_it_takes() -> None:
    found = bounds_of(made({HOME: np.zeros(200)}), falling_short=0.01, third_country=0.5)
    assert found[HOME].draws_needed == int(np.ceil(draws_to_bound(0.01, 0.0125))) == 437
    assert found[HOME].members_needed is None
    assert found[THIRD_COUNTRY].draws_needed is None
    assert not found[HOME].is_met
    none = bounds_of(made({HOME: np.zeros(200)}), falling_short=0.0)[HOME]
    assert none.draws_needed is None
    assert not none.is_met
    assert not none.is_broken


def test_given_few_members_when_bounded_then_it_asks_for_members_not_for_draws() -> None:
    member = np.arange(1_600) % 31
    found = bounds_of(made({HOME: np.zeros(1_600)}, member), falling_short=0.05)[HOME]
    assert found.bound == pytest.approx(1.0 - 0.0125 ** (1.0 / 31.0), rel=1e-2)
    assert found.members_needed == found.draws_needed == 86


def test_given_what_left_the_data_when_bounded_then_it_counts_against_every_limit() -> None:
    left = np.tile([0.0, 0.2], 400)
    found = bounds_of(made({LEFT_DATA: left, TARGET: 1.0 - left}), target_least=0.85)
    assert found[HOME].share.mean == pytest.approx(0.1)
    assert found[TARGET].share.mean == pytest.approx(0.9)
    assert found[TARGET].bound < 0.9 < found[TARGET].opposite
    assert found[TARGET].is_met


def test_given_a_target_hardly_hit_when_bounded_then_the_least_share_is_broken() -> None:
    found = bounds_of(made({TARGET: np.tile([0.0, 0.4], 400)}), target_least=0.5)[TARGET]
    assert found.is_least
    assert found.is_broken
    assert not found.is_met
    assert judge_limits([found]) is WindVerdict.BREAKS


class Told:
    """Stands in for the flights: tells of each cell the shares that a test wants."""

    def __init__(self, patch: pytest.MonkeyPatch, home: Callable[[Any, float], Floats]) -> None:
        self.seeds: list[int] = []
        self.flown: list[float] = []
        self.home = home
        patch.setattr(module, "fly_cell", self.fly)

    def fly(self, block: Block, _: Any, __: Any, settings: tuple[Setting, ...]) -> CellDraws:
        self.seeds.append(block.mission.seed)
        timer_s = settings[0].timer_s
        assert timer_s is not None
        self.flown.append(timer_s)
        rng = np.random.default_rng(block.mission.seed)
        drawn = made({HOME: self.home(rng.random(block.mission.draws), timer_s)})
        return replace(
            drawn,
            found=np.repeat(drawn.found, 2, axis=0) / 2.0,
            carried=np.repeat(drawn.carried, 2, axis=0) / 2.0,
        )


def test_given_cells_when_staged_then_only_the_undecided_fly_again_with_seeds_of_their_own(
    grid: WindGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(monkeypatch, lambda u, timer: (u < timer / 10_000.0).astype(float))
    mission = mission_of(draws=200, falling_short=0.10, third_country=1.0)
    cells = [settings_of(mission, t, 600.0) for t in (0.0, 900.0, 9_000.0)]
    clear, close, bad = certify(
        mission, grid, regions_of(mission), STEPS, cells, winds=lambda m, g: g
    )
    assert (clear.verdict, clear.draws) == (WindVerdict.WITHIN, 200)
    assert (bad.verdict, bad.draws) == (WindVerdict.BREAKS, 200)
    assert close.verdict is WindVerdict.UNSURE
    assert [s.draws for s in close.stages] == [200, 400, 800, 1_600]
    assert close.error_level == pytest.approx(sum(s.level for s in close.stages))
    assert told.flown == [0.0, 900.0, 9_000.0, 900.0, 900.0, 900.0, 900.0]  # the last look: 2
    assert len(set(told.seeds)) == 5
    assert mission.seed not in told.seeds


def test_given_cells_on_their_limit_then_at_most_one_in_twenty_comes_out_within(
    grid: WindGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    Told(monkeypatch, lambda u, _: (u < 0.1).astype(float))
    mission = mission_of(draws=60, falling_short=0.0999, third_country=1.0)
    cells = [settings_of(mission, 600.0, 600.0)]
    within = broken = 0
    for seed in range(150):
        (found,) = certify(
            replace(mission, seed=seed), grid, regions_of(mission), STEPS, cells,
            winds=lambda m, g: g,
        )  # fmt: skip
        within += found.verdict is WindVerdict.WITHIN
        broken += found.verdict is WindVerdict.BREAKS
    assert within <= 15  # 5 % of 150, but for one chance in a hundred
    assert broken <= 15


def test_given_cells_that_are_no_cells_when_certified_then_it_says_what_is_missing(
    grid: WindGrid,
) -> None:
    mission = mission_of()
    regions = regions_of(mission)
    with pytest.raises(ArgumentError, match="2 groups has 1 settings"):
        certify(mission, grid, regions, STEPS, [settings_of(mission, 600.0)])
    bare = tuple(replace(s, timer_s=None) for s in settings_of(mission, 1.0, 1.0))
    with pytest.raises(ArgumentError, match="no timer"):
        certify(mission, grid, regions, STEPS, [bare])
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        certify(mission, grid, regions, STEPS, [], error_level=1.0)


def test_given_no_limits_of_its_own_when_bounded_then_home_and_third_countries_stand() -> None:
    mission = replace(mission_of(), limits=Limits(0.1, 0.1))
    drawn = made({HOME: np.zeros(100)})
    found = bound_limits(mission, regions_of(mission), drawn, find_draw_clusters(drawn), 0.05)
    assert [limit.name for limit in found] == [HOME, THIRD_COUNTRY]


def test_given_a_kind_on_every_other_balloon_when_all_is_hit_then_its_share_is_sure() -> None:
    carried = np.where(np.arange(100) % 2 == 0, 1.0, 0.0)
    clusters = cluster_draws(np.zeros(100, int))

    sure = estimate_ratio(carried, carried, clusters)
    half = estimate_ratio(carried * (np.arange(100) % 4 == 0), carried, clusters)

    assert (sure.mean, sure.high) == (1.0, 1.0)
    assert sure.standard_error < 1e-9
    assert half.mean == 0.5
    assert half.standard_error == pytest.approx(0.5 / np.sqrt(50), rel=0.05)
    assert 0.3 < half.low < 0.5 < half.high < 0.7
