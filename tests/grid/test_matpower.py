"""MATPOWER text in all its forms, and what a malformed file is told."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError, LayerFileError
from siteopt.grid._matpower import read_matpower
from tests.examples import examples

CASE = """function mpc = small
% a comment with mpc.bus = [ in it
mpc.version = '2';   mpc.baseMVA = 100.0;  % both on a line
%{
mpc.baseMVA = 1;
%}
%%  bus data
mpc.bus = [
  1, 3, 50, 10, 0.5, 0, 1, 1.02, -3.5, 345, 1, 1.1, 0.9;   % the slack
\t7\t2\t1e2\t0\t0\t0\t1\t1\t0\t154\t1\t1.1\t0.9
  12 1 ...  the row goes on
     0 0 0 0 1 1 0 154 1 1.1 .9; 99 4 5 0 0 0 1 1 0 154 1 1.1 0.9;
];
mpc.gen = [ 1 60 0 Inf -Inf 1 100 1 200 -20 ; 12 0 0 0 0 1 100 0 1E+2 10
            99 5 0 0 0 1 100 1 5 0 ];
mpc.branch = [
  1 7 0.01 0.1 0.02 250 0 0 0 0 1 -360 360 61.5 0 0 0;
  7 12 0.01 0.2 0 0 0 0 0.98 30 -1 -360 360 0 0 0 0;
  1 12 0 5d-2 0 Inf 0 0 0 0 1 -360 360 -2 0 0 0;
  1 99 0 0.1 0 10 0 0 0 0 1 -360 360 0 0 0 0;
];
mpc.gencost = [
  2 0 0 3 0.1 20 5 0;
  1 0 0 2 0 0 100 3000;
  2 0 0 1 7 0 0 0;
];
mpc.dcline = [
  1 12 1 10 9.4 0 0 1 1 -15 15 0 0 0 0 0.5 0.01;
];
mpc.bus_name = {
  'Seoul 100% ; %1'; "it's";
  '';
  'far';
};
mpc.genfuel = {'lng'; 'coal'; 'wind'};
mpc.unheard_of = [ 2000/5280 -1; 3, 4 ]; mpc.other.deep = {'a ] b', [1 2]; {3}, "%"};
mpc.said = 'it''s; [fine'; fixed = 0; mpc.yes = true
other.bus = [
  1 3 999 0 0 0 1 1 0 345 1 1.1 0.9;
];
end
function out = helper(mpc)
out = mpc; mpc.bus(1, 3) = 5;
end
"""


@pytest.fixture
def read(tmp_path):
    def inner(text, **more):
        file = tmp_path / "small.m"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_matpower(file, **more)

    return inner


def test_buses_are_read(read):
    tables, base = read(CASE)
    buses = tables["case_buses"]
    assert base == 100
    assert buses["bus_id"].tolist() == ["1", "7", "12"]
    assert buses["p_load_mw"].tolist() == [50, 100, 0]
    assert buses["g_shunt_mw"].tolist() == [0.5, 0, 0]
    assert buses["base_kv"].tolist() == [345, 154, 154]
    assert buses["type"].tolist() == [3, 2, 1]
    assert buses["name_en"].tolist() == ["Seoul 100% ; %1", "it's", ""]
    assert buses["voltage_min_pu"].tolist() == [0.9, 0.9, 0.9]
    assert buses[["lon", "lat"]].isna().all(axis=None)


def test_branches_are_read(read):
    branches = read(CASE)[0]["case_branches"]
    assert branches["branch_id"].tolist() == ["L001", "L002", "L003"]
    assert branches["from_bus"].tolist() == ["1", "7", "1"]
    assert branches["x_pu"].tolist() == [0.1, 0.2, 0.05]
    assert branches["rate_a_mva"].tolist() == [250, 0, np.inf]
    assert branches["ratio"].tolist() == [0, 0.98, 0]
    assert branches["angle_deg"].tolist() == [0, 30, 0]
    assert branches["status"].tolist() == [1, 0, 1]
    assert branches["flow_mw"].tolist() == [61.5, 0, -2]


def test_generators_and_costs_are_read(read):
    units = read(CASE, cost_unit_krw=1000)[0]["case_generators"]
    assert units["generator_id"].tolist() == ["G001", "G002"]
    assert units["bus_id"].tolist() == ["1", "12"]
    assert units["fuel"].tolist() == ["lng", "coal"]
    assert units["p_min_mw"].tolist() == [-20, 10]
    assert units["p_max_mw"].tolist() == [200, 100]
    assert units["status"].tolist() == [1, 0]
    assert units["output_mw"].tolist() == [60, 0]
    # 0.1 P2 + 20 P + 5; then the line from (0, 0) to (100, 3000)
    assert units["cost_krw_mw2h"].tolist() == [100, 0]
    assert units["cost_krw_mwh"].tolist() == [20_000, 30_000]
    assert units["cost_krw_h"].tolist() == [5000, 0]


def test_dc_lines_are_read(read):
    line = read(CASE)[0]["case_dc_lines"].iloc[0]
    wanted = {"dc_line_id": "D1", "from_bus": "1", "to_bus": "12", "status": 1, "flow_mw": 10,
              "p_min_mw": -15, "p_max_mw": 15, "loss0_mw": 0.5, "loss1_pu": 0.01}  # fmt: skip
    assert line.to_dict() == wanted


def test_no_costs_no_dc_lines_no_flows(read):
    text = re.sub(
        r"mpc\.(gencost|dcline|bus_name|genfuel) = [\[{].*?[\]}];\n", "", CASE, flags=re.DOTALL
    )
    text = re.sub(r" -360 360 .*", ";", text)
    tables, _ = read(text)
    assert tables["case_generators"]["cost_krw_mwh"].tolist() == [0, 0]
    assert tables["case_dc_lines"].empty
    assert "from_bus" in tables["case_dc_lines"]
    assert tables["case_branches"]["flow_mw"].isna().all()
    assert tables["case_buses"]["name_ko"].tolist() == ["", "", ""]


def test_empty_tables_and_windows_lines(read):
    text = re.sub(r"mpc\.dcline = \[.*?\];", "mpc.dcline = [];", CASE, flags=re.DOTALL)
    tables, _ = read(text.replace("\n", "\r\n"))
    assert tables["case_dc_lines"].empty
    assert len(tables["case_branches"]) == 3


def test_reactive_costs_are_passed_over(read):
    rows = "  2 0 0 1 1 0 0 0;\n" * 3
    text = CASE.replace("  2 0 0 1 7 0 0 0;\n", "  2 0 0 1 7 0 0 0;\n" + rows)
    assert read(text)[0]["case_generators"]["cost_krw_h"].tolist() == [5, 0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_korean_names(read, encoding):
    text = CASE.replace("'Seoul 100% ; %1'", "'서울'")
    assert read(text.encode(encoding))[0]["case_buses"]["name_ko"].iloc[0] == "서울"


def test_other_bytes_in_comments_do_no_harm(read):
    assert len(read(b"% caf\xe9\xff\n" + CASE.encode())[0]["case_buses"]) == 3


FAULTS = {
    "version 1": ("'2'", "'1'", "small.m: mpc.version is 1; a MATPOWER case of version 2"),
    "no version": ("mpc.version", "mpc.verse", "small.m: mpc.version is missing; a MATPOWER case"),
    "no base": ("100.0;", "abc;", r"small.m: mpc.baseMVA is abc; a number above 0"),
    "base of 0": ("100.0;", "0;", r"small.m: mpc.baseMVA is 0; a number above 0"),
    "no branches": ("mpc.branch =", "mpc.branches =", "small.m: mpc.branch is missing"),
    "a word": (" 250 ", " high ", "line 17: branch row 1: 'high' is no number"),
    "an expression": (" 250 ", " 5*50 ", r"line 17: branch row 1: '5\*50' is no number"),
    "an underscore": (" 250 ", " 2_50 ", "line 17: branch row 1: '2_50' is no number"),
    "a short row": ("7 12 0.01 ", "7 12 ", "line 18: branch row 2 has 16 numbers; 17 as above"),
    "few columns": ("2 0 0 3 0.1 20 5 0;", "2 0 0 3;",
                    "line 23: gencost row 1 has 4 numbers; at least 5 are needed"),
    "never closed": (None, None, r"small.m: line 8: \[ is never closed"),
    "computed": ("other.bus", "mpc.branch(:, 3) = mpc.branch(:, 3) / 10;\nother.bus",
                 "line 38: branch is computed; only plain numbers are read"),
    "a product": ("15 0 0 0 0 0.5 0.01;\n];", "15 0 0 0 0 0.5 0.01;\n] * 2;",
                  r"line 29: '\* 2;' follows \]; only plain numbers"),
    "from a function": ("mpc.dcline = [", "mpc.dcline = lines(1);\nx = [",
                        "line 27: dcline is computed"),
    "bus 1.5": ("\t7\t2", "\t7.5\t2", "line 10: bus row 2: bus number is 7.5; a whole number"),
    "bus NaN": ("\t7\t2", "\tNaN\t2", "line 10: bus row 2: bus number is nan; a whole number"),
    "bus type": ("\t7\t2", "\t7\t5", "line 10: bus row 2: bus type is 5; 1, 2, 3 or 4 is needed"),
    "bus 0": ("\t7\t2", "\t0\t2", "line 10: bus row 2: bus number is 0; a whole number of at least"),
    "status": ("0.98 30 -1", "0.98 30 NaN", "line 18: branch row 2: status is nan"),
    "comma without a number": (" 250 ", " 250,, ", "line 17: branch row 1: a comma without a number"),
    "cost rows": ("  2 0 0 1 7 0 0 0;\n", "", "small.m: gencost has 2 rows; 3 are needed"),
    "cost model": ("2 0 0 1 7", "3 0 0 1 7", "line 25: gencost row 3: model is 3; 1 .* or 2"),
    "cost size": ("2 0 0 1 7", "2 0 0 5 7", "line 25: gencost row 3: n is 5; a whole number from 0"),
    "cost NaN": ("2 0 0 1 7", "2 0 0 1 NaN", "line 25: gencost row 3: a cost is no number"),
    "cubic cost": ("3 0.1 20 5 0;", "4 0.1 20 5 0;", "gencost row 1: a cost beyond the second"),
    "cost points": ("0 0 100 3000", "0 0 0 3000", "gencost row 2: the MW of its points do not rise"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_told_in_one_line(read, fault):
    old, new, message = FAULTS[fault]
    if old is None:
        text = CASE.partition("];")[0]
    else:
        assert CASE.count(old) == 1
        text = CASE.replace(old, new)
    with pytest.raises(LayerError, match=message) as caught:
        read(text)
    assert str(caught.value).startswith("small.m: ")
    assert "\n" not in str(caught.value)


STATEMENTS = {
    "one cell": ("mpc.bus(5,3) = 500;", "bus is computed; .*savecase"),
    "a loop on one line": ("for i = 1:1, mpc.branch(i, 6) = 20; end", "branch is computed"),
    "a condition on one line": ("if mpc.version == 2, mpc.bus(k == 2, 3) = 500; end",
                                "bus is computed"),
    "a condition": ("if 1\n mpc.bus(5,3) = 500;\nend", "'if 1' is no plain data"),
    "a function": ("mpc = scale_load(2, mpc);", r"'mpc = scale_load\(2, mpc\);' is no plain data"),
    "a fresh struct": ("mpc = struct();", "is no plain data"),
    "an empty struct": ("mpc = [];", "is no plain data"),
    "several values": ("[mpc.bus, x] = deal(1, 2);", "bus is computed"),
    "a name in a string": ("mpc.('bus') = [];", "is no plain data"),
    "a command": ("define_constants;", "'define_constants;' is no plain data"),
    "an evaluation": ("eval('mpc.bus(1,3) = 9;');", "bus is computed"),
    "a call into a field": ("mpc.note = evalin('caller', 'x');", "note is computed"),
    "a call into a cell": ("mpc.note = {scale_load(2)};", r"'scale_load\(2\)' is no number"),
    "a call into another variable": ("x = scale_load(2);", "is no plain data"),
    "a transposed table": ("mpc.gencost = [1 2]';", "follows ]"),
    "a field below a table": ("mpc.bus.x = 5;", "bus is computed"),
    "a single number for a table": ("mpc.bus = 5;", "bus is computed"),
    "another bracket": ("mpc.bus = [1 2};", "} closes nothing"),
    "an open quote": ("mpc.note = {'it};", "' is never closed"),
    "an open comment": ("%{\nmpc.baseMVA = 5;", "%{ is never closed"),
    "after a form feed": ("% note\fmpc.note = 1;\nmpc.bus(1, 3) = 1;", "bus is computed"),
    "after a literal": ("mpc.note = 5 mpc.bus(1, 3) = 9;", "bus is computed"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_other_statement_is_an_error_with_its_line(read, name):
    statement, message = STATEMENTS[name]
    at = CASE[: CASE.index("other.bus")].count("\n") + 1 + (name == "after a form feed")
    text = CASE.replace("other.bus", f"{statement}\nother.bus")
    with pytest.raises(LayerError, match=rf"^small\.m: line {at}: .*({message})") as caught:
        read(text)
    assert "\n" not in str(caught.value)


def test_comments_are_no_code_whatever_signs_they_hold(read):
    for sign in ("\f", "\v", "\x85", "\u2028", "\x1c"):
        text = CASE.replace("the slack", f"the {sign} mpc.baseMVA = 5; {sign}")
        assert read(text)[1] == 100


def test_what_follows_return_does_not_run(read):
    text = CASE.replace("fixed = 0;", "return; ").replace("other.bus", "mpc.bus(1, 3) = 9; x")
    assert read(text)[0]["case_buses"]["p_load_mw"].tolist() == [50, 100, 0]


def test_statements_behind_the_end_are_refused(read):
    text = CASE.replace("function out = helper(mpc)", "mpc.bus(1, 3) = 9;")
    with pytest.raises(LayerError, match=r"line 42: 'mpc.bus\(1, 3\) = 9' follows the end"):
        read(text)


@pytest.mark.parametrize("line", ["function s = small", "function [s] = small(varargin)"])
def test_the_struct_is_the_one_that_the_function_returns(read, line):
    body = CASE.partition("\n")[2].partition("function")[0]
    named = body.replace("mpc.", "s.").replace("other.bus", "mpc.bus")
    tables, base = read(f"{line}\n{named}")
    assert base == 100
    assert tables["case_buses"]["p_load_mw"].tolist() == [50, 100, 0]
    with pytest.raises(LayerError, match=r"mpc\.version is missing"):
        read(f"{line}\n{body}")


def test_the_last_value_of_a_field_counts(read):
    assert read(CASE.replace("fixed = 0;", "mpc.baseMVA = 10;"))[1] == 10


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("function [baseMVA, bus, gen, ...\n branch, areas, gencost] = small",
         "line 1: the function returns several values, as a case of version 1 does"),
        ("function small", "line 1: 'function small' returns nothing"),
    ],
)  # fmt: skip
def test_other_functions_are_no_case(read, line, message):
    with pytest.raises(LayerError, match=message):
        read(CASE.replace("function mpc = small", line))


def test_out_of_service_is_not_looked_at(read):
    text = CASE.replace("7 12 0.01 0.2 0 0 0 0 0.98", "0 NaN 0 0 0 -5 0 0 -1")
    text = text.replace("12 0 0 0 0 1 100 0 1E+2 10", "0.5 0 0 0 0 1 100 -1 NaN 10")
    tables, _ = read(text)
    assert tables["case_branches"]["from_bus"].tolist() == ["1", "0", "1"]
    units = tables["case_generators"]
    assert units["in_service"].tolist() == [1, 0]
    assert units["bus_id"].tolist() == ["1", "0.5"]


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(LayerFileError, match=r"none\.m: No such file"):
        read_matpower(tmp_path / "none.m")


NUMBERS = st.floats(allow_nan=False, width=64)


@examples(100)
@given(st.lists(st.lists(NUMBERS, min_size=13, max_size=13), min_size=1, max_size=4), st.data())
def test_any_layout_of_the_numbers_reads_the_same(tmp_path_factory, rows, data):
    for bus, row in enumerate(rows, start=1):
        row[0], row[1] = bus, 1
    draw = data.draw
    text = "".join(
        draw(st.sampled_from([" ", ",", ", ", "\t", " ...\n ", "  "])).join(
            draw(st.sampled_from([repr, "{:.17g}".format, "{:.17E}".format]))(cell) for cell in row
        )
        + draw(st.sampled_from([";", "\n", ";\n", " ; % note\n", "\n\n"]))
        for row in rows
    )
    file = tmp_path_factory.mktemp("layout") / "any.m"
    rest = "mpc.gen = [];\nmpc.branch = [];\n"
    file.write_text(f"mpc.version = '2';\nmpc.baseMVA = 1;\nmpc.bus = [{text}];\n{rest}")
    buses = read_matpower(file)[0]["case_buses"]
    assert buses["p_load_mw"].tolist() == [row[2] for row in rows]
    assert buses["voltage_min_pu"].tolist() == [row[12] for row in rows]


@examples(150)
@given(st.data())
def test_damaged_text_is_read_or_refused(tmp_path_factory, data):
    start = data.draw(st.integers(0, len(CASE) - 1))
    length = data.draw(st.integers(0, 30))
    filling = data.draw(st.text("[]{};,.%'\" \n\t=12eNaInf-mpcbus", max_size=6))
    file = tmp_path_factory.mktemp("damaged") / "any.m"
    file.write_text(CASE[:start] + filling + CASE[start + length :])
    try:
        tables, base = read_matpower(file)
    except LayerError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right, in one line
    else:
        assert base > 0
        assert len(tables) == 4


DATA = CASE[: CASE.index("end\nfunction out")]
NESTED = (
    "if (nargout==0)\n  if exist('x', 'dir') ~= 7\n    mpc.baseMVA = 1;\n  end\n"
    "  for k = 1:2, disp(k); end\nend;\n"
)


@pytest.mark.parametrize("block", ["if nargout == 0\n  save('x');\nend\n", NESTED])
@pytest.mark.parametrize("end", ["", "end\n"])
def test_what_runs_only_where_nobody_takes_the_struct_is_passed_over(read, block, end):
    plain, base = read(CASE)
    alone, other = read(DATA + block + end)
    assert base == other
    for name, table in plain.items():
        pd.testing.assert_frame_equal(table, alone[name])


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("if nargout == 0\n  save('x');\n", "never closed"),
        ("if nargout == 1\n  mpc.baseMVA = 1;\nend\n", "is no plain data"),
        ("if nargout == 0\n  save('x');\nelse\n  mpc.baseMVA = 1;\nend\n", "else"),
        ("if nargout == 0\n  save('x');\nend\nmpc.baseMVA = 2 * 50;\n", "baseMVA"),
    ],
)
def test_other_blocks_are_no_plain_data(read, block, said):
    with pytest.raises(LayerError, match=said):
        read(DATA + block)


PUBLISHED = Path(__file__).parents[3] / "shared/sources/grid/KPG193_ver2_0.m"


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published case is not at hand")
def test_published_korean_case():
    tables, base = read_matpower(PUBLISHED, cost_unit_krw=1000)
    sizes = {name: len(table) for name, table in tables.items()}
    assert base == 100
    assert sizes == {
        "case_buses": 193, "case_branches": 385, "case_generators": 201, "case_dc_lines": 2
    }  # fmt: skip
