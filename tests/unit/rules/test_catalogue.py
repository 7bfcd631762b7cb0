"""Rule files: one file is one jurisdiction, and each fault is named at its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from downwind.catalogue import Faults
from downwind.errors import RuleFileError
from downwind.rules.catalogue import load_jurisdictions, read_jurisdiction
from downwind.rules.checks import CHECKS
from downwind.rules.drafts import make_drafts
from downwind.rules.findings import Level
from downwind.rules.judge import judge
from downwind.rules.records import CLEARINGS, Status
from tests.rule_facts import NOW_S, declare, make_balloon, make_facts, make_permission

OWN = """
[jurisdiction]
key = "xx"
title = "Ruritania"
countries = ["POL"]
general = ["Ask at the castle."]

[[rule]]
name = "balloons-1"
title = "Leave for a load of 1 kg"
citation = "Balloon Act 1"
version_date = 2025-01-01
read_on = 2026-01-01
page = "a book"
status = "in force"
check = "load"
clears = ["permission"]
decides = "the castle"
[rule.values]
class_of = "icao.class"
classes = ["light", "medium"]
at_least = "1 kg"

[[draft]]
file = "castle.txt"
title = "To the castle"
rule = "balloons-1"
text = \"\"\"
  site {site}, purpose {purpose}
\"\"\"
"""
RULES = [rule for j in load_jurisdictions().values() for rule in j.rules]


def write(folder: Path, text: str, name: str = "xx.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def faults_of(text: str) -> list[tuple[str, str]]:
    """Return what is wrong with a rule file."""
    faults: Faults = []
    read_jurisdiction(text, "xx.toml", faults, date(2026, 11, 24))
    return faults


def test_given_a_jurisdiction_in_one_file_when_loaded_then_its_rules_are_asked_and_cleared(
    tmp_path: Path,
) -> None:
    known = load_jurisdictions([write(tmp_path, OWN)])
    facts = make_facts(make_balloon(1.0), country="Poland")
    found = judge(facts, declare(), known, NOW_S)
    (own,) = [f for f in found.findings if f.rule.jurisdiction == "xx"]
    assert (own.level, own.rule.name) == (Level.STOP, "xx.balloons-1")
    assert "Ask at the castle." in found.general
    entered = declare(permissions=(make_permission("xx.balloons-1"),))
    after = judge(facts, entered, known, NOW_S)
    assert {f.rule.name for f in found.stops} - {f.rule.name for f in after.stops} == {
        "xx.balloons-1"
    }
    heavy = judge(make_facts(make_balloon(7.0), country="Poland"), declare(), known, NOW_S)
    assert not [f for f in heavy.findings if f.rule.jurisdiction == "xx"]
    drafts = make_drafts(facts, declare(), known, NOW_S)
    assert "  site Ganghwa, purpose ____ (not stated)" in drafts["castle.txt"]


def test_given_packaged_records_when_read_then_each_says_where_and_when_it_was_read():
    assert len(RULES) == 40
    for rule in RULES:
        assert rule.citation
        assert rule.page
        assert rule.decides
        assert rule.read_on == date(2026, 11, 22)
        assert rule.version_date is None or rule.version_date <= rule.read_on
        assert set(rule.clears) <= set(CLEARINGS)
        assert rule.status is not Status.IN_FORCE or rule.page != "from memory"
    assert {rule.check for rule in RULES} == set(CHECKS)


@pytest.mark.parametrize(
    ("old", "new", "place", "word"),
    [
        ('status = "in force"', 'status = "inforce"', "rule[0].status", "did you mean 'in force'"),
        ('check = "load"', 'check = "lod"', "rule[0].check", "did you mean 'load'"),
        ('["permission"]', '["permision"]', "rule[0].clears", "did you mean 'permission'"),
        ('citation = "Balloon Act 1"\n', "", "rule[0].citation", "missing"),
        ('page = "a book"', 'page = " "', "rule[0].page", "no text"),
        ("read_on = 2026-01-01", "read_on = 2026-11-25", "rule[0].read_on", "in the future"),
        ("read_on = 2026-01-01", 'read_on = "2026-01-01"', "rule[0].read_on", "no date"),
        ("version_date = 2025-01-01\n", "", "rule[0].version_date", "missing"),
        ("decides =", "decide =", "rule[0].decide", "did you mean 'decides'"),
        ('at_least = "1 kg"', 'at_most = "1 kg"', "rule[0].values.at_most", "unknown field"),
        ('at_least = "1 kg"', 'at_least = "1 km"', "rule[0].values.at_least", "no value with"),
        ('at_least = "1 kg"', 'at_least = "0 kg"', "rule[0].values.at_least", "not above 0"),
        ('at_least = "1 kg"', "", "rule[0].values.at_least", "missing"),
        ('name = "balloons-1"', 'name = "Balloons 1"', "rule[0].name", "small letters"),
        ('["POL"]', '["Poltland"]', "jurisdiction.countries", "no country is called"),
        ("{purpose}", "{pupose}", "draft[0].text", "nothing is called '{pupose}'"),
        ("{purpose}", "{purpose", "draft[0].text", "braces"),
        ('"castle.txt"', '"../castle.txt"', "draft[0].file", "no name"),
        ('rule = "balloons-1"', 'rule = "other"', "draft[0].rule", "no rule of this file"),
        ("[[rule]]", "[[rules]]", "rules", "unknown table"),
    ],
)
def test_given_a_fault_in_a_rule_file_when_read_then_file_and_place_are_named(
    old: str, new: str, place: str, word: str
) -> None:
    assert old in OWN
    found = faults_of(OWN.replace(old, new))
    assert [why for at, why in found if at == f"xx.toml: {place}" and word in why], found


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('"icao.class"', '"icao.clas"', "did you mean 'icao.class'"),
        ('["light", "medium"]', '["lite"]', "did you mean 'light'"),
        ('class_of = "icao.class"\n', "", "go together"),
        ('key = "xx"', 'key = "kr"', "'kr' is that of kr.toml already"),
    ],
)
def test_given_a_reference_to_what_is_not_there_when_loaded_then_it_is_an_error(
    tmp_path: Path, old: str, new: str, word: str
) -> None:
    with pytest.raises(RuleFileError, match=word) as caught:
        load_jurisdictions([write(tmp_path, OWN.replace(old, new))])
    assert caught.value.faults
    assert caught.value.exit_code == 2


def test_given_two_rules_of_one_name_when_read_then_the_second_is_a_fault():
    rule = OWN[OWN.index("[[rule]]") : OWN.index("[[draft]]")]
    assert ("xx.toml: rule[1].name", "'xx.balloons-1' stands twice") in faults_of(OWN + rule)


def test_given_no_file_or_no_toml_when_loaded_then_the_error_names_it(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="cannot read the rule file"):
        load_jurisdictions([tmp_path / "none.toml"])
    with pytest.raises(RuleFileError, match=r"bad\.toml is not TOML"):
        load_jurisdictions([write(tmp_path, "rule = [", "bad.toml")])
    with pytest.raises(RuleFileError, match="is no table"):
        load_jurisdictions([write(tmp_path, 'jurisdiction = "xx"')])


def test_given_a_low_path_higher_than_paths_are_looked_at_when_read_then_it_is_a_fault():
    text = OWN.replace('check = "load"', 'check = "low-path"')
    text = text.replace('at_least = "1 kg"', 'height = "1001 ft"')
    assert ("xx.toml: rule[0].values.height", "paths are looked at below 304.8 m alone") in (
        faults_of(text)
    )
