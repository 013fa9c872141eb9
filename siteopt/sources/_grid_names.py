"""Station names: their own, those of large plants, else of their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._romanise import romanise

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["name_stations", "nearest_polygon", "place_names", "places_of", "read_admin"]

_NAME_REACH_M: Final = 3_000.0
"""A known name belongs to a station at most this far away (its coordinates are +-1-3 km)."""

_METROPOLITAN: Final = ("11", "26", "27", "28", "29", "30", "31")
"""Province codes of Seoul and the metropolitan cities: their gu share names (Jung-gu, Nam-gu)."""

_CONFIDENCE: Final = {"H": "compiled-high", "M": "compiled-medium", "L": "compiled-low"}

_ENGLISH: Final = {
    "신태백 765": "Sintaebaek 765", "신진천": "Sinjincheon", "청양": "Cheongyang",
    "신옥천": "Sinokcheon", "신중부 765": "Sinjungbu 765", "신서산 765": "Sinseosan 765",
    "보령화력": "Boryeong Thermal", "월성 원전": "Wolseong Nuclear",
    "신포항(권역)": "Sinpohang (area)", "신온산/울산 권역": "Sinonsan/Ulsan area",
    "고리/새울 원전 스위치야드": "Kori/Saeul Nuclear switchyard", "한빛 원전": "Hanbit Nuclear",
    "신광주(권역)": "Singwangju (area)", "신임실": "Sinimsil",
    "한울/신한울 원전 스위치야드": "Hanul/Shin Hanul Nuclear switchyard",
    "삼척그린파워": "Samcheok Green Power", "군산": "Gunsan", "양양(양수)": "Yangyang (pumped storage)",
    "당진화력 765": "Dangjin Thermal 765", "북부산(권역)": "Bukbusan (area)", "신강진": "Singangjin",
    "신양산": "Sinyangsan", "신김제": "Singimje", "의령": "Uiryeong", "신남원": "Sinnamwon",
    "신화순": "Sinhwasun", "함안(권역)": "Haman (area)", "신김해": "Singimhae",
    "삼천포화력": "Samcheonpo Thermal", "하동화력": "Hadong Thermal", "신여수": "Sinyeosu",
    "광양(권역)": "Gwangyang (area)", "신당진": "Sindangjin", "신제천": "Sinjecheon", "동해": "Donghae",
    "신원주": "Sinwonju", "삼척 권역": "Samcheok area", "북경남 765": "Bukgyeongnam 765",
    "신구미/구미": "Singumi/Gumi", "신충주": "Sinchungju", "태안화력": "Taean Thermal",
    "산청양수": "Sancheong Pumped Storage", "청송양수": "Cheongsong Pumped Storage",
    "무주양수": "Muju Pumped Storage", "포스코": "POSCO",
    "동평택에너지센터": "Dongpyeongtaek Energy Center", "한국발전기술": "Hanguk Baljeon Gisul",
    "한국철도공사동해변전사업소": "Korail Donghae",
    "한국철도공사 청량리전기사업소 의정부관리소": "Korail Uijeongbu",
    "청량리전기사업소 연천보조급전소": "Korail Yeoncheon",
}  # fmt: skip
"""Romanised names of the known stations; a new one takes the English name of its place."""


_ENDINGS: Final = {
    "개폐소": "switching station", "변환소": "converter station", "양수": "Pumped Storage",
    "화력": "Thermal", "전철": "Railway", "시멘트": "Cement",
}  # fmt: skip
"""Last part of a name -> English."""


def read_admin(path: Path) -> gpd.GeoDataFrame:
    """Read polygons in EPSG:5179 or say which file is missing."""
    if not path.is_file():
        raise LayerFileError(
            f"{path}: no such file; the grid layers are built after provinces and districts"
        )
    return gpd.read_file(path).to_crs(CRS_EPSG)


def nearest_polygon(points: NDArray[np.object_], polygons: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the row of the polygon that holds, or else lies nearest to, each point.

    Of polygons at the same distance the first row is taken.
    """
    tree = shapely.STRtree(np.asarray(polygons.geometry.array))
    hits = tree.query_nearest(points, all_matches=True)
    first = pd.Series(hits[1]).groupby(hits[0]).min()
    return first.reindex(range(len(points))).to_numpy(dtype=np.int64)


def places_of(points: NDArray[np.object_], sources: Path, facts: Path, out: Path) -> pd.DataFrame:
    """Return codes and names of the place of each point.

    Parameters
    ----------
    points : ndarray of Point
        EPSG:5179.
    sources, facts : Path
        Folders with ``admin/eupmyeondong_kostat2018.geojson`` and ``provinces.csv``.
    out : Path
        Folder that holds ``districts.geojson`` already.

    Returns
    -------
    DataFrame
        ``province_code, district_code, place_ko, place_en``, one row a point.
    """
    districts = read_admin(out / "districts.geojson").sort_values("district_code")
    districts = districts.reset_index(drop=True)
    towns = read_admin(sources / "admin" / "eupmyeondong_kostat2018.geojson")
    towns = towns.sort_values("code").reset_index(drop=True)
    provinces = pd.read_csv(facts / "provinces.csv", dtype=str).set_index("mois_code2")
    at = districts.iloc[nearest_polygon(points, districts)].reset_index(drop=True)
    town = towns.iloc[nearest_polygon(points, towns)].reset_index(drop=True)
    # KOSTAT writes Ochi 1(il)-dong
    english = town["name_eng"].str.replace(r"\([a-z]+\)", "", regex=True)
    return place_names(at, town["name"], english, provinces)


def place_names(
    at: pd.DataFrame, town_ko: pd.Series, town_en: pd.Series, provinces: pd.DataFrame
) -> pd.DataFrame:
    """Return codes and names of places: district and town, of urban districts the city before.

    Parameters
    ----------
    at : DataFrame
        District of each place: ``district_code, province_code, name_ko, name_en``.
    town_ko, town_en : Series
        Names of its eup, myeon or dong.
    provinces : DataFrame
        ``name_ko, name_en`` by code.

    Returns
    -------
    DataFrame
        ``province_code, district_code, place_ko, place_en``.

    Raises
    ------
    LayerError
        If a province is not known.
    """
    code = at["province_code"].astype(str)
    unknown = sorted(set(code) - set(provinces.index))
    if unknown:
        raise LayerError(
            f"districts.geojson: province_code {unknown[0]} is not in provinces.csv; use MOIS codes"
        )
    urban = at["name_ko"].str.endswith(("구", "군")) & code.isin(_METROPOLITAN)
    short_ko = code.map(provinces["name_ko"]).str[:2] + " "
    district_ko = short_ko.where(urban, "") + at["name_ko"]
    district_en = at["name_en"] + (", " + code.map(provinces["name_en"])).where(urban, "")
    return pd.DataFrame(
        {
            "province_code": code,
            "district_code": at["district_code"].astype(str),
            "place_ko": district_ko + " " + town_ko,
            "place_en": town_en + ", " + district_en,
        }
    )


def _numbered(names: pd.Series) -> pd.Series:
    """Return names told apart: the second of a place carries a 2, in row order."""
    count = names.groupby(names).cumcount()
    return names + (" " + (count + 1).astype(str)).where(count > 0, "")


def _known_names(nodes: gpd.GeoDataFrame, facts: Path) -> pd.DataFrame:
    """Return ``name_ko, confidence`` of known names that nodes of 345 kV and more bear, by row.

    Each name goes to the nearest such node within 3 km that no nearer name has taken.
    """
    known = pd.read_csv(facts / "ehv_nodes_osm.csv").dropna(subset=["name_ko"])
    known_at = gpd.GeoSeries.from_xy(known["lon"], known["lat"], crs=4326).to_crs(CRS_EPSG)
    distance = shapely.distance(
        np.asarray(known_at.array)[:, None], np.asarray(nodes.geometry.array)[None, :]
    )
    distance[:, nodes["voltage_max_kv"].to_numpy() < 345] = np.inf  # noqa: PLR2004 - names are of 345 kV and up
    pairs = np.argwhere(distance <= _NAME_REACH_M)
    pairs = pairs[np.argsort(distance[pairs[:, 0], pairs[:, 1]], kind="stable")]
    found: dict[int, tuple[str, str]] = {}
    used: set[int] = set()
    for row, node in pairs.tolist():
        if row not in used and node not in found:
            used.add(row)
            found[node] = (
                str(known["name_ko"].iloc[row]), _CONFIDENCE[str(known["name_conf"].iloc[row])]
            )  # fmt: skip
    rows = sorted(found)
    return pd.DataFrame([found[row] for row in rows], index=rows, columns=["name_ko", "confidence"])


def name_stations(
    nodes: gpd.GeoDataFrame, places: pd.DataFrame, facts: Path | None
) -> pd.DataFrame:
    """Return ``name_ko, name_en, name_confidence`` of the nodes of the network.

    Parameters
    ----------
    nodes : GeoDataFrame
        Points in EPSG:5179 with ``name_ko`` (the station's own, empty for none), ``kind`` and
        ``voltage_max_kv``.
    places : DataFrame
        Names of the place of each, from :func:`places_of`.
    facts : Path
        Folder with ``ehv_nodes_osm.csv``: names of 345 and 765 kV stations; plants without a name
        of their own bear the one within 3 km. None: no names are lent.

    Returns
    -------
    DataFrame
        Names are without the word substation (변전소). Two stations of one name bear their
        district, two in one district their town. A node without a name bears that of its place,
        numbered where the place has more than one. Confidence is ``compiled-high`` for names of
        the map, that of the file of known names, or ``place``.
    """
    nodes = nodes.reset_index(drop=True)
    name = nodes["name_ko"].fillna("").astype(str)
    confidence = pd.Series("place", index=nodes.index).mask(name != "", "compiled-high")
    if facts is not None:
        bare_plants = nodes[(nodes["kind"] == "plant") & (name == "")]
        lent = _known_names(bare_plants, facts)
        at = bare_plants.index[lent.index]
        name[at], confidence[at] = lent["name_ko"].to_numpy(), lent["confidence"].to_numpy()
    english = name.map(lambda korean: _ENGLISH.get(korean, _in_english(korean)))
    twice = (name != "") & name.duplicated(keep=False)
    district = places["place_ko"].str.rsplit(" ", n=1).str[0]
    # of two in one district the town tells them apart
    in_town = pd.DataFrame({"name": name, "at": district}).duplicated(keep=False)
    inside_ko = district.where(~in_town, places["place_ko"].str.split(" ").str[-1])
    parts = places["place_en"].str.split(", ")
    inside_en = parts.str[1].where(~in_town, parts.str[0])
    name = name.where(~twice, name + " (" + inside_ko + ")")
    english = english.where(~twice, english + " (" + inside_en.fillna("") + ")")
    rest = confidence == "place"
    name[rest] = _numbered(places.loc[rest, "place_ko"])
    english[rest] = _numbered(places.loc[rest, "place_en"])
    return pd.DataFrame({"name_ko": name, "name_en": english, "name_confidence": confidence})


def _in_english(korean: str) -> str:
    """Return a station's name in Latin letters, its last word translated where it says what it is."""
    for ending, word in _ENDINGS.items():
        if korean.endswith(ending) and korean != ending:
            return f"{romanise(korean.removesuffix(ending))} {word}"
    return romanise(korean)
