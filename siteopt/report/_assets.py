"""Scripts and styles embedded into the map: Leaflet and our own."""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from xstatic.pkg import leaflet

__all__ = ["leaflet_css", "leaflet_js", "own_css", "own_html", "own_js"]

_OWN_JS: Final = (
    "format.js", "ink.js", "verdict.js", "labels.js", "base.js", "cells.js", "land.js", "ranks.js", "points.js", "grid.js", "buses.js", "clean_price.js", "clean_curve.js", "energy.js", "robustness.js", "years.js", "compare.js",
    "wide.js", "table.js", "compare_sites.js", "weights.js", "assumptions.js", "summary.js", "sources.js",
    "impact.js", "alternatives.js", "card.js", "tabs.js", "panel.js", "shown.js", "terms.js", "hints.js", "dialog.js", "print.js", "links.js", "legend.js",
    "places.js", "place_answer.js", "search.js", "app.js",
)  # fmt: skip
"""In the order they are run."""

_SOURCE_MAP: Final = re.compile(r"^\s*//[#@]\s*sourceMappingURL=.*$", re.MULTILINE)
_URL: Final = re.compile(r"url\(\s*['\"]?(?!data:|#)([^'\")]+)['\"]?\s*\)")


@cache
def leaflet_js() -> str:
    """Return Leaflet's script without its source map comment (a browser would request it)."""
    return _SOURCE_MAP.sub("", _leaflet("leaflet.js"))


@cache
def leaflet_css() -> str:
    """Return Leaflet's style sheet with its images inside."""
    return _URL.sub(_inlined, _leaflet("leaflet.css"))


def _leaflet(name: str) -> str:
    return (Path(leaflet.BASE_DIR) / name).read_text(encoding="utf-8")


def _inlined(match: re.Match[str]) -> str:
    image = (Path(leaflet.BASE_DIR) / match.group(1)).read_bytes()
    return f"url(data:image/png;base64,{base64.b64encode(image).decode('ascii')})"


def own_js(names: tuple[str, ...] = _OWN_JS) -> str:
    """Return the map's own scripts, or some of them for another page, joined.

    Parameters
    ----------
    names : tuple of str, optional
        File names.
    """
    return "\n".join(_own(name) for name in names)


def own_css(names: tuple[str, ...] = ("map.css",)) -> str:
    """Return the style sheet of all maps, or several sheets of one, joined.

    Parameters
    ----------
    names : tuple of str, optional
        File names.
    """
    return "\n".join(_own(name) for name in names)


def own_html() -> str:
    """Return the frame of the page: header, panel and legend, without any data."""
    return _own("frame.html")


@cache
def _own(name: str) -> str:
    return files("siteopt.report").joinpath("assets", name).read_text(encoding="utf-8")
