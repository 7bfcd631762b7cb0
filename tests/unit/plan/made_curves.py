"""Curves with given means, whose draws scatter evenly about them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from downwind.landing.clusters import each_draw
from downwind.landing.regions import HOME, LEFT_DATA, TARGET, THIRD_COUNTRY
from downwind.plan.fleet import Setting
from downwind.plan.mission import Site
from downwind.plan.timer_curve import TimerCurve

SITE = Site("here", 37.75, 126.49, None, "Asia/Seoul")
SPREAD = np.array([-1e-3, 0.0, 1e-3])


def make_curve(
    target: Sequence[float],
    home: Sequence[float],
    third: Sequence[float] | None = None,
    free_lift: float = 0.1,
    timer_s: Sequence[float] | None = None,
    start_s: int = 1_428_084_000,
) -> TimerCurve:
    """Make a curve of settings ten minutes apart, unless they are given."""
    count = len(target)
    means = {TARGET: target, HOME: home, THIRD_COUNTRY: third or [0.0] * count}
    shares = {name: np.array(mean)[:, None] + SPREAD for name, mean in means.items()}
    shares[LEFT_DATA] = np.zeros((count, SPREAD.size))
    times = 600.0 * (1.0 + np.arange(count)) if timer_s is None else np.array(timer_s, float)
    return TimerCurve(
        Setting(SITE, start_s, free_lift, None),
        times,
        shares,
        np.zeros(count),
        {},
        each_draw(SPREAD.size),
    )
