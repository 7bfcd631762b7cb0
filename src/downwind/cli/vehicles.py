"""``downwind vehicles``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from downwind.cli.items import CatalogueFiles


def vehicles(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Entries to explain; none: list.")
    ] = None,
    catalogue: CatalogueFiles = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all facts as JSON.")] = False,
) -> None:
    """List balloons, gases, cylinders, timers and drag laws, or explain some of them."""
    from downwind.service.catalogues import list_vehicles

    report = list_vehicles(names or (), catalogue or ())
    typer.echo(json.dumps(report.to_dict(), indent=1) if as_json else report.to_text())
