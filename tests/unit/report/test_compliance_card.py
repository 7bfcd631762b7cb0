"""The compliance card and its JSON: stops first, everything cited, no word of permission."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

from downwind.io.compliance_json import describe_compliance
from downwind.report.compliance_card import compliance_card, stop_lines
from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.findings import Compliance, Level
from downwind.rules.judge import judge
from downwind.times import parse_time
from tests.rule_facts import NOW_S, declare, make_checked, make_facts, make_permission

JURISDICTIONS = load_jurisdictions()
ENTERED = declare(permissions=(make_permission("kr.act-129-2"),), checked=(make_checked("no-fly"),))


def make_compliance(now_s: float = NOW_S) -> Compliance:
    return judge(make_facts(), ENTERED, JURISDICTIONS, now_s)


def test_given_open_stops_when_written_then_they_stand_first_with_their_citations():
    found = make_compliance()
    text = compliance_card(found, [("site", "Ganghwa")])
    lines = text.splitlines()
    assert lines[0] == f"!! {len(found.stops)} STOPS STAND OPEN. Nothing is ready while one does."
    head = " ".join(text[: text.index("COMPLIANCE CARD")].split()).replace("!! ", "")
    for stop in found.stops:
        assert stop.rule.citation in head
        assert stop.subject in head
    assert text.index("\nSTOPS\n") < text.index("\nWarnings\n") < text.index("\nCleared by")
    assert text.index("\nCleared by") < text.index("\nNotes\n")


def test_given_a_card_when_written_then_every_rule_has_its_source_status_age_and_who_decides():
    found = make_compliance()
    text = " ".join(compliance_card(found).split())
    for finding in found.findings:
        assert f"[{finding.rule.name}]" in text
        assert f"decides: {finding.rule.decides}" in text
        assert f"read {finding.rule.read_on}, {finding.rule.page}" in text
    assert "cleared by: permission A-17 of the authority, 2027-01-05" in text
    assert "UNVERIFIED" in text
    assert "STRUCK DOWN" in text
    assert "Light is not safe" in text


def test_given_an_old_record_when_written_then_the_card_warns_of_it():
    text = compliance_card(make_compliance(parse_time("2028-03-01T00:00Z")))
    assert "read more than 12 months ago" in text
    assert "Age of the records" not in compliance_card(make_compliance())


def test_given_a_card_when_written_then_it_fits_80_columns():
    assert max(len(line) for line in compliance_card(make_compliance()).splitlines()) <= 80


def test_given_no_stop_when_written_then_it_is_no_permission():
    found = make_compliance()
    clear = Compliance(tuple(f for f in found.findings if f.level is not Level.STOP))
    text = " ".join(compliance_card(clear).split())
    assert text.startswith("No STOP stands open among the rules that were asked. That is no perm")
    one = Compliance(found.stops[:1])
    assert stop_lines(one)[0].startswith("!! 1 STOP STANDS OPEN.")


@pytest.mark.parametrize("word", ["legal", "illegal", "lawful", "allowed", "delivered"])
def test_given_all_that_is_printed_when_searched_then_it_never_says_that_a_launch_may_be(
    word: str,
) -> None:
    data = "".join(
        entry.read_text("utf-8")
        for entry in files("downwind.rules").joinpath("data").iterdir()
        if entry.name.endswith(".toml")
    )
    printed = compliance_card(make_compliance()) + data.replace("legislation", "")
    assert not re.search(rf"\b{word}\b", printed, re.IGNORECASE)


def test_given_findings_when_described_then_json_holds_them_all_with_their_rules():
    found = make_compliance()
    described = json.loads(json.dumps(describe_compliance(found), allow_nan=False))
    assert described["stops"] == len(found.stops)
    assert len(described["findings"]) == len(found.findings)
    for finding in described["findings"]:
        rule = described["rules"][finding["rule"]]
        assert rule["citation"]
        assert rule["status"] in ("in force", "struck down", "unverified")
    levels = [finding["level"] for finding in described["findings"]]
    assert levels[: described["stops"]] == ["STOP"] * described["stops"]
