"""Choropleth of site suitability before a portfolio is chosen."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from siteopt.report._policy import head
from siteopt.report.texts import page_texts

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.report.texts import Language
    from siteopt.scenario import Scenario

__all__ = ["render_preview"]

_HEIGHT: Final = 640
_GENERAL_M: Final = 1000.0
"""Borders are drawn to within this many metres."""
_RAMP: Final = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
"""Viridis: even steps of lightness, also for the colour-blind and in grey."""
_LISTED: Final = 10
_STYLE: Final = (
    "body{margin:0;font:14px/1.4 'Noto Sans KR','Malgun Gothic',sans-serif;color:#222;"
    "display:flex;gap:16px;align-items:flex-start}"
    "h1{font-size:16px;margin:8px 0}table{border-collapse:collapse}"
    "td,th{padding:2px 8px;text-align:left;border-bottom:1px solid #ddd}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".bar{width:160px;height:10px;display:inline-block;vertical-align:middle;margin:0 6px;"
    f"background:linear-gradient(90deg,{','.join(f'rgb{stop}' for stop in _RAMP)})}}"
)


def render_preview(
    sites: gpd.GeoDataFrame,
    scores: pd.DataFrame,
    provinces: gpd.GeoDataFrame,
    scenario: Scenario,
    language: Language = "ko",
) -> str:
    """Return a page with all sites coloured by suitability, and the most suitable listed.

    Parameters
    ----------
    sites : GeoDataFrame
        Points in EPSG:5179 with ``site_id``, ``name_ko``, ``name_en``.
    scores : DataFrame
        By ``site_id``: ``suitability`` in 0..1.
    provinces : GeoDataFrame
        Polygons in EPSG:5179.
    scenario : Scenario
        Its title.
    language : {'ko', 'en'}
        Korean or English.

    Returns
    -------
    str
        One HTML page with a drawing in it (SVG), without any script or request. The same
        arguments give the same bytes.
    """
    suitability = scores.loc[sites["site_id"], "suitability"].to_numpy(dtype=np.float64)
    words = {key: both[language] for key, both in page_texts("preview").items()}
    title = html.escape(f"{getattr(scenario.title, language)}: {words['title']}")
    rows = _rows(sites, suitability, language)
    style = f"<style>{_STYLE}</style>"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">{head(style)}'
        f"<title>{title}</title>{style}</head><body>"
        f"{_drawing(sites, suitability, provinces, title)}<div><h1>{title}</h1><p>0<span class='bar'></span>1</p>"
        f"<p>{html.escape(words['note'])}</p><h1>{html.escape(words['list'])}</h1>"
        f"<table><tr><th></th><th>{html.escape(words['site'])}</th><th></th></tr>{rows}</table>"
        "</div></body></html>"
    )


def _drawing(
    sites: gpd.GeoDataFrame,
    suitability: NDArray[np.float64],
    provinces: gpd.GeoDataFrame,
    title: str,
) -> str:
    shapes = shapely.simplify(provinces.geometry.to_numpy(), _GENERAL_M)
    west, south, east, north = shapely.total_bounds(shapes)
    scale = _HEIGHT / (north - south)
    width = round((east - west) * scale)

    def placed(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = np.column_stack([xy[:, 0] - west, north - xy[:, 1]]) * scale
        return np.asarray(np.round(moved, 1), dtype=np.float64)

    rings = shapely.get_rings(shapely.get_parts(shapes))
    paths = (placed(shapely.get_coordinates(ring)) for ring in rings)
    land = " ".join(
        "M" + "L".join(f"{x:g} {y:g}" for x, y in path.tolist()) + "Z" for path in paths
    )
    points = placed(np.column_stack([sites.geometry.x, sites.geometry.y]))
    order = np.argsort(suitability, kind="stable")  # the most suitable on top
    dots = "".join(
        f'<circle cx="{points[at, 0]:g}" cy="{points[at, 1]:g}" r="2.2" fill="{_colour(suitability[at])}">'
        f"<title>{html.escape(str(sites['site_id'].iloc[at]))}: {suitability[at]:.3f}</title></circle>"
        for at in order
    )
    return (
        f'<svg role="img" aria-label="{title}" width="{width}" height="{_HEIGHT}" '
        f'viewBox="0 0 {width} {_HEIGHT}"><path d="{land}" fill="#f2f2ee" stroke="#999" '
        f'stroke-width=".6"/>{dots}</svg>'
    )


def _rows(sites: gpd.GeoDataFrame, suitability: NDArray[np.float64], language: Language) -> str:
    best = np.lexsort((sites["site_id"].astype(str).to_numpy(), -suitability))[:_LISTED]
    names = sites[f"name_{language}"].astype(str).to_numpy()
    return "".join(
        f'<tr><td class="n">{place}</td><td>{html.escape(str(names[at]))}</td>'
        f'<td class="n">{suitability[at]:.3f}</td></tr>'
        for place, at in enumerate(best.tolist(), start=1)
    )


def _colour(value: float) -> str:
    at = min(max(value, 0.0), 1.0) * (len(_RAMP) - 1)
    low = min(int(at), len(_RAMP) - 2)
    pairs = zip(_RAMP[low], _RAMP[low + 1], strict=True)
    red, green, blue = (round(a + (b - a) * (at - low)) for a, b in pairs)
    return f"#{red:02x}{green:02x}{blue:02x}"
