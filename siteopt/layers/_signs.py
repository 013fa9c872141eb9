"""Forbidden characters in texts of layers: invisible ones and direction overrides."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["check_signs", "named_sign", "same_text"]

_LINE_ENDS: Final = "\t\n\r"
_HIDDEN: Final = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control signs
    r"\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # no width, or direction
    r"\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f"  # no characters, and tags
)
_BAD: Final = re.compile(f"[{_HIDDEN}]")
_BAD_IN_A_LINE: Final = re.compile(f"[{_HIDDEN}{_LINE_ENDS}]")
_ALWAYS_A_LINE: Final = frozenset({"site_id", "name", "name_ko", "name_en", "complex_id"})


def check_signs(
    frame: pd.DataFrame, file: str, name: Callable[[int], str], lines: Collection[str]
) -> None:
    """Raise LayerError at the first control, direction or zero-width sign of a text or column name.

    Parameters
    ----------
    frame : DataFrame
        Any columns; those that hold no text are passed over.
    file : str
        File name for messages.
    name : callable
        From the place of a row to what it is called in messages.
    lines : collection of str
        Columns whose texts are one line, so that tabs and line ends are wrong there too.
    """
    one_line = _ALWAYS_A_LINE | set(lines)
    for place, column in enumerate(map(str, frame.columns), start=1):
        found = _BAD_IN_A_LINE.search(column)
        if found is not None:
            raise LayerError(
                f"{file}: the name of column {place} holds {named_sign(found[0])}; write it without"
            )
    for label, dtype in frame.dtypes.items():
        if not (isinstance(dtype, pd.StringDtype) or dtype.kind == "O"):
            continue
        column, cells = str(label), frame[label]
        bad = _BAD_IN_A_LINE if column in one_line else _BAD
        at = _first(cells, bad)
        if at is not None:
            sign = bad.search(str(cells.iloc[at]))
            what = named_sign(sign[0]) if sign else "a hidden sign"
            raise LayerError(f"{file}: {name(at)}: {column} holds {what}; write it without")


def _first(cells: pd.Series[Any], bad: re.Pattern[str]) -> int | None:
    """Return the first cell with such a sign; texts are searched all at once before one by one."""
    texts = cells.tolist()
    if not (isinstance(cells.dtype, pd.StringDtype) and not cells.hasnans):
        texts = [cell if isinstance(cell, str) else "" for cell in texts]
    if bad.search("".join(texts)) is None:
        return None
    return next(place for place, text in enumerate(texts) if bad.search(text))


def named_sign(sign: str) -> str:
    """Return what a sign that cannot be seen is called: its code point and its name."""
    called = unicodedata.name(
        sign, {"\t": "a tab", "\n": "a line end", "\r": "a line end"}.get(sign, "")
    )
    return f"U+{ord(sign):04X}" + (f" ({called.lower()})" if called else " (a control sign)")


def same_text(text: object) -> object:
    """Return one form for all ways to write a text: composed, as Windows writes Korean.

    macOS writes Korean decomposed; the two look the same and are the same id.
    """
    if not isinstance(text, str) or text.isascii():
        return text
    return unicodedata.normalize("NFC", text)
