"""``downwind weather list``."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the stored winds, newest run first."""
    from downwind.service.store import list_stored

    report = list_stored()
    typer.echo(json.dumps(report.to_dict(), indent=1) if as_json else report.to_text())
