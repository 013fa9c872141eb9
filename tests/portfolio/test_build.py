"""From tables to arrays: order, years, units, and what is refused."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.portfolio.build import build_problem
from tests.portfolio.instances import Link, Place, make_case
from tests.portfolio.random_cases import LIMITS, random_case

# 30 MW of contract power and 120 m3 of water a block of 20 MW.
ONE = Place(
    pue=1.5,
    water=6.0,
    suitability=0.25,
    links=(Link(fixed=7.0, per_mw=3.0, capital_fixed=5.0, capital_per_mw=1.0, above_mw=30.0),),
)


def arrays(problem):
    return {
        field.name: str(value)
        if isinstance(value := getattr(problem, field.name), tuple)
        else value
        for field in fields(problem)
    }


def test_figures_a_megawatt_become_figures_a_block():
    problem = make_case([ONE], target_mw=200, spacing_km=2.5).problem()
    assert problem.facility_mw.tolist() == [30]
    assert problem.water_m3_day.tolist() == [120]
    assert (problem.fixed_bn_krw.tolist(), problem.block_bn_krw.tolist()) == ([7], [60])
    assert problem.capital_fixed_bn_krw.tolist() == [5]
    assert problem.capital_block_bn_krw.tolist() == [20]
    assert problem.target_blocks == 10
    assert problem.spacing_m == 2500


@pytest.mark.parametrize(("above_mw", "fewest"), [(0, 1), (29.9, 1), (30, 2), (30.1, 2), (60, 3)])
def test_a_voltage_class_begins_above_the_top_of_the_one_below(above_mw, fewest):
    place = replace(ONE, links=(Link(above_mw=above_mw),))
    assert make_case([place]).problem().blocks_min.tolist() == [fewest]


@pytest.mark.parametrize(("top_mw", "most"), [(89.9, 2), (90, 3), (400, 4)])
def test_a_voltage_class_holds_its_top(top_mw, most):
    place = replace(ONE, links=(Link(top_mw=top_mw),))
    assert make_case([place], target_mw=80).problem().blocks_max.tolist() == [most]


def test_builds_have_their_own_least_and_most():
    build = {"it_min_mw": 40, "it_max_mw": 60, "block_mw": 20}
    problem = make_case([Place(land_mw=500.0)], target_mw=200, build=build).problem()
    assert (problem.blocks_min.tolist(), problem.blocks_max.tolist()) == ([2], [3])


def test_least_cost_counts_money_and_the_price_of_low_suitability():
    plain = make_case([ONE]).problem()
    assert (plain.worth_fixed.tolist(), plain.worth_block.tolist()) == ([7], [60])
    price = {"suitability_price_bn_krw_per_mw": 2.0}
    priced = make_case([ONE], objective=price).problem()
    assert (priced.worth_fixed.tolist(), priced.worth_block.tolist()) == ([7], [60 + 2 * 0.75 * 20])
    assert priced.block_bn_krw.tolist() == [60]  # the price is no money that anyone pays


def test_suitability_counts_suitable_megawatts():
    problem = make_case([ONE], objective={"kind": "suitability"}).problem()
    assert (problem.worth_fixed.tolist(), problem.worth_block.tolist()) == ([0], [-0.25 * 20])
    assert problem.target_most_blocks == problem.target_blocks


def test_shares_are_whole_blocks_within_the_share():
    # 200 MW are 10 blocks, of which a quarter is 2.5.
    provinces = {"share_max_pct": 25, "shares": {"47": {"min_pct": 25, "max_pct": 50}}}
    places = [ONE, replace(ONE, province="47")]
    problem = make_case(places, target_mw=200, provinces=provinces).problem()
    assert problem.province_code.tolist() == ["46", "47"]
    assert problem.province_min_blocks.tolist() == [[0], [3]]
    assert problem.province_max_blocks.tolist() == [[2], [5]]


@pytest.mark.parametrize(("target_mw", "pct", "blocks"), [(2800, 35, 49), (400, 55, 11)])
def test_a_share_of_just_so_many_blocks_is_not_rounded_away(target_mw, pct, blocks):
    # In floats 35 % of 2800 MW are a hair less than 49 blocks, 55 % of 400 MW a hair more than 11.
    shares = {"shares": {"46": {"min_pct": pct, "max_pct": pct}}}
    problem = make_case([ONE], target_mw=target_mw, provinces=shares).problem()
    assert problem.province_min_blocks.tolist() == [[blocks]]
    assert problem.province_max_blocks.tolist() == [[blocks]]


def test_headroom_is_that_of_the_last_year_not_after_the_target_year():
    case = make_case([ONE])
    years = pd.DataFrame(
        {
            "station_id": "N1",
            "voltage_kv": 154.0,
            "year": [2040, 2030, 2034],
            "headroom_mw": [400.0, 100.0, 200.0],
        }
    )
    problem = replace(case, headroom=years).problem()
    assert problem.level_headroom_mw.tolist() == [[200]]


def test_a_station_takes_as_much_as_the_largest_of_its_levels():
    headroom = {("N1", 154.0): 100.0, ("N1", 345.0): 300.0}
    problem = make_case([ONE], headroom=headroom).problem()
    assert problem.station_headroom_mw.tolist() == [[300]]


@pytest.mark.parametrize(
    ("table", "columns", "gate"),
    [("headroom", {"voltage_kv": 345.0}, "headroom"), ("basins", {"basin_id": "B9"}, "basin")],
)
def test_what_is_not_known_to_have_room_has_none(table, columns, gate):
    case = make_case([ONE])
    unknown = replace(case, **{table: getattr(case, table).assign(**columns)})
    assert unknown.problem().site_gate.tolist() == [gate]


def test_water_matters_only_to_sites_that_take_some():
    case = make_case([replace(ONE, water=0.0)], basins={"B1": 0.0})
    assert case.problem().site_gate.tolist() == [""]


def test_the_order_of_the_tables_does_not_matter():
    case = random_case(4, LIMITS)
    expected = arrays(case.problem())
    for seed in range(3):
        for name, value in arrays(case.shuffled(seed).problem()).items():
            np.testing.assert_array_equal(value, expected[name], err_msg=name)


def test_building_leaves_the_tables_as_they_are():
    case = random_case(4, LIMITS).shuffled(1)
    before = {
        name: table.copy() for name, table in case.tables.items() if isinstance(table, pd.DataFrame)
    }
    case.problem()
    for name, table in before.items():
        pd.testing.assert_frame_equal(getattr(case, name), table)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("sites", "site_id"),
        ("sites", "it_max_mw"),
        ("described", "pue"),
        ("options", "station_kv"),
        ("options", "capital_per_mw_bn_krw"),
        ("options", "facility_min_mw"),
        ("headroom", "headroom_mw"),
    ],
)
def test_a_missing_column_is_named(table, column):
    case = make_case([ONE])
    without = replace(case, **{table: getattr(case, table).drop(columns=column)})
    with pytest.raises(LayerError, match=f"table {table}: column {column} is missing"):
        without.problem()


def test_suitability_is_needed_only_where_it_counts():
    case = make_case([ONE])
    blind = replace(case, described=case.described.drop(columns="suitability"))
    assert blind.problem().options == 1
    asked = make_case([ONE], objective={"kind": "suitability"}).scenario
    with pytest.raises(LayerError, match="described: column suitability is missing"):
        replace(blind, scenario=asked).problem()


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_figure_that_is_no_number_is_named_with_its_column(wrong):
    case = make_case([ONE, ONE])
    options = case.options.assign(per_mw_bn_krw=[3.0, wrong])
    with pytest.raises(LayerError, match=r"per_mw_bn_krw, row 2: (nan|inf) is not a number"):
        replace(case, options=options).problem()


def test_an_option_of_an_unknown_site_is_an_error():
    case = make_case([ONE])
    options = case.options.assign(site_id="S7")
    with pytest.raises(LayerError, match="site S7 is not in the table of sites"):
        build_problem(**replace(case, options=options).tables)
