"""Read a mission from TOML: pydantic at the edge, each fault named with its place.

``mission_model`` holds every key; ``read_mission`` turns a file into the frozen ``Mission``.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from downwind.errors import ArgumentError, DownwindError, MissionError, MissionFileError
from downwind.geo.regions import Region, check_target, region_from_country, region_from_geojson
from downwind.plan.faults import collect, mission_error
from downwind.plan.launch_hours import keep_open_hours
from downwind.plan.launch_window import LaunchWindow
from downwind.plan.mission import (
    DEFAULT_DRAWS_MOST,
    BalloonGroup,
    KeepOut,
    Limits,
    Mission,
    Search,
    Site,
    Uncertainty,
)
from downwind.plan.mission_choices import AirChoice
from downwind.plan.mission_groups import Known, find_repeated, read_group
from downwind.plan.mission_limits import find_contradictions
from downwind.plan.mission_model import (
    MissionModel,
    MissionTable,
    RegionTable,
    SiteTable,
    TerrainTable,
    TurbulenceTable,
    UncertaintyTable,
    iter_tables,
)
from downwind.plan.mission_report import find_population_faults, read_population, read_report
from downwind.plan.mission_residents import read_residents
from downwind.plan.mission_rules import find_rule_faults, read_declarations, read_rule_files
from downwind.plan.mission_wind_error import read_wind_error
from downwind.plan.wind_error_options import WindErrorOptions
from downwind.sim.turbulence import Turbulence
from downwind.times import format_duration
from downwind.wind.grid import WindOptions


def read_mission(path: Path, seed: int | None = None) -> Mission:
    """Read a mission file.

    Parameters
    ----------
    path : pathlib.Path
        A TOML file; region files are looked for beside it.
    seed : int, optional
        Overrides the seed of the file.

    Raises
    ------
    MissionFileError
        If the file cannot be read or is not TOML.
    MissionError
        If keys are unknown, missing or out of range; ``faults`` names each with its place.
    RegionError
        If a region is unknown or unfit.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise MissionFileError(
            f"cannot read the mission {path}: {error.strerror or error}",
            "name a mission file; examples stand in the folder examples/ of the sources",
        ) from error
    try:
        table = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MissionFileError(
            f"{path} is not TOML: {error}", "mend the line that it names; text needs quotes"
        ) from error
    return parse_mission(table, path.parent, hashlib.sha256(raw), seed)


def parse_mission(
    table: dict[str, Any],
    folder: Path = Path(),
    hasher: Any = None,
    seed: int | None = None,
) -> Mission:
    """Turn a parsed TOML table into a mission; errors as for ``read_mission``."""
    if hasher is None:
        hasher = hashlib.sha256(json.dumps(table, sort_keys=True, default=str).encode())
    if seed is not None and not 0 <= seed < 2**63:
        raise ArgumentError(f"the seed {seed} is not within 0 and 2^63 - 1", "choose another seed")
    try:
        model = MissionModel.model_validate(table)
    except ValidationError as error:
        raise _faults_error(error) from None
    faults: list[tuple[str, str]] = []
    known = _read_catalogues(model, folder, hasher)
    rule_files, jurisdictions = read_rule_files(model, folder, hasher)
    for i, item in enumerate(model.item):
        collect(faults, f"item[{i}]", partial(known.add_item, item))
    uncertainty = _uncertainty(model.uncertainty)
    groups: list[BalloonGroup] = []
    site_m = model.site[0].altitude or 0.0
    for i, balloon in enumerate(model.balloon):
        place = f"balloon[{i}]"
        loads = find_repeated(balloon, place)
        group = collect(
            faults,
            place,
            partial(read_group, balloon, known, uncertainty, site_m, place, loads),
        )
        groups += [] if group is None else [group]
        faults += loads
    names = [b.name for b in model.balloon]
    faults += [
        (f"balloon[{i}].name", f"'{name}' names two groups; each needs a name of its own")
        for i, name in enumerate(names)
        if name in names[:i]
    ]
    if model.launch.spacing is not None and model.launch.crew is not None:
        faults.append(("launch.crew", "stands beside launch.spacing; give one of them"))
    faults += [
        (
            f"balloon[{i}].timer",
            f"its settings reach {format_duration(max(group.longest_setting_s, 0.0))} at most, and "
            f"search.timer_from is {format_duration(model.search.timer_from)}",
        )
        for i, group in enumerate(groups)
        if group.longest_setting_s < model.search.timer_from
    ]
    if model.search.timer_until < model.search.timer_from:
        faults.append(("search.timer_until", "lies before search.timer_from"))
    faults += _draws_faults(model.mission)
    airs: list[tuple[Turbulence, AirChoice]] = []
    collect(faults, "turbulence", lambda: airs.append(_turbulence(model.turbulence)))
    elevations = _elevation_files(model.terrain, folder, hasher, faults)
    faults += find_population_faults(model.population)
    faults += find_rule_faults(model, jurisdictions)
    wind_error = collect(
        faults, "wind.error", partial(read_wind_error, model.wind.error, folder, hasher)
    )
    if faults:
        raise mission_error(tuple(faults))
    target = _region(model.target, "target", folder, hasher)
    check_target(target)
    sites = tuple(_site(s) for s in model.site)
    window = LaunchWindow(model.launch.window, model.launch.earliest, model.launch.latest)
    span_s = model.launch.spacing_s * (sum(group.count for group in groups) - 1)
    starts_s = keep_open_hours(window, model.launch.starts_s, span_s, sites)
    home = _region(model.home, "home", folder, hasher)
    keep_outs = tuple(
        KeepOut(_region(k, f"keep_out[{i}]", folder, hasher), k.limit)
        for i, k in enumerate(model.keep_out)
    )
    limits = Limits(
        model.limits.falling_short,
        model.limits.third_country,
        model.limits.surface_wind,
        model.limits.gust,
        model.limits.target_at_least,
        cloud_cover=model.limits.cloud,
        rain_kgm2s=model.limits.rain,
    )
    if contradictions := find_contradictions(limits, target, home, keep_outs, sites):
        raise mission_error(tuple(contradictions))
    declared = read_declarations(model, folder, hasher)
    population = read_population(model.population, folder, hasher, sites, target)
    return Mission(
        name=model.mission.name,
        note=model.mission.note,
        seed=model.mission.seed if seed is None else seed,
        draws=model.mission.draws,
        sites=sites,
        launch_times_s=starts_s,
        launch_spacing_s=model.launch.spacing_s,
        groups=tuple(groups),
        target=target,
        home=home,
        keep_outs=keep_outs,
        limits=limits,
        wind=WindOptions(
            model.wind.steady_hours,
            model.wind.max_gap_hours,
            model.wind.surface,
            model.terrain.constant_m,
            elevations,
            model.terrain.nodata_m,
            model.terrain.lowest_m,
        ),
        search=Search(
            tuple(model.search.free_lifts),
            model.search.timer_from,
            model.search.timer_until,
            model.search.timer_step,
            model.search.fill_between,
            model.search.aim,
        ),
        uncertainty=uncertainty,
        turbulence=airs[0][0],
        finds_dominance=model.report.dominance,
        digest=hasher.hexdigest(),
        air=airs[0][1],
        wind_error=wind_error or WindErrorOptions(),
        precision=model.mission.precision,
        draws_most=model.mission.draws_most or max(DEFAULT_DRAWS_MOST, model.mission.draws),
        report=read_report(model.report),
        population=population,
        residents=read_residents(model.residents, folder, hasher),
        window=window,
        launch_asked_s=model.launch.starts_s,
        declared=declared,
        rule_files=rule_files,
    )


def _draws_faults(table: MissionTable) -> list[tuple[str, str]]:
    """Return what is wrong with the ceiling of the draws."""
    if table.draws_most is None:
        return []
    if table.precision is None:
        return [("mission.draws_most", "is the ceiling for mission.precision; give both")]
    if table.draws_most < table.draws:
        return [("mission.draws_most", f"lies below mission.draws, which is {table.draws}")]
    return []


def _read_catalogues(model: MissionModel, folder: Path, hasher: Any) -> Known:
    """Read the catalogues and those that the mission names, which count in its digest."""
    files = [folder / name for name in model.mission.catalogues]
    known = Known.read(files)
    for path in files:
        hasher.update(path.read_bytes())
    return known


def _elevation_files(
    table: TerrainTable, folder: Path, hasher: Any, faults: list[tuple[str, str]]
) -> tuple[Path, ...]:
    """Return the elevation files, which count in the digest; add a fault for each that fails."""
    paths = tuple(folder / name for name in table.files)
    if not paths and (table.nodata_m is not None or table.lowest_m is not None):
        key = "nodata_m" if table.nodata_m is not None else "lowest_m"
        faults.append((f"terrain.{key}", "is of elevation files; give terrain.file, or leave it"))
    for path in paths:
        try:
            with path.open("rb") as opened:
                hasher.update(hashlib.file_digest(opened, "sha256").digest())
        except OSError as error:
            faults.append(("terrain.file", f"cannot read {path}: {error.strerror or error}"))
    return paths


def _site(table: SiteTable) -> Site:
    longitude = table.longitude - 360.0 if table.longitude >= 180.0 else table.longitude
    return Site(table.name, table.latitude, longitude, table.altitude, table.time_zone)


def _uncertainty(table: UncertaintyTable) -> Uncertainty:
    return Uncertainty(
        fill_bias=table.fill_bias,
        fill_scatter=table.fill_scatter,
        impurity=table.impurity,
        superheat_night_k=table.superheat_night,
        superheat_day_k=table.superheat_day,
        relaxation_s=table.relaxation,
        leak_1s=table.leak,
        drag=table.drag,
        opening_s=table.opening,
        failure=table.failure,
        launch_delay_s=table.launch_delay,
    )


def _turbulence(table: TurbulenceTable) -> tuple[Turbulence, AirChoice]:
    """Return the air as stated, the rest that of a night, and whether the weather may fill it."""
    stated = {
        "boundary_layer_m": table.boundary_layer,
        "friction_velocity_ms": table.friction_velocity_ms,
        "obukhov_length_m": table.obukhov_length,
        "convective_velocity_ms": table.convective_velocity_ms,
        "diffusivity_m2s": table.diffusivity_m2s,
        "time_scale_s": table.time_scale,
    }
    given: dict[str, Any] = {key: value for key, value in stated.items() if value is not None}
    if table.air == "still":
        if given:
            raise ValueError('still air has no turbulence; leave air = "still" out, or the others')
        return Turbulence.none(), AirChoice("mission")
    source: Literal["weather", "auto", "mission"] = "auto"
    if table.air is not None:
        source = "weather" if table.air == "weather" else "mission"
    try:
        return replace(Turbulence.night(), **given), AirChoice(source, tuple(given))
    except MissionError as error:
        raise ValueError(error.message) from None


def _region(table: RegionTable, place: str, folder: Path, hasher: Any) -> Region:
    if (table.country is None) == (table.geojson is None):
        raise mission_error(((place, "give either country or geojson"),))
    try:
        if table.country is not None:
            return region_from_country(table.country)
        assert table.geojson is not None
        path = folder / table.geojson
        region = region_from_geojson(path, table.name)
        hasher.update(path.read_bytes())
    except DownwindError as error:
        error.message = f"{place}: {error.message}"
        raise
    return region


def _faults_error(error: ValidationError) -> MissionError:
    faults = []
    for fault in error.errors():
        place = ""
        for part in fault["loc"]:
            if isinstance(part, int):
                place += f"[{part}]"
            elif part not in ("str", "VehicleTable"):
                place += f".{part}" if place else str(part)
        text = str(fault["msg"]).removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            text = "unknown key" + _near_key(str(fault["loc"][-1]))
        elif fault["type"] == "missing":
            text = "missing; it has no default"
        elif isinstance(fault.get("input"), (int, float, str)):
            text += f" (found {fault['input']!r})"
        faults.append((place, text))
    return mission_error(tuple(faults))


def _near_key(name: str) -> str:
    known = {
        field.alias or key for table in iter_tables() for key, field in table.model_fields.items()
    }
    if name in known:
        return ", at this place; another table has it"
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean '{close[0]}'?" if close else ""
