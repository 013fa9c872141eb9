"""Plot of how often sites are in the plan when all assumptions move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from siteopt.report.texts import Language

__all__ = ["draw_robustness"]

_SHOWN: Final = 20


def draw_robustness(  # noqa: PLR0913 - each by its name
    places: pd.DataFrame | None,
    names: Mapping[str, str],
    robust_share_pct: float,
    *,
    draws: int = 0,
    language: Language | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the share of draws in whose plan each site is, and its interval.

    Parameters
    ----------
    places : DataFrame or None
        Rows of ``robustness_places.csv``: ``level``, ``place``, ``share_pct``, ``low_pct``,
        ``high_pct``, ``in_run``; None where no draws were made.
    names : mapping of str to str
        Names of sites in the language that is drawn.
    robust_share_pct : float
        Share from which a site is robust.
    draws : int
        Number of draws.
    language : {'ko', 'en'}, optional
        Korean by default.
    ax : Axes, optional
        Where to draw; a figure of its own by default.
    """
    spoken = language or "ko"
    rows = None if places is None else places[places["level"] == "site"]
    with styled():
        count = 4 if rows is None else min(len(rows), _SHOWN)
        axes = axes_of(ax, (7.2, 1.6 + 0.3 * max(count, 4)))
        axes.set_title(text("plot.robustness", spoken, draws=f"{draws:,}"), fontsize=11)
        if rows is None or rows.empty:
            return say_nothing(axes, [text("plot.no_draws", spoken)])
        rows = rows.sort_values(["share_pct", "place"], ascending=[False, True]).head(_SHOWN)
        share = rows["share_pct"].to_numpy(dtype=np.float64)
        spread = np.abs(rows[["low_pct", "high_pct"]].to_numpy(dtype=np.float64).T - share)
        place, in_run = np.arange(len(rows)), rows["in_run"].to_numpy(dtype=bool)
        for those, colour, marker, key in (
            (in_run, COLOURS[5], "o", "plot.in_plan"),
            (~in_run, COLOURS[0], "s", "plot.not_in_plan"),
        ):
            if those.any():
                axes.errorbar(
                    share[those], place[those], xerr=spread[:, those], fmt=marker, color=colour,
                    ms=5, capsize=2, lw=1.0, label=text(key, spoken),
                )  # fmt: skip
        axes.axvline(
            robust_share_pct, color="#333333", ls="--", lw=1.0,
            label=text("plot.robust_from", spoken, share=f"{robust_share_pct:g}"),
        )  # fmt: skip
        axes.set_yticks(
            place, [label(names.get(str(one), one)) for one in rows["place"]], fontsize=8
        )
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel(text("plot.robustness_axis", spoken), fontsize=9)
        axes.legend(fontsize=8, loc="lower right")
        axes.grid(axis="x", lw=0.3)
    return axes
