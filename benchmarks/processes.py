"""A benchmark in a process of its own: a limit on its time, and its peak memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Finished", "run_apart"]

_LOOK_S = 0.1  # how often memory is looked at


@dataclass(frozen=True)
class Finished:
    """What came of a process."""

    answer: dict[str, Any] | None
    """What it wrote, or None where it was stopped or failed."""
    status: Literal["done", "stopped", "failed"]
    seconds: float
    """Wall seconds, starting Python included."""
    peak_mb: float
    """Largest resident memory of the process and its children together."""


def run_apart(module: str, arguments: Sequence[str], limit_s: float) -> Finished:
    """Run ``python -m MODULE ARGUMENTS --out FILE`` and read what it wrote.

    Parameters
    ----------
    module : str
        What to run.
    arguments : sequence of str
        Of its command line.
    limit_s : float
        Wall seconds after which it is stopped, with all processes of its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "answer.json"
        command = [sys.executable, "-m", module, *arguments, "--out", str(out)]
        begin = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": folder},  # what a stopped solver leaves behind goes too
            start_new_session=True,  # so that its own children can be stopped with it
        )
        watch = _Watch(process.pid)
        watch.start()
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return Finished(None, "stopped", time.perf_counter() - begin, watch.stop())
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        seconds, peak_mb = time.perf_counter() - begin, watch.stop()
        if process.returncode:
            return Finished(None, "failed", seconds, peak_mb)
        answer = json.loads(out.read_text(encoding="utf-8"))
        return Finished(answer, "done", seconds, peak_mb)


class _Watch(Thread):
    """Looks at the memory of a process and its children until it is stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._peak_mb, self._end = pid, 0.0, Event()

    def run(self) -> None:
        while not self._end.wait(_LOOK_S):
            self._peak_mb = max(self._peak_mb, _resident_mb(self._pid))

    def stop(self) -> float:
        """Stop looking and return the peak in MB."""
        self._end.set()
        self.join()
        return self._peak_mb


def _resident_mb(pid: int) -> float:
    """Return the resident memory of a process and all below it; 0 where there is no /proc."""
    folder = Path("/proc") / str(pid)
    try:
        pages = int((folder / "statm").read_text(encoding="ascii").split()[1])
        threads = list((folder / "task").iterdir())
        children = [
            child
            for thread in threads
            for child in (thread / "children").read_text(encoding="ascii").split()
        ]
    except (OSError, IndexError):  # it has just ended
        return 0.0
    own_mb = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return own_mb + sum(_resident_mb(int(child)) for child in children)
