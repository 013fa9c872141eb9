"""Fonts of the report: NanumGothic (OFL), which the package koreanize-matplotlib carries."""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

__all__ = ["FAMILY", "font_files", "font_folder", "printable"]

FAMILY: Final = "NanumGothic"
_CARRIER: Final = "koreanize-matplotlib"
_FOLDER: Final = "koreanize_matplotlib/fonts"
_FACES: Final = ("NanumGothic.ttf", "NanumGothicBold.ttf")
_REPLACEMENT: Final = "□"
"""In place of a sign that the font lacks: PDF/UA allows no sign without a glyph."""
_KEPT: Final = "\n\u00a0"
"""Signs that no glyph need be there for, though they are not printable: spaces and line ends."""
_LIKE: Final = {"\u2212": "-", "\u2009": "\u00a0", "\t": " "}
"""Signs that the font lacks and one that reads the same."""


def font_folder() -> Path:
    """Return the folder of the fonts; the package is not imported, as that changes matplotlib."""
    return Path(str(distribution(_CARRIER).locate_file(_FOLDER)))


def font_files() -> list[Path]:
    """Return the faces that pictures are lettered with."""
    return [font_folder() / name for name in _FACES]


@cache
def _glyphs() -> frozenset[int]:
    """Return the code points that every face has."""
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415 - a run without a report needs none

    maps = [FT2Font(str(file)).get_charmap() for file in font_files()]
    return frozenset(set(maps[0]).intersection(*maps[1:]))


def printable(words: str) -> str:
    """Return a text of which every sign has a glyph; line ends are kept.

    Parameters
    ----------
    words : str
        Any text, such as a name out of a user's file.
    """
    known = _glyphs()
    return "".join(
        sign
        if sign in _KEPT or (ord(sign) in known and sign.isprintable())
        else _LIKE.get(sign, _REPLACEMENT)
        for sign in words
    )
