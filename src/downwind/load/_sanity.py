"""What no item can be, and what none may be: bounds on sizes, densities, speeds and energies.

The bounds on sizes and densities catch slips of a unit, and are assumptions. Each check adds field
and text of what it finds to a list of faults.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from downwind.load.impact import CATEGORY_2_J, explain_refusal, item_impact
from downwind.load.kinds import Measured, box_area_m2
from downwind.load.traits import ItemKind

MAX_MASS_KG: Final = 20.0
MAX_LEAFLET_KG: Final = 0.05
SIDE_M: Final = (0.001, 2.0)
LEAFLET_SIDE_M: Final = (0.01, 1.0)
CANOPY_M: Final = (0.02, 10.0)
LEAFLET_KGM2: Final = (0.005, 0.5)
PLATE_KGM2: Final = (0.05, 30.0)
BLOCK_KGM3: Final = (5.0, 12_000.0)
BARE_DRAG: Final = (0.3, 2.0)
"""What a body that tumbles can have, on the larger of its largest face and its mean shadow."""

HUNG_DRAG: Final = (0.3, 2.5)
"""What a canopy can have, on pi d^2 / 4."""

MEASURED_MS: Final = (0.1, 100.0)

Faults = list[tuple[str, str]]
"""Fields, each with what is wrong with it."""


def check_numbers(given: Mapping[str, Any], faults: Faults) -> None:
    """Check the numbers that mean the same in every model."""
    if "mass" in given:
        _check_within(faults, "mass", given["mass"], (1e-6, MAX_MASS_KG), "kg")
    if "drag" in given:
        bounds = HUNG_DRAG if "parachute" in given else BARE_DRAG
        _check_triple(faults, "drag", given["drag"], bounds, "")
    if "speed" in given:
        _check_triple(faults, "speed", given["speed"], MEASURED_MS, "m/s")
    if "plastic_fraction" in given:
        _check_within(faults, "plastic_fraction", given["plastic_fraction"], (0.0, 1.0), "")
    if "scatter" in given:
        _check_within(faults, "scatter", given["scatter"], (0.0, 0.5), "")


def _check_leaflet(given: Mapping[str, Any], faults: Faults) -> None:
    length, width, density = given["length"], given["width"], given["surface_density"]
    _check_within(faults, "length", length, LEAFLET_SIDE_M, "m")
    _check_within(faults, "width", width, LEAFLET_SIDE_M, "m")
    _check_within(faults, "surface_density", density, LEAFLET_KGM2, "kg/m2")
    mass = length * width * density
    if mass > MAX_LEAFLET_KG:
        faults.append(
            ("surface_density", f"one leaflet would weigh {mass:.3g} kg, over {MAX_LEAFLET_KG} kg")
        )


def _check_disc(given: Mapping[str, Any], faults: Faults) -> None:
    diameter = given["diameter"]
    if _check_within(faults, "diameter", diameter, SIDE_M, "m"):
        _check_face(given["mass"], math.pi / 4.0 * diameter**2, faults)


def _check_plate(given: Mapping[str, Any], faults: Faults) -> None:
    good = [_check_within(faults, key, given[key], SIDE_M, "m") for key in ("length", "width")]
    if all(good):
        _check_face(given["mass"], given["length"] * given["width"], faults)


def _check_face(mass_kg: float, area_m2: float, faults: Faults) -> None:
    density, (low, high) = mass_kg / area_m2, PLATE_KGM2
    if not low <= density <= high:
        faults.append(
            (
                "mass",
                f"{mass_kg:.3g} kg on a face of {area_m2:.3g} m2 is {density:.3g} kg/m2, not "
                f"within {low:g} and {high:g}; check the units",
            )
        )


def _check_block(given: Mapping[str, Any], faults: Faults) -> None:
    keys = ("length", "width", "thickness")
    good = [_check_within(faults, key, given[key], SIDE_M, "m") for key in keys]
    if all(good):
        volume = math.prod(given[key] for key in keys)
        density, (low, high) = given["mass"] / volume, BLOCK_KGM3
        if not low <= density <= high:
            faults.append(
                (
                    "mass",
                    f"{given['mass']:.3g} kg in {1e3 * volume:.3g} litres is {density:.3g} kg/m3, "
                    f"not within {low:g} and {high:g}; check the units",
                )
            )
    canopy = given.get("parachute")
    if canopy is None or not all(good):
        return
    if _check_within(faults, "parachute", canopy, CANOPY_M, "m"):
        face, area = math.pi / 4.0 * canopy**2, box_area_m2(*(given[key] for key in keys))
        if face <= area:
            faults.append(
                (
                    "parachute",
                    f"a canopy of {canopy:g} m has {face:.3g} m2, no more than the item itself, "
                    f"{area:.3g} m2",
                )
            )


SANITY: Final[dict[str, Callable[[Mapping[str, Any], Faults], None]]] = {
    "leaflet": _check_leaflet,
    "disc": _check_disc,
    "plate": _check_plate,
    "box": _check_block,
    "parachute": _check_block,
    "measured": _check_block,
}
"""The check of size and density of each model."""


def check_measured(kind: Measured, faults: Faults) -> None:
    """Check that a measured speed, and its 5 and 95 % point, are ones that drag can explain.

    Without a parachute the drag coefficient is that on the larger of the largest face and a
    quarter of the surface: a flat thing falls with about 1 on its face, which is only half of
    its shadow from all sides.
    """
    if kind.parachute_m is not None:
        area, what, (low, high) = kind.area_m2, "its canopy", HUNG_DRAG
    else:
        sides = sorted((kind.length_m, kind.width_m, kind.thickness_m))
        area, what = max(sides[1] * sides[2], kind.area_m2), "its largest face or shadow"
        low, high = BARE_DRAG
    for speed in kind.sea_speed_ms:
        drag = kind.drag_coefficient * (kind.area_m2 / area) * (kind.speed_ms / speed) ** 2
        if not low <= drag <= high:
            faults.append(
                (
                    "speed",
                    f"{speed:g} m/s would be a drag coefficient of {drag:.3g} on {what}, not "
                    f"within {low:g} and {high:g}; check speed, mass and size",
                )
            )


def check_impact(kind: ItemKind, faults: Faults) -> None:
    """Check that one item in twenty lands within the limit, be it under its parachute."""
    refusal = explain_refusal(kind)
    if refusal:
        faults.append(("mass", refusal))
        return
    energy = item_impact(kind).fast_energy_j
    if energy > CATEGORY_2_J and kind.parachute_m is not None:
        wanted = kind.parachute_m * math.sqrt(energy / CATEGORY_2_J)
        faults.append(
            (
                "parachute",
                f"one in twenty lands with {energy:.1f} J or more although the parachute is open, "
                f"above the limit of {CATEGORY_2_J} J; a canopy of {wanted:.2f} m would do",
            )
        )


def _check_within(
    faults: Faults, key: str, value: float, bounds: tuple[float, float], unit: str
) -> bool:
    low, high = bounds
    is_good = low <= value <= high
    if not is_good:
        faults.append((key, f"{value:.4g} is not within {low:g} and {high:g} {unit}".rstrip()))
    return is_good


def _check_triple(
    faults: Faults,
    key: str,
    triple: tuple[float, float, float],
    bounds: tuple[float, float],
    unit: str,
) -> None:
    median, low, high = triple
    if not bounds[0] <= low <= median <= high <= bounds[1]:
        faults.append(
            (
                key,
                "is the median, the 5 % and the 95 % point, the median between the others, "
                f"within {bounds[0]:g} and {bounds[1]:g} {unit}".rstrip(),
            )
        )
