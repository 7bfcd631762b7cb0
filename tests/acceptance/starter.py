"""Start the command many times and import its libraries once.

``Starter`` keeps a process that has imported what the verbs need. For each command it forks:
the child takes the arguments, the environment, the folder and files for its output, runs the
command and ends as any process does. So each command is still a process of its own, without the
second and a half of imports. Run as a script this module is that process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

START = "from downwind.cli.main import run; run()"
AT_START = ("NUMBA_", "PYTHON", "MPL", "XDG_CACHE_HOME", "HOME", "LD_")
"""Variables that count when a process starts: where these differ, the command starts afresh."""


def keep_at_start(environment: dict[str, str]) -> dict[str, str]:
    """Return what a running process cannot take over from another environment."""
    return {k: v for k, v in environment.items() if k.startswith(AT_START)}


class Starter:
    """Commands that start from one process; ``run`` answers as ``subprocess.run`` does."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._at_start = keep_at_start(environment)
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(
        self, arguments: list[str], environment: dict[str, str], cwd: Path | str | None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command with its arguments, in a process of its own."""
        if keep_at_start(environment) != self._at_start:
            return subprocess.run(
                [sys.executable, "-c", START, *arguments],
                capture_output=True, text=True, timeout=300, check=False, env=environment, cwd=cwd,
            )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            job = {
                "arguments": arguments,
                "environment": environment,
                "cwd": str(cwd or Path.cwd()),
                "out": f"{folder}/out",
                "err": f"{folder}/err",
            }
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            assert answer, "the process that starts commands has ended"
            out, err = (Path(folder, name).read_text("utf-8") for name in ("out", "err"))
        return subprocess.CompletedProcess(arguments, int(answer), out, err)

    def stop(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)


def serve() -> None:
    """Fork a command for each line on stdin, and answer its exit status on stdout."""
    import downwind.service.fills
    import downwind.service.missions
    import downwind.service.results
    import downwind.service.weather  # noqa: F401
    from downwind.cli.main import run

    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(job)
            run()
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(job: dict[str, object]) -> None:
    """Turn this process into that of a command."""
    for number, path, mode in ((0, os.devnull, os.O_RDONLY), (1, job["out"], os.O_WRONLY),
                               (2, job["err"], os.O_WRONLY)):  # fmt: skip
        opened = os.open(str(path), mode | (os.O_CREAT if number else 0), 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(job["environment"])  # type: ignore[arg-type,call-overload]
    os.chdir(str(job["cwd"]))
    sys.argv = ["downwind", *job["arguments"]]  # type: ignore[misc]


if __name__ == "__main__":
    serve()
