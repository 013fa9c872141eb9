"""Clean stock: solar and wind by place and status (running, being built, selected, licensed).

Sources: the layers ``power_by_province`` and ``wind_farms``, and the fact table of offshore wind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.sources._built import Built, write_csv
from siteopt.sources._romanise import romanise
from siteopt.sources.renewables import PROVINCE_CODES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "clean_stock", "offshore_wind", "onshore_wind", "solar"]

COLUMNS: Final = [
    "stock_id", "technology", "status", "mw", "province_code", "district_code", "name_ko", "lon",
    "lat", "as_of", "source", "confidence",
]  # fmt: skip

_FACTS: Final = "offshore_wind_facts.csv"
_STATUS: Final = {
    "operating": "operating",
    "selected in auction; under construction 2025": "building",
    "selected in auction": "selected",
    "generation licence": "licensed",
}
"""Status of the fact table -> status of the stock; targets of provinces are no stock."""
_TARGET: Final = "provincial target"
_TOTAL: Final = "licensed offshore wind"
"""Item of the fact table: all licences of a province."""
_SESSION: Final = "new licences"
"""Item of the fact table: all licences of one session of the commission."""
_HANGUL: Final = "[가-힣]"
"""Only projects have a Korean name; totals and targets do not."""
_SHORT_NAME: Final = {code: name for name, code in PROVINCE_CODES.items()}

_SOLAR_AS_OF: Final = "2024-12-31"
_FARMS_AS_OF: Final = "2025-12-31"


def solar(power: pd.DataFrame) -> pd.DataFrame:
    """Return solar plants in operation, one row a province.

    Parameters
    ----------
    power : DataFrame
        Layer ``power_by_province``: ``province_code``, ``solar_end_mw``, ``confidence``.

    Returns
    -------
    DataFrame
        Columns of the layer ``clean_stock``, without district and place.
    """
    code = power["province_code"]
    return pd.DataFrame(
        {
            "stock_id": "solar-" + code, "technology": "solar", "status": "operating",
            "mw": power["solar_end_mw"], "province_code": code, "district_code": None,
            "name_ko": code.map(_SHORT_NAME) + " 태양광", "lon": np.nan, "lat": np.nan,
            "as_of": _SOLAR_AS_OF, "source": "layer power_by_province",
            "confidence": power["confidence"],
        }
    )[COLUMNS]  # fmt: skip


def onshore_wind(farms: pd.DataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return onshore wind farms in operation with the district that their place lies in.

    Parameters
    ----------
    farms : DataFrame
        Layer ``wind_farms``: ``farm_id``, ``name_ko``, ``mw``, ``lon``, ``lat``, ``confidence``.
    districts : GeoDataFrame
        Polygons in EPSG:5179 with ``district_code`` and ``province_code``.

    Returns
    -------
    DataFrame
        Columns of the layer ``clean_stock``; ``lon``, ``lat`` are those of the farm. A farm in no
        polygon (a pier, a reclaimed shore) belongs to the nearest.
    """
    points = gpd.GeoDataFrame(
        farms[["farm_id"]], geometry=gpd.points_from_xy(farms["lon"], farms["lat"]),
        crs=DEGREES_EPSG,
    ).to_crs(CRS_EPSG)  # fmt: skip
    # sorted, so that of two districts at one distance the lower code is taken
    ordered = districts.sort_values("district_code")[["district_code", "province_code", "geometry"]]
    placed = points.sjoin_nearest(ordered).sort_values(["farm_id", "district_code"])
    home = placed.drop_duplicates("farm_id").set_index("farm_id")
    return pd.DataFrame(
        {
            "stock_id": "onshore-wind-" + farms["farm_id"].str.lower(),
            "technology": "onshore_wind", "status": "operating", "mw": farms["mw"],
            "province_code": farms["farm_id"].map(home["province_code"]),
            "district_code": farms["farm_id"].map(home["district_code"]),
            "name_ko": farms["name_ko"], "lon": farms["lon"], "lat": farms["lat"],
            "as_of": _FARMS_AS_OF, "source": "layer wind_farms", "confidence": farms["confidence"],
        }
    )[COLUMNS]  # fmt: skip


def offshore_wind(facts: Path, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return named offshore wind projects, and the unnamed rest of each province's licences.

    The licences of a province hold its plants that run, are built or were selected too, so the
    rest is the latest total minus all projects that are named: the cautious reading.

    Parameters
    ----------
    facts : Path
        Folder of the fact tables.
    districts : GeoDataFrame
        Polygons in EPSG:5179 with ``district_code``, ``province_code`` and ``name_ko``.

    Returns
    -------
    DataFrame
        Columns of the layer ``clean_stock``; the place of a project is a point inside its
        district, empty where the facts name none or more than one.

    Raises
    ------
    LayerError
        If a status or place is not known, or named projects exceed the total of their province.
    """
    raw = _offshore_facts(facts)
    named = raw[raw["item"].str.contains(_HANGUL)].reset_index(drop=True)
    code, district = _places(named["region"], districts)
    point = _district_points(districts)
    projects = pd.DataFrame(
        {
            "stock_id": "offshore-wind-" + named["item"].map(_slug),
            "technology": "offshore_wind", "status": named["status"].map(_STATUS),
            "mw": named["mw"], "province_code": code, "district_code": district,
            "name_ko": named["item"], "lon": district.map(point["lon"]),
            "lat": district.map(point["lat"]), "as_of": named["as_of"],
            "source": named["source"], "confidence": named["confidence"],
        }
    )[COLUMNS]  # fmt: skip
    rest = [_rest(total, projects) for _, total in _latest_totals(raw).iterrows()]
    return pd.concat([projects, pd.DataFrame(rest, columns=COLUMNS)], ignore_index=True)


def clean_stock(facts: Path, out: Path) -> pd.DataFrame:
    """Return all rows of the layer, from the facts and from layers that are built before.

    Parameters
    ----------
    facts, out : Path
        Folders of the fact tables and of the layer files (``districts.geojson``,
        ``power_by_province.csv``, ``wind_farms.csv``).
    """
    districts = gpd.read_file(out / "districts.geojson").to_crs(CRS_EPSG)
    power = pd.read_csv(out / "power_by_province.csv", dtype={"province_code": str})
    farms = pd.read_csv(out / "wind_farms.csv")
    parts = [solar(power), onshore_wind(farms, districts), offshore_wind(facts, districts)]
    return pd.DataFrame(pd.concat([part.astype(object) for part in parts], ignore_index=True))


def _offshore_facts(facts: Path) -> pd.DataFrame:
    """Return the fact table, each row with its own source ('same' is that of the row above)."""
    path = facts / _FACTS
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; facts must hold {_FACTS}")
    raw = pd.read_csv(path, encoding="utf-8")
    strange = raw[~raw["status"].isin([*_STATUS, _TARGET])]
    if len(strange):
        raise LayerError(
            f"{_FACTS}: {strange['item'].iloc[0]}: status {strange['status'].iloc[0]!r} is not known; "
            f"known are {', '.join([*_STATUS, _TARGET])}"
        )
    return raw.assign(source=raw["source"].mask(raw["source"] == "same").ffill())


def _places(
    region: pd.Series[str], districts: gpd.GeoDataFrame
) -> tuple[pd.Series[str], pd.Series[str]]:
    """Return province and district codes of regions such as '전남 신안' or '제주'."""
    parts = region.str.partition(" ")
    code = parts[0].map(PROVINCE_CODES)
    stem = districts["name_ko"].str.replace(r"[시군구]$", "", regex=True)
    of_name = dict(zip(districts["province_code"] + stem, districts["district_code"], strict=True))
    # '부안·고창' is two districts: only the province is known then
    alone = parts[2].where((parts[2] != "") & ~parts[2].str.contains("·"))
    district = (code + alone).map(of_name)
    lost = code.isna() | (alone.notna() & district.isna())
    if lost.any():
        raise LayerError(
            f"{_FACTS}: region {region[lost].iloc[0]} is not known; a short name of a province and "
            "a district of it without its last letter are needed, as in '전남 신안'"
        )
    return code, district


def _district_points(districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return longitude and latitude of a point inside each district, by code."""
    points = districts.geometry.representative_point().to_crs(DEGREES_EPSG)
    return pd.DataFrame(
        {"lon": points.x.to_numpy(), "lat": points.y.to_numpy()}, index=districts["district_code"]
    )


def _latest_totals(raw: pd.DataFrame) -> pd.DataFrame:
    """Return the latest total of licences of each province."""
    totals = raw[(raw["item"] == _TOTAL) & raw["region"].isin(PROVINCE_CODES)]
    return totals.sort_values("as_of").drop_duplicates("region", keep="last")


def _rest(total: pd.Series, projects: pd.DataFrame) -> list[object]:
    """Return the row of a province's licences that no named project accounts for."""
    region = str(total["region"])
    code = PROVINCE_CODES[region]
    named_mw = float(projects.loc[projects["province_code"] == code, "mw"].sum())
    rest_mw = float(total["mw"]) - named_mw
    if rest_mw <= 0:
        raise LayerError(
            f"{_FACTS}: {region}: named projects have {named_mw:g} MW, and all licences only "
            f"{total['mw']:g}; the total holds all that are named"
        )
    source = (
        f"{total['mw']:,.0f} MW licensed ({total['source']}) less {named_mw:,.1f} MW named here"
    )
    return [
        f"offshore-wind-{code}-unnamed", "offshore_wind", "licensed", rest_mw, code, None,
        f"{region} 해상풍력 발전사업허가(사업명 미상)", np.nan, np.nan, total["as_of"], source, "derived",
    ]  # fmt: skip


def _slug(name: str) -> str:
    """Return a Korean name in small Latin letters, words joined by hyphens."""
    return "-".join(re.findall("[a-z0-9]+", romanise(name).lower()))


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - as all builders
    """Write ``clean_stock.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies (not used), of the fact tables, and of the layer files.
    """
    stock = clean_stock(facts, out)
    write_csv(stock, out / "clean_stock.csv", "stock_id", {"mw": 3})
    return [_entry(stock, _offshore_facts(facts))]


def _entry(stock: pd.DataFrame, raw: pd.DataFrame) -> Built:
    """Return the catalogue entry; its figures are those of the table."""
    mw = stock.groupby("technology")["mw"].sum().astype(float)
    offshore = stock[stock["technology"] == "offshore_wind"]
    country = (
        raw[raw["region"] == "전국"].sort_values("as_of").drop_duplicates("status", keep="last")
    )
    totals = country.set_index("status")["mw"]
    of_provinces = _latest_totals(raw)
    without = float(totals["generation licence"] - of_provinces["mw"].sum())
    elsewhere = ~offshore["province_code"].isin(of_provinces["region"].map(PROVINCE_CODES))
    running = float(offshore.loc[offshore["status"] == "operating", "mw"].sum())
    session_mw = float(
        offshore.loc[
            (offshore["status"] == "licensed") & (offshore["confidence"] != "derived"), "mw"
        ].sum()
    )
    published_mw = float(raw.loc[raw["item"].str.startswith(_SESSION), "mw"].sum())
    return Built(
        id="clean_stock", file="clean_stock.csv", kind="table",
        title_ko="태양광·풍력 설비(운영·건설·선정·허가)",
        title_en="Solar and wind: running, being built, selected, licensed",
        source="layers power_by_province and wind_farms (Korea Energy Agency); press on offshore "
        "licences and auctions; the source of each value in its row",
        licence="open data; facts, no known restriction", vintage="2024-12 to 2025-12, per row",
        crs="", unit="MW", confidence="per row",
        good_for="How much solar and wind there is to contract with, and where: "
        f"{mw['solar']:,.0f} MW of solar by province, {mw['onshore_wind']:,.0f} MW of onshore wind "
        f"by farm, {mw['offshore_wind']:,.0f} MW of offshore wind by project.",
        not_good_for=f"All there is: {without:,.0f} of {totals['generation licence']:,.0f} MW of "
        "offshore licences lie in no province that is told; "
        f"{offshore.loc[elsewhere, 'mw'].sum():,.0f} of them are named here, the rest have no row. "
        f"Of {totals['operating']:,.2f} MW that ran in 2025-05 {running:g} are named. The licences "
        f"of one session add up to {session_mw:,.0f} MW by name, {published_mw:,.0f} as published: "
        "the names are kept. A province's licences beside its named projects are one row without a "
        "district; that the total holds those that run, are built or selected is the cautious "
        "reading. Onshore licences, solar plants not yet running and wind farms that the register "
        "lacks are not in it; a licence is no plant.",
    )  # fmt: skip
