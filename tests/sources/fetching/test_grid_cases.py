"""Published grid cases become the case layers; nothing of two cases is mixed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.cli import layers_take
from siteopt.errors import LayerError, LayerFileError
from siteopt.grid.case import case_of_layers
from siteopt.layers import check_layers, data_folder, open_layers, read_catalogue
from siteopt.sources.fetching import grid_cases
from siteopt.sources.fetching.grid_cases import CASE_DEPENDENTS, read_case_terms, take_case

CASE = """\
function mpc = small
mpc.version = '2';
mpc.baseMVA = 50;
mpc.bus = [
 1 3 0 0 0 0 1 1 0 345 1 1.1 0.9;
 2 1 40 0 0 0 1 1 0 345 1 1.1 0.9;
 3 1 60 0 0 0 1 1 0 154 1 1.1 0.9;
 4 1 10 0 0 0 1 1 0 154 1 1.1 0.9;
];
mpc.gen = [ 1 110 0 0 0 1 100 1 300 0; 1 0 0 0 0 1 100 0 100 0; ];
mpc.branch = [
 1 2 0.001 0.02 0.04 300 0 0 0 0 1;
 2 3 0 0.05 0 100 0 0 1.02 0 1;
 3 4 0.01 0.03 0 80 0 0 0 0 1;
];
mpc.gencost = [ 2 0 0 3 0 10 0; 2 0 0 3 0 20 0; ];
"""
PLACES = "bus_id,lon,lat\n1,127.0,36.5\n2,127.2,36.6\n3,127.4,36.5\n4,127.5,36.4\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "small.m").write_text(CASE, encoding="utf-8")
    (tmp_path / "places.csv").write_text(PLACES, encoding="utf-8")
    return tmp_path


def matpower_of(layers):
    """Return the embedded case as a MATPOWER file, as far as such a file goes."""
    buses, branches, units, links = (
        layers.table(name) if name != "case_buses" else pd.DataFrame(layers.vector(name))
        for name in ("case_buses", "case_branches", "case_generators", "case_dc_lines")
    )

    def rows(*columns):
        return "\n".join(" ".join(f"{float(value):.10g}" for value in row) + ";" for row in zip(*columns, strict=True))  # fmt: skip

    zero, one = ([value] * 1000 for value in (0, 1))
    b, n, g, d = (len(table) for table in (buses, branches, units, links))
    return "\n".join([
        "function mpc = embedded", "mpc.version = '2';", "mpc.baseMVA = 100;", "mpc.bus = [",
        rows(buses.bus_id, buses["type"], buses.p_load_mw, buses.q_load_mvar, buses.g_shunt_mw, buses.b_shunt_mvar, one[:b], buses.voltage_pu, buses.angle_deg, buses.base_kv, one[:b], buses.voltage_max_pu, buses.voltage_min_pu),
        "];", "mpc.gen = [",
        rows(units.bus_id, units.output_mw, zero[:g], zero[:g], zero[:g], one[:g], one[:g], units.status, units.p_max_mw, units.p_min_mw),
        "];", "mpc.branch = [",
        rows(branches.from_bus, branches.to_bus, branches.r_pu, branches.x_pu, branches.b_pu, branches.rate_a_mva, zero[:n], zero[:n], branches.ratio, branches.angle_deg, branches.status, zero[:n], zero[:n], branches.flow_mw),
        "];", "mpc.gencost = [",
        rows([2] * g, zero[:g], zero[:g], [3] * g, units.cost_krw_mw2h / 1000, units.cost_krw_mwh / 1000, units.cost_krw_h / 1000),
        "];", "mpc.dcline = [",
        rows(links.from_bus, links.to_bus, links.status, links.flow_mw, zero[:d], zero[:d], zero[:d], one[:d], one[:d], links.p_min_mw, links.p_max_mw, zero[:d], zero[:d], zero[:d], zero[:d], links.loss0_mw, links.loss1_pu),
        "];",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("form", "words", "terms"),
    [
        (
            "kpg",
            "ODbL 1.0: what is made of it and given away stays under it",
            ("share alike", "free"),
        ),
        (
            "pypsa",
            "that of the file that was taken: whether it may be given",
            ("unknown", "unknown"),
        ),
        (
            "matpower",
            "that of the file that was taken: whether it may be given",
            ("unknown", "unknown"),
        ),
    ],
)
def test_the_terms_of_a_case_are_said_before_it_is_read(tmp_path, form, words, terms):
    said = []
    with pytest.raises((LayerError, LayerFileError)):
        take_case(tmp_path / "data", form, tmp_path / "none", warn=said.append, tell=pytest.fail)
    assert said[0].startswith(words)
    found = read_case_terms().of(form)
    assert (found.redistribution, found.commercial) == terms


def test_a_case_of_other_buses_is_not_mixed_with_what_is_there(files):
    before = read_catalogue().entries
    with pytest.raises(LayerError, match=r"small\.m: a case of 4 buses; snapshots, snapshot_buses, hosting, headroom, .* do not belong to it; `--accept-changes`"):  # fmt: skip
        take_case(files / "data", "matpower", files / "small.m", places=files / "places.csv")
    assert read_catalogue(files / "data").entries == before


def test_accepted_it_takes_the_place_of_the_other_and_removes_what_is_of_that(files):
    said = []
    take_case(
        files / "data", "matpower", files / "small.m", places=files / "places.csv", accept=True,
        tell=said.append,
    )  # fmt: skip
    layers = open_layers(folder=files / "data")
    assert not set(CASE_DEPENDENTS) & set(layers.ids)
    assert len(check_layers(files / "data")) == len(layers.ids)
    assert not (files / "data/reference/hosting.csv").exists()
    case = case_of_layers(layers)
    line, bank, _ = case.branches.to_dict("records")
    assert (line["x_pu"], line["b_pu"]) == pytest.approx((0.04, 0.02))  # from 50 to 100 MVA
    assert bank["x_pu"] == pytest.approx(0.1)
    assert len(case.generators) == 1  # a unit out of service stays so
    assert case.branches["flow_mw"].tolist() == pytest.approx([110, 70, 10])  # radial: the loads
    assert case.buses["province_code"].str.fullmatch("[0-9]{2}").all()
    assert "impedances are brought from 50 to 100 MVA" in said
    assert any(line.startswith("removed, as of another case: snapshots, ") for line in said)
    entry = read_catalogue(files / "data")["case_buses"]
    assert (entry.source, entry.title_en) == ("grid case in MATPOWER's form", "Grid case: buses")
    assert entry.address.startswith("small.m (sha256 ")


def test_a_case_without_places_needs_a_table_of_them(files):
    with pytest.raises(LayerError, match="has no places, and its buses are not those"):
        take_case(files / "data", "matpower", files / "small.m")
    (files / "places.csv").write_text(PLACES.replace("3,127.4,36.5\n", ""), encoding="utf-8")
    with pytest.raises(LayerError, match=r"places\.csv: bus 3 needs exactly one row"):
        take_case(files / "data", "matpower", files / "small.m", places=files / "places.csv")
    (files / "places.csv").write_text("bus,lon\n1,2\n", encoding="utf-8")
    with pytest.raises(LayerError, match="column bus_id is missing"):
        take_case(files / "data", "matpower", files / "small.m", places=files / "places.csv")
    with pytest.raises(LayerFileError, match="give a MATPOWER case"):
        take_case(files / "data", "matpower", files / "none.m")


@pytest.mark.national
def test_the_same_system_in_another_file_keeps_its_profiles(tmp_path, monkeypatch):
    embedded = open_layers()
    (tmp_path / "case.m").write_text(matpower_of(embedded), encoding="utf-8")
    hosting = embedded.table("hosting")  # what is computed anew is the business of its own tests
    monkeypatch.setattr(grid_cases, "hosting_table", lambda *_: hosting)
    said = []
    take_case(
        tmp_path / "data", "matpower", tmp_path / "case.m", cost_unit_krw=1000, tell=said.append
    )
    same = data_folder() / "reference", tmp_path / "data" / "reference"
    for name in ("case_branches", "case_generators", "case_dc_lines", "case_buses"):
        one, other = (pd.read_csv(folder / f"{name}.csv") for folder in same)
        pd.testing.assert_frame_equal(one, other[one.columns], check_dtype=False, rtol=1e-6)
    one, other = (pd.read_csv(folder / "headroom.csv") for folder in same)
    assert other["station_id"].tolist() == one["station_id"].tolist()
    assert np.allclose(one["headroom_mw"], other["headroom_mw"], atol=0.11)
    assert any(line.startswith("kept, as the buses are the same: snapshots, ") for line in said)
    idle = int((embedded.table("case_generators")["status"] == 0).sum())
    assert (
        f"{idle} units did not run in the hour of the file and stay in service, as before" in said
    )


def kpg_folder(home):
    """Write a KPG of four buses in the form of the real one."""
    for name in ("grid", "power_plants", "renewables"):
        (home / name).mkdir(parents=True)
    grid, plants = home / "grid", home / "power_plants"
    (grid / "kpg193_bus.csv").write_text(
        "bus_i,type,Pd,Qd,Gs,Bs,area,Vm,Va,baseKV,zone,Vmax,Vmin\n"
        "1,3,10,0,0,0,1,1,0,345,1,1.1,0.9\n2,1,40,0,0,0,1,1,0,345,1,1.1,0.9\n"
        "3,1,60,0,0,0,1,1,0,154,1,1.1,0.9\n4,1,20,0,0,0,1,1,0,154,1,1.1,0.9\n",
        encoding="utf-8",
    )
    (grid / "kpg193_bus_metadata_2025.csv").write_text(
        "\ufeffbus_id,Latitude,Longitude,name_Korean,name_English\n1,36.5,127.0,가,Ga\n"
        "2,36.6,127.2,나,Na\n3,36.5,127.4,다,Da\n4,36.4,127.5,라,Ra\n",
        encoding="utf-8",
    )
    (grid / "kpg193_branch.csv").write_text(
        "fbus,tbus,r,x,b,rateA,rateB,rateC,ratio,angle,status,angmin,angmax,Pf,Qf,Pt,Qt\n"
        "1,2,0,0.02,0,300,0,0,0,0,1,0,0,120,0,0,0\n2,3,0,0.05,0,200,0,0,1,0,1,0,0,80,0,0,0\n"
        "3,4,0,0.03,0,80,0,0,0,0,1,0,0,20,0,0,0\n",
        encoding="utf-8",
    )
    (grid / "kpg193_gen.csv").write_text(
        "bus,Pg,status,Pmax,Pmin\n1,130,1,600,0\n", encoding="utf-8"
    )
    (grid / "kpg193_gencost.csv").write_text(
        "model,startup,shutdown,n,c2,c1,c0\n2,0,0,3,0.01,50,1\n", encoding="utf-8"
    )
    (grid / "kpg193_dcline.csv").write_text(
        "fbus,tbus,status,Pf,Pmin,Pmax,loss0,loss1\n", encoding="utf-8"
    )
    (plants / "kpg193_generator_metadata_2025.csv").write_text(
        "gen_id,bus_id,plant_name_kor,unit_name,pmax_mw,gen_type\n1,1,가화력,#1,600,Coal\n",
        encoding="utf-8",
    )
    for name in ("solar", "wind", "hydro"):
        (plants / f"kpg193_{name}_capacity_by_bus_2025.csv").write_text(
            f"bus_ID,Type,Pmax [MW],Pmin [MW]\n1,{name},5,0\n2,{name},0,0\n3,{name},0,0\n4,{name},0,0\n",
            encoding="utf-8",
        )
    hour = np.arange(8760)
    sun = np.clip(np.sin(2 * np.pi * (hour % 24 - 6) / 24), 0, 1).round(4)
    load = 1 + 0.2 * np.sin(2 * np.pi * hour / 8760)
    for path, values in (
        (grid / "kpg193_demand_mw_hourly_8760x193.csv", np.outer(load, [10, 40, 60, 20])),
        (home / "renewables/kpg193_pv_hourly_8760x193.csv", np.outer(sun, np.ones(4))),
        (home / "renewables/kpg193_wind_hourly_8760x193.csv", np.full((8760, 4), 0.25)),
    ):
        table = pd.DataFrame(values, columns=list("1234"), index=pd.Index(hour + 1, name="hour_of_year"))  # fmt: skip
        table.to_csv(path)
    return home


def test_tables_of_kpg_bring_their_own_hours(tmp_path):
    folder = kpg_folder(tmp_path / "kpg")
    with pytest.raises(LayerError, match=r"; typical_days, year_days, profiles_demand, .* do not"):
        take_case(tmp_path / "data", "kpg", folder)
    layers_take("kpg", [folder], tmp_path / "data", accept=True)
    layers = open_layers(folder=tmp_path / "data")
    rows = layers.table("snapshots").set_index("snapshot_id")
    assert rows.loc["peak", "hour_of_year"] == 8760 // 4 + 1  # a quarter of the year's sine
    hours = layers.table("snapshot_buses").set_index(["snapshot_id", "bus_id"])
    assert hours.loc[("peak", "3"), "demand_mw"] == pytest.approx(72)
    hosting = layers.table("hosting").set_index(["snapshot_id", "security", "bus_id"])
    # what is left on the only branch, and of the one unit
    assert hosting.loc[("peak", "none", "4"), "hosting_mw"] == pytest.approx(80 - 24, abs=0.1)
    assert hosting.loc[("peak", "none", "1"), "hosting_mw"] == pytest.approx(600 - 156, abs=0.1)
    headroom = layers.table("headroom")
    assert set(headroom["bus_id"].dropna()) <= {"1", "2", "3", "4"}
    assert layers.entry("case_buses").licence == "ODbL 1.0"
    assert len(check_layers(tmp_path / "data")) == len(layers.ids)


def test_a_folder_that_is_no_kpg_is_refused(tmp_path):
    with pytest.raises(LayerFileError, match="a release of KPG has network/m, or its tables lie"):
        take_case(tmp_path / "data", "kpg", tmp_path)


@pytest.fixture
def pypsa_folder(tmp_path):
    home = tmp_path / "network"
    home.mkdir()
    for name, text in {
        "buses": "name,v_nom,x,y\nA 1,345,127.0,36.5\nB,345,127.2,36.6\nC,154,127.4,36.5\nD,154,127.5,36.4\n",
        "lines": "name,bus0,bus1,x,r,s_nom\n1,A 1,B,10,1,300\n2,C,D,5,1,90\n",
        "transformers": "name,bus0,bus1,x,s_nom\n1,B,C,0.1,200\n",
        "generators": "name,bus,carrier,p_nom,marginal_cost\ng,A 1,coal,600,50\npv,D,solar,30,0\n",
        "loads": "name,bus,p_set\nx,D,50\ny,B,20\n",
        "snapshots": ",snapshot\n0,2030-03-01 12:00:00\n1,2030-03-01 13:00:00\n",
        "loads-p_set": ",x\n0,50\n1,60\n",
    }.items():  # fmt: skip
        (home / f"{name}.csv").write_text(text, encoding="utf-8")
    return home


def test_a_pypsa_network_brings_its_largest_hour(pypsa_folder, tmp_path):
    said = []
    take_case(tmp_path / "data", "pypsa", pypsa_folder, accept=True, tell=said.append)
    layers = open_layers(folder=tmp_path / "data")
    (peak,) = layers.table("snapshots").to_dict("records")
    assert (peak["snapshot_id"], peak["hour_of_year"]) == ("peak", (31 + 28) * 24 + 14)
    case = case_of_layers(layers)
    flows = case.branches.set_index("branch_id")["flow_mw"].to_dict()
    assert flows == pytest.approx({"1": 80, "2": 60, "T-1": 60})  # radial: the loads
    assert case.generators["output_mw"].tolist() == pytest.approx([80])
    put = read_catalogue(tmp_path / "data")["case_buses"]
    assert (put.redistribution, put.commercial) == ("unknown", "unknown")
    assert "no solved state in the files: outputs and flows are those of the cheapest dispatch" in said  # fmt: skip
    assert layers.vector("case_buses")["bus_id"].tolist() == ["A_1", "B", "C", "D"]
    assert set(layers.table("hosting")["bus_id"]) == {"A_1", "B", "C", "D"}
    assert "headroom" in layers.ids  # made anew: both levels have a line with a rating


def test_a_case_without_ratings_gives_no_headroom(pypsa_folder, tmp_path):
    (pypsa_folder / "lines.csv").write_text(
        "name,bus0,bus1,x,r,s_nom\n1,A 1,B,10,1,0\n2,C,D,5,1,0\n", encoding="utf-8"
    )
    said = []
    take_case(tmp_path / "data", "pypsa", pypsa_folder, accept=True, tell=said.append)
    assert "headroom" not in open_layers(folder=tmp_path / "data").ids
    assert "2 branches have no rating (s_nom 0), which is no limit" in said


def test_a_network_without_places_or_times(pypsa_folder, tmp_path):
    (pypsa_folder / "buses.csv").write_text("name,v_nom\nA 1,345\nB,345\nC,154\nD,154\n", encoding="utf-8")  # fmt: skip
    with pytest.raises(LayerError, match="bus A_1 has no x and y"):
        take_case(tmp_path / "data", "pypsa", pypsa_folder)
    (tmp_path / "places.csv").write_text(
        "bus_id,lon,lat\nA_1,127,36.5\nB,127.1,36.5\nC,127.2,36.5\nD,127.3,36.5\n", encoding="utf-8"
    )
    (pypsa_folder / "snapshots.csv").unlink()
    with pytest.raises(LayerError, match="4 buses; snapshots, snapshot_buses, hosting"):
        take_case(tmp_path / "data", "pypsa", pypsa_folder, places=tmp_path / "places.csv")
