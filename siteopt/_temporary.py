"""Temporary folders, and the error of a full disk."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from siteopt.errors import LayerFileError, SiteoptError, why_not_read

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["temporary_folder"]

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
_FULL_BYTES: Final = 1_000_000
"""A disk with less room than this is full: the files of a run take more."""


@contextmanager
def temporary_folder(prefix: str = "siteopt-") -> Iterator[Path]:
    """Give a folder that is gone afterwards.

    Raises
    ------
    LayerFileError
        If no folder can be made, or what is written into it finds no room: the libraries that
        write rasters and features have many names for that, so the disk itself is asked.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix=prefix)
    except OSError as error:
        raise LayerFileError(
            f"{os.environ.get('TMPDIR', 'temporary files')}: no temporary folder can be made "
            f"({why_not_read(error)}); set TMPDIR to a folder with room that is yours to write"
        ) from error
    with made as name:
        try:
            yield Path(name)
        except SiteoptError:
            raise
        except Exception as error:
            no_room = getattr(error, "errno", None) in _NO_ROOM
            if no_room or shutil.disk_usage(name).free < _FULL_BYTES:
                raise LayerFileError(
                    f"{name}: the disk has no room for temporary files ({why_not_read(error)}); set "
                    "TMPDIR to a folder with more"
                ) from error
            raise
