"""Small page of an object for a notebook: words, a picture and a table, without any script."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING, Final

from siteopt._notebook import Card
from siteopt.report._policy import head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt.report.texts import Language

__all__ = ["card_of"]

_STYLE: Final = (
    "body{margin:0;font:13px/1.45 'Noto Sans KR','Malgun Gothic',sans-serif;color:#222}"
    "h1{font-size:15px;margin:6px 0}pre{white-space:pre-wrap;font:inherit;margin:4px 0}"
    "img{max-width:100%;height:auto}table{border-collapse:collapse;margin:4px 0}"
    "td,th{padding:2px 8px;text-align:left;border-bottom:1px solid #ccc}"
)
_HEAD_PX: Final = 150
_LINE_PX: Final = 26


def card_of(  # noqa: PLR0913 - each by its name
    title: str,
    lines: Sequence[str],
    png: bytes,
    *,
    alt: str,
    picture_px: int,
    table: Sequence[Sequence[str]] = (),
    language: Language = "ko",
) -> Card:
    """Return what a notebook shows of an object.

    Parameters
    ----------
    title : str
        Head of the page.
    lines : sequence of str
        The object in words, for people and terminals.
    png : bytes
        Its picture.
    alt : str
        The picture in words.
    picture_px : int
        Height of the picture.
    table : sequence of rows
        Rows of the page's table, its head first; none by default.
    language : {'ko', 'en'}
        Of the page.
    """
    data = base64.b64encode(png).decode("ascii")
    style = f"<style>{_STYLE}</style>"
    said = html.escape("\n".join(lines))
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">{head(style)}'
        f"<title>{html.escape(title)}</title>{style}</head><body><h1>{html.escape(title)}</h1>"
        f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}">'
        f"{_table(table)}<pre>{said}</pre></body></html>"
    )
    height = _HEAD_PX + picture_px + _LINE_PX * len(table)
    return Card("\n".join(lines), png, page, min(height, 900))


def _table(rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    first, *others = ([html.escape(str(cell)) for cell in row] for row in rows)
    top = "".join(f"<th>{cell}</th>" for cell in first)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in others)
    return f"<table><tr>{top}</tr>{body}</table>"
