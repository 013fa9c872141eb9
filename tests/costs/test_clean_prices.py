"""The price of matched energy by option: the sum of its parts, and what moves it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.costs.clean_prices import CleanPrices
from siteopt.costs.electricity import PRICE_PARTS, matched_price_parts_krw_kwh
from siteopt.errors import ScenarioError
from siteopt.layers import open_layers

CLEAN = CleanPrices(
    bus_id=("1", "2"),
    krw_kwh=np.array([210.0, 230.0]),
    marginal_krw_kwh=np.array([240.0, 260.0]),
    part_krw_kwh={
        "solar": 60.0,
        "offshore_wind": 70.0,
        "grid": 50.0,
        "adders": 30.0,
        "excess": -5.0,
    },
    carbon_krw_kwh=4.0,
    grid_share=0.25,
)


def test_parts_add_up_to_the_price_of_the_bus_without_carbon() -> None:
    parts = matched_price_parts_krw_kwh(
        pd.Series(["1", "2", ""]), np.full(3, 154.0), np.array([0.0, -8.0, 0.0]), CLEAN,
        open_layers().parameters,
    )  # fmt: skip
    assert tuple(parts.columns) == PRICE_PARTS
    # A zone takes its delta off what the grid delivers; without a bus the highest price holds.
    assert parts.sum(axis=1).tolist() == pytest.approx([206.0, 226.0 - 0.25 * 8.0, 226.0])
    assert parts["place"].tolist() == pytest.approx([1.0, 21.0, 21.0])


def test_no_zone_takes_more_off_than_the_tariff() -> None:
    with pytest.raises(ScenarioError, match="must leave a price of at least 0"):
        matched_price_parts_krw_kwh(
            pd.Series(["1"]), np.array([154.0]), np.array([-400.0]), CLEAN,
            open_layers().parameters,
        )  # fmt: skip
