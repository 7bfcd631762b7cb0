"""Fly ordinary balloons with CUSF's ``pred``, and print speed and landings as JSON.

``pred`` is a program in C. The package cusfpredict on PyPI wraps it and does not bring it, neither
built nor as source, so it has to be there already: named with ``--pred``, or on the PATH. Without
it the answer says that the peer is not available.

``pred`` reads one text file of wind for each time, and flies any number of scenarios in one process
with Euler steps of 1 s. It draws its wind at random, with a variance taken from the eight points
around the balloon and a seed that nothing sets: ``wind-error = 0`` takes away only what the user
adds to that, and no option switches the rest off. Landings therefore differ from run to run; the
spread between two runs is part of the answer.

The common data are a synthetic region and flights with known landings, as an independent solver of
the same equations gave them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

EARTH_RADIUS_M = 6_371_009.0
VERSION_MARK = "Landing Prediction version"
WINDOW_TITLE = (
    "window centre latitude, window latitude radius, "
    "window centre longitude, window longitude radius, POSIX timestamp"
)
TIMEOUT_S = 300.0


class PredUnavailable(RuntimeError):  # noqa: N818 - not an error of the benchmark
    """``pred`` is not here or does not run; the text is the reason."""


def write_wind_files(
    folder: Path,
    times_s: Sequence[int] | np.ndarray,
    pressures_hpa: np.ndarray,
    lat: np.ndarray,
    lon: np.ndarray,
    height_m: np.ndarray,
    u_ms: np.ndarray,
    v_ms: np.ndarray,
) -> list[Path]:
    """Write wind as ``pred`` reads it, one file for each time.

    Parameters
    ----------
    folder : Path
        Where the files go; ``pred`` takes every file in it whose first line can be read.
    times_s : array_like, shape (nt,)
        Seconds since 1970, UTC.
    pressures_hpa : ndarray, shape (np,)
        Pressure levels [hPa], in any order; they are written from high to low pressure.
    lat, lon : ndarray, shape (ny,) and (nx,)
        Rising latitudes and longitudes [deg].
    height_m, u_ms, v_ms : ndarray, shape (nt, np, ny, nx)
        Geopotential height [m] and wind to the east and north [m/s].

    Returns
    -------
    list of Path
        The files, in the order of the times.
    """
    lat, lon, pressures_hpa = (np.asarray(axis, float) for axis in (lat, lon, pressures_hpa))
    values = np.stack([height_m, u_ms, v_ms], axis=-1)
    shape = (len(times_s), pressures_hpa.size, lat.size, lon.size, 3)
    if values.shape != shape:
        raise ValueError(f"wind of shape {values.shape[:-1]} on axes of shape {shape[:-1]}")
    downwards = np.argsort(-pressures_hpa)
    window = [number for axis in (lat, lon) for number in _centre(axis)]
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for time_s, block in zip(times_s, values[:, downwards], strict=True):
        mid_lat, half_lat, mid_lon, half_lon = window
        name = f"gfs_{int(time_s)}_{mid_lat:.1f}_{mid_lon:.1f}_{half_lat:.1f}_{half_lon:.1f}.dat"
        path = folder / name
        with path.open("w", encoding="ascii") as file:
            # other readers of the format know it by this line, and count the comments
            file.write(f"# {WINDOW_TITLE}\n")
            file.write(",".join(f"{number:.4f}" for number in window) + f",{int(time_s)}\n")
            file.write("# number of axes\n3\n")
            for title, axis in (
                ("pressures", pressures_hpa[downwards]),
                ("latitudes", lat),
                ("longitudes", lon),
            ):
                file.write(f"# {title}\n{axis.size}\n")
                file.write(",".join(f"{number:.4f}" for number in axis) + "\n")
            file.write(f"# number of lines\n{block[..., 0].size}\n# values in a line\n3\n")
            file.write("# longitude varies fastest\n")
            file.write("# height [gpm], wind to the east, wind to the north [m/s]\n")
            np.savetxt(file, block.reshape(-1, 3), fmt="%.5f", delimiter=",")
        paths.append(path)
    return paths


def write_scenario(path: Path, flight: dict[str, float], landing: Path) -> None:
    """Write one flight as ``pred`` reads it; the track goes to the file named in it.

    ``flight`` has ``t`` (seconds since 1970), ``lat``, ``lng``, ``alt``, ``ascent_rate``,
    ``burst_altitude`` and ``descent_rate`` (at sea level), in degrees, metres and m/s.
    """
    launch = datetime.fromtimestamp(round(flight["t"]), UTC)
    sections = {
        "launch-site": {
            "latitude": f"{flight['lat']:.6f}",
            "longitude": f"{flight['lng']:.6f}",
            "altitude": f"{flight['alt']:.3f}",
        },
        "atmosphere": {"wind-error": "0"},
        "altitude-model": {
            "ascent-rate": f"{flight['ascent_rate']:.6f}",
            "descent-rate": f"{flight['descent_rate']:.6f}",
            "burst-altitude": f"{flight['burst_altitude']:.3f}",
        },
        "launch-time": {
            unit: str(getattr(launch, unit))
            for unit in ("year", "month", "day", "hour", "minute", "second")
        },
        "output": {"filename": str(landing)},
    }
    lines = []
    for title, keys in sections.items():
        lines += [f"[{title}]", *(f"{key} = {value}" for key, value in keys.items())]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def read_landing(path: Path) -> tuple[float, float]:
    """Return latitude and longitude [deg] of the last point of a track."""
    lines = path.read_text(encoding="ascii").split() if path.is_file() else []
    if not lines:
        raise PredUnavailable(f"pred wrote no track to {path.name}")
    _, lat, lon, _ = map(float, lines[-1].split(","))
    return lat, lon


def find_pred(named: Path | None = None) -> Path:
    """Return the program, by its name or from the PATH, once it has said what it is."""
    found = shutil.which(named or "pred")
    if not found:
        where = f"{named} is not a program" if named else "no pred on the PATH"
        raise PredUnavailable(
            f"{where}: the package cusfpredict does not bring it; build it from its C sources "
            "(cmake, glib) and name it with --pred"
        )
    try:
        done = subprocess.run(
            [found, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PredUnavailable(f"{found} does not run: {error}") from error
    if VERSION_MARK not in done.stdout:
        raise PredUnavailable(f"{found} is another program: it does not say '{VERSION_MARK}'")
    return Path(found).absolute()


def fly(
    pred: Path, wind: Path, flights: Sequence[dict[str, float]], folder: Path
) -> tuple[np.ndarray, float, float]:
    """Fly all flights in one process.

    Returns
    -------
    landings : ndarray, shape (n, 2)
        Latitude and longitude [deg].
    wall_s, cpu_s : float
        Wall time, and the CPU time of the process [s].
    """
    folder.mkdir(parents=True, exist_ok=True)
    scenarios, tracks = [], []
    for number, flight in enumerate(flights):
        scenarios.append(folder / f"{number}.ini")
        tracks.append(folder / f"{number}.csv")
        write_scenario(scenarios[-1], flight, tracks[-1])
    wall_s, cpu_s = time.perf_counter(), _read_children_cpu_s()
    try:
        done = subprocess.run(
            [str(pred), "-i", str(wind), *map(str, scenarios)],
            capture_output=True,
            text=True,
            # launch times are read as local time
            env=os.environ | {"TZ": "UTC"},
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PredUnavailable(f"pred did not finish: {error}") from error
    wall_s, cpu_s = time.perf_counter() - wall_s, _read_children_cpu_s() - cpu_s
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise PredUnavailable(f"pred ended with {done.returncode}: {reason}")
    return np.array([read_landing(track) for track in tracks]), wall_s, cpu_s


def compute_distance_m(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the small distances [m] between points (latitude, longitude), shape (n, 2)."""
    mean_lat = np.radians(0.5 * (a[:, 0] + b[:, 0]))
    east_deg = (a[:, 1] - b[:, 1] + 180.0) % 360.0 - 180.0
    east = np.radians(east_deg) * np.cos(mean_lat)
    return EARTH_RADIUS_M * np.hypot(east, np.radians(a[:, 0] - b[:, 0]))


def measure(pred: Path, region: Path, cases: Path, n: int, repeats: int) -> dict[str, Any]:
    """Fly the known flights, repeated to n, and compare speed and landings."""
    known = json.loads(cases.read_text(encoding="utf-8"))["cases"]
    flights = [known[number % len(known)] for number in range(max(n, len(known)))]
    golden = np.array([case["landing"][1:3] for case in known])
    with np.load(region) as archive, tempfile.TemporaryDirectory() as scratch:
        data = archive["data"]
        start_s = _find_start(known)
        write_wind_files(
            Path(scratch, "wind"),
            start_s + 3600 * archive["hours"].astype(np.int64),
            archive["pressures"],
            archive["lat"],
            archive["lng"],
            *(data[:, :, part] for part in range(3)),
        )
        wind = Path(scratch, "wind")
        # the time of one flight is nearly all the reading of the wind
        alone = min(fly(pred, wind, flights[:1], Path(scratch, "one"))[2] for _ in range(repeats))
        runs = [fly(pred, wind, flights, Path(scratch, f"run{i}")) for i in range(repeats)]
    landings, wall_s, cpu_s = min(runs, key=lambda run: run[2])
    first = landings[: len(known)]
    error_m = compute_distance_m(first, golden)
    spread_m = compute_distance_m(runs[0][0], runs[-1][0])
    return {
        "peer": "CUSF pred",
        "n": len(flights),
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "cpu_one_flight_s": alone,
        "flights_per_cpu_s": len(flights) / cpu_s,
        "flights_per_cpu_s_without_reading": (len(flights) - 1) / max(cpu_s - alone, 1e-9),
        "landings": first.tolist(),
        "error_median_m": float(np.median(error_m)),
        "error_max_m": float(error_m.max()),
        "spread_between_runs_median_m": float(np.median(spread_m)),
        "noise": "cannot be switched off",
    }


def _centre(axis: np.ndarray) -> tuple[float, float]:
    """Return the middle of a rising axis and its half width."""
    if np.any(np.diff(axis) <= 0):
        raise ValueError("latitudes and longitudes must rise")
    return float(axis[0] + axis[-1]) / 2.0, float(axis[-1] - axis[0]) / 2.0


def _find_start(known: Sequence[dict[str, float]]) -> int:
    """Return midnight UTC of the day of the first launch, the time of the region's hour 0."""
    return int(min(case["t"] for case in known)) // 86_400 * 86_400


def _read_children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("region", type=Path, help="wind of the synthetic region, npz")
    parser.add_argument("cases", type=Path, help="flights with known landings, JSON")
    parser.add_argument("-n", type=int, default=200, help="flights in one process")
    parser.add_argument("--repeats", type=int, default=3, help="the best of these is reported")
    parser.add_argument("--pred", type=Path, help="the program, if it is not on the PATH")
    arguments = parser.parse_args()
    try:
        pred = find_pred(arguments.pred)
        answer = measure(pred, arguments.region, arguments.cases, arguments.n, arguments.repeats)
    except PredUnavailable as error:
        answer = {"peer": "CUSF pred", "unavailable": str(error)}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
