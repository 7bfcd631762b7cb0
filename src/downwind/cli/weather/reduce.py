"""``downwind weather reduce``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def reduce(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Own observation (TOML, GPX), or a sounding.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="CSV", help="Write it as a sounding table."),
    ] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="PNG", help="Draw it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the profile as JSON.")] = False,
) -> None:
    """Reduce an own observation of the wind to a profile with its error."""
    from downwind.errors import ArgumentError
    from downwind.service.observations import read_profiles

    profiles = read_profiles([file])
    if (output or plot) and len(profiles) > 1:
        raise ArgumentError(
            f"{file.name} holds {len(profiles)} soundings: -o and --plot take one",
            "leave them out, or give a file with one sounding",
        )
    if as_json:
        from downwind.io.sounding_csv import profile_document

        typer.echo(json.dumps([profile_document(p) for p in profiles], indent=1, allow_nan=False))
    else:
        from downwind.report.observed_text import profile_text

        typer.echo(profile_text(profiles), nl=False)
    if output is not None:
        from downwind.io.sounding_csv import write_sounding

        write_sounding(profiles[0], output)
        typer.echo(f"written: {output}", err=True)
    if plot is not None:
        from downwind.service.observations import draw_profile

        draw_profile(profiles[0], plot)
        typer.echo(f"written: {plot}", err=True)
