"""Where results of stages are kept between runs: a folder whose files are named by content.

``objects/`` holds values, compressed, each under the SHA-256 of its bytes: a file that was cut
off, changed or replaced by another no longer fits its name, and is made again. ``traces/`` holds
what a stage read and which value came of it, ``runs/`` which files a whole run wrote; both carry
their own hash. Everything is written beside, flushed to the disk and renamed, so that several
runs can share a folder, and one that is killed leaves nothing half done.
"""

from __future__ import annotations

import json
import os
import re
import time
import zlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

from siteopt._files import write_whole
from siteopt._ownership import is_open_to_all, plain_bytes, refusal
from siteopt.errors import LayerFileError
from siteopt.stages.values import content_hash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LIMIT_MB", "Store"]

LIMIT_MB: Final = 1000.0
"""Most that a folder holds after a run; what was not used for longest goes first."""

_RECORDS_MAX: Final = 200
"""Most traces of a stage, and most runs, that are remembered."""
_LEFT_OVER_S: Final = 3600.0
"""A part of a file that is older belongs to a run that was killed."""
_FAST: Final = 1
_VALUE_MAX: Final = 300_000_000
"""Most bytes of a value, ten times the largest of the country in cells of 250 m: a longer one is
not kept, and a file that unpacks to more is damaged."""
_NAME: Final = re.compile(r"[0-9a-f]{64}")
_PARTS: Final = ("objects", "traces", "runs")
_TAG: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Results of stages that siteopt keeps; may be deleted at any time.\n"
)


class Store:
    """A folder of kept results.

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
        """Return whether there is a value of that hash; its content is checked on reading."""
        path = self._object(name)
        return path is not None and name not in self._damaged and path.is_file()

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under their hash; a full disk keeps nothing and stops nothing."""
        path = self._object(name)
        if path is None or len(content) > _VALUE_MAX:
            return
        with _stopping_nothing():
            self._made(path.parent)
            write_whole(path, zlib.compress(content, _FAST), private=True)
            self._damaged.discard(name)

    def get(self, name: str) -> bytes | None:
        """Return the bytes of a hash; None, and no file any more, where they are damaged."""
        path = self._object(name)
        if path is None:
            return None
        try:
            content = _unpacked(plain_bytes(path, own=True))
            if content_hash(content) == name:
                os.utime(path)
                return content
        except (OSError, zlib.error, MemoryError):
            pass
        self.drop(name)
        return None

    def drop(self, name: str) -> None:
        """Let go of the bytes of a hash."""
        path = self._object(name)
        self._damaged.add(name)
        if path is not None:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return what is remembered of a stage or of runs (``runs``), used last first."""
        found = []
        for path in self._by_use(self._records(kind).glob("*.json")):
            record = self.record(kind, path.stem)
            if record is not None:
                found.append(record)
        return found

    def record(self, kind: str, name: str) -> dict[str, Any] | None:
        """Return one of them; None, and no file any more, where it is damaged."""
        path = self._records(kind) / f"{name}.json"
        try:
            kept = json.loads(plain_bytes(path, own=True), parse_constant=_no_number)
            record: dict[str, Any] = kept["record"]
            if isinstance(record, dict) and kept["sha256"] == _hash_of(name, record):
                return record
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return None

    def remember(self, kind: str, name: str, record: dict[str, Any]) -> None:
        """Remember a record under a name; a full disk remembers nothing and stops nothing."""
        kept = {"sha256": _hash_of(name, record), "record": record}
        with _stopping_nothing():
            self._made(self._records(kind))
            content = json.dumps(kept, ensure_ascii=False, indent=0).encode()
            write_whole(self._records(kind) / f"{name}.json", content, private=True)

    def used(self, kind: str, name: str) -> None:
        """Note that a record was used now."""
        with suppress(OSError):
            os.utime(self._records(kind) / f"{name}.json")

    def prune(self, limit_mb: float = LIMIT_MB) -> None:
        """Let go of what was not used for longest, until at most ``limit_mb`` are held."""
        room = limit_mb * 1e6
        for path in self._by_use(self.folder.glob("objects/*/*")):
            if not (_NAME.fullmatch(path.name) or path.name.endswith(".part")):
                continue  # none of ours
            with suppress(OSError):
                room -= path.stat().st_size
                stale = path.name.endswith(".part") and _age_s(path) > _LEFT_OVER_S
                if room < 0 or stale:
                    path.unlink(missing_ok=True)
        for folder in (*self.folder.glob("traces/*"), self.folder / "runs"):
            for place, path in enumerate(self._by_use(folder.glob("*"))):
                with suppress(OSError):
                    stale = path.name.endswith(".part") and _age_s(path) > _LEFT_OVER_S
                    if place >= _RECORDS_MAX or stale:
                        path.unlink(missing_ok=True)

    def _made(self, folder: Path) -> None:
        """Make a folder; the whole says what it is, to backups and to git."""
        if not self.folder.is_dir():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._check()  # another user may have been faster
        for place in (folder.parent, folder):
            place.mkdir(mode=0o700, exist_ok=True)
        if not (self.folder / "CACHEDIR.TAG").exists():
            write_whole(self.folder / ".gitignore", b"*\n")
            write_whole(self.folder / "CACHEDIR.TAG", _TAG.encode())

    def _check(self) -> None:
        """Raise LayerFileError where another user could have put something into the folder."""
        for place in self._folders():
            is_link = place != self.folder and place.is_symlink()
            if why := f"{place} is a link" if is_link else refusal(place):
                raise LayerFileError(
                    f"{self.folder}: results of stages are not kept or taken there, as {why}; or "
                    "give another folder with --cache or SITEOPT_CACHE"
                )
        for above in self.folder.absolute().parents:
            if above.exists() and is_open_to_all(above):
                raise LayerFileError(
                    f"{self.folder}: results of stages are not kept or taken there, as anyone can "
                    f"put another folder in its place ({above} is open to all; `chmod o-w {above}` "
                    "ends that); or give another folder with --cache or SITEOPT_CACHE"
                )

    def _folders(self) -> Iterator[Path]:
        """Return the folder and those below it, as far as they are there."""
        if not self.folder.exists():
            return
        yield self.folder
        for part in (self.folder / name for name in _PARTS):
            if os.path.lexists(part):
                yield part
                if part.name != "runs" and part.is_dir() and not part.is_symlink():
                    yield from (item for item in part.iterdir() if item.is_dir())

    def _object(self, name: str) -> Path | None:
        """Return where the bytes of a hash are; None for a name that is none."""
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            return None
        return self.folder / "objects" / name[:2] / name

    def _records(self, kind: str) -> Path:
        return self.folder / "runs" if kind == "runs" else self.folder / "traces" / kind

    @staticmethod
    def _by_use(paths: Iterator[Path]) -> list[Path]:
        """Return files, used last first; what another run takes away meanwhile is left out."""
        dated = []
        with suppress(FileNotFoundError):
            for path in paths:
                with suppress(OSError):
                    dated.append((-path.stat().st_mtime_ns, path.name, path))
        return [path for _, _, path in sorted(dated)]


@contextmanager
def _stopping_nothing() -> Iterator[None]:
    """Let a disk that is full keep nothing; a folder that is refused is said to be."""
    try:
        yield
    except LayerFileError:
        raise
    except OSError:
        return


def _unpacked(packed: bytes) -> bytes:
    """Return what was compressed, no more than a value may have; zlib.error for anything else."""
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(packed, _VALUE_MAX)
    if not unpacking.eof or unpacking.unused_data:
        raise zlib.error("cut off, too long, or followed by something else")
    return content


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _age_s(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _hash_of(name: str, record: dict[str, Any]) -> str:
    return content_hash(f"{name}\n{json.dumps(record, ensure_ascii=False)}".encode())
