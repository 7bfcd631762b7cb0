"""Print what real flights say of the models: tables, and a last line of JSON.

``python -m benchmarks.evidence``, with the folder that holds ``data/`` in DOWNWIND_SHARED.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.evidence import dropsondes, halcyon, pyballoon
from benchmarks.report import describe_machine, print_json, print_table

LIMIT = 0.05
OTHER_STARTS_S = (0.0, 60.0)
OTHER_MASSES_KG = (2.0, 2.5, 3.5, 4.0, 5.0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Examine the three sets of flights."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__)
    parser.add_argument("--shared", type=Path, help="the folder, instead of DOWNWIND_SHARED")
    named = parser.parse_args(arguments).shared or os.environ.get("DOWNWIND_SHARED")
    if not named or not (Path(named) / "data").is_dir():
        sys.exit("set DOWNWIND_SHARED to the folder that holds data/drops, flights and grids")
    shared = Path(named)
    record: dict[str, Any] = {"benchmark": "evidence", "machine": describe_machine()}
    record["dropsondes"] = report_dropsondes(shared)
    record["halcyon"] = report_halcyon(shared)
    record["pyballoon"] = report_pyballoon(shared)
    print_json(record)


def report_dropsondes(shared: Path) -> dict[str, Any]:
    """Print the falls, the forecasts of all choices and the sonde that did not fall."""
    found = dropsondes.examine(shared)
    print(f"Dropsondes: from {dropsondes.SETTLED_S:g} s after the launch to the sea\n")
    print_table(
        ("sonde", "fell", "pressure rise hPa", "hPa/s", "receiver m", "to m"),
        [
            (
                s.name,
                "yes" if dropsondes.did_fall(s) else "no",
                _round((s.pressure_pa[-1] - s.pressure_pa[0]) / 100.0, 1),
                _round((s.pressure_pa[-1] - s.pressure_pa[0]) / 100.0 / float(_span(s.time_s)), 2),
                round(s.gps_first_m),
                round(s.gps_last_m),
            )
            for s in found.sondes
        ],
    )
    air = list(dropsondes.Air)
    print("\nSpeed at sea level, m/s, and exponent of rho0/rho\n")
    print_table(
        ("sonde", "from m", "time s", *(f"v0, {a}" for a in air), *(f"n, {a}" for a in air)),
        [
            (
                falls[0].name,
                round(falls[0].top_m),
                _round(falls[0].time_s, 1),
                *(_round(f.speed_ms, 2) for f in falls),
                *(_round(f.exponent, 3) for f in falls),
            )
            for falls in zip(*(found.falls[a] for a in air), strict=True)
        ],
    )
    print("\nv0 of the upper half of a sonde's heights foretells its time through the lower half\n")
    print_table(
        ("sonde", *(str(a) for a in air)),
        [
            (falls[0].name, *(_percent(f.half_error, "+") for f in falls))
            for falls in zip(*(found.falls[a] for a in air), strict=True)
        ],
    )
    print("\nOne v0 fitted on four foretells the other three: all 35 choices\n")
    starts = {dropsondes.SETTLED_S: found}
    starts |= {start: dropsondes.examine(shared, start) for start in OTHER_STARTS_S}
    rows = []
    for start, one in starts.items():
        for a in air:
            found_here = summarise_splits(one.splits[a])
            exponent, error = dropsondes.summarise_exponent(one.falls[a])
            rows.append(
                (
                    start,
                    str(a),
                    _round(dropsondes.fit_speed(one.falls[a]), 2),
                    f"{exponent:.3f} +- {error:.3f}",
                    _percent(found_here["median_single"]),
                    _percent(found_here["median_of_worst"]),
                    _percent(found_here["worst"]),
                    f"{found_here['choices_within']} of {found_here['choices']}",
                    f"{found_here['singles_within']} of {found_here['singles']}",
                )
            )
    print_table(
        (
            "from s",
            "density",
            "v0",
            "n",
            "median error",
            "median of worst",
            "worst",
            "choices within 5 %",
            "forecasts within 5 %",
        ),
        rows,
    )
    return {
        "fell": {s.name: dropsondes.did_fall(s) for s in found.sondes},
        "falls": {a: [asdict(f) | {"speed_ms": f.speed_ms} for f in found.falls[a]] for a in air},
        "splits": {a: summarise_splits(found.splits[a]) for a in air},
        "exponent": {a: dropsondes.summarise_exponent(found.falls[a]) for a in air},
        "speed_ms": {a: dropsondes.fit_speed(found.falls[a]) for a in air},
    }


def summarise_splits(splits: Sequence[dropsondes.Split]) -> dict[str, float]:
    """Return the summary of all choices, with the number within the limit of 5 %."""
    singles = [abs(e) for s in splits for e in s.errors]
    return dropsondes.summarise(splits) | {
        "choices_within": sum(s.worst <= LIMIT for s in splits),
        "singles": len(singles),
        "singles_within": sum(e <= LIMIT for e in singles),
    }


def report_halcyon(shared: Path) -> dict[str, Any]:
    """Print the drift under the chosen choices and under each alternative."""
    drifts = halcyon.examine(shared)
    from_pad_m = halcyon.measure_from_pad(halcyon.read_flight(shared))
    print("\nHalcyon: drift under the canopy in ERA5, by the measured heights")
    print(f"The last fix lies {from_pad_m / 1e3:.2f} km from the pad\n")
    print_table(
        ("choice", "drift km", "flown km", "miss km", "along km", "to the right km"),
        [
            (
                d.choice.what,
                _round(d.measured_m / 1e3, 2),
                _round(d.flown_m / 1e3, 2),
                _round(d.miss_m / 1e3, 2),
                f"{d.along_m / 1e3:+.2f}",
                f"{d.across_m / 1e3:+.2f}",
            )
            for d in drifts
        ],
    )
    return {"from_pad_m": from_pad_m, "drifts": [asdict(d) for d in drifts]}


def report_pyballoon(shared: Path) -> dict[str, Any]:
    """Print the rates of both halves, the forecasts and what was left out of each file."""
    ascents = pyballoon.examine(shared)
    laws = list(pyballoon.Law)
    print("\nBalloons: laws fitted on the lower half of the heights foretell the upper half, m/s\n")
    summary = pyballoon.summarise(ascents)
    rows: list[tuple[object, ...]] = [
        (
            a.log.name,
            a.log.time_s.size,
            _round(a.log.height_m[-1] / 1e3, 1),
            _round(a.lower_ms, 2),
            _round(a.upper_ms, 2),
            *(cell for f in a.forecasts for cell in (_round(f.rate_ms, 2), _percent(f.error, "+"))),
        )
        for a in ascents
    ]
    for name, part in (("mean", 0), ("rms", 1)):
        cells = (("", _percent(summary[law][part], "+" if part == 0 else "")) for law in laws)
        rows.append((name, "", "", "", "", *(cell for pair in cells for cell in pair)))
    titles = (title for law in laws for title in (str(law), "error"))
    print_table(("flight", "points", "top km", "lower", "upper", *titles), rows)
    layers = [rates for a in ascents if (rates := pyballoon.measure_layers(a.log)) is not None]
    slow = sum(middle < min(low, high) for low, middle, high in layers)
    print(f"\nSlower from 12 to 17 km than from 3 to 8 and from 21 to 26: {slow} of {len(layers)}")
    print("\nThe ramp with other masses\n")
    masses = {
        m: pyballoon.summarise(pyballoon.examine(shared, m))[pyballoon.Law.RAMP]
        for m in (pyballoon.FLIGHT_MASS_KG, *OTHER_MASSES_KG)
    }
    print_table(
        ("mass kg", "mean", "rms"),
        [(m, _percent(e[0], "+"), _percent(e[1])) for m, e in masses.items()],
    )
    print("\nWhat was read and left out\n")
    print_table(
        ("flight", "rows", "tracker's name", "before", "after", "no later", "burst", "gap s"),
        [
            (
                a.log.name,
                a.log.rows,
                a.log.prefixed,
                a.log.before,
                a.log.after,
                a.log.backward,
                "left out" if a.log.burst_dropped else "",
                round(a.log.longest_gap_s),
            )
            for a in ascents
        ],
    )
    return {
        "flights": {
            a.log.name: {
                "points": a.log.time_s.size,
                "lower_ms": a.lower_ms,
                "upper_ms": a.upper_ms,
                "forecasts": [asdict(f) for f in a.forecasts],
            }
            for a in ascents
        },
        "errors": {law: {"mean": summary[law][0], "rms": summary[law][1]} for law in laws},
        "slow_in_the_middle": [slow, len(layers)],
        "ramp_by_mass": {str(m): e for m, e in masses.items()},
    }


def _span(values: Any) -> float:
    return float(values[-1] - values[0])


def _round(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def _percent(share: float, sign: str = "") -> str:
    return f"{100.0 * share:{sign}.1f} %"


if __name__ == "__main__":
    main()
