"""Exponential, logarithm, sine and cosine that a compiled loop in float32 can run many at a time.

In float64 they are those of the C library. In float32 they are polynomials without branches,
calls or tables, so that the compiler can turn a loop over them into packed instructions. The type
of the argument decides. Each is compiled without reassociation, which would fold the two parts of
a constant into one; flags of the caller do not reach inside.

References
----------
Range reduction after Cody and Waite 1980, Software Manual for the Elementary Functions; the
polynomials are those of Moshier's Cephes library (expf, logf, sinf, cosf).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, overload

from downwind.compiled.kernels import kernel

LANE: Any = {
    "cache": True,
    "error_model": "numpy",
    "_nrt": False,
    "fastmath": {"nnan", "ninf", "nsz"},
    "forceinline": True,
}
"""Options of the compiled functions that stand inside a loop over lanes.

Nothing here may change how a number is rounded. The compiler goes over a function again wherever it
is called from; were it free to fuse or to reorder, the bits would depend on who called, and on
whether the code was compiled or kept from an earlier run. ``fma`` fuses where it is written."""

_INNER: Any = {name: LANE[name] for name in ("error_model", "_nrt", "fastmath", "forceinline")}

_f = np.float32
_ZERO, _ONE, _HALF, _QUARTER, _FOUR = _f(0.0), _f(1.0), _f(0.5), _f(0.25), _f(4.0)
_ROUND = _f(12_582_912.0)
"""1.5 times 2^23: added and taken away again, it leaves the nearest whole number."""

_LOG2E = _f(math.log2(math.e))
_LN2_HIGH, _LN2_LOW = _f(0.693359375), _f(-2.12194440e-4)
_EXP_LEAST, _EXP_MOST = _f(-87.0), _f(88.0)
_E0, _E1, _E2, _E3, _E4, _E5 = (
    _f(x)
    for x in (
        1.9875691500e-4,
        1.3981999507e-3,
        8.3334519073e-3,
        4.1665795894e-2,
        1.6666665459e-1,
        5.0000001201e-1,
    )
)
_ROOT_HALF_BITS = np.int32(0x3F3504F3)
_MANTISSA = np.int32(0x007FFFFF)
_23, _127 = np.int32(23), np.int32(127)
_G0, _G1, _G2, _G3, _G4, _G5, _G6, _G7, _G8 = (
    _f(x)
    for x in (
        7.0376836292e-2,
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    )
)
_TWO_PI = _f(2.0 * math.pi)
_S0, _S1, _S2 = _f(-1.9515295891e-4), _f(8.3321608736e-3), _f(-1.6666654611e-1)
_C0, _C1, _C2 = _f(2.443315711809948e-5), _f(-1.388731625493765e-3), _f(4.166664568298827e-2)


def _generate_cast(context, builder, signature, arguments):
    return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))


def _type_bits_of(context, x):
    """Return the 32 bits of a float32 as an int32."""
    return types.int32(types.float32), _generate_cast


def _type_float_of(context, bits):
    """Return the float32 that has the 32 bits of an int32."""
    return types.float32(types.int32), _generate_cast


def _type_fma(context, a, b, c):
    """Return a b + c, rounded once, in the type of its arguments."""
    kind = a if isinstance(a, types.Float) else types.float64

    def generate(context, builder, signature, args):
        llvm_kind = context.get_value_type(kind)
        name = "llvm.fma.f32" if kind == types.float32 else "llvm.fma.f64"
        function_type = ir.FunctionType(llvm_kind, [llvm_kind] * 3)
        function = cgutils.get_or_insert_function(builder.module, function_type, name)
        return builder.call(function, args)

    return kind(kind, kind, kind), generate


fma: Any = intrinsic(_type_fma)
_bits_of: Any = intrinsic(_type_bits_of)
_float_of: Any = intrinsic(_type_float_of)


def exp_(x):
    """Return e to the power x [-].

    In float32 x is held within -87 and 88; for abs(x) <= 80 the relative error is at most 1.2e-7.
    """
    return math.exp(x)


def log_(x):
    """Return the natural logarithm of x > 0 [-].

    In float32, for normal numbers, the error is at most 1.2e-7 of the value.
    """
    return math.log(x)


def sincos_2pi(x):
    """Return the sine and the cosine of a turn x, 0 <= x <= 1 [-].

    In float32 the error is at most 2e-7 of the value, next to the zeros as elsewhere.
    """
    return math.sin(2.0 * math.pi * x), math.cos(2.0 * math.pi * x)


@overload(exp_, jit_options=_INNER)
def _exp(x):
    if x != types.float32:

        def exp64(x):
            return math.exp(x)

        return exp64

    def exp32(x):
        x = min(max(x, _EXP_LEAST), _EXP_MOST)
        n = (x * _LOG2E + _ROUND) - _ROUND
        r = fma(-n, _LN2_LOW, fma(-n, _LN2_HIGH, x))
        p = fma(fma(fma(fma(fma(_E0, r, _E1), r, _E2), r, _E3), r, _E4), r, _E5)
        scale = _float_of(np.int32((np.int32(n) + _127) << _23))
        return (fma(p, r * r, r) + _ONE) * scale

    return exp32


@overload(log_, jit_options=_INNER)
def _log(x):
    if x != types.float32:

        def log64(x):
            return math.log(x)

        return log64

    def log32(x):
        above = np.int32(_bits_of(x) - _ROOT_HALF_BITS)
        e = np.float32(np.int32(above >> _23))
        f = _float_of(np.int32((above & _MANTISSA) + _ROOT_HALF_BITS)) - _ONE
        s = f * f
        p = fma(fma(fma(fma(fma(_G0, f, _G1), f, _G2), f, _G3), f, _G4), f, _G5)
        p = fma(fma(fma(p, f, _G6), f, _G7), f, _G8)
        rest = fma(-_HALF, s, fma(e, _LN2_LOW, f * s * p))
        return fma(e, _LN2_HIGH, f + rest)

    return log32


@overload(sincos_2pi, jit_options=_INNER)
def _sincos(x):
    if x != types.float32:

        def sincos64(x):
            angle = 2.0 * math.pi * x
            return math.sin(angle), math.cos(angle)

        return sincos64

    def sincos32(x):
        n = (x * _FOUR + _ROUND) - _ROUND
        quarter = np.int32(n)
        a = (x - n * _QUARTER) * _TWO_PI
        s = a * a
        sine = fma(fma(fma(_S0, s, _S1), s, _S2), s * a, a)
        cosine = fma(fma(fma(_C0, s, _C1), s, _C2), s * s, fma(-_HALF, s, _ONE))
        odd = (quarter & np.int32(1)) != 0
        first = cosine if odd else sine
        second = sine if odd else cosine
        first = -first if (quarter & np.int32(2)) != 0 else first
        second = -second if ((quarter + np.int32(1)) & np.int32(2)) != 0 else second
        return first, second

    return sincos32


@kernel(**LANE)
def power(x, exponent):
    """Return x > 0 to a power, both of one type [-]."""
    return exp_(exponent * log_(x))
