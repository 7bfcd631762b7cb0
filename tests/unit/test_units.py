"""Values with units become SI; what has no unit, or a wrong one, is refused."""

from __future__ import annotations

import pytest

from downwind.units import parse_quantity


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("40 um", "length", 40e-6),
        ("1.45m", "length", 1.45),
        ("36 ft", "length", 10.9728),
        ("15.5 g", "mass", 0.0155),
        ("1 lb", "mass", 0.45359237),
        ("50 min", "time", 3_000.0),
        ("1 h 5 min", "time", 3_900.0),
        ("1h05min", "time", 3_900.0),
        ("1.5 h", "time", 5_400.0),
        ("8 %", "fraction", 0.08),
        ("100 ppm", "fraction", 1e-4),
        (0.25, "fraction", 0.25),
        ("0.25", "fraction", 0.25),
        ("1 %/h", "rate", 0.01 / 3_600.0),
        ("10 kt", "speed", 5.1444444),
        ("-3 K", "temperature_difference", -3.0),
        ("45 g/m2", "surface_density", 0.045),
        ("  2e-3  km ", "length", 2.0),
        (".5 L", "volume", 5e-4),
    ],
)
def test_a_value_with_its_unit_becomes_si(text: str | float, dimension: str, value: float) -> None:
    assert parse_quantity(text, dimension) == pytest.approx(value, rel=1e-8)


@pytest.mark.parametrize(
    ("text", "dimension", "said"),
    [
        ("5 kg", "length", "unit of m, cm, mm, um, km, ft, in"),
        ("5", "length", "no value with a unit"),
        ("", "time", "no value with a unit"),
        ("   ", "time", "no value with a unit"),
        ("long", "time", "no value with a unit"),
        ("1,5 h", "time", "no value with a unit"),
        ("5 Min", "time", "no value with a unit"),
        (5, "mass", "5 needs a unit"),
        (True, "fraction", "no value"),
        (None, "length", "no value"),
        (["1 m"], "length", "no value"),
        ("nan m", "length", "no value with a unit"),
        ("inf m", "length", "no value with a unit"),
    ],
)
def test_a_value_without_a_unit_of_its_kind_is_refused(
    text: object, dimension: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        parse_quantity(text, dimension)  # type: ignore[arg-type]
