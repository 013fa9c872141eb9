"""Zones of buses that do the same to the branches."""

from __future__ import annotations

import numpy as np

from siteopt.energy.zones import share_by_zone, zones_by_shift_factors


def test_buses_that_do_the_same_are_one_zone() -> None:
    ptdf = np.array([[0.9, 0.9, 0.0, 0.0, -0.5], [0.1, 0.1, 0.7, 0.7, 0.0]])
    zone = zones_by_shift_factors(ptdf, np.array([100.0, 100.0]), 3)
    assert zone.tolist() == [0, 0, 1, 1, 2]  # numbered by their first bus


def test_there_are_no_more_zones_than_buses_and_no_gaps() -> None:
    rng = np.random.default_rng(5)
    zone = zones_by_shift_factors(rng.normal(size=(4, 6)), np.ones(4), 50)
    assert sorted(set(zone.tolist())) == list(range(zone.max() + 1))
    again = zones_by_shift_factors(np.random.default_rng(5).normal(size=(4, 6)), np.ones(4), 50)
    assert (again == zone).all()


def test_shares_are_by_size_and_equal_where_there_is_none() -> None:
    share = share_by_zone(np.array([0, 0, 1, 1]), np.array([1.0, 3.0, 0.0, 0.0]))
    assert share.tolist() == [[0.25, 0.75, 0, 0], [0, 0, 0.5, 0.5]]
