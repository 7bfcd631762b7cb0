"""How much plastic a load is."""

from __future__ import annotations

import pytest

from downwind.errors import ArgumentError
from downwind.load.items import CATALOGUE
from downwind.load.plastic import WRAPPING_NOTE, plastic_mass

DVD, FILM, PAPER = (CATALOGUE[n] for n in ("dvd", "leaflet-film-12x5", "leaflet-a6-80"))


def test_given_the_demonstration_when_added_up_then_it_is_1_5_tonnes_in_items() -> None:
    plastic = plastic_mass([(DVD, 80_000), (FILM, 1_000_000)], film_kg=217 * 1.0)

    assert plastic.by_item == pytest.approx({"dvd": 1_240.0, "leaflet-film-12x5": 270.0})
    assert plastic.items_kg == pytest.approx(1_510.0)
    assert plastic.total_kg == pytest.approx(1_727.0)
    assert plastic.lines()[0] == (
        "plastic: 1,727.0 kg, of it 1,510.0 kg in items and 217.0 kg in envelopes"
    )
    assert plastic.lines()[-1] == WRAPPING_NOTE


def test_given_paper_when_added_up_then_it_is_no_plastic() -> None:
    assert plastic_mass([(PAPER, 1e6)]).total_kg == 0.0


def test_given_a_sleeve_when_added_up_then_only_the_disc_counts() -> None:
    assert plastic_mass([(CATALOGUE["dvd-sleeve"], 1)]).total_kg == pytest.approx(0.0155, abs=1e-5)


def test_given_a_kind_twice_when_added_up_then_its_parts_are_one() -> None:
    assert plastic_mass([(DVD, 1), (DVD, 2.5)]).by_item == {"dvd": pytest.approx(3.5 * 0.0155)}


def test_given_latex_when_added_up_then_it_stands_beside_the_plastic() -> None:
    plastic = plastic_mass([(DVD, 1_000)], rubber_kg=1.2)

    assert plastic.total_kg == pytest.approx(15.5)
    assert "latex: 1.2 kg" in plastic.lines()


@pytest.mark.parametrize(
    "bad", [{"items": [(DVD, -1)]}, {"film_kg": -1.0}, {"rubber_kg": float("nan")}], ids=str
)
def test_given_less_than_nothing_when_added_up_then_it_is_refused(bad: dict) -> None:
    with pytest.raises(ArgumentError):
        plastic_mass(**{"items": [], **bad})
