"""``downwind weather``: one module a sub-verb."""

from __future__ import annotations

import typer

from downwind.cli.weather import check

app = typer.Typer(help="Look at weather files.", no_args_is_help=True)
app.command("check")(check.check)


@app.callback()
def _weather() -> None:
    """Look at weather files."""
