"""One step of every lane of a block: a loop that LLVM turns into vector code.

Nothing branches, and each lane reads its wind once: the sixteen corners of the box in which its
step lies. A step never leaves its layer and its interval of time, and its cell only by the
little that ``border_step_s`` allows.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

from downwind.atmosphere._kernels import LANE, fma
from downwind.compiled.kernels import kernel
from downwind.load.kernels import fall_law, fall_near_ms
from downwind.sim.fall._kernels import (
    MODE_M,
    NEAR_M,
    approach_ms,
    border_s,
    border_step_s,
    event_step_s,
    layer_top_m,
    lifting_ms,
    longest_here_s,
    relief_step_s,
    ridge_step_s,
    stir,
)
from downwind.sim.fast import lanes as row
from downwind.sim.fast._kernels import (
    floor_i32,
    high_part,
    lane_f32,
    lane_i32,
    low_part,
    prefer_wide_vectors,
    put_f32,
    put_i32,
    table_f32,
    table_i32,
    table_pair,
    whole,
)
from downwind.sim.fast.error.kernels import FARTHEST_M, look_up_error
from downwind.sim.fast.lanes import LANES
from downwind.sim.kernels import POLAR_DEG
from downwind.sim.turbulence.kernels import normals_of_words, philox4x32

_LIMIT = 20_000
_BACK = 1_500
_RAD = math.pi / 180.0
_DOWN_M = 0.5
_AT_GROUND_M = 0.01
_NODE_S = 1e-2

_SWEEP: Any = {name: value for name, value in LANE.items() if name != "forceinline"}

f4, i4 = nb.float32, nb.int32


# --- one lane ------------------------------------------------------------------------------------


@kernel(**LANE)
def _cell(ix, x, size):
    """Return the cell that a place lies in, held inside the grid, and the way into it."""
    g = min(max(i4(ix + floor_i32(x)), i4(0)), i4(size - i4(2)))
    return g, x - f4(i4(g - ix))


@kernel(**LANE)
def _plane_of(c00, c10, c01, c11):
    """Return the coefficients of 1, x, y and xy between four corners."""
    south = c10 - c00
    return c00, south, c01 - c00, (c11 - c01) - south


@kernel(**LANE)
def _corners(uv, up, at, nx):
    """Return the wind between the four points of a cell, on one level at one time."""
    above = i4(at + nx)
    a = table_i32(uv, at)
    b = table_i32(uv, i4(at + i4(1)))
    c = table_i32(uv, above)
    d = table_i32(uv, i4(above + i4(1)))
    u = _plane_of(low_part(a), low_part(b), low_part(c), low_part(d))
    v = _plane_of(whole(a), whole(b), whole(c), whole(d))
    return u, v, _lift(up, at, above)


@kernel(**LANE)
def _lift(up, at, above):
    """Return the upward wind between four points; without one, zeros that the compiler drops."""
    if up is None:
        return f4(0.0), f4(0.0), f4(0.0), f4(0.0)
    south = table_pair(up, at)
    north = table_pair(up, above)
    return _plane_of(low_part(south), high_part(south), low_part(north), high_part(north))


@kernel(**LANE)
def _less(a, b):
    return a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]


@kernel(**LANE)
def _inside(c, x, y):
    return fma(y, fma(x, c[3], c[2]), fma(x, c[1], c[0]))


@kernel(**LANE)
def _between(box, x, y, t, low_weight, high_weight):
    """Return a value in a box of four axes, linear in each; x, y and t from 0 to 1 inside it.

    The weights are those of the two levels, in the unit of each.
    """
    low, low_change, high, high_change = box
    below = fma(t, _inside(low_change, x, y), _inside(low, x, y))
    above = fma(t, _inside(high_change, x, y), _inside(high, x, y))
    return fma(high_weight, above, low_weight * below)


@kernel(**LANE)
def _boxes(uv, up, at, nx, plane, slab):
    """Read the wind around a lane once: all looks of the step at it take place in one box."""
    ua, va, wa = _corners(uv, up, at, nx)
    ub, vb, wb = _corners(uv, up, i4(at + slab), nx)
    at = i4(at + plane)
    uc, vc, wc = _corners(uv, up, at, nx)
    ud, vd, wd = _corners(uv, up, i4(at + slab), nx)
    u = ua, _less(ub, ua), uc, _less(ud, uc)
    v = va, _less(vb, va), vc, _less(vd, vc)
    return u, v, (wa, _less(wb, wa), wc, _less(wd, wc))


@kernel(**LANE)
def _wind(boxes, scales, x, y, z, t):
    """Return eastward, northward and upward wind [m s-1] at a place in the box of a lane."""
    u, v, w = boxes
    uv_low, uv_high, up_low, up_high = scales
    rest = f4(1.0) - z
    low, high = uv_low * rest, uv_high * z
    return (
        _between(u, x, y, t, low, high),
        _between(v, x, y, t, low, high),
        _between(w, x, y, t, up_low * rest, up_high * z),
    )


@kernel(**LANE)
def _part(x, parts):
    """Return the part of a cell that a way into it leads to, and the way into the part."""
    whole_way = x * f4(parts)
    j = min(max(floor_i32(whole_way), i4(0)), i4(parts - i4(1)))
    return j, whole_way - f4(j)


@kernel(**LANE)
def _ground(relief, pages, ix, iy, nx, ny, x, y):
    """Return the height of the ground and its slopes for each cell in x and y.

    A cell without a page is one part; its rows are those of the whole grid.
    """
    gx, ax = _cell(ix, x, nx)
    gy, ay = _cell(iy, y, ny)
    n = i4(gy * nx + gx)
    if pages is None:
        return _bilinear(relief, n, nx, ax, ay)
    n = table_i32(pages[0], n)
    has_page = n >= i4(nx * ny)
    parts = pages[2] if has_page else i4(1)
    length = i4(pages[2] + i4(1)) if has_page else nx
    jx, ax = _part(ax, parts)
    jy, ay = _part(ay, parts)
    n = i4(i4(n + i4(jy * length)) + jx)
    ground, x_slope, y_slope = _bilinear(relief, n, length, ax, ay)
    return ground, f4(parts) * x_slope, f4(parts) * y_slope


@kernel(**LANE)
def _bilinear(relief, n, length, ax, ay):
    """Return a value between four points of a table with rows of a length, and its slopes."""
    above = i4(n + length)
    low = table_f32(relief, n)
    high = table_f32(relief, above)
    south = table_f32(relief, i4(n + i4(1))) - low
    north = table_f32(relief, i4(above + i4(1))) - high
    low = fma(ax, south, low)
    high = fma(ax, north, high)
    return fma(ay, high - low, low), fma(ay, north - south, south), high - low


@kernel(**LANE)
def _meridians(latitude):
    """Return 1 / cos, tan and cos of a latitude [rad] of up to 80 degrees, by Taylor's series."""
    q = latitude * latitude
    c = fma(f4(1.0 / 479_001_600.0), q, f4(-1.0 / 3_628_800.0))
    c = fma(c, q, f4(1.0 / 40_320.0))
    c = fma(c, q, f4(-1.0 / 720.0))
    c = fma(c, q, f4(1.0 / 24.0))
    c = fma(c, q, f4(-0.5))
    per_cosine = f4(1.0) / fma(c, q, f4(1.0))
    s = fma(f4(1.0 / 362_880.0), q, f4(-1.0 / 5_040.0))
    s = fma(s, q, f4(1.0 / 120.0))
    s = fma(s, q, f4(-1.0 / 6.0))
    return per_cosine, latitude * fma(s, q, f4(1.0)) * per_cosine, fma(c, q, f4(1.0))


@kernel(**LANE)
def _narrowing(tangent, north):
    """Return 1 / cos some way [rad] north of a latitude, over that at it; within 1e-7 for 50 km."""
    return fma(north, fma(north, fma(tangent, tangent, f4(0.5)), tangent), f4(1.0))


@kernel(**LANE)
def _narrow(cosine, tangent, north):
    """Return cos some way [rad] north of a latitude; within 1e-6 for 50 km."""
    return cosine * fma(-north, fma(f4(0.5), north, tangent), f4(1.0))


@kernel(**LANE)
def _choose_step_s(way, cell, wind, longest, highest_m, pages, node):
    """Return how long a step is [s], in a wind that is felt at its start.

    ``way`` holds the item's height, that of its next event and of the ground, its height above it
    [m], the fall speed half way [m s-1] and whether the event is a change of mode; ``cell`` its
    place in the cell, the cells a metre and the slopes of the ground; ``longest`` is what
    ``longest_here_s`` returns.
    """
    h, target, ground, clear, half_way, to_switch = way
    ax, ay, per_x, per_y, x_slope, y_slope = cell
    u, v, w = wind
    ascent = x_slope * u * per_x
    ascent += y_slope * v * per_y
    sink = approach_ms(target, ground, ascent, w, half_way)
    d = event_step_s(h - target, sink, longest[0], longest[1])
    d = f4(0.9) * d if to_switch & (d > f4(20.0)) else d
    to_border = border_s(ax, ay, u * per_x, v * per_y)
    d = border_step_s(d, to_border)
    is_low = h - sink * d < highest_m - f4(NEAR_M)
    hill = relief_step_s(to_border)
    if pages is not None:
        hill = min(hill, ridge_step_s(clear, table_f32(pages[1], node), pages[3], u, v))
    return min(d, hill) if is_low else d


# --- all lanes -----------------------------------------------------------------------------------


@kernel(**_SWEEP)
def draw_words(ints, key0, key1):
    """Draw the random words of every lane's step: a loop of its own keeps them in registers."""
    prefer_wide_vectors()
    for i in range(LANES):
        w0, w1, w2, w3 = philox4x32(
            np.uint32(lane_i32(ints, row.ROUND * LANES + i)),
            np.uint32(lane_i32(ints, row.STREAM_I * LANES + i)),
            np.uint32(lane_i32(ints, row.STREAM_B * LANES + i)),
            np.uint32(lane_i32(ints, row.STREAM_D * LANES + i)),
            key0,
            key1,
        )
        put_i32(ints, row.WORD0 * LANES + i, np.int32(w0))
        put_i32(ints, (row.WORD0 + 1) * LANES + i, np.int32(w1))
        put_i32(ints, (row.WORD0 + 2) * LANES + i, np.int32(w2))
        put_i32(ints, (row.WORD0 + 3) * LANES + i, np.int32(w3))


@kernel(**_SWEEP)
def draw_normals(lanes, ints):
    """Turn the words of every lane into five standard normals."""
    prefer_wide_vectors()
    for i in range(LANES):
        n0, n1, n2, n3, n4, _ = normals_of_words(
            np.uint32(lane_i32(ints, row.WORD0 * LANES + i)),
            np.uint32(lane_i32(ints, (row.WORD0 + 1) * LANES + i)),
            np.uint32(lane_i32(ints, (row.WORD0 + 2) * LANES + i)),
            np.uint32(lane_i32(ints, (row.WORD0 + 3) * LANES + i)),
            f4(1.0),
        )
        put_f32(lanes, row.N0 * LANES + i, n0)
        put_f32(lanes, (row.N0 + 1) * LANES + i, n1)
        put_f32(lanes, (row.N0 + 2) * LANES + i, n2)
        put_f32(lanes, (row.N0 + 3) * LANES + i, n3)
        put_f32(lanes, (row.N0 + 4) * LANES + i, n4)


@kernel(**_SWEEP)
def sweep(
    lanes, ints, wind, tables, pages, numbers, longest_s, per_longest_s, air, error, lattices
):
    """Let every lane that flies take one step; set the status of those that need attention."""
    prefer_wide_vectors()
    relief, ceiling, level, layer, cell, uv_scale, up_scale = tables
    level0, top, per_cell, cells, nz, per_x, per_y, cell_rad = numbers
    uv, up, nx, ny, plane, slab = wind
    depth = f4(0.0)
    lifting = f4(0.0)
    if air is not None:
        depth = air.h
        lifting = lifting_ms(air)
    for i in range(LANES):
        x = lane_f32(lanes, row.X * LANES + i)
        y = lane_f32(lanes, row.Y * LANES + i)
        h = lane_f32(lanes, row.H * LANES + i)
        t = lane_f32(lanes, row.T * LANES + i)
        t_low = lane_f32(lanes, row.T_LOW * LANES + i)
        t_high = lane_f32(lanes, row.T_HIGH * LANES + i)
        lat = lane_f32(lanes, row.LAT * LANES + i)
        ground = lane_f32(lanes, row.GROUND * LANES + i)
        switch = lane_f32(lanes, row.SWITCH * LANES + i)
        opens = lane_f32(lanes, row.OPENS * LANES + i)
        ix = lane_i32(ints, row.IX * LANES + i)
        iy = lane_i32(ints, row.IY * LANES + i)
        status = lane_i32(ints, row.STATUS * LANES + i)
        rounds = lane_i32(ints, row.ROUND * LANES + i)
        is_active = status == i4(row.ACTIVE)

        # the layer and the interval of time in which the whole step lies
        below = h - f4(NEAR_M)
        k = min(max(floor_i32((below - level0) * per_cell), i4(0)), cells)
        iz = table_i32(cell, k)
        iz = min(i4(iz + i4(below >= table_f32(level, i4(iz + i4(1))))), i4(nz - i4(2)))
        iz1 = i4(iz + i4(1))
        z_low = table_f32(level, iz)
        per_layer = table_f32(layer, iz)
        per_gap = lane_f32(lanes, row.PER_GAP * LANES + i)
        gx, ax = _cell(ix, x, nx)
        gy, ay = _cell(iy, y, ny)
        node = i4(gy * nx + gx)
        scales = (
            table_f32(uv_scale, iz),
            table_f32(uv_scale, iz1),
            table_f32(up_scale, iz),
            table_f32(up_scale, iz1),
        )
        at = i4(i4(lane_i32(ints, row.BASE * LANES + i) + i4(iz * plane)) + node)
        boxes = _boxes(uv, up, at, nx, plane, slab)

        # how it falls, and down to where
        is_bundle = t < opens - f4(1e-3)
        is_high = (h > switch + f4(MODE_M)) & (not is_bundle)
        low_v = lane_f32(lanes, row.LOW * LANES + i)
        high_v = lane_f32(lanes, row.HIGH * LANES + i)
        bundle_v = lane_f32(lanes, row.BUNDLE * LANES + i)
        v0 = high_v if is_high else low_v
        v0 = bundle_v if is_bundle else v0
        n = lane_f32(lanes, row.EXP * LANES + i)
        n = f4(0.5) if is_bundle else n
        clear = h - ground
        target = max(z_low, layer_top_m(clear, ground, depth))
        to_switch = is_high & (switch > target)
        target = switch if to_switch else target
        # about a height just below, so that at an edge of the atmosphere it is that of the way down
        law = fall_law(below, v0, n)
        u1, v1, w1 = _wind(boxes, scales, ax, ay, (h - z_low) * per_layer, (t - t_low) * per_gap)

        # how long the step is
        per_cosine, tangent, cosine = _meridians(fma(y, cell_rad, lat))
        stretch = per_x * per_cosine
        half_way = fall_near_ms(law, f4(0.5) * (h + target) - below)
        way = h, target, ground, clear, half_way, to_switch
        cell_here = (
            ax, ay, stretch, per_y,
            lane_f32(lanes, row.SLOPE_X * LANES + i), lane_f32(lanes, row.SLOPE_Y * LANES + i),
        )  # fmt: skip
        longest = longest_here_s(clear, depth, v0, lifting, longest_s, per_longest_s)
        highest = table_f32(ceiling, node)
        fall = fall_near_ms(law, f4(NEAR_M))
        east = f4(0.0)
        north = f4(0.0)
        lift = f4(0.0)
        if error is not None:
            # the whole step takes the error of its middle, as far as that is known beforehand
            rise = w1 - half_way
            d = min(event_step_s(h - target, -rise, longest[0], longest[1]), t_high - t)
            half = f4(0.5) * d
            x2 = half * u1 * stretch
            y2 = half * v1 * per_y
            h2 = half * rise
            gust_u, gust_v, gust_w = look_up_error(
                error, lattices, lanes, ints, i, node, _narrow(cosine, tangent, y2 * cell_rad),
                x + x2, y + y2, h + h2, t + half, u1, v1, clear + h2,
            )  # fmt: skip
            # on the way back to the ground the item is in the step that led below it; all are read
            # beforehand, since a read in a branch keeps the loop from becoming vector code
            is_back = clear < f4(0.0)
            east = lane_f32(lanes, row.GUST_U * LANES + i)
            north = lane_f32(lanes, row.GUST_V * LANES + i)
            lift = lane_f32(lanes, row.GUST_W * LANES + i)
            east = east if is_back else gust_u
            north = north if is_back else gust_v
            lift = lift if is_back else gust_w
            put_f32(lanes, row.GUST_U * LANES + i, east)
            put_f32(lanes, row.GUST_V * LANES + i, north)
            put_f32(lanes, row.GUST_W * LANES + i, lift)
        felt = u1 + east, v1 + north, w1 + lift
        d = _choose_step_s(way, cell_here, felt, longest, highest, pages, node)
        d = min(d, t_high - t)
        d = min(d, opens - t) if is_bundle else d
        d = d if is_active else f4(0.0)

        if air is not None:
            stir_u, stir_v, stir_w, state_u, state_v, state_w = stir(
                clear, air, fall, felt[0], felt[1],
                lane_f32(lanes, row.STATE_U * LANES + i),
                lane_f32(lanes, row.STATE_V * LANES + i),
                lane_f32(lanes, row.STATE_W * LANES + i),
                d,
                (
                    lane_f32(lanes, row.N0 * LANES + i),
                    lane_f32(lanes, (row.N0 + 1) * LANES + i),
                    lane_f32(lanes, (row.N0 + 2) * LANES + i),
                    lane_f32(lanes, (row.N0 + 3) * LANES + i),
                    lane_f32(lanes, (row.N0 + 4) * LANES + i),
                ),
            )  # fmt: skip
            put_f32(lanes, row.STATE_U * LANES + i, state_u)
            put_f32(lanes, row.STATE_V * LANES + i, state_v)
            put_f32(lanes, row.STATE_W * LANES + i, state_w)
            east += stir_u
            north += stir_v
            lift += stir_w

        half = f4(0.5) * d
        kx1 = (u1 + east) * stretch
        ky1 = (v1 + north) * per_y
        kh1 = w1 + lift - fall
        h2 = h + half * kh1
        y2 = half * ky1
        u2, v2, w2 = _wind(
            boxes, scales, ax + half * kx1, ay + y2,
            (h2 - z_low) * per_layer, (t + half - t_low) * per_gap,
        )  # fmt: skip
        kx2 = (u2 + east) * stretch * _narrowing(tangent, y2 * cell_rad)
        ky2 = (v2 + north) * per_y
        kh2 = w2 + lift - fall_near_ms(law, h2 - below)
        h3 = h + d * (f4(2.0) * kh2 - kh1)
        y3 = d * (f4(2.0) * ky2 - ky1)
        u3, v3, w3 = _wind(
            boxes, scales, ax + d * (f4(2.0) * kx2 - kx1), ay + y3,
            (h3 - z_low) * per_layer, (t + d - t_low) * per_gap,
        )  # fmt: skip
        kx3 = (u3 + east) * stretch * _narrowing(tangent, y3 * cell_rad)
        ky3 = (v3 + north) * per_y
        kh3 = w3 + lift - fall_near_ms(law, h3 - below)
        sixth = d * f4(1.0 / 6.0)
        x = fma(sixth, fma(f4(4.0), kx2, kx1 + kx3), x)
        y = fma(sixth, fma(f4(4.0), ky2, ky1 + ky3), y)
        h = fma(sixth, fma(f4(4.0), kh2, kh1 + kh3), h)
        t += d

        # the ground: the last of the way is a straight line
        ground, x_slope, y_slope = _ground(relief, pages, ix, iy, nx, ny, x, y)
        under = h - ground
        is_down = (under < f4(_DOWN_M)) & (clear > under) & is_active
        if air is None:
            is_down &= under > f4(-_DOWN_M)
        rest = under * d / max(clear - under, f4(1e-6))
        rest = min(max(rest, f4(-60.0)), f4(60.0)) if is_down else f4(0.0)
        if air is None:
            # a step back ends on the ground itself, from where the next one would be of no length
            is_down |= (abs(under) < f4(_AT_GROUND_M)) & is_active
        x += rest * kx3
        y += rest * ky3
        t += rest
        if pages is not None and air is not None:
            ground += rest * fma(x_slope, kx3, y_slope * ky3)
        h = ground if is_down else h

        # what the scalar code has to see to
        gx_new = f4(ix) + x
        gy_new = f4(iy) + y
        is_out = (h > top) | (abs(lat + y * cell_rad) > f4(POLAR_DEG * _RAD))
        is_out |= (gx_new < f4(0.0)) | (gx_new > f4(nx - i4(1)))
        if error is not None:
            turned = lane_f32(lanes, row.TURN * LANES + i) + x * error.cell_east_m
            is_out |= abs(turned) > f4(FARTHEST_M)
        is_out |= (gy_new < f4(0.0)) | (gy_new > f4(ny - i4(1))) | (rounds > i4(_LIMIT))
        found = i4(row.NODE) if t > t_high - f4(_NODE_S) else i4(row.ACTIVE)
        found = i4(row.DOWN) if is_down else found
        found = i4(row.HARD) if is_out else found
        status = found if is_active else status

        put_f32(lanes, row.X * LANES + i, x)
        put_f32(lanes, row.Y * LANES + i, y)
        put_f32(lanes, row.H * LANES + i, h)
        put_f32(lanes, row.T * LANES + i, t)
        put_f32(lanes, row.GROUND * LANES + i, ground)
        put_f32(lanes, row.SLOPE_X * LANES + i, x_slope)
        put_f32(lanes, row.SLOPE_Y * LANES + i, y_slope)
        put_i32(ints, row.STATUS * LANES + i, status)
        # a lane that goes back and forth about the ground is soon given up
        put_i32(ints, row.ROUND * LANES + i, rounds + (i4(_BACK) if d < f4(0.0) else i4(1)))
