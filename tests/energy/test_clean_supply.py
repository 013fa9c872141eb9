"""Clean supply of the ready scenario, from the embedded layers: stock, prices, limits, plan, year."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from siteopt.energy.clean_plan import CleanPlan, clean_plan
from siteopt.energy.clean_supply import CleanSupplyData, clean_share_of_grid, clean_supply
from siteopt.energy.oracle import EnergyOracle, program_of, reference_prices
from siteopt.energy.stock import managed_buses, stock_by_bus
from siteopt.energy.stock_limits import used_up
from siteopt.energy.whole_year import whole_year
from siteopt.errors import InfeasibleError, LayerError
from siteopt.grid.case import case_of_layers
from siteopt.grid.system import build_system
from siteopt.layers import open_layers
from siteopt.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    from siteopt.costs.clean_prices import CleanPrices

HOURLY = load_scenario("national-2035-hourly")


def changed(**energy: Any) -> Scenario:
    """Return the ready scenario with other values of its section energy, supply by parts."""
    raw = HOURLY.model_dump()
    supply = raw["energy"]["supply"] | energy.pop("supply", {})
    return Scenario.model_validate(raw | {"energy": raw["energy"] | energy | {"supply": supply}})


FEW = changed(supply={"typical_days": 2, "zones": 8})
"""Small, for what needs no exact figure."""


@pytest.fixture(scope="module")
def layers() -> Any:
    return open_layers(HOURLY)


@pytest.fixture(scope="module")
def data(layers: Any) -> CleanSupplyData:
    return clean_supply(layers, FEW, 2035)


@pytest.fixture(scope="module")
def prices(layers: Any, data: CleanSupplyData) -> CleanPrices:
    return reference_prices(data, FEW, layers)


@pytest.fixture(scope="module")
def plan(layers: Any, data: CleanSupplyData) -> CleanPlan:
    return clean_plan(data, spread(data, 3400.0), FEW, layers)


def spread(data: CleanSupplyData, mw: float) -> np.ndarray:
    """Return a load at every fifth bus."""
    load = np.zeros(len(data.bus_id))
    load[::5] = mw / len(load[::5])
    return load


def test_stock_is_that_of_the_layer_but_for_jeju(layers: Any) -> None:
    buses = case_of_layers(layers).buses
    table = layers.table("clean_stock")
    here = table["province_code"].astype(str).isin(buses["province_code"].astype(str))
    found = stock_by_bus(buses, layers)
    for technology in ("solar", "onshore_wind", "offshore_wind"):
        own = table[here & (table["technology"] == technology)]
        total = sum(mw.sum() for (kind, _), mw in found.items() if kind == technology)
        assert total == pytest.approx(own["mw"].sum())
    assert set(table.loc[~here, "province_code"].astype(str)) == {"50"}
    awarded = table[here & table["status"].isin(["selected", "building"])]["mw"].sum()
    assert found["offshore_wind", "awarded"].sum() == pytest.approx(awarded)


def test_managed_provinces_take_new_plants_from_2032_on(layers: Any) -> None:
    buses = case_of_layers(layers).buses
    inside, years = managed_buses(buses, layers, 2035)
    assert set(buses.loc[inside, "province_code"].astype(str)) == {"29", "46", "52"}
    assert years == 4
    assert managed_buses(buses, layers, 2031)[1] == 0


def test_new_plants_are_limited_by_what_is_built_until_the_year(
    data: CleanSupplyData, layers: Any
) -> None:
    value, groups = layers.parameters.value, data.supply.groups
    for technology in ("solar", "onshore_wind", "offshore_wind"):
        rate = value(f"{technology}_build_mw_year_ambitious")
        assert groups[f"{technology} built"][1] == pytest.approx(9 * rate)
        assert groups[f"{technology} built where managed"][1] == pytest.approx(4 * rate)
    members, _ = groups["solar built"]
    table = data.sources.table.iloc[members]
    assert set(table["technology"]) == {"solar"}
    assert set(table["status"]) == {"potential"}  # what runs or has an award is not built again


def test_shares_of_the_stock_are_those_of_the_scenario(data: CleanSupplyData) -> None:
    by_kind = data.sources.table.groupby(["technology", "status"])["most_mw"].sum()
    stock = data.stock.set_index(["technology", "status"])["mw"]
    for kind, share in (
        (("solar", "operating"), 0.1), (("offshore_wind", "licensed"), 0.3),
        (("offshore_wind", "awarded"), 1.0), (("solar", "potential"), 1.0),
    ):  # fmt: skip
        assert by_kind[kind] == pytest.approx(share * stock[kind], rel=0.01)


def test_prices_are_in_inverse_proportion_to_yields(data: CleanSupplyData) -> None:
    for _, group in data.sources.table.groupby("technology"):
        product = group["krw_kwh"] * group["yield_pct"]
        assert np.allclose(product, product.iloc[0])


def test_the_grid_counts_what_the_scenario_says() -> None:
    wind, need = np.array([10.0, 95.0]), np.array([100.0, 100.0])
    share = {kind: clean_share_of_grid(kind, wind, 30.0, need) for kind in _COUNTS}
    assert share["nothing"].tolist() == [0.0, 0.0]
    assert share["renewable"].tolist() == [0.1, 0.95]
    assert share["carbon_free"].tolist() == [0.4, 1.0]


_COUNTS = ("nothing", "renewable", "carbon_free")


def test_parts_of_the_reference_price_add_up(prices: CleanPrices) -> None:
    mean = sum(prices.part_krw_kwh.values()) + prices.carbon_krw_kwh
    at_share = prices.krw_kwh - prices.marginal_krw_kwh
    assert np.ptp(at_share) == pytest.approx(0.0, abs=1e-9)  # places differ as margins do
    assert prices.krw_kwh.min() < mean < prices.krw_kwh.max() + 5.0
    assert 0.0 < prices.grid_share < 1.0
    assert prices.at(pd.Series(["", str(prices.bus_id[0])])).tolist() == [
        prices.krw_kwh.max(), prices.krw_kwh[0],
    ]  # fmt: skip


def test_the_oracle_is_the_program_discounted(
    layers: Any, data: CleanSupplyData, prices: CleanPrices
) -> None:
    value = layers.parameters.value
    load = spread(data, 3400.0)
    oracle = EnergyOracle([data], prices, FEW, layers.parameters)
    cost, price = oracle.cut(load[None, :])
    annuity = sum((1 + value("discount_social") / 100) ** -year for year in range(1, 21))
    yearly = program_of(data, FEW).cut(value("load_factor") * load).krw_year
    paid = float(prices.krw_kwh @ load) * value("load_factor") * 8760 * 1000
    assert cost == pytest.approx(annuity * (yearly - paid) / 1e9, abs=1e-4)
    # A cut is below the cost of other loads.
    other = np.roll(load, 2)
    bound = cost + float((price * (other - load)).sum())
    assert bound <= oracle.cut(other[None, :])[0] + 1e-4


def test_years_count_as_blocks_that_begin_in_them_do(
    layers: Any, data: CleanSupplyData, prices: CleanPrices
) -> None:
    early = replace(data, year=2033)
    both = EnergyOracle([early, data], prices, FEW, layers.parameters)
    one = EnergyOracle([early], prices, FEW, layers.parameters)
    load = spread(data, 2000.0)
    whole, _ = both.cut(np.stack([load, load]))
    assert whole == pytest.approx(one.cut(load[None, :])[0], abs=1e-4)


def test_a_share_that_no_stock_meets_names_what_is_used_up(layers: Any) -> None:
    scenario = changed(
        clean_share_pct=100,
        supply={"typical_days": 2, "zones": 8, "build": "current", "storage": False,
                "licensed_share_pct": 0, "existing_share_pct": 0, "excess_max_pct": 0},
    )  # fmt: skip
    with pytest.raises(
        InfeasibleError,
        match=r"clean_share_pct: 100 % hourly cannot be met in 2035, at most \d.* TWh a year are "
        r"short; used up: ",
    ):
        reference_prices(clean_supply(layers, scenario, 2035), scenario, layers)


def test_the_plan_keeps_its_share_and_its_stock(plan: CleanPlan, data: CleanSupplyData) -> None:
    assert plan.program.hourly_share >= 0.8 - 1e-6
    assert plan.program.annual_share >= plan.program.hourly_share
    assert plan.year_scores.annual_share >= plan.year_scores.hourly_share
    assert plan.krw_kwh == pytest.approx(sum(plan.part_krw_kwh.values()), rel=1e-6)
    assert (plan.sources["mw"] <= plan.sources["most_mw"] + 1e-6).all()
    assert (plan.stock["contracted_mw"] <= plan.stock["mw"] + 1e-6).all()
    for name, most in plan.used_up:
        if name in data.supply.groups:
            assert data.supply.groups[name][1] == pytest.approx(most)


def test_the_year_is_replayed_in_balance(plan: CleanPlan) -> None:
    hours = plan.hours
    assert len(hours) == 8760
    given = hours["contracts_mw"] + hours["discharge_mw"] - hours["charge_mw"]
    assert np.allclose(given, hours["used_mw"] + hours["excess_mw"], atol=1e-6)
    assert np.allclose(hours["used_mw"] + hours["import_mw"], plan.load_mw, atol=1e-6)
    clean = hours["used_mw"] + hours["grid_clean"] * hours["import_mw"]
    assert clean.mean() / plan.load_mw == pytest.approx(plan.year_scores.hourly_share)
    week = clean.rolling(168).sum()
    assert plan.worst_week_share == pytest.approx(week.min() / (168 * plan.load_mw))


def test_sites_relieve_no_more_curtailment_than_there_is(plan: CleanPlan) -> None:
    table = plan.curtailment
    for column in ("before_mw", "after_mw"):
        assert (table[column] >= -1e-6).all()
        assert (table[column] <= table["available_mw"] + 1e-6).all()


def test_the_year_has_the_measured_yields(layers: Any, data: CleanSupplyData) -> None:
    year = whole_year(data, layers, FEW)
    assert year.source_yield.shape == (8760, len(data.sources.table))
    solar = (data.sources.table["technology"] == "solar") & (
        data.sources.table["status"] == "operating"
    )
    most = data.supply.source_most_mw[solar]
    mean = year.source_yield[:, solar].mean(axis=0) @ most / most.sum()
    assert 100 * mean == pytest.approx(layers.parameters.value("cf_solar_fleet"), rel=0.1)
    assert year.source_yield.min() >= 0.0
    assert year.source_yield.max() <= 1.0
    midnight = year.source_yield[::24, :][:, solar]
    assert midnight.max() == 0.0


class Replaced:
    """The layers with one table changed."""

    def __init__(self, layers: Any, name: str, change: Any) -> None:
        self._layers, self._name, self._change = layers, name, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layers, name)

    def table(self, name: str) -> pd.DataFrame:
        """Return a layer, changed if it is the one."""
        table = self._layers.table(name)
        return self._change(table.copy()) if name == self._name else table


def _leap(table: pd.DataFrame) -> pd.DataFrame:
    more = table.tail(24).assign(hour_of_year=np.arange(8761, 8785))
    return pd.concat([table, more], ignore_index=True)


def _above(table: pd.DataFrame) -> pd.DataFrame:
    table["46"] = table["46"].astype(float)
    table.loc[12, "46"] = 1080
    return table


def _by_utc(table: pd.DataFrame) -> pd.DataFrame:
    values = table.drop(columns="hour_of_year")
    return table.assign(**{name: np.roll(values[name], -9) for name in values})


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("profiles_year_demand", _leap, "profiles_year_demand: 8,784 hours; each of 1 to 8,760"),
        ("profiles_year_solar", _above, r"profiles_year_solar: 46.* 1\.08"),
        ("profiles_year_solar", _by_utc, "profiles_year_solar: .*"),
        ("profiles_year_wind", lambda table: table.drop(index=99), "profiles_year_wind: .*100"),
        ("profiles_year_wind", lambda table: table.drop(columns="46"), "profile of province 46"),
    ],
)
def test_a_year_that_is_none_is_refused_in_one_line(
    layers: Any, data: CleanSupplyData, name: str, change: Any, message: str
) -> None:
    with pytest.raises(LayerError, match=message) as told:
        whole_year(data, Replaced(layers, name, change), FEW)  # type: ignore[arg-type]
    assert "\n" not in str(told.value)


def test_nothing_is_used_up_without_contracts(layers: Any) -> None:
    scenario = changed(clean_share_pct=0, supply={"typical_days": 2, "zones": 8})
    supply = clean_supply(layers, scenario, 2035)
    found = program_of(supply, scenario).cut(spread(supply, 100.0))
    assert [name for name, most in used_up(supply, found) if most > 0] == []


def test_matching_needs_a_grid_and_a_cost() -> None:
    raw = HOURLY.model_dump()
    with pytest.raises(ValueError, match=r"delivers through the grid: grid\.flow_limits = true"):
        Scenario.model_validate(raw | {"grid": raw["grid"] | {"flow_limits": False}})
    with pytest.raises(ValueError, match=r"is a cost: objective\.kind"):
        Scenario.model_validate(raw | {"objective": raw["objective"] | {"kind": "suitability"}})


def test_outages_of_the_siting_program_hold_for_contracts_too(
    layers: Any, data: CleanSupplyData
) -> None:
    """The same outages, and flows of today that are within the limits or what none can do without."""
    grid = FEW.grid.model_copy(update={"security": "n-1"})
    secure = clean_supply(layers, FEW.model_copy(update={"grid": grid}), 2035).supply.network
    system = build_system(case_of_layers(layers))
    assert data.supply.network is not None
    assert data.supply.network.lodf is None
    assert secure is not None
    assert secure.lodf is not None
    assert secure.today_mw is not None
    assert (secure.considered == ~system.splits).all()
    assert secure.lodf == pytest.approx(system.lodf)
    over = np.abs(secure.today_mw) - secure.limit_mw
    assert np.mean(over <= 1e-3) > 0.999
