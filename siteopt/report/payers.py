"""Grid works of a plan by payer: what each kind of works costs, and who bears it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt.report._json_values import records
from siteopt.report._years import present_weights
from siteopt.scenario import PAYERS

if TYPE_CHECKING:
    from siteopt.report.run_tables import RunTables

__all__ = ["WORKS_KINDS", "payer_record", "works_by_payer"]

WORKS_KINDS: Final = (
    "substation", "line", "second_feed", "campus_grid", "campus_station", "banks", "station154",
    "station345",
)  # fmt: skip
"""Kinds of works, as the payment section of a scenario names them."""

_COLUMNS: Final = ("site_id", "kind", "payer", "share_pct", "cost_bn_krw")


def works_by_payer(tables: RunTables) -> pd.DataFrame:
    """Return what each payer bears of the grid works of each chosen site.

    Parameters
    ----------
    tables : RunTables
        The finished run; its scenario has a payment section.

    Returns
    -------
    DataFrame
        ``site_id``, ``kind`` (:data:`WORKS_KINDS`), ``payer``, ``share_pct`` and
        ``cost_bn_krw``, discounted as the costs of the plan are; sorted by site and kind. All
        rows sum to the components connection, substation and upgrade of the plan's cost.
    """
    payment = tables.scenario.payment
    rows = []
    for site_id, kind, cost in _works(tables):
        shares = {} if payment is None else payment.shares_pct(kind)
        rows += [
            (site_id, kind, payer, shares[payer], cost * shares[payer] / 100.0)
            for payer in PAYERS
            if shares.get(payer, 0.0) > 0.0
        ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _works(tables: RunTables) -> list[tuple[str, str, float]]:
    """Return site, kind and cost of all works of the plan that cost something."""
    weights = present_weights(tables)
    chosen = tables.options[tables.options["option_id"].isin(weights.index)]
    chosen = chosen.sort_values("site_id").join(weights, on="option_id")
    opening, load = chosen["opening"].to_numpy(), chosen["discounted_it_mw"].to_numpy()
    second = _column(chosen, "second_feed_bn_krw")
    costs = {
        "substation": _column(chosen, "fixed_substation_bn_krw") * opening
        + _column(chosen, "per_mw_substation_bn_krw") * load,
        "line": (_column(chosen, "fixed_connection_bn_krw") - second) * opening,
        "second_feed": second * opening,
        "campus_grid": _column(chosen, "per_mw_connection_bn_krw") * load,
    }
    own = _column(chosen, "works_campus_bn_krw") * opening
    rest = _column(chosen, "fixed_upgrade_bn_krw") * opening - own
    costs["campus_station"] = own
    works = chosen["works"] if "works" in chosen else pd.Series("", chosen.index)
    for kind in ("banks", "station154", "station345"):
        costs[kind] = pd.Series(np.where(works.str.contains(kind), rest, 0.0), chosen.index)
    found = []
    for place, site_id in zip(chosen.index, chosen["site_id"].astype(str), strict=True):
        given = [(kind, float(costs[kind].loc[place])) for kind in WORKS_KINDS]
        found += [(site_id, kind, cost) for kind, cost in given if cost > 0.0]
    return found


def _column(options: pd.DataFrame, name: str) -> pd.Series[float]:
    return options[name].astype(float) if name in options else pd.Series(0.0, options.index)


def payer_record(tables: RunTables) -> dict[str, Any]:
    """Return for ``portfolio.json`` the works of the plan by kind and payer; empty without a rule.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    """
    if tables.scenario.payment is None:
        return {}
    table = works_by_payer(tables)
    by_kind = table.groupby(["kind", "payer"])["cost_bn_krw"].sum().reset_index()
    totals = table.groupby("payer")["cost_bn_krw"].sum()
    return {
        "payment": {
            "works": records(by_kind),
            "total_bn_krw": {payer: float(totals.get(payer, 0.0)) for payer in PAYERS},
        }
    }
