"""A headroom table as KEPCO's page gives it."""

from pathlib import Path

import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.layers.kepco_form import from_kepco_form, is_kepco_form

FILE = Path("kepco.csv")
STATIONS = pd.DataFrame(
    {"station_id": ["E1", "E2", "E3", "E4"], "name_ko": ["신해남", "강진변전소", "중앙", "중앙"]}
)


def rows(frame):
    return from_kepco_form(frame, STATIONS, FILE).rows.to_numpy().tolist()


def test_a_column_a_year():
    frame = pd.DataFrame(
        {"변전소명": ["신해남변전소", "강진"], "2029": ["1,200", "-"], "2030년": [None, "35.5"]}
    )
    assert is_kepco_form(frame)
    assert rows(frame) == [["E1", 154.0, 1200.0, 2029], ["E2", 154.0, 35.5, 2030]]


def test_a_row_a_station_and_year():
    frame = pd.DataFrame(
        {
            "변전소": ["강진 S/S"] * 2,
            "연도": [2029, 2030],
            "여유용량 (MW)": [0, 10],
            "전압(kV)": "154kV",
        }
    )
    assert rows(frame) == [["E2", 154.0, 0.0, 2029], ["E2", 154.0, 10.0, 2030]]


def test_22_9_kv_counts_for_the_154_kv_level_that_feeds_it_where_that_has_no_row():
    frame = pd.DataFrame(
        {"변전소": ["강진", "강진", "신해남"], "전압": [22.9, 154, 22.9], "2029": [40, 300, 25]}
    )
    assert rows(frame) == [["E1", 154.0, 25.0, 2029], ["E2", 154.0, 300.0, 2029]]


def test_stations_that_the_layer_lacks_are_left_out_and_named():
    frame = pd.DataFrame({"변전소": ["강진", "없는곳", "저기"], "2029": [1, 2, 3]})
    found = from_kepco_form(frame, STATIONS, FILE)
    assert found.rows["station_id"].tolist() == ["E2"]
    assert found.unknown == ("없는곳", "저기")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"변전소": ["중앙"], "2029": [5]}, r"row 2: several stations are called 중앙 \(E3, E4\)"),
        ({"변전소": ["강진"], "2029": ["many"]}, r"row 2: 2029 is 'many'; a number of at least 0"),
        ({"변전소": ["강진"], "2029": [-1]}, r"row 2: 2029 is '-1'; a number of at least 0"),
        ({"변전소": ["강진\x07"], "2029": [5]}, r"row 2: the name of the station holds U\+0007"),
        ({"변전소": [None], "2029": [5]}, r"none of its stations"),
        ({"변전소": ["강진"], "비고": ["x"]}, r"needs a column a year \(2029, 2030, \.\.\.\)"),
        (
            {"변전소": ["신혜남"], "2029": [5]},
            r"none of its stations \(신혜남 .*near names: 신해남",
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(columns, said):
    with pytest.raises(LayerError, match=said):
        rows(pd.DataFrame(columns))


def test_a_table_with_ids_is_none_of_kepcos():
    assert not is_kepco_form(pd.DataFrame({"station_id": ["E1"], "변전소": ["강진"]}))
    assert not is_kepco_form(pd.DataFrame({"a": [1]}))
