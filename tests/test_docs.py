"""The documentation is whole: the reference has what the code has, and links lead somewhere."""

from __future__ import annotations

import doctest
import json
import re
import tomllib
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main
from pydantic import BaseModel

import downwind
from docs.figures.tables import PAGES as TABLE_PAGES
from docs.figures.tables import update_page
from downwind.catalogue import CONFIDENCES
from downwind.cli.main import app
from downwind.errors import iter_error_classes
from downwind.io.cloud import _UNITS as CLOUD_COLUMNS
from downwind.load.items import CATALOGUE, load_items
from downwind.load.make import FIELDS as ITEM_FIELDS
from downwind.plan.drop import Outcome
from downwind.plan.mission_file import parse_mission, read_mission
from downwind.plan.mission_model import MissionModel
from downwind.rules.catalogue import load_jurisdictions
from downwind.vehicle.catalogue import FIELDS as VEHICLE_FIELDS
from downwind.vehicle.catalogue import load_vehicles
from downwind.wind.observation import read_observation

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
SCHEMA = REFERENCE / "plan.schema.json"
PAGES = sorted(p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts)
TOP_PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def read_page(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


def table_rows(page: str) -> dict[str, list[str]]:
    """Return the cells of each table row whose first cell is code, by that code."""
    rows: dict[str, list[str]] = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and re.fullmatch(r"`[^`]+`", cells[0]):
            rows.setdefault(cells[0].strip("`"), cells)
    return rows


def section_of(page: str, heading: str) -> str:
    """Return the text from a heading of the second level to the next one."""
    start = page.index(f"## `{heading}`\n")
    end = page.find("\n## ", start + 1)
    return page[start : end if end > 0 else len(page)]


def iter_commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command of the tree with its whole name."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from iter_commands(child, f"{path} {name}")


COMMANDS = dict(iter_commands(typer.main.get_command(app), "downwind"))


def iter_keys(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, bool]]:
    """Yield every key of the mission file, and whether it is required."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        place = f"{path}.{key}" if path else key
        tables = [part for part in walk_types(field.annotation) if is_table(part)]
        if path:
            yield place, field.is_required()
        for table in tables:
            yield from iter_keys(table, place)


def walk_types(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from walk_types(part)


def is_table(part: Any) -> bool:
    is_class = isinstance(part, type) and not isinstance(part, types.GenericAlias)
    return is_class and issubclass(part, BaseModel)


KEYS = dict(iter_keys(MissionModel))
FIELDS = {**ITEM_FIELDS, **VEHICLE_FIELDS}
COUNT = len(CATALOGUE) + len(load_vehicles().entries)


@pytest.mark.parametrize("name", [n for n, c in COMMANDS.items() if not hasattr(c, "commands")])
def test_given_a_command_when_looked_up_then_it_has_a_section_with_every_option(name: str) -> None:
    section = section_of(read_page("commands.md"), name)
    for parameter in COMMANDS[name].params:
        flags = [*parameter.opts, *parameter.secondary_opts]
        if parameter.param_type_name == "argument":
            flags = [parameter.metavar or parameter.name.upper()]
        for flag in flags:
            if flag not in ("-h", "--help"):
                assert f"`{flag}`" in section, f"{name}: {flag}"


def test_given_the_root_command_when_looked_up_then_its_options_and_groups_are_there() -> None:
    page = read_page("commands.md")
    section = section_of(page, "downwind")
    for flag in ("--version", "-h", "--help"):
        assert f"`{flag}`" in section
    for name in COMMANDS:
        assert f"`{name}`" in page


def test_given_the_commands_page_when_read_then_it_names_no_option_that_is_not_there() -> None:
    real = {flag for c in COMMANDS.values() for p in c.params for flag in p.opts}
    real |= {"-h", "--help"}
    for flag in re.findall(r"^\| (`-.*?) \|", read_page("commands.md"), re.MULTILINE):
        assert set(re.findall(r"`(-[^`]+)`", flag)) <= real


@pytest.mark.parametrize("key", KEYS)
def test_given_a_mission_key_when_looked_up_then_it_has_a_row_that_says_if_it_is_required(
    key: str,
) -> None:
    rows = table_rows(read_page("mission.md"))
    assert key in rows
    assert len(rows[key]) == 4
    if key != "balloon.vehicle":
        assert (rows[key][2] == "required") == KEYS[key]


def test_given_the_mission_page_when_read_then_it_names_no_key_that_is_not_there() -> None:
    tables = {key.partition(".")[0] for key in KEYS}
    named = {row for row in table_rows(read_page("mission.md")) if row.partition(".")[0] in tables}
    assert {row for row in named if "." in row and not row.endswith(".toml")} <= set(KEYS)


@pytest.mark.parametrize("name", CATALOGUE)
def test_given_an_item_when_looked_up_then_it_has_a_row(name: str) -> None:
    assert name in table_rows(read_page("items.md"))


@pytest.mark.parametrize("name", sorted({name for _, name in load_vehicles().entries}))
def test_given_a_vehicle_gas_cylinder_or_timer_when_looked_up_then_it_has_a_row(name: str) -> None:
    assert name in table_rows(read_page("vehicles.md"))


@pytest.mark.parametrize("name", TABLE_PAGES)
def test_given_a_page_of_tables_when_they_are_made_anew_then_it_stays_as_it_is(name: str) -> None:
    page = (ROOT / "docs" / name).read_text("utf-8")

    assert "<!-- table " in page
    assert update_page(page) == page, "make it anew with: python -m docs.figures"


@pytest.mark.parametrize("model", FIELDS)
def test_given_a_catalogue_model_when_looked_up_then_each_field_is_there_with_its_kind(
    model: str,
) -> None:
    page = read_page("catalogues.md")
    named = table_rows(page[page.index(f"### `{model}`\n") :].partition("\n#")[0])
    every = table_rows(page[page.index("### Fields that every item") :].partition("\n### `")[0])
    told = {**every, **named} if model in ITEM_FIELDS else named

    assert {field: told[field][1] for field in FIELDS[model]} == dict(FIELDS[model])
    assert set(named) <= set(FIELDS[model])


def test_given_the_words_for_confidence_when_looked_up_then_they_are_there() -> None:
    assert set(CONFIDENCES) <= set(table_rows(read_page("catalogues.md")))


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "examples").iterdir()))
def test_given_an_example_when_looked_up_then_it_is_there(name: str) -> None:
    assert f"`{name}`" in read_page("mission.md")


@pytest.mark.parametrize("error", sorted(iter_error_classes(), key=lambda e: e.code))
def test_given_an_error_when_looked_up_then_its_code_and_exit_code_are_there(error: Any) -> None:
    assert table_rows(read_page("errors.md"))[error.code][1] == str(error.exit_code)


@pytest.mark.parametrize("name", downwind.__all__)
def test_given_a_public_name_when_looked_up_then_it_is_there(name: str) -> None:
    assert f"downwind.{name}" in read_page("python.md")
    assert getattr(downwind, name) is not None


def test_given_the_cloud_when_looked_up_then_every_column_and_outcome_is_there() -> None:
    rows = table_rows(section_of(read_page("results.md"), "cloud.parquet"))
    assert list(rows) == list(CLOUD_COLUMNS)
    outcomes = table_rows(read_page("glossary.md"))
    assert {outcome.text for outcome in Outcome} <= set(outcomes)


def test_given_the_writer_when_looked_up_then_every_file_of_a_result_is_there() -> None:
    source = (ROOT / "src/downwind/service/results.py").read_text("utf-8")
    names = set(re.findall(r'"([\w-]+\.(?:txt|png|json|geojson|kml|nc|parquet|toml))"', source))
    assert len(names) >= 10
    assert names <= set(table_rows(read_page("results.md")))


def test_given_plan_json_when_looked_up_then_every_key_is_there() -> None:
    source = (ROOT / "src/downwind/io/plan_json.py").read_text("utf-8")
    body = source[source.index("    document = {") : source.index("    cleaned")]
    keys = re.findall(r'^        "(\w+)":', body, re.MULTILINE)
    section = section_of(read_page("results.md"), "plan.json").partition("A share is")[0]
    assert len(keys) > 10
    assert list(table_rows(section)) == keys
    if SCHEMA.is_file():
        assert set(json.loads(SCHEMA.read_text("utf-8"))["properties"]) == set(keys)


def test_given_a_board_when_looked_up_then_every_key_and_file_is_there() -> None:
    schema = json.loads((REFERENCE / "board.schema.json").read_text("utf-8"))
    rows = table_rows(section_of(read_page("results.md"), "board.json"))
    source = (ROOT / "src/downwind/service/boards.py").read_text("utf-8")
    names = set(re.findall(r'"([\w-]+\.(?:txt|png|json|csv|toml))"', source))
    assert {"board.txt", "board.png", "board.csv", "board.json"} <= names
    assert names <= set(rows)
    assert [row for row in rows if row in schema["properties"]] == list(schema["properties"])


@pytest.mark.parametrize(
    "page", [*PAGES, *TOP_PAGES], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_given_a_page_when_its_links_are_followed_then_they_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    targets = [link for link in LINK.findall(text) if not re.match(r"[a-z]+:|#", link)]
    for target in targets:
        assert (page.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize(
    "page", [p for p in PAGES if ">>> " in p.read_text("utf-8")], ids=lambda page: page.stem
)
def test_given_a_page_when_its_examples_are_run_then_they_give_what_they_say(page: Path) -> None:
    blocks = [body for kind, body in FENCE.findall(page.read_text("utf-8")) if ">>> " in body]
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, None, 0)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize(
    "page", [p for p in PAGES if "```toml" in p.read_text("utf-8")], ids=lambda page: page.stem
)
def test_given_a_page_when_its_missions_and_catalogues_are_read_then_they_are_sound(
    page: Path, tmp_path: Path
) -> None:
    observation: Path | None = None
    for kind, body in FENCE.findall(page.read_text("utf-8")):
        if kind == "text" and observation is not None:
            (tmp_path / str(tomllib.loads(observation.read_text("utf-8"))["readings"])).write_text(
                body, "utf-8"
            )
            assert read_observation(observation).height_m.size > 1
            observation = None
        if kind != "toml":
            continue
        table = tomllib.loads(body)
        if "kind" in table:
            observation = tmp_path / "observation.toml"
            observation.write_text(body, "utf-8")
            if "\n" in table["readings"]:
                assert read_observation(observation).height_m.size > 1
                observation = None
            continue
        if set(table) <= set(FIELDS):
            own = tmp_path / "own.toml"
            own.write_text(body, "utf-8")
            assert len(load_items([own])) + len(load_vehicles([own]).entries) > COUNT
            continue
        if "jurisdiction" in table:
            own = tmp_path / "rules.toml"
            own.write_text(body, "utf-8")
            assert table["jurisdiction"]["key"] in load_jurisdictions([own])
            continue
        assert set(table) <= set(MissionModel.model_fields)
        if "mission" in table:
            assert parse_mission(table).draws == 200
    assert observation is None, "its readings do not follow it"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.toml")), ids=lambda p: p.stem)
def test_given_an_example_when_it_is_read_then_it_is_sound(path: Path) -> None:
    assert read_mission(path).groups
