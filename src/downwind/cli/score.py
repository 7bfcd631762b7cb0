"""``downwind score``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from downwind.cli.options import Output


def score(
    predictions: Annotated[
        Path,
        typer.Argument(
            metavar="PREDICTIONS", help="Table (CSV, Parquet) of points, or of probabilities."
        ),
    ],
    outcomes: Annotated[
        Path, typer.Argument(metavar="OUTCOMES", help="Table of what came of each case.")
    ],
    bearing: Annotated[
        float | None,
        typer.Option("--bearing", metavar="DEGREES", help="Score points along and across it too."),
    ] = None,
    no_contours: Annotated[
        bool, typer.Option("--no-contours", help="Draw no contours, which takes the most time.")
    ] = False,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=2**63 - 1, help="Of how ties are broken.")
    ] = 0,
    output: Output = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier score.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Hold predictions against outcomes: scores, coverage, ranks, reliability."""
    from downwind.service import scores

    result = scores.score_predictions(
        predictions,
        outcomes,
        bearing_deg=bearing,
        contours=not no_contours,
        seed=seed,
        output=output,
        force=force,
    )
    if as_json:
        typer.echo(json.dumps(result.to_dict(), indent=1, allow_nan=False))
    else:
        from downwind.report.score_text import scores_text

        typer.echo(scores_text(result), nl=False)
    if output is not None:
        typer.echo(f"results: {output}", err=True)
