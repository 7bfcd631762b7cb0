"""Making items from fields: what is made, and what cannot be or may not be."""

from __future__ import annotations

import math
from typing import Any

import pytest

from downwind.catalogue import Provenance
from downwind.errors import MissionError
from downwind.load.kinds import Box, Disc, Measured, Parachute, Plate
from downwind.load.leaflet import Leaflet
from downwind.load.make import FIELDS, is_leaflet_by_size, leaflet_by_size, make_item
from downwind.load.traits import FAMILIES, REFUSED_FAMILIES, Wetting

BLOCK = {"length": 0.120, "width": 0.075, "thickness": 0.035, "family": "radio"}
GOOD: dict[str, dict[str, Any]] = {
    "leaflet": {"length": 0.148, "width": 0.105, "surface_density": 0.080},
    "disc": {"mass": 0.0155, "diameter": 0.120},
    "plate": {"mass": 0.100, "length": 0.142, "width": 0.125, "family": "case"},
    "box": {"mass": 0.050, **BLOCK},
    "parachute": {"mass": 0.160, "parachute": 0.40, **BLOCK},
    "measured": {"mass": 0.150, "speed": (6.0, 5.0, 7.0), "parachute": 0.40, **BLOCK},
}
CLASSES = {
    "leaflet": Leaflet,
    "disc": Disc,
    "plate": Plate,
    "box": Box,
    "parachute": Parachute,
    "measured": Measured,
}


def faults_of(model: str, **changes: Any) -> tuple[tuple[str, str], ...]:
    """What is wrong with a good item of a model after some changes; None takes a field away."""
    with pytest.raises(MissionError) as caught:
        make_item(model, {"name": "x", **GOOD[model], **changes})
    assert caught.value.hint
    for field, text in caught.value.faults:
        assert f"{field}: {text}" in caught.value.message
    return caught.value.faults


def test_given_the_models_when_listed_then_each_has_a_class_and_a_good_item() -> None:
    assert set(FIELDS) == set(GOOD) == set(CLASSES)


@pytest.mark.parametrize("model", GOOD)
def test_given_good_fields_when_made_then_the_item_is_of_its_model(model: str) -> None:
    kind = make_item(model, {"name": "x", "title": "an x", **GOOD[model]})

    assert type(kind) is CLASSES[model]
    assert kind.model == model
    assert (kind.name, kind.title) == ("x", "an x")
    assert kind.family in FAMILIES
    assert kind.speed_ms > 0.0


def test_given_fields_of_none_when_made_then_they_count_as_left_out() -> None:
    kind = make_item("disc", {"name": "x", "title": None, **GOOD["disc"], "length": None})

    assert kind == Disc("x", "x", 0.0155, 0.120)


def test_given_every_field_when_made_then_each_reaches_the_item() -> None:
    source = {"mass": Provenance("scales", "read")}
    kind = make_item(
        "parachute",
        {
            "name": "x",
            **GOOD["parachute"],
            "drag": (0.8, 0.7, 0.9),
            "scatter": 0.1,
            "plastic_fraction": 0.25,
            "wet_mass": (0.1, 0.2),
            "clumps": True,
            "regime": "swings",
            "note": "a note",
        },
        source,
    )

    assert isinstance(kind, Parachute)
    assert kind.drag == (0.8, 0.7, 0.9)
    assert kind.scatter == 0.1
    assert kind.plastic_fraction == 0.25
    assert kind.wetting == Wetting(0.1, 0.2, clumps=True)
    assert (kind.regime, kind.note, kind.provenance) == ("swings", "a note", source)


@pytest.mark.parametrize(("material", "plastic"), [("paper", 0.0), ("film", 1.0)])
def test_given_a_material_when_a_leaflet_is_made_then_film_is_plastic_and_paper_soaks(
    material: str, plastic: float
) -> None:
    kind = make_item("leaflet", {"name": "x", **GOOD["leaflet"], "material": material})

    assert kind.plastic_fraction == plastic
    assert (kind.wetting is None) == (material == "film")


# --- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["bomb", "glider", ""])
def test_given_another_model_when_made_then_it_is_refused(model: str) -> None:
    with pytest.raises(MissionError) as caught:
        make_item(model, {"name": "x", "mass": 0.01})

    assert caught.value.faults[0][0] == "model"


@pytest.mark.parametrize("family", REFUSED_FAMILIES)
def test_given_a_refused_family_when_made_then_it_is_refused_in_so_many_words(family: str) -> None:
    assert faults_of("box", family=family) == (
        ("family", f"{family} loads are not carried, whatever their mass"),
    )


@pytest.mark.parametrize(
    ("model", "changes", "field", "text"),
    [
        ("disc", {"mass": None}, "mass", "missing; a disc is given by mass, diameter"),
        ("disc", {"length": 0.1}, "length", "a disc has no such field"),
        ("disc", {"family": "radio"}, "family", "a disc is of the family disc"),
        ("disc", {"name": " "}, "name", "missing"),
        ("disc", {"diameter": 12.0}, "diameter", "12 is not within 0.001 and 2 m"),
        ("disc", {"mass": 15.5}, "mass", "check the units"),
        ("disc", {"mass": 0.0}, "mass", "0 is not within"),
        ("disc", {"mass": math.nan}, "mass", "nan is not within"),
        ("disc", {"drag": (1.0, 1.1, 1.3)}, "drag", "the median between the others"),
        ("disc", {"drag": (1.0, 0.1, 1.3)}, "drag", "within 0.3 and 2"),
        ("box", {"drag": (2.8, 2.7, 2.9)}, "drag", "within 0.3 and 2"),
        ("parachute", {"drag": (2.8, 2.7, 2.9)}, "drag", "within 0.3 and 2.5"),
        ("disc", {"scatter": 0.9}, "scatter", "0.9 is not within 0 and 0.5"),
        ("disc", {"plastic_fraction": 1.5}, "plastic_fraction", "1.5 is not within 0 and 1"),
        ("disc", {"wet_mass": (0.5, 0.2)}, "wet_mass", "low and high"),
        ("disc", {"clumps": True}, "clumps", "says nothing without wet_mass"),
        ("plate", {"mass": 2.0}, "mass", "kg/m2, not within 0.05 and 30"),
        ("plate", {"width": -0.1}, "width", "is not within"),
        ("plate", {"family": None}, "family", "missing; a plate is one of"),
        ("leaflet", {"length": 3.0}, "length", "3 is not within 0.01 and 1 m"),
        ("leaflet", {"surface_density": 80.0}, "surface_density", "80 is not within 0.005 and 0.5"),
        ("leaflet", {"material": "tin"}, "material", "'tin' is none of paper, film"),
        ("box", {"mass": 0.001}, "mass", "kg/m3, not within 5 and 12000"),
        ("box", {"mass": 9.0}, "mass", "kg/m3, not within 5 and 12000"),
        ("box", {"mass": 99.0}, "mass", "99 is not within 1e-06 and 20 kg"),
        ("parachute", {"parachute": 0.09}, "parachute", "no more than the item itself"),
        ("parachute", {"parachute": 15.0}, "parachute", "15 is not within 0.02 and 10 m"),
        ("measured", {"speed": (6.0, 7.0, 8.0)}, "speed", "the median between the others"),
        ("measured", {"speed": (0.5, 0.4, 0.6)}, "speed", "would be a drag coefficient of 76"),
        ("measured", {"speed": (60.0, 50.0, 70.0)}, "speed", "would be a drag coefficient of"),
        (
            "measured",
            {"speed": (6.0, 2.0, 7.0)},
            "speed",
            "2 m/s would be a drag coefficient of 4.78",
        ),
        ("measured", {"speed": (6.0, 5.0, 9.5)}, "speed", "9.5 m/s would be a drag coefficient of"),
    ],
)
def test_given_what_cannot_be_when_made_then_the_field_is_named(
    model: str, changes: dict[str, Any], field: str, text: str
) -> None:
    faults = faults_of(model, **changes)

    assert field in [name for name, _ in faults]
    assert any(text in found for _, found in faults)


def test_given_a_leaflet_of_a_kilogram_when_made_then_it_is_refused() -> None:
    ((field, text),) = faults_of("leaflet", length=1.0, width=1.0, surface_density=0.5)

    assert field == "surface_density"
    assert text == "one leaflet would weigh 0.5 kg, over 0.05 kg"


def test_given_several_faults_when_made_then_all_are_named_at_once() -> None:
    faults = faults_of("disc", mass=99.0, drag=(1.0, 2.0, 3.0), family="chemical")

    assert [field for field, _ in faults] == ["family", "mass", "drag", "mass"]


def test_given_a_block_above_the_limit_when_called_measured_then_its_speed_is_refused() -> None:
    size = {"name": "x", "family": "packet", "mass": 0.5, "length": 0.2, "width": 0.2}
    block = {**size, "thickness": 0.06}
    with pytest.raises(MissionError, match=r"one in twenty lands with 81\.9 J or more"):
        make_item("box", block)

    with pytest.raises(MissionError) as caught:
        make_item("measured", {**block, "speed": (6.5, 6.0, 7.0)})

    assert [field for field, _ in caught.value.faults] == ["speed"] * 3
    assert "a drag coefficient of 4.74 on its largest face or shadow" in caught.value.faults[0][1]
    # nor does a canopy hardly larger than the block make it so
    with pytest.raises(MissionError, match="on its canopy, not within"):
        make_item("measured", {**block, "speed": (6.5, 6.0, 7.0), "parachute": 0.23})


def test_given_a_flat_packet_when_measured_at_the_speed_of_a_plate_then_it_is_taken() -> None:
    size = {"name": "x", "family": "packet", "mass": 0.010, "length": 0.110, "width": 0.080}
    plate = make_item("plate", size)
    speeds = tuple(plate.speed_ms * math.sqrt(1.0 / drag) for drag in (1.0, 1.35, 0.75))
    kind = make_item("measured", {**size, "thickness": 0.003, "speed": speeds})

    assert kind.speed_ms == plate.speed_ms


# --- what may not be -----------------------------------------------------------------------------


def test_given_a_bare_radio_of_ones_own_when_made_then_it_is_refused_for_its_energy() -> None:
    assert faults_of("box", mass=0.150) == (
        (
            "mass",
            "one in twenty lands with 29.8 J or more, above the limit of 14.9 J for an item "
            "without a parachute",
        ),
    )


def test_given_the_packaged_catalogue_when_made_then_it_may_hold_what_is_refused() -> None:
    assert make_item("box", {"name": "x", **GOOD["box"], "mass": 0.150}, own=False).mass_kg == 0.15


def test_given_a_parachute_too_small_when_made_then_the_error_says_how_large_it_must_be() -> None:
    ((field, text),) = faults_of("parachute", mass=0.5, parachute=0.30)
    wanted = float(text.split("a canopy of ")[1].split(" m")[0])

    assert field == "parachute"
    assert "although the parachute is open" in text
    enough = {**GOOD["parachute"], "mass": 0.5, "parachute": 1.01 * wanted}
    assert make_item("parachute", {"name": "x", **enough}).parachute_m == 1.01 * wanted


# --- leaflets by their size ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("leaflet-148x105mm-80", True),
        ("leaflet-8.5x4.25in-75", True),
        ("leaflet-120x50mm-45-film", True),
        ("leaflet-a6-80", False),
        ("leaflet-148x105-80", False),
        ("leaflet-148x105mm", False),
        ("leaflet--1x105mm-80", False),
        ("leaflet-148x105mm-80-tin", False),
        ("xleaflet-148x105mm-80", False),
    ],
)
def test_given_a_name_when_asked_then_only_that_form_is_a_size(name: str, is_one: bool) -> None:
    assert is_leaflet_by_size(name) == is_one
    if is_one:
        assert leaflet_by_size(name).name == name
    else:
        with pytest.raises(MissionError, match="not the name of a leaflet by its size"):
            leaflet_by_size(name)
