"""What a kWh costs, against closed forms and published prices."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.costs.electricity import (
    PRICE_PARTS,
    by_voltage,
    carbon_krw_kwh,
    generation_krw_kwh,
    price_parts_krw_kwh,
)
from siteopt.errors import ScenarioError
from siteopt.layers import open_layers
from siteopt.scenario import Scenario, load_scenario
from tests.examples import examples

SHARE = st.floats(0, 100)


@pytest.fixture(scope="module")
def parameters() -> Any:
    return open_layers().parameters


def _scenario(**energy: Any) -> Scenario:
    raw = load_scenario("national-2035").model_dump()
    return Scenario.model_validate(raw | {"energy": raw["energy"] | energy})


def _parts(parameters: Any, zone: float = 0.0, kv: float = 154.0, **energy: Any) -> pd.Series:
    # contracts at the yields of the fleet, as on the whole mainland
    described = pd.DataFrame(
        {
            f"{kind}_contract_cf_pct": [parameters.value(f"cf_{kind}_fleet")]
            for kind in ("solar", "wind")
        }
    )
    return price_parts_krw_kwh(
        described, np.array([kv]), np.array([zone]), parameters, _scenario(**energy)
    ).iloc[0]


def test_prices_are_those_published_in_money_of_2024(parameters: Any) -> None:
    """Solar award of 2024-12, onshore ceiling of 2025-11, tariff since 2024-10, adders of 2021."""
    assert _parts(parameters, clean_share_pct=0)["grid"] == pytest.approx(182.7)
    assert generation_krw_kwh("solar", parameters) == pytest.approx(155.269)
    onshore = 163.846 * 114.18 / 116.58
    assert generation_krw_kwh("onshore_wind", parameters) == pytest.approx(
        128 + 1.2 * (onshore - 128)
    )
    assert generation_krw_kwh("offshore_wind", parameters) == pytest.approx(
        128 + 2.5 * (176.565 - 128)
    )
    assert _parts(parameters, clean_share_pct=100)["adders"] == pytest.approx(45 * 114.18 / 102.5)


def test_offshore_wind_lies_in_the_range_of_its_cost_and_above_its_auction_price(
    parameters: Any,
) -> None:
    cost = parameters.row("lcoe_offshore_wind")
    found = generation_krw_kwh("offshore_wind", parameters)
    assert cost.low <= found <= cost.high
    assert found > parameters.value("offshore_wind_auction_price")


def test_parameters_of_auctions_are_those_of_the_market_layer(parameters: Any) -> None:
    table = open_layers().table("market_prices").sort_values("year")
    latest = table.drop_duplicates("key", keep="last").set_index("key")
    for key, market in (
        ("solar_auction_price", "solar_auction_award"),
        ("onshore_wind_auction_price", "onshore_wind_auction_ceiling"),
        ("offshore_wind_auction_price", "offshore_wind_auction_ceiling"),
        ("tariff_industrial_b", "industrial_tariff_large"),
    ):
        year = int(latest.loc[market, "year"])
        index = {one: parameters.value(f"price_index_{one}") for one in (year, 2024)}
        expected = latest.loc[market, "value"] * index[2024] / index[year]
        assert parameters.value(key) == pytest.approx(expected), key


@examples(60)
@given(clean=SHARE, more=SHARE, wind=SHARE, offshore=SHARE)
def test_a_larger_clean_share_never_costs_less(
    clean: float, more: float, wind: float, offshore: float
) -> None:
    """At default prices a contract costs more than the tariff, carbon of the tariff included."""
    parameters = open_layers().parameters
    mix = {"wind_share_pct": wind, "offshore_share_pct": offshore}

    def price(share: float) -> float:
        scenario = _scenario(clean_share_pct=share, **mix)
        parts = _parts(parameters, clean_share_pct=share, **mix)
        return float(parts.sum()) + carbon_krw_kwh(parameters, scenario)

    less, most = sorted((clean, more))
    assert price(most) >= price(less) - 1e-9


def test_all_clean_is_dearer_than_sixty_percent_and_that_than_none(parameters: Any) -> None:
    """182.7, 209.0 and 226.6 KRW/kWh; with prices of 2021 it was 182.0, 185.4 and 187.6."""
    found = [_parts(parameters, clean_share_pct=share).sum() for share in (0, 60, 100)]
    assert found == pytest.approx([182.7, 209.0, 226.6], abs=0.05)


def test_price_is_the_sum_of_its_parts(parameters: Any) -> None:
    found = _parts(
        parameters, zone=-18, clean_share_pct=60, wind_share_pct=40, offshore_share_pct=25
    )
    assert found.index.tolist() == list(PRICE_PARTS)
    generation = {
        kind: generation_krw_kwh(kind, parameters)
        for kind in ("solar", "onshore_wind", "offshore_wind")
    }
    assert found["grid"] == pytest.approx(0.4 * 182.7)
    assert found["zone"] == pytest.approx(0.4 * -18)
    assert found["solar"] == pytest.approx(0.6 * 0.6 * generation["solar"])
    assert found["onshore_wind"] == pytest.approx(0.6 * 0.4 * 0.75 * generation["onshore_wind"])
    assert found["offshore_wind"] == pytest.approx(0.6 * 0.4 * 0.25 * generation["offshore_wind"])


def test_a_zone_that_takes_more_than_the_tariff_is_an_error(parameters: Any) -> None:
    with pytest.raises(ScenarioError, match=r"takes 200 KRW/kWh off a tariff of 182\.7"):
        _parts(parameters, zone=-200)


def test_carbon_is_the_rest_that_the_tariff_does_not_hold(parameters: Any) -> None:
    none, some, all_clean = (
        carbon_krw_kwh(parameters, _scenario(clean_share_pct=share)) for share in (0, 60, 100)
    )
    assert none == pytest.approx(30_000 * 0.4173 / 1000 - 9 * 0.12)
    assert some == pytest.approx(0.4 * none)
    assert all_clean == 0.0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"tariff_climate_charge": 0.0}, 12.519),
        ({"climate_charge_carbon_share": 100.0}, 12.519 - 9.0),
        ({"climate_charge_carbon_share": 100.0, "carbon_price": 20_000.0}, 0.0),  # never below 0
    ],
)
def test_the_carbon_price_left_to_pay(change: dict[str, float], expected: float) -> None:
    layers = open_layers().with_parameters(change)
    found = carbon_krw_kwh(layers.parameters, _scenario(clean_share_pct=0))
    assert found == pytest.approx(expected, abs=1e-9)


def test_by_voltage_takes_the_key_of_each_row(parameters: Any) -> None:
    found = by_voltage("tariff_delta_{kv:g}kV", np.array([345.0, 22.9, 154.0]), parameters)
    assert found.tolist() == [-1.0, 4.0, 0.0]
    assert by_voltage("tariff_delta_{kv:g}kV", np.array([]), parameters).size == 0
