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
    army_check: Annotated[
        bool,
        typer.Option("--army-check", help="Add the Army's own reckoning of one leaflet."),
    ] = False,
    descent_rate: Annotated[
        str | None,
        typer.Option("--descent-rate", metavar="SPEED", help='Army check: such as "2.5 ft/s".'),
    ] = None,
    spread_factor: Annotated[
        float | None,
        typer.Option("--spread-factor", metavar="R", help="Army check: R of its table 2-1."),
    ] = None,
    release_height: Annotated[
        str | None,
        typer.Option("--release-height", metavar="LENGTH", help='Army check: such as "3 km".'),
    ] = None,
    wind: Annotated[
        list[str] | None,
        typer.Option(
            "--wind",
            metavar="WIND",
            help='Army check: "10 kt from 240", of all layers or of each from the lowest up.',
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all facts as JSON.")] = False,
) -> None:
    """List what can be dropped, or explain some of it: how it falls, drifts and lands."""
    from downwind.errors import ArgumentError
    from downwind.service.catalogues import ArmyRequest, list_items

    request = ArmyRequest(descent_rate, spread_factor, release_height, wind or ())
    if not army_check and request != ArmyRequest():
        raise ArgumentError(
            "the rate of descent, spread factor, release height and wind are for the Army check",
            "add --army-check, or leave them out",
        )
    report = list_items(names or (), catalogue or (), family, request if army_check else None)
    typer.echo(json.dumps(report.to_dict(), indent=1) if as_json else report.to_text())
