"""Prices of raw and serviced land, charges, supply and access, by hand in the small world."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.criteria._land_prices import (
    conversion_krw_m2,
    lot_price_krw_m2,
    raw_land_price_krw_m2,
)
from siteopt.criteria.land import land
from siteopt.layers import open_layers
from tests.examples import examples


def test_raw_land_price_between_its_anchors(layers: Any) -> None:
    density = np.array([0, 20, np.sqrt(20 * 1500), 1500, 9e4])
    price = raw_land_price_krw_m2(density, layers.parameters)
    middle = np.sqrt(50_000 * 400_000)
    assert price == pytest.approx([50_000, 50_000, middle, 400_000, 400_000])


def test_lots_cost_by_province_and_type_and_an_unknown_type_as_general(layers: Any) -> None:
    price = lot_price_krw_m2(["46"] * 3, ["general", "rural", ""], layers.parameters)
    assert price == pytest.approx([200_000, 140_000, 200_000])


def test_charges_on_conversion_by_hand_and_at_their_caps(layers: Any) -> None:
    one, none = np.ones(1), np.zeros(1)

    def charge(price: float, farm: Any, forest: Any) -> float:
        return float(conversion_krw_m2(np.array([price]), farm, forest, layers.parameters)[0])

    # 100,000 KRW/m2: official 50,000, so farmland bears 15,000 and forest 8,000 + 500
    assert charge(100_000, one, none) == pytest.approx(15_000)
    assert charge(100_000, none, one) == pytest.approx(8_500)
    assert charge(100_000, 0.3 * one, 0.5 * one) == pytest.approx(0.3 * 15_000 + 0.5 * 8_500)
    assert charge(1e6, one, none) == 50_000  # the cap; 30 % of 500,000 would be 150,000
    assert charge(1e7, none, one) == 16_000  # the share of the price is capped by the base
    assert charge(1e6, none, none) == 0


@examples(60)
@given(price=st.floats(0, 1e7), more=st.floats(1, 5), farm=st.floats(0, 1), forest=st.floats(0, 1))
def test_charges_rise_with_price_and_stay_below_their_caps(
    price: float, more: float, farm: float, forest: float
) -> None:
    parameters = open_layers().parameters
    both = np.array([price, price * more])
    forest *= 1 - farm
    charges = conversion_krw_m2(both, np.full(2, farm), np.full(2, forest), parameters)
    assert 0 <= charges[0] <= charges[1] + 1e-9
    most = max(parameters.value("farmland_charge_max"), 2 * parameters.value("forest_charge"))
    assert charges[1] <= most + 1e-6


def test_only_a_site_of_a_complex_is_serviced(sites_at: Any, layers: Any, scenario: Any) -> None:
    places = [(10, 0), (-30, 0), (10.5, 0), (0, 15)]
    sites = sites_at(places, complex_id=["K", "M", "", ""], slope_mean_deg=[0.0, 0.0, np.nan, 2.0])
    found = land(sites, layers, scenario)
    assert found["serviced"].tolist() == [True, True, False, False]
    price = found["land_price_krw_m2"]
    assert price.iloc[:2].tolist() == pytest.approx([500_000, 140_000])  # reported; rural lots
    assert price.iloc[2] < 400_000  # beside the complex, but raw land
    assert found["land_price_confidence"].tolist() == ["compiled-medium"] + ["assumption"] * 3
    assert found["conversion_krw_m2"].iloc[:2].tolist() == [0, 0]
    raw = price.to_numpy()[2:]
    expected = conversion_krw_m2(raw, np.full(2, 0.3), np.full(2, 0.5), layers.parameters)
    assert found["conversion_krw_m2"].to_numpy()[2:] == pytest.approx(expected)
    assert found["nearest_complex_id"].tolist() == ["K", "M", "K", "K"]
    assert found["complex_km"].iloc[:3].tolist() == pytest.approx([0, 0, 0.5])


def test_road_and_main_reach_the_nearest_complex_or_town_up_to_their_most(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    # the town is a disc of 1 km around (8, 0); complexes lie at (10, 0) and (-30, 0)
    sites = sites_at([(11, 0), (-16, 0), (5.5, 0), (10, 0)], complex_id=["", "", "", "K"])
    found = land(sites, layers, scenario)
    assert found["access_road_km"].tolist() == pytest.approx([1, 2, 1.5, 0], abs=0.3)
    assert found["water_main_km"].tolist() == pytest.approx([1, 10, 1.5, 0], abs=0.3)
    assert found["water_main_km"].iloc[1] == 10


def test_supply_of_the_district_and_what_is_not_listed(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    sites = sites_at([(0, 0), (1, 0), (2, 0)], district_code=["46110", "46120", "46990"])
    found = land(sites, layers, scenario)
    assert found["unsold_ha"].iloc[0] == 12.5
    assert found["for_sale_ha"].iloc[0] == 42.5
    assert found["for_sale_ha"].iloc[1:].isna().all()  # not listed is not 0
    assert found["farm_share_pct"].tolist() == pytest.approx([30, 10, 20])  # the mean elsewhere
    assert found["forest_share_pct"].tolist() == pytest.approx([50, 70, 60])


def test_the_confidence_of_the_area_is_the_candidates_own(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    sites = sites_at([(0, 0), (1, 0)], area_confidence=["lower-bound", None])
    assert land(sites, layers, scenario)["area_confidence"].tolist() == ["lower-bound", "model"]
    bare = pd.DataFrame(land(sites_at([(0, 0)]), layers, scenario))
    assert bare["area_confidence"].tolist() == ["model"]
    assert not bare["serviced"].any()
