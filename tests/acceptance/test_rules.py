"""A mission from Ganghwa: what stands open stops it, and entering that clears it and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from downwind.rules.catalogue import load_jurisdictions

NOW = "1427932800"  # 2015-04-02T00:00Z, a day and more before the launch

OPEN = {
    "icao.launch-state",
    "icao.overflight",
    "icao.areas",
    "icao.termination",
    "icao.envelope-termination",
    "icao.tracking",
    "icao.weather",
    "icao.towns",
    "icao.lights",
    "icao.notice",
    "kr.act-127-5",
    "kr.act-129-2",
    "kr.rule-308",
    "kr.rule-310-night",
    "kr.rule-310-crowds",
    "kr.disaster-41",
}
"""Rules that stop two heavy balloons that leave Ganghwa by night, with nothing entered."""

QUICK = "[report]\ndominance = false\n\n"

PERMITTED = (
    "icao.launch-state",
    "icao.overflight:North Korea",
    "icao.towns",
    "kr.act-129-2",
    "kr.rule-308",
    "kr.rule-310-night",
    "kr.rule-310-crowds",
    "kr.exchange-13",
    "icao.overflight:China",
)

SQUARE = [[128.0, 35.0], [128.5, 35.0], [128.5, 35.5], [128.0, 35.5], [128.0, 35.0]]
"""A zone that is made up, far from the flight."""


def enter_all() -> str:
    """Return entries that clear every rule; all of them are made up."""
    parts = [
        f'[[permission]]\nrule = "{rule}"\nreference = "made up {i}"\nauthority = "made up"\n'
        "given = 2015-03-20\n"
        for i, rule in enumerate(PERMITTED)
    ]
    parts.append(
        '[[zone]]\ngeojson = "made-up.geojson"\nname = "made up"\nkind = "no-fly"\n'
        'jurisdiction = "kr"\nsource = "made up"\ndate = 2015-03-25\n'
    )
    parts += [
        f'[[zones_checked]]\nkind = "{kind}"\njurisdiction = "{whose}"\nsource = "made up"\n'
        "date = 2015-03-25\n"
        for kind, whose in (("danger", "kr"), ("restricted", "icao"), ("corridor", "icao"))
    ]
    parts.append(
        '[[notice]]\nrule = "icao.notice"\nfiled = "2015-03-25T00:00Z"\nreference = "made up"\n'
    )
    parts.append(
        '[[sky]]\nsource = "made up"\nat = "2015-04-03T18:00Z"\ncloud_oktas = 2\n'
        'visibility = "10 km"\n'
    )
    return "\n".join(parts)


EQUIPPED = """\
load = [{ item = "dvd", count = 800 }]
rigging.equipment = [
    "termination-1", "termination-2", "envelope-termination-1", "envelope-termination-2",
    "tracking", "night-lights",
]
"""


def test_given_nothing_entered_when_flown_then_what_is_open_is_listed_and_entering_clears_it(
    run,
    wind: Path,
    write_mission: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOW)
    answer = run("fly", write_mission(("[target]", QUICK + "[target]")), "--wind", wind)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(f"!! RULES OPEN: STOP ({len(OPEN)} rules stand open")
    first, _, rest = answer.stdout.partition("\nFLIGHT\n")
    said = " ".join(first.replace("!! ", "").split())
    assert set(re.findall(r"\[([a-z]+\.[a-z0-9-]+)\]", said)) == OPEN
    known = {rule.name: rule for j in load_jurisdictions().values() for rule in j.rules}
    assert all(known[rule].citation in said for rule in OPEN)
    assert re.search(r"verdict +STOP", rest)

    square = {"type": "Polygon", "coordinates": [SQUARE]}
    (tmp_path / "made-up.geojson").write_text(json.dumps(square), "utf-8")
    mission = write_mission(
        ('load = [{ item = "dvd", count = 800 }]\n', EQUIPPED),
        ("[target]", QUICK + enter_all() + "\n[target]"),
    )
    answer = run("fly", mission, "--wind", wind, "--json")
    assert answer.returncode == 0, answer.stderr
    plan = json.loads(answer.stdout)
    levels: dict[str, set[str]] = {}
    for finding in plan["compliance"]["findings"]:
        levels.setdefault(finding["level"], set()).add(finding["rule"])
    assert "STOP" not in levels
    assert levels["cleared"] >= OPEN
    assert plan["stops"] == []
    assert plan["verdict"] == ("GO" if plan["is_feasible"] else "NO-GO")
