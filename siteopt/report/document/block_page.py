"""HTML page of a report's blocks, without a script or a request."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING, Any, Final

from siteopt.report._policy import head

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from siteopt.report.document.blocks import Block

__all__ = ["block_page"]

_STYLE: Final = (
    "body{margin:0;font:16px/1.6 'Noto Sans KR','Malgun Gothic','NanumGothic',sans-serif;color:#1b2733;"
    "background:#fff}main{max-width:920px;margin:0 auto;padding:24px 20px 40px;overflow-wrap:anywhere}"
    ".over,footer,.small,caption,figcaption{color:#5a6570;font-size:14px}h1{font-size:26px;margin:4px 0 16px}"
    "h2{font-size:20px;color:#0b5394;border-bottom:2px solid #0b5394;margin:32px 0 12px}"
    "h3{font-size:16px;margin:0 0 4px}.box{background:#eef3f7;border-left:4px solid #0b5394;"
    "padding:12px 16px;margin:12px 0}.box p{margin:0}.box.alert{background:#fdf0e6;border-color:#b84a00}"
    "dl{display:flex;flex-wrap:wrap;gap:12px 32px}dt{color:#5a6570;font-size:14px}"
    "dd{margin:0;font-size:20px;font-weight:700}.wide{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;font-size:14px}caption{text-align:left;padding:4px 0}"
    "th,td{padding:5px 8px;border-bottom:1px solid #c5ccd3;text-align:left;vertical-align:top}"
    "thead th{background:#eef3f7}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "figure{margin:16px 0}img{max-width:100%;height:auto;max-height:640px}"
    "@page{size:A4;margin:16mm}@media print{main{max-width:none;padding:0}h2{break-after:avoid}"
    "tr,figure{break-inside:avoid}img{max-height:150mm}}"
)


def block_page(content: dict[str, Any], pictures: Mapping[str, bytes]) -> str:
    """Return the page; the same content gives the same text.

    Parameters
    ----------
    content : dict
        As `siteopt.report.document.typesetting.typeset` takes it.
    pictures : mapping of str to bytes
        PNG by the name that figures have.
    """
    style = f"<style>{_STYLE}</style>"
    title = html.escape(content["title"])
    body = "".join(
        f"<section><h2>{html.escape(one['title'])}</h2>"
        f"{''.join(_WRITERS[block['kind']](block, pictures) for block in one['blocks'])}</section>"
        for one in content["sections"]
    )
    return (
        f'<!doctype html><html lang="{content["lang"]}" data-ready="true"><head><meta charset="utf-8">'
        f"{head(style)}<title>{title}</title>{style}</head><body><main>"
        f'<p class="over">{html.escape(content["overline"])}</p><h1>{title}</h1>{body}'
        f"<footer><p>{html.escape(content['foot'])}</p></footer></main></body></html>\n"
    )


def _paragraph(block: Block, _: Mapping[str, bytes]) -> str:
    kind = ' class="small"' if block["small"] else ""
    return f"<p{kind}{_language(block)}>{html.escape(block['text'])}</p>"


def _boxed(block: Block, _: Mapping[str, bytes]) -> str:
    kind = "box alert" if block.get("alert") else "box"
    return (
        f'<div class="{kind}"><h3>{html.escape(block["title"])}</h3>'
        f"<p{_language(block)}>{html.escape(block['text'])}</p></div>"
    )


def _language(block: Block) -> str:
    return f' lang="{block["lang"]}"' if "lang" in block else ""


def _bullets(block: Block, _: Mapping[str, bytes]) -> str:
    return f"<ul>{''.join(f'<li>{html.escape(one)}</li>' for one in block['items'])}</ul>"


def _key_figures(block: Block, _: Mapping[str, bytes]) -> str:
    pairs = (
        f"<div><dt>{html.escape(what)}</dt><dd>{html.escape(value)}</dd></div>"
        for what, value in block["items"]
    )
    return f"<dl>{''.join(pairs)}</dl>"


def _table(block: Block, _: Mapping[str, bytes]) -> str:
    kinds = [' class="n"' if one["number"] else "" for one in block["columns"]]
    heads = "".join(
        f'<th scope="col"{kind}>{html.escape(one["title"])}</th>'
        for one, kind in zip(block["columns"], kinds, strict=True)
    )
    rows = "".join(f"<tr>{_cells(row, kinds)}</tr>" for row in block["rows"])
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(block["title"])}">'
        f"<table><caption>{html.escape(block['title'])}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cells(row: list[str], kinds: list[str]) -> str:
    first = f'<th scope="row">{html.escape(row[0])}</th>'
    return first + "".join(
        f"<td{kind}>{html.escape(cell)}</td>" for cell, kind in zip(row[1:], kinds[1:], strict=True)
    )


def _figure(block: Block, pictures: Mapping[str, bytes]) -> str:
    picture = base64.b64encode(pictures[block["name"]]).decode("ascii")
    return (
        f'<figure><img alt="{html.escape(block["alt"])}" src="data:image/png;base64,{picture}">'
        f"<figcaption>{html.escape(block['title'])}</figcaption></figure>"
    )


_WRITERS: Final[dict[str, Callable[[Block, Mapping[str, bytes]], str]]] = {
    "paragraph": _paragraph, "boxed": _boxed, "bullets": _bullets, "key_figures": _key_figures,
    "table": _table, "figure": _figure,
}  # fmt: skip
