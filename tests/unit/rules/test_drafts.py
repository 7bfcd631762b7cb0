"""Drafts: filled in with what is known, blank where it is not, and headed as drafts."""

from __future__ import annotations

from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.declared import Operator
from downwind.rules.drafts import BLANK, FIELDS, make_drafts
from downwind.rules.facts import Facts
from tests.rule_facts import NOW_S, declare, make_facts, make_launch

JURISDICTIONS = load_jurisdictions()
OPERATOR = Operator(
    "A. Person", "1 Street", "+82 2 000 0000", "education {site}", "orange", "none planned"
)


def test_given_a_launch_when_drafted_then_the_notice_has_the_fields_of_the_form_in_utc():
    text = make_drafts(make_facts(), declare(), JURISDICTIONS, NOW_S)["notam.txt"]
    lines = text.splitlines()
    assert text.startswith("DRAFT.")
    assert any("/QWLLW/" in line and "3745N12629E" in line for line in lines)
    assert "B) 2703101200" in lines
    assert "C) 2703101500" in lines
    assert "F) SFC" in lines
    assert "G) UNL" in lines
    assert "2027-03-10 12:00 UTC" in text
    assert f"MARKINGS: {BLANK}" in text


def test_given_an_operator_when_drafted_then_the_application_names_it_and_takes_no_braces():
    drafts = make_drafts(make_facts(), declare(operator=OPERATOR), JURISDICTIONS, NOW_S)
    text = drafts["rule-311-application.txt"]
    for stated in ("A. Person", "+82 2 000 0000", "education {site}", "2027-03-10 21:00 KST"):
        assert stated in text
    assert "7 kg in 1 package" in text
    assert "heavy" in text
    assert "North Korea 100 %" in text


def test_given_nothing_computed_when_drafted_then_blanks_say_so():
    facts = make_facts(crossings=None, destination_s=None, climb_s=None)
    drafts = make_drafts(facts, declare(), JURISDICTIONS, NOW_S)
    assert f"C) {BLANK}" in drafts["notam.txt"]
    assert "not reached, or was not computed" in drafts["rule-311-application.txt"]


def test_given_another_country_when_drafted_then_forms_of_korea_are_left_out():
    assert set(make_drafts(make_facts(country="Poland"), declare(), JURISDICTIONS, NOW_S)) == {
        "notam.txt"
    }


def test_given_a_place_south_and_west_when_drafted_then_degrees_and_minutes_carry_letters():
    launch = make_launch(latitude=-0.999, longitude=-70.5, country="Chile")
    facts = Facts(make_facts().balloons, launch, "", "", ())
    assert "0100S07030W" in make_drafts(facts, declare(), JURISDICTIONS, NOW_S)["notam.txt"]


def test_given_any_draft_when_written_then_no_line_is_wider_than_80_columns():
    for declared in (declare(), declare(operator=OPERATOR)):
        for text in make_drafts(make_facts(), declared, JURISDICTIONS, NOW_S).values():
            assert max(len(line) for line in text.splitlines()) <= 80


def test_given_the_fields_of_templates_when_listed_then_every_one_is_used():
    used = " ".join(d.text for j in JURISDICTIONS.values() for d in j.drafts)
    assert {name for name in FIELDS if f"{{{name}}}" not in used} == set()
