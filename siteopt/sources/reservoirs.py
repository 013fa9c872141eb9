"""Reservoirs with their storage, and surfaces of the large ones from the elevation model.

A reservoir's point is the middle of the village of its address or a dam, so it does not say where
the water lies. In the source elevation model, a render in steps of 7.9 m, still water has one
height, while hills around it change height in every cell: the surface of a lake is the patch of
one height near the point whose area fits the storage. Lakes filled after the elevation was
flown (2000) have no such patch; they get a disc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import shapes
from rasterio.transform import Affine
from scipy.ndimage import binary_dilation, binary_opening, label

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import Built, write_csv, write_geojson
from siteopt.sources._dem import Dem, read_dem

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["LARGE_MCM", "build", "flat_patch", "lake_area_km2", "lakes", "reservoirs"]

LARGE_MCM: Final = 3.0
"""Storage in million m3 from which a reservoir counts as a lake that no site may stand on."""

_DEPTH_M: Final = 9.0
_DEPTH_AT_MCM: Final = 50.0
_DEPTH_POWER: Final = 0.25
"""Mean depth of a lake: 9 m at 50 million m3, growing with the fourth root of the storage.
Chosen on eight lakes of known area (Soyang, Chungju, Daecheong, Andong, Seomjin, Naju, Yedang,
Tapjeong; general knowledge): right within a factor of two or so."""

_FIT: Final = (0.15, 2.5)
"""Area of a patch over the area that the storage asks for."""

_PATCH_MIN_KM2: Final = 0.3
_REACH_M: Final = 2_000.0
"""Farthest from the point's own uncertainty that a patch may begin."""

_ARM_M: Final = 1_000.0
"""Patches of the same height so close to each other are arms of one lake."""

_DAM_ERROR_KM: Final = 3.0
_DISTRICT_ERROR_KM: Final = 10.0
"""How far off a point is that stands for a whole district; no lake is drawn around it."""

_CORE: Final = np.ones((2, 2), dtype=bool)
_SIMPLIFY_M: Final = 60.0
_OUTLIERS: Final = {"4571010122": "storage as printed is ten times too large (a total of 11.7)"}
"""Codes of reservoirs whose storage cannot be, and why; they count with a tenth of it."""


def reservoirs(sources: Path, dams: pd.DataFrame) -> pd.DataFrame:
    """Return all reservoirs and dams as points with their storage.

    Parameters
    ----------
    sources : Path
        Source folder.
    dams : DataFrame
        The ``dams`` layer: dam_id, name_ko, lon, lat, storage_mcm.

    Returns
    -------
    DataFrame
        reservoir_id, name_ko, storage_mcm, storage_flag (why the figure was changed, else
        empty), lon, lat, position_km (how far off the point may be), kind (``krc``, ``dam``).

    Raises
    ------
    LayerError
        If a reservoir has no position or no storage, or a code appears twice.
    """
    raw = pd.read_csv(
        sources / "water" / "krc_reservoirs_3422.csv", encoding="utf-8",
        dtype={"krc_code": str, "sgg_code": str},
    )  # fmt: skip
    for column in ("lon", "lat", "effective_storage_1000m3"):
        lost = raw[column].isna()
        if lost.any():
            code = raw.loc[lost, "krc_code"].iloc[0]
            raise LayerError(f"krc_reservoirs_3422.csv: {code}: {column} is empty; give a number")
    if raw["krc_code"].duplicated().any():
        twice = raw.loc[raw["krc_code"].duplicated(), "krc_code"].iloc[0]
        raise LayerError(f"krc_reservoirs_3422.csv: krc_code {twice} appears twice")
    flag = raw["krc_code"].map(_OUTLIERS).fillna("")
    storage = raw["effective_storage_1000m3"] / 1000.0
    farmed = pd.DataFrame(
        {
            "reservoir_id": "krc-" + raw["krc_code"], "name_ko": raw["name_ko"],
            "storage_mcm": storage.where(flag == "", storage / 10.0).round(5),
            "storage_flag": flag, "lon": raw["lon"], "lat": raw["lat"],
            "position_km": raw["place_radius_km"].fillna(_DISTRICT_ERROR_KM), "kind": "krc",
        }
    )  # fmt: skip
    dammed = dams.dropna(subset=["lon", "lat", "storage_mcm"])
    large = pd.DataFrame(
        {
            "reservoir_id": dammed["dam_id"], "name_ko": dammed["name_ko"],
            "storage_mcm": dammed["storage_mcm"].astype(float), "storage_flag": "",
            "lon": dammed["lon"], "lat": dammed["lat"], "position_km": _DAM_ERROR_KM,
            "kind": "dam",
        }
    )  # fmt: skip
    return pd.concat([large, farmed], ignore_index=True)


def lake_area_km2(storage_mcm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the area of a lake from its storage in million m3 by an assumed mean depth."""
    depth_m = _DEPTH_M * (storage_mcm / _DEPTH_AT_MCM) ** _DEPTH_POWER
    return np.asarray(storage_mcm / depth_m, dtype=np.float64)


def flat_patch(
    dem: Dem, lon: float, lat: float, area_km2: float, reach_m: float
) -> tuple[NDArray[np.bool_], Affine] | None:
    """Return the cells of the lake surface near a point, or None where there is none.

    Parameters
    ----------
    dem : Dem
        Heights in steps, EPSG:4326.
    lon, lat : float
        The point in degrees.
    area_km2 : float
        Area that the storage asks for.
    reach_m : float
        How far from the point the patch may begin.

    Returns
    -------
    (ndarray of bool, Affine) or None
        Cells of a window around the point and the transform of that window: of the patches of
        one height that are wide (two cells) and fit the area the largest and nearest (area over
        1 + distance in km), with its arms.
    """
    window, transform, cell_m = _window(dem, lon, lat, reach_m + 3.0e3 * np.sqrt(area_km2))
    rows, cols = np.indices(window.shape)
    east, north = ~transform * (lon, lat)
    away = np.hypot((rows + 0.5 - north) * cell_m[1], (cols + 0.5 - east) * cell_m[0])
    km2 = cell_m[0] * cell_m[1] / 1e6
    best: tuple[float, NDArray[np.bool_]] | None = None
    for height in np.unique(window[window > 0]):
        level = window == height
        core = binary_opening(level, _CORE)
        number, count = label(core)
        for patch in range(1, count + 1):
            cells = number == patch
            size, begins = float(cells.sum()) * km2, float(away[cells].min())
            fits = _FIT[0] * area_km2 <= size <= _FIT[1] * area_km2 and size >= _PATCH_MIN_KM2
            likely = size / (1.0 + begins / 1000.0)
            if fits and begins <= reach_m and (best is None or likely > best[0]):
                whole = _with_arms(cells, core, level, cell_m)
                if float(whole.sum()) * km2 > _FIT[1] * area_km2:
                    whole = cells  # level fields beside the water
                best = (likely, whole)
    return None if best is None else (best[1], transform)


def _window(
    dem: Dem, lon: float, lat: float, half_m: float
) -> tuple[NDArray[np.float32], Affine, tuple[float, float]]:
    col, row = (int(np.floor(value)) for value in ~dem.transform * (lon, lat))
    widths, height = dem.cell_m()
    width = float(widths[np.clip(row, 0, len(widths) - 1)])
    n_rows, n_cols = int(half_m / height) + 1, int(half_m / width) + 1
    top, left = max(0, row - n_rows), max(0, col - n_cols)
    part = dem.height_m[top : row + n_rows + 1, left : col + n_cols + 1]
    return part, dem.transform * Affine.translation(left, top), (width, height)


def _with_arms(
    lake: NDArray[np.bool_],
    core: NDArray[np.bool_],
    level: NDArray[np.bool_],
    cell_m: tuple[float, float],
) -> NDArray[np.bool_]:
    """Return a patch with the others of its height that lie close to it, narrow arms included."""
    steps = max(1, round(_ARM_M / (2.0 * max(cell_m))))
    number, _ = label(binary_dilation(core, iterations=steps))
    joined = np.unique(number[lake])
    arms = core & np.isin(number, joined[joined > 0])
    piece, _ = label(level)
    return np.asarray(np.isin(piece, np.unique(piece[arms])), dtype=np.bool_)


def lakes(table: pd.DataFrame, dem: Dem) -> gpd.GeoDataFrame:
    """Return the lakes of large reservoirs as polygons, EPSG:5179.

    Parameters
    ----------
    table : DataFrame
        Of :func:`reservoirs`.
    dem : Dem
        Heights in steps as the source has them, not smoothed.

    Returns
    -------
    GeoDataFrame
        lake_id, name_ko, storage_mcm, area_km2 of the polygon, placed_by (``surface`` or
        ``disc``), position_km, approximate, confidence.
    """
    placed_well = table["position_km"] < _DISTRICT_ERROR_KM
    large = table[(table["storage_mcm"] >= LARGE_MCM) & placed_well].sort_values(
        ["storage_mcm", "reservoir_id"], ascending=[False, True], ignore_index=True
    )
    wanted = lake_area_km2(large["storage_mcm"].to_numpy(dtype=np.float64))
    centre = gpd.GeoSeries(gpd.points_from_xy(large["lon"], large["lat"]), crs=4326)
    centre = centre.to_crs(CRS_EPSG)
    lon, lat, position_km = (
        large[name].to_numpy(dtype=np.float64) for name in ("lon", "lat", "position_km")
    )
    shapes_, placed = [], []
    for place in range(len(large)):
        reach_m = _REACH_M + 1000.0 * min(position_km[place], _DAM_ERROR_KM)
        found = flat_patch(dem, lon[place], lat[place], float(wanted[place]), reach_m)
        if found is None:
            radius_m = float(np.sqrt(wanted[place] / np.pi)) * 1000.0
            shapes_.append(shapely.buffer(centre.iloc[place], radius_m, quad_segs=6))
        else:
            shapes_.append(_outline(*found))
        placed.append("disc" if found is None else "surface")
    return gpd.GeoDataFrame(
        {
            "lake_id": large["reservoir_id"], "name_ko": large["name_ko"],
            "storage_mcm": large["storage_mcm"],
            "area_km2": np.round(shapely.area(np.asarray(shapes_, dtype=object)) / 1e6, 2),
            "placed_by": placed,
            "position_km": np.where(np.array(placed) == "disc", large["position_km"], 0.2),
            "approximate": True,
            "confidence": np.where(np.array(placed) == "disc", "compiled-low", "derived"),
        },
        geometry=shapes_, crs=CRS_EPSG,
    )  # fmt: skip


def _outline(cells: NDArray[np.bool_], transform: Affine) -> shapely.Geometry:
    parts = [
        shapely.geometry.shape(part)
        for part, value in shapes(cells.astype(np.uint8), mask=cells, transform=transform)
        if value
    ]
    outline = gpd.GeoSeries([shapely.union_all(parts)], crs=4326).to_crs(CRS_EPSG).iloc[0]
    simple: shapely.Geometry = shapely.simplify(outline, _SIMPLIFY_M)
    return simple


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - one signature
    """Write ``reservoirs.csv`` and ``lakes.geojson``; needs ``dams.csv`` in ``out``.

    Parameters
    ----------
    sources, facts, out : Path
        Source data, fact tables (not needed here), folder of the layer files.
    """
    dams = pd.read_csv(out / "dams.csv", encoding="utf-8", dtype={"dam_id": str})
    table = reservoirs(sources, dams)
    water = lakes(table, read_dem(sources))
    write_csv(table, out / "reservoirs.csv", "reservoir_id")
    write_geojson(water, out / "lakes.geojson", "lake_id")
    return _catalogue(water)


_SOURCE: Final = (
    "Korea Rural Community Corporation 2025-09-25 (indaegu/3rd-krc-ai-digital "
    "data/snapshots/reservoirs.json a0f6762), positions from their addresses; dams layer"
)


def _catalogue(water: gpd.GeoDataFrame) -> list[Built]:
    surfaces = int((water["placed_by"] == "surface").sum())
    return [
        Built(
            id="reservoirs", file="reservoirs.csv", kind="vector", title_ko="저수지·댐",
            title_en="Reservoirs and dams", source=_SOURCE, licence="MIT (copy); KRC via data.go.kr",
            vintage="2025-09", crs="EPSG:4326", unit="storage_mcm million m3, position_km km",
            confidence="published (storage); derived (position)",
            good_for="Storage of irrigation reservoirs and dams near a place.",
            not_good_for="Where the water lies: points are the middle of the village of the "
            "address, mostly 1 to 2 km off (position_km). Water that may be sold.",
        ),
        Built(
            id="lakes", file="lakes.geojson", kind="vector", title_ko="대규모 저수지 수면(근사)",
            title_en="Surfaces of large reservoirs (approximate)",
            source=f"{_SOURCE}; surfaces from the SRTM render of the elevation layer",
            licence="MIT (copy); KRC via data.go.kr; SRTM: US public domain",
            vintage="2000 (surface), 2025-09 (storage)", crs="EPSG:4326", unit="area_km2 km2",
            confidence="per row",
            good_for=f"Keeping sites off lakes of {LARGE_MCM:g} million m3 and more: {surfaces} of "
            f"{len(water)} are the flat surface near the point in the elevation model of 2000.",
            not_good_for=f"A shore line. The other {len(water) - surfaces} are discs whose area "
            "follows from the storage by an assumed mean depth, around a point 1 to 3 km off: most "
            "of such a disc is not water. Narrow arms are missing, a patch of level fields may "
            "stand for a lake, and smaller reservoirs are not in it.",
        ),
    ]  # fmt: skip
