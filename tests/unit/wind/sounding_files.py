"""The same closed-form soundings as files of every format that is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import eccodes
import numpy as np
import xarray as xr

from downwind.atmosphere import pressure_pa, temperature_k

KNOT_MS = 1852.0 / 3600.0
TIME_S = 1_428_084_000
"""2015-04-03T18:00Z."""

HEIGHTS_M = np.array([40.0, 400.0, 900.0, 1500.0, 3000.0, 5600.0, 9100.0, 12_000.0])
PRESSURE_PA = np.round(pressure_pa(HEIGHTS_M), -1)
TEMPERATURE_K = np.round(temperature_k(HEIGHTS_M), 1)
DEWPOINT_K = TEMPERATURE_K - 4.0
DIRECTION_DEG = np.array([200.0, 205.0, 215.0, 225.0, 235.0, 245.0, 260.0, 270.0])
ELAPSED_S = (HEIGHTS_M - HEIGHTS_M[0]) // 5.0
DRIFT_DEG = (HEIGHTS_M - HEIGHTS_M[0]) * 1e-6
SPEED_KT = np.array([6.0, 12.0, 18.0, 24.0, 30.0, 42.0, 60.0, 72.0])
SPEED_MS = SPEED_KT * KNOT_MS
EASTWARD_MS = -SPEED_MS * np.sin(np.radians(DIRECTION_DEG))
NORTHWARD_MS = -SPEED_MS * np.cos(np.radians(DIRECTION_DEG))


@dataclass(frozen=True)
class Launch:
    """One sounding: where and when."""

    number: int = 47122
    latitude: float = 37.1
    longitude: float = 127.03
    time_s: int = TIME_S


ONE = (Launch(),)
THREE = (
    Launch(),
    Launch(47185, 33.28, 126.17),
    Launch(47090, 38.25, 128.57, TIME_S + 12 * 3600),
)


def moment(launch: Launch) -> datetime:
    return datetime.fromtimestamp(launch.time_s, UTC)


def write_bufr(folder: Path, launches: Sequence[Launch]) -> list[Path]:
    path = folder / "temp.bufr"
    path.write_bytes(b"".join(make_bufr([launch]) for launch in launches))
    return [path]


def make_bufr(launches: Sequence[Launch], compressed: bool = False) -> bytes:
    """One message of the template of high resolution, a subset for each launch."""
    count = HEIGHTS_M.size
    handle = eccodes.codes_bufr_new_from_samples("BUFR4")
    subsets = len(launches)
    factors = 1 if compressed else subsets
    setting = {"dataCategory": 2, "masterTablesVersionNumber": 31, "numberOfSubsets": subsets}
    for key, value in setting.items():
        eccodes.codes_set(handle, key, value)
    eccodes.codes_set(handle, "compressedData", int(compressed))
    for key, value in (
        ("inputExtendedDelayedDescriptorReplicationFactor", count),
        ("inputDelayedDescriptorReplicationFactor", 0),
    ):
        eccodes.codes_set_array(handle, key, [value] * factors)
    eccodes.codes_set(handle, "unexpandedDescriptors", 309052)

    def put(key: str, values: Sequence[Sequence[float]]) -> None:
        """Set a key, given one row of values for each subset."""
        width = len(values[0])
        if compressed:
            for i in range(width):
                eccodes.codes_set_array(
                    handle, f"#{i + 1}#{key}", [float(row[i]) for row in values]
                )
            return
        flat = [float(value) for row in values for value in row]
        for i, value in enumerate(flat):
            eccodes.codes_set(handle, f"#{i + 1}#{key}", value)

    times = [moment(launch) for launch in launches]
    put("blockNumber", [[launch.number // 1000] for launch in launches])
    put("stationNumber", [[launch.number % 1000] for launch in launches])
    for key in ("year", "month", "day", "hour", "minute", "second"):
        put(key, [[getattr(time, key)] for time in times])
    put("latitude", [[launch.latitude] for launch in launches])
    put("longitude", [[launch.longitude] for launch in launches])
    put("heightOfStationGroundAboveMeanSeaLevel", [[HEIGHTS_M[0]]] * subsets)
    surface = [1 << 17] + [0] * (count - 1)
    put("extendedVerticalSoundingSignificance", [surface] * subsets)
    put("timePeriod", [list(ELAPSED_S)] * subsets)
    put("latitudeDisplacement", [list(DRIFT_DEG)] * subsets)
    put("longitudeDisplacement", [list(2.0 * DRIFT_DEG)] * subsets)
    put("pressure", [list(PRESSURE_PA)] * subsets)
    put("nonCoordinateGeopotentialHeight", [list(HEIGHTS_M)] * subsets)
    put("airTemperature", [list(TEMPERATURE_K)] * subsets)
    put("dewpointTemperature", [list(DEWPOINT_K)] * subsets)
    put("windDirection", [list(DIRECTION_DEG)] * subsets)
    put("windSpeed", [list(SPEED_MS)] * subsets)
    eccodes.codes_set(handle, "pack", 1)
    data = bytes(eccodes.codes_get_message(handle))
    eccodes.codes_release(handle)
    return data


def write_arm(folder: Path, launches: Sequence[Launch]) -> list[Path]:
    paths = []
    for number, launch in enumerate(launches):
        values = {
            "pres": (PRESSURE_PA / 100.0, "hPa"),
            "tdry": (TEMPERATURE_K - 273.15, "C"),
            "dp": (DEWPOINT_K - 273.15, "C"),
            "rh": (np.full(HEIGHTS_M.size, -9999.0), "%"),
            "wspd": (SPEED_MS, "m/s"),
            "deg": (DIRECTION_DEG, "deg"),
            "lat": (launch.latitude + DRIFT_DEG, "degree_N"),
            "lon": (launch.longitude + 2.0 * DRIFT_DEG, "degree_E"),
            "alt": (HEIGHTS_M, "m"),
        }
        dataset = xr.Dataset(
            {
                name: ("time", array.astype("f4"), {"units": unit})
                for name, (array, unit) in values.items()
            },
            attrs={"site_id": "kor", "facility_id": f"{launch.number}"},
        )
        dataset["base_time"] = np.int32(launch.time_s)
        dataset["time_offset"] = ("time", ELAPSED_S)
        path = folder / f"sonde{number}.cdf"
        dataset.to_netcdf(path, engine="scipy", format="NETCDF3_CLASSIC")
        paths.append(path)
    return paths


def write_igra2(folder: Path, launches: Sequence[Launch]) -> list[Path]:
    paths = []
    for launch in launches:
        path = folder / f"KSM000{launch.number}-data.txt"
        path.write_text(make_igra2(launch), encoding="ascii")
        paths.append(path)
    return paths


def make_igra2(launch: Launch, released: str = "") -> str:
    time = moment(launch)
    released = released or f"{time:%H%M}"
    text = (
        f"#KSM000{launch.number} {time:%Y %m %d %H} {released} {HEIGHTS_M.size:4d} ncdc-gts "
        f"ncdc-gts {round(launch.latitude * 1e4):7d} {round(launch.longitude * 1e4):8d}\n"
    )
    for i, height in enumerate(HEIGHTS_M):
        elapsed = divmod(int(ELAPSED_S[i]), 60)
        text += (
            f"2{int(i == 0)} {elapsed[0]:3d}{elapsed[1]:02d} {PRESSURE_PA[i]:6.0f} {height:5.0f}B"
            f"{(TEMPERATURE_K[i] - 273.15) * 10:5.0f}A{-9999:5d} {40:5d} {DIRECTION_DEG[i]:5.0f} "
            f"{SPEED_MS[i] * 10:5.0f} \n"
        )
    return text


def write_wyoming(folder: Path, launches: Sequence[Launch]) -> list[Path]:
    path = folder / "list.txt"
    path.write_text("\n".join(make_wyoming(launch) for launch in launches), encoding="ascii")
    return [path]


def make_wyoming(launch: Launch, tail: bool = True) -> str:
    rule = "-" * 77
    lines = [
        f"{launch.number} Station Observations at {moment(launch):%HZ %d %b %Y}" if tail else "",
        "",
        rule,
        "   PRES   HGHT   TEMP   DWPT   RELH   MIXR   DRCT   SKNT   THTA   THTE   THTV",
        "    hPa     m      C      C      %    g/kg    deg   knot     K      K      K ",
        rule,
        f" 1100.0 {-600:6d}",
    ]
    for i, height in enumerate(HEIGHTS_M):
        cells = (
            f"{PRESSURE_PA[i] / 100:.1f}",
            f"{height:.0f}",
            f"{TEMPERATURE_K[i] - 273.15:.1f}",
            f"{DEWPOINT_K[i] - 273.15:.1f}",
            "",
            "",
            f"{DIRECTION_DEG[i]:.0f}",
            f"{SPEED_KT[i]:.0f}",
        )
        lines.append("".join(f"{cell:>7}" for cell in cells))
    if tail:
        lines += [
            "",
            "Station information and sounding indices",
            "",
            f"                             Station number: {launch.number}",
            f"                           Observation time: {moment(launch):%y%m%d/%H%M}",
            f"                           Station latitude: {launch.latitude:.2f}",
            f"                          Station longitude: {launch.longitude:.2f}",
            f"                          Station elevation: {HEIGHTS_M[0]:.1f}",
            "                            Showalter index: 5.36",
        ]
    return "\n".join(lines) + "\n"


def write_iem(folder: Path, launches: Sequence[Launch]) -> list[Path]:
    levels = [
        {
            "pres": PRESSURE_PA[i] / 100.0,
            "hght": height,
            "tmpc": TEMPERATURE_K[i] - 273.15,
            "dwpc": DEWPOINT_K[i] - 273.15,
            "drct": DIRECTION_DEG[i],
            "sknt": SPEED_KT[i],
        }
        for i, height in enumerate(HEIGHTS_M)
    ]
    levels.insert(0, {"pres": 1100.0, "hght": -600.0, "tmpc": float("nan"), "dwpc": None})
    content = {
        "profiles": [
            {"station": f"K{i:03d}", "valid": f"{moment(launch):%Y-%m-%dT%H:%M:%SZ}"}
            | {"profile": levels}
            for i, launch in enumerate(launches)
        ]
    }
    path, stations = folder / "raob.json", folder / "stations.txt"
    path.write_text(json.dumps(content), encoding="ascii")
    known = [*launches, Launch(71001, 70.0, -60.0), Launch(71002, -70.0, 60.0)]
    stations.write_text(
        "WMO,ICAO,RAOB STATION NAME,ST,CO,EL,  LAT,N, LONG,E\n"
        + "".join(
            f"{launch.number},K{i:03d},PLACE {launch.number},,KO,{HEIGHTS_M[0]:.0f},"
            f"{abs(launch.latitude):.2f},{'NS'[launch.latitude < 0]},"
            f"{abs(launch.longitude):.2f},{'EW'[launch.longitude < 0]}\n"
            for i, launch in enumerate(known)
        ),
        encoding="ascii",
    )
    return [path, stations]


def write_csv(folder: Path, launches: Sequence[Launch]) -> list[Path]:
    path = folder / "table.csv"
    lines = [
        "# elevation: 40 m",
        "station,time,latitude,longitude,pressure_hPa,height [m],temperature (C),dewpoint_C,"
        "wind_direction_deg,wind_speed_kt",
    ]
    for launch in launches:
        for i, height in enumerate(HEIGHTS_M):
            lines.append(
                f"{launch.number},{moment(launch).isoformat()},{launch.latitude},"
                f"{launch.longitude},{PRESSURE_PA[i] / 100},{height},{TEMPERATURE_K[i] - 273.15},"
                f"{DEWPOINT_K[i] - 273.15},{DIRECTION_DEG[i]},{SPEED_KT[i]}"
            )
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return [path]


WRITERS: dict[str, Callable[[Path, Sequence[Launch]], list[Path]]] = {
    "TEMP BUFR": write_bufr,
    "ARM radiosonde": write_arm,
    "IGRA2": write_igra2,
    "Wyoming sounding": write_wyoming,
    "IEM soundings": write_iem,
    "sounding table": write_csv,
}
"""How each source of soundings writes launches; every one of them has to be here."""
