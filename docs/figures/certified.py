"""Whether GO is kept: simulated nights with a known truth, certified and only screened.

``python -m docs.figures.certified`` flies 300 nights and brings the tables of
``explanation/certify.md`` up to date; it takes some minutes. Each night has a wind, a kind of item
and limits of its own, all from one seed, and a home, a target and a keep-out that lie where the
limits matter. The screen chooses the timer by its draws; the same setting is certified by fresh
ones. The truth is the share over many more draws of the same law, with other seeds: the balloons
take turns, and, where there is an ensemble, each draw flies in a member that nobody has seen.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import binom
from shapely.geometry import Point, Polygon

from docs.figures.nights import LAUNCH_S, LOAD_KG, STEPS, draw_wind, size_of_error
from docs.figures.tables import Row, markdown_table
from downwind.board.certify import certify
from downwind.board.result import Certificate, WindVerdict
from downwind.geo.regions import Region
from downwind.landing.intervals import clopper_pearson
from downwind.landing.regions import LEFT_DATA, LandingRegions
from downwind.load.catalogue import load_items
from downwind.plan.drop import Outcome, drop_rows, fly_group
from downwind.plan.evaluate import sample_rows
from downwind.plan.fleet import Setting
from downwind.plan.mission import KeepOut, Limits, Mission, Site
from downwind.plan.mission_file import parse_mission
from downwind.plan.search import limit_table, trace_timers
from downwind.sim.draws import Draws
from downwind.sim.wind_error import perturb_grid
from downwind.wind.grid import WindGrid
from downwind.wind.perturbation import ErrorSize

PAGE: Final = "explanation/certify.md"
SEED: Final = 2_026_112_402
"""Of all nights; it was fixed before any of them was flown."""

NIGHTS: Final = 300
DRAWS: Final = 100
"""Of the screen, and of the first look."""

TRUTH_DRAWS: Final = 4_000
TRUTH_BLOCK: Final = 500
MEMBERS: Final = 31
TIMERS_S: Final = np.arange(10.0, 56.0, 3.0) * 60.0
KINDS: Final = ("dvd", "leaflet-film-12x5")
LONGITUDE: Final = -140.0
LATITUDE: Final = 10.0
"""Of the site: far out at sea, so that no country takes part."""

FLIGHT_S: Final = 5.0 * 3600.0
"""Hours that the errors of the wind span [s]."""

_DEGREE_M: Final = 111_195.0
_BLOCK: Final = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


class Family(StrEnum):
    """What the wind of a night is."""

    ERROR = "one wind, its errors drawn"
    MEMBERS = "31 members"
    BOTH = "31 members, errors drawn on top"


FINEST: Final = {Family.ERROR: 0.02, Family.MEMBERS: 0.18, Family.BOTH: 0.06}
"""Finest limit of each family [fraction]; the coarsest is twice that, or 30 %."""


@dataclass(frozen=True, slots=True)
class CertifiedNight:
    """A cell, what was said of it and what is true.

    Attributes
    ----------
    family : Family
    certificate : Certificate
    screen_meets : bool
        Whether the screen found its best setting within the limits.
    truth : dict
        Share in each limited region, what left the data added.
    truth_error : dict
        Its standard error.
    limits : dict
    """

    family: Family
    certificate: Certificate
    screen_meets: bool
    truth: dict[str, float]
    truth_error: dict[str, float]
    limits: dict[str, float]

    @property
    def is_broken(self) -> bool:
        """Whether a limit is broken in truth."""
        return any(self.truth[name] > limit for name, limit in self.limits.items())

    @property
    def is_go(self) -> bool:
        """Whether the certificate says that the cell is within all limits."""
        return self.certificate.verdict is WindVerdict.WITHIN


@dataclass(frozen=True, slots=True)
class _Law:
    """What the winds of a night are drawn from."""

    family: Family
    wind: WindGrid
    size: ErrorSize
    turn: float
    stretch: float

    def members(self, rng: np.random.Generator, count: int) -> WindGrid:
        """Return some members, each the wind of the night turned and stretched."""
        if self.family is Family.ERROR:
            return self.wind
        source = self.wind.arrays
        angle = self.turn * rng.standard_normal(count)
        factor = 1.0 + self.stretch * rng.standard_normal(count)
        c, s = (
            (factor * f(angle))[:, None, None, None, None].astype(np.float32)
            for f in (np.cos, np.sin)
        )
        east, north = source.wind[:1, ..., 0], source.wind[:1, ..., 1]
        turned = np.stack([c * east - s * north, s * east + c * north], axis=-1)
        wind = np.ascontiguousarray(turned)
        arrays = source._replace(
            wind=wind, wind_flat=wind.reshape(-1), base=np.arange(count, dtype=np.int32)
        )
        return replace(self.wind, arrays=arrays)

    def settle(self, mission: Mission, grid: WindGrid) -> WindGrid:
        """Return the wind of a mission's draws."""
        if self.family is Family.MEMBERS:
            return grid
        count = mission.draws
        return perturb_grid(
            grid, self.size, Draws(mission.seed, count), count, LONGITUDE, LATITUDE,
            base=np.arange(count) % grid.member_count, hours=(LAUNCH_S, LAUNCH_S + FLIGHT_S),
        )  # fmt: skip


@cache
def _template(kind: str) -> Mission:
    """Return a mission of two balloons."""
    count = int(1.6 * LOAD_KG / load_items()[kind].mass_kg)
    return parse_mission(
        {
            "mission": {"name": "simulated night", "seed": 0, "draws": DRAWS},
            "site": [
                {
                    "name": "site",
                    "latitude": LATITUDE,
                    "longitude": LONGITUDE,
                    "time_zone": "UTC",
                }
            ],
            "launch": {"times": ["2015-04-03T18:00Z"], "spacing": "5 min"},
            "balloon": [
                {
                    "name": "balloons",
                    "count": 2,
                    "vehicle": "film-7m",
                    "gas": "helium",
                    "free_lift": "10 %",
                    "timer": "quartz",
                    "load": [{"item": kind, "count": count}],
                }
            ],
            "target": {"country": "North Korea"},
            "home": {"country": "South Korea"},
            "limits": {"falling_short": "5 %", "third_country": "100 %"},
            "terrain": {"constant_m": 0},
        }
    )


def fly_certified_night(index: int, seed: int = SEED) -> CertifiedNight:
    """Screen, certify and fly the truth of one night.

    Parameters
    ----------
    index : int
        Of the night; all that it is made of follows from it and the seed.
    seed : int
    """
    rng = np.random.default_rng([seed, index])
    family = tuple(Family)[index % len(Family)]
    law = _Law(
        family, draw_wind(rng, LONGITUDE, LATITUDE),
        replace(
            size_of_error(rng.uniform(6.0, 48.0)), fine_ms=0.0, fast_up_ms=0.0, mountain_up_ms=0.0
        ),
        rng.uniform(0.03, 0.15), rng.uniform(0.03, 0.15),
    )  # fmt: skip
    kind = KINDS[int(rng.integers(len(KINDS)))]
    own, truth_seed = (int(n) for n in rng.integers(1 << 62, size=2))
    grid = law.members(rng, MEMBERS)
    mission = replace(_template(kind), seed=own)
    mission, regions = _lay_out(mission, law, rng)
    windy = law.settle(mission, grid)
    site: Site = mission.sites[0]
    setting = Setting(site, int(LAUNCH_S), 0.1, None)
    draws = Draws(own, mission.draws)
    curve = trace_timers(mission, 0, draws, windy, regions, STEPS, setting, TIMERS_S)
    best, meets = curve.best(limit_table(mission))
    setting = replace(setting, timer_s=float(TIMERS_S[best]))
    (found,) = certify(mission, grid, regions, STEPS, [(setting,)], law.settle)
    worst = _fly_truth(mission, law, regions, setting, truth_seed)
    return CertifiedNight(
        family=family,
        certificate=found,
        screen_meets=meets,
        truth={name: float(x.mean()) for name, x in worst.items()},
        truth_error={name: float(x.std() / np.sqrt(x.size)) for name, x in worst.items()},
        limits=limit_table(mission),
    )


def _lay_out(
    mission: Mission, law: _Law, rng: np.random.Generator
) -> tuple[Mission, LandingRegions]:
    """Lay home, target and a keep-out about where a timer in the middle puts the load."""
    few = replace(mission, draws=60, seed=mission.seed ^ 1)
    setting = Setting(few.sites[0], int(LAUNCH_S), 0.1, float(TIMERS_S[TIMERS_S.size // 2]))
    wind = law.settle(few, law.members(rng, few.draws))
    none = Region("none", _disc((0.0, 5e6), 1_000.0), "made")
    nowhere = LandingRegions(none, none, ())
    x, y, _ = _fly(few, wind, nowhere, setting, Draws(few.seed, few.draws))
    middle = np.array([np.median(x), np.median(y)])
    along = middle / np.hypot(*middle)
    across = np.array([-along[1], along[0]])
    ahead = (np.column_stack([x, y]) - middle) @ along
    spread = float(np.diff(np.quantile(ahead, (0.16, 0.84)))[0]) / 2.0
    finest = FINEST[law.family]
    limits = [float(finest * rng.uniform(1.0, min(2.0, 0.3 / finest))) for _ in range(2)]
    border = middle + along * spread * (ndtri(limits[0]) + rng.uniform(-1.0, 1.4))
    far = 3.0e6
    home = Polygon(
        [
            _degrees(border + far * across),
            _degrees(border - far * across),
            _degrees(border - far * across - far * along),
            _degrees(border + far * across - far * along),
        ]
    )
    goal = middle + along * spread * rng.uniform(-0.5, 0.5)
    side = middle + spread * (rng.uniform(-1.5, 3.0) * along + rng.choice([-1, 1]) * across * 1.8)
    area = Region("keep-out", _disc((side[0], side[1]), spread * rng.uniform(0.2, 0.7)), "made")
    regions = LandingRegions(
        Region("target", _disc((goal[0], goal[1]), 1.2 * spread), "made"),
        Region("home", home, "made"),
        (area,),
    )
    laid = replace(
        mission,
        target=regions.target,
        home=regions.home,
        keep_outs=(KeepOut(area, limits[1]),),
        limits=Limits(limits[0], 1.0),
    )
    return laid, regions


def _degrees(place: NDArray[np.float64]) -> tuple[float, float]:
    """Return longitude and latitude of a place about the site [m]."""
    lon = LONGITUDE + place[0] / (_DEGREE_M * np.cos(np.radians(LATITUDE)))
    return float(lon), float(np.clip(LATITUDE + place[1] / _DEGREE_M, -80.0, 80.0))


def _disc(middle: tuple[float, float], radius_m: float) -> Polygon:
    return Polygon([_degrees(np.array(p)) for p in Point(middle).buffer(radius_m).exterior.coords])


def _fly_truth(
    mission: Mission, law: _Law, regions: LandingRegions, setting: Setting, seed: int
) -> dict[str, NDArray[np.float64]]:
    """Return the true share of each limited region in each draw, what left the data added."""
    parts: dict[str, list[NDArray[np.float64]]] = {name: [] for name in limit_table(mission)}
    for block in range(TRUTH_DRAWS // TRUTH_BLOCK):
        rng = np.random.default_rng([seed, block])
        many = replace(mission, draws=TRUTH_BLOCK, seed=int(rng.integers(1 << 62)))
        wind = law.settle(many, law.members(rng, TRUTH_BLOCK))
        _, _, shares = _fly(many, wind, regions, setting, Draws(many.seed, TRUTH_BLOCK))
        for name, rows in parts.items():
            rows.append(shares[name] + shares[LEFT_DATA])
    return {name: np.concatenate(rows) for name, rows in parts.items()}


def _fly(
    mission: Mission, wind: WindGrid, regions: LandingRegions, setting: Setting, draws: Draws
) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Fly the balloons in turns: landings about the site [m], and shares in each draw.

    A balloon counts by what it carries, so that a draw of the fuller one has more than a share.
    """
    count = mission.balloon_count
    (lot,) = mission.lots
    turn = np.arange(mission.draws) % count
    flights = fly_group(mission, 0, draws, wind, setting, STEPS, turn[:, None])
    rows = sample_rows(draws, lot.kind, 0, (mission.draws, 1))
    fell = drop_rows(mission, lot, draws, wind, flights, rows, STEPS, turn[:, None])
    carried = np.array([lot.part.count_on(b, count) for b in range(count)], np.float64)
    weight = (carried / carried.mean())[turn]
    left = fell.outcome == Outcome.LEFT_DATA
    ends = {n: m & ~left for n, m in regions.classify(fell.longitude, fell.latitude).items()}
    ends[LEFT_DATA] = left
    shares = {n: weight * m.reshape(mission.draws, -1).mean(axis=1) for n, m in ends.items()}
    x = (fell.longitude - LONGITUDE) * _DEGREE_M * np.cos(np.radians(LATITUDE))
    return x, (fell.latitude - LATITUDE) * _DEGREE_M, shares


def make_error_table(nights: Sequence[CertifiedNight]) -> str:
    """Return what came out GO among cells whose limit is broken in truth, in Markdown."""
    head = ("winds", "cells", "broken in truth", "of these GO, certified", "95 % interval",
            "of these within, screen alone", "95 % interval")  # fmt: skip
    rows: list[Row] = []
    for name, group in _families(nights):
        broken = [n for n in group if n.is_broken]
        rows.append(
            (name, f"{len(group)}", f"{len(broken)}",
             *_part(sum(n.is_go for n in broken), len(broken)),
             *_part(sum(n.screen_meets for n in broken), len(broken)))
        )  # fmt: skip
    return markdown_table(head, rows)


def make_yield_table(nights: Sequence[CertifiedNight]) -> str:
    """Return how many GO cells are broken, and what became of sound cells, in Markdown."""
    head = ("winds", "GO, certified", "of these broken", "within, screen alone", "of these broken",
            "sound cells", "of these GO", "not sure", "NO-GO")  # fmt: skip
    rows: list[Row] = []
    for name, group in _families(nights):
        go = [n for n in group if n.is_go]
        met = [n for n in group if n.screen_meets]
        sound = [n for n in group if not n.is_broken]
        verdicts = [n.certificate.verdict for n in sound]
        rows.append(
            (name, f"{len(go)}", _share(sum(n.is_broken for n in go), len(go)), f"{len(met)}",
             _share(sum(n.is_broken for n in met), len(met)), f"{len(sound)}",
             *(_share(verdicts.count(v), len(sound))
               for v in (WindVerdict.WITHIN, WindVerdict.UNSURE, WindVerdict.BREAKS)))
        )  # fmt: skip
    return markdown_table(head, rows)


def go_allowed(broken: int, chance: float = 0.001) -> int:
    """Return how many of some broken cells may come out GO at 5 % each, but for this chance."""
    return int(binom.ppf(1.0 - chance, broken, 0.05))


def _families(
    nights: Sequence[CertifiedNight],
) -> list[tuple[str, list[CertifiedNight]]]:
    parts = [(f.value, [n for n in nights if n.family is f]) for f in Family]
    return [*((name, part) for name, part in parts if part), ("all", list(nights))]


def _share(hits: int, of: int) -> str:
    return f"{100 * hits / of:.0f} % ({hits})" if of else "-"


def _part(hits: int, of: int) -> tuple[str, str]:
    if not of:
        return "-", "-"
    low, high = clopper_pearson(hits, of)
    return f"{100 * hits / of:.1f} % ({hits})", f"{100 * low:.1f} to {100 * high:.1f} %"


def update_page(text: str, nights: Sequence[CertifiedNight]) -> str:
    """Return the page with its tables made anew."""
    tables = {"errors": make_error_table(nights), "yield": make_yield_table(nights)}
    return _BLOCK.sub(lambda found: found[1] + tables[found[2]] + found[3], text)


def main() -> None:
    """Fly the nights and bring the page up to date."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nights", type=int, default=NIGHTS)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parents[1])
    arguments = parser.parse_args()
    nights = [fly_certified_night(i) for i in range(arguments.nights)]
    print(make_error_table(nights), make_yield_table(nights))
    page = arguments.output / PAGE
    page.write_text(update_page(page.read_text("utf-8"), nights), "utf-8")
    print(page)


if __name__ == "__main__":
    main()
