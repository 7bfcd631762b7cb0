"""Turbulence for one thing at a time: profiles, exact steps, normals; compiled, bare scalars.

The type of the arguments decides: float64, or float32 for a loop over lanes, where nothing calls
or branches. Velocities are carried over their standard deviation, so that a state is three
standard normals wherever the thing is; 0 is the state of still air.

One step of d seconds is: ``local_turbulence`` at the place; ``normals6`` at the step's counter;
``wander_step`` for the wind along and across, ``vertical_step`` for the height; ``to_east_north``.

References
----------
Hanna 1982 in Nieuwstadt and van Dop (eds), Atmospheric Turbulence and Air Pollution Modelling,
with Caughey 1982 and Ryall and Maryon 1998, Atmos. Environ. 32, 4265, as FLEXPART joins them:
Stohl et al. 2005, Atmos. Chem. Phys. 5, 2461. Csanady 1963, J. Atmos. Sci. 20, 201, for crossing
trajectories. Thomson 1987, J. Fluid Mech. 180, 529, for what keeps a mixed crowd mixed.
"""

from __future__ import annotations

import math

import numpy as np

from downwind.atmosphere._kernels import LANE, exp_, log_, power, sincos_2pi
from downwind.compiled.kernels import kernel

_LEAST_ZETA = 1e-3
"""Below this part of the boundary layer the unstable profile is steep without bound; it is held."""


# --- profiles ------------------------------------------------------------------------------------


@kernel(**LANE)
def _neutral(z, h, ustar, length, wstar):
    f = type(z)
    corr = z / ustar
    su = f(0.01) + f(2.0) * ustar * exp_(f(-3e-4) * corr)
    decay = f(1.3) * exp_(f(-2e-4) * corr)
    sw = f(0.01) + ustar * decay
    slope = f(-2e-4) * decay
    damping = f(1.0) + f(1.5e-3) * corr
    t = f(0.5) * z / (sw * damping)
    t_slope = f(0.5) / (sw * damping * damping) - t * slope / sw
    return su, sw, sw, t, t, t, slope, t_slope


@kernel(**LANE)
def _unstable(z, h, ustar, length, wstar):
    f = type(z)
    depth = -length
    zeta = max(z / h, f(_LEAST_ZETA))
    third = power(zeta, f(1.0 / 3.0))
    convective, mechanical = wstar * wstar, ustar * ustar
    su = f(0.01) + ustar * power(f(12.0) + f(0.5) * h / depth, f(1.0 / 3.0))
    root = math.sqrt(
        f(1.2) * convective * (f(1.0) - f(0.9) * zeta) * third * third
        + (f(1.8) - f(1.4) * zeta) * mechanical
    )
    sw = f(0.01) + root
    squared_slope = convective * (f(0.8) / third - f(1.8) * third * third) - f(1.4) * mechanical
    slope = squared_slope / (f(2.0) * h * root) if z > f(_LEAST_ZETA) * h else f(0.0)
    tu = f(0.15) * h / su

    shallow = f(0.55) - f(0.38) * min(z / depth, f(1.0))
    gap = exp_(f(-5.0) * zeta)
    near, near_slope = f(0.1) * z / shallow, f(0.055) / (shallow * shallow)
    middle, middle_slope = f(0.59) * z, f(0.59)
    high, high_slope = f(0.15) * h * (f(1.0) - gap), f(0.75) * gap
    reach = middle if zeta < f(0.1) else high
    reach_slope = middle_slope if zeta < f(0.1) else high_slope
    reach = near if z < depth else reach
    reach_slope = near_slope if z < depth else reach_slope
    tw = reach / sw
    return su, su, sw, tu, tu, tw, slope, (reach_slope - tw * slope) / sw


@kernel(**LANE)
def _stable(z, h, ustar, length, wstar):
    f = type(z)
    zeta = max(z / h, f(1e-9))
    rest = f(1.0) - zeta
    su = f(0.01) + f(2.0) * ustar * rest
    sw = f(0.01) + f(1.3) * ustar * rest
    per_sw = f(1.0) / sw
    slope = f(-1.3) * ustar / h
    tu = f(0.15) * h * math.sqrt(zeta) / su
    # zeta^0.8 and zeta^-0.2 come from one power
    part = power(zeta, f(-0.2))
    scale = f(0.1) * per_sw
    tw = scale * h * zeta * part
    return su, sw, sw, tu, f(0.467) * tu, tw, slope, scale * f(0.8) * part - tw * slope * per_sw


@kernel(**LANE)
def hanna_profile(z, h, ustar, length, wstar):
    """Return ``hanna`` and the slopes with height of sigma_w [s-1] and of T_w [s m-1].

    Arguments are those of ``hanna``.
    """
    f = type(z)
    if h < abs(length):
        su, sv, sw, tu, tv, tw, slope, t_slope = _neutral(z, h, ustar, length, wstar)
    elif length < f(0.0):
        su, sv, sw, tu, tv, tw, slope, t_slope = _unstable(z, h, ustar, length, wstar)
    else:
        su, sv, sw, tu, tv, tw, slope, t_slope = _stable(z, h, ustar, length, wstar)
    t_slope = t_slope if tw > f(30.0) else f(0.0)
    return su, sv, sw, max(tu, f(10.0)), max(tv, f(10.0)), max(tw, f(30.0)), slope, t_slope


@kernel(**LANE)
def _known_profile(z, h, ustar, length, wstar, neutral, unstable):
    """Return ``hanna_profile`` in air whose kind the types tell: None is what it is not.

    So the compiler leaves the other kinds out, where a loop over lanes would reckon all three.
    """
    f = type(z)
    if neutral is not None:
        su, sv, sw, tu, tv, tw, slope, t_slope = _neutral(z, h, ustar, length, wstar)
    elif unstable is not None:
        su, sv, sw, tu, tv, tw, slope, t_slope = _unstable(z, h, ustar, length, wstar)
    else:
        su, sv, sw, tu, tv, tw, slope, t_slope = _stable(z, h, ustar, length, wstar)
    t_slope = t_slope if tw > f(30.0) else f(0.0)
    return su, sv, sw, max(tu, f(10.0)), max(tv, f(10.0)), max(tw, f(30.0)), slope, t_slope


@kernel(**LANE)
def hanna(z, h, ustar, length, wstar):
    """Return the turbulence of the boundary layer after Hanna, at heights 0 <= z < h.

    Parameters
    ----------
    z, h : float
        Height and depth of the boundary layer above ground [m].
    ustar, length, wstar : float
        Friction velocity [m s-1], Obukhov length [m], convective velocity [m s-1]. The air is
        neutral where h < abs(length), otherwise unstable or stable by the sign of the length.

    Returns
    -------
    tuple
        Standard deviations along the wind, across it and upward [m s-1], and their time scales
        [s], not below 10, 10 and 30 s.
    """
    su, sv, sw, tu, tv, tw, _, _ = hanna_profile(z, h, ustar, length, wstar)
    return su, sv, sw, tu, tv, tw


@kernel(**LANE)
def variance_slope(z, h, ustar, length, wstar):
    """Return the slope of sigma_w squared with height [m s-2]; arguments as ``hanna``."""
    _, _, sw, _, _, _, slope, _ = hanna_profile(z, h, ustar, length, wstar)
    return type(z)(2.0) * sw * slope


@kernel(**LANE)
def crossing_factor(sigma, fall, beta):
    """Return sqrt(1 + (beta v / sigma_w)^2), by which a fall at v [m s-1] divides a time scale.

    ``beta`` is 1 for the velocity along the fall and 2 for those across it (Csanady).
    """
    ratio = beta * fall / sigma
    return math.sqrt(type(sigma)(1.0) + ratio * ratio)


@kernel(**LANE)
def local_turbulence(z, air, fall):
    """Return the turbulence that an item meets at a height above ground.

    Parameters
    ----------
    z : float
        Height above ground [m].
    air : Scales
    fall : float
        Its speed relative to the air [m s-1].

    Returns
    -------
    tuple
        Standard deviations along the wind, across it and upward [m s-1]; their time scales, those
        of the item [s]; slopes with height of the last of each [s-1, s m-1]. From the top of the
        boundary layer on, sqrt(K/T) along and across, and nothing upward.
    """
    f = type(z)
    inside = (z < air.h) & (air.h > f(0.0))
    # below, no profile is asked for where it does not hold
    depth = max(air.h, f(1.0))
    ustar = max(air.ustar, f(1e-4))
    low = min(max(z, f(0.0)), depth)
    su, sv, sw, tu, tv, tw, slope, t_slope = _known_profile(
        low, depth, ustar, air.length, air.wstar, air.neutral, air.unstable
    )
    across = crossing_factor(sw, fall, f(2.0))
    along = crossing_factor(sw, fall, f(1.0))
    per_along, per_across, per_sw = f(1.0) / along, f(1.0) / across, f(1.0) / sw
    # d ln T = d ln T_w + (1 - 1/along^2) d ln sigma_w, since T = T_w / along
    shift = tw * (f(1.0) - per_along * per_along) * slope * per_sw
    t_slope = (t_slope + shift) * per_along
    free = math.sqrt(air.diffusivity / air.time_scale)
    zero = f(0.0)
    return (
        su if inside else free,
        sv if inside else free,
        sw if inside else zero,
        tu * per_across if inside else air.time_scale,
        tv * per_across if inside else air.time_scale,
        tw * per_along if inside else air.time_scale,
        slope if inside else zero,
        t_slope if inside else zero,
    )


# --- steps ---------------------------------------------------------------------------------------


@kernel(**LANE)
def wander_step(velocity, sigma, time_scale, d, n1, n2):
    """Take one exact step of d seconds of an Ornstein-Uhlenbeck velocity and its path.

    With r = exp(-d/T) and k = T tanh(d/2T), the velocity becomes r u + sigma sqrt(1 - r^2) n1, and
    the path is k times the sum of both velocities, which is its mean given them, plus
    sigma sqrt(2 T (d - 2 k)) n2. So their joint law is exact whatever d/T is.

    Parameters
    ----------
    velocity : float
        At the start [m s-1], or over its standard deviation if ``sigma`` is 1.
    sigma, time_scale : float
        Standard deviation [m s-1] and time scale [s].
    d : float
        Length of the step [s].
    n1, n2 : float
        Standard normals.

    Returns
    -------
    tuple
        Velocity at the end, and path [m].

    References
    ----------
    Gillespie 1996, Phys. Rev. E 54, 2084: the joint law, here by its bridge.
    """
    f = type(velocity)
    x = d / time_scale
    r = exp_(-x)
    half = (f(1.0) - r) / (f(1.0) + r)
    s = x * x
    tail = f(17.0 / 20_160.0) - s * (f(31.0 / 362_880.0) - s * f(691.0 / 79_833_600.0))
    series = x * s * (f(1.0 / 12.0) - s * (f(1.0 / 120.0) - s * tail))
    rest = series if x < f(0.5) else x - f(2.0) * half
    after = r * velocity + sigma * math.sqrt(f(1.0) - r * r) * n1
    path = half * (velocity + after) + sigma * math.sqrt(f(2.0) * rest) * n2
    return after, time_scale * path


@kernel(**LANE)
def vertical_step(state, sigma, time_scale, slope, t_slope, d, n):
    """Take one step of d seconds of a vertical velocity whose variance changes with height.

    The state s = w / sigma_w obeys Legg and Raupach's form of Thomson's model,
    ds = (d sigma_w/dz - s/T) dt + sqrt(2/T) dW and dz = sigma_w s dt, where ds and dz without
    friction and noise leave (uniform in z) x (standard normal in s) as it is. The step takes
    friction and noise first, s = exp(-d/T) s + sqrt(1 - exp(-2d/T)) n, and then the flow
    dz = g s, ds = g' over one unit, with the length g = sigma_w sqrt(2 d T tanh(d/2T)) taken as
    linear in z. Each part keeps a mixed crowd mixed. For d well below T that length is sigma_w d.
    For long steps the step is the diffusion with K = sigma_w^2 T and the drift dK/dz; where
    sigma_w and T do not change, the spread grows by 2 K d with each step of any length.

    In Hanna's profiles a crowd stays mixed within 4 % with steps up to 30 s, the floor of T_w, and
    within 8 % up to 60 s. The length of the step must not follow the height: one of half the T_w
    at the place unmixes a crowd by 30 %.

    Parameters
    ----------
    state : float
        w / sigma_w [-].
    sigma, time_scale : float
        Standard deviation [m s-1] and time scale [s] at the place.
    slope, t_slope : float
        Their slopes with height [s-1, s m-1]. Zero for both leaves the drift out.
    d : float
        Length of the step [s].
    n : float
        Standard normal.

    Returns
    -------
    tuple
        State at the end [-], and the way up [m].

    References
    ----------
    Legg and Raupach 1982, Boundary-Layer Meteorol. 24, 3. Thomson 1987, J. Fluid Mech. 180, 529.
    Sivak, Chodera and Crooks 2014, J. Phys. Chem. B 118, 6466: the time of the flow that gives a
    split step the exact diffusivity.
    """
    f = type(state)
    x = d / time_scale
    r = exp_(-x)
    half = (f(1.0) - r) / (f(1.0) + r)
    pace = math.sqrt(f(2.0) * d * time_scale * half)
    length = sigma * pace
    # d(pace^2)/dT = 2 d (half - x/2 (1 - half^2))
    bend = d * (half - f(0.5) * x * (f(1.0) - half * half)) / max(pace, f(1e-6))
    gain = slope * pace + sigma * t_slope * bend
    s = r * state + math.sqrt(f(1.0) - r * r) * n
    run = s + f(0.5) * gain
    a = min(gain * run, f(60.0))
    small = f(1.0) + a * (f(0.5) + a * (f(1.0 / 6.0) + a * (f(1.0 / 24.0) + a * f(1.0 / 120.0))))
    near = abs(a) < f(0.1)
    growth = small if near else (exp_(a) - f(1.0)) / (f(1.0) if near else a)
    return s + gain, length * run * growth


@kernel(**LANE)
def to_east_north(along, across, u, v):
    """Turn a velocity or way along the wind and to the left of it to east and north.

    ``u`` and ``v`` [m s-1] are the wind; in a calm, along is east.
    """
    f = type(along)
    speed = math.sqrt(u * u + v * v)
    calm = speed < f(1e-6)
    per_speed = f(1.0) / max(speed, f(1e-6))
    c = f(1.0) if calm else u * per_speed
    s = f(0.0) if calm else v * per_speed
    return along * c - across * s, along * s + across * c


# --- random numbers ------------------------------------------------------------------------------

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_32, _LOW32 = np.uint64(32), np.uint64(0xFFFFFFFF)
_9, _LOW9 = np.uint32(9), np.uint32(511)


@kernel(**LANE)
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Return the four 32-bit words of Philox 4x32-10 at a counter (c0..c3) under a key (k0, k1).

    All are uint32. Each round holds its words in the lower halves of uint64 and lets the upper
    halves run: the product of two such words is one packed instruction.

    References
    ----------
    Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3 (SC'11).
    """
    c0, c1, c2, c3 = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    k0, k1 = np.uint64(k0), np.uint64(k1)
    for _ in range(10):
        p0, p1 = _M0 * (c0 & _LOW32), _M1 * (c2 & _LOW32)
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1, (p0 >> _32) ^ c3 ^ k1, p0
        k0, k1 = k0 + _W0, k1 + _W1
    return np.uint32(c0), np.uint32(c1), np.uint32(c2), np.uint32(c3)


@kernel(**LANE)
def _unit(bits, scale):
    """Return the middle of part number ``bits`` of (0, 1), cut into 1 / scale parts."""
    return (type(scale)(np.int32(bits)) + type(scale)(0.5)) * scale


@kernel(**LANE)
def _normal_pair(radius, angle):
    """Return two standard normals from two uniforms in (0, 1) (Box and Muller 1958)."""
    r = math.sqrt(type(radius)(-2.0) * log_(radius))
    s, c = sincos_2pi(angle)
    return r * c, r * s


@kernel(**LANE)
def normals_of_words(w0, w1, w2, w3, one):
    """Return six standard normals of one type from four words of 32 random bits.

    The first four take the upper 23 bits of a word each, the last two what is left, 18 bits each.
    So many bits fit into a float32, and the uniforms are the same numbers in both types. The
    normals reach to 5.77, the last two to 5.13.

    Parameters
    ----------
    w0, w1, w2, w3 : uint32
    one : float
        1 in the type of the result.
    """
    f = type(one)
    fine, coarse = f(2.0**-23), f(2.0**-18)
    n0, n1 = _normal_pair(_unit(w0 >> _9, fine), _unit(w1 >> _9, fine))
    n2, n3 = _normal_pair(_unit(w2 >> _9, fine), _unit(w3 >> _9, fine))
    left0 = ((w0 & _LOW9) << _9) | (w1 & _LOW9)
    left1 = ((w2 & _LOW9) << _9) | (w3 & _LOW9)
    n4, n5 = _normal_pair(_unit(left0, coarse), _unit(left1, coarse))
    return n0, n1, n2, n3, n4, n5


@kernel(**LANE)
def normals6(c0, c1, c2, c3, k0, k1, one):
    """Return the six normals of the block at a counter (c0..c3) under a key (k0, k1), all uint32.

    ``one`` is 1 in the type of the result. Many lanes take half the time in two loops, one that
    keeps the words of ``philox4x32`` and one over ``normals_of_words``.
    """
    w0, w1, w2, w3 = philox4x32(c0, c1, c2, c3, k0, k1)
    return normals_of_words(w0, w1, w2, w3, one)


@kernel(**LANE)
def normals4(c0, c1, c2, c3, k0, k1, one):
    """Return the first four of ``normals6``; the arguments are the same."""
    n0, n1, n2, n3, _, _ = normals6(c0, c1, c2, c3, k0, k1, one)
    return n0, n1, n2, n3
