"""Possible 345 kV stations at existing 345 kV lines.

KEPCO plans 1,297 stations for 2038 (935 at the end of 2025); the positions of the planned ones are
not published. Where one could stand is known as far as lines are: a station that is looped into a
345 kV line needs no new line of its own. Places are taken along the mapped lines at a fixed
spacing, away from the stations that stand. They are places of the model and no plan of anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import NOTICE_OSM, Built, write_csv
from siteopt.sources._grid_names import places_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["build", "new_station_table", "possible_places"]

_KV: Final = 345
_STEP_M: Final = 500.0
"""Lines are looked at every so many metres."""

_ID_DEGREES: Final = 100


def possible_places(
    lines: gpd.GeoDataFrame, standing: NDArray[np.float64], spacing_m: float, clear_m: float
) -> pd.DataFrame:
    """Return places along lines, no nearer to each other and to what stands than asked.

    Parameters
    ----------
    lines : GeoDataFrame
        345 kV lines, EPSG:5179: ``line_id``. They are walked in order of id, from their start.
    standing : ndarray, shape (n, 2)
        x and y of the 345 kV stations that stand, EPSG:5179.
    spacing_m : float
        Least distance between two places.
    clear_m : float
        Least distance to a station that stands.

    Returns
    -------
    DataFrame
        ``line_id, x_m, y_m``, in the order in which they were found.
    """
    taken: list[tuple[float, float]] = []
    rows: list[tuple[str, float, float]] = []
    for line_id, line in zip(lines["line_id"], lines.geometry, strict=True):
        along = np.arange(_STEP_M, line.length, _STEP_M)
        points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
        for x, y in points.tolist():
            if len(standing) and np.hypot(*(standing - (x, y)).T).min() < clear_m:
                continue
            if taken and np.hypot(*(np.array(taken) - (x, y)).T).min() < spacing_m:
                continue
            taken.append((x, y))
            rows.append((str(line_id), x, y))
    return pd.DataFrame(rows, columns=["line_id", "x_m", "y_m"])


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``new_stations.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder to write into; it holds ``stations.csv``, ``lines.geojson``, ``districts.geojson``
        and ``assumptions_grid.csv`` already.
    """
    known = pd.read_csv(out / "assumptions_grid.csv").set_index("key")["value"]
    stations = pd.read_csv(out / "stations.csv", dtype={"station_id": str})
    lines = gpd.read_file(out / "lines.geojson")

    def place(points: NDArray[np.object_]) -> pd.DataFrame:
        return places_of(points, sources, facts, out)

    table = new_station_table(stations, lines, known, place)
    write_csv(table, out / "new_stations.csv", "station_id", {"lon": 5, "lat": 5})
    return [_ENTRY]


def new_station_table(
    stations: pd.DataFrame,
    lines: gpd.GeoDataFrame,
    known: Mapping[str, float] | pd.Series[float],
    place: Callable[[NDArray[np.object_]], pd.DataFrame],
) -> pd.DataFrame:
    """Return the layer ``new_stations`` of a network.

    Parameters
    ----------
    stations : DataFrame
        Layer ``stations``: ``lon, lat, circuits_345, voltage_max_kv, kind``.
    lines : GeoDataFrame
        Layer ``lines``, any CRS.
    known : mapping of str to float
        ``works_station345_spacing_km`` and ``works_station345_clear_km``.
    place : callable
        Returns ``province_code, district_code, place_ko, place_en`` of points in EPSG:5179.
    """
    has = (stations[f"circuits_{_KV}"] > 0) | (stations["voltage_max_kv"] == _KV)
    has &= ~stations["kind"].isin(["tap", "line end"])
    at = gpd.GeoSeries.from_xy(stations["lon"], stations["lat"], crs=4326).to_crs(CRS_EPSG)
    standing = np.column_stack([at.x, at.y])[has.to_numpy()]
    lines = lines.to_crs(CRS_EPSG)
    lines = lines[(lines["voltage_kv"] == _KV) & ~lines["dc"] & ~lines["underground"]]
    lines = lines.explode(ignore_index=True).sort_values("line_id", kind="stable")
    places = possible_places(
        lines, standing, 1000 * float(known["works_station345_spacing_km"]),
        1000 * float(known["works_station345_clear_km"]),
    )  # fmt: skip
    points = gpd.GeoSeries.from_xy(places["x_m"], places["y_m"], crs=CRS_EPSG)
    where = place(np.asarray(points.array))
    degrees = points.to_crs(4326)
    east = np.round(degrees.x * _ID_DEGREES).astype(int).astype(str)
    north = np.round(degrees.y * _ID_DEGREES).astype(int).astype(str)
    return pd.DataFrame(
        {
            "station_id": "N" + east + "N" + north,
            "name_ko": where["place_ko"] + " 인근 신설(가정)",
            "name_en": "possible station near " + where["place_en"],
            "lon": degrees.x, "lat": degrees.y, "voltage_max_kv": _KV, "line_id": places["line_id"],
            "province_code": where["province_code"], "district_code": where["district_code"],
            "confidence": "model",
        }
    )  # fmt: skip


_ENTRY: Final = Built(
    id="new_stations", file="new_stations.csv", kind="vector",
    title_ko="345 kV 변전소 신설 가능 지점(모형 가정)", title_en="Possible new 345 kV stations",
    source="Places along the 345 kV lines of the lines layer (OpenStreetMap), away from the stations "
    "that stand", licence="ODbL 1.0", vintage="lines as of the lines layer", crs="EPSG:4326",
    unit="kV", confidence="model",
    good_for="Connections that wait for a new 345 kV station looped into a line that stands: where, at "
    "what distance from a site. A table of your own with the planned stations replaces it.",
    not_good_for="Plans of KEPCO: it plans 1,297 stations for 2038 (935 at the end of 2025), whose "
    "positions are not published. Ground, permits and the room on the line are not looked at, beyond "
    "what the grid case says of the nearest bus.",
    notice=NOTICE_OSM,
)  # fmt: skip
