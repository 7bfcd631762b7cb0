"""Land the items of the reference problem with Parcels 4, and print speed and error as JSON.

Runs alone, in an environment that has Parcels. The kernel is our own: the fall is part of the
velocity that Runge-Kutta sees at each stage, which the stock advection followed by a sinking step
does not do. Release heights are multiples of the 45 m that an item falls in a step, so that it
meets the ground at the end of one. One thread; only ``ParticleSet.execute`` is timed, once warm.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
import warnings
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import parcels  # noqa: E402
import xarray as xr  # noqa: E402
from parcels.kernels._integration import RK4  # noqa: E402

EARTH_RADIUS_M = 6_371_000.0
FALL_SPEED_MS = 1.5
STEP_S = 30.0
RELEASE_S = 3 * 3600.0 + 600.0
CUBE_START = np.datetime64("2026-01-15T00:00", "ns")
#: pairs of arrays in the reference file that hold landings, and what each is
REFERENCES = {
    "own_radius": "parcels",  # the same equations on the earth radius that Parcels has
    "dop": "dop",  # the first 200 items, eighth order, split at layer faces
    "sph": "sph",  # all items, Runge-Kutta of fourth order on the sphere of the problem
}


def read_wind(path: Path) -> parcels.FieldSet:
    """Return the wind cube as a field set held in memory."""
    with xr.open_dataset(path, decode_times=False) as cube:
        cube.load()
    names = {"time": "time", "height": "depth", "lat": "lat", "lon": "lon"}
    axes = dict(zip(names.values(), "TZYX", strict=True))
    columns = {new: cube[old].to_numpy() for old, new in names.items()}
    columns["time"] = CUBE_START + (columns["time"] * 1e9).astype("timedelta64[ns]")
    coords = {name: (name, column, {"axis": axes[name]}) for name, column in columns.items()}
    fields = {
        name.upper(): xr.DataArray(cube[name].to_numpy(), dims=tuple(axes), coords=coords)
        for name in ("u", "v")
    }
    grid = parcels.convert.copernicusmarine_to_sgrid(fields=fields)
    return parcels.FieldSet.from_sgrid_conventions(grid, mesh="spherical")


def compute_velocity(fieldset, t, z, y, x, particles):
    """Return wind and fall speed at one stage of a step."""
    u, v = fieldset.UV[t, z, y, x, particles]
    return u, v, np.full_like(u, -FALL_SPEED_MS)


def fall(particles, fieldset):
    """Move items by one step of Runge-Kutta, and stop those that meet the ground at its end."""
    u, v, w = RK4(particles, fieldset, compute_velocity)
    dt = particles.dt
    landed = particles.z + w * dt <= 1e-6
    particles.dx += u * dt
    particles.dy += v * dt
    particles.dz += w * dt
    # a particle that stops is not moved any more by Parcels itself
    particles.x = np.where(landed, particles.x + u * dt, particles.x)
    particles.y = np.where(landed, particles.y + v * dt, particles.y)
    particles.state = np.where(landed, parcels.StatusCode.StopExecution, particles.state)


def land(
    fieldset: parcels.FieldSet, reference: dict[str, np.ndarray], n: int
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Land n items; return longitudes, latitudes [deg], wall and CPU time of the run [s]."""
    index = np.arange(n) % reference["lon0"].size
    height_m = reference["z0"][index]
    start = CUBE_START + np.timedelta64(int(RELEASE_S), "s")
    items = parcels.ParticleSet(
        fieldset,
        x=reference["lon0"][index],
        y=reference["lat0"][index],
        z=height_m,
        t=np.full(n, start),
    )
    steps = int(np.ceil(height_m.max() / (FALL_SPEED_MS * STEP_S))) + 1
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    items.execute(
        [fall],
        dt=np.timedelta64(int(STEP_S), "s"),
        runtime=np.timedelta64(int(STEP_S) * steps, "s"),
        verbose_progress=False,
    )
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    order = np.argsort(np.asarray(items.particle_id))
    lon, lat, left_m = (np.asarray(column, float)[order] for column in (items.x, items.y, items.z))
    if lon.size != n or np.any(left_m > 1.01 * FALL_SPEED_MS * STEP_S):
        raise RuntimeError(f"{n} items released, {lon.size} kept, highest at {left_m.max():.0f} m")
    return lon, lat, wall_s, cpu_s


def compute_errors(
    lon: np.ndarray, lat: np.ndarray, reference: dict[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """Return median and largest distance [m] of landings from each reference that is there."""
    errors = {}
    for name, suffix in REFERENCES.items():
        true_lon, true_lat = reference[f"lon_{suffix}"], reference[f"lat_{suffix}"]
        # the items repeat those of the reference, which may know only the first of them
        index = np.arange(lon.size) % reference["lon0"].size
        known = np.flatnonzero(index < true_lon.size)
        to = index[known]
        mean_lat = np.radians(0.5 * (lat[known] + true_lat[to]))
        east = np.radians(lon[known] - true_lon[to]) * np.cos(mean_lat)
        north = np.radians(lat[known] - true_lat[to])
        error_m = EARTH_RADIUS_M * np.hypot(east, north)
        errors[name] = {
            "n": int(known.size),
            "median_m": float(np.median(error_m)),
            "max_m": float(error_m.max()),
        }
    return errors


def read_peak_mib() -> float:
    """Return the most memory that this process has held [MiB]."""
    try:
        # ru_maxrss of a new process starts from that of the one which started it
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024.0
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def measure(
    fieldset: parcels.FieldSet, reference: dict[str, np.ndarray], n: int, repeats: int
) -> dict[str, Any]:
    """Return the best of several runs with n items."""
    runs = [land(fieldset, reference, n) for _ in range(repeats)]
    lon, lat, wall_s, cpu_s = min(runs, key=lambda run: run[3])
    return {
        "n": n,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "landings_per_cpu_s": n / cpu_s,
        "error": compute_errors(lon, lat, reference),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cube", type=Path, help="wind of the reference problem, NetCDF")
    parser.add_argument("reference", type=Path, help="releases and landings, npz")
    parser.add_argument("-n", "--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--repeats", type=int, default=3, help="the best of these is reported")
    arguments = parser.parse_args()

    with np.load(arguments.reference) as archive:
        reference = {name: archive[name] for name in archive}
    fieldset = read_wind(arguments.cube)
    baseline_mib = read_peak_mib()
    land(fieldset, reference, 100)
    answer = {
        "peer": "Parcels, custom kernel",
        "version": parcels.__version__,
        "numpy": np.__version__,
        "step_s": STEP_S,
        "repeats": arguments.repeats,
        "runs": [measure(fieldset, reference, n, arguments.repeats) for n in arguments.sizes],
        "baseline_mib": baseline_mib,
        "peak_mib": read_peak_mib(),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
