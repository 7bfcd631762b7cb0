"""Lists and explanations of items and vehicles: what stands there, in 80 columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from downwind.catalogue import CONFIDENCES, Provenance
from downwind.errors import ArgumentError, MissionError
from downwind.load.fall_time import Spread
from downwind.load.items import CATALOGUE
from downwind.load.make import FIELDS, leaflet_by_size
from downwind.report.catalogue_text import (
    energy_text,
    item_text,
    place_text,
    range_text,
    spread_text,
)
from downwind.report.item_facts import BY_NAME, ItemFacts, gather_item
from downwind.report.quantities import (
    length_text,
    mass_text,
    number_text,
    pressure_text,
    quantity_text,
    short_text,
    source_text,
    time_text,
)
from downwind.report.vehicle_facts import gather_vehicle, net_lift_kgm3, tube_load_kg
from downwind.service.catalogues import list_items, list_vehicles
from downwind.vehicle.catalogue import FIELDS as VEHICLE_FIELDS
from downwind.vehicle.catalogue import load_vehicles
from downwind.vehicle.film import TUBES
from downwind.vehicle.gas import HELIUM, HYDROGEN
from downwind.vehicle.heights import float_height_m

VEHICLES = load_vehicles()
OWN = """
[[latex]]
name = "a-balloon-with-a-very-long-name-indeed"
mass = "77 g"
burst_diameter = "1.5 m"

[[cylinder]]
name = "ours"
water = "40 L"
filling = "200 bar"
residual = "5 bar"
gas = "helium"
price = 310
currency = "EUR"

[[film]]
name = "short"
length = "3 m"
diameter = "1 m"
film = "50 um"

[[film]]
name = "lead"
length = "3 m"
diameter = "1 m"
film = "1 mm"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN, "utf-8")
    return path


def explained(name: str) -> ItemFacts:
    return gather_item(CATALOGUE[name], CATALOGUE.place(name))


# --- items ---------------------------------------------------------------------------------------


def test_given_all_items_when_listed_then_each_has_one_line_of_80_columns() -> None:
    lines = list_items().to_text().splitlines()

    assert max(len(line) for line in lines) <= 80
    firsts = [line.split()[0] for line in lines if line.startswith("  leaflet-")]
    assert firsts[:2] == ["leaflet-a4-80", "leaflet-a5-60"]
    for name in CATALOGUE:
        assert sum(line.split()[:1] == [name] for line in lines) == 1, name


def test_given_the_list_when_read_then_the_figures_of_a_disc_are_there() -> None:
    line = next(s for s in list_items().to_text().splitlines() if s.startswith("  dvd "))

    assert line.split() == ["dvd", "15.5", "g", "4.68", "3.95", "-", "5.53", "9.93", "0.17"]


def test_given_the_list_when_read_then_what_lands_too_hard_is_marked() -> None:
    marks = {
        s.split()[0]: s.split()[-1] for s in list_items().to_text().splitlines() if s[:2] == "  "
    }

    assert marks["radio"] == "refused"
    assert marks["dropsonde-rd41"] == "STOP"
    assert marks["radio-parachute"] == "2.2"


def test_given_a_family_when_listed_then_nothing_else_is() -> None:
    report = list_items(family="radio")

    assert [item.kind.name for item in report.items] == ["radio", "radio-parachute"]
    assert "leaflet-a4-80" not in report.to_text()


@pytest.mark.parametrize("name", CATALOGUE)
def test_given_an_item_when_explained_then_each_number_has_its_source(name: str) -> None:
    facts = explained(name)
    text = item_text(facts)

    assert max(len(line) for line in text.splitlines()) <= 80
    told = {number.name for number in facts.numbers}
    required = {
        field
        for field, kind in FIELDS[facts.kind.model].items()
        if not kind.endswith("?") and kind != "text"
    }
    assert required <= told
    assert set(CATALOGUE[name].provenance) <= told
    assert {number.provenance.confidence for number in facts.numbers} <= set(CONFIDENCES)
    flat = " ".join(text.split())
    for number in facts.numbers:
        assert " ".join(source_text(number.provenance).split()) in flat


def test_given_a_disc_when_explained_then_falls_drifts_and_impact_are_told() -> None:
    flat = " ".join(item_text(explained("dvd")).split())

    assert "9.9 (8.4 to 11.8) min; in a wind of 10 m/s it drifts 5.96 (5.05 to 7.07) km" in flat
    assert "15.8 (13.3 to 18.7) min" in flat
    assert "0.170 J, one in twenty above 0.237 J: within 14.9 J" in flat
    assert "stays dry; 1 mm of ice on one face, 1.29 times" in flat
    assert 'load = [{ item = "dvd", count = 1000 }]' in flat
    assert "items.toml: disc 1" in flat


def test_given_a_refused_item_when_explained_then_it_says_so_first_and_offers_no_load() -> None:
    lines = item_text(explained("radio")).splitlines()

    assert lines[2].startswith("!! REFUSED: one in twenty lands with 29.8 J")
    assert not any("load = [" in line for line in lines)


def test_given_a_parachute_when_explained_then_the_shut_one_is_told() -> None:
    assert "24.7 J if the parachute stays shut" in " ".join(
        item_text(explained("radio-parachute")).split()
    )
    assert item_text(explained("dropsonde-rd41")).splitlines()[2].startswith("!! STOP")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("leaflet-film-12x5", "most spin all the way down"),
        ("leaflet-a6-80", "half of them spin above 5.5 km"),
        ("leaflet-a4-80", "below 8 km they flutter or tumble all the way down"),
    ],
)
def test_given_a_leaflet_when_explained_then_its_mode_is_told(name: str, text: str) -> None:
    assert text in " ".join(item_text(explained(name)).split())


def test_given_a_leaflet_by_its_size_when_explained_then_it_has_no_entry() -> None:
    facts = gather_item(leaflet_by_size("leaflet-148x105mm-80"))
    named = gather_item(CATALOGUE["leaflet-a6-80"])

    assert facts.fall_s == named.fall_s
    assert {n.name: n.provenance for n in facts.numbers}["length"] == BY_NAME
    assert "none: a leaflet by its size" in item_text(facts)
    assert "1.14 to 1.41 times as fast and may cling" in " ".join(item_text(facts).split())


def test_given_items_when_written_as_json_then_falls_have_their_spread_in_si() -> None:
    document = json.loads(json.dumps(list_items(["dvd"]).to_dict(), allow_nan=False))
    (item,) = document["items"]

    assert item["mass_kg"] == pytest.approx(0.0155)
    assert [fall["from_m"] for fall in item["falls"]] == [3000.0, 5000.0]
    fall = item["falls"][0]
    assert fall["time_s"]["p5"] < fall["time_s"]["median"] < fall["time_s"]["p95"]
    assert fall["drift_m"]["median"] == pytest.approx(10.0 * fall["time_s"]["median"])
    assert item["numbers"][0] == {
        "field": "mass",
        "value": "15.5 g",
        "confidence": "standard",
        "source": CATALOGUE["dvd"].provenance["mass"].source,
    }


@pytest.mark.parametrize(
    ("names", "family", "text"),
    [
        (["dvb"], None, "did you mean 'dvd'?"),
        (["LEAFLET"], None, "did you mean 'leaflet-a"),
        (["zzzzzz"], None, "List them with: downwind items"),
        ([], "dics", "did you mean 'disc'?"),
        (["dvd"], "disc", "give names to explain, or a family to list"),
    ],
)
def test_given_names_that_are_not_there_when_asked_then_the_nearest_is_offered(
    names: list[str], family: str | None, text: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        list_items(names, family=family)
    assert text in caught.value.hint


def test_given_a_leaflet_of_a_size_that_cannot_be_when_asked_then_refused() -> None:
    with pytest.raises(MissionError, match="surface_density"):
        list_items(["leaflet-148x105mm-9000"])


# --- vehicles ------------------------------------------------------------------------------------


def test_given_all_vehicles_when_listed_then_each_is_there_in_80_columns() -> None:
    lines = list_vehicles().to_text().splitlines()

    assert max(len(line) for line in lines) <= 80
    for _, name in VEHICLES.entries:
        assert any(line.split()[:1] == [name] for line in lines), name
    rubber = [line.split()[:3] for line in lines if line.startswith("    hwoyee-")]
    grams = [float(mass) * (1e3 if unit == "kg" else 1.0) for _, mass, unit in rubber]
    assert grams == sorted(grams)
    assert any(line.startswith("  film-12m-sealed  12 x 1.45 m") for line in lines)
    makers = [
        line.strip() for line in lines if line.strip() in ("Hwoyee", "Kaymont", "Pawan", "Totex")
    ]
    assert makers == ["Hwoyee", "Kaymont", "Pawan", "Totex"]


def test_given_own_vehicles_when_listed_then_long_names_prices_and_no_lift_are_told(
    own: Path,
) -> None:
    text = list_vehicles(files=[own]).to_text()

    assert max(len(line) for line in text.splitlines()) <= 80
    assert "a-balloon-with-a-very-long-name-indeed" in text
    assert "no maker stated" in text
    assert "310 EUR" in text
    lead = next(line for line in text.splitlines() if line.startswith("  lead"))
    assert lead.split()[-4:] == ["0.0", "kg", "0.0", "kg"]
    explained_lead = " ".join(list_vehicles(["lead"], [own]).to_text().split())
    assert "nothing floats at 3 km and nothing floats at 5 km" in explained_lead


@pytest.mark.parametrize("key", VEHICLES.entries, ids="-".join)
def test_given_an_entry_when_explained_then_each_number_has_its_source(
    key: tuple[str, str],
) -> None:
    facts = gather_vehicle(VEHICLES, *key)
    text = list_vehicles([key[1]]).to_text()

    assert max(len(line) for line in text.splitlines()) <= 80
    told = {number.name for number in facts.numbers}
    assert set(VEHICLES.provenance_of(*key)) <= told <= set(VEHICLE_FIELDS[key[0]])
    assert {number.provenance.confidence for number in facts.numbers} <= set(CONFIDENCES)
    assert place_text(facts.place) in text
    json.dumps(facts.to_dict(), allow_nan=False)


def test_given_a_long_name_of_a_number_when_explained_then_its_value_stands_below_it() -> None:
    lines = list_vehicles(["kaymont-1000"]).to_text().splitlines()
    at = lines.index("  remains_drag_area_by_mass")
    assert lines[at + 1].strip().startswith("0.1 m2/kg (0.03 to 0.3 m2/kg)")


def test_given_a_place_when_written_then_it_counts_from_one() -> None:
    assert place_text("items.toml: disc[0]") == "items.toml: disc 1"
    assert place_text("") == ""


def test_given_an_own_entry_when_explained_then_what_it_leaves_out_is_told_as_default(
    own: Path,
) -> None:
    facts = gather_vehicle(load_vehicles([own]), "film", "short")
    numbers = {number.name: number for number in facts.numbers}

    assert numbers["length"].provenance == Provenance()
    assert numbers["film_density"].provenance.source.startswith("default of film tubes: ")
    assert numbers["yield"].text == "10 MPa"


def test_given_a_tube_when_loaded_as_told_then_it_floats_at_that_height() -> None:
    tube, purity = TUBES["film-7m"], 1.0 - HYDROGEN.impurity[0]
    load_kg = tube_load_kg(tube, HYDROGEN, 3_000.0)

    assert load_kg == pytest.approx(8.38, abs=0.005)
    assert float_height_m(tube, HYDROGEN, purity, load_kg) == pytest.approx(3_000.0, abs=1.0)


def test_given_pure_gases_when_asked_then_their_lift_is_that_of_record() -> None:
    assert net_lift_kgm3(HYDROGEN) == pytest.approx(1.140, abs=5e-4)
    assert net_lift_kgm3(HELIUM) == pytest.approx(1.056, abs=5e-4)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("spring", "below -15 C it keeps 0 % to 100 % of its speed"),
        ("chemical", "half as fast for each 10 K below 15 C"),
        ("quartz", "90 % act after 59.99 to 60.01 min"),
        ("delay-fuse", "no plan takes it"),
        ("film-7m", "a metre of gas at sea level takes 1.45 m at 3 km (1.35 m if as cold as the"),
        ("film-7m", "below 3 km if more than 4.8 m of it and below 5 km if more than 3.7 m of it"),
        ("film-7m-sealed", "it tears at an overpressure of 552 Pa"),
        ("hydrogen", "burns and explodes with air"),
        ("sphere", "the crisis begins at Re 335,000"),
        ("kaymont-1000", "shared by rubber balloons: sobester/astra_simulator 114ebdc9"),
        ("50L-200bar", "8.58 m3 of hydrogen or 8.74 m3 of helium"),
    ],
)
def test_given_an_entry_of_each_kind_when_explained_then_what_it_does_is_told(
    name: str, text: str
) -> None:
    assert text in " ".join(list_vehicles([name]).to_text().split())


def test_given_a_fuse_when_explained_then_no_way_into_a_mission_is_offered() -> None:
    assert gather_vehicle(VEHICLES, "timer", "delay-fuse").usage == ""
    assert gather_vehicle(VEHICLES, "timer", "quartz").usage == 'timer = "quartz"'


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.0155, "mass", "15.5 g"),
        (1.5, "mass", "1.5 kg"),
        (4e-5, "length", "40 um"),
        (0.12, "length", "120 mm"),
        (10.9728, "length?", "10.9728 m"),
        (0.045, "surface_density", "45 g/m2"),
        (258.15, "temperature?", "-15 C"),
        (10.0, "temperature_difference?", "10 K"),
        (60.0, "time?", "1 min"),
        (43_200.0, "time?", "12 h"),
        (3.0, "time", "3 s"),
        (0.05, "volume", "50 L"),
        (1.2, "volume", "1.2 m3"),
        (2e7, "pressure", "200 bar"),
        (552.0, "pressure", "552 Pa"),
        ((0.01, 0.003, 0.03), "fraction triple?", "1 % (0.3 to 3 %)"),
        ((0.1, 0.03, 0.3), "drag_area_by_mass triple?", "0.1 m2/kg (0.03 to 0.3 m2/kg)"),
        ((0.5, 0.0005, 2.0), "length triple", "500 mm (500 um to 2 m)"),
        ((1.0, 0.75, 1.35), "triple?", "1 (0.75 to 1.35)"),
        ((0.3, 1.0), "fraction pair?", "30 % to 100 %"),
        (True, "flag?", "yes"),
        ("paper", "text?", "paper"),
        (14.3577, "number?", "14.3577"),
        (1.18e-5, "number", "1.18e-05"),
        (335_000.0, "number", "335,000"),
    ],
)
def test_given_a_value_when_written_then_in_the_unit_that_reads_best(
    value: object, kind: str, text: str
) -> None:
    assert quantity_text(value, kind) == text


def test_given_computed_figures_when_written_then_they_keep_their_digits() -> None:
    assert [short_text(x) for x in (0.0, 9.999, 123.4, 1_234.5, 5e-5)] == [
        "0", "10.00", "123", "1,234", "5e-05",
    ]  # fmt: skip
    assert (number_text(0.1), mass_text(0.0027), length_text(2.0)) == ("0.1", "2.7 g", "2 m")
    assert (time_text(7_200.0), pressure_text(1e5)) == ("2 h", "1 bar")


def test_given_spreads_when_written_then_all_to_one_decimal() -> None:
    assert spread_text(Spread(164.8, 116.7, 231.9)) == "165 (117 to 232)"
    assert spread_text(Spread(0.466, 0.33, 0.91)) == "0.47 (0.33 to 0.91)"
    assert range_text(Spread(9.93, 8.41, 11.76)) == "8.4 - 11.8"
    assert (energy_text(3e-5), energy_text(0.1697)) == ("<0.001", "0.17")
