"""Map of a run: one self-contained HTML file that makes no network request."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from typing import TYPE_CHECKING, Any, Final

import folium
from branca.element import Element, Figure

from siteopt.report import _assets, _policy
from siteopt.report._payload import payload
from siteopt.report.tables import ranking_table
from siteopt.report.texts import LANGUAGES, text

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.report.run_tables import RunTables

__all__ = ["offline_page", "render_map"]

_CENTRE: Final = (36.1, 127.9)
"""Latitude and longitude of the first view; the page then fits the country."""

_HEAD, _TITLE, _UNREADABLE, _DATA = (
    f"@siteopt {name}@" for name in ("head", "title", "unreadable", "data")
)
"""Where policy, texts and data go into the page once the rest of it is there."""

_MARKS: Final = re.compile(f"({_HEAD}|{_TITLE}|{_UNREADABLE}|{_DATA})")
_VIEWPORT: Final = re.compile(r"<meta name=\"viewport\"[^>]*>")
"""Folium's own, which forbids to enlarge the page; ours is beside the policy."""


class _Verbatim(Element):
    """Text that goes into the page as it is: branca would read ``{{`` in it as a template."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self._content = content

    def render(self, **kwargs: Any) -> str:  # noqa: ANN401, ARG002 - branca's signature
        return self._content


class _OfflineMap(folium.Map):
    """A Folium map without the scripts and styles that it would fetch from ten addresses."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - folium's own options
        super().__init__(**options)
        self.default_js = []
        self.default_css = []


def render_map(tables: RunTables, ranking: pd.DataFrame | None = None) -> str:
    """Return the map of a run as one HTML page.

    Parameters
    ----------
    tables : RunTables
        The finished run; the same run gives the same text.
    ranking : DataFrame, optional
        The `ranking_table` of the run where it is known already.
    """
    content = payload(tables, ranking_table(tables) if ranking is None else ranking)
    return offline_page(
        content, tables.scenario.title.ko,
        frame=_assets.own_html(), style=_assets.own_css(("map.css", "tabs.css", "places.css")), script=_assets.own_js(),
    )  # fmt: skip


def offline_page(
    content: dict[str, Any], page_title: str, *, frame: str, style: str, script: str
) -> str:
    """Return a page with a map that needs no network.

    Parameters
    ----------
    content : dict
        What the script reads, as JSON has it.
    page_title : str
        Title in Korean.
    frame, style, script : str
        HTML about the map, style sheet, and the script; its ``siteopt.start`` gets the map.
    """
    view = _OfflineMap(
        location=_CENTRE, zoom_start=7, tiles=None, zoom_control="topleft", prefer_canvas=True,
        attributionControl=True, minZoom=6, maxZoom=14, zoomSnap=0.25, zoomDelta=0.5,
        wheelPxPerZoomLevel=120,
    )  # fmt: skip
    view._id = "siteopt"  # noqa: SLF001 - folium draws ids from urandom; ours stay the same
    figure = view.get_root()
    if not isinstance(figure, Figure):  # pragma: no cover - folium always has a figure
        raise TypeError("folium.Map without a figure")
    head = (
        f"{_HEAD}<title>{_TITLE}</title>"
        f"<style>{_assets.leaflet_css()}</style><script>{_assets.leaflet_js()}</script>"
    )
    figure.header.add_child(_Verbatim(head), name="siteopt_head")
    figure.html.add_child(
        _Verbatim(f'{frame}\n<p id="unreadable" role="alert" hidden>{_UNREADABLE}</p>'),
        name="siteopt_frame",
    )
    data_tag = f'<script type="application/zlib" id="siteopt-data">{_DATA}</script>'
    figure.html.add_child(_Verbatim(data_tag), name="siteopt_data")
    view.render()  # type: ignore[no-untyped-call]
    figure.header.add_child(_Verbatim(f"<style>{style}</style>"), name="siteopt_css")
    start = f"{script}\nsiteopt.begin({view.get_name()});"
    figure.script.add_child(_Verbatim(start), name="siteopt_start")
    page = _VIEWPORT.sub("", str(figure.render())).replace("<html>", '<html lang="ko">', 1)
    parts = {
        _HEAD: _policy.head(page), _TITLE: html.escape(page_title), _UNREADABLE: _unreadable(),
        _DATA: _packed(content),
    }  # fmt: skip
    return "".join(parts.get(part, part) for part in _MARKS.split(page))


def _unreadable() -> str:
    """Return what a browser that cannot read the data shows: it has no text but this one."""
    return " ".join(
        f'<span lang="{language}">{html.escape(text("page.unreadable", language))}</span>'
        for language in LANGUAGES
    )


def _packed(content: dict[str, Any]) -> str:
    """Return JSON as base64 of a zlib stream: half as long, and nothing that a parser could leave."""
    dumped = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(dumped.encode(), 9)).decode("ascii")
