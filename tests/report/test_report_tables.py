from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from siteopt.report import portfolio, ranking_table, site_costs
from siteopt.report._json_values import plain
from siteopt.report.tables import components, value_unit
from siteopt.report.texts import text

if TYPE_CHECKING:
    from siteopt.report import RunTables


def test_components_are_those_of_the_columns() -> None:
    columns = [
        "fixed_land_bn_krw", "per_mw_land_bn_krw", "per_mw_energy_bn_krw", "fixed_bn_krw",
        "per_mw_bn_krw", "capital_fixed_bn_krw", "capital_per_mw_bn_krw", "route_km",
    ]  # fmt: skip
    assert components(pd.DataFrame(columns=columns)) == ["land", "energy"]


def test_a_chosen_site_costs_what_the_plan_says(run_tables: RunTables) -> None:
    costs = site_costs(run_tables)
    chosen = run_tables.plan.chosen.set_index("site_id")
    for site in chosen.index:
        assert costs.loc[site, "in_plan"]
        assert costs.loc[site, "it_mw"] == chosen.loc[site, "it_mw"]
        assert costs.loc[site, "cost_bn_krw"] == pytest.approx(chosen.loc[site, "cost_bn_krw"])


def test_another_site_is_costed_at_the_largest_size_that_fits(run_tables: RunTables) -> None:
    costs = site_costs(run_tables)
    # Land of even sites carries 160 MW; for odd ones 220 MW of headroom at PUE 1.25 make 176 MW,
    # whole blocks 160.
    assert costs.loc["S0002", "it_mw"] == 160
    assert costs.loc["S0005", "it_mw"] == 160
    assert costs.loc["S0005", "cost_connection_bn_krw"] == 5 * 8
    assert costs.loc["S0005", "cost_building_bn_krw"] == 13 * 160
    assert costs.loc["S0005", "bn_krw_per_mw"] == pytest.approx((40 + 13.5 * 160) / 160)
    assert "S0020" not in costs.index


def test_the_cheapest_connection_per_mw_is_taken(run_tables: RunTables) -> None:
    second = run_tables.options[run_tables.options["site_id"] == "S0007"].assign(
        option_id="S0007@B-154", station_id="B", fixed_connection_bn_krw=1.0
    )
    tables = _with(run_tables, options=pd.concat([run_tables.options, second]))
    assert site_costs(tables).loc["S0007", "option_id"] == "S0007@B-154"


def test_the_order_of_the_options_decides_nothing_and_equal_costs_go_by_id(
    run_tables: RunTables,
) -> None:
    options = run_tables.options
    twin = options.assign(option_id="0" + options["option_id"])  # the same again, before by id
    doubled = pd.concat([options, twin], ignore_index=True)
    in_plan = run_tables.plan.chosen["option_id"].tolist()
    costs = site_costs(replace(run_tables, options=doubled))
    shuffled = doubled.sample(frac=1.0, random_state=3)
    pd.testing.assert_frame_equal(site_costs(replace(run_tables, options=shuffled)), costs)
    others = costs[~costs["in_plan"]]
    assert len(others) > 0
    assert others["option_id"].str.startswith("0").all()
    assert sorted(costs.loc[costs["in_plan"], "option_id"]) == sorted(in_plan)
    alone = site_costs(run_tables)
    pd.testing.assert_series_equal(costs["bn_krw_per_mw"], alone["bn_krw_per_mw"])


def test_ranking_names_the_station_of_a_site(run_tables: RunTables) -> None:
    table = ranking_table(run_tables)
    connected = table[table["station_id"].notna()]
    names = run_tables.layers.vector("stations").set_index("station_id")
    assert len(connected) > 10
    for column in ("name_ko", "name_en"):
        expected = connected["station_id"].map(names[column])
        place = "{} 인근" if column == "name_ko" else "near {}"  # A is named after a place
        assert connected[f"station_{column}"].tolist() == [place.format(one) for one in expected]
    apart = table[table["station_id"].isna()]
    assert apart["station_name_ko"].isna().all()


def test_ranking_has_every_site_once_best_first(run_tables: RunTables) -> None:
    table = ranking_table(run_tables)
    assert sorted(table["site_id"]) == sorted(run_tables.sites["site_id"])
    assert table["rank"].dropna().is_monotonic_increasing
    assert table["site_id"].iloc[:4].tolist() == ["S0003", "S0000", "S0001", "S0002"]
    assert table["chosen"].tolist() == [True, True] + [False] * 22
    assert list(table.columns[:5]) == ["rank", "tied", "site_id", "name_ko", "name_en"]
    assert "in_plan" not in table.columns


def test_a_chosen_site_has_a_value_and_any_other_a_regret(run_tables: RunTables) -> None:
    table = ranking_table(run_tables).set_index("site_id")
    assert table.loc["S0003", "value_bn_krw"] == 142.549149
    assert table.loc["S0001", "regret_bn_krw"] == pytest.approx(21.2345)
    assert not (table["value_bn_krw"].notna() & table["regret_bn_krw"].notna()).any()
    assert not table.loc[~table["chosen"], "value_bn_krw"].notna().any()
    assert pd.isna(table.loc["S0010", "regret_bn_krw"])
    assert table.loc["S0010", "lower_bn_krw"] > 0
    assert pd.isna(table.loc["S0010", "upper_bn_krw"])  # infinite: not known


def test_value_unit_follows_the_objective(run_tables: RunTables) -> None:
    suitable = run_tables.ranking.rename(columns=lambda name: name.replace("bn_krw", "suitable_mw"))
    assert value_unit(run_tables.ranking) == "bn_krw"
    assert "value_suitable_mw" in ranking_table(_with(run_tables, ranking=suitable))
    assert "objective_suitable_mw" in portfolio(_with(run_tables, ranking=suitable))


def test_portfolio_sums_to_the_target_and_the_cost(run_tables: RunTables) -> None:
    answer = portfolio(run_tables)
    assert sum(site["it_mw"] for site in answer["sites"]) == answer["target_it_mw"]
    assert sum(site["cost_bn_krw"] for site in answer["sites"]) == pytest.approx(
        answer["cost_bn_krw"]
    )
    assert [share["province_code"] for share in answer["provinces"]] == ["46"]
    assert answer["limits"][0]["at_most"] is None


def test_plain_has_no_value_that_json_lacks() -> None:
    assert plain(float("inf")) is None
    assert plain(pd.NA) is None
    assert plain(pd.Series([True]).iloc[0]) is True


def _with(tables: RunTables, **changed: object) -> RunTables:
    from dataclasses import replace  # noqa: PLC0415 - only here

    return replace(tables, **changed)  # type: ignore[arg-type]


def test_the_cost_per_mwh_is_that_per_mw_over_the_energy(run_tables: RunTables) -> None:
    assert "krw_per_mwh_it" not in site_costs(run_tables)
    costs = site_costs(replace(run_tables, pv_mwh_per_mw=50_000.0))
    assert costs["krw_per_mwh_it"].to_numpy() == pytest.approx(
        costs["bn_krw_per_mw"].to_numpy() * 1e9 / 50_000
    )
    table = ranking_table(replace(run_tables, pv_mwh_per_mw=50_000.0))
    assert (
        list(table.columns).index("krw_per_mwh_it")
        == list(table.columns).index("bn_krw_per_mw") + 1
    )


def test_the_ranking_says_the_kind_of_a_site_and_what_bounds_its_land(
    run_tables: RunTables,
) -> None:
    table = ranking_table(run_tables).set_index("site_id")
    said = table.loc["S0003", ["kind", "complex_id", "area_rule", "area_confidence"]]
    assert said.tolist() == ["complex", "S0003", "hull", "lower-bound"]
    assert set(table["kind"]) == {"tile", "complex"}
    front = table.columns.tolist()
    assert front.index("complex_id") == front.index("kind") + 1 < front.index("province_code")
    for kind in ("tile", "complex", "parcel"):
        assert text(f"kind.{kind}", "ko") != text(f"kind.{kind}", "en")
    for rule in ("area", "hull", "assumed", "for_sale"):
        assert text(f"area.{rule}", "ko") != text(f"area.{rule}", "en")
