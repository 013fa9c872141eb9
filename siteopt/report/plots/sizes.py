"""Bars of what a plan builds at each site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.report.plots.style import (
    COLOURS,
    axes_of,
    label,
    say_nothing,
    styled,
)
from siteopt.report.texts import text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from siteopt.report.texts import Language

__all__ = ["draw_sizes"]


def draw_sizes(
    chosen: pd.DataFrame, *, language: Language | None = None, ax: Axes | None = None
) -> Axes:
    """Return axes with a bar a chosen site: its IT load in MW.

    Parameters
    ----------
    chosen : DataFrame
        ``site_id`` and ``it_mw``.
    language : {'ko', 'en'}, optional
        Korean by default.
    ax : Axes, optional
        Where to draw; a figure of its own by default.
    """
    spoken = language or "ko"
    with styled():
        axes = axes_of(ax, (5.2, 1.2 + 0.28 * max(len(chosen), 3)))
        axes.set_title(text("plot.sizes", spoken), fontsize=11)
        if chosen.empty:
            return say_nothing(axes, [text("plot.no_plan", spoken)])
        place = np.arange(len(chosen))
        bars = axes.barh(place, chosen["it_mw"].to_numpy(dtype=np.float64), color=COLOURS[0])
        axes.bar_label(bars, fmt="{:,.0f}", fontsize=8, padding=2)
        axes.set_yticks(place, [label(one) for one in chosen["site_id"]], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlabel("MW", fontsize=9)
    return axes
