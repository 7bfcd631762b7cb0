"""Hold predictions against outcomes: read both tables, score them, write the pictures."""

from __future__ import annotations

import json
from pathlib import Path

from downwind.errors import ArgumentError
from downwind.score import EventCases, score_events, score_points
from downwind.score.scores import Scores

DOCUMENT = "score.json"
RELIABILITY = "reliability.png"
RANKS = "ranks.png"


def score_predictions(
    predictions: Path,
    outcomes: Path,
    *,
    bearing_deg: float | None = None,
    contours: bool = True,
    seed: int = 0,
    output: Path | None = None,
    force: bool = False,
) -> Scores:
    """Hold a table of predictions against a table of outcomes.

    Parameters
    ----------
    predictions, outcomes : pathlib.Path
        CSV or Parquet: points, or probabilities of events.
    bearing_deg : float, optional
        Score points along this bearing and across it too [degrees].
    contours : bool
        Draw the predictive contours of each case, and see whether they hold the outcome.
    seed : int
        Of the numbers that break ties and choose among the points of a draw.
    output : pathlib.Path, optional
        Folder for ``score.json`` and the pictures.
    force : bool
        Replace a folder of such files that stands there.

    Raises
    ------
    DownwindError
        One of its kinds: tables that cannot be read or do not fit each other; a folder that
        exists or cannot be written.
    """
    from downwind.io.folder import check_results_folder
    from downwind.io.score_tables import read_cases

    if output is not None:
        check_results_folder(output, force, DOCUMENT)
    if bearing_deg is not None and not -360.0 <= bearing_deg <= 360.0:
        raise ArgumentError(
            f"the bearing {bearing_deg:g} is no direction", "give degrees from 0 to 360"
        )
    cases = read_cases(Path(predictions), Path(outcomes))
    names = (Path(predictions).name, Path(outcomes).name)
    if isinstance(cases, EventCases):
        if bearing_deg is not None:
            raise ArgumentError(
                "a bearing was given for the probabilities of events",
                "leave it out; it is for predicted points",
            )
        scores = Scores(*names, None, score_events(cases))
    else:
        points = score_points(cases, bearing_deg=bearing_deg, with_contours=contours, seed=seed)
        scores = Scores(*names, points, None)
    if output is not None:
        _write(scores, output, force)
    return scores


def _write(scores: Scores, output: Path, force: bool) -> None:
    from downwind.io.folder import results_folder
    from downwind.report.score_plot import draw_rank_histograms, draw_reliability_diagram
    from downwind.report.score_text import scores_text

    with results_folder(output, force, DOCUMENT) as folder:
        document = json.dumps(scores.to_dict(), indent=1, allow_nan=False)
        (folder / DOCUMENT).write_text(f"{document}\n", "utf-8")
        (folder / "score.txt").write_text(scores_text(scores), "utf-8")
        if scores.points is not None:
            draw_rank_histograms(scores.points, folder / RANKS)
        if scores.events is not None:
            draw_reliability_diagram(scores.events, folder / RELIABILITY)
