"""Towns within a box."""

from __future__ import annotations

from downwind.geo.places import towns_in_box

KOREA = (124.0, 37.0, 130.0, 43.0)


def test_towns_come_largest_first_and_inside_the_box() -> None:
    towns = towns_in_box(*KOREA, minimum_population=100_000, limit=20)
    assert len(towns) == 20
    assert towns[0].name == "Seoul"
    assert "Pyongyang" in {town.name for town in towns}
    populations = [town.population for town in towns]
    assert populations == sorted(populations, reverse=True)
    assert all(124 <= town.longitude <= 130 and 37 <= town.latitude <= 43 for town in towns)


def test_small_towns_are_left_out() -> None:
    assert all(
        town.population >= 500_000 for town in towns_in_box(*KOREA, minimum_population=500_000)
    )


def test_a_box_across_the_antimeridian_holds_both_sides() -> None:
    towns = towns_in_box(170.0, -25.0, -170.0, -10.0)
    assert {"Suva", "Nuku‘alofa"} <= {town.name for town in towns}
    assert all(abs(town.longitude) >= 170.0 for town in towns)


def test_the_whole_world_and_an_empty_box() -> None:
    assert len(towns_in_box(-180.0, -90.0, 180.0, 90.0, limit=7)) == 7
    assert towns_in_box(-150.0, 0.0, -149.0, 1.0) == []
