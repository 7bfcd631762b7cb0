"""Make a kind of item from the fields of an entry, and refuse what cannot be.

The models are closed, and so are the families: what is not one of them is not carried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from downwind.catalogue import Provenance, suggest
from downwind.constants import PARACHUTE_DRAG
from downwind.errors import MissionError
from downwind.load._sanity import SANITY, Faults, check_impact, check_measured, check_numbers
from downwind.load.kinds import (
    BOX_DRAG,
    CASE,
    DISC,
    DISC_DRAG,
    HUNG,
    INSTRUMENT,
    PLATE_DRAG,
    SCATTER,
    Box,
    Disc,
    Measured,
    Parachute,
    Plate,
)
from downwind.load.leaflet import FILM, PAPER, Leaflet
from downwind.load.traits import FAMILIES, REFUSED_FAMILIES, ItemKind, Traits, Wetting

_SHARED: Final = {
    "family": "text?",
    "plastic_fraction": "fraction?",
    "wet_mass": "fraction pair?",
    "clumps": "flag?",
    "regime": "text?",
    "note": "text?",
    "scatter": "number?",
}
_BLOCK: Final = {"mass": "mass", "length": "length", "width": "length", "thickness": "length"}

FIELDS: Final[dict[str, dict[str, str]]] = {
    "leaflet": {
        "length": "length",
        "width": "length",
        "surface_density": "surface_density",
        "material": "text?",
        **_SHARED,
    },
    "disc": {"mass": "mass", "diameter": "length", "drag": "triple?", **_SHARED},
    "plate": {
        "mass": "mass",
        "length": "length",
        "width": "length",
        "drag": "triple?",
        **_SHARED,
    },
    "box": {**_BLOCK, "drag": "triple?", **_SHARED},
    "parachute": {**_BLOCK, "parachute": "length", "drag": "triple?", **_SHARED},
    "measured": {**_BLOCK, "speed": "speed triple", "parachute": "length?", **_SHARED},
}
"""The fields of each model besides ``name`` and ``title``, as `downwind.catalogue` reads them."""

MATERIALS: Final[dict[str, Traits]] = {"paper": PAPER, "film": FILM}
_FAMILY_OF: Final = {"leaflet": "leaflet", "disc": "disc"}
_TRAITS: Final = {"disc": DISC, "plate": CASE, "box": INSTRUMENT, "parachute": HUNG}

_BY_SIZE: Final = re.compile(
    r"leaflet-(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)-(\d+(?:\.\d+)?)(-film)?"
)
_UNIT_M: Final = {"mm": 1e-3, "in": 0.0254}


def make_item(
    model: str,
    values: Mapping[str, Any],
    provenance: Mapping[str, Provenance] | None = None,
    own: bool = True,
) -> ItemKind:
    """Make a kind of item.

    Parameters
    ----------
    model : str
        A key of ``FIELDS``.
    values : mapping
        ``name``, ``title`` (the name if left out), and the fields of the model in SI units. A
        value of None counts as left out.
    provenance : mapping, optional
        Source and confidence of each number.
    own : bool
        A user's own item: refused if one in twenty lands with more than 14.9 J, be it for want of
        a parachute or for want of a larger one. The packaged catalogue holds such items, marked.

    Raises
    ------
    MissionError
        If the model or a field is unknown, a field is missing, or the item cannot be or may not
        be carried; ``faults`` gives field and text of each.
    """
    if model not in FIELDS:
        raise _make_error(
            str(values.get("name", "")),
            [("model", f"no fall model is called '{model}'{suggest(model, FIELDS)}")],
        )
    given = {key: value for key, value in values.items() if value is not None}
    name = str(given.get("name", ""))
    faults = _find_wrong_fields(model, given)
    if faults:
        raise _make_error(name, faults)
    traits = _make_traits(model, given, provenance or {}, faults)
    check_numbers(given, faults)
    SANITY[model](given, faults)
    if faults:
        raise _make_error(name, faults)
    kind = _MAKERS[model](given, traits)
    if isinstance(kind, Measured):
        check_measured(kind, faults)
    if own and not faults:
        check_impact(kind, faults)
    if faults:
        raise _make_error(name, faults)
    return kind


def leaflet_by_size(name: str) -> Leaflet:
    """Return the leaflet that a name of its own size stands for.

    Parameters
    ----------
    name : str
        ``leaflet-<L>x<W>mm-<g/m2>``, or ``in`` for inches, with ``-film`` at the end for film: such
        as ``leaflet-148x105mm-80``, ``leaflet-8.5x4.25in-75`` or ``leaflet-120x50mm-45-film``.

    Raises
    ------
    MissionError
        If the name has another form, or such a leaflet cannot be.
    """
    match = _BY_SIZE.fullmatch(name)
    if not match:
        raise MissionError(
            f"'{name}' is not the name of a leaflet by its size",
            "write leaflet-<length>x<width>mm-<g/m2>, such as leaflet-148x105mm-80, with -film at "
            "the end for film",
        )
    length, width, unit, grammage, film = match.groups()
    material = "film" if film else "paper"
    side = "inch" if unit == "in" else "mm"
    kind = make_item(
        "leaflet",
        {
            "name": name,
            "title": f"leaflet, {length} x {width} {side} {material}, {grammage} g/m2",
            "length": float(length) * _UNIT_M[unit],
            "width": float(width) * _UNIT_M[unit],
            "surface_density": float(grammage) * 1e-3,
            "material": material,
        },
    )
    assert isinstance(kind, Leaflet)
    return kind


def is_leaflet_by_size(name: str) -> bool:
    """Tell whether a name has the form of a leaflet by its size."""
    return _BY_SIZE.fullmatch(name) is not None


# --- how each model is made ----------------------------------------------------------------------


def _make_disc(given: Mapping[str, Any], traits: Traits) -> ItemKind:
    drag, scatter = given.get("drag", DISC_DRAG), given.get("scatter", SCATTER)
    return Disc(*_names(given), given["mass"], given["diameter"], drag, scatter, traits=traits)


def _make_plate(given: Mapping[str, Any], traits: Traits) -> ItemKind:
    drag, scatter = given.get("drag", PLATE_DRAG), given.get("scatter", SCATTER)
    sides = given["length"], given["width"]
    return Plate(*_names(given), given["mass"], *sides, drag, scatter, traits=traits)


def _make_box(given: Mapping[str, Any], traits: Traits) -> ItemKind:
    drag, scatter = given.get("drag", BOX_DRAG), given.get("scatter", SCATTER)
    return Box(*_names(given), given["mass"], *_sides(given), drag, scatter, traits=traits)


def _make_parachute(given: Mapping[str, Any], traits: Traits) -> ItemKind:
    drag, scatter = given.get("drag", PARACHUTE_DRAG), given.get("scatter", SCATTER)
    size = *_sides(given), given["parachute"]
    return Parachute(*_names(given), given["mass"], *size, drag, scatter, traits=traits)


def _make_measured(given: Mapping[str, Any], traits: Traits) -> ItemKind:
    return Measured(
        *_names(given),
        given["mass"],
        *_sides(given),
        given["speed"],
        given.get("parachute"),
        given.get("scatter", SCATTER),
        traits=traits,
    )


def _make_leaflet(given: Mapping[str, Any], traits: Traits) -> ItemKind:
    return Leaflet(
        *_names(given),
        given["length"],
        given["width"],
        given["surface_density"],
        given.get("scatter", 0.10),
        traits=traits,
    )


_MAKERS: Final[dict[str, Callable[[Mapping[str, Any], Traits], ItemKind]]] = {
    "disc": _make_disc,
    "plate": _make_plate,
    "box": _make_box,
    "parachute": _make_parachute,
    "measured": _make_measured,
    "leaflet": _make_leaflet,
}


def _names(given: Mapping[str, Any]) -> tuple[str, str]:
    return given["name"], given.get("title") or given["name"]


def _sides(given: Mapping[str, Any]) -> tuple[float, float, float]:
    return given["length"], given["width"], given["thickness"]


def _make_traits(
    model: str, given: Mapping[str, Any], provenance: Mapping[str, Provenance], faults: Faults
) -> Traits:
    if model == "leaflet":
        material = given.get("material", "paper")
        if material not in MATERIALS:
            faults.append(("material", f"'{material}' is none of {', '.join(MATERIALS)}"))
        base = MATERIALS.get(material, PAPER)
    elif model == "measured":
        base = HUNG if given.get("parachute") else INSTRUMENT
    else:
        base = _TRAITS[model]
    family = _read_family(model, given, faults)
    wetting = base.wetting
    if "wet_mass" in given:
        low, high = given["wet_mass"]
        if not 0.0 <= low <= high <= 3.0:
            faults.append(("wet_mass", "is low and high, each from 0 to 3 times the dry mass"))
        wetting = Wetting(low, high, bool(given.get("clumps", False)))
    elif "clumps" in given:
        faults.append(("clumps", "says nothing without wet_mass"))
    return replace(
        base,
        family=family,
        plastic_fraction=given.get("plastic_fraction", base.plastic_fraction),
        wetting=wetting,
        regime=given.get("regime", base.regime),
        note=given.get("note", base.note),
        provenance=dict(provenance),
    )


def _read_family(model: str, given: Mapping[str, Any], faults: Faults) -> str:
    fixed = _FAMILY_OF.get(model, "")
    family = str(given.get("family", fixed))
    if family in REFUSED_FAMILIES:
        faults.append(("family", f"{family} loads are not carried, whatever their mass"))
    elif not family:
        faults.append(("family", f"missing; a {model} is one of {', '.join(FAMILIES)}"))
    elif family not in FAMILIES:
        faults.append(("family", f"'{family}' is not carried{suggest(family, FAMILIES)}"))
    elif fixed and family != fixed:
        faults.append(("family", f"a {model} is of the family {fixed}"))
    return family


def _find_wrong_fields(model: str, given: Mapping[str, Any]) -> Faults:
    known = FIELDS[model]
    required = [key for key, kind in known.items() if not kind.endswith("?")]
    faults = [
        (key, f"a {model} has no such field; it is given by {', '.join(required)}")
        for key in given
        if key not in known and key not in ("name", "title")
    ]
    faults += [
        (key, f"missing; a {model} is given by {', '.join(required)}")
        for key in required
        if key not in given
    ]
    if not str(given.get("name", "")).strip():
        faults.append(("name", "missing; it has no default"))
    return faults


def _make_error(name: str, faults: Faults) -> MissionError:
    what = f"the item '{name}'" if name else "an item"
    return MissionError(
        f"{what}: " + "; ".join(f"{field}: {text}" for field, text in faults),
        "mend these fields; an item needs a mass, a size and one of the fall models "
        f"{', '.join(FIELDS)}",
        tuple(faults),
    )
