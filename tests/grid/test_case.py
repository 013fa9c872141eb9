"""Where a case comes from, and which rows are at fault in a wrong one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError, LayerFileError
from siteopt.grid.case import GridCase, case_of_layers, check_case, read_case
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers, open_layers

MATPOWER = """function mpc = pair
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [1 3 0 0 0 0 1 1 0 345 1 1.1 0.9; 2 1 50 0 0 0 1 1 0 345 1 1.1 0.9];
mpc.gen = [1 50 0 0 0 1 100 1 80 0];
mpc.branch = [1 2 0 0.1 0 RATE 0 0 0 0 1];
"""
CSV = {
    "case_buses": "bus_id,p_load_mw\n1,0\n2,50\n",
    "case_branches": "branch_id,from_bus,to_bus,x_pu,rate_a_mva\na,1,2,0.1,90\n",
    "case_generators": "generator_id,bus_id,p_max_mw\ng,1,80\n",
    "case_dc_lines": "dc_line_id,from_bus,to_bus,p_min_mw,p_max_mw\nd,1,2,-20,20\n",
}


@pytest.fixture
def folder(tmp_path):
    """Write the CSV form, single files otherwise or (None) not at all."""

    def inner(**files):
        for name, text in {**CSV, **files}.items():
            if text is not None:
                (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return inner


def test_csv_form_with_only_what_is_needed(folder):
    case = read_case(folder())
    assert case.base_mva == 100
    assert case.buses["bus_id"].tolist() == ["1", "2"]
    assert case.buses[["g_shunt_mw", "solar_mw", "wind_mw"]].eq(0).all(axis=None)
    assert case.buses[["lon", "lat", "base_kv"]].isna().all(axis=None)
    assert case.branches[["status", "ratio", "angle_deg"]].to_numpy().tolist() == [[1, 0, 0]]
    assert case.generators[["p_min_mw", "cost_krw_mwh", "status"]].to_numpy().tolist() == [
        [0, 0, 1]
    ]
    assert case.dc_lines[["status", "loss0_mw"]].to_numpy().tolist() == [[1, 0]]


@pytest.mark.parametrize("dc_lines", [None, "dc_line_id,from_bus,to_bus,p_min_mw,p_max_mw\n"])
def test_csv_form_without_dc_lines(folder, dc_lines):
    case = read_case(folder(case_dc_lines=dc_lines))
    assert case.dc_lines.empty
    assert {"from_bus", "to_bus", "status", "p_min_mw", "p_max_mw"} <= set(case.dc_lines)


def test_csv_form_keeps_what_it_holds(folder):
    buses = "bus_id,p_load_mw,name_ko,lon,lat,area\n1,0,서울,127,37.5,x\n2,50,,,,y\n"
    case = read_case(folder(case_buses=buses))
    assert case.buses["name_ko"].iloc[0] == "서울"
    assert case.buses["lon"].tolist()[0] == 127
    assert np.isnan(case.buses["lon"].iloc[1])
    assert case.buses["area"].tolist() == ["x", "y"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("case_buses", "bus_id\n1\n2\n", r"case_buses.csv: column p_load_mw is missing"),
        ("case_buses", "bus_id,p_load_mw\n1,0\n2,\n",
         r"case_buses.csv: row 3 \(bus_id 2\): p_load_mw is empty; a number is needed"),
        ("case_buses", "bus_id,p_load_mw\n1,0\n1,5\n",
         r"case_buses.csv: row 3 \(bus_id 1\): appears twice"),
        ("case_branches", "branch_id,from_bus,to_bus,rate_a_mva\na,1,2,90\n",
         "case_branches.csv: column x_pu is missing"),
        ("case_branches", "branch_id,from_bus,to_bus,x_pu,rate_a_mva\na,1,2,low,90\n",
         r"case_branches.csv: row 2 \(branch_id a\): x_pu is 'low'; a number is needed"),
        ("case_branches", "branch_id,from_bus,to_bus,x_pu,rate_a_mva\na,1,2,0.1,\n",
         "case_branches: a: rate_a_mva is negative or empty"),
        ("case_generators", "generator_id,bus_id,p_max_mw\ng,7,80\n",
         "case_generators: g on bus 7, which case_buses lacks"),
    ],
)  # fmt: skip
def test_faults_of_the_csv_form(folder, name, text, message):
    with pytest.raises(LayerError, match=message):
        read_case(folder(**{name: text}))


def test_missing_table_is_named(folder):
    with pytest.raises(LayerFileError, match=r"case_generators\.csv: not there; a case folder"):
        read_case(folder(case_generators=None))


def test_matpower_file_and_its_folder(tmp_path):
    file = tmp_path / "pair.m"
    file.write_text(MATPOWER.replace("RATE", "90"))
    for path in (file, tmp_path):
        case = read_case(path)
        assert case.branches["branch_id"].tolist() == ["L001"]
        assert case.generators["cost_krw_mwh"].tolist() == [0]
        assert case.dc_lines.empty


NO_LIMIT = ("1 of 1 branches in service have no limit (a rating of 0 or Inf)",)


@pytest.mark.parametrize("rate", ["0", "Inf", "1e9"])
def test_a_rating_of_zero_is_no_limit_and_said(tmp_path, rate):
    (tmp_path / "pair.m").write_text(MATPOWER.replace("RATE", rate))
    case = read_case(tmp_path)
    assert np.isinf(case.branches["rate_a_mva"]).all()
    assert case.notes == NO_LIMIT


def test_a_rating_of_zero_is_no_limit_in_the_csv_form(folder):
    case = read_case(folder(case_branches=CSV["case_branches"].replace(",90", ",0")))
    assert np.isinf(case.branches["rate_a_mva"]).all()
    assert case.notes == NO_LIMIT


OFF = """function mpc = off
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [1 3 0 0 0 0 1 1 0 345 1 1.1 0.9; 2 1 50 0 0 0 1 1 0 345 1 1.1 0.9];
mpc.gen = [1 50 0 0 0 1 100 1 80 0; 2 0 0 0 0 1 100 0 300 0; 9 0 0 0 0 1 100 -1 Inf 900];
mpc.branch = [1 2 0 0.1 0 90 0 0 0 0 1; 2 2 0 0 0 -1 0 0 0 0 0; 1 9 0 NaN 0 0 0 0 0 0 0];
mpc.gencost = [1 0 0 3 0 0 5 10 9 30; 2 0 0 1 7 0 0 0 0 0; 1 0 0 2 0 0 1 1 0 0];
mpc.dcline = [1 2 1 0 0 0 0 1 1 -5 5; 7 7 0 0 0 0 0 1 1 9 -9];
"""


def test_what_matpower_has_out_of_service_does_not_count(tmp_path):
    (tmp_path / "off.m").write_text(OFF)
    case = read_case(tmp_path)
    assert case.generators["generator_id"].tolist() == ["G001"]
    assert case.generators["p_max_mw"].tolist() == [80]
    assert case.branches["status"].tolist() == [1, 0, 0]
    assert case.dc_lines["status"].tolist() == [1, 0]
    assert case.notes == (
        "2 of 3 units (300 MW) are out of service and do not count",
        "2 of 3 branches are out of service and do not count",
        "1 of 2 DC lines are out of service and do not count",
        (
            "the piecewise costs of 1 units count as the straight line between the first and the "
            "last point"
        ),
    )


def test_status_of_a_csv_generator_is_that_of_a_solved_hour(folder):
    units = "generator_id,bus_id,p_max_mw,status,in_service\ng,1,80,0,1\nh,2,9,1,0\n"
    case = read_case(folder(case_generators=units))
    assert case.generators["generator_id"].tolist() == ["g"]
    assert case.notes == ("1 of 2 units (9 MW) are out of service and do not count",)


def test_own_layer_takes_units_out_of_service(tmp_path):
    catalogue = read_catalogue()
    own = pd.read_csv(catalogue.path("case_generators"), dtype=str)
    own["in_service"] = ["0", *["1"] * (len(own) - 1)]
    file = tmp_path / "case_generators.csv"
    own.to_csv(file, index=False)
    found = case_of_layers(Layers(catalogue, {"case_generators": file}))
    assert found.generators["generator_id"].tolist() == own["generator_id"].tolist()[1:]


def test_several_matpower_files_need_a_name(tmp_path):
    for name in ("b.m", "a.m"):
        (tmp_path / name).write_text(MATPOWER)
    with pytest.raises(LayerFileError, match=r"2 \.m files \(a\.m, b\.m, \.\.\.\); name the one"):
        read_case(tmp_path)


def test_other_paths_are_refused(tmp_path):
    with pytest.raises(LayerFileError, match=r"a \.m file or a folder with a grid case is needed"):
        read_case(tmp_path / "case.mat")


def test_embedded_case():
    case = case_of_layers(open_layers())
    sizes = [len(t) for t in (case.buses, case.branches, case.generators, case.dc_lines)]
    assert sizes == [193, 385, 201, 2]
    assert case.buses["bus_id"].iloc[0] == "1"
    assert "geometry" not in case.buses
    assert not case.branches.isna().any(axis=None)
    assert not case.notes
    assert set(case.generators["status"]) == {0, 1}  # of the solved hour


def test_own_layer_without_loads_is_refused(tmp_path):
    catalogue = read_catalogue()
    own = pd.read_csv(catalogue.path("case_buses"), dtype=str).drop(columns="p_load_mw")
    file = tmp_path / "case_buses.csv"
    own.to_csv(file, index=False)
    with pytest.raises(LayerError, match="case_buses: column p_load_mw is missing"):
        case_of_layers(Layers(catalogue, {"case_buses": file}))


def test_own_layer_with_an_island_is_refused(tmp_path):
    catalogue = read_catalogue()
    own = pd.read_csv(catalogue.path("case_branches"), dtype=str)
    own.loc[own["branch_id"] == "L063", "status"] = "0"  # 27-34, a bridge
    file = tmp_path / "case_branches.csv"
    own.to_csv(file, index=False)
    with pytest.raises(
        LayerError, match=r"2 pieces: the largest of 192, apart from it 1 \((27|34)\)"
    ):
        case_of_layers(Layers(catalogue, {"case_branches": file}))


def small(**changes):
    """A sound case of a ring of six buses, two units and a DC line, with single cells changed."""
    ring = range(1, 7)
    tables = {
        "buses": pd.DataFrame({"bus_id": ring, "p_load_mw": 10.0, "g_shunt_mw": 0.0}),
        "branches": pd.DataFrame(
            {
                "branch_id": [f"L{row}" for row in ring], "from_bus": ring,
                "to_bus": [2, 3, 4, 5, 6, 1], "x_pu": 0.1, "rate_a_mva": 50.0, "ratio": 0.0,
                "angle_deg": 0.0, "status": 1,
            }
        ),
        "generators": pd.DataFrame(
            {"generator_id": ["G1", "G2"], "bus_id": [1, 4], "p_min_mw": 0.0, "p_max_mw": 90.0,
             "status": 0}
        ),
        "dc_lines": pd.DataFrame(
            {"dc_line_id": ["D1"], "from_bus": 1, "to_bus": 4, "p_min_mw": -5.0, "p_max_mw": 5.0,
             "status": 1}
        ),
    }  # fmt: skip
    for where, value in changes.items():
        table, column = where.split("__")
        tables[table][column] = value
    return GridCase(**tables)


def test_only_a_sound_case_passes():
    assert check_case(small()) is None
    with pytest.raises(LayerError):
        check_case(small(branches__x_pu=0.0))


FAULTS = {
    "case_buses: bus_id 1, 3 appears more than once .rows 1, 2, 3, 4.": {
        "buses__bus_id": [1, 1, 3, 3, 5, 6]
    },
    "case_branches: branch_id L appears more than once .rows 1, 2, 3, 4, 5 and 1 more.": {
        "branches__branch_id": "L"
    },
    "case_generators: generator_id G appears more than once": {"generators__generator_id": "G"},
    "case_buses: 2: p_load_mw is no number": {"buses__p_load_mw": [0, np.nan, 0, 0, 0, 0]},
    "case_buses: 1, 2, 3, 4, 5 and 1 more: g_shunt_mw is no number": {"buses__g_shunt_mw": np.inf},
    "case_branches: L6 on bus 8, which case_buses lacks": {"branches__to_bus": [2, 3, 4, 5, 6, 8]},
    "case_generators: G2 on bus 0, which case_buses lacks": {"generators__bus_id": [1, 0]},
    "case_dc_lines: D1 on bus 9, which case_buses lacks": {"dc_lines__to_bus": 9},
    "case_branches: L2: from a bus to itself": {"branches__to_bus": [2, 2, 4, 5, 6, 1]},
    "case_dc_lines: D1: from a bus to itself": {"dc_lines__to_bus": 1},
    "case_branches: L1, L3: x_pu is 0 or empty": {
        "branches__x_pu": [0, 0.1, np.nan, 0.1, 0.1, -0.1]
    },
    "case_branches: L3, L4: rate_a_mva is negative or empty": {
        "branches__rate_a_mva": [np.inf, 0, -1, np.nan, 5, 5]
    },
    "case_branches: L1: ratio is negative or empty": {"branches__ratio": [-1, 0, 0, 0, 0, 1]},
    "case_branches: L6: angle_deg is empty": {"branches__angle_deg": [0, 0, 0, 0, 0, np.nan]},
    "case_generators: G1: p_max_mw is no finite number": {"generators__p_max_mw": [np.inf, 1]},
    "case_generators: G2: p_min_mw is above p_max_mw": {"generators__p_min_mw": [0, 91]},
    "case_dc_lines: D1: p_min_mw is above p_max_mw": {"dc_lines__p_min_mw": 6},
    "case_buses: 3: p_load_mw is above 1,000,000 MW": {"buses__p_load_mw": [0, 0, 1e308, 0, 0, 0]},
    "case_buses: 1: p_load_mw is above 1,000,000 MW": {"buses__p_load_mw": [-2e6, 0, 9, 0, 0, 0]},
    "case_buses: 6: g_shunt_mw is above 1,000,000 MW": {"buses__g_shunt_mw": [0] * 5 + [1e9]},
    "case_generators: G2: p_max_mw is above 1,000,000 MW": {"generators__p_max_mw": [90, 1e30]},
    "case_generators: G1: cost_krw_mwh is empty or beyond": {
        "generators__cost_krw_mwh": [1e300, 5]
    },
    "case_dc_lines: D1: p_max_mw is above 1,000,000 MW": {"dc_lines__p_max_mw": 1e7},
    "case_branches: L1, L2: x_pu is not within": {
        "branches__x_pu": [1e-300, -1e99, 0.1, -0.1, 0.1, 0.1]
    },
    "case_branches: L4: ratio is not within": {"branches__ratio": [0, 1, 1, 1e9, 0, 1]},
    "case_branches: L5: angle_deg is not within a turn": {
        "branches__angle_deg": [0] * 4 + [1e9, 0]
    },
}


@pytest.mark.parametrize("message", FAULTS)
def test_fault_names_its_rows(message):
    with pytest.raises(LayerError, match=message) as caught:
        check_case(small(**FAULTS[message]))
    assert "\n" not in str(caught.value)


def test_ids_of_what_is_out_of_service_are_checked():
    with pytest.raises(LayerError, match="branch_id L appears more than once"):
        check_case(small(branches__status=[1, 1, 1, 1, 1, 0], branches__branch_id=["L"] * 6))
    with pytest.raises(LayerError, match="generator_id G appears more than once"):
        check_case(small(generators__in_service=0, generators__generator_id="G"))


def test_base_must_be_one(tmp_path):
    file = tmp_path / "pair.m"
    file.write_text(MATPOWER.replace("RATE", "5").replace("= 100;", "= 1e300;"))
    with pytest.raises(LayerError, match=r"^pair\.m: base_mva is 1e\+300; 0.001 to 1,000,000 MVA"):
        read_case(file)


def test_out_of_service_is_not_looked_at():
    off = {"branches__status": [1, 1, 1, 1, 1, 0], "generators__in_service": [1, 0]}
    faulty = {
        "branches__to_bus": [2, 3, 4, 5, 6, 6], "branches__angle_deg": [0] * 5 + [np.nan],
        "generators__bus_id": [1, 9], "generators__p_max_mw": [90, np.inf],
    }  # fmt: skip
    assert check_case(small(**off, **faulty)) is None
    assert check_case(small(dc_lines__status=0, dc_lines__to_bus=[9])) is None
    for what, value in faulty.items():
        with pytest.raises(LayerError):
            check_case(small(**{what: value}))


def test_out_of_service_is_not_checked_for_flow():
    off = [1, 1, 1, 1, 1, 0]
    x = [0.1] * 5 + [np.nan]
    faulty = {"branches__x_pu": x, "branches__rate_a_mva": x}
    assert check_case(small(branches__status=off, **faulty)) is None
    assert check_case(small(dc_lines__status=0, dc_lines__p_min_mw=np.nan)) is None
    for in_service in (faulty, {"dc_lines__p_min_mw": np.nan}):
        with pytest.raises(LayerError):
            check_case(small(**in_service))


ISLANDS = {"branches__from_bus": [1, 2, 4, 1, 6, 6], "branches__to_bus": [6, 3, 6, 6, 1, 4]}
"""2-3 and 5 are cut off; 1-6 with 4 stay."""


def test_islands_are_named_with_their_sizes():
    case = small(**ISLANDS, dc_lines__status=0)
    message = (
        r"the network is in 3 pieces: the largest of 3, apart from it 2 \(2, 3\), 1 \(5\); branches "
        r"or DC lines in service must join all buses, or a part needs a reference bus \(type 3\)"
    )
    with pytest.raises(LayerError, match=message):
        check_case(case)


def test_a_dc_line_in_service_joins_and_a_reference_bus_stands_by_itself():
    with pytest.raises(LayerError, match=r"in 2 pieces: the largest of 5, apart from it 1 \(5\);"):
        check_case(small(**ISLANDS, dc_lines__to_bus=2))
    types = [1, 1, 1, 1, 3, 1]
    check_case(small(**ISLANDS, dc_lines__to_bus=2, buses__type=types))
    with pytest.raises(LayerError, match=r"in 3 pieces: .* apart from it 2 \(2, 3\);"):
        check_case(small(**ISLANDS, dc_lines__status=0, buses__type=types))


def test_many_islands_are_counted():
    with pytest.raises(LayerError, match=r"in 6 pieces: the largest of 1, .* 1 \(2\), .*1 \(6\);"):
        check_case(small(branches__status=0, dc_lines__status=0))


def test_no_bus():
    empty = pd.DataFrame({"bus_id": []})
    with pytest.raises(LayerError, match="case_buses: no bus"):
        check_case(GridCase(empty, empty, empty, empty))
