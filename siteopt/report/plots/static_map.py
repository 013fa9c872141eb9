"""Static map of an answer: provinces, candidates, the plan's sites by size, and their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import Polygon

from siteopt.report.plots.style import COLOURS, axes_of, label, styled
from siteopt.report.texts import text

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes

    from siteopt.report.texts import Language

__all__ = ["draw_map"]

_GENERAL_M: Final = 1500.0
"""Borders are drawn to within this many metres."""
_LAND: Final = "#ececE6".lower()
_BORDER: Final = "#b5b5ad"
_MARGIN_M: Final = 15_000.0
_SCALE_KM: Final = 100
_LISTED: Final = 20
"""Most sites of the plan that are named beside the map."""


def draw_map(  # noqa: PLR0913 - each by its name
    provinces: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    routes: gpd.GeoDataFrame | None = None,
    *,
    title: str = "",
    language: Language | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the map of an answer, EPSG:5179.

    Parameters
    ----------
    provinces : GeoDataFrame
        Polygons in EPSG:5179.
    sites : GeoDataFrame
        Points in EPSG:5179 with ``name_ko``, ``name_en``; of a plan also ``chosen`` and ``it_mw``.
    routes : GeoDataFrame, optional
        Lines of the plan's connections.
    title : str
        What stands above.
    language : {'ko', 'en'}, optional
        Korean by default.
    ax : Axes, optional
        Where to draw; a figure of its own by default.
    """
    spoken = language or "ko"
    with styled():
        axes = axes_of(ax, (7.2, 6.4))
        _land(axes, provinces)
        chosen = sites["chosen"].astype(bool) if "chosen" in sites else sites["site_id"].isna()
        others, plan = sites[~chosen], sites[chosen]
        axes.plot(
            others.geometry.x, others.geometry.y, ".", color=COLOURS[4], ms=1.6, alpha=0.7,
            label=text("plot.candidates", spoken, count=f"{len(others):,}"),
        )  # fmt: skip
        if routes is not None and len(routes):
            lines = [shapely.get_coordinates(line) for line in routes.geometry]
            axes.add_collection(
                LineCollection(
                    lines, colors="#333333", linewidths=1.0, label=text("plot.routes", spoken)
                )
            )
        if len(plan):
            _plan(axes, plan, spoken)
        _frame(axes, provinces, spoken)
        axes.set_title(label(title, 60) if title else text("plot.map", spoken), fontsize=11)
        axes.legend(loc="lower right", fontsize=8, framealpha=0.9)
    return axes


def _land(axes: Axes, provinces: gpd.GeoDataFrame) -> None:
    shapes = shapely.simplify(provinces.geometry.to_numpy(), _GENERAL_M)
    rings = [
        Polygon(shapely.get_coordinates(part.exterior))
        for part in shapely.get_parts(shapes)
        if part.geom_type == "Polygon" and not part.is_empty
    ]
    axes.add_collection(
        PatchCollection(rings, facecolor=_LAND, edgecolor=_BORDER, linewidth=0.6, zorder=0)
    )


def _plan(axes: Axes, plan: gpd.GeoDataFrame, language: Language) -> None:
    """Draw the plan's sites, larger where more is built, with numbers and their names beside."""
    it_mw = plan["it_mw"].to_numpy(dtype=np.float64)
    axes.scatter(
        plan.geometry.x, plan.geometry.y, s=40.0 + it_mw / 2.5, facecolor=COLOURS[5],
        edgecolor="white", linewidth=0.8, zorder=3, label=text("plot.chosen", language, count=len(plan)),
    )  # fmt: skip
    names = []
    for number, (place, name, size) in enumerate(
        zip(plan.geometry, plan[f"name_{language}"], it_mw, strict=True), start=1
    ):
        axes.annotate(
            str(number), (place.x, place.y), ha="center", va="center", fontsize=7, color="white",
            fontweight="bold", zorder=4,
        )  # fmt: skip
        names.append(f"{number}  {label(name)}  {size:,.0f} MW")
    more = [text("plot.more", language, count=len(names) - _LISTED)] if len(names) > _LISTED else []
    axes.text(
        1.02, 1.0, "\n".join([*names[:_LISTED], *more]), transform=axes.transAxes, fontsize=8,
        va="top", linespacing=1.5,
    )  # fmt: skip


def _frame(axes: Axes, provinces: gpd.GeoDataFrame, language: Language) -> None:
    west, south, east, north = provinces.total_bounds
    axes.set_xlim(west - _MARGIN_M, east + _MARGIN_M)
    axes.set_ylim(south - _MARGIN_M, north + _MARGIN_M)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    left, low = west, south
    axes.plot([left, left + _SCALE_KM * 1000.0], [low, low], color="#333333", lw=2)
    axes.text(left, low + 6000.0, f"{_SCALE_KM} km", fontsize=7)
    axes.set_xlabel(text("plot.notice", language), fontsize=7, color="#444444")
