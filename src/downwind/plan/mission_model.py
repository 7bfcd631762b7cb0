"""The keys of a mission file as pydantic models: their types, ranges and defaults.

Values with units are text (``"40 um"``, ``"8 %"``); times carry a zone. ``mission_file`` reads a
file through these models and turns them into the frozen ``Mission``.
"""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    field_validator,
)

from downwind.plan.mission import DEFAULT_DRAWS, Uncertainty
from downwind.plan.mission_base import Day, Duration, Length, Table, quantity
from downwind.plan.mission_choices import PopulationChoice, Report
from downwind.plan.mission_model_launch import LaunchTable
from downwind.plan.mission_model_rules import (
    NoticeTable,
    OperatorTable,
    PermissionTable,
    RiggingTable,
    RulesTable,
    SkyTable,
    ZonesCheckedTable,
    ZoneTable,
)
from downwind.units import parse_quantity
from downwind.vehicle.timer import MAX_SETTING_S
from downwind.wind.error import MESOSCALE_UP_MS, SYNOPTIC_UP_MS
from downwind.wind.grid import DEFAULT_GAP_HOURS

PositiveLength = Annotated[Length, Field(gt=0)]
PositiveMass = Annotated[float, quantity("mass"), Field(gt=0, allow_inf_nan=False)]
Fraction = Annotated[float, quantity("fraction"), Field(ge=0, le=1)]
PositiveFraction = Annotated[float, quantity("fraction"), Field(gt=0, le=10)]
SurfaceDensity = Annotated[float, quantity("surface_density"), Field(gt=0, le=1)]
FailureShare = Annotated[float, quantity("fraction"), Field(ge=0, le=0.5)]
LeakRate = Annotated[float, quantity("rate"), Field(ge=0, le=1e-3)]
Kelvin = Annotated[float, quantity("temperature_difference"), Field(ge=-50, le=50)]
Coefficient = Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]


PositiveSpeed = Annotated[float, quantity("speed"), Field(gt=0, allow_inf_nan=False)]
ErrorSpeed = Annotated[float, quantity("speed"), Field(ge=0, le=20, allow_inf_nan=False)]
UpErrorSpeed = Annotated[float, quantity("speed"), Field(ge=0, le=3, allow_inf_nan=False)]
PositiveVolume = Annotated[float, quantity("volume"), Field(gt=0, allow_inf_nan=False)]


def _parse_free_lift(value: Any) -> tuple[float, str]:
    """Return a free lift as a fraction of the load or as a mass [kg]."""
    try:
        return parse_quantity(value, "fraction"), "fraction"
    except ValueError as error:
        try:
            return parse_quantity(value, "mass"), "mass"
        except ValueError:
            raise error from None


def _check_free_lift(value: tuple[float, str]) -> tuple[float, str]:
    number, kind = value
    if not 0.0 < number <= (10.0 if kind == "fraction" else 1e4):
        raise ValueError("a free lift lies above 0, and is at most ten times the load")
    return value


FreeLift = Annotated[
    tuple[float, str], BeforeValidator(_parse_free_lift), AfterValidator(_check_free_lift)
]
"""``"10 %"`` of the load, or ``"300 g"``."""


SEARCHED_GAP_S = (300.0, 3_600.0)
"""Intervals that ``then.after = "search"`` tries: shortest and longest [s]."""


class MissionTable(Table):
    """``[mission]``."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    note: str = ""
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    draws: Annotated[int, Field(ge=20, le=5_000)] = DEFAULT_DRAWS
    precision: Annotated[Fraction, Field(ge=0.0005, le=0.2)] | None = None
    draws_most: Annotated[int, Field(ge=20, le=100_000)] | None = None
    catalogues: Annotated[list[str], Field(max_length=20)] = []


class SiteTable(Table):
    """``[[site]]``."""

    name: Annotated[str, Field(min_length=1)]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=360)]
    altitude: Annotated[Length, Field(ge=-430, le=6_000)] | None = None
    time_zone: str

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            close = difflib.get_close_matches(value, available_timezones(), 1)
            raise ValueError(
                f"'{value}' is no time zone of the IANA list"
                + (f"; did you mean '{close[0]}'?" if close else ", such as Asia/Seoul")
            )
        ZoneInfo(value)
        return value


class VehicleTable(Table):
    """``balloon.vehicle`` written out: a film tube or a rubber balloon of the user's own."""

    name: Annotated[str, Field(min_length=1)]
    length: PositiveLength | None = None
    diameter: PositiveLength | None = None
    film: PositiveLength | None = None
    film_density_kgm3: Annotated[float, Field(gt=500, lt=2_500)] | None = None
    open: bool | None = None
    mass: PositiveMass | None = None
    burst_diameter: PositiveLength | None = None


class LoadTable(Table):
    """``[[balloon.load]]``."""

    item: str
    count: Annotated[int, Field(ge=1, le=100_000_000)]


def _parse_gap(value: Any) -> tuple[float, float]:
    """Return the shortest and the longest interval before a later release [s]."""
    if value == "search":
        return SEARCHED_GAP_S
    if not isinstance(value, list):
        value = [value, value]
    elif len(value) != 2:
        raise ValueError(
            'an interval is one time, a range such as ["10 min", "40 min"], or "search"'
        )
    low, high = (parse_quantity(part, "time") for part in value)
    if not 0.0 < low <= high <= MAX_SETTING_S:
        raise ValueError(
            f"an interval lies above 0, is at most {MAX_SETTING_S / 3600:g} h, and its shorter end "
            "stands first"
        )
    return low, high


class ThenTable(Table):
    """``[[balloon.then]]``: a later release of the same balloons."""

    after: Annotated[tuple[float, float], BeforeValidator(_parse_gap)]
    timer: str | None = None
    load: Annotated[list[LoadTable], Field(min_length=1)]


class ParachuteTable(Table):
    """``balloon.parachute``."""

    diameter: PositiveLength
    mass: PositiveMass
    drag: tuple[Coefficient, Coefficient, Coefficient] | None = None


class BalloonTable(Table):
    """``[[balloon]]``."""

    name: Annotated[str, Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=100_000)]
    vehicle: str | VehicleTable
    other_vehicles: Annotated[list[str], Field(max_length=8)] = []
    gas: str | dict[str, Fraction]
    free_lift: FreeLift | None = None
    neck_lift: PositiveMass | None = None
    ascent_rate: PositiveSpeed | None = None
    volume: PositiveVolume | None = None
    timer: str
    timer_setting: Annotated[Duration, Field(gt=0, le=MAX_SETTING_S)] | None = None
    load: Annotated[list[LoadTable], Field(min_length=1)]
    then: Annotated[list[ThenTable], Field(max_length=8)] = []
    parachute: ParachuteTable | None = None
    rigging: RiggingTable = RiggingTable()


class ItemTable(Table):
    """``[[item]]``: an item of the user's own, by one of the fall models."""

    name: Annotated[str, Field(min_length=1)]
    title: str = ""
    model: Literal["disc", "plate", "box", "parachute", "leaflet", "measured"]
    mass: PositiveMass | None = None
    diameter: PositiveLength | None = None
    length: PositiveLength | None = None
    width: PositiveLength | None = None
    thickness: PositiveLength | None = None
    surface_density: SurfaceDensity | None = None
    material: Literal["paper", "film"] | None = None
    parachute: PositiveLength | None = None
    speed: tuple[PositiveSpeed, PositiveSpeed, PositiveSpeed] | None = None
    drag: tuple[Coefficient, Coefficient, Coefficient] | None = None
    scatter: Annotated[float, Field(ge=0, le=1)] | None = None
    family: str | None = None
    plastic_fraction: Fraction | None = None
    wet_mass: tuple[Fraction, Fraction] | None = None
    clumps: bool | None = None
    regime: str | None = None
    note: str | None = None


class RegionTable(Table):
    """``[target]`` and ``[home]``: a country's name, or a GeoJSON file."""

    country: str | None = None
    geojson: str | None = None
    name: str | None = None


class KeepOutTable(RegionTable):
    """``[[keep_out]]``."""

    limit: Fraction


class LimitsTable(Table):
    """``[limits]``."""

    falling_short: Fraction
    third_country: Fraction
    surface_wind: PositiveSpeed | None = None
    gust: PositiveSpeed | None = None
    cloud: Fraction | None = None
    rain: Annotated[float, quantity("rain"), Field(ge=0, allow_inf_nan=False)] | None = None
    target_at_least: Annotated[Fraction, Field(gt=0)] | None = None


class ScalesTable(Table):
    """``wind.error.large_scales`` and its like: over what an error stays alike."""

    horizontal: Annotated[Length, Field(ge=1_000, le=20_000_000)] | None = None
    vertical: Annotated[Length, Field(ge=50, le=100_000)] | None = None
    time: Annotated[Duration, Field(ge=60, le=30 * 86_400)] | None = None


class UpScalesTable(Table):
    """``wind.error.synoptic_up_scales`` and its like: an error that is the same at all heights."""

    horizontal: Annotated[Length, Field(ge=1_000, le=20_000_000)] | None = None
    time: Annotated[Duration, Field(ge=60, le=30 * 86_400)] | None = None


class WindErrorTable(Table):
    """``[wind.error]``: how large the error of the wind is, and over what it stays alike."""

    use: Literal["auto", "on", "off"] = "auto"
    lead_hours: Annotated[float, Field(ge=0, le=384, allow_inf_nan=False)] | None = None
    sizes: Annotated[str, Field(min_length=1)] | None = None
    scale: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = 1.0
    large_factor: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = 1.0
    unresolved: ErrorSpeed | None = None
    synoptic_up: UpErrorSpeed = SYNOPTIC_UP_MS
    mesoscale_up: UpErrorSpeed = MESOSCALE_UP_MS
    mountain_up: UpErrorSpeed | None = None
    large_scales: ScalesTable = ScalesTable()
    unresolved_scales: ScalesTable = ScalesTable()
    synoptic_up_scales: UpScalesTable = UpScalesTable()
    mesoscale_up_scales: UpScalesTable = UpScalesTable()


class WindTable(Table):
    """``[wind]``: what may bridge a lack of the data."""

    steady_hours: Annotated[float, Field(gt=0, le=48)] | None = None
    max_gap_hours: Annotated[float, Field(ge=1, le=12)] = DEFAULT_GAP_HOURS
    surface: Literal["log"] | None = None
    error: WindErrorTable = WindErrorTable()


class TerrainTable(Table):
    """``[terrain]``."""

    constant_m: Annotated[float, Field(ge=-430, le=6_000)] | None = None
    file: str | Annotated[list[str], Field(min_length=1, max_length=200)] | None = None
    nodata_m: Annotated[float, Field(ge=-430, le=6_000)] | Literal["model"] | None = None
    lowest_m: Annotated[float, Field(ge=-430, le=6_000)] | None = None

    @property
    def files(self) -> list[str]:
        """The elevation files."""
        if self.file is None:
            return []
        return [self.file] if isinstance(self.file, str) else self.file


class SearchTable(Table):
    """``[search]``."""

    free_lifts: Annotated[list[PositiveFraction], Field(max_length=20)] = []
    timer_from: Annotated[Duration, Field(gt=0)] = 600.0
    timer_until: Annotated[Duration, Field(gt=0, le=MAX_SETTING_S)] = 10_800.0
    timer_step: Annotated[Duration, Field(ge=60)] = 300.0
    fill_between: bool = True
    aim: Literal["most", "even"] = "most"


class TurbulenceTable(Table):
    """``[turbulence]``: the wander of the air; by default from the weather where it says it."""

    air: Literal["weather", "night", "still"] | None = None
    boundary_layer: Annotated[Length, Field(ge=0, le=5_000)] | None = None
    friction_velocity_ms: Annotated[float, Field(ge=0, le=3)] | None = None
    obukhov_length: Annotated[Length, Field(ge=-1e6, le=1e6)] | None = None
    convective_velocity_ms: Annotated[float, Field(ge=0, le=5)] | None = None
    diffusivity_m2s: Annotated[float, Field(ge=0, le=1_000)] | None = None
    time_scale: Annotated[Duration, Field(gt=0)] | None = None


_REPORT = Report()
Probability = Annotated[float, quantity("fraction"), Field(gt=0, lt=1)]
LoadShare = Annotated[float, quantity("fraction"), Field(gt=0, le=1)]


class ReportTable(Table):
    """``[report]``: what the landing maps show, and whether what dominates is found."""

    dominance: bool = True
    at_least: Annotated[list[LoadShare], Field(min_length=1, max_length=8)] = list(_REPORT.at_least)
    contours: Annotated[list[Probability], Field(min_length=1, max_length=4)] = list(
        _REPORT.contours
    )
    town_radius: Annotated[Length, Field(ge=500, le=50_000)] = _REPORT.town_radius_m
    smallest_town: Annotated[int, Field(ge=500, le=10_000_000)] = _REPORT.smallest_town


class PopulationTable(Table):
    """``[population]``: a raster of people; its unit is never guessed."""

    file: str | None = None
    unit: Literal["people/cell", "people/km2"] | None = None
    person_radius: Annotated[Length, Field(ge=0.1, le=2)] = PopulationChoice().person_radius_m


_DEFAULT = Uncertainty()
FractionTriple = tuple[Fraction, Fraction, Fraction]
DurationTriple = tuple[Duration, Duration, Duration]
FailureTriple = Annotated[
    tuple[FailureShare, FailureShare, FailureShare],
    BeforeValidator(lambda value: value if isinstance(value, list) else [value] * 3),
]
"""Median, 5 and 95 % point, or one number that is known."""


class UncertaintyTable(Table):
    """``[uncertainty]``."""

    fill_bias: Annotated[Fraction, Field(le=0.2)] = _DEFAULT.fill_bias
    fill_scatter: Annotated[Fraction, Field(le=0.2)] = _DEFAULT.fill_scatter
    impurity: FractionTriple | None = _DEFAULT.impurity
    superheat_night: tuple[Kelvin, Kelvin] = _DEFAULT.superheat_night_k
    superheat_day: tuple[Kelvin, Kelvin] = _DEFAULT.superheat_day_k
    relaxation: DurationTriple = _DEFAULT.relaxation_s
    leak: tuple[LeakRate, LeakRate, LeakRate] = _DEFAULT.leak_1s
    drag: tuple[Coefficient, Coefficient, Coefficient] | None = _DEFAULT.drag
    opening: DurationTriple = _DEFAULT.opening_s
    failure: FailureTriple | None = _DEFAULT.failure
    launch_delay: DurationTriple = _DEFAULT.launch_delay_s

    @field_validator("impurity", "relaxation", "leak", "drag", "opening", "failure", "launch_delay")
    @classmethod
    def _rising(cls, value: tuple[float, float, float] | None) -> tuple[float, float, float] | None:
        if value is None or not any(value):  # nothing of it
            return value
        median, low, high = value
        if not 0.0 < low <= median <= high:
            raise ValueError(
                "these are median, 5 % and 95 % point: above 0, the median between the others"
            )
        return value

    @field_validator("superheat_night", "superheat_day")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if value[0] > value[1]:
            raise ValueError("the first of the two must not be above the second")
        return value


class PowerLinesTable(Table):
    """``[residents.power_lines]``: lines of the user's own."""

    file: str
    source: Annotated[str, Field(min_length=1)]
    published: Day
    distance: Annotated[Length, Field(gt=0, le=10_000)]


class ResidentsTable(Table):
    """``[residents]``: how much risk to those who live beneath there may be."""

    most: Probability
    homes_per_km2: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)] = 300.0
    airport_radius: Annotated[Length, Field(ge=500, le=100_000)] = 10_000.0
    low_path: Annotated[Length, Field(ge=50, le=5_000)] = 300.0
    power_lines: PowerLinesTable | None = None


class MissionModel(Table):
    """The whole file."""

    mission: MissionTable
    site: Annotated[list[SiteTable], Field(min_length=1)]
    launch: LaunchTable
    balloon: Annotated[list[BalloonTable], Field(min_length=1)]
    item: list[ItemTable] = []
    target: RegionTable
    home: RegionTable
    keep_out: list[KeepOutTable] = []
    limits: LimitsTable
    wind: WindTable = WindTable()
    terrain: TerrainTable = TerrainTable()
    search: SearchTable = SearchTable()
    uncertainty: UncertaintyTable = UncertaintyTable()
    turbulence: TurbulenceTable = TurbulenceTable()
    report: ReportTable = ReportTable()
    population: PopulationTable = PopulationTable()
    rules: RulesTable = RulesTable()
    permission: Annotated[list[PermissionTable], Field(max_length=200)] = []
    zone: Annotated[list[ZoneTable], Field(max_length=500)] = []
    zones_checked: Annotated[list[ZonesCheckedTable], Field(max_length=200)] = []
    notice: Annotated[list[NoticeTable], Field(max_length=200)] = []
    sky: Annotated[list[SkyTable], Field(max_length=500)] = []
    operator: OperatorTable = OperatorTable()
    residents: ResidentsTable | None = None


def iter_tables() -> list[type[Table]]:
    """Return every model of a table of the file."""
    found: list[type[Table]] = []
    stack = list(Table.__subclasses__())
    while stack:
        table = stack.pop()
        found.append(table)
        stack.extend(table.__subclasses__())
    return found
