"""Processes to be killed, begun by forking one that has everything imported: each begins in a moment, not in seconds.

What forks has done nothing but import and has no thread, so that its children are as good as new.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_LOOP = """
import importlib, json, os, sys
from leastwise.app.absent import hide
hide("pandas")  # as the command line does: Arrow would import it, which takes longer than all the rest
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
for line in sys.stdin:
    code, arguments, place = json.loads(line)
    child = os.fork()
    if not child:
        sys.argv = ["-c", *arguments]
        told = os.open(place, os.O_WRONLY)
        os.dup2(told, 1)
        os.close(told)
        os.close(0)
        try:
            exec(compile(code, "<child>", "exec"), {"__name__": "__main__"})
            sys.stdout.flush()
        except BaseException:
            import traceback
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


class Child:
    """A process; `stdout` is what it prints, as text."""

    def __init__(self, pid: int, stdout: IO[str], parent: IO[str]) -> None:
        self.pid, self.stdout, self._parent = pid, stdout, parent

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Until it has ended; what it printed can be read before, not after."""
        assert self._parent.readline() == "ended\n"
        self.stdout.close()


class Nursery:
    """Begins children one after the other; the one before must have ended."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._place = process, folder / "told"

    def begin(self, code: str, *arguments: str) -> Child:
        """A child that runs Python code with these arguments in `sys.argv`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        os.mkfifo(self._place)
        self._process.stdin.write(json.dumps([code, arguments, str(self._place)]) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        told = self._place.open()
        self._place.unlink()
        return Child(pid, told, self._process.stdout)


@contextmanager
def nursery(folder: Path, *imports: str, path: Sequence[Path] = ()) -> Iterator[Nursery]:
    """Where children with these modules begin; `path` goes before Python's own."""
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, path), *filter(None, sys.path)])}
    command = [sys.executable, "-c", _LOOP, json.dumps(imports)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Nursery(process, folder)
        assert process.stdin is not None
        process.stdin.close()
