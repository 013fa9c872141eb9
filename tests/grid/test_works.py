"""New transformer banks at stations: what they add, where, and as options of sites."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from siteopt.grid.connections import Connections
from siteopt.grid.upgrades import UPGRADE_COLUMNS, station_upgrades, with_upgrades
from siteopt.scenario import Build, Connection

BANK_MW = 100.0
LEAD = 4.0
CLASSES = [
    {"voltage_kv": 22.9, "station_kv": 154, "facility_max_mw": 40},
    {"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400},
]


def layers_of(small, parts=(), stations=("A", "B"), only_154=("C",)):
    """Layers with stations of both voltages, some of one, and the parts of their headroom."""
    ids = [*stations, *only_154]
    table = pd.DataFrame(
        {
            "station_id": ids,
            "circuits_345": [2] * len(stations) + [0] * len(only_154),
            "circuits_154": 4,
        }
    )
    columns = ["station_id", "voltage_kv", "own_mw", "bus_share_mw"]
    known = small.Known(
        grid_bank_345_154_mva=BANK_MW / 0.8,
        grid_power_factor=0.8,
        grid_bank_345_154_lead_time=LEAD,
    )
    return SimpleNamespace(
        vector=lambda name: {"stations": table}[name],
        embedded=lambda name: {"headroom": pd.DataFrame(list(parts), columns=columns)}[name],
        parameters=known,
    )


def scenario_of(banks_max=2, it_min=20.0):
    return SimpleNamespace(
        connection=Connection(classes=CLASSES, banks_max=banks_max),
        build=Build(it_min_mw=it_min, it_max_mw=1000, block_mw=1),
    )


def rooms(*rows):
    columns = ["station_id", "voltage_kv", "headroom_mw", "confidence"]
    return pd.DataFrame(rows, columns=columns)


def offered(small, room, parts, banks_max=3, **layers):
    table = station_upgrades(room, layers_of(small, parts, **layers), scenario_of(banks_max))
    assert tuple(table.columns) == UPGRADE_COLUMNS
    return [tuple(row) for row in table.itertuples(index=False)]


def test_a_bank_adds_its_firm_capacity_up_to_what_the_bus_can_host(small):
    # The station itself has 50 MW, its bus hosts 180: 50 + 100, then 180.
    room = rooms(("A", 154.0, 50.0, "model"))
    assert offered(small, room, [("A", 154, 50.0, 180.0)]) == [
        ("A", 154.0, 1, 100.0),
        ("A", 154.0, 2, 130.0),
    ]


def test_where_the_bus_stops_it_already_a_bank_adds_nothing(small):
    room = rooms(("A", 154.0, 50.0, "model"))
    assert offered(small, room, [("A", 154, 90.0, 50.0)]) == []
    assert offered(small, room, [("A", 154, 90.0, 50.9)]) == []  # less than 1 MW
    assert offered(small, room, [("A", 154, 90.0, 51.0)]) == [("A", 154.0, 1, 1.0)]


def test_a_row_of_the_user_has_no_cap(small):
    room = rooms(("A", 154.0, 70.0, "user"))
    expected = [("A", 154.0, banks, 100.0 * banks) for banks in (1, 2, 3)]
    assert offered(small, room, [("A", 154, 50.0, 60.0)]) == expected
    assert offered(small, room, []) == expected


def test_only_the_low_side_of_stations_with_both_voltages_gets_banks(small):
    room = rooms(
        ("A", 345.0, 500.0, "user"), ("B", 154.0, 10.0, "user"), ("C", 154.0, 10.0, "user")
    )
    assert {row[:2] for row in offered(small, room, [])} == {("B", 154.0)}


def test_no_banks_are_offered_where_the_scenario_wants_none(small):
    room = rooms(("A", 154.0, 70.0, "user"))
    assert offered(small, room, [], banks_max=0) == []
    assert [row[2] for row in offered(small, room, [], banks_max=1)] == [1]


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
COLUMNS += ["facility_max_mw", "headroom_mw", "lead_time_years"]
UPGRADES = pd.DataFrame(
    [("A", 154.0, 1, 25.0), ("A", 154.0, 2, 60.0), ("B", 154.0, 1, 100.0)],
    columns=list(UPGRADE_COLUMNS),
)


def upgraded(small, options=OPTIONS, upgrades=UPGRADES, it_min=20.0):
    table = pd.DataFrame(options, columns=COLUMNS)
    connections = Connections(table, Rows(table["option_id"]))
    return with_upgrades(connections, upgrades, layers_of(small), scenario_of(it_min=it_min))


def test_every_number_of_banks_is_an_option_of_its_own_behind_the_one_without(small):
    found = upgraded(small)
    assert found.options["option_id"].tolist() == [
        "S1@A-22.9", "S1@A-22.9+1", "S1@A-22.9+2", "S1@A-154", "S1@A-154+1", "S1@A-154+2",
        "S2@B-154", "S2@B-154+1", "S2@C-154",
    ]  # fmt: skip
    assert found.options["banks"].tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 0]
    assert found.options["relief_mw"].tolist() == [0, 25, 60, 0, 25, 60, 0, 100, 0]
    assert list(found.routes) == [name.split("+")[0] for name in found.options["option_id"]]


def test_an_option_takes_as_long_as_its_line_or_its_bank(small):
    years = upgraded(small).options.set_index("option_id")["lead_time_years"]
    assert years[["S1@A-22.9", "S1@A-22.9+1"]].tolist() == [2, 4]
    assert years[["S1@A-154", "S1@A-154+2"]].tolist() == [5, 5]
    assert years[["S2@B-154", "S2@B-154+1"]].tolist() == [3, 4]


def test_an_option_that_cannot_carry_the_smallest_build_even_so_is_left_out(small):
    # 30 + 60 MW at A; who does not pay has at most half of that.
    assert "S1@A-154" in upgraded(small, it_min=45.0).options["option_id"].tolist()
    names = upgraded(small, it_min=46.0).options["option_id"].tolist()
    assert [name for name in names if "@A" in name] == ["S1@A-22.9+1", "S1@A-22.9+2",
                                                        "S1@A-154+1", "S1@A-154+2"]  # fmt: skip
    names = upgraded(small, it_min=60.0).options["option_id"].tolist()
    assert [name for name in names if "@A" in name] == ["S1@A-22.9+2", "S1@A-154+2"]


def test_without_upgrades_options_stay_as_they_are(small):
    plain = pd.DataFrame(OPTIONS, columns=COLUMNS)
    found = upgraded(small, upgrades=UPGRADES[:0]).options
    fits = np.maximum(plain["facility_min_mw"], 20.0) <= plain["headroom_mw"]
    assert found["option_id"].tolist() == plain.loc[fits, "option_id"].tolist()
    assert (found["banks"] == 0).all()


def test_where_the_headroom_is_enough_for_all_sites_banks_are_no_option(small):
    rows = [(f"S{n}@A-22.9", f"S{n}", "A", 154.0, 0.0, 40.0, 80.0, 2.0) for n in (1, 2)]
    assert (upgraded(small, rows).options["banks"] == 0).all()


@pytest.mark.parametrize("room", [50.0, 119.0])
def test_sites_that_fit_one_by_one_can_share_a_bank_and_any_of_them_may_pay(small, room):
    # 22.9 kV draws 40 MW at most, less than the headroom; three of them draw more.
    rows = [(f"S{n}@A-22.9", f"S{n}", "A", 154.0, 0.0, 40.0, room, 2.0) for n in (1, 2, 3)]
    found = upgraded(small, rows).options
    assert found.groupby("site_id")["banks"].agg(list).tolist() == [[0, 1, 2]] * 3


def test_connections_of_one_site_are_not_taken_for_several_sites(small):
    rows = [(f"S1@A-{n}", "S1", "A", 154.0, 0.0, 40.0, 50.0, 2.0) for n in (1, 2, 3)]
    assert (upgraded(small, rows).options["banks"] == 0).all()
