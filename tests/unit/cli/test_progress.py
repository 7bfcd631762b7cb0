"""The progress callback of the verbs, and an interrupt that comes at a bad moment."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

from downwind.cli.options import show_progress


def frame_in(path: str) -> SimpleNamespace:
    return SimpleNamespace(f_code=SimpleNamespace(co_filename=path))


def test_given_an_interrupt_inside_the_compiler_then_the_next_progress_raises_it() -> None:
    before = signal.getsignal(signal.SIGINT)
    with show_progress() as progress:
        progress("flying", 0.1)
        handler = signal.getsignal(signal.SIGINT)
        handler(signal.SIGINT, frame_in("site-packages/llvmlite/binding/executionengine.py"))
        with pytest.raises(KeyboardInterrupt):
            progress("flying", 0.2)
    assert signal.getsignal(signal.SIGINT) is before


def test_given_an_interrupt_elsewhere_then_it_is_raised_there_and_then() -> None:
    with show_progress(), pytest.raises(KeyboardInterrupt):
        signal.getsignal(signal.SIGINT)(signal.SIGINT, frame_in("downwind/plan/solve.py"))
