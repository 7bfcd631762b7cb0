"""``downwind reach``."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from downwind.cli.options import (
    NOT_GO,
    AndWind,
    Force,
    MissionFile,
    Output,
    Seed,
    Threads,
    Weights,
    Wind,
    limit_threads,
    read_weights,
    show_progress,
    split_winds,
)


def reach(
    mission: MissionFile,
    wind: Wind = None,
    and_wind: AndWind = None,
    weights: Weights = None,
    output: Output = None,
    force: Force = False,
    seed: Seed = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code", help="Exit with 10 unless a site or an area is within the limits."
        ),
    ] = False,
    threads: Threads = None,
) -> None:
    """Find from which sites, areas and hours the target can be reached at all."""
    from downwind.service import reaches

    limit_threads(threads)
    with show_progress() as progress:
        result = reaches.find_reachable(
            mission,
            wind or (),
            output,
            force=force,
            seed=seed,
            progress=progress,
            beside=split_winds(and_wind),
            weights=read_weights(weights),
        )
    if as_json:
        from downwind.io.reach_json import reach_document

        json.dump(reach_document(result), sys.stdout, indent=1, allow_nan=False)
        sys.stdout.write("\n")
    else:
        from downwind.report.reach_text import reach_text

        typer.echo(reach_text(result), nl=False)
    if output is not None:
        typer.echo(f"results: {output}", err=True)
    if exit_code and not any(row.is_feasible for row in result.rows):
        raise typer.Exit(NOT_GO)
