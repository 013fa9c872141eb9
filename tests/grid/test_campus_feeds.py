"""Feeds of campuses on flat ground: which stations, what lines and works cost, whose level."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from siteopt.errors import LayerError
from siteopt.grid.campus_feeds import (
    connect_campuses,
    with_campus_options,
    with_campus_stations,
)
from siteopt.grid.connections import OPTION_COLUMNS, Connections
from siteopt.scenario import Campus, Candidates, Connection, Solver

PARAMETERS = {
    "campus_feed345_mw": 4000, "campus_feed765_mw": 14000, "works_campus345_cost": 100,
    "works_campus765_cost": 400, "works_campus345_lead_time": (9, 13),
    "works_campus765_lead_time": (13, 15), "line345_lead_time": (9, 12),
    "line765_lead_time": (13, 15), "line765_oh_cost": 6, "line765_ug_cost": 60,
    "works_station345_cost": 250, "works_station345_lead_time": (10, 14),
    "bays_per_connection": 4, "second_feed_bays": 2,
}  # fmt: skip
ALONG = 3.2 * 0.6
"""bn KRW of a km of 345 kV line on flat ground."""


def points(column: str, ids: list[str], km: list[float], **columns: object) -> gpd.GeoDataFrame:
    """Return places along the x axis."""
    return gpd.GeoDataFrame(
        {column: ids, **columns}, geometry=[Point(1000 * at, 125) for at in km], crs=5179
    )


def stations(km: dict[str, float], **columns: object) -> gpd.GeoDataFrame:
    kinds = {"kind": "substation", "kind_rule": "a rule", "circuits_345": 2, "circuits_765": 0}
    return points("station_id", list(km), list(km.values())).assign(**kinds | columns)


def scenario_of(per_class: int = 2, *, new: bool = False, **campus: object) -> SimpleNamespace:
    classes = [{"voltage_kv": 345, "facility_max_mw": 3900}]
    asked = {"classes": classes, "feed_km": 30} | campus
    connection = Connection.model_validate(
        {
            "options_per_class": per_class, "new_345_stations": new,
            "classes": [{"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400}],
        }
    )  # fmt: skip
    return SimpleNamespace(
        candidates=Candidates(campus=Campus.model_validate(asked)), connection=connection,
        solver=Solver(threads=1),
    )  # fmt: skip


@pytest.fixture
def connected(small):
    """Return a function that connects a campus at 0 km to stations along the x axis."""

    def connect(there, scenario, possible=None):
        new = points("station_id", [], []) if possible is None else possible
        known = small.Known(**PARAMETERS)
        layers = small.layers_of(stations=there, new_stations=new, parameters=known)
        return connect_campuses(points("site_id", ["campus-S1"], [0.125]), layers, scenario)

    return connect


def test_each_station_is_first_feed_and_the_cheapest_other_one_second(connected):
    found = connected(stations({"A": 4.125, "B": 9.125, "C": 14.125}), scenario_of())
    table = found.options.set_index("option_id")
    assert table.index.tolist() == [
        "campus-S1@A&B-345+campus345", "campus-S1@B&A-345+campus345",
    ]  # fmt: skip
    row = table.loc["campus-S1@B&A-345+campus345"]
    assert row["route_km"] == pytest.approx(9)
    assert row["route_bn_krw"] == pytest.approx(9 * ALONG)
    assert row["second_route_km"] == pytest.approx(4)
    # a double circuit, as the first
    assert row["second_feed_bn_krw"] == pytest.approx(4 * ALONG)
    assert row["extra_bays"] == 4 - 2
    assert (row["headroom_mw"], row["relief_mw"], row["facility_max_mw"]) == (0, 4000, 3900)
    assert (row["works"], row["works_bn_krw"], row["works_campus_bn_krw"]) == (
        "campus345",
        100,
        100,
    )
    assert (row["lead_time_years"], row["lead_time_high_years"]) == (9, 13)
    assert row["level_station_id"] == "campus-S1"
    assert set(OPTION_COLUMNS) <= {"option_id", *table.columns}
    assert found.second_routes.table["route_km"].tolist() == pytest.approx([9, 4])


def test_one_station_alone_feeds_no_campus(connected):
    assert connected(stations({"A": 4.125, "B": 40.0}), scenario_of()).options.empty


def test_a_station_that_may_be_built_is_a_first_feed_at_the_cost_of_both_works(connected):
    possible = points("station_id", ["N1"], [1.125])
    found = connected(
        stations({"A": 4.125, "B": 9.125}), scenario_of(per_class=1, new=True), possible
    )
    table = found.options.set_index("station_id")
    assert table["works"].to_dict() == {"A": "campus345", "N1": "campus345+station345"}
    assert table.loc["N1", "second_station_id"] == "A"
    assert table.loc["N1", "works_bn_krw"] == 100 + 250
    assert table.loc["N1", "works_campus_bn_krw"] == 100
    assert table.loc["N1", ["lead_time_years", "lead_time_high_years"]].tolist() == [10, 14]


def test_765_kv_needs_stations_of_765_kv(connected):
    classes = [
        {"voltage_kv": 345, "facility_max_mw": 3900}, {"voltage_kv": 765, "facility_max_mw": 8000},
    ]  # fmt: skip
    there = stations({"A": 4.125, "B": 9.125, "C": 14.125}, circuits_765=[0, 2, 2])
    found = connected(there, scenario_of(per_class=1, classes=classes)).options
    high = found[found["voltage_kv"] == 765].iloc[0]
    assert (high["station_id"], high["second_station_id"]) == ("B", "C")
    assert (high["relief_mw"], high["works"], high["lead_time_years"]) == (14000, "campus765", 13)
    assert high["route_bn_krw"] == pytest.approx(9 * 6 * 0.6)


def test_a_missing_parameter_is_named(small):
    known = small.Known(**{key: PARAMETERS[key] for key in PARAMETERS if "campus345" not in key})
    layers = small.layers_of(
        stations=stations({"A": 4.125, "B": 9.125}), parameters=known,
        new_stations=points("station_id", [], []),
    )  # fmt: skip
    with pytest.raises(LayerError, match="no key works_campus345_cost"):
        connect_campuses(points("site_id", ["C"], [0.125]), layers, scenario_of())


def test_a_campus_has_a_station_level_of_its_own(connected):
    found = connected(stations({"A": 4.125, "B": 9.125}), scenario_of()).options
    room = pd.DataFrame(
        {
            "station_id": ["A"], "voltage_kv": [345.0], "headroom_mw": [70.0], "year": [2031],
            "bus_id": pd.array([7], dtype="Int64"), "area_id": ["46"],
        }
    )  # fmt: skip
    levels = with_campus_stations(room, found)
    assert levels["station_id"].tolist() == ["A", "campus-S1"]
    assert levels["headroom_mw"].tolist() == [70, 0]
    assert levels["year"].tolist() == [2031, 2031]
    assert levels["area_id"].tolist() == ["46", ""]


def test_options_of_tiles_draw_on_their_stations(connected):
    campuses = connected(stations({"A": 4.125, "B": 9.125}), scenario_of())
    tiles = Connections(
        campuses.options.drop(columns=["level_station_id", "extra_bays", "works_campus_bn_krw"]),
        campuses.routes,
        campuses.second_routes,
    )
    both = with_campus_options(tiles, campuses)
    assert both.options["level_station_id"].tolist() == ["A", "B", "campus-S1", "campus-S1"]
    assert both.options["extra_bays"].tolist() == [0, 0, 2, 2]
    assert len(both.routes.table) == 4
    nothing = Connections.none(campuses.routes.lattice)
    assert with_campus_options(nothing, campuses) is campuses
    assert np.isfinite(both.options["route_bn_krw"].astype(float)).all()
