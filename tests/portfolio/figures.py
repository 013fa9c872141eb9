"""A ranking held against the listing of all plans."""

import numpy as np
import pytest

from tests.portfolio.listing import all_plans

TOLERANCE = 2e-5
"""Costs nearer than 1e-5 are tied; a value is a difference of two costs."""


def true_figures(case, table, among=None):
    """Return what each site of a ranking is worth or costs by the listing, in its order.

    ``among`` says of the listing which plans count, all by default.
    """
    plans = all_plans(case)
    some = None if among is None else among(plans)
    places = {name: place for place, name in enumerate(case.sites["site_id"])}
    best = plans.best(among=some)
    return np.array(
        [
            plans.best(among=some, without_site=places[row.site_id]) - best
            if row.chosen
            else plans.best(among=some, with_site=places[row.site_id]) - best
            for row in table.itertuples()
        ]
    )


def check_figures(case, ranking, unit="bn_krw", among=None):
    """Hold the figures and bounds of a ranking against the listing."""
    table = ranking.table
    assert sorted(table["site_id"]) == sorted(case.sites["site_id"])
    value, regret = table[f"value_{unit}"], table[f"regret_{unit}"]
    low, high = table[f"lower_{unit}"], table[f"upper_{unit}"]
    true = true_figures(case, table, among)
    figure = value.where(table["chosen"], regret).to_numpy()
    exact = (table["proof"] == "exact").to_numpy()
    assert figure[exact] == pytest.approx(true[exact], abs=TOLERANCE)
    assert np.isfinite(true[exact]).all()
    for proof, chosen in (("indispensable", True), ("impossible", False)):
        rows = (table["proof"] == proof).to_numpy()
        assert np.isinf(true[rows]).all()
        assert (table.loc[rows, "chosen"] == chosen).all()
    assert (value[table["proof"] == "indispensable"] == np.inf).all()
    assert (low.to_numpy() <= true + TOLERANCE).all()
    assert (true <= high.to_numpy() + TOLERANCE).all()
    assert value[~table["chosen"]].isna().all()
    assert regret[table["chosen"] | (table["proof"] != "exact")].isna().all()


def check_order(case, ranking, among=None):
    """The order is that of the true figures: chosen sites, proven others, those behind them."""
    table, true = ranking.table, true_figures(case, ranking.table, among)
    chosen = int(table["chosen"].sum())
    assert table["chosen"].tolist() == sorted(table["chosen"], reverse=True)
    worth = true[:chosen]
    assert (np.diff(worth[np.isfinite(worth)]) <= TOLERANCE).all()
    others = true[chosen:]
    proven = others[: ranking.exact_others]
    assert (table["proof"][chosen : chosen + ranking.exact_others] == "exact").all()
    assert (np.diff(proven) >= -TOLERANCE).all()
    if len(proven):
        assert (others[ranking.exact_others :] >= proven[-1] - TOLERANCE).all()
    impossible = (table["proof"] == "impossible").tolist()
    assert impossible == sorted(impossible)
    assert table["rank"].isna().tolist() == table["tied"].isna().tolist() == impossible
