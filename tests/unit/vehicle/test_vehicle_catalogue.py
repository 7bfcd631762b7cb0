"""The catalogue of vehicles: what is packaged, the user's own files, and their faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from downwind.catalogue import CONFIDENCES, NOT_STATED
from downwind.errors import MissionError, MissionFileError
from downwind.vehicle.catalogue import FIELDS, load_vehicles
from downwind.vehicle.film import TUBES, FilmTube
from downwind.vehicle.gas import GASES
from downwind.vehicle.latex import LATEX, LatexBalloon
from downwind.vehicle.timer import TIMERS

OWN = """
[[film]]
name = "my-bag"
length = "9 m"
diameter = "1.6 m"
film = "30 um"
open = false
drag = "my-drag"

[[latex]]
name = "my-rubber"
mass = "250 g"
burst_diameter = "3.4 m"

[[gas]]
name = "my-gas"
molar_mass = 4.0026
kappa = 0.4
impurity = ["4 %", "2 %", "8 %"]

[[cylinder]]
name = "my-cylinder"
water = "40 L"
filling = "135 bar"
residual = "3 bar"
gas = "hydrogen"
price = 45000
currency = "KRW"

[[timer]]
name = "my-timer"
error = "1 %"
error_time = "30 s"

[[drag]]
name = "my-drag"
high = [0.6, 0.5, 0.8]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(OWN, "utf-8")
    return path


def test_given_no_file_of_ones_own_when_loaded_then_what_is_packaged() -> None:
    vehicles = load_vehicles()

    assert dict(vehicles.tubes) == TUBES
    assert dict(vehicles.latex) == LATEX
    assert dict(vehicles.gases) == GASES
    assert dict(vehicles.timers) == TIMERS
    assert vehicles.find_vehicle("film-7m") is not None


def test_given_the_packaged_entries_when_read_then_each_number_has_source_and_confidence() -> None:
    vehicles = load_vehicles()

    for (kind, name), entry in vehicles.entries.items():
        numbers = {
            key
            for key in entry.values
            if FIELDS[kind].get(key, "text").rstrip("?") not in ("text", "flag")
        }
        found = vehicles.provenance_of(kind, name)
        assert numbers <= set(found), name
        for provenance in found.values():
            assert provenance.confidence in CONFIDENCES
            assert len(provenance.source) > 5


def test_given_a_rubber_balloon_when_asked_then_what_all_share_has_its_source_too() -> None:
    found = load_vehicles().provenance_of("latex", "pawan-600")

    assert found["burst_diameter"].confidence == "read"
    assert found["burst_shape"].confidence == "read"
    assert found["remains_drag_area_by_mass"].confidence == "assumed"


def test_given_a_file_of_ones_own_when_loaded_then_its_entries_stand_beside_ours(
    own: Path,
) -> None:
    vehicles = load_vehicles([own])

    bag, rubber = vehicles.find_vehicle("my-bag"), vehicles.find_vehicle("my-rubber")
    assert isinstance(bag, FilmTube)
    assert (bag.is_open, bag.film_m, bag.title) == (False, pytest.approx(30e-6), "my-bag")
    assert bag.drag.high == (0.6, 0.5, 0.8)
    assert isinstance(rubber, LatexBalloon)
    assert rubber.burst_shape == 14.3577
    assert vehicles.gases["my-gas"].impurity == (0.04, 0.02, 0.08)
    assert vehicles.cylinders["my-cylinder"].price == 45_000
    assert vehicles.timers["my-timer"].error_s == 30.0
    assert vehicles.provenance_of("film", "my-bag")["length"].source == NOT_STATED
    assert "film-7m" in vehicles.tubes


def test_given_a_name_that_is_taken_when_loaded_then_both_places_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[[latex]]\nname = "film-7m"\nmass = "1 kg"\nburst_diameter = "8 m"\n'
        '[[timer]]\nname = "quartz"\nerror = "1 %"\n',
        "utf-8",
    )

    with pytest.raises(MissionError, match=r"taken by film\.toml: film\[0\]") as caught:
        load_vehicles([path])

    assert [place for place, _ in caught.value.faults] == [
        f"{path}: latex[0]",
        f"{path}: timer[0]",
    ]


def test_given_one_name_in_two_files_when_loaded_then_the_second_is_refused(
    own: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.toml"
    second.write_text('[[timer]]\nname = "my-timer"\nerror = "2 %"\n', "utf-8")

    with pytest.raises(MissionError, match="my-timer' is taken by .*mine.toml"):
        load_vehicles([own, second])


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('length = "9 m"', 'length = "-9 m"', "length must be above 0"),
        ('film = "30 um"', 'film = "30 cm"', "a slip in its unit"),
        ('drag = "my-drag"', 'drag = "none"', "'none' is no drag law"),
        ('mass = "250 g"', 'mass = "0 g"', "mass must be above 0"),
        ('["4 %", "2 %", "8 %"]', '["2 %", "4 %", "8 %"]', "impurity must be its median"),
        ('["4 %", "2 %", "8 %"]', '["40 %", "20 %", "180 %"]', "between 0 and 1"),
        ('residual = "3 bar"', 'residual = "300 bar"', "residual must be"),
        ('currency = "KRW"', "", "price needs its currency"),
        ('error = "1 %"', 'error = "1 %"\nslow_below = "-5 C"', "belong together"),
        ('error = "1 %"', 'error = "1 %"\nsigma = -1', "sigma must not be below 0"),
        ("high = [0.6, 0.5, 0.8]", "high = [0.6, 0.5, 0.8]\nwidth = 1e4", "low, start and width"),
        (
            'error = "1 %"',
            'error = "1 %"\nslow_below = "-5 C"\nslow_rate = [0.9, 0.1]',
            "in this order",
        ),
        (
            "high = [0.6, 0.5, 0.8]",
            "high = [0.6, 0.5, 0.8]\nlow = [0.7, 0.6, 0.8]\nstart = [3e5, 2e5, 4e5]\nwidth = 1e4",
            "low must not lie above high",
        ),
    ],
)
def test_given_an_impossible_number_when_loaded_then_its_place_is_named(
    tmp_path: Path, old: str, new: str, text: str
) -> None:
    path = tmp_path / "mine.toml"
    assert old in OWN
    path.write_text(OWN.replace(old, new, 1), "utf-8")

    with pytest.raises(MissionError) as caught:
        load_vehicles([path])

    assert any(
        place.startswith(str(path)) and text in fault for place, fault in caught.value.faults
    )


def test_given_no_file_when_loaded_then_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissionFileError, match="nothing.toml cannot be read"):
        load_vehicles([tmp_path / "nothing.toml"])


def test_given_a_name_nearly_right_when_looked_up_then_the_near_one_is_offered() -> None:
    with pytest.raises(MissionError, match="'kaymnt-1000' is no vehicle") as caught:
        load_vehicles().find_vehicle("kaymnt-1000")

    assert "kaymont-1000" in caught.value.hint
