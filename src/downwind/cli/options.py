"""Options that several verbs share, and how a result is printed."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from downwind.plan.result import PlanResult

MissionFile = Annotated[Path, typer.Argument(metavar="MISSION", help="Mission file (TOML).")]
Wind = Annotated[
    list[str] | None,
    typer.Option(
        "--wind",
        metavar="FILE...|ID",
        help="Weather files, joined into one wind, or a stored wind; else the newest stored one.",
    ),
]
AndWind = Annotated[
    list[str] | None,
    typer.Option(
        "--and-wind",
        metavar="FILE...|ID",
        help="Another wind beside --wind: all are flown as one weighted set. May be repeated.",
    ),
]
Weights = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="W,W...",
        help="Weight of each wind, that of --wind first: 0.6,0.4. Without it all weigh the same.",
    ),
]
Observed = Annotated[
    list[Path] | None,
    typer.Option(
        "--observed",
        metavar="FILE...",
        help="Own observations of the wind (TOML, GPX) or soundings, blended into it.",
    ),
]
TrustObserved = Annotated[
    bool,
    typer.Option(
        "--trust-observed", help="Use observed levels that contradict the forecast grossly too."
    ),
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for the results.")
]
RequiredOutput = Annotated[
    Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the results.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace a results folder that exists.")]
Seed = Annotated[
    int | None,
    typer.Option("--seed", min=0, max=2**63 - 1, help="Seed, in place of the mission's own."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit with 10 unless it is GO.")]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads; results do not depend on it.")
]

NOT_GO = 10


GATHERED = ("--wind", "--and-wind", "--observed")

JOINT = "\n"
"""What stands between the files of one ``--and-wind``."""


def gather_wind_files(arguments: list[str]) -> list[str]:
    """Let one ``--wind`` take several files: ``--wind a b`` becomes ``--wind a --wind b``.

    ``--observed`` likewise. The files of one ``--and-wind``, each of which names a wind of its own,
    become one value with `JOINT` between them. A TOML file that is not the first is the mission,
    for observations are TOML files too.
    """
    gathered: list[str] = []
    taking, first = "", False
    for argument in arguments:
        if argument in GATHERED:
            taking, first = argument, True
            continue
        is_mission = argument.endswith(".toml") and not (first and taking == "--observed")
        if argument.startswith("-") or is_mission:
            taking = ""
        if taking == "--and-wind" and not first:
            gathered[-1] += JOINT + argument
            continue
        if taking:
            gathered.append(taking)
        gathered.append(argument)
        first = False
    return gathered


def split_winds(values: list[str] | None) -> list[list[str]]:
    """Return the files of each ``--and-wind``."""
    return [value.split(JOINT) for value in values or ()]


def read_weights(text: str | None) -> tuple[float, ...] | None:
    """Return the weights of ``--weights``; None without it."""
    if text is None:
        return None
    from downwind.service.mixing import parse_weights

    return parse_weights(text)


def limit_threads(threads: int | None) -> None:
    """Set the number of threads of the compiled parts."""
    if threads is not None:
        from downwind.sim.kernels import limit_threads as limit

        limit(threads)


@contextmanager
def show_progress() -> Iterator[Callable[[str, float], None]]:
    """Yield a progress callback that draws a bar on a terminal and nothing elsewhere.

    It also raises an interrupt that came at a bad moment: one that is raised while the compiler
    calls back into Python would be lost there.
    """
    with _hear_interrupt() as check:
        if not sys.stderr.isatty():
            yield lambda _stage, _fraction: check()
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description:<28}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task("starting", total=1.0)

            def show(stage: str, fraction: float) -> None:
                check()
                bars.update(task, description=stage, completed=fraction)

            yield show


@contextmanager
def _hear_interrupt() -> Iterator[Callable[[], None]]:
    """Yield a function that raises KeyboardInterrupt once SIGINT has come, however it was met."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    heard = threading.Event()

    def note(_signal: int, frame: FrameType | None) -> None:
        heard.set()
        if frame is None or "llvmlite" not in frame.f_code.co_filename:
            raise KeyboardInterrupt

    def check() -> None:
        if heard.is_set():
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


def finish(result: PlanResult, output: Path | None, as_json: bool, exit_code: bool) -> None:
    """Print a result, say where the files are, and leave with the exit code asked for."""
    if as_json:
        from downwind.io.plan_json import plan_document

        json.dump(plan_document(result), sys.stdout, indent=1, allow_nan=False)
        sys.stdout.write("\n")
    else:
        from downwind.report.summary import plan_text

        typer.echo(plan_text(result))
    if output is not None:
        typer.echo(f"results: {output}", err=True)
    if exit_code and result.verdict != "GO":
        raise typer.Exit(NOT_GO)
