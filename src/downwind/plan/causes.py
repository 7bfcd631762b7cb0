"""The groups of causes that a landing's spread is shared out among."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from downwind.sim.draws import Cause


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """Causes that are exchanged together between two runs.

    Attributes
    ----------
    key : str
        Name in files.
    title : str
        Name for people.
    causes : frozenset of Cause
        What is exchanged.
    moves_balloon : bool
        Whether it changes the flight of the balloon before its release, besides what falls.
    """

    key: str
    title: str
    causes: frozenset[Cause]
    moves_balloon: bool = True


WIND: Final = CauseGroup(
    "wind",
    "wind",
    frozenset({Cause.WIND_LARGE, Cause.WIND_FINE, Cause.WIND_SHIFT, Cause.WIND_MEMBER}),
)
VERTICAL_WIND: Final = CauseGroup(
    "vertical_wind", "vertical wind", frozenset({Cause.UP_SLOW, Cause.UP_FAST})
)
LEAK_AND_FILL: Final = CauseGroup(
    "leak_and_fill",
    "leak and fill",
    frozenset(
        {
            Cause.FILL_BIAS,
            Cause.BALLOON_FILL,
            Cause.PURITY,
            Cause.SUPERHEAT,
            Cause.GAS_RELAXATION,
            Cause.LEAK_BATCH,
            Cause.BALLOON_LEAK,
            Cause.BURST,
        }
    ),
)
DRAG: Final = CauseGroup(
    "drag",
    "drag",
    frozenset({Cause.DRAG, Cause.DRAG_LOW, Cause.DRAG_START, Cause.REMAINS, Cause.PARACHUTE}),
)
FALL_SPEED: Final = CauseGroup(
    "fall_speed",
    "fall speed",
    frozenset({Cause.FALL_BIAS, Cause.FALL_BIAS_AUTOROTATING, Cause.DENSITY_EXPONENT}),
    moves_balloon=False,
)
OPENING: Final = CauseGroup("opening", "opening", frozenset({Cause.OPENING}), moves_balloon=False)
TIMER: Final = CauseGroup(
    "timer",
    "timer",
    frozenset(
        {
            Cause.TIMER_BIAS,
            Cause.FAILURE_RATE,
            Cause.BALLOON_TIMER,
            Cause.BALLOON_TIMER_COLD,
            Cause.BALLOON_FAILURE,
            Cause.BALLOON_FAILURE_KIND,
            Cause.BALLOON_FAILURE_SIZE,
        }
    ),
)
LAUNCH_MINUTE: Final = CauseGroup(
    "launch_minute", "launch minute", frozenset({Cause.BALLOON_LAUNCH})
)
TURBULENCE: Final = CauseGroup(
    "turbulence", "turbulence", frozenset({Cause.TURBULENCE}), moves_balloon=False
)

GROUPS: Final = (
    WIND,
    VERTICAL_WIND,
    LEAK_AND_FILL,
    DRAG,
    FALL_SPEED,
    OPENING,
    TIMER,
    LAUNCH_MINUTE,
    TURBULENCE,
)
"""Every group, in the order of files and pictures."""

OWN: Final = frozenset({Cause.ITEM_SPEED, Cause.ITEM_MODE})
"""What an item has of its own: no part of where the middle of a large load comes down."""

ALL_CAUSES: Final = frozenset().union(*(group.causes for group in GROUPS))
"""The causes of all groups."""
