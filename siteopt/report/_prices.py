"""Marginal values (shadow prices) of binding limits, for files and page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt.report._json_values import records
from siteopt.report.limit_names import named_limits

if TYPE_CHECKING:
    from siteopt.report.run_tables import RunTables

__all__ = ["price_records"]


def price_records(tables: RunTables) -> list[dict[str, Any]]:
    """Return the prices of the limits that bind, the one that is worth most first.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.

    Returns
    -------
    list of dict
        ``limit``, ``family``, ``year``, ``moved_by``, ``unit``, ``worth_bn_krw`` (None where it is
        not exact), ``proof``, ``worth_low_bn_krw`` and ``worth_high_bn_krw`` (None where there is
        no bound); see `siteopt.portfolio.postoptimal.marginal_values.marginal_values`.
    """
    prices = None if tables.further is None else tables.further.prices
    if prices is None:
        return []
    high = next(name for name in prices.columns if str(name).startswith("worth_high"))
    order = prices[high].abs().sort_values(ascending=False, kind="stable").index
    named = named_limits(prices).rename(columns={"first_year": "year"})
    return records(named.loc[order])
