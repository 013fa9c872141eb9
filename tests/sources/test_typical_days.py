"""Typical days on a made-up year, and the embedded ones against the buses of the case."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt._data import data_folder
from siteopt.errors import LayerError
from siteopt.sources.typical_days import EXTREMES, Year, assign_days, fit_days, select_days
from tests.examples import examples

DAYS, BUSES = 365, 6


@pytest.fixture(scope="module")
def year():
    rng = np.random.default_rng(7)
    hour = np.arange(DAYS * 24) % 24
    season = np.cos(2 * np.pi * (np.arange(DAYS * 24) / 24 - 15) / 365)
    sun = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None) * (0.7 - 0.2 * season)
    cloud = np.repeat(rng.uniform(0.2, 1.0, (DAYS, BUSES)), 24, axis=0)
    wind = np.repeat(rng.beta(1.5, 4, (DAYS, BUSES)), 24, axis=0)
    wind = np.clip(wind + rng.normal(0, 0.03, wind.shape), 0, 1)
    demand = 100 + 20 * season**2 + 15 * np.sin((hour - 9) / 12 * np.pi)
    demand = demand[:, None] * rng.uniform(0.5, 3, BUSES) + rng.uniform(0, 5, wind.shape)
    demand[236 * 24 + 14] *= 2  # the system peak: day 237, hour 15
    return Year(
        demand, np.clip(sun[:, None] * cloud, 0, 1), wind, np.full(BUSES, 150.0),
        np.full(BUSES, 60.0), np.array(["46", "46", "47", "47", "48", "48"]),
    )  # fmt: skip


@pytest.fixture(scope="module")
def days(year):
    return select_days(year, 6)


def test_weights_are_whole_and_make_a_year(days):
    assert days["weight_days"].sum() == DAYS
    assert (days["weight_days"] >= 1).all()
    assert days["day_of_year"].is_monotonic_increasing
    assert days["day_of_year"].is_unique
    assert (days["kind"] == "typical").sum() == 6


def test_extremes_are_the_days_they_say(year, days):
    of = days.set_index("kind")["day_of_year"]
    assert set(EXTREMES) <= set(of.index)
    assert of["peak"] == 237
    clean = (year.solar @ year.solar_mw + year.wind @ year.wind_mw).reshape(-1, 24)
    assert of["least_wind_and_sun"] == clean.sum(axis=1).argmin() + 1
    net = (year.demand_mw.sum(axis=1) - clean.ravel()).reshape(-1, 24).min(axis=1)
    assert net[of["spring_low_net_load"] - 1] == net[59:151].min()
    assert of["winter_evening_peak"] in {*range(1, 60), *range(335, 366)}


def test_same_choice_twice(year, days):
    pd.testing.assert_frame_equal(select_days(year, 6), days)


def test_every_day_has_a_typical_day_as_often_as_it_weighs(year, days):
    table, of_year = assign_days(year, 6)
    pd.testing.assert_frame_equal(table, days)
    assert of_year["day_of_year"].tolist() == list(range(1, DAYS + 1))
    count = of_year["day_id"].value_counts()
    assert count[days["day_id"]].tolist() == days["weight_days"].tolist()
    stands = of_year.set_index("day_of_year")["day_id"]
    assert stands[days["day_of_year"]].tolist() == days["day_id"].tolist()


def test_a_day_is_stood_for_by_one_of_its_like():
    """Two kinds of days, by turns: sunny and dark ones; extremes are the odd ones out."""
    rng = np.random.default_rng(3)
    dark = np.arange(DAYS) % 2 == 0
    solar = np.repeat(np.where(dark, 0.1, 0.7), 24)[:, None] + rng.uniform(0, 0.05, (8760, 2))
    flat = np.full((8760, 2), 100.0) + rng.uniform(0, 1, (8760, 2))
    year = Year(
        flat, solar, np.full((8760, 2), 0.2), np.ones(2), np.ones(2), np.array(["46", "47"])
    )
    table, of_year = assign_days(year, 2)
    typical = table.loc[table["kind"] == "typical", "day_id"]
    met = of_year[of_year["day_id"].isin(typical)]
    of_typical = met["day_id"].str[1:].astype(int)
    assert ((met["day_of_year"] - of_typical) % 2 == 0).all()


@pytest.mark.parametrize(("name", "decimals"), [("demand_mw", 1), ("solar", 3), ("wind", 3)])
def test_means_extremes_and_bounds_are_kept(year, days, name, decimals):
    full = getattr(year, name)
    fitted = fit_days(full, days, decimals)
    weight = np.repeat(days["weight_days"].to_numpy(), 24)
    lightest = days.loc[days["kind"] == "typical", "weight_days"].min()
    error = np.abs(weight @ fitted - full.sum(axis=0))
    assert error.max() <= (lightest / 2 + 1e-6) * 10.0**-decimals
    assert (fitted >= 0).all()
    assert (fitted <= full.max(axis=0) + 0.5 * 10.0**-decimals).all()
    kept = np.repeat((days["kind"] != "typical").to_numpy(), 24)
    rows = ((days["day_of_year"].to_numpy()[:, None] - 1) * 24 + np.arange(24)).ravel()
    assert np.abs(fitted[kept] - full[rows[kept]]).max() <= 0.5 * 10.0**-decimals + 1e-12


@examples(30)
@given(st.integers(0, 10_000))
def test_mean_holds_when_values_are_cut(seed):
    rng = np.random.default_rng(seed)
    full = rng.beta(0.5, 0.5, (10 * 24, 2))
    days = pd.DataFrame(
        {"day_of_year": [2, 5, 9], "weight_days": [1, 4, 5], "kind": ["peak", "typical", "typical"]}
    )
    fitted = fit_days(full, days, 3)
    error = np.abs(np.repeat([1, 4, 5], 24) @ fitted - full.sum(axis=0))
    assert error.max() <= 2.0e-3 + 1e-9
    assert (fitted <= full.max(axis=0) + 1e-12 + 0.0005).all()


def test_a_mean_that_cannot_be_reached_is_an_error():
    full = np.ones((48, 1))
    full[24:] = 0
    days = pd.DataFrame({"day_of_year": [2], "weight_days": [2], "kind": ["typical"]})
    with pytest.raises(LayerError, match="column 1 cannot reach its yearly mean"):
        fit_days(full, days, 3)


REFERENCE = data_folder() / "reference"


@pytest.mark.parametrize(
    ("name", "column", "tolerance"),
    [
        ("demand", "demand_mean_mw", 1.5e-3),
        ("solar", "solar_cf", 2e-6),
        ("wind", "wind_cf", 2e-6),
    ],
)
def test_embedded_profiles_have_the_means_of_the_case(name, column, tolerance):
    days = pd.read_csv(REFERENCE / "typical_days.csv")
    profile = pd.read_csv(REFERENCE / f"profiles_{name}.csv")
    buses = pd.read_csv(REFERENCE / "case_buses.csv")
    assert profile["day_id"].tolist() == [day for day in days["day_id"] for _ in range(24)]
    values = profile.drop(columns=["day_id", "hour"])
    assert values.columns.astype(int).tolist() == buses["bus_id"].tolist()
    mean = np.repeat(days["weight_days"].to_numpy(), 24) @ values.to_numpy() / 8760
    assert np.abs(mean - buses[column]).max() <= tolerance
    ceiling = buses["demand_peak_mw"] if name == "demand" else 1.0
    assert (values.max().to_numpy() <= ceiling + 0.05 + 1e-6).all()


def test_embedded_peak_is_hour_5679():
    days = pd.read_csv(REFERENCE / "typical_days.csv").set_index("day_id")
    demand = pd.read_csv(REFERENCE / "profiles_demand.csv").set_index(["day_id", "hour"])
    day, hour = demand.sum(axis=1).idxmax()
    assert days.loc[day, "kind"] == "peak"
    assert (days.loc[day, "day_of_year"] - 1) * 24 + hour == 5679
    # 100,680.98 MW in the hourly files, here 193 buses rounded to 0.1 MW
    assert demand.sum(axis=1).max() == pytest.approx(100_681, abs=1)


def test_embedded_days_of_the_year_count_as_the_weights_say():
    days = pd.read_csv(REFERENCE / "typical_days.csv")
    of_year = pd.read_csv(REFERENCE / "year_days.csv")
    assert of_year["day_of_year"].tolist() == list(range(1, 366))
    place = of_year["day_id"].map({day: at for at, day in enumerate(days["day_id"])})
    assert np.bincount(place, minlength=len(days)).tolist() == days["weight_days"].tolist()
    stands = of_year.set_index("day_of_year")["day_id"]
    assert stands[days["day_of_year"]].tolist() == days["day_id"].tolist()
