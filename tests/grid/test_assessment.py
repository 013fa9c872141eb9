"""The assessment of a run's sites: what it takes from the connection and from the hosting layer."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from siteopt._data import data_folder
from siteopt.grid.assessment import assess, overload_increase_pct
from siteopt.layers import open_layers
from siteopt.scenario import load_scenario

SCENARIO = load_scenario("national-2035")


@pytest.fixture
def sites():
    """Two sites in Jeonnam, one of them on the bus with the least room."""
    return gpd.GeoDataFrame(
        {"site_id": ["A", "B"], "province_code": ["46", "46"]},
        geometry=gpd.points_from_xy([126.5, 127.4], [34.8, 34.9], crs=4326).to_crs(5179),
    )


def shown(**changed):
    table = {
        "site_id": ["A", "B"], "it_mw": [80.0, 160.0], "facility_mw": [100.0, 200.0],
        "headroom_mw": [150.0, 100.0], "relief_mw": [0.0, 300.0], "bus_id": ["144", "1"],
    }  # fmt: skip
    return pd.DataFrame(table | changed)


def hosting_of(layers, bus):
    table = layers.table("hosting")
    row = (table["snapshot_id"] == "peak") & (table["security"] == "n-1") & (table["bus_id"] == bus)
    return float(table.loc[row, "hosting_mw"].iloc[0])


def test_the_part_of_a_load_beyond_the_hosting_capacity_overloads():
    loads, hosting = np.array([100.0, 100.0, 100.0, 100.0]), np.array([150.0, 100.0, 25.0, np.nan])
    np.testing.assert_array_equal(overload_increase_pct(loads, hosting), [0, 0, 75, np.nan])


def test_banks_count_as_headroom_of_the_site_that_pays_for_them(sites):
    table = assess(shown(), sites, open_layers(), SCENARIO).table
    # 100 MW of load at 150 MW: half of the scale from 1 to 2; 200 MW at 100 + 300: the best end
    assert table["impact_system_margin_points"].tolist() == [7.5, 15.0]
    without = assess(shown(relief_mw=[0.0, 0.0]), sites, open_layers(), SCENARIO).table
    assert without["impact_system_margin_points"].tolist() == [7.5, 0.0]


def test_overloads_follow_the_hosting_of_the_serving_bus_after_outages(sites):
    layers = open_layers()
    table = assess(shown(), sites, layers, SCENARIO).table
    increase = [
        100 * max(0, 1 - hosting_of(layers, bus) / mw) for bus, mw in (("144", 100), ("1", 200))
    ]
    expected = [10 * min(max((20 - pct) / 20, 0), 1) for pct in increase]
    assert table["impact_overload_increase_points"].tolist() == pytest.approx(expected)
    assert increase[0] > 20 > increase[1]  # else the case tells nothing


def test_where_no_bus_serves_the_increase_is_unknown_and_not_0_points(sites):
    table = assess(shown(bus_id=["", "1"]), sites, open_layers(), SCENARIO).table
    assert np.isnan(table["impact_overload_increase_points"].iloc[0])
    least = table["impact_points_unknown"]
    assert least.iloc[0] == least.iloc[1] + 10


def test_the_embedded_hosting_says_nothing_of_a_case_of_the_users_own(sites):
    own = SCENARIO.model_copy(
        update={"layers": {"case_branches": data_folder() / "reference" / "case_branches.csv"}}
    )
    table = assess(shown(), sites, open_layers(own), own).table
    assert table["impact_overload_increase_points"].isna().all()
