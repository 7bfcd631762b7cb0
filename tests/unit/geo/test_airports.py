"""Airports near a place."""

from __future__ import annotations

import pytest

from downwind.geo.airports import airports_within, load_airports


def test_given_ganghwa_when_airports_are_asked_then_incheon_and_gimpo_are_near() -> None:
    found = {airport.code: distance for airport, distance in airports_within(126.49, 37.75, 60e3)}
    assert found["RKSI"] == pytest.approx(31.4e3, rel=0.01)  # published place: 37 28 N, 126 27 E
    assert "RKSS" in found
    assert list(found.values()) == sorted(found.values())


def test_given_the_antimeridian_when_airports_are_asked_then_both_sides_count() -> None:
    codes = {airport.code for airport, _ in airports_within(179.9, -16.7, 150e3)}
    assert "NFNM" in codes  # Matei, at 179.88 W


def test_given_the_middle_of_an_ocean_when_asked_then_there_are_none() -> None:
    assert airports_within(-140.0, -48.0, 100e3) == ()


def test_given_the_list_when_loaded_then_heights_are_in_metres() -> None:
    heights = {airport.code: airport.elevation_m for airport in load_airports()}
    assert heights["SLLP"] == pytest.approx(4_060, abs=20)  # La Paz / El Alto, 13 325 ft
