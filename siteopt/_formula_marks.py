"""Apostrophes before texts of CSV files that a spreadsheet would compute.

A spreadsheet computes a text that begins like a formula, whoever wrote it; such a text gets an
apostrophe before it when it is written, which is taken away when it is read again.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

__all__ = ["MARK", "harmless", "is_marked", "without_mark"]

MARK: Final = "'"
_BEGINS_FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")
"""Also full-width and small forms of these, which Excel in Korean takes for them."""
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Kinds of signs that a program may pass over before a formula: spaces, controls, no width."""


def harmless(text: Any) -> Any:  # noqa: ANN401 - any cell
    """Return a text that no spreadsheet computes; anything that is no text as it is."""
    return f"{MARK}{text}" if isinstance(text, str) and _would_compute(text) else text


def without_mark(text: Any) -> Any:  # noqa: ANN401 - any cell
    """Return a text as it was before :func:`harmless`; anything that is no text as it is."""
    return text[1:] if is_marked(text) else text


def is_marked(text: Any) -> bool:  # noqa: ANN401 - any cell
    """Return whether a text has a mark of :func:`harmless`."""
    return isinstance(text, str) and text[:1] == MARK and _would_compute(text[1:])


def _would_compute(text: str) -> bool:
    """Return whether a text begins as a formula does, marks of ours before it aside."""
    if text[:1].isalnum() or _NUMBER.fullmatch(text):  # no letter is a form of a sign of formulas
        return False
    rest = text.lstrip(MARK)
    if rest[:1] in {"\t", "\r", "\n"}:
        return True
    first = next((sign for sign in rest if unicodedata.category(sign) not in _UNSEEN), "")
    return unicodedata.normalize("NFKC", first)[:1] in _BEGINS_FORMULA if first else False
