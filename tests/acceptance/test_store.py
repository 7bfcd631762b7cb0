"""Keep winds as a person does: store, list, plan without a file; and kill it at bad moments."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from downwind.cli.main import app
from downwind.errors import ArgumentError, StoredWindMissingError, WeatherFileError
from downwind.plan.mission import Mission
from downwind.plan.mission_file import read_mission
from downwind.plan.notes import find_alarms
from downwind.report._text import loud_texts
from downwind.service import weather
from downwind.service.missions import fly_mission
from downwind.service.store import check_stored, import_weather, list_stored, parse_window
from downwind.wind.cube import WindCube
from downwind.wind.sources import read_weather
from downwind.wind.store import list_leftovers, list_winds, open_cube, prune_winds
from tests.acceptance.conftest import make_wind

KILLS = 20
SEED = 20240615


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the test's own, for this process and those it starts."""
    monkeypatch.setenv("DOWNWIND_STORE", str(tmp_path / "winds"))
    return tmp_path / "winds"


class Importer:
    """The process of `importer`, which stores files when told to."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("importer.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.read() == "ready"

    def read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def start(self, folder: Path, file: Path, wait: bool = True) -> int:
        self.tell(f"{'' if wait else '&'}{folder} {file}")
        return int(self.read().split()[1])

    def end(self) -> int:
        return int(self.read().split()[1])


@pytest.fixture(scope="module")
def importer() -> Iterator[Importer]:
    helper = Importer()
    yield helper
    assert helper.process.stdin is not None
    helper.process.stdin.close()
    helper.process.wait(10)


def is_same(one: WindCube, two: WindCube) -> bool:
    return all(
        np.asarray(one.dataset[n].values).tobytes() == np.asarray(two.dataset[n].values).tobytes()
        for n in one.dataset.variables
    )


def test_given_imports_killed_at_random_moments_then_no_cube_ever_opens_with_wrong_values(
    importer: Importer, wind: Path, store: Path, tmp_path: Path
) -> None:
    truth = read_weather([wind])
    spent = []
    for scratch in ("one", "two"):
        begin = time.monotonic()
        importer.start(tmp_path / scratch, wind)
        assert importer.end() == 0
        spent.append(time.monotonic() - begin)
    moments = random.Random(SEED)
    kills = midway = whole = 0
    while kills < KILLS or (midway < 2 and kills < 5 * KILLS):  # a slow machine takes longer
        kills += 1
        pid = importer.start(store, wind)
        time.sleep(moments.uniform(0.0, 1.1) * min(spent))
        with suppress(ProcessLookupError):  # it was done already
            os.kill(pid, signal.SIGKILL)
        assert importer.end() in (-signal.SIGKILL, 0)
        midway += bool(list_leftovers(store))
        listing = list_winds()
        assert not listing.spoilt
        for entry in listing.entries:
            whole += 1
            assert check_stored(entry.id).entry == entry
            assert is_same(open_cube(entry), truth)
        prune_winds(keep=0)
        assert [path.name for path in store.glob(".*") if path.name != ".lock"] == []
    print(f"{kills} kills: {midway} met an import that wrote, {whole} one that had stored all")
    assert midway >= 2

    importer.start(store, wind)
    assert importer.end() == 0
    assert is_same(open_cube(list_winds().entries[0]), truth)


def test_given_processes_that_store_at_once_then_each_cube_is_there_once_and_whole(
    importer: Importer, wind: Path, store: Path, tmp_path: Path
) -> None:
    other = make_wind(tmp_path / "other.nc", hours=(0, 3, 6))
    for file in (wind, other, wind, wind, other):
        importer.start(store, file, wait=False)
    importer.tell("wait")
    ends = sorted(importer.end() for _ in range(5))
    assert ends == [0, 0, 1, 1, 1]
    entries = list_winds().entries
    assert len(entries) == 2
    for entry in entries:
        assert check_stored(entry.id).entry == entry
    assert sorted(p.name for p in store.iterdir()) == sorted([".lock", *(e.id for e in entries)])


def test_given_a_stored_wind_when_planned_without_a_file_then_the_plan_of_the_file_to_the_bit(
    wind: Path, write_mission: Callable[..., Path], store: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    entry = import_weather([wind], name="night").placements[0].entry
    mission = write_mission()
    folders = {}
    for name, argument in (("file", [wind]), ("store", [])):
        folders[name] = tmp_path / name
        fly_mission(mission, argument, folders[name])

    plan = json.loads((folders["store"] / "plan.json").read_text())
    assert plan["wind"].pop("stored_as") == entry.id
    of_file = json.loads((folders["file"] / "plan.json").read_text())
    assert of_file["wind"].pop("stored_as") is None
    assert plan == of_file
    for file in ("cloud.parquet", "flight.nc", "flight.kml", "landing.geojson"):
        assert (folders["store"] / file).read_bytes() == (folders["file"] / file).read_bytes()
    for card in ("timer-card.txt", "fill-card.txt"):
        assert entry.id in (folders["store"] / card).read_text()


def test_given_the_command_when_winds_are_kept_then_it_says_what_it_does(
    run, wind: Path, write_mission: Callable[..., Path], store: Path
) -> None:
    mission = write_mission()
    answer = run("fly", mission)
    assert answer.returncode == 1
    assert "[stored-wind-missing]" in answer.stderr
    assert "is empty" in answer.stderr

    asked = ask("weather", "import", wind, "--box", "118,30,140,48", "--name", "night")
    assert asked.startswith("night stored\n")
    (entry,) = json.loads(ask("weather", "list", "--json"))["winds"]
    assert entry["name"] == "night"
    assert entry["window"] == "118.0,30.0,140.0,48.0"
    assert entry["box"] == [115.0, 30.0, 140.0, 50.0]

    answer = run("fly", mission)
    assert answer.returncode == 0, answer.stderr
    assert entry["id"] in answer.stdout.replace("\n  ", "")
    assert all(len(line) <= 80 for line in answer.stdout.splitlines())

    assert f"removed {entry['id']}" in ask("weather", "prune", "--keep", "0")
    assert list_winds().entries == ()


def ask(*arguments: str | Path) -> str:
    """Run the command in this process, and return what it prints."""
    answer = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_given_reports_when_written_then_eighty_columns_and_all_that_matters(
    wind: Path, store: Path
) -> None:
    report = import_weather([wind], parse_window(None, "2015-04-03T15:00Z", None))
    (entry,) = [p.entry for p in report.placements]
    assert len(entry.times_s) == 7
    assert entry.window == "from 2015-04-03T15:00:00Z"
    assert entry.digest != read_weather([wind]).digest
    assert (
        "is there already"
        in import_weather([wind], parse_window(None, "2015-04-03T15:00Z", None)).to_text()
    )
    listed = list_stored()
    checked = check_stored(entry.id)
    for text in (report.to_text(), listed.to_text(), checked.to_text()):
        assert entry.id in text
        assert all(len(line) <= 80 or str(store) in line for line in text.splitlines())
    assert "from 2015-04-03T15:00:00Z" in checked.to_text()
    assert listed.to_dict()["winds"][0]["age_hours"] > 8e4
    assert checked.to_dict()["file_count"] == len(entry.content)


def test_given_a_file_of_several_runs_when_stored_then_one_wind_each(
    shared: Path, store: Path
) -> None:
    file = shared / "data/grids/ecmwf_samples/pl_regular_ll.grib"
    with pytest.raises(ArgumentError, match="4 forecast runs"):
        import_weather([file], name="all")
    assert list_winds().entries == ()

    placements = import_weather([file]).placements

    assert [p.outcome for p in placements] == ["stored"] * 4
    assert [p.entry.run_s for p in placements] == sorted(
        {p.entry.run_s for p in placements}, reverse=True
    )
    assert placements[0].entry.digest == read_weather([file]).digest
    assert len({p.entry.digest for p in placements}) == 4
    assert is_same(open_cube(placements[0].entry), read_weather([file]))
    assert {p.outcome for p in import_weather([file]).placements} == {"there"}


@pytest.mark.parametrize(
    "words", [("1,2,3", None), ("1,2,x,4", None), ("1,50,3,40", None), (None, "2015-04-03T15:00")]
)
def test_given_a_box_or_time_that_is_none_when_parsed_then_refused(words) -> None:
    with pytest.raises(ArgumentError):
        parse_window(words[0], words[1], None)


# --- which wind a mission gets -----------------------------------------------------------------


@pytest.fixture
def mission(write_mission: Callable[..., Path]) -> Mission:
    return read_mission(write_mission())


def test_given_names_that_are_neither_or_both_when_found_then_refused(
    wind: Path, mission: Mission, store: Path, tmp_path: Path
) -> None:
    with pytest.raises(WeatherFileError, match="no such file, and no stored wind"):
        weather.find_wind(mission, ["nothing"])
    with pytest.raises(WeatherFileError, match="there is no such file"):
        weather.find_wind(mission, [str(tmp_path / "nothing.grib2")])
    import_weather([wind], name="night")
    other = make_wind(tmp_path / "other.nc", spoil=lambda data: data.isel(latitude=slice(1, None)))
    import_weather([other], name="smaller")
    with pytest.raises(ArgumentError, match="files and a stored wind"):
        weather.find_wind(mission, ["night", str(wind)])
    with pytest.raises(ArgumentError, match="not of one source"):
        weather.find_wind(mission, ["night", "smaller"])
    assert is_same(weather.find_wind(mission, ["night"]), read_weather([wind]))


def test_given_a_longer_search_than_the_stored_hours_when_flown_as_stated_then_it_serves(
    mission: Mission, store: Path, tmp_path: Path
) -> None:
    import_weather([make_wind(tmp_path / "short.nc", hours=(3, 6, 7))])
    with pytest.raises(StoredWindMissingError, match="holds 2015-04-03T15:00Z to"):
        weather.find_wind(mission, [])
    short = dataclasses.replace(
        mission, search=dataclasses.replace(mission.search, timer_until_s=1200.0)
    )
    assert weather.find_need(short).end_s < weather.find_need(mission).end_s
    assert weather.find_wind(mission, [], as_stated=True).stored_as


def test_given_large_files_when_found_then_the_part_in_reach_from_the_file_and_the_store(
    wind: Path, mission: Mission, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_weather([wind])
    whole = weather.find_wind(mission, [wind])
    monkeypatch.setattr(weather, "LARGE_BYTES", 0)

    of_file = weather.find_wind(mission, [wind])
    of_store = weather.find_wind(mission, [])

    assert is_same(of_file, of_store)
    assert of_file.digest == of_store.digest == whole.digest
    assert of_file.latitude.size < whole.latitude.size
    assert of_file.times_s[0] <= mission.launch_times_s[0]
    part = whole.dataset.sel({k: of_file.dataset[k] for k in ("time", "latitude", "longitude")})
    assert is_same(WindCube(part), of_file)


def test_given_a_forecast_when_it_is_old_at_the_launch_then_an_alarm_on_every_output(
    wind: Path, write_mission: Callable[..., Path]
) -> None:
    result = fly_mission(write_mission(), [wind])
    for lead_h, is_alarm in ((11.9, False), (12.0, False), (12.1, True)):
        run_s = round(result.start_s - 3600 * lead_h)
        grid = dataclasses.replace(result.grid, nature="forecast", reference_time_s=run_s)
        alarms = find_alarms(dataclasses.replace(result, grid=grid))
        assert any("the forecast is 12 h old at the launch" in a for a in alarms) is is_alarm
    assert alarms[0].startswith("the forecast is")
    loud = loud_texts(dataclasses.replace(result, grid=grid, alarms=alarms))
    assert any("take a newer run" in text for text in loud)
