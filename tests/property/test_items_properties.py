"""Laws that hold for every item that can be made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from downwind.errors import MissionError
from downwind.load.army import add_drift, layer_hours
from downwind.load.impact import (
    explain_refusal,
    impact_energy_j,
    is_above_impact_limit,
    item_impact,
    speed_quantiles_ms,
)
from downwind.load.items import Box, Disc, Leaflet, Parachute
from downwind.load.kinds import box_area_m2, drag_speed_ms
from downwind.load.make import make_item
from downwind.load.weathering import ice_speed_factor, weather_warnings

few = settings(max_examples=40, deadline=None)
masses = st.floats(0.005, 0.5)
sides = st.floats(0.02, 0.5)
densities = st.floats(0.02, 0.3)
factors = st.floats(1.05, 3.0)
normals = st.floats(-4.0, 4.0)
HALF = np.full(1, 0.5)


def one(value: float) -> np.ndarray:
    return np.array([value])


@few
@given(masses, sides, factors)
def test_a_heavier_disc_falls_faster_by_the_root_of_its_mass(
    mass: float, diameter: float, factor: float
) -> None:
    light, heavy = Disc("d", "d", mass, diameter), Disc("d", "d", mass * factor, diameter)

    assert heavy.speed_ms / light.speed_ms == pytest.approx(factor**0.5, rel=1e-12)
    assert item_impact(heavy).fast_speed_ms > heavy.speed_ms


@few
@given(masses, sides, sides, sides, st.permutations([0, 1, 2]))
def test_a_box_is_the_same_whichever_way_it_is_measured(
    mass: float, a: float, b: float, c: float, order: list[int]
) -> None:
    turned = [(a, b, c)[i] for i in order]

    assert Box("b", "b", mass, *turned).speed_ms == pytest.approx(
        Box("b", "b", mass, a, b, c).speed_ms, rel=1e-12
    )
    # no box shows more than its longest section, or less than its smallest face
    assert min(a * b, b * c, a * c) < box_area_m2(a, b, c) < a * b + b * c + a * c


@few
@given(masses, sides, st.floats(0.6, 3.0), factors)
def test_a_larger_canopy_is_slower_and_lands_with_less(
    mass: float, side: float, canopy: float, factor: float
) -> None:
    small = Parachute("p", "p", mass, side, side, side, canopy)
    large = Parachute("p", "p", mass, side, side, side, canopy * factor)

    assert large.speed_ms == pytest.approx(small.speed_ms / factor, rel=1e-12)
    assert item_impact(large).fast_energy_j < item_impact(small).fast_energy_j
    assert small.unopened_speed_ms == large.unopened_speed_ms


@few
@given(masses, sides, normals, normals, normals)
def test_more_bias_is_slower_and_more_of_ones_own_is_faster(
    mass: float, diameter: float, bias: float, more: float, own: float
) -> None:
    assume(more > bias + 1e-3)
    kind = Disc("d", "d", mass, diameter)

    def speed(b: float, o: float) -> float:
        return float(kind.fall_columns(one(b), one(0.0), HALF, one(o), HALF).low_speed_ms[0])

    assert speed(more, own) < speed(bias, own)
    assert speed(bias, own + 0.1) > speed(bias, own)


@few
@given(st.floats(0.03, 0.3), st.floats(0.03, 0.3), densities, factors)
def test_a_leaflet_twice_as_large_in_its_law_keeps_to_it(
    length: float, width: float, density: float, factor: float
) -> None:
    kind = Leaflet("l", "l", length, width, density)
    heavier = Leaflet("l", "l", length, width, density * factor)

    assert heavier.law.reference_speed_ms == pytest.approx(
        kind.law.reference_speed_ms * factor**0.5, rel=1e-12
    )
    assert heavier.law.autorotation > kind.law.autorotation
    turned = Leaflet("l", "l", width, length, density)
    assert turned.law == kind.law
    assert turned.mass_kg == pytest.approx(kind.mass_kg, rel=1e-12)


@few
@given(masses, sides)
def test_one_in_twenty_lies_between_the_drag_alone_and_all_at_once(mass: float, d: float) -> None:
    kind = Disc("d", "d", mass, d)
    slow, median, fast = speed_quantiles_ms(kind, [0.05, 0.5, 0.95])

    assert slow < median < fast
    by_drag = kind.speed_ms * (kind.drag[0] / kind.drag[1]) ** 0.5
    assert by_drag < fast < by_drag * np.exp(1.645 * 0.05)
    assert median == pytest.approx(kind.speed_ms, rel=0.01)


@few
@given(masses, sides, sides, sides)
def test_an_item_of_ones_own_is_made_if_and_only_if_it_may_be_carried(
    mass: float, a: float, b: float, c: float
) -> None:
    assume(5.0 <= mass / (a * b * c) <= 12_000.0)
    values = {"name": "x", "family": "packet", "mass": mass, "length": a, "width": b}
    values["thickness"] = c
    bare = make_item("box", values, own=False)

    if is_above_impact_limit(bare):
        assert explain_refusal(bare)
        with pytest.raises(MissionError):
            make_item("box", values)
    else:
        assert make_item("box", values) == bare


@few
@given(masses, sides, sides, sides, st.floats(0.3, 100.0), st.floats(0.3, 1.0), st.floats(1.0, 3.0))
def test_no_item_that_lands_too_hard_as_a_block_passes_as_a_measured_one(
    mass: float, a: float, b: float, c: float, speed: float, down: float, up: float
) -> None:
    assume(5.0 <= mass / (a * b * c) <= 12_000.0)
    block = {"name": "x", "family": "packet", "mass": mass, "length": a, "width": b, "thickness": c}
    try:
        kind = make_item("measured", {**block, "speed": (speed, speed * down, speed * up)})
    except MissionError:
        return

    assert item_impact(kind).fast_energy_j <= 14.9
    # it falls no slower than a block does with a drag coefficient of 2 on its largest face
    sides_m = sorted((a, b, c))
    slowest = drag_speed_ms(mass, max(sides_m[1] * sides_m[2], box_area_m2(a, b, c)), 2.0)
    assert speed * down >= 0.999_999 * slowest


@few
@given(masses, st.floats(0.0, 0.01), factors)
def test_more_ice_is_faster_and_the_energy_follows(
    mass: float, thickness: float, factor: float
) -> None:
    kind = Disc("d", "d", mass, 0.12)
    thin, thick = ice_speed_factor(kind, thickness), ice_speed_factor(kind, thickness * factor)

    assert 1.0 <= thin <= thick
    assert impact_energy_j(mass, kind.speed_ms * thick) >= impact_energy_j(mass, kind.speed_ms)


@few
@given(
    st.lists(
        st.tuples(st.floats(0.0, 9e3), st.floats(220.0, 300.0), st.floats(0.0, 1.0)),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["leaflet", "film"]),
)
def test_a_warning_names_heights_of_the_fall_and_film_never_gets_wet(
    levels: list[tuple[float, float, float]], stuff: str
) -> None:
    values = {"name": "x", "length": 0.12, "width": 0.05, "surface_density": 0.05}
    material = "film" if stuff == "film" else "paper"
    kind = make_item("leaflet", {**values, "material": material})
    height, kelvin, cloud = (np.array(column) for column in zip(*levels, strict=True))

    for warning in weather_warnings(kind, height, kelvin, cloud_fraction=cloud):
        inside = (height >= warning.low_m) & (height <= warning.high_m)
        assert np.any(cloud[inside] >= 0.25)
        assert height.min() <= warning.low_m <= warning.high_m <= height.max()
        assert not (stuff == "film" and warning.code == "wet")
        assert warning.speed_factor > 1.0


@few
@given(st.floats(0.2, 3.0), st.lists(st.floats(1.0, 2_000.0), min_size=1, max_size=12), factors)
def test_twice_the_rate_is_half_the_drift(rate: float, depths: list[float], factor: float) -> None:
    edges = np.concatenate([[0.0], np.cumsum(depths)])
    wind = np.linspace(3.0, 12.0, edges.size - 1)
    slow = add_drift(layer_hours(rate, edges), wind, -wind)
    fast = add_drift(layer_hours(rate * factor, edges), wind, -wind)

    assert slow.distance_m / fast.distance_m == pytest.approx(factor, rel=1e-9)
