"""Virtual environments for peers, and scripts run in them.

A peer has requirements of its own, pinned in ``peers/NAME.txt``. Its environment is made once and
kept in the user's cache folder, under a name that changes with the requirements and with Python. A
script runs in it as a process of its own and answers with JSON on the last line of its output. When
a peer cannot be had, `PeerUnavailable` says why, and a benchmark goes on without it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PEERS = Path(__file__).parent / "peers"
STAMP = "installed"
INSTALL_TIMEOUT_S = 900.0
RUN_TIMEOUT_S = 600.0
#: libraries that start threads of their own are held to one
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "POLARS_MAX_THREADS",
    ),
    "1",
)


class PeerUnavailable(RuntimeError):  # noqa: N818 - not an error of the benchmark
    """A peer that cannot be installed or run here; its text is the reason."""


def find_environments() -> Path:
    """Return the folder that holds the peers' environments for this user."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "downwind" / "benchmarks"


def prepare_environment(
    name: str, envs: Path | None = None, timeout_s: float = INSTALL_TIMEOUT_S
) -> Path:
    """Return the Python of a peer's environment, made now if it is not there yet.

    Parameters
    ----------
    name : str
        The peer; ``peers/NAME.txt`` holds its requirements.
    envs : Path, optional
        Folder for the environments instead of the one in the user's cache.
    timeout_s : float
        Limit for each step of the installation [s].

    Raises
    ------
    PeerUnavailable
        The environment cannot be made or its requirements cannot be installed.
    """
    requirements = PEERS / f"{name}.txt"
    if not requirements.is_file():
        raise PeerUnavailable(f"no requirements for {name}: {requirements.name} is missing")
    version = "{}.{}".format(*sys.version_info[:2])
    key = hashlib.sha256(version.encode() + requirements.read_bytes()).hexdigest()[:12]
    folder = (envs or find_environments()).absolute() / f"{name}-py{version}-{key}"
    python = folder / "bin" / "python"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _hold_lock(folder.with_suffix(".lock")):
            if not (folder / STAMP).is_file() or not python.exists():
                _make_environment(folder, timeout_s)
                _install(python, requirements, timeout_s)
                (folder / STAMP).touch()
    except OSError as error:
        raise PeerUnavailable(f"cannot write to {folder}: {error}") from error
    return python


def run_peer(
    script: Path,
    arguments: Sequence[str | Path | int | float] = (),
    python: Path | None = None,
    timeout_s: float = RUN_TIMEOUT_S,
) -> dict[str, Any]:
    """Run a peer's script on one thread and return its answer.

    Parameters
    ----------
    script : Path
        A script that prints its answer, a JSON object, as its last line.
    arguments : sequence
        Command-line arguments of the script.
    python : Path, optional
        Python that runs it, from `prepare_environment`; this one if not given.
    timeout_s : float
        Limit for the script [s].

    Raises
    ------
    PeerUnavailable
        The script fails, runs too long, answers with something else, or says itself that the peer
        is not available, with the key ``unavailable``.
    """
    command = [str(python or sys.executable), str(script), *map(str, arguments)]
    done = _call(command, timeout_s, f"{script.name} failed")
    lines = done.stdout.strip().splitlines()
    try:
        answer = json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise PeerUnavailable(f"{script.name} gave no answer in JSON") from error
    if not isinstance(answer, dict):
        raise PeerUnavailable(f"{script.name} answered with something other than an object")
    if "unavailable" in answer:
        raise PeerUnavailable(str(answer["unavailable"]))
    return answer


def _make_environment(folder: Path, timeout_s: float) -> None:
    """Make an empty environment with venv, or with virtualenv where venv has no pip to bring."""
    reasons = []
    for module in ("venv", "virtualenv"):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _call([sys.executable, "-m", module, str(folder)], timeout_s, module)
        except PeerUnavailable as error:
            reasons.append(str(error))
        else:
            return
    raise PeerUnavailable("cannot make a virtual environment: " + "; ".join(reasons))


def _install(python: Path, requirements: Path, timeout_s: float) -> None:
    """Install pinned requirements with pip, from wherever it is configured to ask."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    # without a network, pip gives up after seconds instead of minutes
    command += ["--quiet", "--retries", "1", "--requirement", str(requirements)]
    _call(command, timeout_s, f"cannot install {requirements.name}, for want of a network?")


def _call(command: Sequence[str], timeout_s: float, what: str) -> subprocess.CompletedProcess[str]:
    """Run a command on one thread; a failure becomes a `PeerUnavailable` with its last line."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            env=environment | ONE_THREAD,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PeerUnavailable(f"{what}: not done after {timeout_s:g} s") from error
    except OSError as error:
        raise PeerUnavailable(f"{what}: {error}") from error
    if done.returncode:
        raise PeerUnavailable(f"{what}: {_find_reason(done.stderr or done.stdout)}")
    return done


def _find_reason(output: str) -> str:
    """Return the line of a failed command's output that tells most: an error, else the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR:", "Error:"))]
    return (errors or lines or ["no message"])[-1]


@contextmanager
def _hold_lock(path: Path) -> Iterator[None]:
    """Let one process at a time make an environment."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
