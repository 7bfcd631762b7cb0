"""``downwind weather``: one module a verb."""

from __future__ import annotations

import typer

from downwind.cli.weather import (
    check,
    compare,
    import_,
    list_,
    prune,
    reduce,
)

app = typer.Typer(help="Look at weather files, and keep winds.", no_args_is_help=True)
app.command("check")(check.check)
app.command("compare")(compare.compare)
app.command("import")(import_.import_)
app.command("list")(list_.list_)
app.command("prune")(prune.prune)
app.command("reduce")(reduce.reduce)
