"""Outlines of sites: the land that each was measured on, and none where none is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siteopt.sites.outlines import site_outlines
from siteopt.sites.parcels import parcel_sites
from siteopt.sites.pieces import find_pieces
from siteopt.sites.tiles import find_sites
from tests.sites import test_parcels as parcels_world
from tests.sites import test_tiles as tiles_world


class Lots:
    """Layers of the tiles, with the user's lots of complexes."""

    ids = ("industrial_lots",)

    def __init__(self, world, lots):
        self.world, self.lots = world, lots

    def vector(self, name):
        return self.lots if name == "industrial_lots" else self.world.vector(name)

    def raster(self, name):
        return self.world.raster(name)


@pytest.fixture
def question():
    return tiles_world.Question(it_min_mw=40.0, it_max_mw=400.0)


@pytest.fixture
def eligibility():
    """Two tiles of 2.5 km: the western all eligible but a hole, the eastern in two pieces."""
    cells = np.ones((10, 20), dtype=bool)
    cells[4:6, 4:6] = False
    cells[:, 15] = False
    return tiles_world.eligibility_of(cells)


def lots(points, name="C1"):
    shapes = shapely.points(np.array(points, dtype=np.float64))
    return gpd.GeoDataFrame({"complex_id": [name] * len(points)}, geometry=shapes, crs=5179)


def test_a_tile_is_outlined_by_the_cells_of_its_piece(question, eligibility):
    world = tiles_world.World(eligibility.lattice)
    world.ids = ()
    sites = find_sites(eligibility, world, question)
    found = site_outlines(sites, eligibility, world, question).set_index("site_id")
    assert found.index.tolist() == sites["site_id"].tolist()
    assert set(found["outline"]) == {"piece"}
    assert np.allclose(found.area / 1e4, sites["eligible_ha"])
    assert set(found.geom_type) == {"MultiPolygon"}
    assert found.geometry.contains(sites.set_index("site_id").geometry).all()
    pieces = find_pieces(eligibility, world, question)
    x, y = eligibility.lattice.centres_m(pieces.rows, pieces.cols)
    owner = np.asarray(found.geometry)[pieces.site]
    assert shapely.contains_xy(owner, x, y).all()
    holes = [len(part.interiors) for one in found.geometry for part in one.geoms]
    assert holes == [1, 0]


def test_a_complex_has_an_outline_only_where_its_lots_are_known(question, eligibility):
    corners = [(0, 0), (1_000, 0), (1_000, 500), (0, 500), (400, 200)]
    layers = Lots(
        tiles_world.World(eligibility.lattice),
        pd.concat([lots(corners), lots([(0, 0), (900, 0), (1_800, 0)], "C2")], ignore_index=True),
    )
    sites = pd.DataFrame({"site_id": ["C1", "C2", "C3"], "kind": "complex"})
    found = site_outlines(sites, eligibility, layers, question)
    assert found["site_id"].tolist() == ["C1"]  # C2 lies in a line, C3 has no lot
    assert found["outline"].tolist() == ["lots"]
    assert found.area.tolist() == [500_000.0]


def test_a_campus_is_the_land_of_its_parts(question, eligibility):
    world = tiles_world.World(eligibility.lattice)
    world.ids = ()
    tiles = find_sites(eligibility, world, question)
    west, east = tiles["site_id"]
    campus = pd.DataFrame(
        {
            "site_id": [f"campus-{west}", west], "kind": ["campus", "tile"],
            "campus_parts": [f"{west};{east};C9", west],
        }
    )  # fmt: skip
    found = site_outlines(campus, eligibility, world, question).set_index("site_id")
    assert found["outline"].to_dict() == {f"campus-{west}": "parts", west: "piece"}
    assert found.loc[f"campus-{west}"].geometry.area == pytest.approx(
        tiles["eligible_ha"].sum() * 1e4
    )


def test_a_parcel_keeps_the_polygon_of_its_user_and_a_point_has_none(tmp_path):
    own = parcels_world.parcels()
    own.loc[2, "geometry"] = own.geometry[2].centroid
    own["area_ha"] = [100.0, 81.0, 400.0]
    own.to_file(tmp_path / "own.gpkg")
    question = parcels_world.Question(tmp_path / "own.gpkg", screened=False)
    cells = np.ones(parcels_world.LATTICE.shape, dtype=bool)
    eligibility = tiles_world.eligibility_of(cells, parcels_world.LATTICE)
    sites = parcel_sites(eligibility, parcels_world.World(), question)
    found = site_outlines(sites, eligibility, parcels_world.World(), question)
    assert len(sites) == 3
    assert found["site_id"].tolist() == ["a-1", "b-2"]
    assert set(found["outline"]) == {"parcel"}
    wanted = own.set_index("site_id").geometry[found["site_id"]]
    assert shapely.equals(found.geometry.to_numpy(), wanted.to_numpy()).all()
