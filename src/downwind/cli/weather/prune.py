"""``downwind weather prune``."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def prune(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="Winds to remove.")
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option("--keep", min=0, metavar="N", help="Keep the newest N runs of each source."),
    ] = None,
    older_than: Annotated[
        float | None,
        typer.Option("--older-than", min=0.0, metavar="H", help="Remove what is older [hours]."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Remove old winds from the store, and what killed imports left there."""
    from downwind.service.store import prune_stored, pruning_document, pruning_text

    pruning = prune_stored(keep=keep, older_than_h=older_than, ids=ids or (), dry_run=dry_run)
    typer.echo(
        json.dumps(pruning_document(pruning), indent=1) if as_json else pruning_text(pruning)
    )
