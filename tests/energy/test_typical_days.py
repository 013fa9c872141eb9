"""Typical days of the program, and profiles scaled to a measured mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.energy.typical_days import scaled_to_mean, typical_days
from siteopt.errors import LayerError
from siteopt.grid.case import case_of_layers
from siteopt.layers import open_layers
from tests.examples import examples


@pytest.mark.parametrize("count", [1, 6, 17])
def test_every_day_of_the_year_has_one(count: int) -> None:
    layers = open_layers()
    bus_id = [str(bus) for bus in case_of_layers(layers).buses["bus_id"]]
    days = typical_days(layers, bus_id, count)
    assert days.weight_h.sum() == 8760
    assert len(days.weight_h) == count * 24
    assert days.solar.shape == days.demand_mw.shape == (count * 24, len(bus_id))
    stands_for = np.bincount(days.day_order, minlength=count)
    assert (np.repeat(stands_for, 24) == days.weight_h).all()


def test_with_all_days_each_stands_for_those_of_its_cluster() -> None:
    layers = open_layers()
    bus_id = [str(bus) for bus in case_of_layers(layers).buses["bus_id"]]
    days = typical_days(layers, bus_id, 17)
    table = layers.table("typical_days")
    assert days.weight_h[::24].tolist() == table["weight_days"].tolist()


def test_a_bus_without_a_profile_is_named() -> None:
    with pytest.raises(LayerError, match="profiles_demand: no column for bus nowhere"):
        typical_days(open_layers(), ["nowhere"], 6)


@examples(60)
@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(0.05, 0.4))
def test_a_scaled_fleet_has_the_mean_and_its_order(seed: int, mean: float) -> None:
    rng = np.random.default_rng(seed)
    profile, size = rng.uniform(0.01, 1.0, (48, 3)), rng.uniform(1.0, 9.0, 3)
    weight = rng.uniform(1.0, 9.0, 48)
    scaled = scaled_to_mean(profile, weight, size, mean, "sun")
    found = float(weight @ scaled @ size / weight.sum() / size.sum())
    assert found == pytest.approx(mean, abs=1e-9)
    assert scaled.min() >= 0.0
    assert scaled.max() <= 1.0
    assert (np.diff(scaled.ravel()[np.argsort(profile.ravel())]) >= -1e-12).all()


def test_a_mean_out_of_reach_is_told() -> None:
    night = np.array([[0.0], [1.0], [0.0], [0.0]])
    with pytest.raises(LayerError, match=r"profile of sun: no factor gives .* 0.300; .* 0.250 of"):
        scaled_to_mean(night, np.ones(4), np.ones(1), 0.3, "sun")
