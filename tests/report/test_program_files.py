"""What the published program says of a run: every option, every limit, nothing to guess."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from siteopt.portfolio.constraints.variants import with_energy_cuts
from siteopt.report.program_files import energy_cut_table, limit_table
from siteopt.scenario import load_scenario
from tests.portfolio.random_cases import random_case

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def folder(small_run):
    return small_run.run.folder


@pytest.fixture(scope="module")
def options(folder):
    texts = dict.fromkeys(("province_code", "bus_id", "gate", "closed_by", "site_rule"), str)
    return pd.read_csv(folder / "options.csv", dtype=texts, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def limits(folder):
    return pd.read_csv(folder / "limits.csv", dtype={"of": str}, encoding="utf-8-sig")


def test_costs_by_component_are_what_the_objective_counts(options, folder):
    record = json.loads((folder / "program.json").read_text(encoding="utf-8"))
    for kind, whole in (
        ("fixed", options["objective_fixed"]),
        ("per_mw", options["objective_per_block"] / record["block_it_mw"]),
    ):
        parts = [
            name
            for name in options.columns
            if name.startswith(f"{kind}_") and name != f"{kind}_bn_krw"
        ]
        assert len(parts) >= 3
        assert np.allclose(options[parts].sum(axis=1), whole, rtol=2e-6)


def test_bounds_follow_from_what_stands_beside_them(options, folder):
    record = json.loads((folder / "program.json").read_text(encoding="utf-8"))
    block = record["block_it_mw"]
    facility = options["pue"] * block
    land = np.minimum(options["it_max_mw"], record["it_max_mw"]) / block
    most = np.floor(np.minimum(land, options["facility_max_mw"] / facility) + 1e-7)
    least = np.maximum(
        round(record["it_min_mw"] / block),
        np.floor(options["facility_min_mw"] / facility + 1e-7) + 1,
    )
    assert np.allclose(facility, options["facility_mw_per_block"])
    assert np.allclose(options["water_m3_day_per_mw"] * block, options["water_m3_day_per_block"])
    assert (options["blocks_max"] == most).all()
    assert (options["blocks_min"] == least).all()


def test_what_is_closed_says_why(options, limits):
    closed = options["gate"].notna()
    assert closed.any()
    assert (~closed).any()
    assert (options["closed_by"].notna() == closed).all()
    small = options["gate"] == "size"
    assert (options["blocks_max"] < options["blocks_min"])[small].all()
    assert (options["blocks_max"] >= options["blocks_min"])[~closed].all()
    room = limits[limits["limit"] == "station level"].set_index(["of", "voltage_kv"])["at_most"]
    level = pd.MultiIndex.from_frame(options[["station_id", "station_kv"]])
    needs = options["blocks_min"] * options["facility_mw_per_block"] - options["relief_mw"]
    full = (options["gate"] == "headroom").to_numpy()
    assert (needs.to_numpy() > room.reindex(level).to_numpy())[full].all()


def test_every_site_with_a_connection_is_there_and_every_limit_named(
    options, limits, small_run, folder
):
    scenario = load_scenario(small_run.scenario_file)
    ranked = small_run.run.ranking
    assert set(ranked["site_id"]) >= set(options["site_id"])
    assert set(ranked["option_id"].dropna()) <= set(options["option_id"])
    one = limits.set_index("limit")
    assert one.loc["target", "at_least"] == scenario.target.it_mw / scenario.build.block_mw
    assert one.loc["spacing", "at_least"] == scenario.spacing_km
    assert one.loc["provinces with a site", "at_least"] == scenario.provinces.count_min
    most = one.loc["province", "at_most"]
    assert (most == scenario.target.it_mw / scenario.build.block_mw * 0.4).all()
    levels = limits[limits["limit"] == "station level"]
    assert set(options["station_id"]) <= set(levels["of"])
    assert not levels.duplicated(["of", "voltage_kv", "year"]).any()
    flows = pd.read_csv(folder / "flow_limits.csv", dtype={"bus_id": str}, encoding="utf-8-sig")
    assert set(flows["limit"]) == set(limits.loc[limits["limit"] == "flow", "of"])
    assert set(flows["limit"]) == {
        row["limit"] for row in small_run.run.portfolio["limits"] if row["family"] == "flows"
    }


def test_a_run_that_does_not_know_its_program_publishes_none(run_tables, tmp_path):
    from siteopt.report.program_files import write_program  # noqa: PLC0415

    write_program(run_tables, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_cuts_of_the_energy_cost_are_published_by_bus_and_year():
    case = random_case(3, ("flows",))
    problem = case.problem()
    count = len(problem.bus_id)
    price = np.zeros((2, problem.horizon, count))
    price[0, 0, 0], price[1, 0, 1] = 0.25, -0.5
    table = energy_cut_table(with_energy_cuts(problem, np.array([3.0, 4.0]), price))
    assert table["cut"].tolist() == ["1", "2"]
    assert table["bus_id"].tolist() == problem.bus_id[:2].tolist()
    assert table["year"].tolist() == [int(problem.years[0])] * 2
    assert table["bn_krw_per_mw"].tolist() == [0.25, -0.5]
    limits = limit_table(with_energy_cuts(problem, np.array([3.0, 4.0]), price))
    cuts = limits[limits["limit"] == "energy cost"]
    assert cuts["at_least"].tolist() == [3.0, 4.0]
    assert "energy cost" not in set(limit_table(problem)["limit"])
