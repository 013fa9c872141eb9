"""Completeness of the stations by province and voltage, against KEPCO's counts and other maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siteopt.lattice import CRS_EPSG
from siteopt.layers.readers import read_vector
from siteopt.sources._built import NOTICE_OSM, Built, write_csv
from siteopt.sources._grid_names import nearest_polygon, read_admin
from siteopt.sources.grid_network import clean_voltage_kv

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["build", "coverage"]

_COUNTRY: Final = "KR"
_NEAR_M: Final = 2_000.0
_CLASSES: Final = {"154": 154, "345": 345, "765": 765}
_ALL: Final = "all"
_KEPCO_KEYS: Final = {
    _ALL: "kepco_substations_154kv_up", "345": "kepco_substations_345kv",
    "765": "kepco_substations_765kv",
}  # fmt: skip


def _other(table: pd.DataFrame, provinces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the places of another map with their province, one row a place and its highest kV."""
    at = gpd.GeoSeries.from_xy(table["lon"], table["lat"], crs=4326).to_crs(CRS_EPSG)
    code = provinces["province_code"].to_numpy()[nearest_polygon(np.asarray(at.array), provinces)]
    return gpd.GeoDataFrame(table.assign(province_code=code), geometry=at.array, crs=CRS_EPSG)


def _pypsa(sources: Path) -> pd.DataFrame:
    raw = pd.read_csv(sources / "grid" / "pypsa_kr_buses.csv", index_col=0)
    raw = raw[raw["country"] == "KR"]
    kv = clean_voltage_kv(raw["voltage"])
    table = raw.assign(kv=kv.where(kv.isin(list(_CLASSES.values())))).dropna(subset=["kv"])
    return table.groupby("station_id", as_index=False).agg(
        lon=("lon", "first"), lat=("lat", "first"), kv=("kv", "max")
    )


def _planit(sources: Path) -> pd.DataFrame:
    raw = pd.read_csv(sources / "grid" / "planit_osm_buses_province.csv", encoding="utf-8-sig")
    # its list goes down to 15 kV
    high = raw[raw["v_nom"] >= 1000 * min(_CLASSES.values())]
    table = pd.DataFrame(
        {"lon": high["x"], "lat": high["y"], "kv": clean_voltage_kv(high["v_nom"])}
    )
    return table[table["kv"].isin(list(_CLASSES.values()))].reset_index(drop=True)


def _xy(points: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([points.geometry.x, points.geometry.y]).astype(np.float64)


def _by_area(table: pd.DataFrame, name: str) -> pd.Series:
    """Return counts by area and voltage class, the country and all classes included."""
    kv = table["kv"].astype(int).astype(str)
    areas = [table["province_code"], pd.Series(_COUNTRY, index=table.index)]
    classes = [kv, pd.Series(_ALL, index=table.index)]
    parts = [
        pd.DataFrame({"area": area, "voltage": voltage}) for area in areas for voltage in classes
    ]
    return pd.concat(parts).groupby(["area", "voltage"]).size().rename(name)


def coverage(
    stations: gpd.GeoDataFrame, others: dict[str, gpd.GeoDataFrame], kepco: pd.Series
) -> pd.DataFrame:
    """Return counts of stations by area and voltage.

    Parameters
    ----------
    stations : GeoDataFrame
        The layer: ``kind``, ``line_join``, ``voltage_max_kv``, ``province_code``.
    others : dict of str to GeoDataFrame
        Other maps by name: ``kv`` (highest), ``province_code``.
    kepco : Series
        KEPCO's count of the country by voltage class (``all``, ``345``, ``765``).

    Returns
    -------
    DataFrame
        ``area`` (province code or ``KR``), ``voltage`` (highest kV, or ``all``), ``substations``
        (kind substation), ``joined`` (of them to mapped lines), ``not_substations`` (stations of
        the map of other kinds), for each other map ``<name>`` (its places) and
        ``near_<name>`` (our substations with such a place within 2 km), and ``kepco``
        (missing where not published).
    """
    ours = stations.assign(kv=stations["voltage_max_kv"])
    ours = ours[ours["kv"].isin(list(_CLASSES.values()))]
    own = ours[ours["kind"] == "substation"]
    mapped = ours[~ours["kind"].isin(["tap", "line end", "substation"])]
    counts = [
        _by_area(own, "substations"),
        _by_area(own[own["line_join"] != "none"], "joined"),
        _by_area(mapped, "not_substations"),
    ]
    for name, places in others.items():
        away = cKDTree(_xy(places)).query(_xy(own))[0]
        counts += [_by_area(places, name), _by_area(own[away <= _NEAR_M], f"near_{name}")]
    table = pd.concat(counts, axis=1)
    areas = sorted(set(table.index.get_level_values("area")))
    every = pd.MultiIndex.from_product([areas, [*_CLASSES, _ALL]], names=["area", "voltage"])
    table = table.reindex(every).fillna(0).astype(int).reset_index()
    known = table["voltage"].map(kepco).where(table["area"] == _COUNTRY)
    return table.assign(kepco=known)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``station_coverage.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder to write into; it holds ``stations.csv`` and ``provinces.geojson`` already.
    """
    provinces = read_admin(out / "provinces.geojson").sort_values("province_code")
    provinces = provinces.reset_index(drop=True)
    stations = read_vector(out / "stations.csv", "stations").to_crs(CRS_EPSG)
    others = {
        "pypsa_kr": _other(_pypsa(sources), provinces),
        "planit": _other(_planit(sources), provinces),
    }
    known = pd.read_csv(facts / "grid_facts_2.csv", dtype=str).set_index("key")["value"]
    kepco = pd.Series({name: int(known[key]) for name, key in _KEPCO_KEYS.items()})
    # those of 154 kV are what the other two classes leave
    kepco["154"] = kepco[_ALL] - kepco["345"] - kepco["765"]
    write_csv(coverage(stations, others, kepco), out / _COVERAGE.file, ["area", "voltage"])
    return [_COVERAGE]


_COVERAGE: Final = Built(
    id="station_coverage", file="station_coverage.csv", kind="table",
    title_ko="변전소 자료의 완전성", title_en="Coverage of the stations",
    source="Counted from the layer stations, PyPSA-KR (RogerKwak/PyPSA-KR, commit 5c20b27), PLANiT "
    "(PLANiT-Institute/PyPSA-KR-PLANiT, commit 3494067) and KEPCO's table of 2026-07",
    licence="ODbL 1.0 (OpenStreetMap data)", vintage="2024 to 2026-07", crs="", unit="stations",
    confidence="derived",
    good_for="How many substations of each voltage the layer has by province, how many of them mapped "
    "lines reach, and how that compares with KEPCO's national counts and with two other maps.",
    not_good_for="KEPCO's counts by province, which are not public in this form. Places of the other maps "
    "are merged line ends, no stations, so their counts may be higher or lower without a fault.",
    notice=NOTICE_OSM,
)  # fmt: skip
