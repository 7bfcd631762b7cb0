"""The form of catalogue files: what is read, and how each fault is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from downwind.catalogue import NOT_STATED, Provenance, read_catalogue, read_entries, read_own
from downwind.errors import MissionError, MissionFileError

FIELDS = {
    "disc": {"mass": "mass", "diameter": "length", "drag": "triple", "plastic": "fraction?"},
    "timer": {"error": "fraction", "slow_below": "temperature?", "rates": "fraction pair?"},
}
DISC = """
[[disc]]
name = "dvd"
title = "DVD"
mass = "15.5 g"
diameter = "12 cm"
drag = [1.0, 0.75, 1.35]
[disc.source]
mass = { source = "scales", confidence = "read" }
diameter = { source = "ECMA-267", confidence = "standard" }
drag = { source = "none", confidence = "assumed" }
"""


def test_given_an_entry_when_read_then_values_are_si_and_each_number_has_its_source():
    (entry,) = read_catalogue(DISC, "items.toml", FIELDS)
    assert entry.model == "disc"
    assert entry.place == "items.toml: disc[0]"
    assert entry.values["mass"] == pytest.approx(0.0155)
    assert entry.values["drag"] == (1.0, 0.75, 1.35)
    assert "plastic" not in entry.values
    assert entry.provenance["mass"] == Provenance("scales", "read")


def test_given_a_users_own_entry_when_sources_are_left_out_then_they_are_not_stated():
    own = DISC.partition("[disc.source]")[0].replace('title = "DVD"\n', "")
    (entry,) = read_catalogue(own, "mine.toml", FIELDS, own=True)
    assert entry.provenance["drag"] == Provenance(NOT_STATED, NOT_STATED)
    assert entry.values["title"] == "dvd"


def test_given_temperatures_and_pairs_when_read_then_they_are_kelvin_and_tuples():
    text = '[[timer]]\nname = "spring"\nerror = "3 %"\nslow_below = "-15 C"\nrates = [0, "50 %"]'
    (entry,) = read_catalogue(text, "mine.toml", FIELDS, own=True)
    assert entry.values["slow_below"] == pytest.approx(258.15)
    assert entry.values["rates"] == (0.0, 0.5)


@pytest.mark.parametrize(
    ("change", "place", "text"),
    [
        (
            ('mass = "15.5 g"', 'mass = "15.5 m"'),
            "items.toml: disc[0].mass",
            "no value with a unit",
        ),
        (('mass = "15.5 g"', "mass = 15.5"), "items.toml: disc[0].mass", "needs a unit"),
        (('mass = "15.5 g"\n', ""), "items.toml: disc[0].mass", "missing"),
        (("[1.0, 0.75, 1.35]", "[1.0, 0.75]"), "items.toml: disc[0].drag", "list of 3"),
        (('"read"', '"sure"'), "items.toml: disc[0].source.mass", "is no confidence"),
        (("[[disc]]", "[[disk]]"), "items.toml: disk", "did you mean 'disc'?"),
        (('diameter = "12', 'diametre = "12'), "items.toml: disc[0].diametre", "did you mean"),
        (("mass = { source", "weight = { source"), "items.toml: disc[0].source.mass", "missing"),
        (('name = "dvd"', 'name = ""'), "items.toml: disc[0].name", "is no text"),
        (("[1.0, 0.75, 1.35]", "[1.0, nan, 1.35]"), "items.toml: disc[0].drag", "no finite number"),
        (("[1.0, 0.75, 1.35]", "[1.0, 0.75, inf]"), "items.toml: disc[0].drag", "no finite number"),
        (('"15.5 g"', '"1e999 g"'), "items.toml: disc[0].mass", "1e999 g is no finite number"),
        (('"15.5 g"', '"15.5 g"\nplastic = nan'), "items.toml: disc[0].plastic", "no finite"),
        (
            ('"15.5 g"', '"15.5 g"\nplastic = 1' + "0" * 400),
            "items.toml: disc[0].plastic",
            "it is no finite number",
        ),
        (('{ source = "scales"', '{ source = ""'), "items.toml: disc[0].source.mass", "is no text"),
        (('"read"', '["read"]'), "items.toml: disc[0].source.mass", "is no confidence"),
    ],
)
def test_given_a_fault_when_read_then_its_place_is_named(change, place, text):
    spoiled = DISC.replace(*change)
    if change[0] == "[[disc]]":
        spoiled = spoiled.replace("[disc.source]", "[disk.source]")
    with pytest.raises(MissionError) as caught:
        read_catalogue(spoiled, "items.toml", FIELDS)
    assert any(p == place and text in t for p, t in caught.value.faults), caught.value.faults


def test_given_a_source_that_is_no_table_when_read_then_it_is_a_fault_and_not_lost():
    own = DISC.partition("[disc.source]")[0] + 'source = "weighed on 2026-01-02"\n'
    with pytest.raises(MissionError, match=r"is no table; write \[disc\.source\]") as caught:
        read_catalogue(own, "mine.toml", FIELDS, own=True)
    assert [place for place, _ in caught.value.faults] == ["mine.toml: disc[0].source"]


def test_given_one_table_instead_of_a_list_when_read_then_the_form_is_told():
    with pytest.raises(MissionError, match=r"write \[\[disc\]\]"):
        read_catalogue('[disc]\nname = "dvd"\n', "items.toml", FIELDS)


def test_given_one_name_for_two_kinds_of_entry_when_read_then_both_are_there():
    text = DISC.partition("[disc.source]")[0] + '[[timer]]\nname = "dvd"\nerror = "3 %"\n'
    entries = read_catalogue(text, "mine.toml", FIELDS, own=True)
    assert [(entry.model, entry.values["name"]) for entry in entries] == [
        ("disc", "dvd"),
        ("timer", "dvd"),
    ]


def test_given_faults_when_gathered_then_the_sound_entries_are_told_from_the_others():
    faults: list[tuple[str, str]] = []
    text = DISC.replace("12 cm", "12 kg") + DISC.replace('"dvd"', '"cd"') + DISC
    first, second = read_entries(text, "items.toml", FIELDS, faults)
    assert (first.values["name"], first.is_sound) == ("dvd", False)
    assert (second.values["name"], second.is_sound) == ("cd", True)
    assert [place for place, _ in faults] == ["items.toml: disc[0].diameter", "items.toml: disc[2]"]


def test_given_a_file_of_ones_own_when_read_then_places_begin_with_its_name(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(DISC, "utf-8")
    assert [entry.place for entry in read_own(path, FIELDS, [])] == ["mine.toml: disc[0]"]
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(MissionFileError, match="it is not UTF-8"):
        read_own(path, FIELDS, [])


def test_given_a_name_twice_or_no_toml_when_read_then_it_is_refused():
    with pytest.raises(MissionError, match="stands twice"):
        read_catalogue(DISC + DISC, "items.toml", FIELDS)
    with pytest.raises(MissionError, match=r"items\.toml is not TOML"):
        read_catalogue("[[disc", "items.toml", FIELDS)


def test_given_a_users_file_with_vehicles_too_when_items_are_read_then_those_are_passed_over():
    own = DISC + '\n[[latex]]\nname = "mine"\n'
    assert len(read_catalogue(own, "mine.toml", FIELDS, own=True)) == 1
    with pytest.raises(MissionError, match="no such kind"):
        read_catalogue(own, "items.toml", FIELDS)
    with pytest.raises(MissionError, match="no such kind"):
        read_catalogue(own.replace("latex", "rocket"), "mine.toml", FIELDS, own=True)
