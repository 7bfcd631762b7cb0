"""What both kernels of falling items share: how long a step may be, and what turbulence adds.

The type of the arguments decides, float64 or float32, and nothing branches: a loop over lanes of
float32 becomes vector code.
"""

from __future__ import annotations

import numpy as np

from downwind.atmosphere._kernels import LANE
from downwind.compiled.kernels import kernel
from downwind.sim.turbulence.kernels import (
    local_turbulence,
    normals6,
    to_east_north,
    vertical_step,
    wander_step,
)

NEAR_M = 1.0
"""An item this little above a level counts as on it."""

MODE_M = 0.02
"""An item this little above the height where its mode changes has changed it."""

RISING_S = 30.0
"""Longest step of an item that rises [s]."""

MIXED_S = 30.0
"""Longest step in the boundary layer [s]: with it a well-mixed crowd stays mixed within 4 %."""

RELIEF_S = 60.0
"""Longest step below the highest ground near by [s]."""

LONGEST_FALL_M = 1_000.0
"""Longest way down of one step: so far the series of the fall law in the block kernel holds."""

_BORDER_S = 5.0
_BEYOND_S = 30.0


@kernel(**LANE)
def event_step_s(away_m, sink_ms, longest_s, per_longest):
    """Return the step [s] on the way down to an event: even parts, none longer than the longest.

    None is deeper than ``LONGEST_FALL_M`` either. An item that rises takes ``RISING_S`` at the
    most; one below the event gets the step back. ``per_longest`` is 1 over the longest step.
    """
    f = type(away_m)
    still = f(1e-3)
    whole = min(away_m / max(sink_ms, still), f(1e6))
    # a hair more than a whole number of longest steps is not worth one more
    wanted = max(max(whole, f(0.0)) * per_longest, away_m * f(1.0 / LONGEST_FALL_M))
    parts = f(np.int32(wanted - f(1e-3)) + np.int32(1))
    other = min(longest_s, f(RISING_S)) if sink_ms < -still else longest_s
    return whole / parts if sink_ms > still else other


@kernel(**LANE)
def border_s(x, y, x_rate, y_rate):
    """Return when an item leaves its cell of the grid [s].

    ``x`` and ``y`` are in cells, 0 to 1, the rates in cells a second.
    """
    f = type(x)
    least = f(1e-9)
    ahead_x = f(1.0) - x if x_rate > f(0.0) else x
    ahead_y = f(1.0) - y if y_rate > f(0.0) else y
    fast_x = max(abs(x_rate), least)
    fast_y = max(abs(y_rate), least)
    x_first = ahead_x * fast_y < ahead_y * fast_x
    return (ahead_x if x_first else ahead_y) / (fast_x if x_first else fast_y)


@kernel(**LANE)
def border_step_s(d, to_border_s):
    """Return a step [s] that ends at the border of a cell, or not far beyond it.

    Inside a cell the wind between the points of the grid is smooth; at its border it has an edge.
    """
    f = type(d)
    return d if d < to_border_s + f(_BEYOND_S) else max(to_border_s, f(_BORDER_S))


@kernel(**LANE)
def relief_step_s(to_border_s):
    """Return the longest step [s] among hills: to the border of the cell of the ground.

    Bilinear ground has its ridges on the borders of cells: an item whose steps end there is seen
    to hit one.
    """
    f = type(to_border_s)
    return min(max(to_border_s, f(_BORDER_S)), f(RELIEF_S))


@kernel(**LANE)
def ridge_step_s(clear_m, per_slope, part_m, u, v):
    """Return the longest step [s] over a fine ground, so that no ridge is leapt over.

    Within it the steepest ground near by cannot rise to an item ``clear_m`` above it; close to the
    ground it takes the item over one part of a page. Where there is no fine ground it is huge.
    """
    f = type(clear_m)
    return max(clear_m * per_slope, part_m) / max(abs(u) + abs(v), f(0.1))


@kernel(**LANE)
def stir(clear_m, air, fall_ms, u, v, state_u, state_v, state_w, d, normals):
    """Return what turbulence does in a step: a mean velocity, and the new state.

    Parameters
    ----------
    clear_m : float
        Height above ground [m].
    air : Scales
    fall_ms, u, v : float
        Fall speed and wind [m s-1].
    state_u, state_v, state_w : float
        Velocities along the wind, across it and upward, over their standard deviations.
    d : float
        Length of the step [s].
    normals : tuple of float
        Five standard normals, of this step alone.

    Returns
    -------
    tuple
        Eastward, northward and upward velocity over the step [m s-1], and the three states.
    """
    f = type(clear_m)
    n0, n1, n2, n3, n4 = normals
    # an item that stops at the top of the layer is inside it from there on
    is_inside = clear_m < air.h + f(NEAR_M)
    z = min(clear_m, f(0.999) * air.h) if is_inside else clear_m
    su, sv, sw, tu, tv, tw, slope, t_slope = local_turbulence(z, air, fall_ms)
    d = max(d, f(1e-3))
    state_u, along = wander_step(state_u, f(1.0), tu, d, n0, n1)
    state_v, across = wander_step(state_v, f(1.0), tv, d, n2, n3)
    state_w, up = vertical_step(state_w, sw, tw, slope, t_slope, d, n4)
    east, north = to_east_north(su * along, sv * across, u, v)
    per_s = f(1.0) / d
    return east * per_s, north * per_s, up * per_s, state_u, state_v, state_w


@kernel(**LANE)
def first_states(item, balloon, draw, key0, key1, one):
    """Return the three states at the release: the normals of step 2^32 - 1, which none reaches."""
    n0, n1, n2, _, _, _ = normals6(
        np.uint32(0xFFFFFFFF), np.uint32(item), np.uint32(balloon), np.uint32(draw),
        key0, key1, one,
    )  # fmt: skip
    return n0, n1, n2


@kernel(**LANE)
def approach_ms(target_m, ground_m, ascent_ms, up_ms, fall_ms):
    """Return the speed [m s-1] at which an item nears a height below.

    ``fall_ms`` is its fall speed half way there. Where that height is the ground, which rises
    under the item at ``ascent_ms``, it meets it.
    """
    sink = fall_ms - up_ms
    return sink + ascent_ms if target_m <= ground_m else sink


@kernel(**LANE)
def lifting_ms(air):
    """Return twice the strongest upward standard deviation of a boundary layer, about [m s-1]."""
    f = type(air.h)
    return f(2.6) * air.ustar + f(1.2) * air.wstar


@kernel(**LANE)
def longest_here_s(clear_m, depth_m, fall_ms, lifting, longest_s, per_longest):
    """Return the longest step [s] in or above a boundary layer of a depth [m], and 1 over it.

    What sinks faster than the layer's eddies lift, ``lifting`` of ``lifting_ms``, crosses the
    layer and does not mix in it: it may take steps twice as long.
    """
    f = type(clear_m)
    is_crossing = fall_ms > lifting
    mixed = f(2.0 * MIXED_S) if is_crossing else f(MIXED_S)
    per_mixed = f(0.5 / MIXED_S) if is_crossing else f(1.0 / MIXED_S)
    is_short = (clear_m < depth_m + f(NEAR_M)) & (depth_m > f(0.0)) & (longest_s > mixed)
    return mixed if is_short else longest_s, per_mixed if is_short else per_longest


@kernel(**LANE)
def layer_top_m(clear_m, ground_m, depth_m):
    """Return the top of the boundary layer [m] for who is above it, else the ground."""
    f = type(clear_m)
    is_above = (clear_m >= depth_m + f(NEAR_M)) & (depth_m > f(0.0))
    return ground_m + depth_m if is_above else ground_m
