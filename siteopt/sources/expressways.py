"""Expressways of 2018, as far as they are drawn: two thirds of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import shapely

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import Built, write_geojson

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "expressways"]

_FILE: Final = "transport/expressways_23_its_2018.geojson"
_TOLERANCE_M: Final = 100.0
_CARRIAGEWAYS: Final = 2
_DECIMALS: Final = 4


def expressways(sources: Path) -> gpd.GeoDataFrame:
    """Return the drawn routes, generalised to 100 m, EPSG:5179.

    Both carriageways are kept: they lie within the tolerance of each other nearly everywhere.

    Returns
    -------
    GeoDataFrame
        Columns route_ko, length_km (half of the drawn length where both carriageways are drawn,
        as the source gives it), geometry.
    """
    path = sources / _FILE
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--sources` must hold {path.name}")
    raw = gpd.read_file(path).to_crs(CRS_EPSG)
    for name in ("route", "route_km"):
        if name not in raw.columns:
            raise LayerError(f"{path.name}: column {name} is missing; every route needs it")
    lines = shapely.line_merge(raw.geometry.to_numpy())
    simple = shapely.simplify(lines, _TOLERANCE_M)
    return gpd.GeoDataFrame(
        {"route_ko": raw["route"], "length_km": raw["route_km"]}, geometry=simple, crs=CRS_EPSG
    )


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``expressways.geojson``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies, of the fact tables (not used), and of the layer files.
    """
    del facts
    routes = expressways(sources)
    write_geojson(routes, out / "expressways.geojson", "route_ko")
    return [
        Built(
            id="expressways", file="expressways.geojson", kind="vector",
            title_ko="고속도로(일부)", title_en="Expressways (partial)",
            source="national ITS node-link data of 2018-08 in AAFactory/aafactory-commons (35fa242)",
            licence="repository Apache 2.0; ITS standard node-link data are open data",
            vintage="2018-08", crs="EPSG:4326", unit="length_km: km",
            confidence="compiled-medium",
            good_for=f"That an expressway is near: {len(routes)} routes, "
            f"{routes['length_km'].sum():,.0f} km, generalised to 100 m. The distance to the nearest "
            "drawn one is at least the true one.",
            not_good_for="That none is near: about 4,900 km exist. Missing are the Namhae line and "
            "its branches, Nonsan-Cheonan, Dangjin-Yeongdeok, Suncheon-Wanju, Iksan-Pohang, "
            "Saemangeum-Jeonju, Muan-Gwangju, Gochang-Damyang, Sangju-Yeongcheon, Ulsan and others, "
            "and all interchanges. National roads.",
        )
    ]  # fmt: skip
