"""Costs against closed forms, one site by hand, and what must rise with what."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from siteopt.costs.discounted import (
    CAPITAL,
    COMPONENTS,
    PROPORTIONAL_TO,
    annuity_factor,
    cost_options,
    krw_per_mwh_it,
    pv_mwh_per_mw,
)
from siteopt.costs.electricity import PRICE_PARTS
from siteopt.errors import LayerError
from siteopt.scenario import Scenario
from tests.examples import examples

PARAMETERS = {
    "discount_social": 4.5, "horizon_years": 20, "load_factor": 0.85, "power_factor": 0.95,
    "substation_redundancy": 1.33, "capex_shell_me": 13,
    "earth_bench_width": 100, "earth_batter_run": 0, "earth_plane_length": 1e9,
    "earth_plane_exponent": 2, "earth_soil_cost": 8000, "earth_rock_cost": 28000,
    "earth_rock_share": 10, "earth_batter_cost": 0, "earth_batter_max_deg": 30,
    "customer_substation_cost": 0.15, "customer_substation_22.9kV_cost": 0.06,
    "customer_substation_345kV_cost": 0.22, "bay_22.9kV_cost": 0.3, "bay_154kV_cost": 3,
    "bay_345kV_cost": 9, "bays_per_connection": 4, "fiber_cost": 60, "fibre_routes": 2,
    "tariff_industrial_b": 182, "tariff_delta_22.9kV": 4, "tariff_delta_154kV": 0,
    "tariff_delta_345kV": -1, "smp_mean": 100, "solar_auction_price": 150,
    "onshore_wind_auction_price": 160, "offshore_wind_auction_price": 170,
    "rec_weight_solar": 1, "rec_weight_onshore_wind": 1.2, "rec_weight_offshore_wind": 2.5,
    "ppa_grid_adders": 45, "cf_solar_fleet": 15, "cf_wind_fleet": 23, "water_price": 433,
    "access_road_cost": 9, "water_main_cost": 1,
    "ef_grid_2023": 0.4173, "carbon_price": 30_000, "tariff_climate_charge": 9,
    "climate_charge_carbon_share": 12,
}  # fmt: skip

DESCRIBED = {
    "pue": 1.25, "land_price_krw_m2": 200_000.0, "slope_mean_deg": 2.0, "fibre_build_km": 5.0,
    "solar_contract_cf_pct": 15.0, "wind_contract_cf_pct": 23.0, "water_m3_day_per_mw": 20.4,
    "conversion_krw_m2": 9_000.0, "access_road_km": 1.5, "water_main_km": 4.0, "serviced": False,
}  # fmt: skip


@dataclass
class _Parameters:
    values: dict[str, float]

    def value(self, key: str) -> float:
        return float(self.values[key])


@dataclass
class _Layers:
    parameters: _Parameters

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        assert layer_id == "provinces"
        columns = {"province_code": ["11", "46"], "capital_region": [True, False]}
        return gpd.GeoDataFrame(columns, geometry=[Point(0, 0), Point(1, 1)], crs="EPSG:5179")


def _scenario(**changes: Any) -> Scenario:
    text = {"ko": "시험", "en": "test"}
    exclusion = {"id": "sea", "title": text, "kind": "outside", "layer": "provinces"}
    connection = {
        "classes": [{"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400}],
    }
    return Scenario.model_validate(
        {
            "name": "small", "title": text, "target": {"it_mw": 100, "year": 2035},
            "screening": {"exclusions": [exclusion]}, "connection": connection, **changes,
        }
    )  # fmt: skip


def _cost(
    described: dict[str, float] | None = None,
    parameters: dict[str, float] | None = None,
    voltage_kv: float = 154,
    route_bn_krw: float = 18.2,
    province: str = "46",
    **scenario: Any,
) -> pd.Series:
    sites = gpd.GeoDataFrame(
        {"site_id": ["S1"], "province_code": [province], "district_code": ["46110"]},
        geometry=[Point(0, 0)],
        crs="EPSG:5179",
    )
    table = pd.DataFrame({**DESCRIBED, **(described or {})}, index=pd.Index(["S1"], name="site_id"))
    options = pd.DataFrame(
        {
            "option_id": ["o"],
            "site_id": ["S1"],
            "voltage_kv": voltage_kv,
            "route_bn_krw": route_bn_krw,
        }
    )
    layers: Any = _Layers(_Parameters({**PARAMETERS, **(parameters or {})}))
    return cost_options(sites, table, options, layers, _scenario(**scenario)).iloc[0]


@given(rate=st.floats(0, 15), years=st.integers(1, 40))
def test_annuity_factor_is_the_sum_of_the_discounted_years(rate: float, years: int) -> None:
    total = sum((1 + rate / 100) ** -year for year in range(1, years + 1))
    assert annuity_factor(rate, years) == pytest.approx(total, rel=1e-9)


def test_one_site_by_hand() -> None:
    found = _cost()
    annuity = (1 - 1.045**-20) / 0.045  # 13.0079
    it_mwh = 0.85 * 8760 * annuity  # 96,857 MWh of present value
    # 60 % clean, 40 % of that wind, half of it offshore; the yields are the fleet's.
    wind = 0.5 * (100 + 1.2 * 60) + 0.5 * (100 + 2.5 * 70)
    price = 0.4 * 182 + 0.6 * (0.4 * wind + 0.6 * 150 + 45)
    expected_fixed = {
        "connection": 18.2,
        "substation": 4 * 3,
        "fibre": 2 * 5 * 0.06,
        "access": 1.5 * 9 + 4,
    }
    expected_per_mw = {
        "building": 13.0,
        "land": 0.12 * 10_000 * 200_000 / 1e9,
        # Benches of 100 m without faces: 100 tan(2 degrees) / 8 m3 a m2 at 10,000 KRW.
        "earthworks": 0.12 * 10_000 * 100 * np.tan(np.radians(2)) / 8 * 10_000 / 1e9,
        "conversion": 0.12 * 10_000 * 9_000 / 1e9,
        "substation": 1.25 / 0.95 * 1.33 * 0.15,
        "energy": it_mwh * price * 1000 / 1e9,
        "cooling": 0.25 * it_mwh * price * 1000 / 1e9,
        "water": 20.4 * 365 * 433 * annuity / 1e9,
        "carbon": 1.25 * it_mwh * 0.4 * (0.4173 * 30_000 - 9 * 0.12 * 1000) / 1e9,
    }
    assert price == pytest.approx(207.44)
    parts = found.filter(regex=r"^price_.*_krw_kwh$")
    assert len(parts) == len(PRICE_PARTS)
    assert parts.sum() == pytest.approx(price)
    assert found["energy_price_krw_kwh"] == pytest.approx(price)
    for name in COMPONENTS:
        assert found[f"fixed_{name}_bn_krw"] == pytest.approx(expected_fixed.get(name, 0.0))
        assert found[f"per_mw_{name}_bn_krw"] == pytest.approx(expected_per_mw.get(name, 0.0))
    assert found["fixed_bn_krw"] == pytest.approx(sum(expected_fixed.values()))
    assert found["per_mw_bn_krw"] == pytest.approx(sum(expected_per_mw.values()))
    capital = sum(expected_per_mw.get(name, 0.0) for name in CAPITAL)
    assert found["capital_per_mw_bn_krw"] == pytest.approx(capital)
    assert found["capital_fixed_bn_krw"] == pytest.approx(found["fixed_bn_krw"])


def test_krw_per_mwh_is_all_cost_over_all_energy() -> None:
    parameters: Any = _Parameters(PARAMETERS)
    found = _cost().to_frame().T
    total_krw = (found["fixed_bn_krw"].iloc[0] + 100 * found["per_mw_bn_krw"].iloc[0]) * 1e9
    expected = total_krw / (100 * pv_mwh_per_mw(parameters))
    assert krw_per_mwh_it(found, 100, parameters)[0] == pytest.approx(expected)
    assert krw_per_mwh_it(found, 100, parameters)[0] > krw_per_mwh_it(found, 200, parameters)[0]


@pytest.mark.parametrize(
    ("change", "component"),
    [
        ({"route_bn_krw": 36.4}, "fixed_connection"),
        ({"described": {"fibre_build_km": 10.0}}, "fixed_fibre"),
        ({"parameters": {"water_price": 866}}, "per_mw_water"),
        ({"described": {"pue": 1.5}}, "per_mw_cooling"),
        (
            {"parameters": {"carbon_price": 60_000, "tariff_climate_charge": 18}},
            "per_mw_carbon",
        ),
        ({"build": {"land_ha_per_mw": 0.24}}, "per_mw_land"),
        ({"described": {"conversion_krw_m2": 18_000.0}}, "per_mw_conversion"),
        ({"described": {"access_road_km": 3.0, "water_main_km": 8.0}}, "fixed_access"),
        ({"parameters": {"customer_substation_cost": 0.3}}, "per_mw_substation"),
    ],
)
def test_twice_the_cause_is_twice_the_component(change: dict[str, Any], component: str) -> None:
    name = f"{component}_bn_krw"
    assert _cost(**change)[name] == pytest.approx(2 * _cost()[name])


@pytest.mark.parametrize(("component", "key"), PROPORTIONAL_TO.items())
def test_a_component_is_proportional_to_its_price_and_no_other_moves(
    component: str, key: str
) -> None:
    once, thrice = _cost(), _cost(parameters={key: 3 * PARAMETERS[key]})
    for name in COMPONENTS:
        for kind in ("fixed", "per_mw"):
            column = f"{kind}_{name}_bn_krw"
            factor = 3 if name == component else 1
            assert thrice[column] == pytest.approx(factor * once[column]), column


def test_voltage_moves_the_tariff_and_only_its_grid_part() -> None:
    prices = [_cost(voltage_kv=kv)["energy_price_krw_kwh"] for kv in (22.9, 154, 345)]
    assert prices[0] - prices[1] == pytest.approx(0.4 * 4)
    assert prices[2] - prices[1] == pytest.approx(0.4 * -1)


def test_a_tariff_zone_holds_inside_it_and_only_for_the_grids_part() -> None:
    zones = [{"name": "south", "area": ["46"], "delta_krw_kwh": -10}]
    energy = {"zones": zones}
    assert _cost(energy=energy)["energy_price_krw_kwh"] == pytest.approx(207.44 - 4)
    assert _cost(energy=energy)["price_zone_krw_kwh"] == pytest.approx(-4)
    assert _cost(province="11", energy=energy)["energy_price_krw_kwh"] == pytest.approx(207.44)


def test_half_the_yield_doubles_the_generation_part_of_a_contract_onshore() -> None:
    energy = {"clean_share_pct": 100, "wind_share_pct": 100, "offshore_share_pct": 0}
    found = _cost({"wind_contract_cf_pct": 11.5}, energy=energy)
    assert found["energy_price_krw_kwh"] == pytest.approx(2 * (100 + 1.2 * 60) + 45)
    assert found["per_mw_carbon_bn_krw"] == 0
    energy["offshore_share_pct"] = 100
    far = _cost({"wind_contract_cf_pct": 11.5}, energy=energy)
    assert far["energy_price_krw_kwh"] == pytest.approx(100 + 2.5 * 70 + 45)


@examples(60)
@given(
    name=st.sampled_from([*(name for name in DESCRIBED if name != "serviced"), "route_bn_krw"]),
    start=st.floats(0.8, 1.5),
    step=st.floats(1.05, 3.0),
)
def test_costs_rise_with_what_is_bad_and_fall_with_yields(
    name: str, start: float, step: float
) -> None:
    base = 18.2 if name == "route_bn_krw" else DESCRIBED[name]

    def total(factor: float) -> float:
        value = base * factor
        found = _cost(route_bn_krw=value) if name == "route_bn_krw" else _cost({name: value})
        assert (found.filter(like="_bn_krw").astype(float) >= 0).all()
        return float(found["fixed_bn_krw"] + 100 * found["per_mw_bn_krw"])

    less, more = total(start), total(start * step)
    assert (more < less) if name.endswith("cf_pct") else (more > less)


def test_a_serviced_lot_is_level_whatever_the_slope_of_the_terrain() -> None:
    found, plain = (
        _cost({"serviced": True, "slope_mean_deg": 20.0}),
        _cost({"slope_mean_deg": 20.0}),
    )
    assert found["per_mw_land_bn_krw"] == pytest.approx(0.12 * 10_000 * 200_000 / 1e9)
    assert plain["per_mw_land_bn_krw"] == found["per_mw_land_bn_krw"]
    assert found["per_mw_earthworks_bn_krw"] == 0
    assert plain["per_mw_earthworks_bn_krw"] > 0
    gap = plain["per_mw_bn_krw"] - found["per_mw_bn_krw"]
    assert gap == pytest.approx(plain["per_mw_earthworks_bn_krw"])


def test_an_unknown_value_is_named_with_its_site() -> None:
    with pytest.raises(LayerError, match="site S1: slope_mean_deg is nan"):
        _cost({"slope_mean_deg": np.nan})
    with pytest.raises(LayerError, match=r"site S1: wind_contract_cf_pct is 0; .* at least 0\.1"):
        _cost({"wind_contract_cf_pct": 0.0})
    with pytest.raises(LayerError, match="horizon_years is 0"):
        _cost(parameters={"horizon_years": 0})


def test_an_option_of_a_site_that_is_not_described_is_named() -> None:
    options = pd.DataFrame(
        {"option_id": ["o"], "site_id": ["S9"], "voltage_kv": 154.0, "route_bn_krw": 1.0}
    )
    sites = gpd.GeoDataFrame({"site_id": ["S9"], "province_code": ["46"]}, geometry=[Point(0, 0)])
    table = pd.DataFrame(DESCRIBED, index=pd.Index(["S1"], name="site_id"))
    layers: Any = _Layers(_Parameters(PARAMETERS))
    with pytest.raises(LayerError, match="site_id S9 is not described"):
        cost_options(sites, table, options, layers, _scenario())


def test_no_option_is_no_row() -> None:
    options = pd.DataFrame({"option_id": [], "site_id": [], "voltage_kv": [], "route_bn_krw": []})
    sites = gpd.GeoDataFrame({"site_id": ["S1"], "province_code": ["46"]}, geometry=[Point(0, 0)])
    table = pd.DataFrame(DESCRIBED, index=pd.Index(["S1"], name="site_id"))
    layers: Any = _Layers(_Parameters(PARAMETERS))
    found = cost_options(sites, table, options, layers, _scenario())
    assert len(found) == 0
    assert {"fixed_bn_krw", "per_mw_energy_bn_krw"} <= set(found.columns)
