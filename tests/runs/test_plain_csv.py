"""Tables of a run as plain values: those of the pandas reader, checked where they are read."""

import string

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas._libs.parsers import STR_NA_VALUES

from siteopt._csv import csv_text
from siteopt.errors import LayerFileError
from siteopt.report._plain_table import FrameTable
from siteopt.runs.plain_csv import NOT_KNOWN, plain_complexes, plain_ranking
from siteopt.runs.tables import ranking_of

HEAD = "site_id,rank,chosen,it_mw,facility_mw,route_km,route_oh_km,stations,name_ko\n"
ROW = "0012,1,True,40,50,6.5,6.5,A1 154 590.0; B2 345 0.0 model 5.0 _/_,가\n"
OTHER = "0013,2,False,,,,,,나\n"


def read(tmp_path, text, reader=plain_ranking):
    path = tmp_path / "ranking.csv"
    return reader(text.encode("utf-8-sig"), path)


def test_the_same_cells_are_not_known_as_for_pandas():
    assert NOT_KNOWN == STR_NA_VALUES


NAMES = st.text(alphabet=string.printable + "가나＝−\u3000", min_size=1).filter(
    lambda name: name.strip() and "\0" not in name and not set(name) & set("\x0b\x0c\r")
)
FIGURES = st.none() | st.builds(
    lambda digits, places: digits / 10**places, st.integers(-999_999_999, 999_999_999),
    st.integers(0, 15),
)  # fmt: skip
"""Figures of nine digits: beyond powers of 22 pandas reads the last place otherwise."""


@given(st.lists(st.tuples(NAMES, st.none() | NAMES, FIGURES, FIGURES, st.booleans()), min_size=1))
def test_rows_are_those_that_pandas_reads(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "ranking.csv"
    table = pd.DataFrame(
        [(f"S{number}", *row) for number, row in enumerate(rows)],
        columns=["site_id", "name_ko", "replaces", "x_m", "value_bn_krw", "chosen"],
    ).assign(name_en=lambda one: one["name_ko"], it_mw=1.5, facility_mw=2.0, count_50km=3)
    content = csv_text(table).encode("utf-8-sig")
    plain, whole = plain_ranking(content, path), FrameTable(ranking_of(content, path))
    assert plain.names == whole.names
    assert [plain.row(at) for at in range(len(plain))] == [whole.row(at) for at in range(len(rows))]
    assert all(plain.column(name) == whole.column(name) for name in whole.names)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",40,", ",forty,", "row 2: it_mw is 'forty'; a number is needed"),
        (",40,", ",inf,", "row 2: it_mw is 'inf'; a number is needed"),
        (",40,", ",1e16,", "row 2: it_mw is '1e16'; a number is needed"),
        (",50,", ",,", "row 2: facility_mw is empty; a figure, as of it_mw, is needed"),
        ("6.5,6.5", "6.5,", "row 2: route_oh_km is empty; a figure, as of route_km, is needed"),
        ("True", "perhaps", "row 2: chosen is 'perhaps'; true or false is needed"),
        ("590.0", "room", "row 2: stations is"),
        ("가", "가\u202e", "a text without U+202E"),
    ],
)
def test_a_cell_that_is_none_of_its_column_is_found_where_it_is_read(tmp_path, old, new, message):
    table = read(tmp_path, HEAD + ROW.replace(old, new) + OTHER)
    assert table.row(1)["name_ko"] == "나"
    with pytest.raises(LayerFileError) as caught:
        table.row(0)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'ranking.csv'}: row 2: ")
    assert str(caught.value).endswith("run again")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + ROW.replace("0012", ""), "a row has no site_id"),
        (HEAD + ROW.replace("가", "가,1"), "not the table of a run"),
        (HEAD.replace("site_id", "id") + ROW, "column site_id is missing"),
        ("", "not the table of a run"),
        (HEAD + '"' + ROW, "not the table of a run"),
    ],
)
def test_what_is_no_table_of_a_run_is_one_line(tmp_path, text, message):
    with pytest.raises(LayerFileError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert "ranking.csv" in str(caught.value)


def test_a_column_is_read_cell_by_cell_where_one_has_a_mark(tmp_path):
    table = read(tmp_path, "site_id,name_ko\nS1,'=가\nS2,NA\nS3,'나\n")
    assert table.column("name_ko") == ["=가", None, "'나"]
    with pytest.raises(KeyError, match="it_mw"):
        table.column("it_mw")


def test_a_bad_text_in_a_column_names_its_row(tmp_path):
    with pytest.raises(LayerFileError, match=r"row 3: name_ko is .*a text without U\+202E"):
        read(tmp_path, "site_id,name_ko\nS1,가\nS2,나\u202e\n").column("name_ko")


def test_complexes_need_what_is_told_of_them(tmp_path):
    text = "complex_id,name_ko,name_en,eligible_ha,area_rule\nC1,가,A,1,x\n"
    with pytest.raises(LayerFileError, match="column excluded_by is missing"):
        read(tmp_path, text, plain_complexes)
