"""The catalogue of vehicles: what is packaged, the user's own files, and their faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from downwind.catalogue import CONFIDENCES, NOT_STATED, Provenance
from downwind.errors import MissionError, MissionFileError
from downwind.vehicle._sanity import BOUNDS, check_values
from downwind.vehicle.catalogue import FIELDS, load_vehicles
from downwind.vehicle.film import TUBES, FilmTube, make_film
from downwind.vehicle.gas import GASES
from downwind.vehicle.latex import LATEX, LatexBalloon, make_latex
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
        "mine.toml: latex[0]",
        "mine.toml: timer[0]",
    ]


def test_given_one_name_in_two_files_when_loaded_then_the_second_is_refused(
    own: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.toml"
    second.write_text('[[timer]]\nname = "my-timer"\nerror = "2 %"\n', "utf-8")

    with pytest.raises(MissionError, match="my-timer' is taken by .*mine.toml"):
        load_vehicles([own, second])


@pytest.mark.parametrize(
    ("old", "new", "place", "text"),
    [
        ('length = "9 m"', 'length = "-9 m"', "film[0].length", "-9 is not within 0.5 and 100 m"),
        ('length = "9 m"', 'length = "7 km"', "film[0].length", "7000 is not within 0.5 and 100 m"),
        ('film = "30 um"', 'film = "40 mm"', "film[0].film", "4e+04 is not within 3 and 1000 um"),
        ('film = "30 um"', 'film = "30 um"\nyield = "10 Pa"', "film[0].yield", "and 500 MPa"),
        ('drag = "my-drag"', 'drag = "none"', "film[0].drag", "'none' is no drag law"),
        ('mass = "250 g"', 'mass = "0 g"', "latex[0].mass", "0 is not within 1 and 1e+04 g"),
        ('mass = "250 g"', 'mass = "200 kg"', "latex[0].mass", "2e+05 is not within 1 and"),
        (
            'diameter = "3.4 m"',
            'diameter = "90 m"',
            "latex[0].burst_diameter",
            "within 0.1 and 25 m",
        ),
        (
            'mass = "250 g"',
            'mass = "9 kg"',
            "latex[0].burst_diameter",
            "248 g/m2, not within 2 and",
        ),
        (
            "molar_mass = 4.0026",
            "molar_mass = 40",
            "gas[0].molar_mass",
            "40 is not within 2 and 28",
        ),
        ("kappa = 0.4", "kappa = 4", "gas[0].kappa", "4 is not within"),
        ('["4 %", "2 %", "8 %"]', '["2 %", "4 %", "8 %"]', "gas[0].impurity", "must be its median"),
        ('["4 %", "2 %", "8 %"]', '["40 %", "20 %", "180 %"]', "gas[0].impurity", "not within"),
        ('water = "40 L"', 'water = "50 m3"', "cylinder[0].water", "within 0.2 and 3000 L"),
        ('residual = "3 bar"', 'residual = "300 bar"', "cylinder[0].residual", "below filling"),
        ('currency = "KRW"', "", "cylinder[0].price", "needs its currency"),
        ('error = "1 %"', 'error = "1 %"\nslow_below = "-5 C"', "timer[0].slow_below", "together"),
        (
            'error = "1 %"',
            'error = "1 %"\nsigma = -1',
            "timer[0].sigma",
            "-1 is not within 0 and 3",
        ),
        (
            'error = "1 %"',
            'error = "1 %"\nfailure = [0.1, 0, 1]',
            "timer[0].failure",
            "1e-06 and 1",
        ),
        (
            "high = [0.6, 0.5, 0.8]",
            "high = [0.6, 0.5, 0.8]\nwidth = 1e4",
            "drag[0].width",
            "low, start and width",
        ),
        (
            'error = "1 %"',
            'error = "1 %"\nslow_below = "-5 C"\nslow_rate = [0.9, 0.1]',
            "timer[0].slow_rate",
            "in this order",
        ),
        (
            "high = [0.6, 0.5, 0.8]",
            "high = [0.6, 0.5, 0.8]\nlow = [0.7, 0.6, 0.8]\nstart = [3e5, 2e5, 4e5]\nwidth = 1e4",
            "drag[0].low",
            "must not lie above high",
        ),
    ],
)
def test_given_an_impossible_number_when_loaded_then_its_place_is_named(
    tmp_path: Path, old: str, new: str, place: str, text: str
) -> None:
    path = tmp_path / "mine.toml"
    assert old in OWN
    path.write_text(OWN.replace(old, new, 1), "utf-8")

    with pytest.raises(MissionError) as caught:
        load_vehicles([path])

    assert [where for where, _ in caught.value.faults] == [f"mine.toml: {place}"]
    assert text in caught.value.faults[0][1]


def test_given_a_misspelt_field_and_faulty_numbers_when_loaded_then_all_are_told(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.toml"
    spoiled = OWN.replace('length = "9 m"', 'lenght = "9 m"').replace('"250 g"', '"250 kg"')
    spoiled = spoiled.replace("high = [0.6, 0.5, 0.8]", "high = [0.6, 0.7, 0.8]")
    path.write_text(spoiled.replace('error = "1 %"', 'error = "1 %"\nhalving = "0 K"'), "utf-8")
    second = tmp_path / "second.toml"
    second.write_text('[[timer]]\nname = "quartz"\nerror = "900 %"\n', "utf-8")

    with pytest.raises(MissionError, match="have 6 faults") as caught:
        load_vehicles([path, second])

    assert [place for place, _ in caught.value.faults] == [
        "mine.toml: film[0].lenght",
        "mine.toml: film[0].length",
        "second.toml: timer[0]",
        "mine.toml: drag[0].high",
        "mine.toml: latex[0].mass",
        "mine.toml: timer[0].halving",
    ]


def test_given_one_name_for_a_gas_and_a_cylinder_when_loaded_then_both_are_there(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(OWN.replace('"my-gas"', '"deuterium"').replace('"my-cylinder"', '"deuterium"'))

    vehicles = load_vehicles([path])

    assert "deuterium" in vehicles.gases
    assert "deuterium" in vehicles.cylinders


def test_given_an_entry_that_leaves_numbers_out_when_asked_then_their_defaults_have_a_source(
    own: Path,
) -> None:
    vehicles = load_vehicles([own])
    tube, timer = vehicles.tubes["my-bag"], vehicles.timers["my-timer"]

    assert (tube.film_density_kgm3, tube.yield_pa) == (920.0, 10e6)
    assert tube.remains_drag == TUBES["film-7m"].remains_drag
    assert (timer.failure, timer.longest_s) == (TIMERS["quartz"].failure, 43_200.0)
    found = vehicles.provenance_of("film", "my-bag")
    assert set(found) >= {"length", "film_density", "yield", "remains_drag"}
    assert found["yield"] == Provenance(
        "default of film tubes: low-density polyethylene", "standard"
    )
    timers = vehicles.provenance_of("timer", "my-timer")
    assert timers["failure"].source.startswith("default of timers: an assumption")
    assert timers["longest"].confidence == "assumed"
    assert vehicles.provenance_of("timer", "quartz")["longest"].source.startswith("digital kitchen")


@pytest.mark.parametrize(("make", "model"), [(make_film, "film"), (make_latex, "latex")])
def test_given_numbers_when_a_vehicle_is_made_of_them_then_they_are_checked(make, model) -> None:
    values = {
        "film": {"name": "own", "length": 9.0, "diameter": 1.6, "film": 30e-6},
        "latex": {"name": "own", "mass": 0.25, "burst_diameter": 3.4},
    }[model]

    made = make(values)

    assert (made.name, made.title) == ("own", "own")
    with pytest.raises(MissionError, match="own") as caught:
        make({key: value if key == "name" else 1e3 * value for key, value in values.items()})
    assert {field for field, _ in caught.value.faults} == set(values) - {"name"}


def test_given_the_packaged_numbers_when_compared_with_the_bounds_then_each_is_well_within() -> (
    None
):
    for (kind, name), entry in load_vehicles().entries.items():
        assert set(BOUNDS[kind]) <= set(FIELDS[kind]), kind
        assert check_values(kind, {**entry.values, "currency": "EUR"}) == [], name


def test_given_no_file_when_loaded_then_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissionFileError, match="cannot read the catalogue .*nothing.toml"):
        load_vehicles([tmp_path / "nothing.toml"])


def test_given_a_name_nearly_right_when_looked_up_then_the_near_one_is_offered() -> None:
    with pytest.raises(MissionError, match="'kaymnt-1000' is no vehicle") as caught:
        load_vehicles().find_vehicle("kaymnt-1000")

    assert "did you mean 'kaymont-1000'?" in caught.value.message
