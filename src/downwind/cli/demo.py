"""``downwind demo``."""

from __future__ import annotations

from downwind.cli.options import (
    AsJson,
    ExitCode,
    Force,
    RequiredOutput,
    Seed,
    Threads,
    finish,
    limit_threads,
    show_progress,
)


def demo(
    output: RequiredOutput,
    force: Force = False,
    seed: Seed = None,
    as_json: AsJson = False,
    exit_code: ExitCode = False,
    threads: Threads = None,
) -> None:
    """Plan the demonstration fleet, 217 balloons and 1,080,000 items, in a synthetic wind."""
    from downwind.service import missions

    limit_threads(threads)
    with show_progress() as progress:
        result = missions.run_demo(output, force=force, seed=seed, progress=progress)
    finish(result, output, as_json, exit_code)
