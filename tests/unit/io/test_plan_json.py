"""plan.json keeps its schema, and every number in it is one."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from downwind.io.plan_json import format_timer, plan_document, write_plan_json
from downwind.plan.result import PlanResult
from downwind.plan.solve import fly_mission

SCHEMA_FILE = Path(__file__).parents[3] / "docs" / "reference" / "plan.schema.json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA_FILE.read_text("utf-8"))
    return found


def iter_faults(schema: dict[str, Any], document: Any) -> Iterator[str]:
    for error in Draft202012Validator(schema).iter_errors(document):
        yield f"{error.json_path}: {error.message}"


def iter_schema_objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield node
        for value in node.values():
            yield from iter_schema_objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from iter_schema_objects(value)


def test_the_schema_is_sound_and_describes_every_key(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    for node in iter_schema_objects(schema):
        assert node["additionalProperties"] is False
        assert set(node["required"]) == set(node["properties"])
        for key, value in node["properties"].items():
            assert value.get("description"), key


def test_a_plan_keeps_the_schema(
    small_result: PlanResult, schema: dict[str, Any], tmp_path: Path
) -> None:
    write_plan_json(small_result, tmp_path / "plan.json")
    text = (tmp_path / "plan.json").read_text("utf-8")
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in plan.json"))
    assert list(iter_faults(schema, document)) == []
    assert document == plan_document(small_result)


def test_a_flight_keeps_the_schema(small_result: PlanResult, schema: dict[str, Any]) -> None:
    flown = fly_mission(small_result.mission, small_result.grid)
    assert list(iter_faults(schema, plan_document(flown))) == []


def test_the_document_says_what_the_result_says(small_result: PlanResult) -> None:
    document = plan_document(small_result)
    assert document["run"]["digest"] == small_result.run.digest
    assert document["verdict"] == "STOP"
    assert document["recommendation"]["launch_local"] == "2015-04-04 03:00 KST"
    for group in small_result.groups:
        found = document["recommendation"]["groups"][group.group.name]
        assert found["timer_setting_s"] == group.setting.timer_s
        assert found["fill"]["neck_lift_kg"] == group.fill.neck_lift_kg
    for name, counts in small_result.outcome_counts().items():
        outcomes = document["items"][name]["outcomes"]
        assert {key: value["count"] for key, value in outcomes.items()} == counts
        assert sum(value["share"] for value in outcomes.values()) == pytest.approx(1.0)
    curve = small_result.groups[0].curve
    written = document["timer_curves"]["discs"]
    for index in range(curve.timer_s.size):
        share = curve.share("target", index)
        assert written["shares"]["target"]["mean"][index] == pytest.approx(share.mean)
        error = written["shares"]["target"]["standard_error"][index]
        assert error == pytest.approx(share.standard_error)
    areas = {c["probability"]: c["area_km2"] for c in document["contours"]["dvd"]}
    assert 0.0 < areas[0.5] < areas[0.9]


def test_what_is_no_number_becomes_null(small_result: PlanResult, schema: dict[str, Any]) -> None:
    nothing = (math.nan, math.nan, math.nan)
    kind = dataclasses.replace(small_result.kinds[0], fall_s=nothing, drift_m=nothing, density=None)
    odd = dataclasses.replace(small_result, kinds=(kind, *small_result.kinds[1:]))
    document = plan_document(odd)
    assert document["items"]["dvd"]["fall_s"] == {"median": None, "p05": None, "p95": None}
    assert "dvd" not in document["contours"]
    assert list(iter_faults(schema, document)) == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(3600.0, "1:00"), (4980.0, "1:23"), (600.0, "0:10"), (90.0, "0:01:30")]
)
def test_a_timer_setting_reads_as_on_the_timer(seconds: float, text: str) -> None:
    assert format_timer(seconds) == text
