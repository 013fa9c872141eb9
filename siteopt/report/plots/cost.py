"""Plot of what the sites of a plan cost, by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.report.plots.style import (
    COLOURS,
    HATCHES,
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

__all__ = ["draw_cost"]

_PARTS: Final = 6
"""Parts with a colour of their own: the dearest; all others are one."""


def draw_cost(
    sites: pd.DataFrame, *, language: Language | None = None, ax: Axes | None = None
) -> Axes:
    """Return axes with a bar a chosen site: its discounted cost by part, in bn KRW.

    Parameters
    ----------
    sites : DataFrame
        Chosen sites, best first: ``name_ko``, ``name_en`` and the columns
        ``cost_<component>_bn_krw`` of ``ranking.csv``.
    language : {'ko', 'en'}, optional
        Korean by default.
    ax : Axes, optional
        Where to draw; a figure of its own by default.
    """
    spoken = language or "ko"
    with styled():
        axes = axes_of(ax, (7.2, 1.6 + 0.36 * max(len(sites), 4)))
        axes.set_title(text("plot.cost", spoken), fontsize=11)
        columns = [
            name for name in sites if str(name).startswith("cost_") and name != "cost_bn_krw"
        ]
        columns = [str(name) for name in columns if sites[name].notna().any()]
        if sites.empty or not columns:
            return say_nothing(axes, [text("plot.no_plan", spoken)])
        parts = sites[columns].fillna(0.0).sum().sort_values(ascending=False, kind="stable")
        shown = [name for name in parts.index[:_PARTS] if parts[name] > 0]
        rest = [name for name in columns if name not in shown]
        left, place = np.zeros(len(sites)), np.arange(len(sites))
        for number, names in enumerate([*([name] for name in shown), rest]):
            size = sites[names].fillna(0.0).sum(axis=1).to_numpy(dtype=np.float64)
            if not size.any():
                continue
            key = names[0].removeprefix("cost_").removesuffix("_bn_krw")
            is_rest = names is rest
            axes.barh(
                place, size, left=left, height=0.7, edgecolor="white", linewidth=0.4,
                color=COLOURS[-1] if is_rest else COLOURS[number],
                hatch=HATCHES[-1] if is_rest else HATCHES[number],
                label=text("plot.other", spoken) if is_rest else text(f"cost.{key}", spoken),
            )  # fmt: skip
            left += size
        axes.set_yticks(place, [label(name) for name in sites[f"name_{spoken}"]], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlabel(text("plot.cost_axis", spoken), fontsize=9)
        axes.legend(
            fontsize=8, loc="upper left", bbox_to_anchor=(0.0, -0.14), ncols=3, frameon=False
        )
        axes.grid(axis="x", lw=0.3)
        axes.set_axisbelow(True)
    return axes
