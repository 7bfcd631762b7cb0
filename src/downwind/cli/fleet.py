"""``downwind fleet``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from downwind.cli.options import NOT_GO

Mission = Annotated[
    Path | None,
    typer.Argument(metavar="MISSION", help="Mission file (TOML) whose fleet is checked."),
]
Items = Annotated[
    list[str] | None,
    typer.Option("--item", metavar="NAME:COUNT", help="What is to fly, such as dvd:5000."),
]
Catalogues = Annotated[
    list[Path] | None,
    typer.Option("--catalogue", metavar="FILE", help="A catalogue file of your own."),
]


def fleet(
    mission: Mission = None,
    vehicle: Annotated[
        str | None, typer.Option("--vehicle", metavar="NAME", help="Balloon, by name.")
    ] = None,
    gas: Annotated[str | None, typer.Option("--gas", metavar="NAME", help="Gas, by name.")] = None,
    item: Items = None,
    free_lift: Annotated[
        str | None,
        typer.Option("--free-lift", metavar="LIFT", help='"10 %" of the load, or "300 g".'),
    ] = None,
    ascent_rate: Annotated[
        str | None,
        typer.Option("--ascent-rate", metavar="SPEED", help='"5 m/s", in place of a free lift.'),
    ] = None,
    site_altitude: Annotated[
        str | None,
        typer.Option(
            "--site-altitude", metavar="LENGTH", help="Above the sea; sea level unless given."
        ),
    ] = None,
    release_height: Annotated[
        str | None,
        typer.Option(
            "--release-height", metavar="LENGTH", help='Above the sea, still to be reached: "3 km".'
        ),
    ] = None,
    neck_lift_limit: Annotated[
        str | None,
        typer.Option(
            "--neck-lift-limit", metavar="MASS", help="Most lift at the neck of a balloon."
        ),
    ] = None,
    separate: Annotated[
        bool, typer.Option("--separate", help="Each kind of item on balloons of its own.")
    ] = False,
    crew_rate: Annotated[
        str | None,
        typer.Option("--crew-rate", metavar="RATE", help='Balloons of one crew: "20/h".'),
    ] = None,
    crews: Annotated[
        int, typer.Option("--crews", metavar="N", min=1, max=1000, help="Crews at work.")
    ] = 1,
    cylinder: Annotated[
        str | None,
        typer.Option("--cylinder", metavar="NAME", help="Size of gas cylinder, by name."),
    ] = None,
    catalogue: Catalogues = None,
    claim_balloons: Annotated[
        int | None,
        typer.Option("--claim-balloons", metavar="N", min=1, help="Balloons that are claimed."),
    ] = None,
    claim_hours: Annotated[
        float | None,
        typer.Option("--claim-hours", metavar="HOURS", help="Hours in which they went up."),
    ] = None,
    claim_gas: Annotated[
        str | None,
        typer.Option("--claim-gas", metavar="VOLUME", help='Gas that is claimed: "300 m3".'),
    ] = None,
    claim_cylinders: Annotated[
        int | None,
        typer.Option("--claim-cylinders", metavar="N", min=1, help="Cylinders that are claimed."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    exit_code: Annotated[
        bool,
        typer.Option("--exit-code", help="Exit with 10 if anything cannot fly or fit."),
    ] = False,
) -> None:
    """Find how many balloons a load takes, or check a mission's fleet or a claim."""
    from downwind.errors import ArgumentError
    from downwind.service import fleets

    shared = {
        "release_height": release_height,
        "neck_lift_limit": neck_lift_limit,
        "crew_rate": crew_rate,
        "crews": crews,
        "cylinder": cylinder,
        "catalogues": catalogue or [],
        "claim_hours": claim_hours,
        "claim_gas": claim_gas,
        "claim_cylinders": claim_cylinders,
    }
    own = {
        "--vehicle": vehicle,
        "--gas": gas,
        "--item": item,
        "--free-lift": free_lift,
        "--ascent-rate": ascent_rate,
        "--site-altitude": site_altitude,
        "--separate": separate or None,
        "--claim-balloons": claim_balloons,
    }
    if mission is not None:
        given = [name for name, value in own.items() if value is not None]
        if given:
            raise ArgumentError(
                f"{', '.join(given)} beside a mission, which says this itself",
                "leave the mission out, or change it there",
            )
        result = fleets.check_mission_fleet(mission, **shared)  # type: ignore[arg-type]
    else:
        if vehicle is None or gas is None:
            raise ArgumentError(
                "neither a mission, nor --vehicle and --gas",
                "give a mission file, or --vehicle film-7m --gas hydrogen --item dvd:5000",
            )
        result = fleets.size_fleet(
            vehicle,
            gas,
            item or [],
            free_lift=free_lift,
            ascent_rate=ascent_rate,
            site_altitude=site_altitude or "0 m",
            separate=separate,
            claim_balloons=claim_balloons,
            **shared,  # type: ignore[arg-type]
        )
    if as_json:
        from downwind.io.fleet_json import fleet_document

        typer.echo(json.dumps(fleet_document(result), indent=1, allow_nan=False))
    else:
        from downwind.report.fleet_text import fleet_text

        typer.echo(fleet_text(result), nl=False)
    if exit_code and not result.is_sound:
        raise typer.Exit(NOT_GO)
