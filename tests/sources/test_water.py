"""Rivers and basins: closed forms of drainage, names, basins without gaps, the embedded layers."""

import warnings
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import Lattice
from siteopt.sources import water
from siteopt.sources._basins import (
    Basin,
    basin_areas_km2,
    basin_polygons,
    basins_on_lattice,
    label_points,
)
from siteopt.sources._dem import Dem
from siteopt.sources._flow import Flow
from siteopt.sources._rivers import KnownRiver, distances_m, name_streams, river_lines
from tests.examples import examples

pytest.importorskip("pyflwdir", reason="only `siteopt layers build` needs pyflwdir")

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
CELL = 0.002
SHAPE = (40, 31)
CELL_KM2 = 111.13 * 111.32 * CELL**2 * np.cos(np.radians(35.96))


def _route(heights: np.ndarray) -> Flow:
    from siteopt.sources._flow import route  # noqa: PLC0415 - after the skip

    dem = Dem(heights.astype(np.float32), from_origin(127.0, 36.0, CELL, CELL))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba's, while pyflwdir compiles
        return route(dem, sea=heights <= 0)


def _valley() -> np.ndarray:
    """A valley along column 15, falling south to the sea in the last row."""
    row, col = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    heights = 10.0 + 2 * (SHAPE[0] - row) + 5 * np.abs(col - 15)
    heights[-1] = 0
    return heights


def _fork() -> np.ndarray:
    """Two valleys that meet in row 20."""
    row, col = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    apart = np.maximum(0, (20 - row) // 2 + (row < 20))
    heights = 10.0 + 2 * (SHAPE[0] - row) + 5 * np.abs(np.abs(col - 15) - apart)
    heights[-1] = 0
    return heights


def test_a_valley_brings_all_its_land_to_one_mouth() -> None:
    flow = _route(_valley())
    land = flow.down >= 0
    mouth = int(np.argmax(flow.upstream_km2))
    assert divmod(mouth, SHAPE[1]) == (38, 15)
    side = flow.mouth[land] != mouth
    # only cells of the last land row drain to the sea beside the mouth
    assert set(np.flatnonzero(land)[side] // SHAPE[1]) <= {37, 38}
    assert flow.upstream_km2[mouth] == pytest.approx((~side).sum() * CELL_KM2, rel=2e-3)


@examples(15)
@given(st.integers(0, 10_000))
def test_water_is_neither_lost_nor_made(seed: int) -> None:
    heights = np.random.default_rng(seed).uniform(1, 100, SHAPE)
    heights[:, 0] = 0
    flow = _route(heights)
    land = np.flatnonzero(flow.down >= 0)
    mouths = np.unique(flow.mouth[land])
    assert (flow.down[mouths] == mouths).all()
    assert flow.upstream_km2[mouths].sum() == pytest.approx(len(land) * CELL_KM2, rel=2e-3)
    assert (flow.upstream_km2[flow.down[land]] >= flow.upstream_km2[land]).all()


def test_a_hollow_fills_and_runs_over() -> None:
    heights = _valley()
    heights[18:22, 13:18] = 3
    assert _route(heights).upstream_km2.max() == pytest.approx(
        _route(_valley()).upstream_km2.max(), rel=0.02
    )


def test_a_lowered_channel_leads_the_river_another_way() -> None:
    dem = Dem(_valley().astype(np.float32), from_origin(127.0, 36.0, CELL, CELL))
    lon = 127 + CELL * (np.array([15, 22, 22]) + 0.5)
    lat = 36 - CELL * (np.array([25, 32, 38.4]) + 0.5)
    path = np.column_stack([lon, lat]).tolist()
    low = water.lower_channels(dem, ({"path": path, "lower_m": 60},))
    flow = _route(np.where(dem.height_m == 0, 0, np.maximum(low.height_m, 0.5)))
    assert divmod(int(np.argmax(flow.upstream_km2)), SHAPE[1])[1] == 22
    assert (low.height_m <= dem.height_m).all()


def test_segments_meet_at_the_fork_and_orders_follow_strahler() -> None:
    flow = _route(_fork())
    streams = flow.streams(6.0)
    parts = flow.segments(streams)
    assert sorted(part.strahler for part in parts) == [1, 1, 2]
    trunk = next(part for part in parts if part.strahler == 2)
    assert {part.cells[-1] for part in parts if part is not trunk} == {trunk.cells[0]}
    assert trunk.last == trunk.cells[-1]  # it ends in the sea
    for part in parts:
        assert (np.diff(flow.upstream_km2[part.cells]) > 0).all()
    drawn = {cell for part in parts for cell in part.cells}
    assert drawn == set(streams.tolist())


def test_a_name_needs_the_right_area_and_runs_up_the_main_branch() -> None:
    flow = _route(_fork())
    streams = flow.streams(6.0)
    parts = flow.segments(streams)
    trunk = next(part for part in parts if part.strahler == 2)
    branch = next(part for part in parts if part.strahler == 1)
    main = KnownRiver("본류", "Main", 0, 0, 1)
    lon, lat = flow.lonlat([branch.cells[len(branch.cells) // 2]])
    area = float(flow.upstream_km2[branch.last])
    side = KnownRiver("지류", "Side", float(lon[0]), float(lat[0]), area)
    wrong = replace(side, name_en="Wrong", area_km2=area * 10)
    names, found = name_streams(
        flow, streams, {trunk.cells[-1]: main}, [side, wrong], reach_m=3000, tolerance=0.3
    )
    assert [river.name_en for river, _ in found] == ["Side"]
    assert names[trunk.last] is main
    assert names[branch.last] is side
    # the two branches: one is the side river, the main river goes up the other or is taken over
    assert {river.name_en for river in names.values()} == {"Main", "Side"}


def test_lines_carry_the_area_and_are_cut_to_the_land() -> None:
    flow = _route(_fork())
    streams = flow.streams(6.0)
    basin = Basin("b", "강", "River", None, (), ((120, 30, 130, 40),))
    basins = dict.fromkeys(streams.tolist(), basin)
    whole = shapely.box(0, 0, 3e6, 3e6)
    lines = river_lines(flow, streams, {}, basins, whole)
    assert len(lines) == 3
    assert lines["river_id"].is_unique
    assert lines["name_ko"].eq("강 수계 지류").all()
    assert lines["upstream_km2"].max() == pytest.approx(float(flow.upstream_km2.max()))
    west, south, east, north = lines.total_bounds
    half = shapely.box(west - 1, south - 1, east + 1, (south + north) / 2)
    cut = river_lines(flow, streams, {}, basins, half)
    assert 0 < cut.length.sum() < lines.length.sum()
    assert cut.covered_by(half.buffer(1e-6)).all()


def test_the_first_basin_with_the_point_takes_it() -> None:
    first = Basin("a", "가", "A", None, (), ((127, 35, 128, 36),))
    rest = Basin("b", "나", "B", None, (), ((120, 30, 130, 40),))
    labels = label_points(
        np.array([127.5, 126.0, 140.0]), np.array([35.5, 35.5, 35.5]), [first, rest]
    )
    assert labels.tolist() == [1, 2, 0]


def test_basins_cover_the_wanted_cells_and_share_their_border() -> None:
    row, col = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    heights = 10.0 + 5 * np.minimum(col, SHAPE[1] - 1 - col)  # a ridge between two coasts
    heights[:, [0, -1]] = 0
    flow = _route(heights)
    basins = (
        Basin("west", "서", "West", None, (), ((126.0, 35, 127.03, 37),)),
        Basin("east", "동", "East", None, (), ((127.03, 35, 128, 37),)),
    )
    lattice = Lattice.covering((953_000, 1_766_000, 963_000, 1_780_000), 250)
    wanted = np.ones(lattice.shape, dtype=bool)
    labels = basins_on_lattice(flow, basins, lattice, wanted)
    assert set(np.unique(labels)) == {1, 2}
    shapes = basin_polygons(labels, basins, lattice, tolerance_m=500)
    assert shapes["basin_id"].tolist() == ["west", "east"]
    assert shapely.coverage_is_valid(shapes.geometry.to_numpy())
    assert shapes.area.sum() == pytest.approx(labels.size * 250**2, rel=0.01)
    land = gpd.GeoSeries([shapely.box(*lattice.bounds_m)], crs=5179)
    areas = basin_areas_km2(labels, land, lattice, 2)
    assert areas.sum() == pytest.approx(labels.size * 0.0625)
    assert basins_on_lattice(flow, basins, lattice, ~wanted).max() == 0
    assert row.shape == col.shape


def test_distances_are_those_of_points_along_the_known_river() -> None:
    known = gpd.GeoSeries([shapely.LineString([(0, 0), (4000, 0)])], crs=5179)
    ours = gpd.GeoSeries([shapely.LineString([(0, 300), (4000, 300)])], crs=5179)
    assert distances_m(known, ours) == pytest.approx(np.full(9, 300.0))


def test_a_dam_on_an_unknown_river_is_said(tmp_path: Path) -> None:
    with pytest.raises(LayerFileError, match=r"dams\.csv: not there"):
        water._dams(tmp_path, water.read_settings())
    (tmp_path / "dams.csv").write_text(
        "name_ko,name_en,river,lat,lon,total_storage_mcm,source,confidence\n"
        "가댐,Ga,없는강,36,127,1,s,c\n",
        encoding="utf-8",
    )
    with pytest.raises(LayerError, match="dam 가댐: river '없는강' belongs to no basin"):
        water._dams(tmp_path, water.read_settings())


@pytest.fixture(scope="module")
def rivers() -> gpd.GeoDataFrame:
    return gpd.read_file(REFERENCE / "rivers.geojson")


@pytest.fixture(scope="module")
def basins() -> gpd.GeoDataFrame:
    return gpd.read_file(REFERENCE / "basins.geojson")


@pytest.mark.national
def test_embedded_basins_have_the_areas_they_are_known_by(basins: gpd.GeoDataFrame) -> None:
    area = basins.set_index("basin_id")["area_km2"]
    wanted = water.read_settings()
    assert set(area.index) == {basin.id for basin in wanted.basins}
    for basin in wanted.basins:
        if basin.published_km2 is not None:
            assert area[basin.id] == pytest.approx(basin.published_km2, rel=0.02)
    assert area["jeju"] == pytest.approx(1850, rel=0.02)
    assert area.sum() == pytest.approx(100_400, rel=0.01)
    assert basins.geometry.is_valid.all()


@pytest.mark.national
def test_embedded_rivers_lie_in_their_basins(
    rivers: gpd.GeoDataFrame, basins: gpd.GeoDataFrame
) -> None:
    assert rivers["river_id"].is_unique
    assert rivers["upstream_km2"].min() >= 150
    lines = rivers.to_crs(5179).set_index("basin_id")
    shapes = basins.to_crs(5179).set_index("basin_id").geometry.make_valid()
    for basin_id, group in lines.groupby(level=0):
        inside = group.geometry.intersection(shapes[basin_id].buffer(1000)).length.sum()
        assert inside > 0.97 * group.geometry.length.sum()


@pytest.mark.national
@pytest.mark.parametrize(
    ("name", "lon", "lat"),
    [
        ("Han River", 126.99, 37.515),  # Banpo
        ("Nakdong River", 128.995, 35.215),  # Gupo
        ("Geum River", 127.12, 36.46),  # Gongju
        ("Seomjin River", 127.62, 35.18),  # Hwagae
        ("Yeongsan River", 126.71, 35.02),  # Naju
        ("Soyang River", 127.815, 37.945),  # Soyanggang dam
    ],
)
def test_embedded_rivers_pass_known_places(
    rivers: gpd.GeoDataFrame, name: str, lon: float, lat: float
) -> None:
    place = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(5179)[0]
    own = rivers[rivers["name_en"] == name].to_crs(5179)
    assert own.distance(place).min() < 3000


@pytest.mark.national
def test_embedded_dams_give_their_storage_to_their_basins(basins: gpd.GeoDataFrame) -> None:
    dams = pd.read_csv(REFERENCE / "dams.csv")
    assert dams["dam_id"].is_unique
    assert dams["basin_id"].isin(basins["basin_id"]).all()
    held = dams.groupby("basin_id")["storage_mcm"].sum()
    stored = basins.set_index("basin_id")["storage_mcm"]
    for basin_id in stored.index:
        assert stored[basin_id] == pytest.approx(held.get(basin_id, 0.0), abs=0.1)
    placed = dams.dropna(subset=["lon"])
    points = gpd.points_from_xy(placed["lon"], placed["lat"])
    there = gpd.GeoDataFrame(placed, geometry=points, crs=4326).sjoin(basins, predicate="within")
    assert (there["basin_id_left"] == there["basin_id_right"]).sum() == len(placed)
