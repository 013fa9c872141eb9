"""What leaves as CSV: no cell of it is computed, and all of it comes back as it was."""

import csv
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from siteopt._csv import csv_text, harmless, read_csv, write_csv
from siteopt.cli import main

COMPUTED = [
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)",
    "﹦1", "﹢1", "﹣1-", "﹫x", "−1+1", "\t=1", "\tx", "\rx", "\nx", " =1", "  @x", "\u3000=1",
    "\xa0=1", "\u200b=1", "\ufeff=1", "\u2060+x", "\u202e=1", "\x01=1", " ＝1", "'=1", "''=1",
    "+82-2-1234", "-", "=", "- 3", "-5.2%", "+1e", "-1,234", "－5", "-inf", "=\n1", '="a"',
]  # fmt: skip
PLAIN = [
    "-5.2", "+3e5", "-12", "+.5", "-7.", "-1E-3", "5", "0012", "가=나", "a-b", "x@y.kr", "'", "''",
    "'x", " x", "", "\u200b", "1=2", "(−1)", "#=1", '"=1"', "a\nb", "a\rb", 'q"r', "s,t", "나;라",
]  # fmt: skip


@pytest.mark.parametrize("text", COMPUTED)
def test_a_text_that_begins_as_a_formula_is_a_text(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_any_other_text_and_every_number_is_as_it_is(text):
    assert harmless(text) == text


def test_a_table_comes_back_cell_by_cell(tmp_path):
    texts = [text for text in (*COMPUTED, *PLAIN) if text]
    table = pd.DataFrame({"=name": texts, "x": np.arange(len(texts)) / 7, "＋y": -1})
    write_csv(table, tmp_path / "own.csv", digits=15)
    content = (tmp_path / "own.csv").read_bytes()
    back = read_csv(content, {"'=name": str})
    assert back.columns.tolist() == ["=name", "x", "＋y"]
    assert back["=name"].tolist() == texts
    np.testing.assert_allclose(back["x"], table["x"], rtol=1e-14)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row[0] for row in rows] == ["'=name", *map(harmless, texts)]
    assert {len(row) for row in rows} == {3}


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["=1", None], dtype=object),
        pd.Series(["=1", None], dtype="string"),
        pd.Series(["=1", None], dtype="category"),
        pd.Series(["=1", np.nan], dtype=object),
    ],
)
def test_texts_are_texts_of_any_type(column):
    assert csv_text(pd.DataFrame({"a": column, "b": 1})) == "a,b\n'=1,1\n,1\n"


def test_figures_are_figures():
    table = pd.DataFrame({"a": [-1.5, np.nan], "b": [-2, 3], "c": [True, False]})
    assert csv_text(table) == "a,b,c\n-1.5,-2,True\n,3,False\n"


def test_a_spreadsheet_has_texts_where_texts_were():
    """A spreadsheet that takes every cell as if it were typed in finds no formula."""
    text = csv_text(pd.DataFrame({"=head": COMPUTED}))
    sheet = openpyxl.Workbook().active
    for row in csv.reader(io.StringIO(text, newline="")):
        sheet.append(["".join(sign for sign in cell if sign >= " ") for cell in row])
    assert {cell.data_type for (cell,) in sheet.iter_rows()} == {"s"}


def test_hosting_as_csv_has_no_formula_in_it(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "case"
    folder.mkdir()
    buses = "bus_id,name_ko,name_en,p_load_mw\n=1+1,=cmd|x,@two,0\n-b,나,+na,50\n"
    (folder / "case_buses.csv").write_text(buses, encoding="utf-8")
    (folder / "case_branches.csv").write_text(
        "branch_id,from_bus,to_bus,x_pu,rate_a_mva\n@l,=1+1,-b,0.1,100\n"
    )
    (folder / "case_generators.csv").write_text("generator_id,bus_id,p_max_mw\ng,=1+1,200\n")
    words = ["siteopt", "grid", "hosting", "--case", str(folder), "--format", "csv"]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as stopped:
        main()
    said = capsys.readouterr()
    assert stopped.value.code == 0, said.err
    cells = [cell for row in csv.reader(io.StringIO(said.out)) for cell in row]
    assert {"'=1+1", "'-b"} <= set(cells)
    assert not [cell for cell in cells if harmless(cell) != cell and not cell.startswith("'")]
