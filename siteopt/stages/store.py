"""Content-addressed store of results and traces, kept between runs in a folder.

``objects/`` holds results, compressed, each under the SHA-256 of its bytes: a file that was cut
off, changed or replaced by another no longer fits its name, and is made again. ``traces/`` holds
what was read and which result came of it; each carries its own hash. Everything is written beside,
flushed to the disk and renamed, so that several runs can share a folder, and one that is killed
leaves nothing half done.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

from siteopt._files import write_whole
from siteopt._ownership import is_open_to_all, plain_bytes, refusal
from siteopt.errors import LayerFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LIMIT_MB", "Store", "content_hash"]

LIMIT_MB: Final = 1000.0
"""Most that a folder holds after a run; what was not used for longest goes first."""

_RECORDS_MAX: Final = 200
"""Most traces of a stage, and most runs, that are remembered."""
_LEFT_OVER_S: Final = 3600.0
"""A part of a file that is older belongs to a run that was killed."""
_FAST: Final = 1
_VALUE_MAX: Final = 300_000_000
"""Most bytes of a result, ten times the largest of the country in cells of 250 m: a longer one is
not kept, and a file that unpacks to more is damaged."""
_NAME: Final = re.compile(r"[0-9a-f]{64}")
_TAG: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Results of stages that siteopt keeps; may be deleted at any time.\n"
)


def content_hash(*parts: bytes | memoryview) -> str:
    """Return the SHA-256 of bytes, in one part or several, as hexadecimal text."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


class Store:
    """A folder of results and traces.

    Parameters
    ----------
    folder : Path
        Made when there is something to keep.

    Raises
    ------
    LayerFileError
        If it cannot be written to, or another user could have put something into it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._damaged: set[str] = set()
        there = next(item for item in (folder, *folder.absolute().parents) if item.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            why = "is not yours to write" if there.is_dir() else "is a file"
            raise LayerFileError(
                f"{folder}: cannot keep results of stages there ({there} {why}); give another "
                "folder with --cache or SITEOPT_CACHE"
            )
        self._check()

    def has(self, name: str) -> bool:
        """Return whether there is a result of that hash; its content is checked on reading."""
        path = self._object(name)
        return path is not None and name not in self._damaged and path.is_file()

    def put(self, name: str, *parts: bytes | memoryview) -> None:
        """Keep bytes under their hash; a full disk keeps nothing and stops nothing."""
        path = self._object(name)
        if path is None or sum(map(len, parts)) > _VALUE_MAX:
            return
        packing = zlib.compressobj(_FAST)
        packed = [packing.compress(part) for part in parts]
        if self._write(path, b"".join([*packed, packing.flush()])):
            self._damaged.discard(name)

    def get(self, name: str) -> bytes | None:
        """Return the bytes of a hash; None, and no file any more, where they are damaged."""
        path = self._object(name)
        if path is None:
            return None
        with suppress(OSError, zlib.error, MemoryError):
            content = _unpacked(plain_bytes(path, own=True))
            if content_hash(content) == name:
                os.utime(path)
                return content
        self.drop(name)
        return None

    def drop(self, name: str) -> None:
        """Let go of the bytes of a hash."""
        self._damaged.add(name)
        if path := self._object(name):
            _remove(path)

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return the traces of a stage, used last first."""
        found = (
            self.record(kind, path.stem) for path in _by_use(self.folder, f"traces/{kind}/*.json")
        )
        return [record for record in found if record is not None]

    def record(self, kind: str, name: str) -> dict[str, Any] | None:
        """Return one of them; None, and no file any more, where it is damaged."""
        path = self._trace(kind, name)
        try:
            sha256, _, text = plain_bytes(path, own=True).partition(b"\n")
            record = json.loads(text, parse_constant=_no_number)
            if isinstance(record, dict) and sha256.decode() == _hash_of(name, text):
                return record
        except FileNotFoundError:
            return None  # another run may write it now, so nothing is taken away
        except (OSError, ValueError, RecursionError):
            pass
        _remove(path)
        return None

    def remember(self, kind: str, name: str, record: dict[str, Any]) -> None:
        """Keep a trace under a name; a full disk keeps nothing and stops nothing."""
        text = json.dumps(record, ensure_ascii=False).encode()
        self._write(self._trace(kind, name), f"{_hash_of(name, text)}\n".encode() + text)

    def used(self, kind: str, name: str) -> None:
        """Note that a trace was used now."""
        with suppress(OSError):
            os.utime(self._trace(kind, name))

    def prune(self, limit_mb: float = LIMIT_MB) -> None:
        """Let go of what was not used for longest, until at most ``limit_mb`` are held."""
        room = limit_mb * 1e6
        for path in _by_use(self.folder, "objects/*/*"):
            if _NAME.fullmatch(path.name) or path.name.endswith(".part"):  # others are none of ours
                with suppress(OSError):
                    room -= path.stat().st_size
                if room < 0 or _is_left_over(path):
                    _remove(path)
        for folder in self.folder.glob("traces/*"):
            for place, path in enumerate(_by_use(folder, "*")):
                if place >= _RECORDS_MAX or _is_left_over(path):
                    _remove(path)

    def _write(self, path: Path, content: bytes) -> bool:
        """Write a file that nobody else can read; return whether the disk had room for it."""
        try:
            if not self.folder.is_dir():
                self.folder.parent.mkdir(parents=True, exist_ok=True)
                self.folder.mkdir(mode=0o700, exist_ok=True)
                self._check()  # another user may have been faster
            for place in (path.parent.parent, path.parent):
                place.mkdir(mode=0o700, exist_ok=True)
            if not (self.folder / "CACHEDIR.TAG").exists():  # for backups and git
                write_whole(self.folder / ".gitignore", b"*\n")
                write_whole(self.folder / "CACHEDIR.TAG", _TAG.encode())
            write_whole(path, content, private=True)
        except LayerFileError:
            raise
        except OSError:
            return False
        return True

    def _check(self) -> None:
        """Raise LayerFileError where another user could have put something into the folder."""
        refused = f"{self.folder}: results of stages are not kept or taken there, as"
        otherwise = "or give another folder with --cache or SITEOPT_CACHE"
        for place in self._folders():
            is_link = place != self.folder and place.is_symlink()
            if why := f"{place} is a link" if is_link else refusal(place):
                raise LayerFileError(f"{refused} {why}; {otherwise}")
        for above in self.folder.absolute().parents:
            if above.exists() and is_open_to_all(above):
                raise LayerFileError(
                    f"{refused} anyone can put another folder in its place ({above} is open to "
                    f"all; `chmod o-w {above}` ends that); {otherwise}"
                )

    def _folders(self) -> Iterator[Path]:
        """Return the folder and those below it, as far as they are there."""
        if self.folder.exists():
            yield self.folder
        for part in (self.folder / "objects", self.folder / "traces"):
            if os.path.lexists(part):
                yield part
            if part.is_dir() and not part.is_symlink():
                yield from (item for item in part.iterdir() if item.is_dir())

    def _object(self, name: str) -> Path | None:
        """Return where the bytes of a hash are; None for a name that is none."""
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            return None
        return self.folder / "objects" / name[:2] / name

    def _trace(self, kind: str, name: str) -> Path:
        return self.folder / "traces" / kind / f"{name}.json"


def _by_use(folder: Path, pattern: str) -> list[Path]:
    """Return files, used last first; what another run takes away meanwhile is left out."""
    dated = []
    with suppress(FileNotFoundError):
        for path in folder.glob(pattern):
            with suppress(OSError):
                dated.append((-path.stat().st_mtime_ns, path.name, path))
    return [path for _, _, path in sorted(dated)]


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _is_left_over(path: Path) -> bool:
    with suppress(OSError):
        return path.name.endswith(".part") and time.time() - path.stat().st_mtime > _LEFT_OVER_S
    return False


def _unpacked(packed: bytes) -> bytes:
    """Return what was compressed, no more than a value may have; zlib.error for anything else."""
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(packed, _VALUE_MAX)
    if not unpacking.eof or unpacking.unused_data:
        raise zlib.error("cut off, too long, or followed by something else")
    return content


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _hash_of(name: str, text: bytes) -> str:
    return content_hash(f"{name}\n".encode() + text)
