"""What the tables of a mission file are made of: values with units, dates, and the strict table."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from downwind.times import datetime_to_epoch, parse_time
from downwind.units import parse_quantity

EXAMPLE_DATE: Final = "2026-11-24"


def quantity(dimension: str) -> BeforeValidator:
    """Return what turns text with a unit of a dimension into SI."""
    return BeforeValidator(lambda value: parse_quantity(value, dimension))


def _parse_date(value: Any) -> date:
    """Return a date of TOML, or ISO text, as a date; ValueError for all else."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"'{value}' is no date such as {EXAMPLE_DATE}") from None
    raise ValueError(f"this is no date; write it as {EXAMPLE_DATE}")


def parse_instant(value: Any) -> int:
    """Return a time of TOML, or text, as epoch seconds [s]; ValueError for one without a zone."""
    return datetime_to_epoch(value) if isinstance(value, datetime) else parse_time(str(value))


Length = Annotated[float, quantity("length"), Field(allow_inf_nan=False)]
Duration = Annotated[float, quantity("time"), Field(ge=0, allow_inf_nan=False)]
Day = Annotated[date, BeforeValidator(_parse_date)]
"""A date without a time."""
Instant = Annotated[int, BeforeValidator(parse_instant)]
"""A time with a zone [epoch s]."""
Text = Annotated[str, Field(min_length=1, max_length=400)]


class Table(BaseModel):
    """A table of the file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
