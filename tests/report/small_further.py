"""Other plans, levels and curves of the small run."""

from __future__ import annotations

import pandas as pd

from siteopt.portfolio.analysis import Further


def small_further(site_ids: list[str]) -> Further:
    """Return a plan found at two levels and one at a third, and two curves."""
    plans = [
        (1.0, 1, "proven", 5.5, 0.4, 1, 2, 1, 0.0, 3.5, "place", 1, 1),
        (2.0, 1, "proven", 5.5, 0.4, 1, 2, 1, 0.0, 3.5, "place", 1, 1),
        (5.0, 1, "open", 40.0, 3.1, 0, 1, 0, 7.0, 13.0, "place", 1, 0),
    ]
    columns = [
        "within_pct", "plan", "proof", "extra_bn_krw", "extra_pct", "shared",
        "shared_stations", "shared_districts", "nearest_km", "nearest_median_km", "distinct_by",
        "shared_all", "shared_all_least",
    ]  # fmt: skip
    same = [("S0003", True, True, True, 0.0, 160.0), ("S0001", False, True, False, 7.0, 140.0)]
    other = [("S0005", False, False, False, 14.0, 160.0), ("S0002", False, True, False, 7.0, 140.0)]
    sites = [
        (pct, 1, *site) for pct, found in ((1.0, same), (2.0, same), (5.0, other)) for site in found
    ]
    site_columns = [
        "within_pct", "plan", "site_id", "in_best", "station_in_best", "district_in_best",
        "nearest_km", "it_mw",
    ]  # fmt: skip
    levels = pd.DataFrame({"site_id": site_ids, "within_1_pct": "some", "within_2_pct": "some"})
    levels.loc[levels["site_id"] == "S0003", "within_1_pct"] = "must"
    levels.loc[levels["site_id"] == "S0009", ["within_1_pct", "within_2_pct"]] = ["none", "open"]
    points = [
        ("reinforcement", 0, "proven", 4095.0, 130.5, "bn_krw"),
        ("reinforcement", 1, "open", 4107.0, 110.0, "bn_krw"),
        ("reinforcement", 2, "proven", 4185.0, 80.0, "bn_krw"),
        ("water", 0, "proven", 4095.0, 6000.0, "m3_day"),
    ]
    curves = pd.DataFrame(
        points, columns=["measure", "point", "proof", "cost_bn_krw", "figure", "unit"]
    )
    of_points = [
        (measure, point, site, 150.0)
        for measure, point, *_ in points
        for site in ("S0003", f"S000{point}")
    ]
    return Further(
        alternatives=pd.DataFrame(plans, columns=columns),
        alternative_sites=pd.DataFrame(sites, columns=site_columns),
        levels=levels,
        tradeoffs=curves,
        tradeoff_sites=pd.DataFrame(of_points, columns=["measure", "point", "site_id", "it_mw"]),
    )
