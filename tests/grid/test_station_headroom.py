"""The user's headroom table lies over the embedded one, row by row."""

from __future__ import annotations

import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.grid.headroom import overlay_headroom, station_headroom
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers, open_layers

COLUMNS = ["station_id", "voltage_kv", "headroom_mw", "year"]


def embedded():
    rows = [("A", 154, 100.0, 2025), ("A", 345, 500.0, 2025), ("B", 154, 50.0, 2025)]
    return pd.DataFrame(rows, columns=COLUMNS).assign(method="m", confidence="model")


def own(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def test_only_the_named_row_is_replaced():
    table = overlay_headroom(embedded(), own(("A", 154, 7.0, 2030)))
    assert table["headroom_mw"].tolist() == [7, 500, 50]
    assert table["confidence"].tolist() == ["user", "model", "model"]


def test_a_row_for_a_level_without_estimate_is_added():
    table = overlay_headroom(embedded(), own(("B", 345, 900.0, 2030)))
    assert table.set_index(["station_id", "voltage_kv"])["headroom_mw"][("B", 345)] == 900
    assert len(table) == 4


@pytest.mark.parametrize(("year", "expected"), [(2029, 100), (2030, 7), (2034, 7), (2035, 9)])
def test_the_last_year_that_counts_wins(year, expected):
    rows = own(("A", 154, 9.0, 2035), ("A", 154, 7.0, 2030))
    assert overlay_headroom(embedded(), rows, year)["headroom_mw"].iloc[0] == expected


def test_a_row_older_than_the_estimate_still_replaces_it():
    assert overlay_headroom(embedded(), own(("A", 154, 7.0, 2020)))["headroom_mw"].iloc[0] == 7


def replaced(tmp_path, text):
    path = tmp_path / "headroom.csv"
    path.write_text(text, encoding="utf-8")
    return Layers(read_catalogue(), {"headroom": path})


HEADER = "station_id,voltage_kv,headroom_mw,year\n"


def test_a_file_of_the_user_replaces_one_embedded_row(tmp_path):
    before = station_headroom(open_layers())
    first = before.iloc[0]
    text = f"{HEADER}{first['station_id']},{first['voltage_kv']:g},1234.5,2030\n"
    after = station_headroom(replaced(tmp_path, text))
    assert after["headroom_mw"].iloc[0] == 1234.5
    assert after["confidence"].iloc[0] == "user"
    pd.testing.assert_frame_equal(after.iloc[1:], before.iloc[1:], check_dtype=False)


def test_an_unknown_station_is_named(tmp_path):
    layers = replaced(tmp_path, f"{HEADER}NOWHERE,154,10,2030\n")
    with pytest.raises(LayerError, match=r"headroom: row 2: station_id NOWHERE is not in the"):
        station_headroom(layers)
