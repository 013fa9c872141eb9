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
import time
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from siteopt._run_folder import write_whole
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
        If it cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        there = next(item for item in (folder, *folder.absolute().parents) if item.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            why = "is not yours to write" if there.is_dir() else "is a file"
            raise LayerFileError(
                f"{folder}: cannot keep results of stages there ({there} {why}); give another "
                "folder with --cache or SITEOPT_CACHE"
            )

    def has(self, name: str) -> bool:
        """Return whether there is a value of that hash; its content is checked on reading."""
        return self._object(name).is_file()

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under their hash; a full disk keeps nothing and stops nothing."""
        path = self._object(name)
        with suppress(OSError):
            self._made(path.parent)
            write_whole(path, zlib.compress(content, _FAST))

    def get(self, name: str) -> bytes | None:
        """Return the bytes of a hash; None, and no file any more, where they are damaged."""
        path = self._object(name)
        try:
            content = zlib.decompress(path.read_bytes())
            if content_hash(content) == name:
                os.utime(path)
                return content
        except (OSError, zlib.error):
            pass
        self.drop(name)
        return None

    def drop(self, name: str) -> None:
        """Let go of the bytes of a hash."""
        with suppress(OSError):
            self._object(name).unlink(missing_ok=True)

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
            kept = json.loads(path.read_bytes())
            if kept["sha256"] == _hash_of(name, kept["record"]):
                record: dict[str, Any] = kept["record"]
                return record
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            pass
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return None

    def remember(self, kind: str, name: str, record: dict[str, Any]) -> None:
        """Remember a record under a name; a full disk remembers nothing and stops nothing."""
        kept = {"sha256": _hash_of(name, record), "record": record}
        with suppress(OSError):
            self._made(self._records(kind))
            content = json.dumps(kept, ensure_ascii=False, indent=0).encode()
            write_whole(self._records(kind) / f"{name}.json", content)

    def used(self, kind: str, name: str) -> None:
        """Note that a record was used now."""
        with suppress(OSError):
            os.utime(self._records(kind) / f"{name}.json")

    def prune(self, limit_mb: float = LIMIT_MB) -> None:
        """Let go of what was not used for longest, until at most ``limit_mb`` are held."""
        room = limit_mb * 1e6
        for path in self._by_use(self.folder.glob("objects/*/*")):
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
        folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "CACHEDIR.TAG").exists():
            write_whole(self.folder / ".gitignore", b"*\n")
            write_whole(self.folder / "CACHEDIR.TAG", _TAG.encode())

    def _object(self, name: str) -> Path:
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


def _age_s(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _hash_of(name: str, record: dict[str, Any]) -> str:
    return content_hash(f"{name}\n{json.dumps(record, ensure_ascii=False)}".encode())
