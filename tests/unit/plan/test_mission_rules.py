"""What a mission enters for the rules: every fault named with its place, all else taken over."""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from downwind.errors import DownwindError, MissionError, RegionError
from downwind.plan.mission import Rigging
from downwind.plan.mission_file import parse_mission
from downwind.times import parse_time
from tests.small_mission import SMALL

PERMISSION = {
    "rule": "kr.act-129-2",
    "reference": "made up 17-3",
    "authority": "made up",
    "given": date(2015, 3, 1),
}
ZONE = {
    "geojson": "zone.json",
    "name": "made up",
    "kind": "no-fly",
    "jurisdiction": "kr",
    "source": "made up",
    "date": date(2015, 3, 1),
}
SQUARE = [[126.0, 37.5], [127.0, 37.5], [127.0, 38.0], [126.0, 38.0], [126.0, 37.5]]
CROSSED = [[126.0, 37.5], [127.0, 38.0], [127.0, 37.5], [126.0, 38.0], [126.0, 37.5]]


def with_entries(**entries: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SMALL), **entries}


def write_polygon(path: Path, ring: list[list[float]] = SQUARE) -> None:
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}), "utf-8")


def faults(table: dict[str, Any], folder: Path = Path()) -> dict[str, str]:
    with pytest.raises(MissionError) as caught:
        parse_mission(table, folder)
    assert caught.value.hint
    return dict(caught.value.faults)


def test_given_all_entries_when_read_then_the_mission_holds_them(tmp_path: Path) -> None:
    write_polygon(tmp_path / "zone.json")
    table = with_entries(
        rules={"jurisdictions": ["icao"]},
        permission=[
            {**PERMISSION, "valid_from": "2015-04-01", "valid_until": date(2015, 4, 30)},
            {**PERMISSION, "rule": "icao.overflight:DPRK", "kind": "exception"},
        ],
        zone=[{**ZONE, "lower": "300 m", "upper": "FL130"}],
        zones_checked=[
            {"kind": "danger", "jurisdiction": "kr", "source": "list", "date": "2015-04-01"}
        ],
        notice=[{"rule": "icao.notice", "filed": "2015-04-02T06:00Z", "reference": "N 1"}],
        sky=[{"source": "METAR RKSI", "at": "2015-04-03T18:00Z", "cloud_oktas": 3,
              "visibility": "9 km"}],
        operator={"name": "Club", "telephone": "1"},
    )  # fmt: skip
    table["limits"]["target_at_least"] = "60 %"
    table["balloon"][0]["rigging"] = {
        "packages": 2, "smallest_face": "600 cm2", "suspension": "200 N",
        "equipment": ["radar-reflector", "tracking"],
    }  # fmt: skip
    mission = parse_mission(table, tmp_path)
    entered = mission.declared
    assert entered.jurisdictions == ("icao",)
    own, abroad = entered.permissions
    assert (own.kind, own.reference, own.given) == ("permission", "made up 17-3", date(2015, 3, 1))
    assert (own.valid_from, own.valid_until) == (date(2015, 4, 1), date(2015, 4, 30))
    assert (abroad.rule, abroad.kind) == ("icao.overflight:North Korea", "exception")
    (zone,) = entered.zones
    assert zone.region.name == "made up"
    assert zone.region.contains(126.5, 37.7)
    assert (zone.lower_m, zone.upper_m) == (300.0, pytest.approx(13_000 * 0.3048))
    assert entered.checked[0].published == date(2015, 4, 1)
    assert entered.notices[0].filed_s == parse_time("2015-04-02T06:00Z")
    assert (entered.skies[0].cloud_oktas, entered.skies[0].visibility_m) == (3, 9_000)
    assert entered.operator.name == "Club"
    assert mission.limits.target_least == 0.6
    assert mission.groups[0].rigging == Rigging(
        2, pytest.approx(0.06), 200.0, ("radar-reflector", "tracking")
    )
    assert mission.groups[1].rigging == Rigging()


def test_given_a_zone_when_its_outline_changes_then_so_does_the_digest(tmp_path: Path) -> None:
    table = with_entries(zone=[ZONE])
    write_polygon(tmp_path / "zone.json")
    first = parse_mission(table, tmp_path)
    assert first.declared.zones[0].upper_m == float("inf")
    write_polygon(tmp_path / "zone.json", [[x + 0.1, y] for x, y in SQUARE])
    assert parse_mission(table, tmp_path).digest != first.digest


@pytest.mark.parametrize(
    ("key", "without"),
    [("zone", "date"), ("zone", "source"), ("permission", "reference"), ("permission", "given")],
)
def test_given_no_date_or_source_when_read_then_that_key_is_named(key: str, without: str) -> None:
    entry = {k: v for k, v in (ZONE if key == "zone" else PERMISSION).items() if k != without}
    assert "missing" in faults(with_entries(**{key: [entry]}))[f"{key}[0].{without}"]


@pytest.mark.parametrize(
    ("key", "change", "place", "text"),
    [
        ("permission", {"rule": "kr.act-129-3"}, "permission[0].rule", "mean 'kr.act-129-2'?"),
        ("permission", {"rule": "icao.overflight:Nippn"}, "permission[0].rule", "no country"),
        ("permission", {"rule": "icao.overflight"}, "permission[0].rule", ":COUNTRY"),
        ("permission", {"kind": "exception"}, "permission[0].rule", "clears it is permission"),
        ("permission", {"kind": "favour"}, "permission[0].kind", "'permission' or 'exception'"),
        ("permission", {"given": date.today() + timedelta(3)}, "permission[0].given", "ahead"),
        ("permission", {"given": "soon"}, "permission[0].given", "no date such as"),
        ("permission", {"given": 20150301}, "permission[0].given", "no date"),
        ("permission", {"valid_until": "2015-02-01"}, "permission[0].valid_until", "was given"),
        (
            "permission",
            {"valid_from": "2015-05-01", "valid_until": "2015-04-01"},
            "permission[0].valid_until",
            "lies before valid_from, 2015-05-01",
        ),
        ("zone", {"kind": "no fly"}, "zone[0].kind", "did you mean 'no-fly'?"),
        ("zone", {"jurisdiction": "kp"}, "zone[0].jurisdiction", "no jurisdiction is called 'kp'"),
        ("zone", {"date": "2999-01-01"}, "zone[0].date", "2999-01-01 lies ahead"),
        ("zone", {"lower": "3 km", "upper": "300 m"}, "zone[0].upper", "not above lower"),
        ("zone", {"upper": "13000"}, "zone[0].upper", '"FL130"'),
        ("zone", {"valid_from": "2015-05-01", "valid_until": "2015-04-01"},
         "zone[0].valid_until", "before"),
    ],
)  # fmt: skip
def test_given_a_wrong_entry_when_read_then_its_place_and_fault_are_told(
    key: str, change: dict[str, Any], place: str, text: str
) -> None:
    entry = {**(ZONE if key == "zone" else PERMISSION), **change}
    assert text in faults(with_entries(**{key: [entry]}))[place]


def test_given_a_zone_with_crossed_edges_when_read_then_the_crossing_is_named(
    tmp_path: Path,
) -> None:
    write_polygon(tmp_path / "zone.json", CROSSED)
    with pytest.raises(RegionError) as caught:
        parse_mission(with_entries(zone=[ZONE]), tmp_path)
    assert "zone[0].geojson" in caught.value.message
    assert "126.5 37.75" in caught.value.message


def test_given_no_file_of_a_zone_when_read_then_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegionError, match=r"zone\[0\].geojson: .*zone.json cannot be read"):
        parse_mission(with_entries(zone=[ZONE]), tmp_path)


def test_given_other_wrong_entries_when_read_then_each_is_told_at_once() -> None:
    table = with_entries(
        rules={"jurisdictions": ["korea"]},
        sky=[{"source": "seen", "at": "2015-04-03T18:00Z"}],
        notice=[{"rule": "kr.act-127", "filed": "2999-01-01T00:00Z", "reference": "x"}],
        zones_checked=[{"kind": "danger", "jurisdiction": "xx", "source": "x", "date": "2999-1-1"}],
    )
    assert set(faults(table)) == {"zones_checked[0].date"}  # its form comes before its sense
    table["zones_checked"][0]["date"] = "2999-01-01"
    found = faults(table)
    assert set(found) == {
        "rules.jurisdictions[0]",
        "sky[0]",
        "notice[0].rule",
        "notice[0].filed",
        "zones_checked[0].jurisdiction",
        "zones_checked[0].date",
    }


def test_given_unknown_equipment_when_read_then_the_nearest_is_named() -> None:
    table = with_entries()
    table["balloon"][1]["rigging"] = {"equipment": ["tracking", "radar reflector"]}
    assert "'radar-reflector'" in faults(table)["balloon[1].rigging.equipment[1]"]


def test_given_a_missing_rule_file_when_read_then_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(DownwindError, match=r"rules\.files: .*mine\.toml"):
        parse_mission(with_entries(rules={"files": ["mine.toml"]}), tmp_path)


def test_given_a_keep_out_over_the_target_when_read_then_both_are_named(tmp_path: Path) -> None:
    square = [[124.0, 37.0], [131.0, 37.0], [131.0, 44.0], [124.0, 44.0], [124.0, 37.0]]
    write_polygon(tmp_path / "all.json", square)
    table = with_entries(keep_out=[{"geojson": "all.json", "name": "north", "limit": "1 %"}])
    text = faults(table, tmp_path)["keep_out[0]"]
    assert "north" in text
    assert "the target, North Korea" in text


def test_given_two_keep_outs_that_share_out_the_target_when_read_then_both_are_named(
    tmp_path: Path,
) -> None:
    half = [[124.0, 38.2], [127.0, 38.2], [127.0, 44.0], [124.0, 44.0], [124.0, 38.2]]
    for name, shift in (("west.json", 0.0), ("east.json", 3.0)):
        write_polygon(tmp_path / name, [[x + shift, y] for x, y in half])
    target = [[125.0, 39.0], [128.0, 39.0], [128.0, 40.0], [125.0, 40.0], [125.0, 39.0]]
    write_polygon(tmp_path / "target.json", target)
    table = with_entries(
        target={"geojson": "target.json"},
        keep_out=[{"geojson": name, "limit": "1 %"} for name in ("west.json", "east.json")],
    )
    text = faults(table, tmp_path)["keep_out[0]"]
    assert "keep_out[0], west, and keep_out[1], east, cover" in text
    del table["keep_out"][1]
    assert parse_mission(table, tmp_path).keep_outs[0].limit == 0.01


def test_given_a_site_in_a_keep_out_when_read_then_it_is_a_fault(tmp_path: Path) -> None:
    write_polygon(tmp_path / "zone.json")
    table = with_entries(keep_out=[{"geojson": "zone.json", "name": "town", "limit": "1 %"}])
    assert "'Ganghwa' lies in keep_out[0], town" in faults(table, tmp_path)["site[0]"]


def test_given_limits_that_contradict_when_read_then_both_keys_are_named(tmp_path: Path) -> None:
    write_polygon(tmp_path / "zone.json", [[x + 1.2, y - 1.0] for x, y in SQUARE])
    table = with_entries(target={"geojson": "zone.json"})  # on land of the home country
    table["limits"] |= {"target_at_least": "60 %", "surface_wind": "8 m/s", "gust": "6 m/s"}
    found = faults(table, tmp_path)
    assert "limits.falling_short" in found["limits.target_at_least"]
    assert "limits.surface_wind" in found["limits.gust"]
    table["limits"] |= {"target_at_least": "4 %", "gust": "8 m/s"}
    assert parse_mission(table, tmp_path).limits.target_least == 0.04
