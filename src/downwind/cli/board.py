"""``downwind board``."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from downwind.cli.options import (
    NOT_GO,
    AndWind,
    ExitCode,
    Force,
    MissionFile,
    Observed,
    Output,
    Seed,
    Threads,
    TrustObserved,
    Weights,
    Wind,
    limit_threads,
    read_weights,
    show_progress,
    split_winds,
)


def board(
    mission: MissionFile,
    wind: Wind = None,
    and_wind: AndWind = None,
    weights: Weights = None,
    observed: Observed = None,
    trust_observed: TrustObserved = False,
    output: Output = None,
    force: Force = False,
    seed: Seed = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the board as JSON.")] = False,
    exit_code: ExitCode = False,
    threads: Threads = None,
) -> None:
    """Say of each site and hour GO, MARGINAL, NO-GO or STOP, why, and with which setting."""
    from downwind.board.result import Verdict
    from downwind.service import boards

    limit_threads(threads)
    with show_progress() as progress:
        found = boards.make_board(
            mission,
            wind or (),
            output,
            observed=observed or (),
            trust_observed=trust_observed,
            force=force,
            seed=seed,
            progress=progress,
            beside=split_winds(and_wind),
            weights=read_weights(weights),
        )
    if as_json:
        from downwind.io.board_json import board_document

        json.dump(board_document(found), sys.stdout, indent=1, allow_nan=False)
        sys.stdout.write("\n")
    else:
        from downwind.report.board_text import board_text

        typer.echo(board_text(found))
    if output is not None:
        typer.echo(f"results: {output}", err=True)
    if exit_code and found.verdict is not Verdict.GO:
        raise typer.Exit(NOT_GO)
