"""The 1,000 landings on file: ``python -m tests.unit.sim.conformance.golden`` writes them anew.

The plain engine with steps of 30 s makes them, in a wind with a closed form.
``... golden digest ENGINE`` prints the sha256 of the landings instead, with turbulence and without.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np

from downwind.sim.drop import Falls, drop_items
from downwind.sim.turbulence import Turbulence
from tests.unit.sim.made_winds import drop, golden_grid, golden_items

PATH = Path(__file__).parents[3] / "data" / "golden_falls.csv"
ROOT = PATH.parents[2]
STEP_S = 30.0
COLUMNS = "longitude,latitude,height_m,time_s,on_ground"


def columns(falls: Falls) -> np.ndarray:
    """Return all that is known of the ends, shape (n, 5)."""
    return np.column_stack(
        [falls.longitude, falls.latitude, falls.height_m, falls.time_s, falls.on_ground]
    )


def fly_golden(engine: str, step: float = STEP_S) -> np.ndarray:
    """Let the golden items fall through the golden wind."""
    return columns(drop(golden_grid(), golden_items(), step, engine))


def digest(engine: str) -> str:
    """Return the sha256 of the landings in still air and in a turbulent night."""
    items = golden_items()._replace(item=np.arange(1_000))
    stirred = drop_items(golden_grid(), items, 200.0, engine, Turbulence.night(), seed=5)
    return hashlib.sha256(fly_golden(engine).tobytes() + columns(stirred).tobytes()).hexdigest()


def read_golden() -> np.ndarray:
    """Return the landings on file, shape (1000, 5)."""
    return np.loadtxt(PATH, delimiter=",", skiprows=1)


def write_golden() -> None:
    """Write the landings of the plain engine to the file."""
    PATH.parent.mkdir(exist_ok=True)
    ends = fly_golden("plain")
    form = ["%.12f", "%.12f", "%.6f", "%.6f", "%d"]
    np.savetxt(PATH, ends, form, delimiter=",", header=COLUMNS, comments="")


if __name__ == "__main__":
    if sys.argv[1:2] == ["digest"]:
        print(digest(sys.argv[2]))
    else:
        write_golden()
