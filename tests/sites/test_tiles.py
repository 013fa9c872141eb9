from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError, LayerError
from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.scenario import Build, Candidates, Screening
from siteopt.screening import Eligibility
from siteopt.sites.pieces import SLOPE_LADDER_DEG, find_pieces
from siteopt.sites.tiles import find_sites, it_max_mw, locate
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

X, Y = 1_000_000.0, 1_900_000.0


class Question:
    """The parts of a scenario that candidates read."""

    def __init__(
        self, tile_m: float = 2_500.0, piece_mw: float | None = None, **build: float
    ) -> None:
        self.candidates = Candidates(tile_m=tile_m, piece_mw=piece_mw)
        self.build = Build(**build)
        self.screening = Screening.model_construct()


class World:
    """Two districts and a plain of even slope that rises to the east."""

    ids: Sequence[str] = ("districts", "elevation", "slope")

    def __init__(self, lattice: Lattice) -> None:
        x_min, y_min, x_max, y_max = lattice.bounds_m
        middle = (x_min + x_max) / 2
        self.districts = gpd.GeoDataFrame(
            {
                "district_code": ["46870", "46110"],
                "province_code": ["46", "46"],
                "name_ko": ["영광군", "목포시"],
                "name_en": ["Yeonggwang-gun", "Mokpo-si"],
            },
            geometry=[
                shapely.box(x_min, y_min, middle, y_max),
                shapely.box(middle, y_min, x_max - 300.0, y_max),
            ],
            crs=5179,
        )
        east = np.arange(lattice.n_cols, dtype=np.float32)
        self.rasters = {
            "slope": np.broadcast_to(np.float32(2.0), lattice.shape).copy(),
            "elevation": np.broadcast_to(east, lattice.shape).copy(),
        }
        self.lattice = lattice

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        assert layer_id == "districts"
        return self.districts

    def raster(self, layer_id: str) -> Raster:
        return Raster(self.rasters[layer_id], self.lattice, float("nan"), layer_id)


def eligibility_of(eligible: Any, lattice: Lattice | None = None) -> Eligibility:
    cells = np.asarray(eligible, dtype=bool)
    frame = lattice or Lattice(X, Y, 250.0, *cells.shape)
    reasons = np.where(cells, 0, 1).astype(np.uint32)
    return Eligibility(frame, reasons, np.ones(cells.shape, dtype=bool), (), ())


def pieces_of(eligibility: Eligibility, question: Any, slope: Any = None) -> Any:
    world = World(eligibility.lattice)
    if slope is not None:
        world.rasters["slope"] = np.asarray(slope, dtype=np.float32)
    return find_pieces(eligibility, world, question)


def picture(text: str) -> Any:
    rows = [line.strip() for line in text.strip().splitlines()]
    width = max(len(row) for row in rows)
    cells = np.zeros((10, 20), dtype=bool)
    for at, row in enumerate(rows):
        cells[at, :width] = [letter == "#" for letter in row.ljust(width, ".")]
    return cells


def test_one_site_a_tile_from_its_largest_contiguous_piece() -> None:
    # Tiles are 10 by 10 cells, their borders on multiples of 2,500 m: X and Y lie on one.
    cells = picture(
        """
        ##......##  ##........
        ##.###..#.  ##........
        ...###....  ..........
        ...####...  ..........
        .......###  ###.......
        """.replace("  ", "")
    )
    eligibility = eligibility_of(cells)
    pieces = find_pieces(eligibility, World(eligibility.lattice), Question(it_min_mw=20))
    assert pieces.site_ids.tolist() == ["S2000-3795", "S2005-3795"]
    # West: 3 + 3 + 4 cells (the 3 in the fifth row touch by a corner only). East: the block of 4
    # wins over the row of 3, and neither reaches across the border of the tile.
    assert pieces.area_ha.tolist() == [10 * 6.25, 4 * 6.25]
    raster = pieces.raster()
    assert sorted(np.unique(raster)) == [-1, 0, 1]
    assert raster[1:4, 3:7].tolist() == [[0, 0, 0, -1], [0, 0, 0, -1], [0, 0, 0, 0]]
    # The middle of the 3 by 3 block is the deepest cell.
    assert (pieces.point_rows[0], pieces.point_cols[0]) == (2, 4)
    # All four cells of a 2 by 2 block are alike: the first by row and column.
    assert (pieces.point_rows[1], pieces.point_cols[1]) == (0, 10)


def test_the_table_of_sites() -> None:
    cells = np.zeros((10, 40), dtype=bool)
    cells[2:6, 12:16] = True
    cells[5:7, 37:39] = True
    cells[0, 0] = True
    eligibility = eligibility_of(cells)
    world = World(eligibility.lattice)
    sites = find_sites(eligibility, world, Question(it_min_mw=60))
    assert sites.crs.to_epsg() == 5179
    assert sites["site_id"].tolist() == ["S2005-3795", "S2015-3795"]  # 6.25 ha hold 40 MW only
    assert sites["eligible_ha"].tolist() == [100.0, 25.0]
    assert set(sites["kind"]) == {"tile"}
    assert set(sites["complex_id"]) == {""}
    assert sites["it_max_mw"].tolist() == [820.0, 200.0]  # 833 and 208 in blocks of 20
    assert sites["name_ko"].tolist() == ["영광군 S2005-3795", "목포시 S2015-3795"]
    assert sites["name_en"].tolist()[1] == "Mokpo-si S2015-3795"
    assert sites["district_code"].tolist() == ["46870", "46110"]
    assert sites["province_code"].tolist() == ["46", "46"]
    assert sites["slope_mean_deg"].tolist() == [2.0, 2.0]
    assert sites["elevation_m"].tolist() == [13.5, 37.5]
    at = sites.iloc[0]
    assert (at.geometry.x, at.geometry.y) == (at["x_m"], at["y_m"])
    again = gpd.GeoSeries(gpd.points_from_xy(sites["lon"], sites["lat"]), crs=4326).to_crs(5179)
    assert (again.distance(sites.geometry) < 0.2).all()


def test_land_cover_is_a_share_of_the_piece_where_its_layer_is_there() -> None:
    cells = np.zeros((10, 40), dtype=bool)
    cells[2:6, 12:16] = True
    eligibility = eligibility_of(cells)
    world = World(eligibility.lattice)
    without = find_sites(eligibility, world, Question(it_min_mw=60))
    trees = np.zeros(eligibility.lattice.shape, dtype=np.float32)
    trees[2:4, 12:16] = 0.5  # half of the piece
    trees[0] = 1.0  # none of it
    world.rasters["cover_trees"] = trees
    world.ids = sorted(world.rasters)
    found = find_sites(eligibility, world, Question(it_min_mw=60))
    assert found["cover_trees_pct"].tolist() == [25.0]
    assert found.columns.tolist()[-1] == "geometry"
    assert without.equals(found.drop(columns="cover_trees_pct"))


def test_means_pass_over_what_is_not_known() -> None:
    cells = np.ones((10, 20), dtype=bool)
    eligibility = eligibility_of(cells)
    world = World(eligibility.lattice)
    world.rasters["elevation"][:, :5] = np.nan
    world.rasters["slope"][:, 10:] = np.nan
    sites = find_sites(eligibility, world, Question())
    assert sites["elevation_m"].tolist() == [7.0, 14.5]
    assert sites["slope_mean_deg"].isna().tolist() == [False, True]


def test_a_place_on_no_district_takes_the_nearest_and_a_border_the_lowest_code() -> None:
    lattice = Lattice(X, Y, 250.0, 10, 20)
    world = World(lattice)
    x = np.array([X + 4_990.0, X + 2_500.0, X - 9_000.0])
    found = locate(x, np.full(3, Y - 1_000.0), world)
    assert found["district_code"].tolist() == ["46110", "46110", "46870"]
    world.districts = world.districts.drop(columns="name_en")
    with pytest.raises(LayerError, match="districts: column name_en is missing"):
        locate(x, np.full(3, Y), world)


def test_the_largest_build_is_whole_blocks_within_land_and_limit() -> None:
    build = Build(it_min_mw=40, it_max_mw=1_000, block_mw=20, land_ha_per_mw=0.12)
    area = np.array([0.0, 4.79, 4.8, 7.19, 7.2, 119.9, 120.0, 5_000.0])
    assert it_max_mw(area, build).tolist() == [0, 0, 40, 40, 60, 980, 1_000, 1_000]
    # 0.1 ha per MW and 3 blocks of 10 MW: 3.0 / (0.1 * 10) is below 3 in floating point.
    odd = Build(it_min_mw=10, it_max_mw=100, block_mw=10, land_ha_per_mw=0.1)
    assert it_max_mw(np.array([3.0, 0.1 * 3 * 10]), odd).tolist() == [30, 30]


@pytest.mark.parametrize("eligible", [np.zeros((10, 10)), np.eye(10)])
def test_no_site_says_what_is_missing(eligible: Any) -> None:
    message = r"needs 12 ha of contiguous eligible land, but no tile has more than (0|6.25) ha"
    with pytest.raises(InfeasibleError, match=message):
        pieces_of(eligibility_of(eligible), Question(it_min_mw=100))


def reference_pieces(cells: Any, lattice: Lattice, tile_m: float) -> dict[Any, set[Any]]:
    """Largest piece of every tile by flood fill."""

    def tile(row: int, col: int) -> tuple[int, int]:
        x, y = lattice.centres_m(np.array([row]), np.array([col]))
        return int(x[0] // tile_m), int(y[0] // tile_m)

    seen: set[Any] = set()
    best: dict[Any, set[Any]] = {}
    for row, col in np.argwhere(cells):
        start = (int(row), int(col))
        if start in seen:
            continue
        home, piece, todo = tile(*start), {start}, deque([start])
        while todo:
            r, c = todo.popleft()
            for near in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
                inside = 0 <= near[0] < lattice.n_rows and 0 <= near[1] < lattice.n_cols
                if inside and cells[near] and near not in piece and tile(*near) == home:
                    piece.add(near)
                    todo.append(near)
        seen |= piece
        if len(piece) > len(best.get(home, ())):
            best[home] = piece
    return best


@examples(80)
@given(
    st.integers(0, 2**32 - 1), st.floats(0.2, 0.9), st.sampled_from([500.0, 900.0, 1_250.0]),
    st.sampled_from([90.0, 100.0, 250.0, 1_000.0]),
)  # fmt: skip
def test_pieces_agree_with_a_flood_fill(
    seed: int, share: float, tile_m: float, cell_m: float
) -> None:
    cells = np.random.default_rng(seed).random((13, 17)) < share
    lattice = Lattice(900.0 * 1_111, 900.0 * 2_222, cell_m, 13, 17)
    pieces = pieces_of(
        eligibility_of(cells, lattice), Question(tile_m, it_min_mw=20, land_ha_per_mw=0.001)
    )
    expected = reference_pieces(cells, lattice, tile_m)
    got = [
        set(zip(pieces.rows[pieces.site == at], pieces.cols[pieces.site == at], strict=True))
        for at in range(len(pieces.site_ids))
    ]
    assert sorted(map(sorted, got)) == sorted(map(sorted, expected.values()))
    assert len(set(pieces.site_ids)) == len(expected)
    # The point is a deepest cell: no other is farther from the nearest cell outside the piece.
    for at, piece in enumerate(got):
        r, c = np.mgrid[-1:14, -1:18].reshape(2, -1)
        outside = np.array([p for p in zip(r, c, strict=True) if p not in piece])
        depth = {p: ((outside - p) ** 2).sum(axis=1).min() for p in piece}
        point = (pieces.point_rows[at], pieces.point_cols[at])
        assert point in piece
        assert depth[point] == max(depth.values())


@examples(40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 25), st.integers(0, 25))
def test_ids_and_pieces_do_not_move_with_the_extent(seed: int, top: int, left: int) -> None:
    cells = np.random.default_rng(seed).random((30, 30)) < 0.5
    wide = np.zeros((80, 80), dtype=bool)
    wide[top : top + 30, left : left + 30] = cells
    question = Question(1_000.0, it_min_mw=20)
    small = pieces_of(eligibility_of(cells, Lattice(X, Y, 250.0, 30, 30)), question)
    around = Lattice(X - 250.0 * left, Y + 250.0 * top, 250.0, 80, 80)
    large = pieces_of(eligibility_of(wide, around), question)
    assert small.site_ids.tolist() == large.site_ids.tolist()
    np.testing.assert_array_equal(small.rows + top, large.rows)
    np.testing.assert_array_equal(small.point_rows + top, large.point_rows)
    np.testing.assert_array_equal(small.point_cols + left, large.point_cols)


def test_land_taken_from_one_tile_leaves_the_other_sites_as_they_are() -> None:
    cells = np.random.default_rng(7).random((60, 60)) < 0.6
    before = pieces_of(eligibility_of(cells), Question())
    cells[:10, :10] = False
    after = pieces_of(eligibility_of(cells), Question())
    lost = set(before.site_ids) - set(after.site_ids)
    assert lost == {"S2000-3795"}
    kept = before.raster()
    kept[:10, :10] = -1
    assert after.site_ids.tolist() == [name for name in before.site_ids if name not in lost]
    np.testing.assert_array_equal(after.raster() >= 0, kept >= 0)


def test_the_flattest_piece_that_holds_the_largest_build_is_taken() -> None:
    # One tile of 10 by 10 cells: a plain of 4 cells at 1 degree, a terrace of 6 at 3.5 degrees, a
    # hillside of 12 at 9 degrees; 16 ha per 100 MW, so 1,000 MW ask for 26 cells.
    slope = np.full((10, 10), 40.0)
    slope[0:2, 0:2], slope[4:6, 0:3], slope[7:9, 0:6] = 1.0, 3.5, 9.0
    cells = slope < 40.0
    eligibility = eligibility_of(cells)

    def taken(**build: Any) -> list[float]:
        pieces = pieces_of(eligibility, Question(it_min_mw=20, land_ha_per_mw=0.16, **build), slope)
        return [len(pieces.rows), float(slope[pieces.rows, pieces.cols].mean())]

    assert taken(it_max_mw=140) == [4, 1.0]  # 25 ha hold 156 MW
    assert taken(it_max_mw=200) == [6, 3.5]  # 37.5 ha hold 220 MW
    assert taken(it_max_mw=1_000) == [12, 9.0]  # none holds it: the most there is
    assert taken(it_max_mw=1_000, piece_mw=140) == [4, 1.0]


def test_land_of_unknown_slope_is_taken_last() -> None:
    slope = np.full((10, 10), np.nan)
    slope[5:7, 5:7] = 20.0
    cells = np.zeros((10, 10), dtype=bool)
    cells[0:2, 0:2] = cells[5:7, 5:7] = True
    pieces = pieces_of(eligibility_of(cells), Question(it_min_mw=20), slope)
    assert (pieces.rows.min(), pieces.cols.min()) == (5, 5)


def enumerated(slope: Any, cells: Any, lattice: Lattice, question: Question) -> list[float]:
    """Return of each tile the mean slope of the piece, by trying every step and every piece."""
    tile_m, build = question.candidates.tile_m, question.build
    found = {}
    whole = all_pieces(cells, lattice, tile_m)
    for home, parts in whole.items():
        most = max(float(it_max_mw(np.array([len(p) * lattice.cell_ha]), build)[0]) for p in parts)
        if most == 0:
            continue
        for limit in SLOPE_LADDER_DEG:
            fit = [
                part for part in all_pieces(cells & (slope <= limit), lattice, tile_m).get(home, [])
                if it_max_mw(np.array([len(part) * lattice.cell_ha]), build)[0] >= most
            ]  # fmt: skip
            if fit:
                found[home] = min(np.mean([slope[cell] for cell in part]) for part in fit)
                break
    return [found[home] for home in sorted(found)]


def all_pieces(cells: Any, lattice: Lattice, tile_m: float) -> dict[Any, list[set[Any]]]:
    """Return all contiguous pieces of every tile, in the order of ids (east, then north)."""
    found: dict[Any, list[set[Any]]] = {}
    left = {(int(r), int(c)) for r, c in np.argwhere(cells)}
    while left:
        todo = [min(left)]
        home = tile_of(todo[0], lattice, tile_m)
        piece = set(todo)
        while todo:
            r, c = todo.pop()
            for near in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
                if near in left and near not in piece and tile_of(near, lattice, tile_m) == home:
                    piece.add(near)
                    todo.append(near)
        left -= piece
        found.setdefault(home, []).append(piece)
    return found


def tile_of(cell: tuple[int, int], lattice: Lattice, tile_m: float) -> tuple[int, int]:
    x, y = lattice.centres_m(np.array([cell[0]]), np.array([cell[1]]))
    return int(x[0] // tile_m), int(y[0] // tile_m)


@examples(60)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 1.0), st.sampled_from([40.0, 100.0, 1_000.0]))
def test_pieces_are_as_flat_as_enumeration_finds(seed: int, share: float, largest: float) -> None:
    random = np.random.default_rng(seed)
    cells = random.random((13, 17)) < share
    slope = np.float32(random.choice([1.0, 2.2, 3.5, 5.5, 9.0, 14.0, 28.0, 35.0], (13, 17)))
    lattice = Lattice(X, Y, 250.0, 13, 17)
    question = Question(1_000.0, it_min_mw=20, it_max_mw=largest)
    expected = enumerated(slope.astype(float), cells, lattice, question)
    pieces = pieces_of(eligibility_of(cells, lattice), question, slope)
    got = [slope[pieces.rows[pieces.site == at], pieces.cols[pieces.site == at]].mean(dtype=float)
           for at in range(len(pieces.site_ids))]  # fmt: skip
    np.testing.assert_allclose(got, expected)
    assert (it_max_mw(pieces.area_ha, question.build) > 0).all()


@examples(30)
@given(st.integers(0, 2**32 - 1), st.integers(0, 25), st.integers(0, 25))
def test_flat_pieces_do_not_move_with_the_extent(seed: int, top: int, left: int) -> None:
    random = np.random.default_rng(seed)
    cells, slope = random.random((30, 30)) < 0.7, random.random((30, 30)) * 30.0
    wide, wide_slope = np.zeros((80, 80), dtype=bool), np.full((80, 80), 1.0)
    wide[top : top + 30, left : left + 30] = cells
    wide_slope[top : top + 30, left : left + 30] = slope
    question = Question(1_000.0, it_min_mw=20)
    small = pieces_of(eligibility_of(cells, Lattice(X, Y, 250.0, 30, 30)), question, slope)
    around = Lattice(X - 250.0 * left, Y + 250.0 * top, 250.0, 80, 80)
    large = pieces_of(eligibility_of(wide, around), question, wide_slope)
    assert small.site_ids.tolist() == large.site_ids.tolist()
    np.testing.assert_array_equal(small.rows + top, large.rows)
    np.testing.assert_array_equal(small.cols + left, large.cols)
