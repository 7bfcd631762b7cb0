"""``downwind fill``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from downwind.cli.options import show_progress

FILLING = "filling (compiles at first)"


def fill(
    mission: Annotated[
        Path | None,
        typer.Argument(metavar="MISSION", help="Mission file (TOML): the fill of all its groups."),
    ] = None,
    vehicle: Annotated[
        str | None, typer.Option("--vehicle", metavar="NAME", help="Balloon, without a mission.")
    ] = None,
    gas: Annotated[
        str | None, typer.Option("--gas", metavar="NAME", help="Lifting gas, such as helium.")
    ] = None,
    load: Annotated[
        str | None, typer.Option("--load", metavar="MASS", help='On each balloon, such as "8 kg".')
    ] = None,
    free_lift: Annotated[
        str | None,
        typer.Option("--free-lift", metavar="LIFT", help='Goal: "10 %" of the load, or "300 g".'),
    ] = None,
    neck_lift: Annotated[
        str | None,
        typer.Option("--neck-lift", metavar="MASS", help='Goal: what the balance shows, "2.2 kg".'),
    ] = None,
    ascent_rate: Annotated[
        str | None,
        typer.Option("--ascent-rate", metavar="SPEED", help='Goal: off the ground, "5 m/s".'),
    ] = None,
    volume: Annotated[
        str | None, typer.Option("--volume", metavar="VOLUME", help='Goal: gas, such as "6 m3".')
    ] = None,
    parachute: Annotated[
        str | None,
        typer.Option("--parachute", metavar="LENGTH", help='Its diameter, such as "90 cm".'),
    ] = None,
    parachute_mass: Annotated[
        str | None,
        typer.Option("--parachute-mass", metavar="MASS", help="Needed with --parachute."),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", metavar="N", help="Balloons, 1 by default.")
    ] = None,
    site_altitude: Annotated[
        str | None,
        typer.Option("--site-altitude", metavar="LENGTH", help='Above the sea, such as "120 m".'),
    ] = None,
    temperature: Annotated[
        str | None,
        typer.Option("--temperature", metavar="T", help='Of the air at the site, such as "-5 C".'),
    ] = None,
    purity: Annotated[
        str | None, typer.Option("--purity", metavar="SHARE", help='Of the gas, such as "94.5 %".')
    ] = None,
    cylinder: Annotated[
        str | None, typer.Option("--cylinder", metavar="NAME", help="What the gas comes in.")
    ] = None,
    catalogue: Annotated[
        list[Path] | None,
        typer.Option("--catalogue", metavar="FILE", help="Your own vehicles; may be repeated."),
    ] = None,
    burst_calculator: Annotated[
        bool,
        typer.Option("--burst-calculator", help="Add the answer of CU Spaceflight's calculator."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the fill as JSON.")] = False,
) -> None:
    """Print the fill card of a mission, or of balloons described in the options; no wind needed."""
    from downwind.errors import ArgumentError
    from downwind.service import fills

    stated = {
        "--vehicle": vehicle,
        "--gas": gas,
        "--load": load,
        "--free-lift": free_lift,
        "--neck-lift": neck_lift,
        "--ascent-rate": ascent_rate,
        "--volume": volume,
        "--parachute": parachute,
        "--parachute-mass": parachute_mass,
        "--count": count,
        "--burst-calculator": burst_calculator or None,
    }
    conditions = fills.FillConditions(site_altitude, temperature, purity, cylinder, catalogue or ())
    if mission is not None:
        beside = [option for option, value in stated.items() if value is not None]
        if beside:
            raise ArgumentError(
                f"{', '.join(beside)} beside a mission, which says that itself",
                "leave it out, or leave the mission out",
            )
        with show_progress() as progress:
            progress(FILLING, 0.0)
            answer = fills.fill_mission(mission, conditions)
    else:
        if vehicle is None or gas is None or load is None:
            missing = [name for name in ("--vehicle", "--gas", "--load") if stated[name] is None]
            raise ArgumentError(
                f"{', '.join(missing)} missing: there is no mission file that says it",
                "name a mission, or write such as: downwind fill --vehicle film-7m --gas helium "
                '--load "8 kg" --free-lift "10 %"',
            )
        request = fills.FillRequest(
            vehicle,
            gas,
            load,
            free_lift=free_lift,
            neck_lift=neck_lift,
            ascent_rate=ascent_rate,
            volume=volume,
            count=1 if count is None else count,
            parachute=parachute,
            parachute_mass=parachute_mass,
            burst_calculator=burst_calculator,
        )
        with show_progress() as progress:
            progress(FILLING, 0.0)
            answer = fills.fill_vehicle(request, conditions)
    if as_json:
        typer.echo(json.dumps(answer.to_dict(), indent=1, allow_nan=False))
    else:
        typer.echo(answer.to_text(), nl=False)
