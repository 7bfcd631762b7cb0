"""The packaged catalogue: every figure sourced, every speed as computed; and files of one's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from downwind.catalogue import CONFIDENCES, read_packaged
from downwind.constants import PARACHUTE_DRAG
from downwind.errors import MissionError, MissionFileError
from downwind.load.catalogue import ItemCatalogue, load_items
from downwind.load.impact import explain_refusal, is_above_impact_limit, speed_quantiles_ms
from downwind.load.items import CATALOGUE, Leaflet
from downwind.load.traits import FAMILIES, ItemKind

# speed at sea level [m/s], and minutes from 3 and 5 km, as computed by hand; of leaflets the speed
# is that of the law
COMPUTED = {
    "leaflet-a5-80": (1.07, None),
    "leaflet-a6-80": (1.01, None),
    "leaflet-6x3-80": (0.61, None),
    "leaflet-film-12x5": (0.46, None),
    "leaflet-film-12x5-60": (0.53, None),
    "dvd": (4.7, (9.9, 16.0)),
    "dvd-sleeve": (4.6, (10.0, 16.0)),
    "dvd-case": (9.5, (4.9, 7.8)),
    "usb-stick": (13.6, (3.4, 5.4)),
    "usb-stick-parachute": (3.8, (12.0, 19.0)),
    "radio": (17.0, (2.7, 4.3)),
    "radio-parachute": (5.2, (8.9, 14.0)),
}
# the range of the speed that the drag coefficient alone gives [m/s], as computed by hand
DRAG_RANGE = {
    "dvd": (4.1, 5.5),
    "dvd-sleeve": (3.9, 5.3),
    "dvd-case": (8.2, 11.0),
    "usb-stick": (12.0, 16.0),
    "usb-stick-parachute": (3.3, 4.3),
    "radio": (15.0, 19.5),
    "radio-parachute": (4.5, 5.8),
}
# 5 and 95 % point [m/s] of the leaflet law with its bias, its modes and its scatter: quantiles of
# the mixture of two lognormals, weighed by the share that spins at sea level
LAW_RANGE = {
    "leaflet-a5-80": (0.82, 1.40),
    "leaflet-a6-80": (0.77, 1.33),
    "leaflet-6x3-80": (0.44, 1.20),
    "leaflet-film-12x5": (0.33, 0.91),
    "leaflet-film-12x5-60": (0.38, 0.74),
}
FALL_M = {3_000.0: 2_789.5, 5_000.0: 4_425.3}
every_item = pytest.mark.parametrize("kind", CATALOGUE.values(), ids=list(CATALOGUE))

OWN = """
[[plate]]
name = "card"
family = "packet"
mass = "5 g"
length = "90 mm"
width = "60 mm"
"""


@pytest.mark.parametrize("name", COMPUTED)
def test_given_a_known_item_when_read_then_it_falls_as_computed(name: str) -> None:
    speed, minutes = COMPUTED[name]
    kind = CATALOGUE[name]

    # half of the last digit that stands there
    assert kind.speed_ms == pytest.approx(speed, abs=0.0051 if speed < 2.0 else 0.051)
    if minutes is not None:
        for expected, metres in zip(minutes, FALL_M.values(), strict=True):
            found = metres / kind.speed_ms / 60.0
            assert found == pytest.approx(expected, abs=0.051 if expected < 10.0 else 0.51)


@pytest.mark.parametrize("name", DRAG_RANGE)
def test_given_a_known_item_when_drawn_then_nine_of_ten_fall_in_its_range(name: str) -> None:
    low, high = DRAG_RANGE[name]
    slow, fast = speed_quantiles_ms(CATALOGUE[name], [0.05, 0.95])

    # the scatter from item to item widens the range of drag by 2 to 4 %; its ends are rounded
    digit = 0.5 if low >= 10.0 else 0.05
    assert 0.955 * (low - digit) <= slow <= low + digit
    assert high - digit <= fast <= 1.04 * (high + digit)


@pytest.mark.parametrize("name", LAW_RANGE)
def test_given_a_leaflet_when_drawn_then_nine_of_ten_fall_in_the_range_of_the_law(
    name: str,
) -> None:
    kind, (low, high) = CATALOGUE[name], LAW_RANGE[name]
    assert isinstance(kind, Leaflet)
    spins = expit((kind.law.autorotation - 1.24) / 0.035)

    def share_below(speed: float) -> float:
        high_mode = ndtr(np.log(speed / kind.law.speed_autorotating_ms) / np.hypot(0.18, 0.10))
        low_mode = ndtr(np.log(speed / kind.law.speed_other_ms) / np.hypot(0.13, 0.10))
        return float(spins * high_mode + (1.0 - spins) * low_mode)

    found = speed_quantiles_ms(kind, [0.05, 0.95])
    by_law = [brentq(lambda v, p=p: share_below(v) - p, 0.05, 10.0) for p in (0.05, 0.95)]
    assert by_law == pytest.approx([low, high], abs=0.011)
    assert list(found) == pytest.approx(by_law, rel=0.01)


@every_item
def test_given_an_entry_when_read_then_each_number_says_where_it_comes_from(
    kind: ItemKind,
) -> None:
    numbers = CATALOGUE.provenance(kind.name)

    assert set(numbers) >= (
        {"length", "width", "surface_density"} if kind.model == "leaflet" else {"mass"}
    )
    for provenance in numbers.values():
        assert provenance.confidence in CONFIDENCES
        assert len(provenance.source) > 5


@every_item
def test_given_an_entry_when_read_then_it_belongs_to_a_family_and_has_a_regime(
    kind: ItemKind,
) -> None:
    assert kind.family in FAMILIES
    assert kind.regime
    assert 0.0 <= kind.plastic_fraction <= 1.0
    assert kind.title != kind.name
    assert re.fullmatch(r"[a-z0-9.-]+", kind.name)
    assert CATALOGUE.place(kind.name).startswith(f"items.toml: {kind.model}[")


def test_given_the_catalogue_when_asked_what_is_refused_then_it_is_the_bare_radio() -> None:
    refused = {name: explain_refusal(kind) for name, kind in CATALOGUE.items()}

    assert [name for name, reason in refused.items() if reason] == ["radio"]
    assert "29.8 J" in refused["radio"]
    assert "without a parachute" in refused["radio"]


@every_item
def test_given_an_item_above_the_limit_when_read_then_its_note_says_so(kind: ItemKind) -> None:
    is_named = "above the limit" in kind.note

    assert is_above_impact_limit(kind) == is_named
    assert is_named == (kind.name in ("radio", "dropsonde-rd41"))


@pytest.mark.parametrize("name", [n for n, k in CATALOGUE.items() if k.parachute_m is not None])
def test_given_a_parachute_when_read_then_its_drag_is_the_shared_assumption(name: str) -> None:
    kind = CATALOGUE[name]

    if kind.model == "measured":
        assert kind.drag_coefficient == pytest.approx(PARACHUTE_DRAG[0], abs=0.01)
        assert "notional" in kind.note
        assert kind.provenance["speed"].confidence == "assumed"
    else:
        assert kind.drag == PARACHUTE_DRAG
        assert kind.provenance["drag"].confidence == "assumed"


def test_given_the_rd41_when_read_then_its_speed_holds_all_that_is_known_of_it() -> None:
    slow, fast = speed_quantiles_ms(CATALOGUE["dropsonde-rd41"], [0.05, 0.95])

    assert slow < 10.07
    assert fast > 11.0
    assert CATALOGUE["radiosonde"].mass_kg == 0.108


@pytest.mark.parametrize("name", [n for n in CATALOGUE if n.startswith("leaflet-film")])
def test_given_film_when_read_then_it_is_plastic_and_stays_dry(name: str) -> None:
    assert CATALOGUE[name].plastic_fraction == 1.0
    assert CATALOGUE[name].wetting is None
    assert "wider than the law" in CATALOGUE[name].note


def test_given_the_packaged_file_when_read_as_toml_then_no_entry_is_lost() -> None:
    table = tomllib.loads(read_packaged("downwind.load", "items.toml"))

    assert [row["name"] for rows in table.values() for row in rows] == list(CATALOGUE)


@pytest.mark.parametrize(
    ("sleeve", "part"),
    [("dvd-sleeve", 5.0 / 20.5)],
)
def test_given_paper_around_a_disc_when_wet_then_only_the_paper_soaks(
    sleeve: str, part: float
) -> None:
    wetting = CATALOGUE[sleeve].wetting

    assert wetting is not None
    assert wetting.low == pytest.approx(0.3 * part, abs=5e-4)
    assert wetting.high == pytest.approx(1.0 * part, abs=5e-4)
    assert CATALOGUE[sleeve].plastic_fraction == pytest.approx(1.0 - part, abs=5e-4)


def test_given_the_mapping_when_used_as_one_then_it_counts_and_holds_its_names() -> None:
    assert isinstance(CATALOGUE, Mapping)
    assert len(CATALOGUE) == len(dict(CATALOGUE))
    assert "dvd" in CATALOGUE
    assert "cd" not in CATALOGUE
    assert load_items() is load_items()


# --- names of sizes ------------------------------------------------------------------------------


def test_given_the_name_of_a_size_when_looked_up_then_it_is_that_leaflet() -> None:
    found = CATALOGUE.find("leaflet-148x105mm-80")
    listed = CATALOGUE["leaflet-a6-80"]

    assert isinstance(found, Leaflet)
    assert found.law == listed.law
    assert found.traits.wetting == listed.wetting
    assert found.name == "leaflet-148x105mm-80"
    assert found.title == "leaflet, 148 x 105 mm paper, 80 g/m2"


def test_given_a_size_in_inches_and_of_film_when_looked_up_then_unit_and_stuff_are_kept() -> None:
    inches = CATALOGUE.find("leaflet-8.5x4.25in-75.2")
    film = CATALOGUE.find("leaflet-120x50mm-45-film")

    assert isinstance(inches, Leaflet)
    assert (inches.length_m, inches.width_m) == pytest.approx((0.2159, 0.10795), rel=1e-12)
    assert inches.surface_density_kgm2 == pytest.approx(0.0752, rel=1e-12)
    assert film.speed_ms == CATALOGUE["leaflet-film-12x5"].speed_ms
    assert film.plastic_fraction == 1.0
    assert film.wetting is None


def test_given_a_listed_name_when_looked_up_then_it_is_the_listed_kind() -> None:
    assert CATALOGUE.find("dvd") is CATALOGUE["dvd"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dvds", "did you mean 'dvd'?"),
        ("grenade", "no item is called 'grenade'"),
        ("leaflet-148x105cm-80", "no item is called"),
        ("leaflet-5x5mm-80", "length: 0.005 is not within 0.01 and 1 m"),
        ("leaflet-900x900mm-80", "over 0.05 kg"),
        ("leaflet-148x105mm-800", "surface_density: 0.8 is not within"),
    ],
)
def test_given_no_such_item_when_looked_up_then_the_error_says_what_there_is(
    name: str, text: str
) -> None:
    with pytest.raises(MissionError, match=re.escape(text)):
        CATALOGUE.find(name)


# --- files of one's own --------------------------------------------------------------------------


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_given_a_file_of_ones_own_when_read_then_its_items_join_the_packaged(
    tmp_path: Path,
) -> None:
    items = load_items([write(tmp_path, OWN)])

    assert len(items) == len(CATALOGUE) + 1
    assert items["card"].model == "plate"
    assert items["card"].provenance["mass"].confidence == "not stated"
    assert items.place("card") == "mine.toml: plate[0]"
    assert "card" not in CATALOGUE


def test_given_two_files_when_a_name_stands_in_both_then_it_is_refused(tmp_path: Path) -> None:
    paths = [write(tmp_path, OWN, "a.toml"), write(tmp_path, OWN, "b.toml")]

    with pytest.raises(MissionError) as caught:
        load_items(paths)

    assert caught.value.faults == (
        ("b.toml: plate[0].name", "'card' exists already (a.toml: plate[0]); choose another name"),
    )


@pytest.mark.parametrize(
    ("change", "place", "text"),
    [
        (('"card"', '"dvd"'), "plate[0].name", "'dvd' exists already (items.toml: disc[0])"),
        (('"card"', '"leaflet-90x60mm-80"'), "plate[0].name", "choose another name"),
        (('"5 g"', '"5 kg"'), "plate[0].mass", "check the units"),
        (('"packet"', '"explosive"'), "plate[0].family", "explosive loads are not carried"),
        (('"packet"', '"pamphlet"'), "plate[0].family", "'pamphlet' is not carried"),
        (('family = "packet"\n', ""), "plate[0].family", "missing; a plate is one of"),
        (('"5 g"', '"5 m"'), "plate[0].mass", "no value with a unit"),
        (("[[plate]]", "[[missile]]"), "missile", "no such kind of entry"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_given_a_fault_in_a_file_when_read_then_it_is_named_with_its_place(
    tmp_path: Path, change: tuple[str, str], place: str, text: str
) -> None:
    path = write(tmp_path, OWN.replace(*change))

    with pytest.raises(MissionError) as caught:
        load_items([path])

    assert [where for where, _ in caught.value.faults] == [f"mine.toml: {place}"]
    assert text in caught.value.faults[0][1]


def test_given_a_heavy_item_in_a_file_of_ones_own_when_read_then_it_is_refused(
    tmp_path: Path,
) -> None:
    text = """
        [[box]]
        name = "brick"
        family = "radio"
        mass = "1.5 kg"
        length = "200 mm"
        width = "100 mm"
        thickness = "60 mm"
    """

    with pytest.raises(MissionError, match=r"above the limit of 14\.9 J"):
        load_items([write(tmp_path, text)])


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "not text"])
def test_given_an_unreadable_file_when_read_then_it_is_named(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(MissionFileError, match=r"mine\.toml"):
        load_items([path])


def test_given_a_catalogue_when_built_by_hand_then_it_keeps_its_order() -> None:
    kinds = {name: CATALOGUE[name] for name in ("radio", "dvd")}
    catalogue = ItemCatalogue(kinds, {"radio": "here", "dvd": "there"})

    assert list(catalogue) == ["radio", "dvd"]
    assert catalogue.place("dvd") == "there"
