"""Robustness of the small run: sixteen draws with figures that can be checked by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.robustness.acceptability import (
    convergence,
    inclusion,
    pairwise_winning,
    rank_acceptability,
    value_at_risk,
)
from siteopt.robustness.classes import classify, place_classes
from siteopt.robustness.draws import Draws

if TYPE_CHECKING:
    from siteopt.report import RunTables

DRAWS = 16
SHORT = ["S0000", "S0003", "S0001"]


@dataclass(frozen=True)
class SmallRobustness:
    classes: pd.DataFrame
    places: pd.DataFrame
    ranks: pd.DataFrame
    pairs: pd.DataFrame
    risk: pd.DataFrame
    settling: pd.DataFrame
    inputs: pd.DataFrame
    influence: pd.DataFrame
    draws: pd.DataFrame
    overturn: pd.DataFrame
    swaps: pd.DataFrame
    held: dict[str, str]
    asked: int = DRAWS
    solved: int = DRAWS
    planned: int = DRAWS
    robust_share_pct: float = 80.0
    fits_pct: float = 25.0
    pool: int = 7


def with_draws(tables: RunTables) -> RunTables:
    """Return the tables with S0000 in every plan, S0003 in twelve, S0001 in the other four."""
    sites = sorted(tables.sites["site_id"])
    rows, standing = [], np.ones((DRAWS, len(sites)))
    for draw in range(DRAWS):
        for site in ("S0000", "S0003" if draw % 4 else "S0001"):
            option = tables.options.loc[tables.options["site_id"] == site, "option_id"].iloc[0]
            rows.append((draw, site, option, 140.0))
            standing[draw, sites.index(site)] = -1.0
    costs = np.linspace(4000.0, 4150.0, DRAWS)
    table = pd.DataFrame(
        {
            "draw": range(DRAWS), "status": "optimal", "cost_bn_krw": costs, "bound_bn_krw": costs,
            "fits": True, "committed_bn_krw": costs + 2.0, "lost_sites": 0, "options_left": 9,
        }
    )  # fmt: skip
    draws = Draws(
        DRAWS, table, pd.DataFrame(rows, columns=["draw", "site_id", "option_id", "it_mw"]),
        pd.DataFrame(standing, index=pd.RangeIndex(DRAWS, name="draw"), columns=sites),
    )  # fmt: skip
    at = tables.sites.set_index("site_id")
    options = tables.options.drop_duplicates("option_id").set_index("option_id")
    places = pd.DataFrame(
        {
            "site": options["site_id"], "station": options["station_id"],
            "district": options["site_id"].map(at["district_code"]),
            "province": options["site_id"].map(at["province_code"]),
        }
    )  # fmt: skip
    chosen = set(tables.plan.chosen["site_id"])
    included = inclusion(draws, places)
    found = SmallRobustness(
        classes=classify(draws, included, chosen, set(sites) - {"S0020"}, 80.0),
        places=place_classes(included, places.loc[tables.plan.chosen["option_id"]], 80.0),
        ranks=rank_acceptability(draws).loc[SHORT],
        pairs=pairwise_winning(draws, SHORT),
        risk=value_at_risk(draws, 4050.0),
        settling=convergence(draws, places),
        inputs=pd.DataFrame(
            [("load_factor", "load_factor", 0.7, 0.85, 0.95, "-", "triangle", "compiled-medium", "")],
            columns=["input", "key", "low", "value", "high", "unit", "shape", "confidence", "source"],
        ),
        influence=pd.DataFrame(
            [("cost", "load_factor", 0.5, 0.1, 0.7, True), ("choice", "load_factor", 0.1, 0.3, 0.1, False)],
            columns=["figure", "input", "first_order", "confidence", "correlation", "stands_out"],
        ),
        draws=table,
        overturn=pd.DataFrame(
            [("S0003", "drops", "raw_land_price_*", "high", 58298.0, 70000.0, "KRW/m2", 55.0, True, True)],
            columns=["site_id", "change", "input", "side", "value", "threshold", "unit",
                     "range_share_pct", "nearest", "verified"],
        ),
        swaps=pd.DataFrame(
            [("S0003", "S0001", "raw_land_price_*", "high", 58298.0, 70000.0, "KRW/m2", 55.0)],
            columns=["site_id", "other_site_id", "input", "side", "value", "threshold", "unit",
                     "range_share_pct"],
        ),
        held={"price_year": "a choice of the money in which all is told"},
    )  # fmt: skip
    return replace(tables, robustness=found)
