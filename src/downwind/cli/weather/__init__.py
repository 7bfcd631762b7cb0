"""``downwind weather``: one module a sub-verb."""

from __future__ import annotations

import typer

from downwind.cli.weather import check, compare

app = typer.Typer(help="Look at weather files.", no_args_is_help=True)
app.command("check")(check.check)
app.command("compare")(compare.compare)


@app.callback()
def _weather() -> None:
    """Look at weather files."""
