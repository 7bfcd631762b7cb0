"""Gather the faults of a mission, each with its place, so that all are told at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from downwind.errors import MissionError

_T = TypeVar("_T")

Faults = list[tuple[str, str]]


class PlacedError(ValueError):
    """A fault that knows its place in the file."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def collect(faults: Faults, place: str, action: Callable[[], _T]) -> _T | None:
    """Run an action and note what is wrong with it, at its place unless the fault knows better.

    Returns what the action does, or None where it fails.
    """
    try:
        return action()
    except PlacedError as error:
        faults.append((error.place, str(error)))
    except ValueError as error:
        faults.append((place, str(error)))
    except MissionError as error:
        inner = error.faults or (("", error.message),)
        faults.extend((f"{place}.{at}" if at else place, text) for at, text in inner)
    return None


def look_up(name: str, known: Mapping[str, Any], place: str, what: str) -> Any:
    """Return what a name stands for; PlacedError with the nearest name if there is none."""
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, 1)
    hint = f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(known)}"
    raise PlacedError(place, f"no {what} is called '{name}'{hint}")


def mission_error(faults: tuple[tuple[str, str], ...]) -> MissionError:
    """Return the error that tells all faults of a mission."""
    lines = "".join(f"\n  {place}: {text}" for place, text in faults)
    return MissionError(
        f"the mission has {len(faults)} fault{'s' if len(faults) > 1 else ''}:{lines}",
        "mend these keys; docs/reference/mission.md lists every key with its unit",
        faults,
    )
