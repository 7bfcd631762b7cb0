"""``downwind items``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

CatalogueFiles = Annotated[
    list[Path] | None,
    typer.Option("--catalogue", metavar="FILE", help="A catalogue file of your own; repeatable."),
]


def items(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Items to explain; none: list.")
    ] = None,
    family: Annotated[
        str | None, typer.Option("--family", metavar="FAMILY", help="List this family alone.")
    ] = None,
    catalogue: CatalogueFiles = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all facts as JSON.")] = False,
) -> None:
    """List what can be dropped, or explain some of it: how it falls, drifts and lands."""
    from downwind.service.catalogues import list_items

    report = list_items(names or (), catalogue or (), family)
    typer.echo(json.dumps(report.to_dict(), indent=1) if as_json else report.to_text())
