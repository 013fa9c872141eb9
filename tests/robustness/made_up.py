"""Draws made up for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.robustness.draws import Draws

if TYPE_CHECKING:
    from collections.abc import Sequence

SITES = ["A", "B", "C", "D"]

PLACES = pd.DataFrame(
    {
        "site": SITES,
        "station": ["s1", "s1", "s2", "s3"],
        "district": ["d1", "d1", "d2", "d2"],
        "province": ["p1", "p1", "p1", "p1"],
    },
    index=pd.Index([f"{name}@1" for name in SITES], name="option_id"),
)


def made_up(
    plans: Sequence[Sequence[str]],
    standing: Sequence[Sequence[float]] | None = None,
    costs: Sequence[float] | None = None,
) -> Draws:
    """Return draws with these sites in their plans; none is a draw without a plan."""
    table = pd.DataFrame(
        {
            "draw": np.arange(len(plans)),
            "status": ["optimal" if plan else "infeasible" for plan in plans],
            "cost_bn_krw": list(costs) if costs is not None else [100.0] * len(plans),
        }
    )
    table.loc[table["status"] != "optimal", "cost_bn_krw"] = np.nan
    table["bound_bn_krw"] = table["cost_bn_krw"]
    table["fits"] = True
    table["committed_bn_krw"] = table["cost_bn_krw"] + 2.0
    table["lost_sites"] = 0
    table["options_left"] = 1
    rows = [(draw, site, f"{site}@1", 40.0) for draw, plan in enumerate(plans) for site in plan]
    chosen = pd.DataFrame(rows, columns=["draw", "site_id", "option_id", "it_mw"])
    ranks = standing or [[0.0 if site in plan else 1.0 for site in SITES] for plan in plans]
    frame = pd.DataFrame(
        np.array(ranks, dtype=float), index=pd.RangeIndex(len(plans), name="draw"), columns=SITES
    )
    return Draws(len(plans), table, chosen, frame)
