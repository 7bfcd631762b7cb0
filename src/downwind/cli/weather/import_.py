"""``downwind weather import``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Weather files.")],
    box: Annotated[
        str | None,
        typer.Option("--box", metavar="W,S,E,N", help="Store this box alone [degrees]."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Leave out earlier times.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Leave out later times.")
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="TIME",
            help="Store this forecast run alone; states the run of files that do not.",
        ),
    ] = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="A name for it, besides its id.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Read weather files, check them, and store them: plan and fly find them from then on."""
    from downwind.service.store import import_weather, parse_window

    report = import_weather(files, parse_window(box, start, end, run), name)
    typer.echo(json.dumps(report.to_dict(), indent=1) if as_json else report.to_text())
