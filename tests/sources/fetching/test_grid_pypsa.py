"""PyPSA networks as grid cases: by hand, and against PyPSA's own linear power flow."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.grid.case import GridCase
from siteopt.grid.flow import branch_flows, network
from siteopt.sources.fetching.grid_pypsa import Carriers, case_of_pypsa
from siteopt.sources.fetching.grid_pypsa_files import PypsaTables, read_pypsa
from siteopt.sources.fetching.recipes import RECIPES, read_recipe

CARRIERS = read_recipe(Carriers, RECIPES / "pypsa.toml")
BUSES = pd.DataFrame(
    {"v_nom": [345.0, 345.0, 154.0], "x": [127.0, 127.1, 127.2], "y": [36.0, 36.1, 36.2]},
    index=["a", "b", "low c"],
)
LINES = pd.DataFrame(
    {"bus0": ["a"], "bus1": ["b"], "x": [11.9025], "r": [1.19025], "b": [8.4e-5], "s_nom": [1000.0],
     "s_max_pu": [0.7]}, index=["1"],
)  # fmt: skip
BANKS = pd.DataFrame(
    {"bus0": ["b"], "bus1": ["low c"], "x": [0.15], "r": [0.01], "s_nom": [500.0],
     "tap_ratio": [1.05], "phase_shift": [10.0]}, index=["1"],
)  # fmt: skip
UNITS = pd.DataFrame(
    {"bus": ["a", "b", "b"], "carrier": ["CCGT", "solar", "onwind"], "p_nom": [800.0, 100.0, 50.0],
     "p_min_pu": [0.4, 0.0, 0.0], "marginal_cost": [50.0, 0.0, 0.0]}, index=["g", "pv", "w"],
)  # fmt: skip
LOADS = pd.DataFrame({"bus": ["low c", "b"], "p_set": [0.0, 20.0]}, index=["l", "m"])


def tables(**changed):
    parts = {"buses": BUSES, "lines": LINES, "transformers": BANKS, "generators": UNITS, "loads": LOADS}  # fmt: skip
    series = {
        ("loads", "p_set"): pd.DataFrame({"l": [100.0, 300.0, 200.0]}),
        ("generators", "p_max_pu"): pd.DataFrame({"pv": [0.0, 0.6, 0.3]}),
    }
    times = pd.date_range("2030-02-01", periods=3, freq="h")
    return PypsaTables({**parts, **changed}, series, times)


def test_lines_are_per_unit_of_100_mva_by_hand():
    branches = case_of_pypsa(tables(), CARRIERS).tables["case_branches"].set_index("branch_id")
    line = branches.loc["1"]  # 345^2 / 100 = 1190.25 ohm
    assert line["x_pu"] == pytest.approx(0.01)
    assert line["r_pu"] == pytest.approx(0.001)
    assert line["b_pu"] == pytest.approx(8.4e-5 * 1190.25)
    assert line["rate_a_mva"] == pytest.approx(700)


@pytest.mark.parametrize(("side", "ends", "angle"), [(0, ["b", "low_c"], 10), (1, ["low_c", "b"], -10)])  # fmt: skip
def test_transformers_have_their_tap_at_the_first_bus(side, ends, angle):
    found = case_of_pypsa(tables(transformers=BANKS.assign(tap_side=side)), CARRIERS)
    (bank,) = found.tables["case_branches"].iloc[1:].to_dict("records")
    assert bank["branch_id"] == "T-1"  # a line has the name 1 already
    assert [bank["from_bus"], bank["to_bus"]] == ends
    assert (bank["ratio"], bank["angle_deg"]) == (1.05, angle)
    assert bank["x_pu"] == pytest.approx(0.15 * 100 / 500)
    assert bank["rate_a_mva"] == 500


def test_loads_are_those_of_the_largest_hour_and_sun_and_wind_are_of_buses():
    case = case_of_pypsa(tables(), CARRIERS, cost_unit_krw=1_500)
    buses = case.tables["case_buses"].set_index("bus_id")
    assert case.peak == 1
    assert buses["p_load_mw"].to_dict() == {"a": 0, "b": 20, "low_c": 300}
    assert buses.loc["low_c", ["demand_mean_mw", "demand_peak_mw"]].tolist() == [200, 300]
    assert buses.loc["b", ["solar_mw", "wind_mw"]].tolist() == [100, 50]
    assert buses.loc["b", "solar_cf"] == pytest.approx(0.3)
    assert buses.loc["b", "wind_cf"] == 0  # its yield is not in the network
    (unit,) = case.tables["case_generators"].to_dict("records")
    assert (unit["fuel"], unit["p_min_mw"], unit["p_max_mw"]) == ("lng", 320, 800)
    assert unit["cost_krw_mwh"] == 75_000


def test_links_between_buses_of_alternating_current_are_dc_lines():
    buses = pd.concat([BUSES.assign(carrier="AC"), BUSES.iloc[:1].assign(carrier="DC").set_axis(["d"])])  # fmt: skip
    links = pd.DataFrame(
        {"bus0": ["a", "a"], "bus1": ["b", "d"], "p_nom": [200.0, 90.0], "p_min_pu": [-1.0, -1.0],
         "efficiency": [0.97, 1.0]}, index=["x", "y"],
    )  # fmt: skip
    case = case_of_pypsa(tables(buses=buses, links=links), CARRIERS)
    (link,) = case.tables["case_dc_lines"].to_dict("records")
    assert (link["from_bus"], link["to_bus"]) == ("a", "b")
    assert (link["p_min_mw"], link["p_max_mw"]) == (-200, 200)
    assert link["loss1_pu"] == pytest.approx(0.03)
    assert case.notes == [
        "1 buses are not of alternating current and left out",
        "1 links touch a bus that is left out, and are too",
    ]


def test_lines_of_a_type_are_made_of_it():
    types = pd.DataFrame(
        {"f_nom": [60.0], "r_per_length": [0.03], "x_per_length": [0.25], "c_per_length": [13.0]},
        index=["four bundle"],
    )
    lines = LINES.drop(columns=["x", "r", "b"]).assign(type="four bundle", length=50.0, num_parallel=2.0)  # fmt: skip
    case = case_of_pypsa(tables(lines=lines, line_types=types), CARRIERS)
    line = case.tables["case_branches"].iloc[0]
    assert line["x_pu"] == pytest.approx(0.25 * 50 / 2 / 1190.25)
    assert line["r_pu"] == pytest.approx(0.03 * 50 / 2 / 1190.25)
    assert line["b_pu"] == pytest.approx(2 * np.pi * 60 * 13e-9 * 50 * 2 * 1190.25)


FAULTS = {
    "lines: 1 names bus z, which buses lacks": {"lines": LINES.assign(bus1="z")},
    "lines: 1 is of type odd, whose values are not in the files":
        {"lines": LINES.assign(type="odd", x=0.0)},
    "transformers: 1 has no s_nom": {"transformers": BANKS.assign(s_nom=0.0)},
    "buses: low_c appears twice":
        {"buses": pd.concat([BUSES, BUSES.iloc[2:].set_axis(["low  c"])])},
    "a grid case needs branches": {"lines": LINES.iloc[:0], "transformers": BANKS.iloc[:0]},
}  # fmt: skip


@pytest.mark.parametrize("reason", FAULTS)
def test_faults_name_the_component(reason):
    with pytest.raises(LayerError, match=reason):
        case_of_pypsa(tables(**FAULTS[reason]), CARRIERS)


def test_what_is_not_active_does_not_count():
    two = pd.concat([LINES, LINES.set_axis(["2"])]).assign(active=[True, False])
    case = case_of_pypsa(tables(lines=two), CARRIERS)
    assert case.tables["case_branches"]["branch_id"].tolist() == ["1", "T-1"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A meshed network with taps and a phase shifter, its flows by PyPSA, and both its exports."""
    pypsa = pytest.importorskip("pypsa")
    home = tmp_path_factory.mktemp("pypsa")
    logging.getLogger("pypsa").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        grid = pypsa.Network(snapshots=pd.date_range("2030-01-01", periods=3, freq="h"))
        for name, kv in {"a": 345.0, "b": 345.0, "c": 154.0, "d": 154.0}.items():
            grid.add("Bus", name, v_nom=kv, x=127.0, y=36.5)
        for name, ends, x in (("ab", "ab", 30.0), ("ab2", "ab", 45.0), ("cd", "cd", 12.0)):
            grid.add("Line", name, bus0=ends[0], bus1=ends[1], x=x, r=1.0, s_nom=900.0)
        grid.add("Transformer", "ac", bus0="a", bus1="c", x=0.12, s_nom=500.0, tap_ratio=1.04)
        grid.add("Transformer", "bd", bus0="b", bus1="d", x=0.10, s_nom=400.0, tap_ratio=0.97,
                 phase_shift=4.0)  # fmt: skip
        grid.add("Generator", "g", bus="a", p_nom=900.0, p_set=450.0, carrier="coal")
        grid.add("Load", "m", bus="b", p_set=50.0)
        grid.add("Load", "n", bus="d", p_set=[100.0, 400.0, 300.0])
        grid.export_to_csv_folder(str(home / "folder"))
        grid.export_to_netcdf(str(home / "grid.nc"))
        grid.lpf(grid.snapshots[1])
    flows = pd.concat([grid.lines_t.p0.iloc[1], grid.transformers_t.p0.iloc[1]])
    return home, flows


@pytest.mark.parametrize("name", ["folder", "grid.nc"])
def test_flows_are_those_of_pypsa(exported, name):
    home, expected = exported
    tables_of = case_of_pypsa(read_pypsa(home / name), CARRIERS).tables
    case = GridCase(*(tables_of[f"case_{part}"] for part in ("buses", "branches", "generators", "dc_lines")))  # fmt: skip
    net = network(case)
    injection = -case.buses["p_load_mw"].to_numpy(dtype=np.float64)
    injection[0] += case.generators["output_mw"].sum()
    found = pd.Series(branch_flows(net, injection), index=case.branches["branch_id"])
    assert found.to_dict() == pytest.approx(expected[found.index].to_dict(), abs=1e-6)


def test_both_exports_are_one_network(exported):
    home, _ = exported
    one, other = (case_of_pypsa(read_pypsa(home / name), CARRIERS) for name in ("folder", "grid.nc"))  # fmt: skip
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, other.tables[name], check_dtype=False)
    assert one.times.equals(other.times)
