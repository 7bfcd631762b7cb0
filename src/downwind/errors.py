"""Every error that a user can meet: one tree, a stable code for each, the facts and the next step.

A message says what is wrong and where; ``hint`` says what to do next. ``exit_code`` is what the
command line returns: 1 for data or environment, 2 for arguments or the mission.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar


class DownwindError(Exception):
    """Root of all errors that downwind raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong, and where.
    hint : str, optional
        What the user can do next.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  next: {self.hint}" if self.hint else self.message


# --- data and environment: exit code 1 ---------------------------------------------------------


class WeatherFileError(DownwindError):
    """A file is not weather, or not of a kind that can be read."""

    code = "weather-unreadable"


class WeatherTruncatedError(WeatherFileError):
    """A weather file ends in the middle of a field."""

    code = "weather-truncated"


class WeatherContentError(WeatherFileError):
    """A weather file was read, but lacks what a flight needs."""

    code = "weather-incomplete"


class WindValueError(DownwindError):
    """The wind holds values that are not numbers, or not winds."""

    code = "wind-values"


class WindCoverageError(DownwindError):
    """The wind does not cover the site, the hours or the heights that the mission needs."""

    code = "wind-coverage"


class SingleTimeError(WindCoverageError):
    """The wind holds one time only and the mission does not say how long to hold it steady."""

    code = "wind-single-time"


class SurfaceWindError(WindCoverageError):
    """The lowest wind lies above the ground and nothing in the mission bridges the gap."""

    code = "wind-surface"


class ObservationError(DownwindError):
    """An own observation of the wind cannot be reduced, or does not fit the forecast."""

    code = "observation"


class TerrainError(DownwindError):
    """No terrain height is known and the mission states none."""

    code = "terrain-missing"


class ElevationFileError(TerrainError):
    """An elevation file cannot be read, or holds what is no height of the ground."""

    code = "elevation-unreadable"


class PopulationFileError(DownwindError):
    """A population raster cannot be read or placed, or holds what is no count of people."""

    code = "population-unreadable"


class MapDataError(DownwindError):
    """The borders and coasts that are brought in at build time are not there."""

    code = "map-data-missing"


class EngineError(DownwindError):
    """A kernel that was asked for by name cannot run here."""

    code: ClassVar[str] = "engine"


class StoreWriteError(DownwindError):
    """The store of winds cannot be written to."""

    code = "store-unwritable"


class StoredWindError(DownwindError):
    """A stored wind is not whole, or not as it was written."""

    code = "stored-wind-spoilt"


class StoredWindMissingError(DownwindError):
    """No stored wind has that name, or none serves the mission."""

    code = "stored-wind-missing"


class ScoreDataError(DownwindError):
    """Predictions and outcomes cannot be held against each other."""

    code = "score-data"


class ResultsExistError(DownwindError):
    """The results folder exists already."""

    code = "results-exist"


class ResultsWriteError(DownwindError):
    """The results cannot be written where they were asked for."""

    code = "results-unwritable"


class InterruptedRunError(DownwindError):
    """The user stopped the run; nothing was written."""

    code = "interrupted"


# --- arguments and mission: exit code 2 --------------------------------------------------------


class MissionError(DownwindError):
    """A mission cannot be flown as it is written.

    ``faults`` lists each fault with its place in the file, as ``(place, what is wrong)``.
    """

    code = "mission-invalid"
    exit_code = 2

    def __init__(
        self, message: str, hint: str = "", faults: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message, hint)
        self.faults = faults


class MissionFileError(MissionError):
    """A mission file is missing, or is not TOML."""

    code = "mission-unreadable"


class LiftError(MissionError):
    """A balloon cannot lift its load, or cannot hold its gas."""

    code = "lift"


class RegionError(MissionError):
    """A region is unknown, has no area, or is smaller than what may be a target."""

    code = "region"


class TimerError(MissionError):
    """A timer setting lies beyond the wind data, or outside what the timer can do."""

    code = "timer"


class RuleFileError(MissionError):
    """A file of rules cannot be read, or does not keep the form of one."""

    code = "rules-invalid"


class ArgumentError(MissionError):
    """A command was called with arguments that do not fit together."""

    code = "arguments"


def iter_error_classes() -> Iterator[type[DownwindError]]:
    """Yield every class of the tree, the root first."""
    stack: list[type[DownwindError]] = [DownwindError]
    while stack:
        cls = stack.pop(0)
        yield cls
        stack.extend(cls.__subclasses__())
