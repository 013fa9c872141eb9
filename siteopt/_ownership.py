"""Whose a folder or a file is: what another user could have put there is neither read nor written.

Asked as ssh and sudo ask it, by owner and by the bits that let others write. Where the system has
no such owners (Windows) nothing is asked.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_open_to_all", "plain_bytes", "refusal"]

_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH
_ROOT: Final = 0
_OPENED: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe is no file, and nobody waits for its other end
    | getattr(os, "O_BINARY", 0)
)


def refusal(folder: Path, *, sticky: bool = False, own_group: bool = False) -> str:
    """Return in words why a folder is not the user's alone, with what to do; empty where it is.

    Parameters
    ----------
    folder : Path
        One that is there; a link stands for the folder it names, and has to be the user's too.
    sticky : bool
        Whether others may write where the sticky bit keeps files of each from the others.
    own_group : bool
        Whether a group that has the user's name and no other member may write.
    """
    if _user() is None:  # pragma: no cover - Windows
        return ""
    found = folder.stat()
    if not {found.st_uid, folder.lstat().st_uid} <= {_ROOT, _user()}:
        return f"another user owns {folder}"
    others = found.st_mode & _OTHERS
    if own_group and _is_own_group(found.st_gid):
        others &= ~stat.S_IWGRP
    if not others or (sticky and found.st_mode & stat.S_ISVTX):
        return ""
    return f"others can write to {folder}; `chmod go-w {folder}` ends that"


def plain_bytes(path: Path, *, own: bool = False) -> bytes:
    """Return what a file holds that is one itself, and no link to another.

    Parameters
    ----------
    path : Path
        The file.
    own : bool
        Whether nobody else may own it or be able to write it.

    Raises
    ------
    OSError
        If it is anything else.
    """
    opened = os.open(path, _OPENED)
    with os.fdopen(opened, "rb") as file:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "not a file", str(path))
        others = found.st_uid not in {_ROOT, _user()} or found.st_mode & _OTHERS
        if own and _user() is not None and others:
            raise PermissionError(errno.EPERM, "others own it or can write it", str(path))
        return file.read()


def is_open_to_all(folder: Path) -> bool:
    """Return whether anyone can put another folder in the place of one in this one."""
    mode = folder.stat().st_mode
    return _user() is not None and bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX


def _user() -> int | None:
    """Return whose the process is, None on Windows."""
    return os.geteuid() if hasattr(os, "geteuid") else None


def _is_own_group(gid: int) -> bool:
    """Return whether a group is the user's private one, as Linux makes one for each user."""
    with suppress(ImportError, KeyError):
        import grp  # noqa: PLC0415 - not on Windows
        import pwd  # noqa: PLC0415

        user, group = pwd.getpwuid(_user() or _ROOT), grp.getgrgid(gid)
        alone = not set(group.gr_mem) - {user.pw_name}
        return user.pw_uid != _ROOT and group.gr_name == user.pw_name and alone
    return False
