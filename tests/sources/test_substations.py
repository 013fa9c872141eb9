"""Named substations: which rows are one station, and what a name says."""

from __future__ import annotations

import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.sources._substations import kind_of_name, merge_rows

KM_EAST = 1 / 89.0
"""Degrees of longitude of a kilometre at 37° N, nearly."""


def rows(*some):
    """Return rows of name, kV, km east of a place."""
    return pd.DataFrame(
        [(name, kv, 127 + KM_EAST * km, 37.0) for name, kv, km in some],
        columns=["name_ko", "kv", "lon", "lat"],
    )


def names(table):
    return table["name_ko"].tolist()


def test_two_voltages_of_one_name_are_one_station_where_the_higher_stands():
    table = merge_rows(rows(("신갑변전소", 154, 0), ("신갑변전소 ", 345, 0.8)))
    assert names(table) == ["신갑"]
    row = table.iloc[0]
    assert (row["level_154"], row["level_345"], row["tag_kv"], row["rows"]) == (True, True, 345, 2)
    assert row["lon"] == pytest.approx(127 + KM_EAST * 0.8)


def test_one_name_far_apart_is_two_stations():
    assert names(merge_rows(rows(("송정", 154, 0), ("송정", 154, 1.2)))) == ["송정", "송정"]


def test_two_names_side_by_side_stay_two():
    assert names(merge_rows(rows(("갑", 154, 0), ("을", 154, 0.1)))) == ["갑", "을"]


def test_an_unnamed_yard_goes_to_the_nearest_name_and_joins_no_two():
    table = merge_rows(rows(("갑", 154, 0), (None, 345, 0.3), ("을", 154, 0.7)))
    assert names(table) == ["갑", "을"]
    assert table["level_345"].tolist() == [True, False]
    # where the named row stands, not where the stronger yard is
    assert table["lon"].iloc[0] == pytest.approx(127)


def test_unnamed_yards_hang_together_up_to_500_m():
    table = merge_rows(rows((None, 345, 0), (None, 345, 0.4), (None, 345, 0.8), (None, 345, 1.4)))
    assert table["rows"].tolist() == [3, 1]
    assert set(table["kind"]) == {"unknown"}


def test_a_converter_yard_is_no_level_of_its_own():
    table = merge_rows(rows(("갑변환소", 250, 0), ("갑변환소", 154, 0.1)))
    assert table["tag_kv"].tolist() == [154]
    assert table["kind"].tolist() == ["switching"]


def test_the_order_of_rows_does_not_matter():
    some = rows(
        ("갑", 154, 0), (None, 345, 0.3), ("을", 154, 0.7), (None, 154, 5), ("갑", 345, 0.2)
    )
    there, back = merge_rows(some), merge_rows(some.iloc[::-1].reset_index(drop=True))
    assert there.drop(columns="geometry").equals(back.drop(columns="geometry"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("신태백", "substation"), ("안좌개폐소", "switching"), ("진도변환소", "switching"),
        ("청송양수", "plant"), ("울산화력", "plant"), ("포스코", "plant"), ("밀양전철", "plant"),
        ("", "unknown"),
        ("발안", "substation"), ("양양", "substation"),
    ],
)  # fmt: skip
def test_names_tell_kinds(name, kind):
    assert kind_of_name(name)[0] == kind


def test_a_strange_voltage_is_named_with_its_row():
    with pytest.raises(LayerError, match=r"row 3: kv 220 is not known; one of 154, 345"):
        merge_rows(rows(("갑", 154, 0), ("을", 220, 9)))
