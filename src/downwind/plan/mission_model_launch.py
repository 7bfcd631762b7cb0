"""The keys of ``[launch]``: launch hours, the window that they have to lie in, and the crews."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, field_validator, model_validator

from downwind.plan.launch_window import Darkness
from downwind.plan.mission_base import Duration, Table, parse_instant

MOST_HOURS: Final = 500
"""Launch hours that are looked at for each site."""

EVERY_S: Final = 3_600.0
"""From one launch hour to the next, where only the first and last are given [s]."""


class CrewTable(Table):
    """``launch.crew``: how fast the crews launch."""

    balloons_per_hour: Annotated[float, Field(gt=0, le=3_600, allow_inf_nan=False)]
    crews: Annotated[int, Field(ge=1, le=1_000)] = 1


def _parse_local_time(value: Any) -> time:
    """Return a time of the clock, such as ``22:30``."""
    text = f"{value:%H:%M}" if isinstance(value, time) else str(value).strip()
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"'{value}' is no time of the clock such as 22:30, in hours and minutes")
    return time(int(text[:2]), int(text[3:]))


LocalTime = Annotated[time, BeforeValidator(_parse_local_time)]


class LaunchTable(Table):
    """``[launch]``."""

    times: Annotated[list[int], Field(min_length=1, max_length=MOST_HOURS)] | None = None
    from_: Annotated[int | None, Field(alias="from")] = None
    until: int | None = None
    every: Annotated[Duration, Field(ge=60)] | None = None
    window: Darkness = Darkness.ANY
    earliest: LocalTime | None = None
    latest: LocalTime | None = None
    spacing: Duration | None = None
    crew: CrewTable | None = None

    @field_validator("times", mode="before")
    @classmethod
    def _with_zone(cls, value: Any) -> list[int]:
        if not isinstance(value, list):
            raise ValueError('launch times are a list, such as ["2015-04-03T18:00Z"]')
        return [parse_instant(t) for t in value]

    @field_validator("from_", "until", mode="before")
    @classmethod
    def _instant(cls, value: Any) -> int:
        return parse_instant(value)

    @model_validator(mode="after")
    def _whole(self) -> LaunchTable:
        if (self.from_ is None) != (self.until is None):
            raise ValueError("from and until go together; give both or leave both out")
        if self.from_ is None or self.until is None:
            if self.every is not None:
                raise ValueError("every needs from and until")
            if self.times is None:
                raise ValueError("no launch hour: give times, or from and until")
        elif self.until < self.from_:
            raise ValueError("until lies before from")
        if (self.earliest is None) != (self.latest is None):
            raise ValueError("earliest and latest go together; the window may pass midnight")
        if self.earliest is not None and self.earliest == self.latest:
            raise ValueError("earliest and latest are the same, so that no hour lies between them")
        count = self._count_even() + len(self.times or ())
        if count > MOST_HOURS:
            raise ValueError(
                f"from, until and every make {count} hours with those of times; at most "
                f"{MOST_HOURS} are looked at: make every longer, or the span shorter"
            )
        return self

    def _count_even(self) -> int:
        if self.from_ is None or self.until is None:
            return 0
        return 1 + int((self.until - self.from_) // (self.every or EVERY_S))

    @property
    def starts_s(self) -> tuple[int, ...]:
        """All launch hours that are asked for, ascending [epoch s]."""
        first, step = self.from_ or 0, self.every or EVERY_S
        even = {first + round(step * i) for i in range(self._count_even())}
        return tuple(sorted(even | set(self.times or ())))

    @property
    def spacing_s(self) -> float:
        """Time from one launch to the next [s]."""
        if self.crew is not None:
            return 3600.0 / (self.crew.balloons_per_hour * self.crew.crews)
        return self.spacing or 0.0
