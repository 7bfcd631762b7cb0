"""``downwind weather check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look at weather files.", no_args_is_help=True)


@app.callback()
def _weather() -> None:
    """Look at weather files."""


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Weather files.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Say what weather files hold, what they lack, and what they can serve."""
    from downwind.service.weather import check_weather

    report = check_weather(files)
    typer.echo(json.dumps(report.to_dict(), indent=1) if as_json else report.to_text())
