"""Give each draw of a run an error of the wind of its own: how large, by what the wind is.

Called once at the start of a run. What was decided stands in ``WindGrid.error``, which every
output tells.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind import atmosphere
from downwind.plan._wind_error_sizes import Sizes, choose_nodes, find_sizes, way_points
from downwind.plan.air_of_run import flight_hours
from downwind.plan.mission import Mission
from downwind.sim.draws import Draws
from downwind.sim.wind_error import perturb_grid
from downwind.wind.ensemble_spread import ensemble_spread_ms
from downwind.wind.grid import WindGrid
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.members import members_of_draws, spread_members
from downwind.wind.perturbation import ErrorSize, no_error
from downwind.wind.perturbation.account import ErrorAccount

FloatArray = NDArray[np.float64]

TOLD_PA: Final = 50_000.0
"""Level at which the spread of an ensemble is told [Pa]."""

NARROW: Final = 1.5
"""By how much a spread lies below the error of a forecast for it to be called too narrow [-]."""


def settle_wind_error(mission: Mission, grid: WindGrid, draws: int | None = None) -> WindGrid:
    """Return a wind in which each draw has an error of its own, where the mission wants it.

    Parameters
    ----------
    mission : Mission
    grid : WindGrid
        The wind as read, or one that was settled before: what was drawn then is taken off.
    draws : int, optional
        Number of draws in place of the mission's. The error of a draw does not depend on it.

    Returns
    -------
    WindGrid
        With one member a draw and ``error`` set. Where no error is drawn the members are those of
        the data, by their weights where they have any, and ``error`` says why.

    Raises
    ------
    MissionError
        If the mission asks for an error that cannot be known.
    ArgumentError
        If there are fewer draws than members.
    """
    grid = without_error(grid)
    count = mission.draws if draws is None else draws
    options = mission.wind_error
    if options.use == "off":
        return _leave(grid, count, ErrorAccount("off", None, 'wind.error.use = "off"'))
    heights, times = choose_nodes(mission, grid)
    sizes = find_sizes(mission, grid, heights, times)
    if isinstance(sizes, str):
        return _leave(grid, count, ErrorAccount(options.use, None, sizes))
    if options.scale == 0.0:
        return _leave(grid, count, ErrorAccount(options.use, None, "wind.error.scale = 0"))
    account = _account(mission, grid, heights, times, sizes)
    assert account.size is not None
    site = mission.sites[0]
    drawn = perturb_grid(
        grid,
        account.size,
        Draws(mission.seed, count),
        count,
        site.longitude,
        site.latitude,
        base=members_of_draws(grid, count),
        hours=flight_hours(mission),
    )
    return drawn.with_account(account)


def without_error(grid: WindGrid) -> WindGrid:
    """Return a wind as it was read: its members are those of the data, without errors."""
    if grid.error is None and not grid.arrays.has_error:
        return grid
    plain = grid.arrays._replace(
        base=np.arange(grid.base_count, dtype=np.int32), has_error=False, **no_error()._asdict()
    )
    return grid.with_members(plain).with_account(None)


def _leave(grid: WindGrid, count: int, account: ErrorAccount) -> WindGrid:
    if grid.weights is not None or grid.base_count > count:
        grid = spread_members(grid, count)
    return grid.with_account(account)


def _account(
    mission: Mission, grid: WindGrid, heights: FloatArray, times: FloatArray, sizes: Sizes
) -> ErrorAccount:
    """Put the factors of the mission on the sizes and take off what the members differ by."""
    options = mission.wind_error
    scale = options.scale
    wanted = scale * options.large_factor * sizes.large_ms
    large, spread, notes = wanted, None, list(sizes.notes)
    if grid.base_count > 1:
        spread = _spread(mission, grid, heights, times)
        if options.use == "auto":
            large = np.sqrt(np.maximum(wanted**2 - spread**2, 0.0))
        notes.append(_tell_spread(grid, heights, wanted[:, 0], spread[:, 0], options.use))
    fine = sizes.fine_ms if options.unresolved_ms is None else options.unresolved_ms
    size = ErrorSize(
        height_m=heights,
        time_s=times,
        large_ms=large,
        fine_ms=scale * fine,
        slow_up_ms=scale * options.synoptic_up_ms,
        fast_up_ms=scale * options.mesoscale_up_ms,
        mountain_up_ms=scale * options.mountain_up_ms,
        large=options.large_scales,
        fine=options.unresolved,
        slow_up=options.synoptic_up,
        fast_up=options.mesoscale_up,
        origin=sizes.origin,
    )
    return ErrorAccount(
        use=options.use,
        size=size,
        origin=sizes.origin,
        scale=scale,
        lead_from_s=sizes.lead_from_s,
        lead_origin=sizes.lead_origin,
        wanted_ms=wanted,
        spread_ms=spread,
        notes=tuple(notes),
    )


def _spread(mission: Mission, grid: WindGrid, heights: FloatArray, times: FloatArray) -> FloatArray:
    """Return the spread of the members on the way to the target, shape (heights, times) [m s-1]."""
    lon, lat = way_points(mission, grid)
    found = ensemble_spread_ms(grid, lon, lat, heights[:, None, None], times[:, None])
    return np.asarray(np.sqrt(np.mean(found**2, axis=2)), np.float64)


def _tell_spread(
    grid: WindGrid, heights: FloatArray, wanted: FloatArray, spread: FloatArray, use: str
) -> str:
    """Say how far the members differ at the first launch time, beside the error of such a wind."""
    level_m = float(standard_height_m([TOLD_PA])[0])
    height = min(level_m, float(heights[-1]))
    pressure = float(atmosphere.pressure_pa(height))
    where = f"{pressure / 100.0:.0f} hPa"
    differ, errs = (float(np.interp(height, heights, x)) for x in (spread, wanted))
    text = (
        f"the {grid.base_count} members differ by {differ:.1f} m/s at {where} (one component), "
        f"where such a wind errs by {errs:.1f}"
    )
    ratio = errs / differ if differ > 0.0 else math.inf
    if use == "on":
        return f'{text}; the whole error is drawn on top (wind.error.use = "on")'
    if ratio < 1.0:
        return f"{text}: wide enough; only what no member resolves is drawn on top"
    if ratio < NARROW:
        return f"{text}: a little too narrow; the difference is drawn on top"
    times_text = "without any spread" if math.isinf(ratio) else f"{ratio:.1f} times too narrow"
    return f"{text}: {times_text} for forecast error; the difference is drawn on top"
