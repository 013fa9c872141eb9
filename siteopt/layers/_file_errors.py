"""Errors of layer files, without a library that reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from siteopt.errors import LayerFileError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["first_words", "must_be_file"]

_MANY_WORDS: Final = 160


def must_be_file(path: Path) -> None:
    """Raise LayerFileError where there is no file, or a folder."""
    if path.is_dir():
        raise LayerFileError(f"{path}: is a folder; a layer is a file")
    if not path.is_file():
        raise LayerFileError(f"{path}: no such file; the layer file must be readable")


def first_words(error: Exception) -> str:
    """Return the error of a library in one line, without its advice on its settings."""
    message = re.split(r"[;\n]|\. |\.$", str(error), maxsplit=1)[0].strip()
    return "".join(sign if sign.isprintable() else "?" for sign in message)[:_MANY_WORDS]
