"""``downwind doctor``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from downwind.cli.options import show_progress


def doctor(
    compile_kernels: Annotated[
        bool, typer.Option("--compile", help="Compile all that a run needs, now.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Say what is installed, compiled and writable, and what to do about what is not."""
    from downwind.service.doctor import examine_installation

    rehearsal = None
    if compile_kernels:
        from downwind.service.rehearsal import compile_ahead

        typer.echo("compiling all that a run needs; this takes minutes the first time", err=True)
        with show_progress() as progress:
            rehearsal = compile_ahead(progress)
        typer.echo(rehearsal.to_text(), err=True)
    report = examine_installation()
    if as_json:
        document = report.to_dict() | {"compile": rehearsal.to_dict() if rehearsal else None}
        typer.echo(json.dumps(document, indent=1))
    else:
        typer.echo(report.to_text())
    if not report.is_sound:
        raise typer.Exit(1)
