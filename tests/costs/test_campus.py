"""Costs of campuses per MW: cables between parts, economy and risk of one place."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from siteopt.costs.campus import has_campuses, with_campus_costs

VALUES = {
    "works_station154_mw": 400.0, "line154_ug_cost": 7.0, "campus_building_saving": 4.0,
    "campus_risk_cost": 0.25,
}  # fmt: skip
PARAMETERS = SimpleNamespace(value=VALUES.__getitem__)
SITES = pd.DataFrame(
    {"site_id": ["A", "campus-B"], "kind": ["tile", "campus"], "campus_mean_km": [0.0, 2.0]}
)


def test_a_campus_pays_for_its_cables_and_saves_on_its_building():
    options = pd.DataFrame({"site_id": ["campus-B", "A"]})
    before = {"building": np.array([13.0, 13.0]), "land": np.array([1.0, 1.0])}
    found = with_campus_costs(before, SITES, options, np.array([1.25, 1.2]), PARAMETERS)
    assert found["building"].tolist() == pytest.approx([13 * 0.96, 13])
    # 400 MW of contract power need a cable of 7 bn KRW a km: 2 km at 1.25 MW a MW
    assert found["connection"].tolist() == pytest.approx([2 * 1.25 / 400 * 7, 0])
    assert found["risk"].tolist() == [0.25, 0]
    assert found["land"].tolist() == [1, 1]
    assert before["building"].tolist() == [13, 13]


def test_sites_without_campuses_are_told_by_their_columns():
    assert has_campuses(SITES)
    assert not has_campuses(SITES.drop(columns="campus_mean_km"))
