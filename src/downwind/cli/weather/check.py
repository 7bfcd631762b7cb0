"""``downwind weather check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def check(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Weather files, or one stored wind."),
    ],
    box: Annotated[
        str | None,
        typer.Option("--box", metavar="W,S,E,N", help="Look at this box alone [degrees]."),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="TIME",
            help="Look at this forecast run alone; states the run of files that do not.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Say what weather files hold and can serve, or whether a stored wind is as it was written."""
    from downwind.service.weather import check_weather, is_stored

    if is_stored(files):
        from downwind.errors import ArgumentError
        from downwind.service.store import check_stored

        if box is not None or run is not None:
            raise ArgumentError(
                "--box and --run are for files; a stored wind is checked whole", "leave them out"
            )
        stored = check_stored(files[0])
        typer.echo(json.dumps(stored.to_dict(), indent=1) if as_json else stored.to_text())
        return
    from downwind.service.store import parse_window

    report = check_weather([Path(file) for file in files], parse_window(box, run=run))
    typer.echo(json.dumps(report.to_dict(), indent=1) if as_json else report.to_text())
