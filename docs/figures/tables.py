"""The tables of the reference that come from the catalogues.

Each stands in its page between ``<!-- table NAME -->`` and ``<!-- end -->``; nothing else of the
page is touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from docs.figures.chart import UNIFORM_MS, gather_rows
from docs.figures.rule_tables import RULE_MAKERS
from downwind.catalogue import Provenance
from downwind.load.catalogue import load_items
from downwind.load.fall_time import fall_time_spread_s
from downwind.load.impact import BUNDLE_MASS_KG
from downwind.report.catalogue_text import energy_text, spread_text
from downwind.report.item_facts import ItemFacts, family_title, gather_item
from downwind.report.quantities import (
    length_text,
    mass_text,
    number_text,
    percent_text,
    quantity_text,
    short_text,
    time_text,
)
from downwind.report.vehicle_facts import (
    SEA_PA,
    burst_text,
    clock_text,
    net_lift_kgm3,
    setting_text,
    tube_load_kg,
)
from downwind.vehicle.catalogue import VehicleCatalogue, load_vehicles
from downwind.vehicle.cylinders import delivered_m3
from downwind.vehicle.gas import HELIUM, HYDROGEN

PAGES: Final = (
    "reference/items.md",
    "reference/vehicles.md",
    "reference/rules.md",
    "explanation/items-fall.md",
)

_BLOCK: Final = re.compile(r"(<!-- table ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Row = tuple[str, ...]


def update_page(text: str) -> str:
    """Return a page with its tables made anew; KeyError for a table that nobody makes."""
    return _BLOCK.sub(lambda found: found[1] + _MAKERS[found[2]]() + found[3], text)


def markdown_table(head: Row, rows: list[Row]) -> str:
    """Return a table in Markdown, blank lines around it."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n" + "\n".join(lines) + "\n\n"


def _items() -> str:
    catalogue = load_items()
    facts = [gather_item(kind, catalogue.place(name)) for name, kind in catalogue.items()]
    parts = []
    for family in dict.fromkeys(item.kind.family for item in facts):
        rows = [_item_row(item) for item in facts if item.kind.family == family]
        head = ("name", "what it is", "mass", "m/s at sea level", "min from 3 km",
                "min from 5 km", "impact", "confidence of its numbers")  # fmt: skip
        title = family_title(family)
        parts.append(f"\n## {title[0].upper()}{title[1:]}\n{markdown_table(head, rows)[:-1]}")
    return "".join(parts) + "\n"


def _item_row(item: ItemFacts) -> Row:
    kind = item.kind
    mark = f", **{item.mark}**" if item.mark else ""
    low, high = (item.fall_s[h].times(1.0 / 60.0) for h in (3000.0, 5000.0))
    return (
        f"`{kind.name}`",
        f"{kind.model}, {kind.size_text}{mark}",
        f"{short_text(1e3 * kind.mass_kg)} g",
        spread_text(item.speed_ms),
        spread_text(low),
        spread_text(high),
        f"{energy_text(item.energy_j)} J",
        _confidences([number.provenance for number in item.numbers]),
    )


def _confidences(found: list[Provenance]) -> str:
    counts: dict[str, int] = {}
    for provenance in found:
        counts[provenance.confidence] = counts.get(provenance.confidence, 0) + 1
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def _drifts() -> str:
    rows = [
        (
            f"`{row.kind.name}`",
            *(spread_text(minutes.times(0.06 * UNIFORM_MS)) for minutes in row.minutes),
            *(spread_text(drift) for drift in row.sheared_km),
        )
        for row in gather_rows()
    ]
    head = ("name", "10 m/s, from 3 km", "10 m/s, from 5 km", "sheared, from 3 km",
            "sheared, from 5 km")  # fmt: skip
    return markdown_table(head, rows)


def _bundles() -> str:
    catalogue = load_items()
    rows = []
    for name in ("leaflet-film-12x5", "leaflet-a5-80", "dvd"):
        loose = fall_time_spread_s(catalogue[name], 5000.0).times(1.0 / 60.0)
        bundled = fall_time_spread_s(catalogue[name], 5000.0, BUNDLE_MASS_KG).times(1.0 / 60.0)
        rows.append((f"`{name}`", spread_text(loose), spread_text(bundled)))
    return markdown_table(("name", "loose from the start", "out of a bundle of 3 kg"), rows)


def _tubes(known: VehicleCatalogue) -> str:
    rows = []
    for name, tube in known.tubes.items():
        loads = (
            [short_text(max(tube_load_kg(tube, HYDROGEN, h), 0.0), 2) + " kg" for h in (3e3, 5e3)]
            if tube.is_open
            else ["bursts", "bursts"]
        )
        rows.append(
            (
                f"`{name}`",
                f"{length_text(tube.length_m)} x {length_text(tube.diameter_m)}, "
                f"{length_text(tube.film_m)}",
                "open" if tube.is_open else f"sealed, tears at {tube.strength_pa:.0f} Pa",
                f"{short_text(tube.volume_m3, 4)} m3",
                f"{tube.envelope_kg:.2f} kg",
                *loads,
            )
        )
    head = ("name", "length, diameter, film", "bottom", "holds", "weighs", "floats at 3 km",
            "floats at 5 km")  # fmt: skip
    return markdown_table(head, rows)


def _rubber(known: VehicleCatalogue) -> str:
    rows = [
        (
            f"`{balloon.name}`",
            balloon.maker,
            mass_text(balloon.mass_kg),
            f"{balloon.burst_diameter_m:.2f} m",
            burst_text(balloon),
            f"{short_text(balloon.volume_m3)} m3",
        )
        for balloon in sorted(known.latex.values(), key=lambda b: (b.maker, b.mass_kg))
    ]
    head = ("name", "maker", "mass", "nominal burst diameter", "90 % burst at", "volume then")
    return markdown_table(head, rows)


def _gases(known: VehicleCatalogue) -> str:
    rows = [
        (
            f"`{name}`",
            number_text(gas.molar_mass) + " g/mol",
            f"{net_lift_kgm3(gas):.3f} kg/m3",
            quantity_text(gas.impurity, "fraction triple"),
            f"{net_lift_kgm3(gas, 1.0 - gas.impurity[0]):.3f} kg/m3",
            "yes" if gas.flammable else "no",
        )
        for name, gas in known.gases.items()
    ]
    head = ("name", "molar mass", "lift when pure", "air in it", "lift as sold", "burns")
    return markdown_table(head, rows)


def _cylinders(known: VehicleCatalogue) -> str:
    rows = [
        (
            f"`{name}`",
            f"{number_text(1e3 * cylinder.water_m3)} L",
            f"{number_text(round(cylinder.filling_pa / 1e5, 1))} bar",
            f"{number_text(cylinder.residual_pa / 1e5)} bar",
            f"{short_text(delivered_m3(cylinder, HYDROGEN, SEA_PA))} m3",
            f"{short_text(delivered_m3(cylinder, HELIUM, SEA_PA))} m3",
        )
        for name, cylinder in known.cylinders.items()
    ]
    head = ("name", "water volume", "full", "left inside", "gives hydrogen", "gives helium")
    return markdown_table(head, rows)


def _timers(known: VehicleCatalogue) -> str:
    rows = [
        (
            f"`{name}`",
            timer.title,
            setting_text(timer),
            clock_text(timer),
            time_text(timer.longest_s),
            percent_text(timer.failure[0]),
        )
        for name, timer in known.timers.items()
    ]
    head = ("name", "what it is", "set to 1 h, 90 % act after", "temperature", "longest", "fails")
    return markdown_table(head, rows)


def _drags(known: VehicleCatalogue) -> str:
    rows = [
        (
            f"`{name}`",
            quantity_text(law.high, "triple"),
            "the same" if law.is_constant else quantity_text(law.low, "triple"),
            "none" if law.is_constant else quantity_text(law.reynolds_start, "triple"),
            "none" if law.is_constant else number_text(law.reynolds_width),
        )
        for name, law in known.drags.items()
    ]
    head = ("name", "below the crisis", "above it", "it begins at Re", "its width in Re")
    return markdown_table(head, rows)


_MAKERS: Final[dict[str, Callable[[], str]]] = {
    "items": _items,
    "drifts": _drifts,
    "bundles": _bundles,
    "tubes": lambda: _tubes(load_vehicles()),
    "rubber": lambda: _rubber(load_vehicles()),
    "gases": lambda: _gases(load_vehicles()),
    "cylinders": lambda: _cylinders(load_vehicles()),
    "timers": lambda: _timers(load_vehicles()),
    "drags": lambda: _drags(load_vehicles()),
    **{name: partial(make, markdown_table) for name, make in RULE_MAKERS.items()},
}
