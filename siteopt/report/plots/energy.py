"""Plot of clean energy by the hour: the least clean week of the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.report.plots.style import (
    COLOURS,
    HATCHES,
    axes_of,
    say_nothing,
    styled,
)
from siteopt.report.texts import text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from siteopt.report.texts import Language

__all__ = ["draw_energy"]

_WEEK_H: Final = 168
_STACK: Final = (
    ("used_mw", "plot.energy_used", 2), ("discharge_mw", "plot.energy_stored", 1),
    ("import_mw", "plot.energy_grid", 6),
)  # fmt: skip
"""What serves the load, from below: column, text, colour."""


def draw_energy(
    hours: pd.DataFrame | None,
    first_hour: int,
    *,
    language: Language | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Return axes with what serves the load in each hour of a week, in MW.

    Parameters
    ----------
    hours : DataFrame or None
        Rows of ``energy_hours.csv``; None where no clean energy is matched by the hour.
    first_hour : int
        First hour of the week, from 1.
    language : {'ko', 'en'}, optional
        Korean by default.
    ax : Axes, optional
        Where to draw; a figure of its own by default.
    """
    spoken = language or "ko"
    with styled():
        axes = axes_of(ax, (7.6, 3.8))
        axes.set_title(text("plot.energy", spoken), fontsize=11)
        if hours is None or hours.empty:
            return say_nothing(axes, [text("plot.no_energy", spoken)])
        at = (first_hour - 1 + np.arange(_WEEK_H)) % len(hours)  # a week may go over new year
        week, low = hours.iloc[at], np.zeros(_WEEK_H)
        for column, key, colour in _STACK:
            high = low + week[column].to_numpy(dtype=np.float64)
            axes.fill_between(
                np.arange(_WEEK_H), low, high, step="mid", facecolor=COLOURS[colour], lw=0.0,
                hatch=HATCHES[colour], edgecolor="white", label=text(key, spoken),
            )  # fmt: skip
            low = high
        contracts = week["contracts_mw"].to_numpy(dtype=np.float64)
        axes.plot(contracts, color=COLOURS[0], lw=1.2, label=text("plot.energy_made", spoken))
        axes.set_xlim(0, _WEEK_H - 1)
        axes.set_ylim(bottom=0)
        axes.set_xticks(range(0, _WEEK_H, 24), [str(day) for day in range(1, 8)])
        axes.set_xlabel(text("plot.energy_day", spoken), fontsize=9)
        axes.set_ylabel("MW", fontsize=9)
        axes.legend(
            fontsize=8, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.18), frameon=False
        )
    return axes
