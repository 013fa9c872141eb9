r"""Text with every sign that a terminal obeys shown by its code.

Names come from layers, cases, file names and other people's run folders. A sign that moves the
cursor, opens a link, changes the colour or turns the direction of reading stands as ``\x1b`` or
``\u202e`` where it is printed.
"""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["shown", "shown_json"]

_OBEYED: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Kinds of signs: controls, formats (bidirectional and without width), half signs, line ends."""
_BYTE: Final = 0xFF
_PLANE: Final = 0xFFFF


def shown(text: object, *, lines: bool = False) -> str:
    """Return a text with every sign that a terminal obeys as its code.

    Parameters
    ----------
    text : object
        What is to be printed.
    lines : bool
        Whether it is several lines; else a line end in it is shown as well.
    """
    return "".join(
        sign if sign.isprintable() or (lines and sign == "\n") else _code(sign)
        for sign in str(text)
    )


def _code(sign: str) -> str:
    if unicodedata.category(sign) not in _OBEYED:
        return sign
    number = ord(sign)
    if number <= _BYTE:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= _PLANE else f"\\U{number:08x}"


def shown_json(dumped: str) -> str:
    r"""Return JSON that says the same and has no such sign: ``\u009b`` stands for it."""
    return "".join(_json_code(sign) for sign in dumped)


def _json_code(sign: str) -> str:
    if sign == "\n" or sign.isprintable() or unicodedata.category(sign) not in _OBEYED:
        return sign
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
