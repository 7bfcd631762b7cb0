"""What an observation changed: the same setting flown in both winds, with the same draws."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from downwind.io.plan_json import plan_document
from downwind.plan.mission_file import parse_mission
from downwind.plan.observed import find_effect
from downwind.plan.result import PlanResult
from downwind.plan.solve import fly_mission, quiet
from downwind.report.summary import plan_text
from downwind.service.demonstration import demonstration_wind
from downwind.wind.cube import WindCube, interpolate_wind
from downwind.wind.grid import build_grid
from downwind.wind.observation.blend import blend_observations
from downwind.wind.profile import Profile
from tests.small_mission import SMALL

SCHEMA = Path(__file__).parents[3] / "docs" / "reference" / "plan.schema.json"
HEIGHTS = np.arange(500.0, 7001.0, 500.0)


@pytest.fixture(scope="module")
def forecast() -> WindCube:
    """Return the demonstration's wind."""
    return demonstration_wind().to_cube((120.0, 32.0, 136.0, 46.0), 2.0, 3 * 3600.0)


def fly_with(forecast: WindCube, east_more_ms: float) -> PlanResult:
    """Fly the small mission with an observation at the site that differs from the forecast."""
    mission = parse_mission({**SMALL, "mission": {**SMALL["mission"], "draws": 20}})
    site, when = mission.sites[0], mission.launch_times_s[0]
    wind = [
        interpolate_wind(forecast, 0, float(when), site.longitude, site.latitude, h)
        for h in HEIGHTS
    ]
    unknown = np.full(HEIGHTS.size, np.nan)
    seen = Profile(
        "hill", site.longitude, site.latitude, 0.0, int(when), HEIGHTS,
        np.array([u + east_more_ms for u, _ in wind]), np.array([v for _, v in wind]),
        unknown, unknown, unknown, np.full(HEIGHTS.size, 0.5), unknown, unknown, unknown,
        "pilot balloon", "pilot.toml",
    )  # fmt: skip
    blend = blend_observations(forecast, [seen])
    result = fly_mission(mission, build_grid(blend.cube, mission.wind))
    effect = find_effect(result, forecast, build_grid(forecast, mission.wind), blend, quiet)
    return dataclasses.replace(result, observed=effect)


def test_given_an_observation_that_agrees_when_flown_then_nothing_changes(forecast) -> None:
    effect = fly_with(forecast, 0.0).observed
    assert effect is not None
    assert effect.target_change == pytest.approx(0.0, abs=1e-4)
    assert effect.shares_before.keys() == effect.shares_after.keys()
    assert max(shift.distance_m for shift in effect.shifts) < 20.0
    for row in effect.site:
        np.testing.assert_allclose(row.after_ms, row.before_ms, atol=1e-4)


def test_given_more_westerly_wind_when_flown_then_the_landings_move_east_and_it_is_told(
    forecast,
) -> None:
    result = fly_with(forecast, 4.0)
    effect = result.observed
    assert effect is not None
    for shift in effect.shifts:
        assert shift.bearing_deg == pytest.approx(90.0, abs=15.0)
        assert shift.distance_m > 3_000.0
    # what is told of the blended wind is what the plan itself found
    for name, share in effect.shares_after.items():
        assert share.mean == pytest.approx(result.load_shares[name].mean, abs=1e-12)
    text = plan_text(result)
    assert "What the own observation changed" in text
    assert "hill, pilot balloon: 0 km from the site, 0 min before" in " ".join(text.split())
    assert "own observation blended: hill" in text
    assert max(map(len, text.splitlines())) <= 80
    document = plan_document(result)
    jsonschema.validate(json.loads(json.dumps(document)), json.loads(SCHEMA.read_text("utf-8")))
    assert document["observation"]["profiles"][0]["station"] == "hill"


def test_given_no_observation_when_planned_then_the_document_has_no_such_part(forecast) -> None:
    mission = parse_mission({**SMALL, "mission": {**SMALL["mission"], "draws": 20}})
    result = fly_mission(mission, build_grid(forecast, mission.wind))
    assert result.observed is None
    assert plan_document(result)["observation"] is None
    assert "own observation" not in plan_text(result)
