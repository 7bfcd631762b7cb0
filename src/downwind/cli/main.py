"""The command ``downwind``: its verbs, and how errors leave it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from downwind.cli import (
    board,
    demo,
    doctor,
    fill,
    fleet,
    fly,
    items,
    plan,
    reach,
    score,
    vehicles,
    weather,
)
from downwind.cli.options import gather_wind_files

app = typer.Typer(
    name="downwind",
    help="Plan, fly and account for free-balloon drops.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("board")(board.board)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("fill")(fill.fill)
app.command("fleet")(fleet.fleet)
app.command("fly")(fly.fly)
app.command("items")(items.items)
app.command("plan")(plan.plan)
app.command("reach")(reach.reach)
app.command("score")(score.score)
app.command("vehicles")(vehicles.vehicles)
app.add_typer(weather.app, name="weather")


_SIGINT = 130  # what the argument parser answers to Ctrl-C


def _print_version(value: bool) -> None:
    if value:
        from downwind import __version__

        typer.echo(f"downwind {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    del version


def run() -> None:
    """Run the command line; every error of ours is one message and its exit code."""
    from downwind.errors import DownwindError, InterruptedRunError

    try:
        code = app(args=gather_wind_files(sys.argv[1:]), standalone_mode=False)
    except DownwindError as error:
        sys.exit(_report(error))
    except KeyboardInterrupt:
        sys.exit(_report(InterruptedRunError("interrupted: nothing was written")))
    except typer.Abort:
        sys.exit(_report(InterruptedRunError("interrupted: nothing was written")))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        sys.exit(2)
    if code == _SIGINT:
        sys.exit(_report(InterruptedRunError("interrupted: nothing was written")))
    sys.exit(code if isinstance(code, int) else 0)


def _report(error: Exception) -> int:
    from downwind.errors import DownwindError

    assert isinstance(error, DownwindError)
    text = f"downwind: error [{error.code}]: {error}"
    print("\n".join(part for line in text.splitlines() for part in _wrap(line)), file=sys.stderr)
    return error.exit_code


def _wrap(line: str) -> list[str]:
    """Break a line of an error at 80 columns; later lines stand further in, no word is cut."""
    import textwrap

    inset = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(
        line,
        80,
        subsequent_indent=inset,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
