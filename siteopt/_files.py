"""The folder of a run: its files appear together, each whole, or not at all.

``run.json`` names the others with their hashes. It is taken away first and put back last, so
that files of two runs never stand side by side under it.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from siteopt._file_names import RECORD, RUN_FILES
from siteopt._ownership import plain_bytes, refusal
from siteopt.errors import LayerFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: a mix of two runs is noticed, not prevented
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "check_folder", "file_sha256", "locked_folder", "named_files", "publish", "read_record",
    "stray_file", "write_whole",
]  # fmt: skip

_WAIT_S: Final = 60.0
"""So long a run waits for another one that writes into the same folder."""
_LOOK_S: Final = 0.05
_number = count()


def check_folder(folder: Path) -> None:
    """Raise LayerFileError if the files of a run cannot be written to a folder; write nothing.

    Asked before the work starts, so that nobody waits for an answer that has no place.
    """
    if folder.exists() and not folder.is_dir():
        raise LayerFileError(f"{folder}: is a file; give a folder for the files of the run")
    there = next(item for item in (folder, *folder.absolute().parents) if item.exists())
    if not there.is_dir():
        raise LayerFileError(f"{folder}: {there} is a file; give another folder")
    for place in {there, folder.absolute().parent} if there == folder else {there}:
        if not os.access(place, os.W_OK | os.X_OK):
            raise LayerFileError(
                f"{folder}: cannot be written to ({place} is not yours to write); give another "
                "folder"
            )
    if there == folder and (why := refusal(folder, sticky=True, own_group=True)):
        raise LayerFileError(f"{folder}: not written to, as {why}; or give another folder")


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file that appears whole or not at all, also after a loss of power.

    Parameters
    ----------
    path : Path
        The file; a link of that name is replaced, not followed.
    content : bytes
        What it holds.
    private : bool
        Whether no other user may read it.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{next(_number)}.part")

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600 if private else 0o666)

    try:
        part.unlink(missing_ok=True)  # of a killed process that had this number
        with open(part, "xb", opener=opener) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def publish(files: Mapping[str, bytes], record: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Put the files of a run into its folder, all of them or none.

    Parameters
    ----------
    files : mapping of str to bytes
        Content by name.
    record : mapping
        What ``run.json`` says; the hashes of the files are added.
    folder : Path
        Made where it is missing; files of an earlier run there are replaced.

    Returns
    -------
    dict
        What ``run.json`` says.

    Raises
    ------
    LayerFileError
        If the folder cannot be written to, or another run does not finish writing into it.
    ValueError
        If a name is none of `siteopt._file_names.RUN_FILES`.
    """
    if strange := sorted(files.keys() - RUN_FILES):
        raise ValueError(f"{strange[0]!r}: no run writes a file of that name")
    check_folder(folder)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    dumped = json.dumps({**record, "files": hashes}, ensure_ascii=False, allow_nan=False, indent=1)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        with _beside(folder) as part:
            for name, content in {**files, RECORD: (dumped + "\n").encode()}.items():
                _write(part / name, content)
            folder.mkdir(mode=0o755, exist_ok=True)
            check_folder(folder)  # it may be of another user who was faster
            with _alone(folder):
                # A run that writes fewer files than the one before leaves none of its answer.
                for name in named_files(read_record(folder) or {}).keys() - hashes.keys():
                    (folder / name).unlink(missing_ok=True)
                (folder / RECORD).unlink(missing_ok=True)
                _flush(folder)
                for name in hashes:
                    (part / name).replace(folder / name)
                _flush(folder)
                (part / RECORD).replace(folder / RECORD)
                _flush(folder)
    except OSError as error:
        if isinstance(error, LayerFileError):
            raise
        raise LayerFileError(
            f"{folder}: cannot be written to ({error.strerror}: {error.filename2 or folder}); "
            "give another folder"
        ) from error
    written: dict[str, Any] = json.loads(dumped)
    return written


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return what ``run.json`` of a folder says, None where there is none that can be read."""
    try:
        record = json.loads(plain_bytes(folder / RECORD))
    except (OSError, ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def named_files(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the files that a record names, with their hashes: those that runs write, no others."""
    named = record.get("files")
    if not isinstance(named, dict):
        return {}
    return {name: str(sha256) for name, sha256 in named.items() if name in RUN_FILES}


def stray_file(folder: Path, hashes: Mapping[str, str]) -> str | None:
    """Return the first file that is missing or not as its run wrote it, None where all are."""
    for name, sha256 in hashes.items():
        if file_sha256(folder / name) != sha256:
            return name
    return None


def file_sha256(path: Path) -> str | None:
    """Return the hash of a file, None where it cannot be read or is a link."""
    try:
        return hashlib.sha256(plain_bytes(path)).hexdigest()
    except OSError:
        return None


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Give a folder on the same disk for files that are not whole yet."""
    while True:
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_prefix(folder)))
        try:
            lock = _lock(part)
            break
        except (BlockingIOError, FileNotFoundError):
            continue  # another run took it for one that was left behind
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)
        _unlock(lock)


def _prefix(folder: Path) -> str:
    return f".{folder.name}-part-"


def _sweep(folder: Path) -> None:
    """Take away what killed runs left beside a folder; runs at work hold a lock on theirs."""
    for part in folder.parent.glob(f"{glob.escape(_prefix(folder))}*"):
        with suppress(OSError):
            lock = _lock(part)
            shutil.rmtree(part, ignore_errors=True)
            _unlock(lock)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other run writes into a folder, and keep others out."""
    end = time.monotonic() + _WAIT_S
    while True:
        try:
            lock = _lock(folder)
            break
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise LayerFileError(
                    f"{folder}: another run has been writing into it for {_WAIT_S:.0f} s; wait "
                    "for it to end, or give another folder"
                ) from error
            time.sleep(_LOOK_S)
    try:
        yield
    finally:
        _unlock(lock)


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Make a private folder that no other process uses meanwhile.

    Parameters
    ----------
    folder : Path
        Made where it is missing; the caller takes it away or leaves it.

    Raises
    ------
    BlockingIOError
        If another process holds it.
    """
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            lock = _lock(folder)
        except FileNotFoundError:
            continue  # the process that held it has just taken it away
        if lock is None or _is_still(folder, lock):
            break
        _unlock(lock)
    try:
        yield
    finally:
        _unlock(lock)


def _is_still(folder: Path, lock: int) -> bool:
    """Return whether a locked folder still has its name."""
    try:
        return os.path.samestat(os.fstat(lock), folder.stat())
    except FileNotFoundError:
        return False


def _lock(folder: Path) -> int | None:
    """Lock a folder; BlockingIOError where another run holds the lock.

    The lock goes with the process that holds it, however that ends, and leaves no file.
    """
    if fcntl is None:  # pragma: no cover - Windows
        return None
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        raise
    except OSError:  # pragma: no cover - a disk in the network may know no locks of folders
        os.close(opened)
        return None
    return opened


def _unlock(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Have the names in a folder on the disk, where the system can."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
