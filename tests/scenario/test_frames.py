"""Frames in place of files: kept by content, read as the file would be, refused in one line."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import siteopt
from siteopt.errors import LayerError, ScenarioError
from siteopt.layers import open_layers
from siteopt.scenario import load_scenario
from siteopt.scenario.changes import changed_scenario
from siteopt.scenario.frames import file_of_frame, is_frame
from siteopt.sites.parcels import read_parcels
from siteopt.stages.keys import scenario_token


@pytest.fixture
def parcels():
    """Two squares of 60 ha in South Jeolla; a code with a zero before it, a number with digits."""
    centres = [(126.70, 34.75), (126.72, 34.90)]
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*centres, strict=True)), crs=4326).to_crs(5179)
    return gpd.GeoDataFrame(
        {
            "site_id": ["A1", "A2"],
            "name_ko": ["가", "나"],
            "note": ["007", "1/3"],
            "x": [1 / 3, 2.0],
        },
        geometry=points.buffer(390, cap_style="square"),
    )


def test_the_same_content_is_the_same_file(parcels):
    first, again = file_of_frame(parcels, "parcels"), file_of_frame(parcels.copy(), "parcels")
    assert first == again
    assert first.name == "parcels (in memory).gpkg"
    moved = parcels.set_geometry(parcels.translate(1.0))
    other = file_of_frame(moved, "parcels")
    assert other.name == first.name
    assert other != first
    assert file_of_frame(parcels.set_index("site_id", drop=False), "parcels") == first


def test_what_a_frame_is(parcels):
    assert is_frame(parcels)
    assert is_frame(pd.DataFrame())
    assert not any(map(is_frame, ["x", {}, [], None, parcels.geometry, np.zeros(1)]))


def test_parcels_are_read_as_from_their_file(parcels, tmp_path):
    parcels.to_file(tmp_path / "parcels.gpkg")
    ready = load_scenario("national-2035")
    framed = changed_scenario(ready, {"candidates.parcels": parcels}).candidates.parcels
    from_frame = read_parcels(framed)
    from_file = read_parcels(tmp_path / "parcels.gpkg")
    pd.testing.assert_frame_equal(from_frame, from_file)
    degrees = changed_scenario(ready, {"candidates.parcels": parcels.to_crs(4326)})
    projected = read_parcels(degrees.candidates.parcels)
    assert projected.crs.to_epsg() == 5179
    assert (projected.geometry.centroid.distance(from_file.geometry.centroid) < 0.01).all()


def test_layers_are_given_as_frames_wherever_files_are(parcels):
    embedded = open_layers()
    headroom = embedded.table("headroom").head(50)
    own = {"headroom": headroom, "mine": parcels.to_crs(4326)}
    scenario = load_scenario("national-2035", layers=own, changes={"spacing_km": 41})
    assert scenario.spacing_km == 41
    layers = open_layers(scenario)
    pd.testing.assert_frame_equal(layers.table("headroom"), headroom.reset_index(drop=True))
    assert layers.replaced("headroom")
    assert layers.vector("mine").crs.to_epsg() == 5179
    assert layers.vector("mine")["note"].tolist() == ["007", "1/3"]
    entry = layers.entry("mine")
    assert entry.file == "mine (in memory).gpkg"
    assert len(entry.sha256) == 64
    fields = scenario.model_dump()
    assert siteopt.Scenario(**fields) == scenario
    assert siteopt.Scenario(**fields | {"layers": own}) == scenario


def test_points_may_come_as_a_table_of_degrees():
    table = pd.DataFrame({"id": ["p"], "lon": [126.7], "lat": [34.75]})
    layers = open_layers(load_scenario("national-2035", layers={"mine": table}))
    assert layers.kind("mine") == "vector"
    assert layers.vector("mine").geometry.iloc[0].distance(shapely.Point(0, 0)) > 1e6


def test_the_area_of_a_tariff_zone_is_a_frame_too(parcels):
    zone = {"name": "south", "area": parcels, "delta_krw_kwh": -5}
    scenario = load_scenario("national-2035", changes={"energy.zones": [zone]})
    assert scenario.energy.zones[0].area == "zone_south"
    assert open_layers(scenario).vector("zone_south")["site_id"].tolist() == ["A1", "A2"]


def test_content_is_what_a_stage_goes_by(parcels):
    ready = load_scenario("national-2035")
    token = [
        scenario_token(changed_scenario(ready, {"candidates.parcels": frame}).candidates)
        for frame in (parcels, parcels.copy(), parcels.assign(note="other"))
    ]
    assert token[0] == token[1]
    assert token[0] != token[2]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: p.set_crs(None, allow_override=True), r"parcels \(in memory\): no CRS; "),
        (lambda p: gpd.GeoDataFrame(p.drop(columns="geometry")), "no geometry is set"),
        (lambda p: p.assign(other=p.geometry), "cannot be kept as a GeoPackage"),
        (lambda p: p.set_axis(["a", "a", "b", "c", "geometry"], axis=1), "column a stands twice"),
    ],
)  # fmt: skip
def test_a_frame_that_cannot_be_is_told_in_one_line(parcels, spoil, message):
    with pytest.raises((LayerError, ScenarioError), match=message) as told:
        load_scenario("national-2035", changes={"candidates.parcels": spoil(parcels)})
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 400


def test_a_schema_holds_for_frames_as_for_files(parcels):
    bad = open_layers().table("headroom").head(3).drop(columns="headroom_mw")
    layers = open_layers(load_scenario("national-2035", layers={"headroom": bad}))
    with pytest.raises(LayerError, match=r"headroom \(in memory\).csv.*headroom_mw"):
        layers.table("headroom")
    far = parcels.translate(3e6)
    layers = open_layers(load_scenario("national-2035", layers={"mine": parcels.set_geometry(far)}))
    with pytest.raises(LayerError, match="mine \\(in memory\\)"):
        layers.vector("mine")
