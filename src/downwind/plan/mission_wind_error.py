"""Turn ``[wind.error]`` of a mission file into the options of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from downwind.errors import ArgumentError
from downwind.plan.faults import PlacedError
from downwind.plan.mission_model import ScalesTable, UpScalesTable, WindErrorTable
from downwind.plan.wind_error_options import WindErrorOptions
from downwind.wind.error import LARGE, MOUNTAIN_FACTOR, UNRESOLVED, Scales
from downwind.wind.error_sizes import FittedSizes, read_sizes
from downwind.wind.perturbation import FAST_UP, SLOW_UP


def read_wind_error(table: WindErrorTable, folder: Path, hasher: Any) -> WindErrorOptions:
    """Return what a mission states about the error of its wind.

    Parameters
    ----------
    table : WindErrorTable
    folder : pathlib.Path
        Where the file of sizes is looked for.
    hasher : hashlib hash
        Takes up the bytes of that file, which count in the digest of the mission.

    Raises
    ------
    PlacedError
        If the file of sizes cannot be read, or sizes contradict each other.
    """
    place = "wind.error"
    sizes = None if table.sizes is None else _read_file(folder / table.sizes, hasher)
    mountain = table.mountain_up
    if mountain is None:
        mountain = round(MOUNTAIN_FACTOR * table.mesoscale_up, 9)
    elif mountain < table.mesoscale_up:
        raise PlacedError(
            f"{place}.mountain_up",
            f"{mountain:g} m/s lies below wind.error.mesoscale_up, {table.mesoscale_up:g} m/s",
        )
    elif mountain > 0.0 and table.mesoscale_up == 0.0:
        raise PlacedError(
            f"{place}.mountain_up",
            "it enlarges wind.error.mesoscale_up, which is 0; state that above 0, or both as 0",
        )
    if table.use == "off" and "use" in table.model_fields_set and len(table.model_fields_set) > 1:
        others = ", ".join(sorted(table.model_fields_set - {"use"}))
        raise PlacedError(
            f"{place}.use", f'with use = "off" no error is drawn; leave out {others}, or use'
        )
    return WindErrorOptions(
        use=table.use,
        lead_hours=table.lead_hours,
        scale=table.scale,
        large_factor=table.large_factor,
        unresolved_ms=table.unresolved,
        synoptic_up_ms=table.synoptic_up,
        mesoscale_up_ms=table.mesoscale_up,
        mountain_up_ms=mountain,
        large=_scales(table.large_scales, LARGE),
        unresolved=_scales(table.unresolved_scales, UNRESOLVED),
        synoptic_up=_scales(table.synoptic_up_scales, SLOW_UP),
        mesoscale_up=_scales(table.mesoscale_up_scales, FAST_UP),
        stated=tuple(
            key for key in ("horizontal", "time") if getattr(table.large_scales, key) is not None
        ),
        sizes=sizes,
    )


def _read_file(path: Path, hasher: Any) -> FittedSizes:
    try:
        sizes = read_sizes(path)
    except ArgumentError as error:
        raise PlacedError("wind.error.sizes", f"{error.message}; {error.hint}") from error
    hasher.update(bytes.fromhex(sizes.digest))
    return sizes


def _scales(table: ScalesTable | UpScalesTable, default: Scales) -> Scales:
    vertical = table.vertical if isinstance(table, ScalesTable) else None
    return Scales(
        default.horizontal_m if table.horizontal is None else table.horizontal,
        default.vertical_m if vertical is None else vertical,
        default.time_s if table.time is None else table.time,
    )
