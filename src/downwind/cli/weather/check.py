"""``downwind weather check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Weather files.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Say what weather files hold, what they lack, and what they can serve."""
    from downwind.service.weather import check_weather

    report = check_weather(files)
    typer.echo(json.dumps(report.to_dict(), indent=1) if as_json else report.to_text())
