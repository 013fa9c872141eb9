"""The hosting layer: its rows, the same bytes however many work at it, and its place in the build."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from siteopt._data import data_folder
from siteopt.grid.case import read_case
from siteopt.grid.snapshots import Snapshot
from siteopt.layers.schemas import SCHEMAS
from siteopt.sources.build import BUILDERS
from siteopt.sources.hosting import build, hosting_table

REFERENCE = data_folder() / "reference"
FILES = {
    "case_buses": "bus_id,p_load_mw,solar_mw\n2,0,0\n10,0,60\n",
    "case_branches": "branch_id,from_bus,to_bus,x_pu,rate_a_mva\na,2,10,0.1,30\nb,2,10,0.1,30\n",
    "case_generators": "generator_id,bus_id,p_max_mw,cost_krw_mwh\ng,2,80,5\n",
    "snapshots": "snapshot_id,title_ko,title_en,hour_of_year,solar_and_wind,note\n"
    "noon,낮,Noon,12,true,\npeak,최대,Peak,9,false,\n",
    "snapshot_buses": "snapshot_id,bus_id,demand_mw,solar_cf,wind_cf\n"
    "noon,2,0,1,0\nnoon,10,5,1,0\npeak,2,10,0,0\npeak,10,20,0,0\n",
}


@pytest.fixture
def out(tmp_path):
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_rows_by_snapshot_security_and_bus(out):
    (built,) = build(out, out, out)
    assert (built.id, built.licence, built.confidence) == ("hosting", "ODbL 1.0", "model")
    assert "Open Database License" in built.notice
    lines = (out / "hosting.csv").read_text().splitlines()
    assert lines[0] == ",".join(SCHEMAS["hosting"].fields)
    rows = pd.read_csv(out / "hosting.csv", keep_default_na=False)
    keys = rows[["snapshot_id", "security", "bus_id"]].to_numpy().tolist()
    assert keys == [
        [name, security, bus]
        for name in ("noon", "peak") for security in ("n-1", "none") for bus in (2, 10)
    ]  # fmt: skip
    at = rows.set_index(["snapshot_id", "security", "bus_id"])
    # peak: 80 MW less 30; 60 over both circuits less 20, 30 over the one that is left
    assert at.loc[("peak", "none"), "hosting_mw"].tolist() == [50, 40]
    assert at.loc[("peak", "n-1"), "hosting_mw"].tolist() == [50, 10]
    assert at.loc[("peak", "none"), "injection_mw"].tolist() == [30, 30]
    # noon: 5 of 60 MW of sun have a load; the rest finds none, with lines or without
    assert at.loc[("noon", "none"), "curtailed_mw"].tolist() == [0, 55]
    assert at.loc[("noon", "n-1"), "curtailed_mw"].tolist() == [0, 55]
    assert at.loc["noon", "held_back_mw"].tolist() == [0, 0, 0, 0]
    assert at.loc[("noon", "none"), "hosting_mw"].tolist() == [135, 115]


def test_the_answer_does_not_depend_on_the_workers(out):
    case = read_case(out)
    demand = pd.Series([10.0, 20.0], index=["2", "10"])
    snapshots = {
        name: Snapshot(name, "", "", 1, name == "sun", demand, demand / 50, demand * 0)
        for name in ("dark", "sun", "third")
    }
    alone = hosting_table(case, snapshots, workers=1)
    assert len(alone) == 3 * 2 * 2
    pd.testing.assert_frame_equal(hosting_table(case, snapshots, workers=3), alone)


def test_it_is_built_between_its_inputs_and_headroom():
    order = [BUILDERS.index(name) for name in ("grid_case", "snapshots", "hosting", "headroom")]
    assert order == sorted(order)


@pytest.mark.national
def test_embedded_layer_is_whole_and_outages_only_lower_it():
    table = pd.read_csv(REFERENCE / "hosting.csv", keep_default_na=False)
    assert table.groupby(["snapshot_id", "security"]).size().tolist() == [193] * 8
    by = table.set_index(["security", "snapshot_id", "bus_id"])
    safe, free = by.loc["n-1"], by.loc["none"]
    assert (safe["hosting_mw"] <= free["hosting_mw"] + 0.05).all()
    assert (safe["injection_mw"] <= free["injection_mw"] + 0.05).all()
    # today's dispatch is the same with and without outages
    today = ["curtailed_mw", "held_back_mw"]
    pd.testing.assert_frame_equal(safe[today], free[today])
    assert (by["curtailed_mw"] <= by["held_back_mw"] + 0.05).all()
    curtailed = free["curtailed_mw"].groupby("snapshot_id").sum()
    assert curtailed["spring_noon"] > 1000
    assert (curtailed.drop("spring_noon") < 1).all()


@pytest.mark.national
def test_generation_is_blocked_in_honam_at_spring_noon_and_not_load():
    """Known from the operator: new generation in Honam waits for lines; load there helps."""
    buses = pd.read_csv(REFERENCE / "case_buses.csv", dtype={"province_code": str})
    table = pd.read_csv(REFERENCE / "hosting.csv", keep_default_na=False)
    noon = table[(table["snapshot_id"] == "spring_noon") & (table["security"] == "n-1")]
    noon = noon.merge(buses[["bus_id", "province_code"]], on="bus_id")
    province = noon.groupby("province_code")[["hosting_mw", "injection_mw"]].median()
    assert province["injection_mw"].idxmin() == "46"
    assert province.loc["46", "hosting_mw"] > 3 * province.loc["46", "injection_mw"]


def test_a_missing_file_is_named(out):
    shutil.move(out / "case_buses.csv", out / "gone.csv")
    with pytest.raises(FileNotFoundError, match=r"case_buses\.csv: not there"):
        build(out, out, out)
