"""Layers of the land: what is excluded and why, districts and provinces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import shapes as raster_shapes
from rasterio.transform import from_origin

from siteopt.lattice import CRS_EPSG
from siteopt.report._cells import bands_of
from siteopt.report._names import Names
from siteopt.report._rules import rule_fact
from siteopt.report.facts import say
from siteopt.report.gis import styles
from siteopt.report.gis.layer import GisLayer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.report._protocols import EligibilityLike
    from siteopt.report.run_tables import RunTables

__all__ = ["land_layers"]

_BLOCK_M: Final = 500.0
"""Side of the blocks that excluded land is generalised to; the cells are in ``eligibility.tif``."""
_BLOCKS_AT_ONCE: Final = 32
"""Rows of blocks that are generalised together, so that a fine grid takes little memory."""
_BORDER_M: Final = 60.0
"""Tolerance of the borders, a common one, so that neighbours stay neighbours."""
_CLASSES: Final = ("robust", "competitive", "dominated", "not_possible")
"""Best first."""


def land_layers(tables: RunTables, ranking: pd.DataFrame) -> list[GisLayer]:
    """Return excluded land, districts and provinces, as far as the run has them.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.
    """
    found, ids = [], tables.layers.ids
    if "provinces" in ids:
        provinces = _provinces(tables, ranking)
        found.append(
            GisLayer("provinces", "base", provinces, styles.province_style(), ("provinces",))
        )
    excluded = _excluded(tables)
    if len(excluded):
        style = styles.excluded_style(
            [one for one in tables.eligibility.exclusions if one.id in set(excluded["reason"])]
        )
        sources = tuple(dict.fromkeys(_layers_of(tables)))
        figures = {"block": f"{_block_m(tables.eligibility):g}"}
        found.append(
            GisLayer("excluded", "land", excluded, style, sources, shown=False, figures=figures)
        )
    if "districts" in ids:
        districts = _districts(tables, ranking)
        style = styles.district_style(with_class="best_class" in districts)
        found.append(
            GisLayer("districts", "base", districts, style, ("districts", "supply_headroom"))
        )
    return found


def _layers_of(tables: RunTables) -> list[str]:
    named = (getattr(one, "layer", None) for one in tables.eligibility.exclusions)
    return [name for name in named if isinstance(name, str)]


def _block_m(eligibility: EligibilityLike) -> float:
    cell_m = eligibility.lattice.cell_m
    return max(1, round(_BLOCK_M / cell_m)) * cell_m


def _excluded(tables: RunTables) -> gpd.GeoDataFrame:
    """Return one row a reason that excludes land: measured areas, and its blocks."""
    eligibility, rows, shapes = tables.eligibility, [], []
    measured = eligibility.report().set_index("reason")
    titles = {one.id: (one.title_ko, one.title_en) for one in tables.layers.used}
    for bit, exclusion in enumerate(eligibility.exclusions):
        blocks = _blocks(bit, eligibility)
        if blocks is None:
            continue
        rule = rule_fact(exclusion.model_dump(mode="json"), titles)
        row: dict[str, Any] = {
            "reason": exclusion.id,
            "title_ko": exclusion.title.ko,
            "title_en": exclusion.title.en,
            "rule_ko": say(rule, "ko", Names()),
            "rule_en": say(rule, "en", Names()),
        }
        row |= {
            name: float(measured[name][exclusion.id])
            for name in ("area_km2", "only_km2", "land_pct")
        }
        rows.append(row | {"drawn_km2": blocks.area / 1e6})
        shapes.append(blocks)
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS_EPSG)


def _blocks(bit: int, eligibility: EligibilityLike) -> Any:  # noqa: ANN401 - a MultiPolygon, or None; shapely says either or an array
    """Return the land that an exclusion takes, as blocks that it takes the most of."""
    lattice = eligibility.lattice
    side = round(_block_m(eligibility) / lattice.cell_m)
    bands = bands_of(lattice.n_rows, side * _BLOCKS_AT_ONCE)
    code = eligibility.reasons.dtype.type(1 << bit)
    kept = np.concatenate(
        [
            _majority(((eligibility.reasons[rows] & code) != 0) & eligibility.land[rows], side)
            for rows in bands
        ]
    )
    block_m = side * lattice.cell_m
    transform = from_origin(lattice.x_min_m, lattice.y_max_m, block_m, block_m)
    polygons = raster_shapes(kept.astype(np.uint8), mask=kept, connectivity=4, transform=transform)
    found = [_polygon(polygon["coordinates"]) for polygon, _ in polygons]
    return shapely.multipolygons(found) if found else None


def _majority(cells: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """Return which blocks of a side are mostly marked; the north-west cell decides a tie."""
    rows, cols = (-(-count // side) * side for count in cells.shape)
    padded = np.zeros((rows, cols), dtype=np.uint8)
    padded[: cells.shape[0], : cells.shape[1]] = cells
    parts = padded.reshape(rows // side, side, cols // side, side)
    twice = 2 * parts.sum(axis=(1, 3), dtype=np.int64)
    kept: NDArray[np.bool_] = twice > side * side
    kept |= (twice == side * side) & (parts[:, 0, :, 0] == 1)
    return kept


def _polygon(rings: list[list[tuple[float, float]]]) -> shapely.Polygon:
    return shapely.Polygon(rings[0], rings[1:])


def _areas(tables: RunTables, layer: str) -> gpd.GeoDataFrame:
    frame = tables.layers.vector(layer)
    simple = shapely.coverage_simplify(frame.geometry.to_numpy(), _BORDER_M)
    many = [shapely.multipolygons(shapely.get_parts(one)) for one in simple]
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=many, crs=CRS_EPSG)


def _provinces(tables: RunTables, ranking: pd.DataFrame) -> gpd.GeoDataFrame:
    columns = ["province_code", "name_ko", "name_en", "geometry"]
    frame = _areas(tables, "provinces")[columns].astype({"province_code": str})
    frame = frame.sort_values("province_code", kind="stable", ignore_index=True)
    _count(frame, ranking, "province_code")
    total = float(frame["chosen_it_mw"].sum())
    frame["share_pct"] = 100.0 * frame["chosen_it_mw"] / total if total > 0 else 0.0
    return _geometry_last(frame)


def _districts(tables: RunTables, ranking: pd.DataFrame) -> gpd.GeoDataFrame:
    columns = ["district_code", "province_code", "name_ko", "name_en", "geometry"]
    frame = _areas(tables, "districts")
    frame = frame[[name for name in columns if name in frame]].astype({"district_code": str})
    frame = frame.sort_values("district_code", kind="stable", ignore_index=True)
    _count(frame, ranking, "district_code")
    code = frame["district_code"]
    ranked = (
        ranking[ranking["rank"].notna()].drop_duplicates("district_code").set_index("district_code")
    )
    for name in ("rank", "site_id"):
        frame[f"best_{name}"] = code.map(ranked[name])
    frame["best_rank"] = frame["best_rank"].astype("Int64")
    if "bn_krw_per_mw" in ranking:
        frame["least_bn_krw_per_mw"] = code.map(
            ranking.groupby("district_code")["bn_krw_per_mw"].min()
        )
    if "class" in ranking:
        order = ranking["class"].map({name: place for place, name in enumerate(_CLASSES)})
        best = order.groupby(ranking["district_code"]).min().dropna().astype(int)
        frame["best_class"] = code.map(best.map(dict(enumerate(_CLASSES))))
    if "supply_headroom" in tables.layers.ids:
        published = tables.layers.table("supply_headroom").astype({"district_code": str})
        of_district = published.drop_duplicates("district_code").set_index("district_code")
        frame["supply_headroom_mw"] = code.map(of_district["supply_headroom_mw"]).astype(float)
    return _geometry_last(frame)


def _count(frame: gpd.GeoDataFrame, ranking: pd.DataFrame, key: str) -> None:
    """Add how many candidates an area has, and what the plan builds there."""
    of_site = ranking[key].astype(str)
    frame["candidates"] = frame[key].map(of_site.value_counts()).fillna(0).astype("int64")
    chosen = ranking[ranking["chosen"]]
    mw = chosen["it_mw"].groupby(of_site[chosen.index]).sum()
    frame["chosen_it_mw"] = frame[key].map(mw).fillna(0.0).astype(float)


def _geometry_last(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    last = frame.pop("geometry")
    return gpd.GeoDataFrame(pd.DataFrame(frame), geometry=last, crs=CRS_EPSG)
