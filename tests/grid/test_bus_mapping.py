"""Which bus of the case serves a station."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from siteopt.grid.bus_mapping import with_buses
from siteopt.layers.store import open_layers


def points(xy, **columns):
    return gpd.GeoDataFrame(columns, geometry=[Point(each) for each in xy], crs=5179)


def layers():
    """Two buses; stations A and I (Jeju) are in the embedded table, the user's own are not."""
    headroom = pd.DataFrame(
        [("A", 154, "7"), ("A", 345, "9"), ("I", 154, None)],
        columns=["station_id", "voltage_kv", "bus_id"],
    )
    vectors = {
        "stations": points(
            [(0, 0), (10, 0), (90, 0), (95, 0), (0, 0)],
            station_id=["A", "OWN1", "OWN2", "OWN-I", "I"],
            province_code=["46", "46", "46", "50", "50"],
        ),
        "new_stations": points([(99, 0)], station_id=["N"], province_code=["46"]),
        "case_buses": points([(0, 0), (100, 0)], bus_id=[7, 9]),
    }
    return SimpleNamespace(embedded=lambda _name: headroom, vector=lambda name: vectors[name])


def buses_of(*levels):
    options = pd.DataFrame(levels, columns=["station_id", "station_kv"])
    found = with_buses(options, layers())
    assert "bus_id" not in options
    return found["bus_id"].tolist()


def test_a_station_level_has_the_bus_of_the_table():
    assert buses_of(("A", 154.0), ("A", 345.0), ("A", 154.0)) == ["7", "9", "7"]


def test_a_station_that_may_be_built_hangs_on_the_nearest_bus():
    assert buses_of(("N", 345.0)) == ["9"]


def test_a_station_of_the_users_own_hangs_on_the_nearest_bus():
    assert buses_of(("OWN2", 154.0), ("OWN1", 345.0), ("OWN2", 345.0)) == ["9", "7", "9"]


def test_a_bus_that_the_users_own_case_lacks_is_replaced_by_the_nearest_it_has():
    found = layers()
    own = points([(0, 0), (50, 0)], bus_id=[7, 801])
    stations = found.vector("stations").assign(geometry=[Point(60, 0)] * 5)
    new = found.vector("new_stations")
    found.vector = {"stations": stations, "new_stations": new, "case_buses": own}.get
    options = pd.DataFrame(
        [("A", 154.0), ("A", 345.0), ("I", 154.0)], columns=["station_id", "station_kv"]
    )
    assert with_buses(options, found)["bus_id"].tolist() == ["7", "801", ""]


def test_on_jeju_no_bus_serves():
    assert buses_of(("I", 154.0), ("OWN-I", 154.0)) == ["", ""]


def test_the_order_of_the_options_stays():
    levels = [("OWN2", 154.0), ("A", 345.0), ("I", 154.0), ("OWN1", 154.0), ("A", 154.0)]
    assert buses_of(*levels) == ["9", "9", "", "7", "7"]


def test_no_options_have_no_buses():
    assert buses_of() == []


@pytest.fixture(scope="module")
def embedded():
    found = open_layers()
    levels = found.embedded("headroom")[["station_id", "voltage_kv"]]
    options = levels.rename(columns={"voltage_kv": "station_kv"})
    return found, with_buses(options, found)


def test_all_embedded_levels_outside_jeju_have_a_bus_of_the_case(embedded):
    found, options = embedded
    stations = found.vector("stations").set_index("station_id")["province_code"]
    on_island = (options["station_id"].map(stations).astype(str) == "50").to_numpy()
    assert on_island.any()
    assert (options.loc[on_island, "bus_id"] == "").all()
    known = set(found.vector("case_buses")["bus_id"].astype(str))
    assert set(options.loc[~on_island, "bus_id"]) <= known
