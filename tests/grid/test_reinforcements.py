"""Works at stations: what they add and cost, where, and as options of sites."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from siteopt.grid.connections import Connections
from siteopt.grid.reinforcements import WORKS_COLUMNS, station_works, with_new_stations, with_works
from siteopt.scenario import Build, Connection

BANK_MW, BANK_COST, BANK_YEARS = 100.0, 20.0, 4.0
CLASSES = [
    {"voltage_kv": 22.9, "station_kv": 154, "facility_max_mw": 40},
    {"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400},
]
PARAMETERS = {
    "grid_bank_345_154_mva": BANK_MW / 0.8, "grid_power_factor": 0.8,
    "grid_bank_345_154_cost": BANK_COST, "grid_bank_345_154_lead_time": (BANK_YEARS, 6.0),
    "works_station154_mw": 300.0, "works_station154_cost": 60.0,
    "works_station154_lead_time": (7.0, 9.0), "line154_oh_cost": 2.0, "route_detour_factor": 1.5,
    "works_station345_mw": 1000.0, "works_station345_cost": 250.0,
    "works_station345_lead_time": (9.0, 13.0), "grid_jeju_hosting_mw": 200.0,
}  # fmt: skip


class Known:
    def value(self, key):
        return self.row(key).value

    def row(self, key):
        given = PARAMETERS[key]
        value, high = given if isinstance(given, tuple) else (given, None)
        return SimpleNamespace(value=value, high=high)


def layers_of(hosts=500.0):
    """Layers with stations of both voltages (A, B), one of 154 kV alone (C), Jeju (J), a new one.

    The one bus hosts ``hosts`` MW at the peak; C stands 10 km from A.
    """
    ids = ["A", "B", "C", "J"]
    table = gpd.GeoDataFrame(
        {
            "station_id": ids, "circuits_345": [2, 2, 0, 0], "circuits_154": 4,
            "component": [1, 1, 1, 2], "province_code": ["47", "47", "47", "50"],
            "district_code": "47110", "name_ko": ids, "name_en": ids,
        },
        geometry=[Point(0, 0), Point(50_000, 0), Point(0, 10_000), Point(0, 90_000)], crs=5179,
    )  # fmt: skip
    new = table.iloc[:1].assign(station_id="N")
    hosting = pd.DataFrame(
        {"snapshot_id": ["peak", "peak", "noon"], "security": ["none", "n-1", "none"],
         "bus_id": ["1", "1", "1"], "hosting_mw": [hosts, 1.0, 2.0]}
    )  # fmt: skip
    buses = gpd.GeoDataFrame({"bus_id": ["1"]}, geometry=[Point(0, 0)], crs=5179)
    vectors = {"stations": table, "new_stations": new, "case_buses": buses}
    return SimpleNamespace(
        vector=lambda name: vectors[name],
        table=lambda name: {"hosting": hosting}[name],
        parameters=Known(),
    )


def scenario_of(banks_max=2, it_min=20.0, **connection):
    return SimpleNamespace(
        connection=Connection(classes=CLASSES, banks_max=banks_max, **connection),
        build=Build(it_min_mw=it_min, it_max_mw=1000, block_mw=1),
    )


def rooms(*rows):
    columns = ["station_id", "voltage_kv", "headroom_mw", "confidence", "bus_id"]
    return pd.DataFrame(rows, columns=columns)


def offered(room, hosts=500.0, **asked):
    table = station_works(room, layers_of(hosts), scenario_of(**asked))
    assert tuple(table.columns) == WORKS_COLUMNS
    return [tuple(row) for row in table.itertuples(index=False)]


def test_a_bank_adds_its_firm_capacity_up_to_what_the_bus_can_host():
    # There are 50 MW, the bus hosts 180: 50 + 100, then 180.
    room = rooms(("A", 154.0, 50.0, "published-cap", "1"))
    assert offered(room, hosts=180.0) == [
        ("A", 154.0, "banks1", 100.0, 20.0, 4.0, 6.0),
        ("A", 154.0, "banks2", 130.0, 40.0, 4.0, 6.0),
    ]


@pytest.mark.parametrize(("hosts", "expected"), [(40.0, []), (50.9, []), (51.0, [1.0])])
def test_where_the_bus_stops_it_already_a_bank_adds_nothing(hosts, expected):
    room = rooms(("A", 154.0, 50.0, "model", "1"))
    assert [row[3] for row in offered(room, hosts=hosts)] == expected


def test_a_row_of_the_user_has_no_cap():
    room = rooms(("A", 154.0, 70.0, "user", "1"))
    assert [row[3] for row in offered(room, hosts=60.0, banks_max=3)] == [100, 200, 300]


def test_only_the_low_side_of_stations_with_both_voltages_gets_banks():
    room = rooms(
        ("A", 345.0, 500.0, "user", "1"), ("B", 154.0, 10.0, "user", "1"),
        ("C", 154.0, 10.0, "user", "1"),
    )  # fmt: skip
    assert {row[:2] for row in offered(room)} == {("B", 154.0)}


def test_no_works_are_offered_where_the_scenario_wants_none():
    room = rooms(("A", 154.0, 70.0, "user", "1"), ("C", 154.0, 70.0, "user", "1"))
    assert offered(room, banks_max=0) == []
    assert [row[2] for row in offered(room, banks_max=1)] == ["banks1"]


def test_a_new_154_kv_station_pays_for_the_line_that_feeds_it():
    # 10 km from A, 1.5 km of line for a km, 2 bn KRW each.
    room = rooms(("C", 154.0, 10.0, "published-cap", "1"))
    asked = offered(room, new_154_stations=True)
    assert asked == [("C", 154.0, "station154", 300.0, 60.0 + 30.0, 7.0, 9.0)]


def test_an_island_without_345_kv_gets_no_new_station():
    room = rooms(("J", 154.0, 10.0, "model", None))
    assert offered(room, new_154_stations=True) == []


@pytest.mark.parametrize(("zero", "count"), [("works", 2), ("closed", 0)])
def test_a_published_zero_opens_through_works_or_not_at_all(zero, count):
    room = rooms(("A", 154.0, 0.0, "published-zero", "1"), ("C", 154.0, 0.0, "published-zero", "1"))
    asked = offered(room, banks_max=1, new_154_stations=True, zero_headroom=zero)
    assert len(asked) == count


def test_a_station_that_may_be_built_has_no_headroom_but_its_works():
    layers, standing = layers_of(), rooms(("A", 154.0, 50.0, "model", "1")).assign(year=2025)
    room = with_new_stations(standing, layers)
    new = room.set_index("station_id").loc["N"]
    assert new[["voltage_kv", "headroom_mw", "bus_id"]].tolist() == [345.0, 0.0, "1"]
    table = station_works(room, layers_of(2000.0), scenario_of(0, new_345_stations=True))
    assert table.to_numpy().tolist() == [["N", 345.0, "station345", 1000.0, 250.0, 9.0, 13.0]]


class Rows(tuple):
    """Routes of which only the order counts."""

    __slots__ = ()

    def take(self, rows):
        return Rows(self[row] for row in rows.tolist())


OPTIONS = [
    # option, site, station, station_kv, above, top, headroom, years
    ("S1@A-22.9", "S1", "A", 154.0, 0.0, 40.0, 30.0, 2.0),
    ("S1@A-154", "S1", "A", 154.0, 40.0, 400.0, 30.0, 5.0),
    ("S2@B-154", "S2", "B", 154.0, 40.0, 400.0, 350.0, 3.0),
    ("S2@C-154", "S2", "C", 154.0, 40.0, 400.0, 90.0, 5.0),
]
COLUMNS = ["option_id", "site_id", "station_id", "station_kv", "facility_min_mw"]
COLUMNS += ["facility_max_mw", "headroom_mw", "lead_time_years", "lead_time_high_years"]
OPTIONS = [(*row, row[-1] + 2.0) for row in OPTIONS]
WORKS = pd.DataFrame(
    [
        ("A", 154.0, "banks1", 25.0, 20.0, 4.0, 6.0), ("A", 154.0, "banks2", 60.0, 40.0, 4.0, 6.0),
        ("B", 154.0, "banks1", 100.0, 20.0, 4.0, 6.0),
    ],
    columns=list(WORKS_COLUMNS),
)  # fmt: skip


def worked(options=OPTIONS, works=WORKS, it_min=20.0):
    table = pd.DataFrame(options, columns=COLUMNS)
    routes = Rows(table["option_id"])
    return with_works(Connections(table, routes, routes), works, scenario_of(it_min=it_min))


def test_every_number_of_banks_is_an_option_of_its_own_behind_the_one_without():
    found = worked()
    assert found.options["option_id"].tolist() == [
        "S1@A-22.9", "S1@A-22.9+banks1", "S1@A-22.9+banks2", "S1@A-154", "S1@A-154+banks1", "S1@A-154+banks2",
        "S2@B-154", "S2@B-154+banks1", "S2@C-154",
    ]  # fmt: skip
    assert found.options["works_bn_krw"].tolist() == [0, 20, 40, 0, 20, 40, 0, 20, 0]
    assert found.options["relief_mw"].tolist() == [0, 25, 60, 0, 25, 60, 0, 100, 0]
    assert list(found.routes) == [name.split("+")[0] for name in found.options["option_id"]]


def test_an_option_takes_as_long_as_its_line_or_its_bank():
    years = worked().options.set_index("option_id")["lead_time_years"]
    assert years[["S1@A-22.9", "S1@A-22.9+banks1"]].tolist() == [2, 4]
    assert years[["S1@A-154", "S1@A-154+banks2"]].tolist() == [5, 5]
    assert years[["S2@B-154", "S2@B-154+banks1"]].tolist() == [3, 4]
    most = worked().options.set_index("option_id")["lead_time_high_years"]
    assert most[["S2@B-154", "S2@B-154+banks1"]].tolist() == [5, 6]


def test_an_option_that_cannot_carry_the_smallest_build_even_so_is_left_out():
    # 30 + 60 MW at A; who does not pay has at most half of that.
    assert "S1@A-154" in worked(it_min=45.0).options["option_id"].tolist()
    names = worked(it_min=46.0).options["option_id"].tolist()
    assert [name for name in names if "@A" in name] == ["S1@A-22.9+banks1", "S1@A-22.9+banks2",
                                                        "S1@A-154+banks1", "S1@A-154+banks2"]  # fmt: skip
    names = worked(it_min=60.0).options["option_id"].tolist()
    assert [name for name in names if "@A" in name] == ["S1@A-22.9+banks2", "S1@A-154+banks2"]


def test_without_works_options_stay_as_they_are():
    plain = pd.DataFrame(OPTIONS, columns=COLUMNS)
    found = worked(works=WORKS[:0]).options
    fits = np.maximum(plain["facility_min_mw"], 20.0) <= plain["headroom_mw"]
    assert found["option_id"].tolist() == plain.loc[fits, "option_id"].tolist()
    assert (found["works"] == "").all()


def test_where_the_headroom_is_enough_for_all_sites_banks_are_no_option():
    rows = [(f"S{n}@A-22.9", f"S{n}", "A", 154.0, 0.0, 40.0, 80.0, 2.0, 3.0) for n in (1, 2)]
    assert (worked(rows).options["works"] == "").all()


@pytest.mark.parametrize("room", [50.0, 119.0])
def test_sites_that_fit_one_by_one_can_share_a_bank_and_any_of_them_may_pay(room):
    # 22.9 kV draws 40 MW at most, less than the headroom; three of them draw more.
    rows = [(f"S{n}@A-22.9", f"S{n}", "A", 154.0, 0.0, 40.0, room, 2.0, 3.0) for n in (1, 2, 3)]
    found = worked(rows).options
    assert found.groupby("site_id")["works"].agg(list).tolist() == [["", "banks1", "banks2"]] * 3


def test_connections_of_one_site_are_not_taken_for_several_sites():
    rows = [(f"S1@A-{n}", "S1", "A", 154.0, 0.0, 40.0, 50.0, 2.0, 3.0) for n in (1, 2, 3)]
    assert (worked(rows).options["works"] == "").all()
