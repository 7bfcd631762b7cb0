"""Time reading weather: fields a second beside cfgrib, the memory it takes, and opening the store.

(a) GRIB: every field that a flight needs, of GRIB files given or of a made set, read by downwind
and by cfgrib, each into NumPy arrays. cfgrib reads the same variables, one by one, as its users do.
It keeps an index beside a file, so it is timed twice: with the index still to be made, as for a
file that has just come, and with the index there. The rate that counts is the first; the second is
shown beside it. (b) Memory: the most that a process of its own holds while it reads the set to a
cube, less what it holds with all imports done. (c) The store: a cube opened by its name and one
column read, each in a process that has imported everything.

Without ``--files`` a set is made: one run of 2.5 degrees, 26 levels, six variables, four times, in
the complex packing of NCEP.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import (
    describe_machine,
    format_machine,
    print_json,
    print_table,
    read_memory_mib,
    read_peak_mib,
)
from downwind.wind.sources import scan_weather

LEVELS_HPA = (
    1000, 975, 950, 925, 900, 850, 800, 750, 700, 650, 600, 550, 500, 450, 400, 350, 300, 250, 200,
    150, 100, 70, 50, 30, 20, 10,
)  # fmt: skip
PARAMETERS = {"u": (2, 2), "v": (2, 3), "gh": (3, 5), "t": (0, 0), "w": (2, 8), "r": (1, 1)}
"""GRIB category and number of each variable that is made, discipline 0."""

CFGRIB_NAMES = {
    ("eastward_wind", False): ("isobaricInhPa", "u"),
    ("northward_wind", False): ("isobaricInhPa", "v"),
    ("geopotential_height", False): ("isobaricInhPa", "gh"),
    ("air_temperature", False): ("isobaricInhPa", "t"),
    ("lagrangian_tendency_of_air_pressure", False): ("isobaricInhPa", "w"),
    ("relative_humidity", False): ("isobaricInhPa", "r"),
    ("specific_humidity", False): ("isobaricInhPa", "q"),
    ("cloud_area_fraction_in_atmosphere_layer", False): ("isobaricInhPa", "cc"),
    ("surface_air_pressure", True): ("surface", "sp"),
    ("surface_altitude", True): ("surface", "orog"),
    ("precipitation_flux", True): ("surface", "prate"),
    ("wind_speed_of_gust", True): ("surface", "gust"),
    ("atmosphere_boundary_layer_thickness", True): ("surface", "hpbl"),
    ("eastward_wind_10m", True): ("heightAboveGround", "10u"),
    ("northward_wind_10m", True): ("heightAboveGround", "10v"),
}
"""Type of level and short name of what cfgrib reads, by the name of the cube and whether it lies at
the surface."""

TIMES_H = (0, 3, 6, 9)
REPEATS = 3


def make_set(folder: Path, seed: int = 1) -> list[Path]:
    """Write one file a time of smooth, made-up fields, and return the files.

    Parameters
    ----------
    folder : Path
        Where to.
    seed : int
        Of the fields.
    """
    import eccodes

    rng = np.random.default_rng(seed)
    lat, lon = np.linspace(90.0, -90.0, 73), np.arange(0.0, 360.0, 2.5)
    paths = []
    for step in TIMES_H:
        path = folder / f"made_f{step:03d}.grib2"
        with path.open("wb") as stream:
            for short, (category, number) in PARAMETERS.items():
                for level in LEVELS_HPA:
                    handle = eccodes.codes_grib_new_from_samples("regular_ll_pl_grib2")
                    keys: dict[str, Any] = {
                        "centre": "kwbc", "dataDate": 20260101, "dataTime": 0,
                        "Ni": lon.size, "Nj": lat.size,
                        "latitudeOfFirstGridPointInDegrees": 90.0,
                        "latitudeOfLastGridPointInDegrees": -90.0,
                        "longitudeOfFirstGridPointInDegrees": 0.0,
                        "longitudeOfLastGridPointInDegrees": 357.5,
                        "iDirectionIncrementInDegrees": 2.5,
                        "jDirectionIncrementInDegrees": 2.5,
                        "parameterCategory": category, "parameterNumber": number,
                        "typeOfFirstFixedSurface": 100, "level": level, "stepRange": str(step),
                        "packingType": "grid_complex_spatial_differencing", "bitsPerValue": 14,
                    }  # fmt: skip
                    for key, value in keys.items():
                        eccodes.codes_set(handle, key, value)
                    phase = rng.uniform(0.0, 6.3, 2)
                    wave = np.cos(np.radians(lat))[:, None] * np.sin(np.radians(lon) + phase[0])
                    field = _scale(short) * (wave + 0.1 * rng.standard_normal(wave.shape))
                    eccodes.codes_set_values(handle, (_mean(short, level) + field).ravel())
                    eccodes.codes_write(handle, stream)
                    eccodes.codes_release(handle)
        paths.append(path)
    return paths


def _mean(short: str, level_hpa: float) -> float:
    means = {"gh": 44_330.8 * (1.0 - (level_hpa / 1013.25) ** 0.19026), "t": 250.0, "r": 50.0}
    return means.get(short, 0.0)


def _scale(short: str) -> float:
    return {"gh": 1.0, "t": 5.0, "w": 0.2, "r": 20.0}.get(short, 15.0)


def time_downwind(paths: list[Path]) -> tuple[int, float]:
    """Return the number of fields that downwind reads, and the time it takes [s]."""
    start = time.perf_counter()
    inventory, _ = scan_weather(paths)
    return len(inventory.fields), time.perf_counter() - start


def time_cfgrib(paths: list[Path], kinds: dict[str, list[str]], folder: str) -> tuple[int, float]:
    """Return the number of fields that cfgrib reads, and the time it takes [s].

    Parameters
    ----------
    paths : list of Path
        The files.
    kinds : dict of str to list of str
        Short names to read on each type of level.
    folder : str
        Where the indices lie, or are written.
    """
    import xarray as xr

    count = 0
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in paths:
            for level_type, names in kinds.items():
                for name in names:
                    keys = {"typeOfLevel": level_type, "shortName": name}
                    options = {"filter_by_keys": keys, "indexpath": f"{folder}/{path.name}.idx"}
                    data = xr.open_dataset(path, engine="cfgrib", backend_kwargs=options)
                    for variable in data.data_vars.values():
                        values = variable.load().values
                        count += int(np.prod(values.shape[:-2]))
    return count, time.perf_counter() - start


def find_kinds(paths: list[Path]) -> dict[str, list[str]]:
    """Return the short names, by type of level, of what downwind reads from GRIB files."""
    inventory, _ = scan_weather(paths)
    kinds: dict[str, dict[str, None]] = {}
    for field in inventory.fields:
        level_type, short = CFGRIB_NAMES[field.name, field.level_pa is None]
        kinds.setdefault(level_type, {})[short] = None
    return {level_type: list(names) for level_type, names in kinds.items()}


# --- in a process of its own -------------------------------------------------------------------


def measure_memory(paths: list[Path]) -> dict[str, float]:
    """Return what reading a set to a cube adds to the memory of this process [MiB]."""
    import eccodes  # noqa: F401 - loaded before the memory is noted
    import scipy.ndimage  # noqa: F401

    from downwind.wind.sources import read_weather

    before = read_memory_mib()
    cube = read_weather(paths)
    size = sum(array.nbytes for array in cube.dataset.data_vars.values()) / 2**20
    return {"peak_mib": read_peak_mib() - before, "cube_mib": size}


def measure_open(name: str) -> dict[str, float]:
    """Return the time to open a stored cube, and to read one column of its wind [s]."""
    from downwind.wind.store import open_cube

    start = time.perf_counter()
    cube = open_cube(name)
    opened = time.perf_counter()
    column = cube.dataset["eastward_wind"].isel(latitude=0, longitude=0).values
    assert np.isfinite(column).all()
    return {"open_s": opened - start, "column_s": time.perf_counter() - opened}


def measure_import(paths: list[Path]) -> dict[str, object]:
    """Store a set as a cube; return its name, and the time that writing takes [s]."""
    from downwind.wind.sources import read_weather
    from downwind.wind.store import store_cube

    cube = read_weather(paths)
    start = time.perf_counter()
    placement = store_cube(cube)
    return {"name": placement.entry.id, "import_s": time.perf_counter() - start}


def run_part(part: str, arguments: list[str], folder: str) -> dict[str, Any]:
    """Run one of the parts in a process of its own and return what it prints."""
    command = [sys.executable, "-m", "benchmarks.reading", "--part", part, *arguments]
    environment = {**os.environ, "DOWNWIND_STORE": folder}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: list[str] | None = None) -> None:
    """Run it all and print it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--files", nargs="+", type=Path, help="GRIB files, in place of a made set")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--part", choices=("memory", "import", "open"), help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.part == "memory":
        print(json.dumps(measure_memory([Path(name) for name in options.rest])))
        return
    if options.part == "import":
        print(json.dumps(measure_import([Path(name) for name in options.rest])))
        return
    if options.part == "open":
        print(json.dumps(measure_open(options.rest[0])))
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = options.files or make_set(Path(folder))
        compare(paths, options.repeats, Path(folder))


def compare(paths: list[Path], repeats: int, folder: Path) -> None:
    """Time both readers in turn, then memory and the store, and print the tables."""
    kinds = find_kinds(paths)
    ours, cold, warm = [], [], []
    count = their_count = 0
    for turn in range(repeats):
        count, seconds = time_downwind(paths)
        ours.append(seconds)
        index = folder / f"index{turn}"
        index.mkdir()
        their_count, seconds = time_cfgrib(paths, kinds, str(index))
        cold.append(seconds)
        warm.append(time_cfgrib(paths, kinds, str(index))[1])
    rate, cold_rate = count / float(np.median(ours)), their_count / float(np.median(cold))
    warm_rate = their_count / float(np.median(warm))
    print(f"{len(paths)} GRIB files, {sum(p.stat().st_size for p in paths) / 2**20:.1f} MiB")
    print_table(
        ("reader", "fields", "s (median)", "fields/s", "downwind is"),
        [
            ("downwind", count, float(np.median(ours)), rate, None),
            ("cfgrib, file just come", their_count, float(np.median(cold)), cold_rate,
             f"{rate / cold_rate:.2f} times as fast"),
            ("cfgrib, index there", their_count, float(np.median(warm)), warm_rate,
             f"{rate / warm_rate:.2f} times as fast"),
        ],
    )  # fmt: skip
    memory = run_part("memory", [str(path) for path in paths], str(folder))
    stored = run_part("import", [str(path) for path in paths], str(folder))
    opened = [run_part("open", [stored["name"]], str(folder)) for _ in range(repeats)]
    open_s = float(np.median([run["open_s"] for run in opened]))
    column_s = float(np.median([run["column_s"] for run in opened]))
    print_table(
        ("what", "value", "unit"),
        [
            ("memory while reading to a cube", memory["peak_mib"], "MiB"),
            ("the cube itself", memory["cube_mib"], "MiB"),
            ("cube written to the store", stored["import_s"], "s"),
            ("stored cube opened", open_s, "s"),
            ("one column of it read", column_s, "s"),
        ],
    )
    print(format_machine(describe_machine()))
    print_json(
        {
            "fields_per_s": rate,
            "cfgrib_fields_per_s": cold_rate,
            "cfgrib_indexed_fields_per_s": warm_rate,
            "open_s": open_s,
            "peak_mib": memory["peak_mib"],
        }
    )


if __name__ == "__main__":
    main()
