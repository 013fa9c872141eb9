"""One case judged, and a pool of processes that judge many; a process may die without harm."""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import select
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteopt.errors import SiteoptError
from tests.fuzz.kinds import BAIT, PORT, Files, Kind, UnknownError, UnsoundError, difference, mutate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["OUTCOMES", "judge", "run_cases"]

OUTCOMES = ("accepted", "refused", "traceback", "wrong", "unclear")
"""Read; refused in a line; anything but that; read otherwise than it says; a line without file."""

SECONDS = 10
MEMORY_GB = 1.0
_LONGEST = 2000
_OPENED = 0x20
_DIE_WITH_PARENT = 1
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Guard:
    """A folder that nothing may open and a port that nothing may call, watched."""

    def __init__(self, home: Path) -> None:
        self.bait = home / "bait"
        self.bait.mkdir()
        for name in ("secret.csv", "secret.geojson", "secret.tif"):
            (self.bait / name).write_text("site_id,lon,lat,area_ha\nSECRET,127.1,36.1,50\n")
        libc = ctypes.CDLL(None, use_errno=True)
        self.watch = libc.inotify_init1(os.O_NONBLOCK)
        libc.inotify_add_watch(self.watch, os.fsencode(self.bait), _OPENED)
        port = socket.create_server(("127.0.0.1", 0))
        self.number = str(port.getsockname()[1]).encode()
        self.called, told = os.pipe()
        os.set_blocking(self.called, False)
        parent = os.getpid()
        if os.fork() == 0:  # whoever calls is let go at once, so that no case waits
            libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            while os.getppid() == parent:
                port.accept()[0].close()
                os.write(told, b"!")
            os._exit(0)
        port.close()

    def put(self, files: Files, folder: Path) -> Files:
        """Write files into a folder; return them as written."""
        bait = os.fsencode(self.bait)
        written = {n: c.replace(BAIT, bait).replace(PORT, self.number) for n, c in files.items()}
        for name, content in written.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return written

    def broken(self) -> str | None:
        """Return what was opened or called since it was asked last."""
        try:
            event = os.read(self.watch, 4096)
            length = struct.unpack_from("iIII", event)[3]
            return f"opened {event[16 : 16 + length].rstrip(bytes(1)).decode() or 'the folder'}"
        except BlockingIOError:
            pass
        try:
            os.read(self.called, 4096)
        except BlockingIOError:
            return None
        return "sent a request"


def _too_slow(_number: int, _frame: object) -> None:
    raise TimeoutError(f"takes more than {SECONDS} s")


def judge(kind: Kind, seed: int, home: Path, guard: Guard) -> tuple[str, str, str]:
    """Return outcome of a case, why, and what was changed."""
    begun, changed = mutate(kind, seed)
    folder = home / "case"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    written = guard.put(changed.files, folder)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    value, refusal = None, None
    os.ftruncate(2, 0)
    guard.broken()  # what a case before left unasked
    try:
        with warnings.catch_warnings(record=True) as leaks:
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", "Use `@` matmul instead", PendingDeprecationWarning)
            try:
                value = kind.read(folder)
            except SiteoptError as error:
                refusal = str(error)
    except BaseException as error:  # noqa: BLE001 - whatever it is counts
        place = traceback.extract_tb(error.__traceback__)[-1]
        ours = [
            one for one in traceback.extract_tb(error.__traceback__) if "/siteopt/" in one.filename
        ]
        near = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else place.name
        return "traceback", f"{type(error).__name__} at {near}: {error!s:.200}", changed.told
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if leaks:
        return "traceback", f"warning: {leaks[0].message!s:.200}", changed.told
    printed = os.pread(2, 300, 0).decode(errors="replace")
    if printed:
        return "traceback", f"printed: {printed!r:.200}", changed.told
    if (broken := guard.broken()) is not None:
        return "wrong", broken, changed.told
    if refusal is not None:
        return *_refused(refusal, begun | changed.files, changed.same, folder), changed.told
    return *_accepted(kind, value, begun if changed.same else written), changed.told


def _refused(refusal: str, files: Files, same: bool, folder: Path) -> tuple[str, str]:  # noqa: FBT001
    if same:
        return "wrong", f"refused, though nothing in it is otherwise: {refusal:.200}"
    if "\n" in refusal or _CONTROL.search(refusal):
        return "unclear", f"control signs: {refusal!r:.300}"
    if len(refusal) > _LONGEST:
        return "unclear", f"{len(refusal)} signs long: {refusal!r:.100}"
    names = {part for name in files for part in (Path(name).name, Path(name).parent.name) if part}
    if not any(name in refusal for name in {*names, str(folder)}):
        return "unclear", f"names no file: {refusal:.300}"
    return "refused", refusal


def _accepted(kind: Kind, value: Any, files: Files) -> tuple[str, str]:
    try:
        told = difference(value, kind.plain(files))
    except UnsoundError as error:
        return "wrong", f"accepted, though {error}"
    except UnknownError as error:
        return "accepted", f"unjudged: {error}"
    return ("accepted", "") if told is None else ("wrong", f"read otherwise: {told}")


def _work(kinds: dict[str, Kind], cases: list[tuple[str, int]], out: int, home: Path) -> None:
    """Judge cases in a process of its own; a line of JSON at the begin and the end of each."""
    signal.signal(signal.SIGALRM, _too_slow)
    guard = Guard(home)
    os.dup2(os.open(home / "stderr", os.O_RDWR | os.O_CREAT | os.O_APPEND), 2)
    os.environ["TMPDIR"] = str(home)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    most = size + int(MEMORY_GB * 1e9)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for place, (name, seed) in enumerate(cases):
        os.write(out, json.dumps({"begun": place}).encode() + b"\n")
        try:
            found = judge(kinds[name], seed, home, guard)
        except BaseException as error:  # noqa: BLE001 - a fault of the fuzzer itself
            found = ("traceback", f"fuzzer: {traceback.format_exc()[-900:]} {error}", "")
        os.write(out, json.dumps({"place": place, "found": found}).encode() + b"\n")


def run_cases(
    kinds: dict[str, Kind], cases: Iterable[tuple[str, int]], processes: int = 1
) -> Iterator[tuple[str, int, str, str, str]]:
    """Yield kind, seed, outcome, why and what was changed of each case, as they end."""
    cases = list(cases)
    for kind in kinds.values():
        kind.seeds()  # made once, before the processes part
    shares = [cases[first::processes] for first in range(processes)]
    pool = [_Process(kinds, share) for share in shares if share]
    while pool:
        ready, _, _ = select.select([one.pipe for one in pool], [], [], 1.0)
        for one in list(pool):
            yield from one.told() if one.pipe in ready else one.overdue()
            if one.done:
                pool.remove(one)


class _Process:
    """A process at work on cases, begun again behind a case that ended it."""

    def __init__(self, kinds: dict[str, Kind], cases: list[tuple[str, int]]) -> None:
        self.kinds, self.cases = kinds, cases
        self.done = False
        self._begin()

    def _begin(self) -> None:
        self.begun, self.since, self.held = None, time.monotonic(), b""
        self.home = Path(tempfile.mkdtemp(prefix="siteopt-fuzz-"))
        sys.stdout.flush()
        self.pipe, out = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            os.close(self.pipe)
            try:
                _work(self.kinds, self.cases, out, self.home)
            finally:
                os._exit(0)
        os.close(out)

    def told(self) -> Iterator[tuple[str, int, str, str, str]]:
        part = os.read(self.pipe, 65536)
        if not part:
            yield from self._ended("")
            return
        *lines, self.held = (self.held + part).split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "begun" in said:
                self.begun, self.since = said["begun"], time.monotonic()
            else:
                yield *self.cases[said["place"]], *said["found"]
                self.begun, self.last = None, said["place"]

    def overdue(self) -> Iterator[tuple[str, int, str, str, str]]:
        if self.begun is not None and time.monotonic() - self.since > 2 * SECONDS:
            os.kill(self.process, signal.SIGKILL)
            yield from self._ended(f"takes more than {2 * SECONDS} s; ")

    def _ended(self, why: str) -> Iterator[tuple[str, int, str, str, str]]:
        os.close(self.pipe)
        status = os.waitpid(self.process, 0)[1]
        shutil.rmtree(self.home, ignore_errors=True)
        if self.begun is None:
            self.done = True
            return
        name, seed = self.cases[self.begun]
        told = mutate(self.kinds[name], seed)[1].told
        signed = f"the process ended by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "it ended the process"  # fmt: skip
        yield name, seed, "traceback", why + signed, told
        self.cases = self.cases[self.begun + 1 :]
        if self.cases:
            self._begin()
        else:
            self.done = True
