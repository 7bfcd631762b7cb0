"""Mission files: every fault is named with its place, and defaults are those of the program."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from downwind.errors import DownwindError, MissionError, MissionFileError, RegionError
from downwind.load.catalogue import load_items
from downwind.load.kinds import Disc, Leaflet
from downwind.plan.mission import DEFAULT_DRAWS, Mission, Search, Uncertainty
from downwind.plan.mission_file import parse_mission, read_mission
from downwind.spread import two_piece_lognormal
from downwind.vehicle.fill import solve_fill
from downwind.vehicle.latex import LatexBalloon
from tests.small_mission import SMALL


def changed(*steps: tuple[str, Any]) -> dict[str, Any]:
    """Return the small mission with values set, or removed where they are None."""
    table = copy.deepcopy(SMALL)
    for path, value in steps:
        *parents, last = (int(p) if p.isdigit() else p for p in path.split("."))
        at: Any = table
        for part in parents:
            at = at.setdefault(part, {}) if isinstance(at, dict) else at[part]
        if value is None:
            del at[last]
        else:
            at[last] = value
    return table


def faults(*steps: tuple[str, Any]) -> dict[str, str]:
    with pytest.raises(MissionError) as caught:
        parse_mission(changed(*steps))
    assert caught.value.exit_code == 2
    assert caught.value.hint
    for place, text in caught.value.faults:
        assert place in caught.value.message
        assert text in caught.value.message
    return dict(caught.value.faults)


@pytest.mark.parametrize(
    ("path", "value", "place", "text"),
    [
        ("mission.seeds", 3, "mission.seeds", "unknown key; did you mean 'seed'?"),
        ("lunch", {}, "lunch", "unknown key"),
        ("balloon.1.free_lifts", "10 %", "balloon[1].free_lifts", "unknown key"),
        ("mission.seed", None, "mission.seed", "missing; it has no default"),
        ("limits", None, "limits", "missing; it has no default"),
        ("limits.third_country", None, "limits.third_country", "missing"),
        ("mission.seed", -1, "mission.seed", "(found -1)"),
        ("mission.draws", 5, "mission.draws", "(found 5)"),
        ("launch.times", ["2015-04-03T18:00"], "launch.times", "has no zone"),
        ("launch.times", ["soon"], "launch.times", "'soon' is not a time"),
        ("launch.times", "2015-04-03T18:00Z", "launch.times", "are a list"),
        ("launch.times", [], "launch.times", "at least 1"),
        ("site.0.latitude", 91, "site[0].latitude", "(found 91)"),
        ("site.0.longitude", 400.0, "site[0].longitude", "(found 400.0)"),
        ("site.0.latitude", float("nan"), "site[0].latitude", "nan"),
        ("site.0.time_zone", "Asia/Soul", "site[0].time_zone", "did you mean 'Asia/Seoul'?"),
        ("balloon.0.free_lift", "-5 %", "balloon[0].free_lift", "lies above 0"),
        ("balloon.0.free_lift", "0 %", "balloon[0].free_lift", "lies above 0"),
        ("balloon.0.free_lift", "10 m", "balloon[0].free_lift", "no value with a unit of %"),
        ("balloon.0.free_lift", None, "balloon[0].free_lift", "exactly one of free_lift, neck"),
        ("balloon.0.neck_lift", "9 kg", "balloon[0].neck_lift", "not free_lift and neck_lift"),
        ("balloon.0.gas", {"helium": 0.5}, "balloon[0].gas", "add up to 0.5, not to 1"),
        ("balloon.0.gas", {"xenon": 1.0}, "balloon[0].gas", "xenon is no gas on record"),
        ("balloon.0.timer", "delay-fuse", "balloon[0].timer", "accounting of others' flights"),
        ("balloon.0.vehicle", {"name": "x", "mass": "1 kg"}, "balloon[0].vehicle", "a rubber"),
        (
            "balloon.0.vehicle",
            {"name": "x", "length": "7 m", "diameter": "1.5 m", "film": "40 mm"},
            "balloon[0].vehicle.film",
            "4e+04 is not within 3 and 1000 um",
        ),
        (
            "balloon.0.vehicle",
            {"name": "x", "mass": "200 kg", "burst_diameter": "3 m"},
            "balloon[0].vehicle.mass",
            "2e+05 is not within 1 and 1e+04 g",
        ),
        ("balloon.0.then", [{"load": []}], "balloon[0].then[0].after", "missing"),
        ("balloon.0.load.0.item", "radio", "balloon[0].load[0].item", "not carried as it is"),
        ("uncertainty.failure", "80 %", "uncertainty.failure[0]", "less than or equal to 0.5"),
        ("uncertainty.failure", ["5 %", "9 %", "10 %"], "uncertainty.failure", "median between"),
        ("launch.crew", {"balloons_per_hour": 20}, "launch.crew", "beside launch.spacing"),
        ("launch.crew", {"balloons_per_hour": 0}, "launch.crew.balloons_per_hour", "than 0"),
        ("balloon.0.timer_setting", "50 m", "balloon[0].timer_setting", "unit of s, min, h"),
        ("balloon.0.timer_setting", 50, "balloon[0].timer_setting", "50 needs a unit"),
        ("balloon.0.timer_setting", "13 h", "balloon[0].timer_setting", "43200"),
        ("balloon.0.count", 0, "balloon[0].count", "greater than or equal to 1"),
        ("balloon.0.load", [], "balloon[0].load", "at least 1"),
        ("launch.spacing", "-3 s", "launch.spacing", "greater than or equal to 0"),
        ("site.0.altitude", "9 km", "site[0].altitude", "6000"),
        ("limits.falling_short", "120 %", "limits.falling_short", "less than or equal to 1"),
        ("balloon.0.vehicle", "film-7", "balloon[0].vehicle", "did you mean 'film-7m'?"),
        ("balloon.0.gas", "hydrgen", "balloon[0].gas", "did you mean 'hydrogen'?"),
        ("balloon.0.gas", "xyz", "balloon[0].gas", "known: helium, hydrogen"),
        ("balloon.1.timer", "quarz", "balloon[1].timer", "did you mean 'quartz'?"),
        ("balloon.0.load.0.item", "dvds", "balloon[0].load[0].item", "did you mean 'dvd'?"),
        ("balloon.1.name", "discs", "balloon[1].name", "'discs' names two groups"),
        ("search.timer_until", "10 min", "search.timer_until", "lies before"),
        ("wind.max_gap_hours", 24, "wind.max_gap_hours", "(found 24)"),
        ("wind.surface", "linear", "wind.surface", "'log'"),
        ("uncertainty.leak", ["1 %/h", "2 %/h", "3 %/h"], "uncertainty.leak", "median between"),
        ("uncertainty.superheat_day", ["5 K", "2 K"], "uncertainty.superheat_day", "above"),
    ],
)
def test_a_fault_is_named_with_its_place(path: str, value: Any, place: str, text: str) -> None:
    found = faults((path, value))

    assert place in found
    assert text in found[place]


def test_two_faults_of_different_kinds_are_reported_at_once() -> None:
    found = faults(("site.0.latitude", 91), ("mission.seed", None), ("balloon.0.coutn", 3))

    assert set(found) == {"site[0].latitude", "mission.seed", "balloon[0].coutn"}
    assert "did you mean 'count'?" in found["balloon[0].coutn"]


def test_two_unknown_names_are_reported_at_once() -> None:
    found = faults(("balloon.0.gas", "hydrgen"), ("balloon.1.timer", "quarz"))

    assert set(found) == {"balloon[0].gas", "balloon[1].timer"}


def test_two_unknown_names_in_one_group_are_reported_at_once() -> None:
    found = faults(("balloon.0.vehicle", "film-7"), ("balloon.0.load.0.item", "dvds"))

    assert set(found) == {"balloon[0].vehicle", "balloon[0].load[0].item"}


def test_an_unknown_country_is_named_with_its_place_and_a_suggestion() -> None:
    with pytest.raises(RegionError, match="target: .*Nort Korea") as caught:
        parse_mission(changed(("target.country", "Nort Korea")))

    assert "North Korea" in caught.value.message + caught.value.hint


@pytest.mark.parametrize("given", [{}, {"country": "North Korea", "geojson": "x.json"}])
def test_a_region_is_given_once(given: dict[str, str]) -> None:
    assert "either country or geojson" in faults(("target", given))["target"]


def square(folder: Path, side_deg: float, name: str = "district.geojson") -> Path:
    w, s = 126.0, 38.5
    ring = [[w, s], [w + side_deg, s], [w + side_deg, s + side_deg], [w, s + side_deg], [w, s]]
    path = folder / name
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    return path


def write_toml(path: Path, target: str) -> Path:
    lines = ["[mission]", 'name = "t"', "seed = 4"]
    lines += ["[[site]]", 'name = "a"', "latitude = 37.75", "longitude = 126.49"]
    lines += ['time_zone = "Asia/Seoul"', "[launch]", "times = [2015-04-04T03:00:00+09:00]"]
    lines += ["[[balloon]]", 'name = "g"', "count = 2", 'vehicle = "film-7m"', 'gas = "helium"']
    lines += ['free_lift = "10 %"', 'timer = "quartz"', 'load = [{item = "dvd", count = 600}]']
    lines += ["[target]", target, "[home]", 'country = "South Korea"']
    lines += ["[limits]", 'falling_short = "5 %"', 'third_country = "1 %"']
    path.write_text("\n".join(lines))
    return path


def test_a_geojson_target_is_read_beside_the_mission_and_is_part_of_its_digest(
    tmp_path: Path,
) -> None:
    square(tmp_path, 0.2)
    file = write_toml(tmp_path / "m.toml", 'geojson = "district.geojson"')
    mission = read_mission(file)
    square(tmp_path, 0.3)
    other = read_mission(file)

    assert mission.target.name == "district"
    assert mission.target.contains(126.1, 38.6)
    assert mission.launch_times_s == (1_428_084_000,)
    assert mission.groups[0].timer_setting_s is None
    assert mission.digest != other.digest
    assert read_mission(file).digest == other.digest


def test_a_target_of_one_square_kilometre_is_refused_with_its_area(tmp_path: Path) -> None:
    square(tmp_path, 0.0101)
    file = write_toml(tmp_path / "m.toml", 'geojson = "district.geojson"')

    with pytest.raises(RegionError, match=r"area of 0\.98\d* km2|area of 0\.99\d* km2|area of 1"):
        read_mission(file)


def test_a_geojson_that_is_not_there_is_named_with_its_place(tmp_path: Path) -> None:
    file = write_toml(tmp_path / "m.toml", 'geojson = "nowhere.geojson"')

    with pytest.raises(DownwindError, match=r"target: .*nowhere\.geojson") as caught:
        read_mission(file)

    assert caught.value.exit_code == 2


def test_a_mission_that_is_not_there_and_one_that_is_not_toml_say_so(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[mission\nname = 3")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(MissionFileError, match=r"absent\.toml"):
        read_mission(tmp_path / "absent.toml")
    with pytest.raises(MissionFileError, match="cannot read"):
        read_mission(tmp_path)
    with pytest.raises(MissionFileError, match="is not TOML"):
        read_mission(bad)
    with pytest.raises(MissionFileError, match="is not TOML"):
        read_mission(binary)


def small(*steps: tuple[str, Any]) -> Mission:
    return parse_mission(changed(*steps))


def test_defaults_are_those_of_the_program() -> None:
    mission = small(("search", None), ("mission.draws", None), ("terrain", None))

    assert mission.uncertainty == Uncertainty()
    assert mission.search == Search()
    assert mission.draws == DEFAULT_DRAWS
    assert mission.keep_outs == ()
    assert mission.wind.terrain_constant_m is None


def test_values_become_si_units() -> None:
    mission = small(
        ("site.0.altitude", "300 ft"),
        ("uncertainty.leak", ["2 %/h", "1 %/h", "4 %/h"]),
        ("uncertainty.failure", "8 %"),
        ("balloon.0.timer_setting", "1 h 5 min"),
    )

    assert mission.sites[0].altitude_m == pytest.approx(91.44)
    assert mission.uncertainty.leak_1s == pytest.approx((0.02 / 3600, 0.01 / 3600, 0.04 / 3600))
    assert mission.uncertainty.failure == (0.08, 0.08, 0.08)
    assert mission.groups[0].timer_setting_s == 3_900.0
    assert mission.launch_spacing_s == 30.0
    assert mission.limits.falling_short == 0.05


def test_the_seed_of_the_caller_overrides_that_of_the_file_and_0_is_a_seed() -> None:
    assert parse_mission(changed(), seed=0).seed == 0
    assert small().seed == SMALL["mission"]["seed"]


def test_a_longitude_beyond_180_is_brought_back_and_times_are_sorted_once() -> None:
    mission = small(
        ("site.0.longitude", 200.0),
        ("launch.times", ["2015-04-03T20:00Z", "2015-04-04T03:00+09:00", "2015-04-03T18:00Z"]),
    )

    assert mission.sites[0].longitude == pytest.approx(-160.0)
    assert mission.launch_times_s == (1_428_084_000, 1_428_091_200)


def test_items_and_tubes_of_the_users_own_are_taken() -> None:
    mission = small(
        (
            "item",
            [
                {"name": "cd", "model": "disc", "mass": "16 g", "diameter": "120 mm"},
                {
                    "name": "slip",
                    "model": "leaflet",
                    "length": "10 cm",
                    "width": "4 cm",
                    "surface_density": "60 g/m2",
                },
            ],
        ),
        ("balloon.0.load", [{"item": "cd", "count": 10}, {"item": "slip", "count": 100}]),
        (
            "balloon.0.vehicle",
            {"name": "own", "length": "6 m", "diameter": "2 m", "film": "40 um"},
        ),
    )
    disc, slip = (part.kind for part in mission.groups[0].load)

    assert isinstance(disc, Disc)
    assert disc.mass_kg == 0.016
    assert isinstance(slip, Leaflet)
    assert slip.mass_kg == pytest.approx(0.24e-3)
    assert mission.groups[0].vehicle.envelope_kg == pytest.approx(1.619, abs=1e-3)
    assert "cd" not in load_items()


def test_an_item_with_the_wrong_measures_says_which_it_needs() -> None:
    found = faults(("item", [{"name": "cd", "model": "disc", "mass": "16 g", "length": "1 m"}]))

    assert "missing" in found["item[0].diameter"]
    assert "given by mass, diameter" in found["item[0].length"]


def test_the_digest_follows_the_content() -> None:
    assert small().digest == small().digest
    assert small().digest != small(("limits.falling_short", "6 %")).digest


def test_a_free_lift_in_grams_is_a_share_of_the_load() -> None:
    group = small(("balloon.0.free_lift", "700 g")).groups[0]

    assert group.free_lift * group.load_kg(0) == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("key", "value"),
    [("neck_lift", "7.5 kg"), ("ascent_rate", "2.5 m/s"), ("volume", "8.6 m3")],
)
def test_any_goal_of_the_fill_gives_the_free_lift_that_has_it(key: str, value: str) -> None:
    mission = small(("balloon.0.free_lift", None), (f"balloon.0.{key}", value))
    group = mission.groups[0]
    fill = solve_fill(
        group.vehicle,
        group.gas,
        mission.uncertainty.purity_of(group.gas),
        group.load_kg(0),
        0.0,
        drag=mission.uncertainty.drag_of(group.vehicle),
        free_lift_kg=group.free_lift * group.load_kg(0),
    )

    found = {
        "neck_lift": fill.neck_lift_kg,
        "ascent_rate": fill.ascent_rate_ms,
        "volume": fill.volume_m3,
    }
    assert found[key] == pytest.approx(float(value.split(maxsplit=1)[0]), rel=1e-9)


def test_a_goal_that_cannot_be_met_says_so_at_its_place() -> None:
    found = faults(("balloon.0.free_lift", None), ("balloon.0.neck_lift", "2 kg"))

    assert "does not lift a load" in found["balloon[0].neck_lift"]


def test_later_releases_follow_the_one_before_with_a_timer_of_their_own() -> None:
    then = [
        {"after": "30 min", "load": [{"item": "dvd", "count": 60}]},
        {"after": "10 min", "timer": "mcu-rc", "load": [{"item": "leaflet-a6-80", "count": 600}]},
    ]
    mission = small(("balloon.0.then", then))
    group = mission.groups[0]

    assert [r.after_s for r in group.releases] == [0.0, 1_800.0, 2_400.0]
    assert [r.timer.kind for r in group.releases] == ["quartz", "quartz", "mcu-rc"]
    assert group.load_kg(0) == pytest.approx(sum(r.load_kg(0, 6) for r in group.releases))
    lots = [(lot.kind.name, lot.release, lot.first_item, lot.count) for lot in mission.lots_of(0)]
    assert lots == [("dvd", 0, 0, 2_600), ("dvd", 1, 2_600, 60), ("leaflet-a6-80", 2, 0, 600)]


def test_faults_of_later_releases_have_their_places() -> None:
    then = [{"after": "30 min", "timer": "qartz", "load": [{"item": "dvd", "count": 2}]}]
    assert "did you mean 'quartz'" in faults(("balloon.0.then", then))["balloon[0].then[0].timer"]

    del then[0]["timer"]
    assert "give each of 6" in faults(("balloon.0.then", then))["balloon[0].then[0].load[0].count"]
    then[0] |= {"after": "11 h 40 min", "load": [{"item": "dvd", "count": 6}]}
    assert (
        "more than a quartz timer" in faults(("balloon.0.then", then))["balloon[0].then[0].after"]
    )


def test_gases_are_mixed_and_parachutes_carried() -> None:
    mission = small(
        ("balloon.0.gas", {"helium": "70 %", "hydrogen": "30 %"}),
        ("balloon.0.parachute", {"diameter": "90 cm", "mass": "80 g"}),
        ("balloon.1.vehicle", "kaymont-1000"),
    )
    group = mission.groups[0]

    assert group.gas.molar_mass == pytest.approx(0.7 * 4.0026 + 0.3 * 2.016)
    assert group.carried_kg(0) == pytest.approx(group.load_kg(0) + 0.080)
    assert isinstance(mission.groups[1].vehicle, LatexBalloon)


def test_a_leaflet_of_any_size_is_named_by_its_size() -> None:
    name = "leaflet-120x50mm-45-film"
    kind = small(("balloon.0.load", [{"item": name, "count": 100}])).groups[0].load[0].kind

    assert kind.mass_kg == pytest.approx(0.12 * 0.05 * 0.045)


def test_crews_set_the_spacing() -> None:
    mission = small(
        ("launch.spacing", None), ("launch.crew", {"balloons_per_hour": 20, "crews": 2})
    )

    assert mission.launch_spacing_s == pytest.approx(90.0)


def test_a_catalogue_of_the_users_own_adds_to_ours_and_counts_in_the_digest(tmp_path: Path) -> None:
    own = tmp_path / "crew.toml"
    own.write_text(
        '[[disc]]\nname = "cd"\nmass = "16 g"\ndiameter = "12 cm"\n'
        '[[latex]]\nname = "ours"\nmass = "800 g"\nburst_diameter = "6.9 m"\n'
        '[[timer]]\nname = "egg"\nerror = "4 %"\n',
        "utf-8",
    )
    table = changed(
        ("mission.catalogues", ["crew.toml"]),
        ("balloon.0.load", [{"item": "cd", "count": 60}]),
        ("balloon.0.vehicle", "ours"),
        ("balloon.0.timer", "egg"),
    )
    mission = parse_mission(table, tmp_path)

    assert mission.groups[0].vehicle.envelope_kg == pytest.approx(0.8)
    assert mission.groups[0].releases[0].timer.error == pytest.approx(0.04)
    own.write_text(own.read_text().replace("16 g", "17 g"), "utf-8")
    assert parse_mission(table, tmp_path).digest != mission.digest
    own.unlink()
    with pytest.raises(MissionFileError, match=r"cannot read the catalogue .*crew\.toml"):
        parse_mission(table, tmp_path)


@pytest.mark.parametrize("name", ["launch_delay", "relaxation", "opening"])
def test_what_is_nothing_is_flown_as_nothing(name: str) -> None:
    mission = small((f"uncertainty.{name}", ["0 s", "0 s", "0 s"]))
    points = getattr(mission.uncertainty, f"{name}_s")

    assert points == (0.0, 0.0, 0.0)
    assert two_piece_lognormal([-1.0, 0.0, 2.0], *points).tolist() == [0.0, 0.0, 0.0]


def test_a_leak_and_an_impurity_may_be_nothing() -> None:
    mission = small(
        ("uncertainty.leak", ["0 %/h", "0 %/h", "0 %/h"]),
        ("uncertainty.impurity", ["0 %", "0 %", "0 %"]),
    )

    assert mission.uncertainty.leak_1s == (0.0, 0.0, 0.0)
    assert mission.uncertainty.purity_of(mission.groups[0].gas) == 1.0


def test_a_timer_that_no_setting_tried_suits_is_a_fault() -> None:
    found = faults(("balloon.0.timer", "spring"), ("search.timer_from", "70 min"))

    assert "its settings reach 1 h 00 min at most" in found["balloon[0].timer"]


def test_all_that_a_balloon_names_in_vain_is_told_at_once() -> None:
    found = faults(
        ("balloon.0.timer", "quarz"),
        ("balloon.0.vehicle", "film-7"),
        ("balloon.0.gas", "hydrgen"),
        ("balloon.0.load.0.item", "dvds"),
    )

    places = {f"balloon[0].{x}" for x in ("timer", "vehicle", "gas", "load[0].item")}
    assert places == set(found)


def test_given_other_vehicles_when_read_then_each_is_the_same_group_with_its_own_fill() -> None:
    mission = small(
        ("balloon.0.other_vehicles", ["film-12m"]),
        ("balloon.0.free_lift", None),
        ("balloon.0.volume", "9 m3"),
    )
    group = mission.groups[0]
    (other,) = group.others

    assert [choice.vehicle.name for choice in group.choices] == ["film-7m", "film-12m"]
    assert (other.load, other.releases, other.count) == (group.load, group.releases, group.count)
    # the same gas lifts the heavier envelope by less
    heavier = other.vehicle.envelope_kg - group.vehicle.envelope_kg
    assert heavier > 0.8
    assert group.free_lift - other.free_lift == pytest.approx(heavier / group.load_kg(0))


def test_given_a_vehicle_twice_or_unknown_when_read_then_the_place_in_the_list_is_told() -> None:
    with pytest.raises(MissionError) as caught:
        small(("balloon.0.other_vehicles", ["film-12m", "film-7m", "film-12m", "film-99m"]))

    assert [place for place, _ in caught.value.faults] == [
        "balloon[0].other_vehicles[1]",
        "balloon[0].other_vehicles[2]",
        "balloon[0].other_vehicles[3]",
    ]
