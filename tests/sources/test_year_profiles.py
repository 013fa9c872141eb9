"""Yearly profiles: means of provinces by hand, and the embedded files against the case."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt._data import data_folder
from siteopt.layers.store import open_layers
from siteopt.sources.year_profiles import PER_MILLE, province_yields

REFERENCE = data_folder() / "reference"
LARGEST = 1_200_000


def test_buses_weigh_by_installed_mw_and_alike_where_there_is_none():
    ratio = np.array([[0.1, 0.5, 0.2, 0.4], [0.0, 1.0, 0.6, 1.0]])
    installed = np.array([30.0, 10.0, 0.0, 0.0])
    found = province_yields(ratio, installed, np.array(["47", "47", "36", "36"]))
    assert found.columns.tolist() == ["36", "47"]
    assert found.to_numpy().tolist() == [[300, 200], [800, 250]]


def buses():
    return pd.read_csv(REFERENCE / "case_buses.csv", dtype={"province_code": str})


@pytest.mark.parametrize("name", ["solar", "wind"])
def test_embedded_yields_have_the_means_of_the_case(name):
    table = pd.read_csv(REFERENCE / f"profiles_year_{name}.csv").set_index("hour_of_year")
    assert table.index.tolist() == list(range(1, 8761))
    for code, own in buses().groupby("province_code"):
        mw = own[f"{name}_mw"] if own[f"{name}_mw"].any() else np.ones(len(own))
        mean = np.average(own[f"{name}_cf"], weights=mw)
        # Where 0.07 MW are installed, weights that are rounded to a kW move the mean by 1e-4.
        assert table[code].mean() / PER_MILLE == pytest.approx(mean, abs=2e-4), code
    assert table.shape[1] == buses()["province_code"].nunique()


def test_embedded_demand_is_that_of_the_case_and_peaks_in_hour_5679():
    demand = pd.read_csv(REFERENCE / "profiles_year_demand.csv").set_index("hour_of_year")
    assert demand["demand_mw"].idxmax() == 5679
    assert demand["demand_mw"].max() == 100_681
    assert demand["demand_mw"].mean() == pytest.approx(buses()["demand_mean_mw"].sum(), abs=0.05)


def test_embedded_hours_of_extreme_days_are_those_of_the_bus_profiles():
    """An extreme day is kept as it is, so its hours add up to those of the year."""
    days = pd.read_csv(REFERENCE / "typical_days.csv").set_index("day_id")
    year = pd.read_csv(REFERENCE / "profiles_year_wind.csv")
    profile = pd.read_csv(REFERENCE / "profiles_wind.csv").set_index("day_id")
    case = buses()
    for day in days.index[days["kind"] != "typical"]:
        first = (days.loc[day, "day_of_year"] - 1) * 24
        for code in ("46", "51"):
            own = case[case["province_code"] == code]
            hourly = profile.loc[day, own["bus_id"].astype(str)].to_numpy()
            expected = hourly @ own["wind_mw"].to_numpy() / own["wind_mw"].sum()
            found = year[code].to_numpy()[first : first + 24] / PER_MILLE
            assert np.abs(found - expected).max() <= 1.1e-3


def test_embedded_files_are_small_and_sound():
    files = [REFERENCE / f"profiles_year_{name}.csv" for name in ("solar", "wind", "demand")]
    assert sum(path.stat().st_size for path in files) < LARGEST
    layers = open_layers()
    for path in files:
        assert len(layers.table(path.stem)) == 8760
    assert layers.table("profiles_year_solar").iloc[:, 1:].to_numpy()[:4].max() == 0  # night
    assert len(layers.table("year_days")) == 365
