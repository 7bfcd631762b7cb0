"""A process that has imported downwind and stores a weather file each time it is told to.

It says so with ``ready``. For each line ``FOLDER FILE`` it forks a child that stores the file in
the store ``FOLDER``, and says ``child PID``; when the child has ended, ``end STATUS OUTCOME``, or
``end -9`` for one that was killed. A line ``&FOLDER FILE`` does not wait; ``wait`` does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from downwind.errors import DownwindError
from downwind.service.store import import_weather


def store(folder: str, file: str) -> int:
    os.environ["DOWNWIND_STORE"] = folder
    try:
        outcome = import_weather([Path(file)]).placements[0].outcome
    except DownwindError as error:
        print(error, file=sys.stderr)
        return 9
    return ["stored", "there", "mended"].index(outcome)


def start(words: str) -> int:
    folder, _, file = words.partition(" ")
    pid = os.fork()
    if pid == 0:
        os._exit(store(folder, file))
    print(f"child {pid}", flush=True)
    return pid


def main() -> None:
    running: list[int] = []
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.strip()
        if words != "wait":
            running.append(start(words.removeprefix("&")))
        if not words.startswith("&"):
            for pid in running:
                _, status = os.waitpid(pid, 0)
                print(f"end {os.waitstatus_to_exitcode(status)}", flush=True)
            running.clear()


if __name__ == "__main__":
    main()
