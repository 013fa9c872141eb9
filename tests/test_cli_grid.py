"""``siteopt grid hosting``: what it prints, and one line for what cannot be right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from siteopt._data import data_folder
from siteopt.cli import _in_one_line, app

HEADER = "bus_id,name_ko,name_en,hosting_mw,binding_branch"
CSV = {
    "case_buses": "bus_id,name_ko,name_en,p_load_mw\n1,가,A,0\n2,나,B,20\n",
    "case_branches": "branch_id,from_bus,to_bus,x_pu,rate_a_mva\na,1,2,0.1,30\nb,1,2,0.1,30\n",
    "case_generators": "generator_id,bus_id,p_max_mw\ng,1,80\n",
}
MATPOWER = """function mpc = pair
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [1 3 0 0 0 0 1 1 0 345 1 1.1 0.9; 2 1 20 0 0 0 1 1 0 345 1 1.1 0.9];
mpc.gen = [1 50 0 0 0 1 100 1 80 0];
mpc.branch = [1 2 0 0.1 0 RATE 0 0 0 0 1; 1 2 0 0.1 0 30 0 0 0 0 1];
"""


@pytest.fixture
def folder(tmp_path):
    """Write the CSV form, single files otherwise."""

    def inner(**files):
        for name, text in {**CSV, **files}.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return inner


@pytest.fixture
def hosting(capsys):
    """Run the command in this process; return exit code, what it printed, and its errors."""

    def inner(*arguments):
        words = ["grid", "hosting", *(str(argument) for argument in arguments)]
        code = _in_one_line(lambda: app(words, standalone_mode=False))
        told = capsys.readouterr()
        return code, told.out, told.err

    return inner


def test_csv(folder, hosting):
    code, out, err = hosting("--case", folder(), "--format", "csv")
    assert code == 0
    assert out == f"{HEADER}\n1,가,A,60.0,\n2,나,B,40.0,{out[-2]}\n"
    assert out[-2] in "ab"
    assert err == "note: the demand is that of the case itself, without solar and wind\n"


def test_json_with_single_outages(folder, hosting):
    code, out, _ = hosting("--case", folder(), "--format", "json", "--security", "n-1")
    assert code == 0
    rows = json.loads(out)
    assert [",".join(row) for row in rows] == [HEADER] * 2
    assert [row["hosting_mw"] for row in rows] == [60.0, 10.0]
    assert rows[1]["binding_branch"] == "a when b is out"


def test_table(folder, hosting, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    code, out, _ = hosting("--case", folder())
    assert code == 0
    assert "security none (model estimate)" in " ".join(out.split())
    assert all(name in out for name in (*HEADER.split(","), "60.0", "40.0"))


def test_a_matpower_file(tmp_path, hosting):
    (tmp_path / "pair.m").write_text(MATPOWER.replace("RATE", "30"))
    code, out, _ = hosting("--case", tmp_path / "pair.m", "--format", "csv")
    assert code == 0
    assert [line.split(",")[3] for line in out.splitlines()] == ["hosting_mw", "60.0", "40.0"]


ISLAND = {
    "case_buses": "bus_id,p_load_mw\n1,0\n2,50\n3,60\n4,10\n",
    "case_branches": "branch_id,from_bus,to_bus,x_pu,rate_a_mva\na,1,2,0.1,100\nb,3,4,0.1,100\n",
    "case_generators": "generator_id,bus_id,p_max_mw\ng,1,1000\nh,3,100\n",
    "case_dc_lines": "dc_line_id,from_bus,to_bus,p_min_mw,p_max_mw\nd,1,3,-80,80\n",
}


def test_an_island_that_a_dc_line_joins(folder, hosting):
    code, out, err = hosting("--case", folder(**ISLAND), "--format", "csv")
    assert code == 0
    assert [line.split(",")[3] for line in out.splitlines()[1:]] == [
        "980.0",
        "50.0",
        "110.0",
        "90.0",
    ]
    assert "DC line" not in err
    code, _, err = hosting("--case", folder(**ISLAND), "--security", "n-1")
    assert code == 0
    assert "note: outages of branches are looked at, not of the DC line\n" in err


def test_some_buses_in_the_order_of_the_case(folder, hosting):
    ask = ("--case", folder(**ISLAND), "--format", "json", "--bus", "3", "--bus", "1", "--bus", "3")
    code, out, _ = hosting(*ask)
    assert code == 0
    assert [(row["bus_id"], row["hosting_mw"]) for row in json.loads(out)] == [
        ("1", 980.0), ("3", 110.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bus", "hint"), [("1003", "near it: 103, 1004"), ("나", "near it: 2"), ("x", "such as 2")]
)
def test_an_unknown_bus_is_one_line_with_what_is_near(folder, hosting, bus, hint):
    files = {
        name: text.replace(",1,2", ",1004,2").replace("g,1", "g,1004") for name, text in CSV.items()
    }
    files["case_buses"] = "bus_id,name_ko,p_load_mw\n2,나,20\n1004,가,0\n103,다,0\n"
    files["case_branches"] += "c,103,2,0.1,30\n"
    code, out, err = hosting("--case", folder(**files), "--bus", bus)
    assert (code, out) == (2, "")
    assert err == (
        f"siteopt: bus {bus}: unknown; one of the 3 bus_id of the case is needed ({hint})\n"
    )


def test_a_full_bus_has_0_and_not_minus_0(folder, hosting):
    # all that the line carries is drawn; what bus 1 feeds in besides is no demand
    full = CSV["case_buses"].replace("A,0", "A,-40").replace("B,20", "B,60")
    for security in ("none", "n-1"):
        code, out, _ = hosting(
            "--case", folder(case_buses=full), "--security", security, "--format", "csv"
        )
        assert code == 0
        assert out.splitlines()[2].startswith("2,나,B,0.0,")


def test_an_overloaded_base_case_runs_and_says_which(folder, hosting):
    crowded = CSV["case_buses"].replace("B,20", "B,70")
    code, out, err = hosting("--case", folder(case_buses=crowded), "--format", "csv")
    assert code == 0
    assert out.startswith(HEADER)
    assert "note: overloaded without new load, and allowed that much: a by 5.0 MW, b by 5.0" in err


BAD = {
    "islanded": (
        {"case_buses": CSV["case_buses"] + "3,다,C,5\n"},
        "case_branches: the network is in 2 pieces: the largest of 2, apart from it 1 (3)",
    ),
    "no reactance": (
        {"case_branches": CSV["case_branches"].replace("a,1,2,0.1", "a,1,2,0")},
        "case_branches: a: x_pu is 0 or empty",
    ),
    "empty reactance": (
        {"case_branches": CSV["case_branches"].replace("a,1,2,0.1", "a,1,2,")},
        "case_branches: a: x_pu is 0 or empty",
    ),
    "no rating": (
        {"case_branches": CSV["case_branches"].replace("0.1,30\nb", "0.1,\nb")},
        "case_branches: a: rate_a_mva is negative or empty",
    ),
    "generator on no bus": (
        {"case_generators": CSV["case_generators"].replace("g,1", "g,7")},
        "case_generators: g on bus 7, which case_buses lacks",
    ),
    "infeasible by itself": (
        {"case_generators": CSV["case_generators"].replace("80", "15")},
        "units, solar and wind give at most 15 MW, but 20 MW are drawn",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_bad_input_is_one_line_and_exit_code_2(folder, hosting, fault):
    files, message = BAD[fault]
    code, out, err = hosting("--case", folder(**files))
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("siteopt: ")
    assert message in err


def test_a_rating_of_zero_is_no_limit_and_said(tmp_path, hosting):
    (tmp_path / "pair.m").write_text(MATPOWER.replace("RATE", "0"))
    code, out, err = hosting("--case", tmp_path, "--format", "csv")
    assert code == 0
    # the branch of 30 MVA carries half of what bus 2 draws
    assert [line.split(",")[3] for line in out.splitlines()] == ["hosting_mw", "60.0", "40.0"]
    assert "note: 1 of 2 branches in service have no limit (a rating of 0 or Inf)\n" in err


def test_no_branch_limit_at_all_gives_plain_json(tmp_path, hosting):
    text = MATPOWER.replace("RATE", "0").replace(" 30 0 0", " Inf 0 0")
    (tmp_path / "pair.m").write_text(text)
    for security in ("none", "n-1"):
        code, out, _ = hosting("--case", tmp_path, "--format", "json", "--security", security)
        assert code == 0
        rows = json.loads(out, parse_constant=pytest.fail)
        assert [row["hosting_mw"] for row in rows] == [60.0, 60.0]


def test_a_unit_out_of_service_serves_nothing_and_is_said(tmp_path, hosting):
    text = MATPOWER.replace("RATE", "30").replace("1 80 0]", "1 80 0; 2 0 0 0 0 1 100 0 300 0]")
    (tmp_path / "pair.m").write_text(text)
    code, out, err = hosting("--case", tmp_path, "--format", "csv")
    assert code == 0
    assert [line.split(",")[3] for line in out.splitlines()] == ["hosting_mw", "60.0", "40.0"]
    assert "note: 1 of 2 units (300 MW) are out of service and do not count\n" in err


def test_costs_that_do_not_decide_are_said(folder, hosting):
    units = CSV["case_generators"] + "h,2,80\n"
    note = "note: costs alone do not decide how the case runs today"
    for security, said in (("none", False), ("n-1", True)):
        _, _, err = hosting("--case", folder(case_generators=units), "--security", security)
        assert (note in err) == said
    priced = "generator_id,bus_id,p_max_mw,cost_krw_mwh\ng,1,80,1\nh,2,80,2\n"
    _, _, err = hosting("--case", folder(case_generators=priced), "--security", "n-1")
    assert note not in err


def test_nothing_is_not_minus_nothing(tmp_path, hosting):
    # bus 2 feeds in 40 MW, and what the outage of a branch does today leaves no room
    (tmp_path / "fed.m").write_text(
        """function mpc = fed
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [1 3 0 0 0 0 1 1 0 154 1 1.1 0.9; 2 1 -40 0 0 0 1 1 0 154 1 1.1 0.9;
           3 1 100 0 0 0 1 1 0 154 1 1.1 0.9];
mpc.gen = [1 0 0 0 0 1 100 1 200 0];
mpc.branch = [1 2 0 0.1 0 100 0 0 0 0 1; 2 3 0 0.1 0 60 0 0 0 0 1; 1 3 0 0.1 0 60 0 0 0 0 1];
"""
    )
    for form in ("csv", "json", "table"):
        code, out, _ = hosting("--case", tmp_path, "--security", "n-1", "--format", form)
        assert code == 0
        assert "-0.0" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--snapshot", "noon"), "siteopt: snapshot noon: unknown for this case; there are peak, "),
        (("--case", "nowhere.m"), "nowhere.m"),
        (("--case", "nowhere"), "siteopt: nowhere: a .m file or a folder with a grid case is nee"),
    ],
)
def test_what_is_not_there_is_named(hosting, arguments, message):
    code, _, err = hosting(*arguments)
    assert (code, err.count("\n")) == (2, 1)
    assert message in err


def test_the_command_itself_ends_with_2_and_no_traceback(folder):
    files, message = BAD["generator on no bus"]
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "siteopt", "grid", "hosting", "--case", str(folder(**files))],
        capture_output=True, text=True, check=False, cwd=Path.cwd(),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.national
def test_the_embedded_case_has_193_buses_and_agrees_with_the_layer(hosting):
    code, out, err = hosting("--format", "csv")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == HEADER
    assert len(lines) == 194
    assert lines[1].startswith("1,철원,Cheorwon,2515.766,")
    layer = (data_folder() / "reference" / "hosting.csv").read_text(encoding="utf-8").splitlines()
    known = {
        row[2]: float(row[3])
        for row in (line.split(",") for line in layer)
        if row[:2] == ["peak", "none"]
    }
    for line in lines[1:]:
        cells = line.split(",")
        assert float(cells[3]) == pytest.approx(known[cells[0]], abs=0.051)
