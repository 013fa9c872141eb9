"""Extraction of ZIP archives from strangers: bounded, and never outside its folder."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from siteopt.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["ArchiveBounds", "extract"]

_CHUNK: Final = 1 << 20
_UTF8_FLAG: Final = 0x800
"""Bit of a member that says its name is in UTF-8 (APPNOTE, D.1); zipfile reads others as cp437."""


@dataclass(frozen=True, slots=True)
class ArchiveBounds:
    """Bounds of an archive.

    Attributes
    ----------
    members : int
        Most files.
    bytes_max : int
        Most bytes that all of them expand to.
    ratio_max : float
        Most bytes that one of the archive expands to; a file of zeros reaches a thousand.
    """

    members: int = 10_000
    bytes_max: int = 8_000_000_000
    ratio_max: float = 200.0


def extract(
    archive: Path, folder: Path, suffixes: Collection[str], bounds: ArchiveBounds | None = None
) -> list[Path]:
    """Extract the files of some kinds, without the folders they lie in.

    Names that are not in UTF-8 are read as CP949, as Korean offices write them.

    Parameters
    ----------
    archive : Path
        The ZIP file.
    folder : Path
        Where the files go; it must be there.
    suffixes : collection of str
        Kinds that are wanted, such as ``.shp``; others are left out.
    bounds : ArchiveBounds, optional
        What an archive may expand to.

    Returns
    -------
    list of Path
        The files, in order of name.

    Raises
    ------
    FetchError
        If the archive is broken, leaves its folder, or expands beyond the bounds; what was
        extracted before is removed.
    """
    limits = bounds or ArchiveBounds()
    made: list[Path] = []
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            _must_be_few(archive, len(members), limits.members)
            room = min(limits.bytes_max, int(limits.ratio_max * archive.stat().st_size) + _CHUNK)
            for member, name in _wanted(archive, members, suffixes):
                made.append(folder / name)
                room -= _expanded(archive, opened, member, made[-1], room)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        _remove(made)
        raise FetchError(f"{archive.name}: cannot be unpacked ({error})") from error
    except (FetchError, OSError):
        _remove(made)
        raise
    return sorted(made)


def _must_be_few(archive: Path, members: int, members_max: int) -> None:
    if members > members_max:
        raise FetchError(f"{archive.name}: {members:,} files, more than {members_max:,}")


def _wanted(
    archive: Path, members: list[zipfile.ZipInfo], suffixes: Collection[str]
) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Yield the members of the kinds that are wanted, with the name of the file they become."""
    seen: set[str] = set()
    for member in members:
        name = _name(member)
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if ".." in parts or name.startswith(("/", "\\")) or ":" in name:
            raise FetchError(f"{archive.name}: {name!r} would be written outside its folder")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise FetchError(f"{archive.name}: {name!r} is a link")
        if not member.is_dir() and Path(parts[-1]).suffix.lower() in suffixes:
            if parts[-1] in seen:
                raise FetchError(f"{archive.name}: two files are called {parts[-1]}")
            seen.add(parts[-1])
            yield member, parts[-1]


def _name(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & _UTF8_FLAG:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("cp949")
    except UnicodeError:
        return member.filename


def _expanded(
    archive: Path, opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, room: int
) -> int:
    """Write one member and return its bytes, counted as they come: the header may say anything."""
    size = 0
    with opened.open(member) as source, target.open("xb") as out:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > room:
                raise FetchError(
                    f"{archive.name}: expands to far more than it should ({target.name}); it may "
                    "be made to fill the disk"
                )
            out.write(chunk)
    return size


def _remove(files: list[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
