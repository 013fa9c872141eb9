"""Stations of a run stand where its GeoPackage has them, else where lines end."""

import geopandas as gpd
import pandas as pd
import shapely

from siteopt.runs.frames import fed_stations, route_lines, station_points

LINES = gpd.GeoDataFrame(
    {"site_id": ["S", "S"], "feed": [1, 1], "stretch": [1, 2], "station_id": ["N1", "N1"]},
    geometry=[shapely.LineString([(0, 0), (1, 1)]), shapely.LineString([(1, 1), (5, 5)])],
    crs=5179,
)
OPTIONS = pd.DataFrame(
    {"site_id": ["S", "S"], "station_id": ["N1", "N2"], "station_kv": [154.0, 154.0], "headroom_mw": [90.0, 10.0], "area_id": ["A", None]}
)  # fmt: skip
RANKING = pd.DataFrame({"station_id": ["N1"], "station_name_ko": ["가"], "station_name_en": ["A"]})
LIMITS = [{"family": "stations", "limit": "N1 154 kV", "used": 40.0, "at_most": 95.0}]


def test_points_come_from_the_layer_or_the_ends_of_lines(tmp_path):
    file = tmp_path / "sites.gpkg"
    LINES.to_file(file, layer="connections")
    assert station_points(file) == {}
    routes = route_lines(file)
    bare = fed_stations(RANKING, OPTIONS, routes, LIMITS, station_points(file))
    assert bare.geometry.iloc[0] == shapely.Point(5, 5)
    assert bare.geometry.iloc[1] is None
    assert bare["name_ko"].tolist() == ["가", ""]
    assert bare["used_mw"].tolist() == [40.0, 0.0]
    assert bare["available_mw"].iloc[0] == 95.0
    points = gpd.GeoDataFrame({"station_id": ["N1", "N2"]}, geometry=[shapely.Point(6, 6), shapely.Point(7, 7)], crs=5179)  # fmt: skip
    points.to_file(file, layer="stations")
    placed = fed_stations(RANKING, OPTIONS, routes, LIMITS, station_points(file))
    assert placed.geometry.tolist() == [shapely.Point(6, 6), shapely.Point(7, 7)]
