"""How the notebooks draw: a map of the country, and labels in a language whose font is there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib import font_manager

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes

__all__ = ["LANGUAGE", "country", "words"]

_KOREAN_FONTS = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumGothic",
    "Malgun Gothic",
    "AppleGothic",
    "Noto Sans CJK JP",  # the name under which matplotlib finds the same file
)


def _korean_font() -> str | None:
    """Return the first of the fonts that is installed; None where there is none."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _KOREAN_FONTS if name in installed), None)


_FONT = _korean_font()
LANGUAGE = "en" if _FONT is None else os.environ.get("NOTEBOOK_LANGUAGE", "ko")
"""Language of the figures: Korean unless told otherwise, English without a Korean font."""

if _FONT is not None:
    plt.rcParams["font.family"] = [_FONT, "DejaVu Sans"]
plt.rcParams["axes.unicode_minus"] = False
plt.rcParams["figure.dpi"] = 100


def words(ko: str, en: str) -> str:
    """Return the words in the language of the figures."""
    return ko if LANGUAGE == "ko" else en


def country(provinces: gpd.GeoDataFrame, title: str, axes: Axes | None = None) -> Axes:
    """Return axes with the provinces in grey, without ticks, EPSG:5179.

    Parameters
    ----------
    provinces : GeoDataFrame
        Polygons in EPSG:5179.
    title : str
        What stands above the map.
    axes : Axes, optional
        Where to draw; a figure of its own by default.
    """
    if axes is None:
        _, axes = plt.subplots(figsize=(6, 7), layout="constrained")
    provinces.plot(ax=axes, color="#f2f2ee", edgecolor="#999999", linewidth=0.6)
    x_min, y_min, x_max, y_max = provinces.total_bounds
    axes.set_xlim(x_min, x_max)
    axes.set_ylim(y_min, y_max)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(title)
    return axes
