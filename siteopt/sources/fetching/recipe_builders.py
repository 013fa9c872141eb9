"""Layers of the run from the columns of a recipe, by the functions that build the embedded ones.

Names of stations and of complexes are matched as the embedded layers match them; what has no
match, or several, is left out, counted and named, and never guessed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.errors import LayerError
from siteopt.lattice import DEGREES_EPSG
from siteopt.layers.complex_types import COMPLEX_TYPES, complex_type
from siteopt.layers.district_codes import DistrictCodes
from siteopt.layers.kepco_form import from_kepco_form
from siteopt.layers.station_kinds import serves_customers
from siteopt.sources import kepco_tables, land_use, supply_headroom
from siteopt.sources._frame import NATIONAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike

__all__ = ["BUILDERS", "BuiltLayer"]

_SHOWN: Final = 8
_KM2: Final = 1e-6
_ENDING: Final = re.compile(
    r"(?:국가|일반|지방|도시첨단|첨단|농공|외국인투자)?(?:산업단지|산단|단지|산업지역|지역)$"
)
_OF_PROVINCE: Final = re.compile(r"특별자치도|특별자치시|특별시|광역시|도$|시$")
_SHORT: Final = 2


@dataclass(frozen=True, slots=True)
class BuiltLayer:
    """A layer of the run, and what was left out of it.

    Attributes
    ----------
    content : GeoDataFrame, DataFrame or ndarray
        With the columns of the layer's schema; values of the national cells of a raster.
    notes : tuple of str
        Sentences on rows that have no match, several, or none of the file.
    updates : bool
        Whether rows of the layer that was there are kept and some of their cells replaced.
    """

    content: gpd.GeoDataFrame | pd.DataFrame | NDArray[np.float32]
    notes: tuple[str, ...] = ()
    updates: bool = False


def _named(what: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the note on names that were left out, none where there are none."""
    if not names:
        return ()
    shown = ", ".join(names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (f"{len(names)} {what}: {shown}{more}",)


def station_headroom(table: pd.DataFrame, layers: LayersLike, file: str) -> BuiltLayer:
    """Return KEPCO's headroom by station from names, years and megawatts.

    Parameters
    ----------
    table : DataFrame
        ``station_name, year, headroom_mw`` and, where several levels are given, ``voltage_kv``.
    layers : Layers
        ``stations``.
    file : str
        Its name, for messages.

    Returns
    -------
    BuiltLayer
        ``station_id, voltage_kv, headroom_mw, year, confidence``.

    Raises
    ------
    LayerError
        If no name is that of a station.
    """
    form = {
        "변전소": table["station_name"],
        "연도": table["year"],
        "여유용량": table["headroom_mw"],
    }
    if "voltage_kv" in table:
        form["전압"] = table["voltage_kv"]
    stations = layers.vector("stations")
    found = from_kepco_form(
        pd.DataFrame(form).reset_index(drop=True), stations[serves_customers(stations)], Path(file),
        leave_shared=True,
    )  # fmt: skip
    notes = (
        *_named("stations of the file are not in the layer of stations", found.unknown),
        *_named("names are those of several stations", found.shared),
    )
    return BuiltLayer(found.rows.assign(confidence="published"), notes)


def district_headroom(table: pd.DataFrame, layers: LayersLike, file: str) -> BuiltLayer:
    """Return the largest published headroom of each district, with the areas that share one.

    Parameters
    ----------
    table : DataFrame
        ``district_code`` (official, of any year), ``supply_headroom_mw`` and ``year``, the same in
        all rows.
    layers : Layers
        ``districts, district_codes``.
    file : str
        Its name, for messages.
    """
    years = table["year"].dropna().unique()
    if len(years) != 1:
        raise LayerError(f"{file}: {len(years)} years; a table of one year is needed")
    codes = DistrictCodes(layers.table("district_codes"))
    out = supply_headroom.headroom_of_districts(table, codes, int(years[0]), file)
    return BuiltLayer(out.assign(area_id=supply_headroom.areas(out, layers.vector("districts"))))


def generation_headroom(table: pd.DataFrame, layers: LayersLike, file: str) -> BuiltLayer:
    """Return stations with little room for generation, with our station where one is found.

    Parameters
    ----------
    table : DataFrame
        ``kepco_code, name_ko, class, free_mw_min, free_mw_max, as_of`` and, where known,
        ``free_mw_read, capacity_mw_read, lon, lat``; see `kepco_tables.match_names`.
    layers : Layers
        ``stations``.
    file : str
        Its name, for messages.

    Raises
    ------
    LayerError
        If no name is that of a station.
    """
    for name in ("free_mw_read", "capacity_mw_read", "lon", "lat"):
        if name not in table:
            table = table.assign(**{name: float("nan")})
    matched = kepco_tables.match_names(table, layers.vector("stations"))
    if matched["station_id"].isna().all():
        raise LayerError(
            f"{file}: none of its stations ({', '.join(table['name_ko'].head(_SHOWN))}) is in the "
            "stations layer by its Korean name"
        )
    lost = table["name_ko"][matched["station_id"].isna()]
    out = table.drop(columns=["lon", "lat"]).assign(
        station_id=matched["station_id"], match_rule=matched["match_rule"],
        confidence="compiled-medium",
    )  # fmt: skip
    notes = _named("stations of the file have no station of ours", sorted(lost.astype(str)))
    return BuiltLayer(out, notes)


def industrial_land(table: pd.DataFrame, layers: LayersLike, file: str) -> BuiltLayer:
    """Return unsold and planned industrial land by district; see `land_use.industrial_land`."""
    del file
    codes = DistrictCodes(layers.table("district_codes"))
    named = table.rename(columns={"district_code": "sgg_code_2026"})
    return BuiltLayer(land_use.industrial_land(named, codes))


def land_category(table: pd.DataFrame, layers: LayersLike, file: str) -> BuiltLayer:
    """Return the areas of land categories by district; see `land_use.land_category`."""
    del file
    codes = DistrictCodes(layers.table("district_codes"))
    named = table.rename(columns={"district_code": "sgg_code_2026"})
    return BuiltLayer(land_use.land_category(named, codes))


def industrial_complexes(table: pd.DataFrame, layers: LayersLike, file: str) -> BuiltLayer:
    """Return the complexes of a register with borders, the point of each and its true area.

    What the file does not hold (lots, prices, single use) stays as it was for complexes whose id
    is that of the layer that was there.

    Parameters
    ----------
    table : GeoDataFrame
        Areas: ``complex_id, name_ko`` and ``type``, several rows for a complex of several parts.
    layers : Layers
        ``districts, industrial_complexes``.
    file : str
        Its name, for messages.
    """
    if not isinstance(table, gpd.GeoDataFrame):
        raise LayerError(f"{file}: a table has no borders; take the Shapefile of the complexes")
    whole = table.dissolve("complex_id", aggfunc="first", sort=True).reset_index()
    inner = whole.geometry.representative_point()
    kinds = [_type(said, file) for said in whole.get("type", pd.Series(None, whole.index))]
    degrees = inner.to_crs(DEGREES_EPSG)
    before = pd.DataFrame(layers.vector("industrial_complexes").drop(columns="geometry"))
    known = before.set_index("complex_id").reindex(whole["complex_id"]).reset_index(drop=True)
    nearest = _district_of(inner, layers.vector("districts"))
    district = known["district_code"].astype(object).fillna(nearest).astype(str)
    out = pd.DataFrame(
        {
            "complex_id": whole["complex_id"], "name_ko": whole["name_ko"],
            "type": kinds, "type_ko": [COMPLEX_TYPES[one][0] if one else None for one in kinds],
            "type_en": [COMPLEX_TYPES[one][1] if one else None for one in kinds],
            "province_code": district.str[:2], "district_code": district,
            "lon": degrees.x.round(5), "lat": degrees.y.round(5),
            "area_km2": (whole.area * _KM2).round(4), "area_confidence": "published",
            "source": f"borders of {file}",
        }
    )  # fmt: skip
    kept = [name for name in before.columns if name not in {*out.columns, "confidence"}]
    out = out.join(known[kept])
    out["n_lots"] = pd.to_numeric(out["n_lots"]).fillna(0).astype(int)
    out["confidence"] = known["confidence"].fillna("published")
    same = int(whole["complex_id"].isin(before["complex_id"]).sum())
    gone = before.loc[~before["complex_id"].isin(whole["complex_id"]), "name_ko"]
    notes = (
        f"{same} of {len(out)} complexes are those of the layer that was there, by their id",
        *_named("complexes of that layer are not in the file", sorted(gone.astype(str))),
    )
    return BuiltLayer(gpd.GeoDataFrame(out, geometry=inner, crs=table.crs), notes)


def _type(said: object, file: str) -> str | None:
    if said is None or said != said:  # noqa: PLR0124 - NaN
        return None
    found = complex_type(str(said))
    if found is None:
        names = ", ".join(labels[0] for labels in COMPLEX_TYPES.values())
        raise LayerError(f"{file}: {said} is no type of a complex; known are {names}")
    return found


def _district_of(points: gpd.GeoSeries, districts: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the district that each point lies in or, on reclaimed land, is nearest to."""
    tree = shapely.STRtree(districts.geometry.to_numpy())
    nearest = tree.query_nearest(points.to_numpy(), all_matches=False)[1]
    return pd.Series(districts["district_code"].astype(str).to_numpy()[nearest], index=points.index)


def complex_prices(table: pd.DataFrame, layers: LayersLike, file: str) -> BuiltLayer:
    """Return the complexes that are there with areas and prices of a list by name.

    A name counts without blanks and without an ending such as 일반산업단지. Where several complexes
    bear it, the province decides if the list has one.

    Parameters
    ----------
    table : DataFrame
        ``name_ko`` and, where known, ``province_ko``, ``area_km2``, ``land_price_krw_m2`` and
        ``price_year``; of several rows of a complex the largest area and the mean price count.
    layers : Layers
        ``industrial_complexes, provinces``.
    file : str
        Its name, for messages.

    Raises
    ------
    LayerError
        If no name is that of a complex, or prices have no year.
    """
    complexes = layers.vector("industrial_complexes")
    if "land_price_krw_m2" in table and table["land_price_krw_m2"].notna().any():
        _must_have_year(table, file)
    ids, unknown, shared = _complex_ids(table, complexes, layers)
    rows = table.assign(complex_id=ids).dropna(subset=["complex_id"])
    if rows.empty:
        raise LayerError(
            f"{file}: none of its complexes ({', '.join(unknown[:_SHOWN])}) is in the layer of "
            "complexes by its name"
        )
    how = {"area_km2": "max", "land_price_krw_m2": "mean", "price_year": "max"}
    given = rows.groupby("complex_id").agg({k: v for k, v in how.items() if k in rows})
    out = complexes.set_index("complex_id", drop=False)
    for name in given:
        values = given[name].dropna()
        out[name] = pd.to_numeric(out[name]).astype(float)
        out.loc[values.index, name] = values
    if "area_km2" in given:
        out.loc[given["area_km2"].dropna().index, "area_confidence"] = "published"
    notes = (
        f"{len(given)} of {len(out)} complexes have a row of the file",
        *_named("complexes of the file are not in the layer by their name", unknown),
        *_named("names are those of several complexes", shared),
    )
    return BuiltLayer(out.reset_index(drop=True), notes, updates=True)


def _must_have_year(table: pd.DataFrame, file: str) -> None:
    years = table.get("price_year")
    bare = table["land_price_krw_m2"].notna() & (True if years is None else years.isna())
    if bare.any():
        raise LayerError(
            f"{file}: the price of {table.loc[bare, 'name_ko'].iloc[0]} has no year, and every price "
            "has the year of its money; give price_year a value in the recipe"
        )


def _complex_ids(
    table: pd.DataFrame, complexes: pd.DataFrame, layers: LayersLike
) -> tuple[pd.Series[Any], list[str], list[str]]:
    """Return the id of each row, and the names without a complex and with several."""
    provinces = layers.vector("provinces")
    codes = {
        _province_key(name): str(code)
        for name, code in zip(provinces["name_ko"], provinces["province_code"], strict=True)
    }
    known: dict[str, list[tuple[str, str]]] = {}
    for complex_id, name, province in zip(
        complexes["complex_id"], complexes["name_ko"], complexes["province_code"], strict=True
    ):
        known.setdefault(_complex_key(name), []).append((str(complex_id), str(province)))
    said = table.get("province_ko", pd.Series(None, index=table.index, dtype=object))
    ids: list[str | None] = []
    unknown: set[str] = set()
    shared: set[str] = set()
    for name, province in zip(table["name_ko"], said, strict=True):
        some = known.get(_complex_key(name), [])
        code = None if province is None else codes.get(_province_key(province))
        if code is not None:
            some = [one for one in some if one[1] == code]
        ids.append(some[0][0] if len(some) == 1 else None)
        if len(some) != 1:
            (shared if some else unknown).add(str(name))
    return pd.Series(ids, index=table.index, dtype=object), sorted(unknown), sorted(shared)


def _complex_key(name: object) -> str:
    plain = re.sub(r"\s", "", str(name))
    return _ENDING.sub("", plain) or plain


def _province_key(name: object) -> str:
    """Return the short name of a province: 경북 for 경상북도, 강원 for 강원특별자치도."""
    base = _OF_PROVINCE.sub("", re.sub(r"\s", "", str(name)))
    return base if len(base) <= _SHORT else base[0] + base[-1]


def population_density(table: gpd.GeoDataFrame, layers: LayersLike, file: str) -> BuiltLayer:
    """Return people per km2 of the national cells of 250 m from people of the cells of a grid.

    People are taken to be spread evenly over a cell of the grid, so that none are lost: cells of
    1 km and 500 m are parted, those of 100 m go to the cells by their shares.

    Parameters
    ----------
    table : GeoDataFrame
        Squares of the national grid, all of one size: ``people``; missing counts as none.
    layers : Layers
        Not used.
    file : str
        Its name, for messages.

    Raises
    ------
    LayerError
        If the cells are of several sizes, or one appears twice.
    """
    del layers
    west, south, east, _ = table.bounds.to_numpy().T
    sides_m = np.unique(np.round(east - west))
    if len(sides_m) != 1:
        shown = ", ".join(f"{side:g} m" for side in sides_m)
        raise LayerError(f"{file}: cells of {shown}; take the grid of one size")
    if pd.DataFrame({"x": west, "y": south}).duplicated().any():
        raise LayerError(f"{file}: a cell appears twice; take one year and one item")
    side_m = int(sides_m[0])
    part_m = math.gcd(side_m, int(NATIONAL.cell_m))
    steps = np.arange(0, side_m, part_m) + part_m / 2
    share = (part_m / side_m) ** 2
    people = table["people"].fillna(0.0).to_numpy(dtype=float)
    out = np.zeros(NATIONAL.shape)
    for dx in steps:
        for dy in steps:
            row, col, inside = _cells_at(west + dx, south + dy)
            np.add.at(out, (row[inside], col[inside]), people[inside] * share)
    density = (out / (NATIONAL.cell_m**2 * _KM2)).astype(np.float32)
    return BuiltLayer(density, (f"{people.sum():,.0f} people in {len(table):,} cells",))


def _cells_at(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return row and column of the national cell of each point, and whether there is one."""
    rows, cols = NATIONAL.shape
    col = np.floor((x - NATIONAL.x_min_m) / NATIONAL.cell_m).astype(np.int64)
    row = np.floor((NATIONAL.y_max_m - y) / NATIONAL.cell_m).astype(np.int64)
    return row, col, (row >= 0) & (row < rows) & (col >= 0) & (col < cols)


BUILDERS: Final[dict[str, Callable[[Any, LayersLike, str], BuiltLayer]]] = {
    builder.__name__: builder
    for builder in (
        complex_prices, district_headroom, generation_headroom, industrial_complexes, industrial_land, land_category,
        population_density, station_headroom,
    )
}  # fmt: skip
"""By the name that a recipe has in ``builder``."""
