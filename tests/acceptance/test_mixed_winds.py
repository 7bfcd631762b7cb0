"""Ensembles and several winds in one plan, as a person names them on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from downwind.cli.main import app
from downwind.cli.options import gather_wind_files, split_winds
from downwind.errors import ArgumentError
from downwind.plan.caption import caption_lines
from downwind.service.missions import fly_mission
from tests.acceptance.conftest import make_wind

Write = Callable[..., Path]
NO_ERROR = ("[mission]", '[wind.error]\nuse = "off"\n[mission]')


def as_members(count: int, north_ms: float, institution: str) -> Callable[[xr.Dataset], xr.Dataset]:
    """Return what makes an ensemble of a wind: members whose east wind differs by 1 m/s."""

    def spoil(data: xr.Dataset) -> xr.Dataset:
        off = xr.DataArray(np.arange(count) - (count - 1) / 2.0, {"number": range(count)}, "number")
        changes = {"u": off, "v": 0.0 * off + north_ms, "z": 0.0 * off}
        for name, change in changes.items():
            data = data.assign({name: (data[name] + change).assign_attrs(data[name].attrs)})
        return data.assign_attrs(institution=institution)

    return spoil


@pytest.fixture(scope="module")
def winds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Five members that blow to the north, and three that blow to the south."""
    folder = tmp_path_factory.mktemp("winds")
    return (
        make_wind(folder / "north.nc", spoil=as_members(5, 3.0, "Northern")),
        make_wind(folder / "south.nc", (0, 6, 12, 18, 21), as_members(3, -21.0, "Southern")),
    )


def fly(*arguments: str | Path) -> dict[str, object]:
    given = gather_wind_files(["fly", *map(str, arguments), "--json"])
    answer = CliRunner().invoke(app, given)
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    found: dict[str, object] = json.loads(answer.stdout)
    return found


def test_given_two_ensembles_when_flown_with_weights_then_each_is_used_by_its_weight(
    winds: tuple[Path, Path], write_mission: Write
) -> None:
    mission = write_mission(NO_ERROR)
    north, south = winds
    document = fly(mission, "--wind", north, "--and-wind", south, "--weights", "75 %,25 %")
    wind = document["wind"]
    assert isinstance(wind, dict)
    assert wind["source"] == "Northern 5 deg and Southern 5 deg"
    assert wind["members"] == 8
    assert [(s["members"], s["weight"]) for s in wind["sources"]] == [(5, 0.75), (3, 0.25)]
    assert [s["draws_per_member"] for s in wind["sources"]] == [[3, 3], [1, 2]]
    warnings = document["warnings"]
    assert isinstance(warnings, list)
    assert "each member keeps its own levels; the level axis is their mean height" in warnings
    # the one wind carries all but what fails to the target, the other none
    assert target_share(document) == pytest.approx(0.75, abs=0.06)
    assert target_share(fly(mission, "--wind", north)) == pytest.approx(1.0, abs=0.06)


def target_share(document: dict[str, object]) -> float:
    shares = document["shares"]
    assert isinstance(shares, dict)
    return float(shares["load"]["target"]["share"])


def test_given_a_set_when_flown_then_the_caption_says_members_weights_and_uses(
    winds: tuple[Path, Path], write_mission: Write
) -> None:
    result = fly_mission(
        write_mission(NO_ERROR), [winds[0]], beside=[[winds[1]]], weights=[0.75, 0.25]
    )
    start = (
        "5 members of Northern 5 deg (weight 0.75, each in 3 draws), 3 of Southern 5 deg (weight "
        "0.25, each in 1 or 2 draws); 20 draws"
    )
    assert any(line.startswith(start) and line.endswith("seed 5") for line in caption_lines(result))


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--and-wind", "W", "--weights", "0.6,0.6"), "0.6 + 0.6 add up to 1.2, not to 1"),
        (("--and-wind", "W", "--weights", "1,0"), "is 0, so that it would never be flown"),
        (("--and-wind", "W", "--weights", "1.5,-0.5"), "a weight is not negative"),
        (("--and-wind", "W", "--weights", "nan,1"), "is nan"),
        (("--and-wind", "W", "--weights", "half"), "'half' is no number"),
        (("--and-wind", "W", "--weights", "0.2,0.3,0.5"), "3 weights for 2 winds"),
        (("--weights", "1"), "weights are given for one wind"),
        (("--and-wind", "W", "--and-wind", "W"), "is given twice"),
        (("--and-wind", "W", "--weights", "0.98,0.02"), "20 draws are too few for 8 members"),
    ],
)
def test_given_bad_weights_when_flown_then_the_error_says_what_and_what_next(
    winds: tuple[Path, Path], write_mission: Write, arguments: tuple[str, ...], what: str
) -> None:
    given = [str(winds[1]) if a == "W" else a for a in arguments]
    with pytest.raises(ArgumentError) as caught:
        fly(write_mission(NO_ERROR), "--wind", winds[0], *given)
    assert what in caught.value.message
    assert caught.value.hint


def test_given_files_of_two_winds_when_gathered_then_each_wind_keeps_its_own() -> None:
    given = "plan --wind a b --and-wind c d --and-wind e m.toml --weights 0.5,0.3,0.2"
    assert gather_wind_files(given.split()) == [
        *["plan", "--wind", "a", "--wind", "b", "--and-wind"],
        "c\nd",
        *["--and-wind", "e", "m.toml", "--weights", "0.5,0.3,0.2"],
    ]
    assert split_winds(["c\nd", "e"]) == [["c", "d"], ["e"]]
