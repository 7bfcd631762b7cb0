"""Exponential, logarithm, sine and cosine for lanes, against those of NumPy in float64."""

from __future__ import annotations

import platform
import re

import numba as nb
import numpy as np
import pytest

from downwind.atmosphere._kernels import exp_, log_, power, sincos_2pi

LANES = {"fastmath": {"reassoc", "nsz", "arcp", "contract", "afn", "nnan", "ninf"}}
COUNT = 1 << 18
LIBRARY = re.compile(r"\b_?(?:exp|log|pow|sin|cos|sincos)f?\b")
PACKED = re.compile(r"\bv?(?:mul|fmadd\d+)ps\b")


@nb.njit(error_model="numpy", **LANES)
def run_exp(x, out):
    for i in range(x.size):
        out[i] = exp_(x[i])


@nb.njit(error_model="numpy", **LANES)
def run_log(x, out):
    for i in range(x.size):
        out[i] = log_(x[i])


@nb.njit(error_model="numpy", **LANES)
def run_sincos(x, sine, cosine):
    for i in range(x.size):
        sine[i], cosine[i] = sincos_2pi(x[i])


@nb.njit(error_model="numpy")
def run_power(x, exponent, out):
    for i in range(x.size):
        out[i] = power(x[i], exponent)


def relative_error(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.max(np.abs(found.astype(np.float64) / true - 1.0)))


def test_exp_in_float32_errs_by_less_than_1_2e_7_between_minus_80_and_80() -> None:
    x = np.concatenate([np.linspace(-80.0, 80.0, COUNT), np.linspace(-1e-3, 1e-3, 4_001)])
    x = x.astype(np.float32)
    out = np.empty_like(x)

    run_exp(x, out)

    assert relative_error(out, np.exp(x.astype(np.float64))) < 1.2e-7


def test_exp_in_float32_dies_out_and_never_overflows() -> None:
    out = np.empty(3, np.float32)

    run_exp(np.array([-1e4, -87.5, 1e4], np.float32), out)

    assert 0.0 <= out[0] <= out[1] < 2e-38
    assert np.isfinite(out[2])


def test_log_in_float32_errs_by_less_than_1_2e_7_also_next_to_1() -> None:
    wide = 10.0 ** np.linspace(-37.0, 30.0, COUNT)
    near = 1.0 + np.concatenate([-np.logspace(-7, -0.3, 5_000), np.logspace(-6.9, 0.3, 5_000)])
    x = np.concatenate([wide, near]).astype(np.float32)
    x = x[x != 1.0]
    out = np.empty_like(x)
    one = np.empty(1, np.float32)

    run_log(x, out)
    run_log(np.ones(1, np.float32), one)

    assert relative_error(out, np.log(x.astype(np.float64))) < 1.2e-7
    assert one[0] == 0.0


def test_sine_and_cosine_of_a_turn_in_float32_err_by_less_than_2e_7() -> None:
    x = ((np.arange(COUNT) + 0.5) / COUNT).astype(np.float32)
    sine, cosine = np.empty_like(x), np.empty_like(x)

    run_sincos(x, sine, cosine)

    # reduced to an eighth of a turn, so that the reference too is exact next to the zeros
    quarter = np.round(4.0 * x.astype(np.float64))
    rest = 2.0 * np.pi * (x - 0.25 * quarter)
    turned = np.exp(1j * rest) * np.array([1.0, 1j, -1.0, -1j])[quarter.astype(int) % 4]
    assert relative_error(sine, turned.imag) < 2e-7
    assert relative_error(cosine, turned.real) < 2e-7


def test_sine_and_cosine_are_exact_at_the_quarters() -> None:
    sine, cosine = np.empty(5, np.float32), np.empty(5, np.float32)

    run_sincos(np.array([0.0, 0.25, 0.5, 0.75, 1.0], np.float32), sine, cosine)

    np.testing.assert_array_equal(sine, [0.0, 1.0, 0.0, -1.0, 0.0])
    np.testing.assert_array_equal(cosine, [1.0, 0.0, -1.0, 0.0, 1.0])


def test_in_float64_they_are_those_of_the_library() -> None:
    x = np.linspace(0.01, 0.99, 999)
    out, sine, cosine = np.empty_like(x), np.empty_like(x), np.empty_like(x)

    run_exp(x, out)
    assert relative_error(out, np.exp(x)) < 4e-16
    run_log(x, out)
    np.testing.assert_allclose(out, np.log(x), rtol=4e-16)
    run_sincos(x, sine, cosine)
    np.testing.assert_allclose(sine, np.sin(2.0 * np.pi * x), atol=4e-16)
    np.testing.assert_allclose(cosine, np.cos(2.0 * np.pi * x), atol=4e-16)


@pytest.mark.parametrize(("dtype", "bound"), [(np.float32, 5e-7), (np.float64, 1e-15)])
def test_a_power_keeps_the_type_and_its_accuracy(dtype: type, bound: float) -> None:
    x = np.linspace(1e-3, 10.0, 10_001).astype(dtype)
    out = np.empty_like(x)

    run_power(x, dtype(0.8), out)

    assert relative_error(out, x.astype(np.float64) ** float(dtype(0.8))) < bound
    assert run_power.overloads[run_power.signatures[-1]].signature.args[1].name == dtype.__name__


@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="reads x86 instructions")
@pytest.mark.parametrize(("loop", "columns"), [(run_exp, 2), (run_log, 2), (run_sincos, 3)])
def test_a_loop_in_float32_is_packed_and_calls_nothing_and_one_in_float64_does(
    loop: nb.core.dispatcher.Dispatcher, columns: int
) -> None:
    for dtype in (np.float32, np.float64):
        loop(*(np.full(8, 0.5, dtype) for _ in range(columns)))
    code = {s[0].dtype.name: text for s, text in loop.inspect_asm().items()}

    assert len(PACKED.findall(code["float32"])) >= 8
    assert not LIBRARY.findall(code["float32"])
    assert LIBRARY.findall(code["float64"])
