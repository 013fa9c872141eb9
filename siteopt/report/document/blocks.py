"""Blocks of a printed report: headings, paragraphs, tables, figures, as plain values.

A block holds text and numbers only, never markup: the template (``report.typ``) reads blocks as
JSON, so that no name out of data is ever taken for a command.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "Block", "Column", "PlaceText", "boxed", "bullets", "figure", "heading", "key_figures",
    "paragraph", "sheet", "table",
]  # fmt: skip

Block = dict[str, Any]
"""``kind`` and what is shown of it."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
        Its head.
    share : float
        Its part of the width, relative to the others; 0 for as wide as its text.
    number : bool
        Whether it is set to the right.
    """

    title: str
    share: float = 0.0
    number: bool = False


@dataclass(frozen=True)
class PlaceText:
    """What is said of a named place, in the language of the report.

    Attributes
    ----------
    name : str
        The place.
    sentence : str
        The answer in one sentence.
    sections : tuple of (str, tuple of str)
        The rest: lines under a head, which may be empty.
    note : str
        The user's own.
    """

    name: str
    sentence: str
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    note: str = ""


def heading(words: str, level: int = 2) -> Block:
    """Return a heading below that of its section."""
    return {"kind": "heading", "level": level, "text": words}


def paragraph(words: str, *, small: bool = False) -> Block:
    """Return a paragraph; a small one is a note."""
    return {"kind": "paragraph", "text": words, "small": small}


def boxed(title: str, words: str) -> Block:
    """Return a paragraph in a frame, under a title of its own."""
    return {"kind": "boxed", "title": title, "text": words}


def bullets(items: Iterable[str]) -> Block:
    """Return a list."""
    return {"kind": "bullets", "items": list(items)}


def key_figures(pairs: Iterable[tuple[str, str]]) -> Block:
    """Return figures that stand large, each under what it is."""
    return {"kind": "key_figures", "items": [list(pair) for pair in pairs]}


def table(title: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Block:
    """Return a table whose head is repeated on every page."""
    return {
        "kind": "table",
        "title": title,
        "columns": [
            {"title": one.title, "share": one.share, "number": one.number} for one in columns
        ],
        "rows": [list(row) for row in rows],
    }


def figure(name: str, title: str, alt: str, width_pct: float = 100.0) -> Block:
    """Return a picture by its name, with what it shows in words for who cannot see it."""
    return {"kind": "figure", "name": name, "title": title, "alt": alt, "width_pct": width_pct}


def sheet(
    title: str, facts: Iterable[tuple[str, str]], bars: Sequence[tuple[str, str, float]],
    bars_title: str, notes: Iterable[str],
) -> Block:  # fmt: skip
    """Return the sheet of a site: facts to the left, its cost as bars to the right, notes below.

    Parameters
    ----------
    title : str
        The site.
    facts : iterable of (str, str)
        What, and its value.
    bars : sequence of (str, str, float)
        Component, amount in words, and its share of the total, 0 to 1.
    bars_title : str
        What the bars are.
    notes : iterable of str
        A line each.
    """
    return {
        "kind": "sheet", "title": title, "facts": [list(one) for one in facts],
        "bars": [list(one) for one in bars], "bars_title": bars_title, "notes": list(notes),
    }  # fmt: skip
