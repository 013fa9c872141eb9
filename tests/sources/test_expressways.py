"""Expressways: generalised, partial, and said to be so."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers import list_layers, open_layers
from siteopt.sources import expressways

PLACE = "transport/expressways_23_its_2018.geojson"


def test_lines_are_generalised_to_a_hundred_metres(tmp_path: Path) -> None:
    (tmp_path / "transport").mkdir()
    bend = LineString([(127.0, 36.0), (127.05, 36.0003), (127.1, 36.0), (127.1, 36.1)])
    routes = gpd.GeoDataFrame({"route": ["가"], "route_km": [20.0]}, geometry=[bend], crs=4326)
    routes.to_file(tmp_path / PLACE, driver="GeoJSON")
    out = expressways.expressways(tmp_path)
    assert len(out.geometry.iloc[0].coords) == 3  # 30 m of bend are not kept, the corner is
    assert out["length_km"].tolist() == [20.0]
    assert out.geometry.iloc[0].hausdorff_distance(routes.to_crs(5179).geometry.iloc[0]) < 100


def test_a_missing_file_or_column_is_said(tmp_path: Path) -> None:
    with pytest.raises(LayerFileError, match="not there; `--sources`"):
        expressways.expressways(tmp_path)
    (tmp_path / "transport").mkdir()
    line = LineString([(127.0, 36.0), (127.1, 36.0)])
    gpd.GeoDataFrame({"name": ["가"]}, geometry=[line], crs=4326).to_file(
        tmp_path / PLACE, driver="GeoJSON"
    )
    with pytest.raises(LayerError, match="column route is missing"):
        expressways.expressways(tmp_path)


@pytest.mark.national
def test_embedded_expressways_are_two_thirds_and_say_what_is_missing() -> None:
    roads = open_layers().vector("expressways")
    assert len(roads) == 24
    assert roads["length_km"].sum() == pytest.approx(3270, abs=10)
    # both carriageways are drawn: half of the drawn length is that of the route
    drawn_km = roads.geometry.length / 2000
    gyeongbu = roads["route_ko"].str.startswith("경부")
    assert drawn_km[gyeongbu].iloc[0] == pytest.approx(416, rel=0.03)
    said = list_layers().set_index("id").loc["expressways", "not_good_for"]
    assert "4,900 km" in said
    assert "Namhae" in said
