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
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Say what weather files hold and can serve, or whether a stored wind is as it was written."""
    from downwind.service.weather import check_weather, is_stored

    if is_stored(files):
        from downwind.service.store import check_stored

        stored = check_stored(files[0])
        typer.echo(json.dumps(stored.to_dict(), indent=1) if as_json else stored.to_text())
        return
    report = check_weather([Path(file) for file in files])
    typer.echo(json.dumps(report.to_dict(), indent=1) if as_json else report.to_text())
