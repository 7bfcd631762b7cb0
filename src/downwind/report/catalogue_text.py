"""Lists of items and vehicles, and what there is to say of each, as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from downwind.load.fall_time import Spread
from downwind.load.impact import CATEGORY_2_J, CATEGORY_3_J
from downwind.report._plain import LABEL_COLUMNS, field, table, underline, wrap
from downwind.report.item_facts import WIND_MS, ItemFacts, NumberFact, family_title
from downwind.report.quantities import (
    mass_text,
    number_text,
    percent_text,
    short_text,
    source_text,
    time_text,
)
from downwind.report.vehicle_facts import (
    KINDS,
    SINGULAR,
    VehicleFacts,
    burst_text,
    catalogue_of,
    net_lift_kgm3,
    setting_text,
    tube_load_kg,
)
from downwind.vehicle.catalogue import VehicleCatalogue
from downwind.vehicle.cylinders import delivered_m3
from downwind.vehicle.gas import HELIUM, HYDROGEN

_INDEX = re.compile(r"\[(\d+)\]$")
_BRACKETS = re.compile(r"\(\S+ to ")
_LIST_M = 3000.0
_SEA_PA = 101_325.0


def items_text(items: Sequence[ItemFacts]) -> str:
    """Return the list of items, by family."""
    lines = underline(f"Items: {len(items)} kinds", "=")
    lines += wrap(
        "Speed at sea level with its 5 and 95 % point, median fall time from 3 km to the sea, and "
        "energy of the landing at the median speed."
    )
    families = list(dict.fromkeys(item.kind.family for item in items))
    ordered = [item for family in families for item in items if item.kind.family == family]
    head, *rows = table(
        ("name", "mass", "m/s", "5 - 95 %", "min", "J", ""), [_row(i) for i in ordered]
    )
    lines += ["", head]
    last = ""
    for item, line in zip(ordered, rows, strict=True):
        if item.kind.family != last:
            last = item.kind.family
            lines += ["", f"{last}: {family_title(last)}"]
        lines.append(line)
    lines.append("")
    if any(item.refusal for item in items):
        lines += wrap(
            f"refused: one in twenty lands with more than {CATEGORY_2_J} J, and it has no "
            "parachute; no mission takes it.",
            hang="  ",
        )
    if any(item.mark == "STOP" for item in items):
        lines += wrap(
            f"STOP: one in twenty lands with more than {CATEGORY_2_J} J under its open "
            "parachute; a plan that carries it is stopped.",
            hang="  ",
        )
    lines += wrap(
        "Any leaflet by its size: leaflet-148x105mm-80, leaflet-8.5x4.25in-75, "
        "leaflet-120x50mm-45-film.",
        hang="  ",
    )
    lines += wrap("More of one: downwind items NAME. Your own: downwind items --catalogue FILE.")
    return "\n".join(lines)


def item_text(item: ItemFacts) -> str:
    """Return what there is to say of one item."""
    kind = item.kind
    lines = underline(f"{kind.name}: {kind.title}", "=")
    if item.refusal:
        lines += wrap(f"REFUSED: {item.refusal}", "!! ", "   ")
    elif item.is_above_limit:
        lines += wrap(
            f"STOP: one in twenty lands with {short_text(item.fast_energy_j)} J or more although "
            f"the parachute is open, above the limit of {CATEGORY_2_J} J",
            "!! ",
            "   ",
        )
    lines += field("what it is", f"{family_title(kind.family)} (family {kind.family})")
    lines += field("size, mass", f"{kind.size_text}; {mass_text(kind.mass_kg)}")
    if kind.regime:
        lines += field("how it falls", kind.regime)
    for i, text in enumerate(item.law):
        lines += field("law" if i == 0 else "", text)
    lines += field("speed at sea level", f"{spread_text(item.speed_ms)} m/s")
    for height, seconds in item.fall_s.items():
        time = seconds.times(1.0 / 60.0)
        drift = item.drift_m(height).times(1e-3)
        lines += field(
            f"fall from {height / 1e3:.0f} km",
            f"{spread_text(time)} min; in a wind of {WIND_MS:.0f} m/s it drifts "
            f"{spread_text(drift)} km",
        )
    lines += field("impact", _impact_sentence(item))
    lines += field("wet, ice", _weather_sentence(item))
    lines += field(
        "plastic",
        f"{percent_text(kind.plastic_fraction)} of its mass, "
        f"{mass_text(round(1e3 * kind.plastic_fraction * kind.mass_kg, 4))} in 1,000 of them"
        if kind.plastic_fraction
        else "none",
    )
    if kind.note:
        lines += field("note", kind.note)
    if not item.refusal:
        lines += field("in a mission", f'load = [{{ item = "{kind.name}", count = 1000 }}]')
    lines += field("entry", place_text(item.place) or "none: a leaflet by its size")
    lines += wrap(
        "Ranges are 5 to 95 % of items over all draws: what all items of a kind share, and what "
        "each has for itself. Falls are from a geopotential height to the sea in the standard "
        "atmosphere, each item loose from the start.",
        "  ",
    )
    return "\n".join([*lines, *_number_lines(item.numbers)])


def vehicles_text(catalogue: VehicleCatalogue) -> str:
    """Return the list of vehicles, gases, cylinders, timers and drag laws."""
    lines: list[str] = []
    for model in KINDS:
        things = catalogue_of(catalogue, model)
        title = f"{KINDS[model]}: {len(things)}"
        lines += [*underline(title[0].upper() + title[1:], "="), *_LISTS[model](catalogue), ""]
    lines += wrap("More of one: downwind vehicles NAME. Your own: --catalogue FILE.")
    return "\n".join(lines)


def vehicle_text(facts: VehicleFacts) -> str:
    """Return what there is to say of one entry."""
    lines = underline(f"{facts.name}: {facts.title}", "=")
    lines += field("what it is", SINGULAR[facts.model])
    for label, text in facts.lines:
        lines += field(label, text)
    if facts.usage:
        lines += field("in a mission", facts.usage)
    lines += field("entry", place_text(facts.place))
    return "\n".join([*lines, *_number_lines(facts.numbers)])


def place_text(place: str) -> str:
    """Write the place of an entry, such as ``items.toml: disc[0]``, as ``items.toml: disc 1``."""
    return _INDEX.sub(lambda found: f" {int(found[1]) + 1}", place)


def spread_text(spread: Spread) -> str:
    """Write a median with its 5 and 95 % point, all to the same decimal."""
    decimals = spread_decimals(spread)
    return f"{spread.median:,.{decimals}f} ({range_text(spread, ' to ')})"


def range_text(spread: Spread, between: str = " - ") -> str:
    """Write the 5 and 95 % point of a spread, both to the same decimal."""
    decimals = spread_decimals(spread)
    return f"{spread.low:,.{decimals}f}{between}{spread.high:,.{decimals}f}"


def spread_decimals(spread: Spread) -> int:
    """Return how many decimals a spread deserves: three digits of its 95 % point, two at most."""
    return 0 if spread.high >= 100.0 else 1 if spread.high >= 10.0 else 2


def energy_text(joule: float, digits: int = 2) -> str:
    """Write an energy, and a very small one as less than something."""
    return "<0.001" if joule < 1e-3 else short_text(joule, digits)


def _row(item: ItemFacts) -> tuple[str, ...]:
    speed = item.speed_ms
    return (
        item.kind.name,
        f"{short_text(1e3 * item.kind.mass_kg)} g",
        f"{speed.median:.{spread_decimals(speed)}f}",
        range_text(speed),
        short_text(item.fall_s[_LIST_M].median / 60.0),
        energy_text(item.energy_j),
        item.mark,
    )


def _impact_sentence(item: ItemFacts) -> str:
    energy = item.fast_energy_j
    text = f"{energy_text(item.energy_j, 3)} J, one in twenty above {energy_text(energy, 3)} J: "
    if energy <= CATEGORY_2_J:
        text += "within"
    else:
        text += "ABOVE"
    text += f" {CATEGORY_2_J} J (11 ft-lb, category 2"
    text += f"; category 3 is {CATEGORY_3_J} J) of 14 CFR Part 107"
    if item.shut_energy_j is not None:
        text += f"; {energy_text(item.shut_energy_j, 3)} J if the parachute stays shut"
    return text


def _weather_sentence(item: ItemFacts) -> str:
    slow, fast = item.wet_factor
    wet = "stays dry"
    if fast > 1.0:
        wet = f"wet, it falls {slow:.2f} to {fast:.2f} times as fast"
        if item.kind.wetting is not None and item.kind.wetting.clumps:
            wet += " and may cling to others"
    return f"{wet}; 1 mm of ice on one face, {item.ice_factor:.2f} times; no plan counts either"


def _number_lines(numbers: Iterable[NumberFact]) -> list[str]:
    lines = ["", "Numbers and their sources", "-------------------------"]
    numbers = list(numbers)
    if any(_BRACKETS.search(number.text) for number in numbers):
        lines += wrap("In brackets: the 5 and the 95 % point.", "  ")
    for number in numbers:
        if len(number.name) > LABEL_COLUMNS - 4:
            lines += [f"  {number.name}", *field("", number.text)]
        else:
            lines += field(number.name, number.text)
        lines += wrap(source_text(number.provenance), " " * 6, " " * 8)
    return lines


# --- lists of vehicles ---------------------------------------------------------------------------


def _list_tubes(catalogue: VehicleCatalogue) -> list[str]:
    rows = []
    for name, tube in catalogue.tubes.items():
        loads = [
            max(tube_load_kg(tube, HYDROGEN, h), 0.0) if tube.is_open else None for h in (3e3, 5e3)
        ]
        rows.append(
            (
                name,
                f"{round(tube.length_m, 2):g} x {round(tube.diameter_m, 2):g} m",
                "open" if tube.is_open else "sealed",
                f"{short_text(tube.volume_m3)} m3",
                f"{tube.envelope_kg:.2f} kg",
                *("-" if load is None else f"{load:.1f} kg" for load in loads),
            )
        )
    head = ("name", "size", "bottom", "holds", "weighs", "at 3 km", "at 5 km")
    return [
        *table(head, rows, left=3),
        *wrap("at 3 km, at 5 km: the load that floats there under a tube full of hydrogen", "  "),
    ]


def _list_rubber(catalogue: VehicleCatalogue) -> list[str]:
    lines = []
    balloons = sorted(catalogue.latex.values(), key=lambda b: (b.maker, b.mass_kg, b.name))
    for maker, of_maker in groupby(balloons, key=lambda b: b.maker):
        lines.append(f"  {maker or 'no maker stated'}")
        lines += table(
            ("  name", "mass", "bursts at", "90 % of them at", "holds"),
            [
                (
                    f"  {balloon.name}",
                    mass_text(balloon.mass_kg),
                    f"{balloon.burst_diameter_m:.2f} m",
                    burst_text(balloon),
                    f"{short_text(balloon.volume_m3)} m3",
                )
                for balloon in of_maker
            ],
        )
    return lines


def _list_gases(catalogue: VehicleCatalogue) -> list[str]:
    rows = [
        (
            name,
            f"{net_lift_kgm3(gas, 1.0 - gas.impurity[0]):.3f} kg/m3",
            percent_text(gas.impurity[0]),
            f"{percent_text(gas.impurity[1])} to {percent_text(gas.impurity[2])}",
            "burns" if gas.flammable else "does not burn",
        )
        for name, gas in catalogue.gases.items()
    ]
    return table(("name", "lift", "air in it", "5 to 95 %", ""), rows)


def _list_cylinders(catalogue: VehicleCatalogue) -> list[str]:
    rows = [
        (
            name,
            f"{number_text(1e3 * cylinder.water_m3)} L",
            f"{number_text(round(cylinder.filling_pa / 1e5, 1))} bar",
            f"{short_text(delivered_m3(cylinder, HYDROGEN, _SEA_PA))} m3",
            f"{short_text(delivered_m3(cylinder, HELIUM, _SEA_PA))} m3",
            "-" if cylinder.price is None else f"{number_text(cylinder.price)} {cylinder.currency}",
        )
        for name, cylinder in catalogue.cylinders.items()
    ]
    head = ("name", "water", "filling", "hydrogen", "helium", "price")
    return [
        *table(head, rows),
        *wrap("hydrogen, helium: what one gives at 15 C and 1013.25 hPa", "  "),
    ]


def _list_timers(catalogue: VehicleCatalogue) -> list[str]:
    rows = [
        (
            name,
            setting_text(timer),
            time_text(timer.longest_s),
            percent_text(timer.failure[0]),
            "runs alike" if timer.is_steady else "slows down",
            "accounting only" if timer.accounting else "",
        )
        for name, timer in catalogue.timers.items()
    ]
    head = ("name", "set to 1 h", "longest", "fails", "in the cold", "")
    return [*table(head, rows), *wrap("set to 1 h: when 90 % of them act", "  ")]


def _list_drags(catalogue: VehicleCatalogue) -> list[str]:
    rows = [
        (
            name,
            number_text(law.high[0]),
            f"{number_text(law.high[1])} - {number_text(law.high[2])}",
            "-" if law.is_constant else number_text(law.low[0]),
            "-" if law.is_constant else f"{number_text(law.low[1])} - {number_text(law.low[2])}",
            "-" if law.is_constant else f"{law.reynolds_start[0]:.3g}",
        )
        for name, law in catalogue.drags.items()
    ]
    return table(("name", "Cd", "5 to 95 %", "above crisis", "5 to 95 %", "crisis at Re"), rows)


_LISTS = {
    "film": _list_tubes,
    "latex": _list_rubber,
    "gas": _list_gases,
    "cylinder": _list_cylinders,
    "timer": _list_timers,
    "drag": _list_drags,
}
