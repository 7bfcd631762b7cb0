"""``downwind weather compare``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def compare(
    winds: Annotated[
        list[str],
        typer.Argument(
            metavar="WIND...",
            help="Two or more winds: a file or a stored wind, or several joined by commas; "
            "@3 after it names a member, @mean the mean of all.",
        ),
    ],
    height: Annotated[
        list[str] | None,
        typer.Option(
            "--height", metavar="LENGTH", help="Height to compare at; the standard levels without."
        ),
    ] = None,
    box: Annotated[
        str | None, typer.Option("--box", metavar="W,S,E,N", help="Compare inside it alone.")
    ] = None,
    mission: Annotated[
        Path | None,
        typer.Option("--mission", metavar="MISSION", help="Fly a mission's balloons in each wind."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="LAT,LON,TIME", help="Climb from there through each wind."),
    ] = None,
    ascent_rate: Annotated[
        str, typer.Option("--ascent-rate", metavar="SPEED", help="Of the climb with --at.")
    ] = "5 m/s",
    top: Annotated[
        str, typer.Option("--top", metavar="LENGTH", help="Where the climb with --at ends.")
    ] = "10 km",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write a picture, PNG.")
    ] = None,
    sizes: Annotated[
        Path | None,
        typer.Option(
            "--sizes", metavar="FILE", help="Fit the size of forecast error and write it, TOML."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Say how winds differ from the first: by height, along flights, along a climb."""
    from downwind.service import comparisons

    result = comparisons.compare_weather(
        winds,
        heights=height or (),
        box=box,
        mission=mission,
        at=at,
        ascent_rate=ascent_rate,
        top=top,
        output=output,
        sizes=sizes,
        force=force,
    )
    if as_json:
        from downwind.io.compare_json import comparison_document

        json.dump(comparison_document(result), sys.stdout, indent=1, allow_nan=False)
        sys.stdout.write("\n")
    else:
        from downwind.report.compare_text import comparison_text

        typer.echo(comparison_text(result), nl=False)
    if output is not None:
        typer.echo(f"picture: {output}", err=True)
    if sizes is not None:
        typer.echo(f"sizes of wind error: {sizes}", err=True)
