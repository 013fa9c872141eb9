"""The user's headroom table lies over the embedded one, row by row."""

from __future__ import annotations

import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.grid.headroom import headroom_by_year, overlay_headroom, station_headroom
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


def test_injection_is_replaced_only_where_the_user_gives_it():
    below = embedded().assign(injection_mw=[10.0, 20.0, None], bus_id=["1", "2", "3"])
    above = own(("A", 154, 7.0, 2030), ("A", 345, 8.0, 2030), ("C", 154, 9.0, 2030))
    table = overlay_headroom(below, above.assign(injection_mw=[None, 0.0, None]))
    table = table.set_index(["station_id", "voltage_kv"])
    assert table["headroom_mw"].tolist() == [7, 8, 50, 9]
    assert table["confidence"].tolist() == ["user", "user", "model", "user"]
    assert table["injection_mw"].iloc[:2].tolist() == [10, 0]
    assert table["injection_mw"].iloc[2:].isna().all()
    assert table["injection_confidence"].tolist() == ["model", "user", "unknown", "unknown"]
    # the place in the grid is no matter of the user's figures
    assert table["bus_id"].iloc[:3].tolist() == ["1", "2", "3"]
    assert pd.isna(table["bus_id"].iloc[3])


def test_without_a_table_the_estimate_names_bus_and_rule():
    table = station_headroom(open_layers())
    assert set(table["confidence"]) == {"model"}
    assert set(table["bus_rule"]) == {"anchor", "network", "detour", "air", "none"}
    stations = open_layers().vector("stations").set_index("station_id")["province_code"]
    island = table["station_id"].map(stations) == "50"
    assert (table["bus_id"].isna() == island).all()
    assert ((table["bus_rule"] == "none") == island).all()


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


def test_injection_of_the_user_must_not_be_negative(tmp_path):
    first = station_headroom(open_layers()).iloc[0]["station_id"]
    text = f"{HEADER.strip()},injection_mw\n{first},154,10,2030,-1\n"
    with pytest.raises(LayerError, match=r"headroom.csv: row 2 .*injection_mw is -1"):
        station_headroom(replaced(tmp_path, text))


def test_an_unknown_station_is_named(tmp_path):
    layers = replaced(tmp_path, f"{HEADER}NOWHERE,154,10,2030\n")
    with pytest.raises(LayerError, match=r"headroom: row 2: station_id NOWHERE is not in the"):
        station_headroom(layers)


class TwoTables:
    """Layers with the embedded table and, where there is one, the user's."""

    def __init__(self, mine=None):
        self.mine = mine

    def table(self, _layer_id):
        return embedded() if self.mine is None else self.mine

    def embedded(self, _layer_id):
        return embedded()

    def replaced(self, _layer_id):
        return self.mine is not None

    def vector(self, _layer_id):
        return pd.DataFrame({"station_id": ["A", "B", "C"]})


def test_by_year_there_are_only_rows_that_change():
    mine = own(("A", 154, 7.0, 2032), ("A", 154, 9.0, 2034), ("C", 154, 5.0, 2033))
    table = headroom_by_year(TwoTables(mine), range(2031, 2036))
    found = table[["station_id", "voltage_kv", "year", "headroom_mw"]].to_numpy().tolist()
    assert found == [
        ["A", 154, 2031, 100], ["A", 154, 2032, 7], ["A", 154, 2034, 9], ["A", 345, 2031, 500],
        ["B", 154, 2031, 50], ["C", 154, 2033, 5],
    ]  # fmt: skip


@pytest.mark.parametrize("mine", [None, own(("A", 154, 7.0, 2032), ("B", 154, 60.0, 2020))])
def test_the_last_row_up_to_a_year_is_what_holds_in_it(mine):
    layers = TwoTables(mine)
    table = headroom_by_year(layers, range(2031, 2034))
    for year in range(2031, 2034):
        held = table[table["year"] <= year].drop_duplicates(
            ["station_id", "voltage_kv"], keep="last"
        )
        alone = station_headroom(layers, year)
        assert held["headroom_mw"].tolist() == alone["headroom_mw"].tolist()
        assert held["station_id"].tolist() == alone["station_id"].tolist()
