"""What a set of predictions is worth: scores of points, of events, and where they were read."""

from __future__ import annotations

from dataclasses import dataclass

from downwind.score.events import EventScores
from downwind.score.table import PointScores


@dataclass(frozen=True, slots=True)
class Scores:
    """The result of ``downwind score``.

    Attributes
    ----------
    predictions, outcomes : str
        Names of the tables.
    points : PointScores or None
        None where the tables hold events.
    events : EventScores or None
        None where the tables hold points.
    """

    predictions: str
    outcomes: str
    points: PointScores | None
    events: EventScores | None

    def to_dict(self) -> dict[str, object]:
        """Return all of it as JSON holds it: metres, degrees and fractions."""
        return {
            "predictions": self.predictions,
            "outcomes": self.outcomes,
            "points": None if self.points is None else self.points.to_dict(),
            "events": None if self.events is None else self.events.to_dict(),
        }
