"""Comparison: the differences of two runs, with their text and their Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from siteopt.comparison.markdown import as_markdown
from siteopt.comparison.result import Differences
from siteopt.comparison.text import as_text

__all__ = ["Comparison"]


@dataclass(frozen=True, eq=False)
class Comparison(Differences):
    """Differences of two runs, a table a kind.

    Attributes
    ----------
    before, after : str
        Names of the two sides.
    inputs : DataFrame
        ``kind`` (scenario, layer, version, code), ``input``, ``before``, ``after``.
    figures : DataFrame
        ``figure``, ``before``, ``after``, ``difference``, ``unit``, ``sure``: whether the proofs
        of the two runs tell the figures apart.
    sites : DataFrame
        Sites whose part in the plan changed; see :func:`siteopt.comparison.result_diff.sites`.
    ranks : DataFrame
        Sites whose ranks are proven in both runs and moved.
    grid : DataFrame
        Flow limits and new banks of the plans.
    layers : DataFrame
        ``layer``, ``change`` and ``change_ko``: in a line what changed inside a layer, ``matters``: whether the
        answer can depend on it.
    rows : DataFrame
        Rows of layers that changed: ``layer``, ``change`` (added, removed, moved, changed),
        ``row``, ``column``, ``before``, ``after``, ``distance_m``.
    provinces, reasons : DataFrame
        Eligible land by province, and excluded land by reason, where they differ (km2).
    opening : DataFrame
        What opens in each year, where a plan has years.
    causes, cost_shares : DataFrame
        Which input brought each change about, and how the difference of the objective is shared;
        see :class:`siteopt.comparison.causes.Causes`.
    cost_method : str
        ``shapley``, ``in order``, ``only input``, or empty.
    runs_made : int
        Runs that tracing the causes took, the two sides' own aside.
    notes : tuple of str
        What could not be compared, and why.
    """

    def text(self) -> str:
        """Return the comparison in plain lines."""
        return as_text(self)

    def markdown(self) -> str:
        """Return the comparison as Markdown, for a pull request or a report."""
        return as_markdown(self)
