"""The user's headroom table lies over the embedded one, row by row."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.grid.headroom import headroom_by_year, overlay_headroom, station_headroom
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers, open_layers
from siteopt.sources.fetching.data_folder import prepare_folder, put_layer

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


def test_without_a_table_the_rows_name_bus_and_rule():
    table = station_headroom(open_layers())
    assert set(table["confidence"]) == {"model", "published-cap", "published-zero"}
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


def test_a_figure_of_the_station_rules_over_that_of_its_district_and_the_users_over_both(tmp_path):
    before = station_headroom(open_layers())
    first, second = before.iloc[0], before.iloc[1]
    folder = tmp_path / "data"
    prepare_folder(folder)
    rows = pd.DataFrame(
        {"station_id": [first["station_id"], second["station_id"]], "voltage_kv": [first["voltage_kv"], second["voltage_kv"]],
         "headroom_mw": [77.0, 88.0], "year": [2030, 2040], "confidence": "published"}
    )  # fmt: skip
    entry = replace(read_catalogue()["supply_headroom"], id="station_headroom")
    put_layer(folder, entry, rows)
    after = station_headroom(open_layers(folder=folder), 2035)
    assert (after["headroom_mw"].iloc[0], after["confidence"].iloc[0]) == (77.0, "published")
    assert after["method"].iloc[0] == "KEPCO: station"
    assert after["area_id"].iloc[0] == ""
    assert after["headroom_mw"].iloc[1] == second["headroom_mw"]  # of a later year
    pd.testing.assert_frame_equal(
        after.iloc[1:], station_headroom(open_layers(), 2035).iloc[1:], check_dtype=False
    )
    own = tmp_path / "own.csv"
    own.write_text(
        f"{HEADER}{first['station_id']},{first['voltage_kv']:g},5,2030\n", encoding="utf-8"
    )
    both = station_headroom(Layers(read_catalogue(folder), {"headroom": own}), 2035)
    assert (both["headroom_mw"].iloc[0], both["confidence"].iloc[0]) == (5.0, "user")
    put_layer(folder, entry, rows.assign(station_id=["NOWHERE", "NOWHERE_2"]))
    with pytest.raises(LayerError, match="station_headroom: row 2: station_id NOWHERE"):
        station_headroom(open_layers(folder=folder), 2035)


def test_an_unknown_station_is_named(tmp_path):
    layers = replaced(tmp_path, f"{HEADER}NOWHERE,154,10,2030\n")
    with pytest.raises(LayerError, match=r"headroom: row 2: station_id NOWHERE is not in the"):
        station_headroom(layers)


CODES = pd.DataFrame({"code": ["46110", "46130"], "district_code": ["46110", "46130"]})
NOTHING_PUBLISHED = pd.DataFrame(
    {"district_code": ["46110", "46130"], "supply_headroom_mw": [None, None], "year": 2029}
).astype({"supply_headroom_mw": float})
LISTED = pd.DataFrame(
    {"station_id": ["B", None], "free_mw_read": [None, 1.0], "free_mw_max": [3.0, 5.0]}
).astype({"free_mw_read": float})
MANAGED = pd.DataFrame(
    {"province_code": ["46", "47"], "whole": [True, False], "generation_from_year": 2032,
     "released": [None, None]}
).astype({"released": "str"})  # fmt: skip
PUBLISHED_TABLES = {
    "district_codes": CODES, "supply_headroom": NOTHING_PUBLISHED,
    "generation_headroom": LISTED, "grid_managed": MANAGED,
}  # fmt: skip


class TwoTables:
    """Layers with the embedded table and, where there is one, the user's."""

    ids: ClassVar[list[str]] = []

    def __init__(self, mine=None):
        self.mine = mine

    def table(self, layer_id):
        if layer_id in PUBLISHED_TABLES:
            return PUBLISHED_TABLES[layer_id]
        return embedded() if self.mine is None else self.mine

    def embedded(self, _layer_id):
        return embedded()

    def replaced(self, _layer_id):
        return self.mine is not None

    def vector(self, _layer_id):
        return pd.DataFrame(
            {
                "station_id": ["A", "B", "C"], "district_code": ["46110", "46130", "46130"],
                "province_code": "46", "voltage_max_kv": [345, 154, 345],
                "circuits_154": [2, 2, 0], "kind": "substation",
            }
        )  # fmt: skip


def test_by_year_there_are_only_rows_that_change():
    mine = own(("A", 154, 7.0, 2032), ("A", 154, 9.0, 2034), ("C", 154, 5.0, 2033))
    table = headroom_by_year(TwoTables(mine), range(2031, 2036))
    found = table[["station_id", "voltage_kv", "year", "headroom_mw"]].to_numpy().tolist()
    assert found == [
        ["A", 154, 2031, 100], ["A", 154, 2032, 7], ["A", 154, 2034, 9], ["A", 345, 2031, 500],
        ["B", 154, 2031, 50],
        ["B", 154, 2032, 50],  # from then on new generation may feed in
        ["C", 154, 2033, 5],
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


class Published(TwoTables):
    """Layers where KEPCO publishes some figures."""

    def __init__(self, figures, codes=("46110", "46130"), mine=None, **columns):
        super().__init__(mine)
        self.published = pd.DataFrame(
            {"district_code": list(codes), "supply_headroom_mw": figures, "year": 2029, **columns}
        )

    def table(self, layer_id):
        return self.published if layer_id == "supply_headroom" else super().table(layer_id)


def by_level(layers, year=None):
    return station_headroom(layers, year).set_index(["station_id", "voltage_kv"])


def test_what_kepco_publishes_for_the_district_rules_over_the_estimate():
    table = by_level(Published([330.0, 0.0]))
    assert table["headroom_mw"].tolist() == [330, 500, 0]
    assert table["estimate_mw"].tolist() == [100, 500, 50]
    assert table["confidence"].tolist() == ["published-cap", "model", "published-zero"]
    assert table["year"].tolist() == [2029, 2025, 2029]
    assert table["method"].iloc[0] == "KEPCO: largest station of the district"


def test_nothing_is_published_of_345_kv_and_a_blank_keeps_the_estimate():
    table = by_level(Published([None, 40.0]))
    assert table["headroom_mw"].tolist() == [100, 500, 40]
    assert table["confidence"].tolist() == ["model", "model", "published-cap"]
    assert table["published_mw"].isna().tolist() == [True, True, False]


def test_the_users_row_rules_over_what_is_published_and_is_shared_with_nobody():
    layers = Published([330.0, 330.0], area_id="A46110", mine=own(("A", 154, 7.0, 2030)))
    table = by_level(layers, 2035)
    assert table["headroom_mw"].tolist() == [7, 500, 330]
    assert table["confidence"].tolist() == ["user", "model", "published-cap"]
    assert table["area_id"].tolist() == ["", "", "A46110"]
    assert by_level(layers, 2029)["headroom_mw"].tolist() == [330, 500, 330]


def test_districts_of_a_published_table_may_bear_other_codes():
    layers = Published([330.0, 20.0], codes=("12110", "12130"))
    codes = {"code": ["12110", "12130"], "district_code": ["46110", "46130"]}
    layers.table = lambda name: (
        pd.DataFrame(codes) if name == "district_codes" else Published.table(layers, name)
    )
    assert by_level(layers)["headroom_mw"].tolist() == [330, 500, 20]


def test_an_unknown_district_of_a_published_table_is_named():
    with pytest.raises(LayerError, match=r"supply_headroom: row 3: district_code '99999'"):
        station_headroom(Published([1.0, 2.0], codes=("46110", "99999")))


@pytest.mark.national
def test_no_station_has_more_than_kepco_publishes_for_its_district():
    layers = open_layers()
    published = layers.table("supply_headroom").set_index("district_code")["supply_headroom_mw"]
    district = layers.vector("stations").set_index("station_id")["district_code"]
    table = station_headroom(layers)
    low = table[table["voltage_kv"] == 154]
    most = low["station_id"].map(district).map(published)
    assert most.notna().mean() > 0.9
    assert (low.loc[most.notna(), "headroom_mw"] == most.dropna()).all()


def test_a_substation_without_an_estimate_has_what_is_published_for_its_district():
    layers = Published([330.0, 40.0])
    stations = layers.vector("stations")
    own = stations.iloc[:1].assign(station_id="OWN", district_code="46130")
    tap = own.assign(station_id="TAP", kind="tap")
    layers.vector = lambda _name: pd.concat([stations, own, tap], ignore_index=True)
    table = by_level(layers)
    assert table.loc[("OWN", 154.0), ["headroom_mw", "confidence"]].tolist() == [
        40,
        "published-cap",
    ]
    assert ("TAP", 154.0) not in table.index


def test_rows_of_stations_that_a_table_of_the_users_lacks_are_left_out():
    layers = Published([330.0, 40.0])
    stations = layers.vector("stations")
    layers.vector = lambda _name: stations[stations["station_id"] != "A"]
    assert by_level(layers).index.get_level_values(0).tolist() == ["B"]


def test_new_generation_has_the_published_figure_and_waits_in_grid_managed_provinces():
    later = by_level(TwoTables(), 2032)
    assert later.loc[("B", 154.0), ["injection_mw", "injection_confidence"]].tolist() == [
        3.0, "published-bracket",
    ]  # fmt: skip
    assert later.loc[("A", 154.0), "injection_confidence"] == "unknown"
    before = by_level(TwoTables(), 2031)
    for station in ("A", "B"):
        row = before.loc[(station, 154.0), ["injection_mw", "injection_confidence"]]
        assert row.tolist() == [0.0, "published"]
    assert before.loc[("A", 345.0), "injection_confidence"] == "unknown"
