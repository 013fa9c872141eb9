"""Provinces and si/gun/gu: KOSTAT 2018 borders, current names, codes and electors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import Built, write_geojson

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["build", "crosswalk", "current_code", "read_districts"]

TOLERANCE_M: Final = 100.0
"""Generalisation of shared borders (Visvalingam: side of the triangle removed)."""

ISLAND_MIN_M2: Final = 50_000.0
"""Smaller islands are left out: 5 ha is the land of the smallest build, Dokdo's islets stay."""

_RENAMED_PROVINCES: Final = {"42": "51", "45": "52"}
"""Gangwon (2023) and Jeonbuk (2024) became special self-governing provinces with new codes."""

_MOVED: Final = {"47720": "27720"}
"""Gunwi went from Gyeongbuk to Daegu on 2023-07-01."""

_SUFFIXES: Final = {"시": "si", "군": "gun", "구": "gu"}

_NAME_EN: Final = {"23030": "Michuhol-gu", "29010": "Sejong", "32360": "Cheorwon-gun"}
"""English names by KOSTAT code where the source's is outdated or wrong (it says Gongju-si for
Cheorwon; Incheon Nam-gu became Michuhol-gu in 2018)."""

_CITY_EN: Final = {"포항": "Pohang", "창원": "Changwon"}
"""Cities whose English name the source leaves out of the names of their gu."""

_SOURCE: Final = (
    "southkorea/southkorea-maps kostat/2018 (commit fe65e05, borders, KOSTAT codes, English "
    "names); vuski/admdongkor ver20220309 (commit 20dca68, administrative codes, electors)"
)
_LICENCE: Final = (
    "borders: KOSTAT, 'Free to share or remix'; codes and electors: free use, naming "
    "vuski/admdongkor recommended"
)


def current_code(code: str) -> str:
    """Return the administrative code of today for one of 2022 (5 digits)."""
    moved = _MOVED.get(code, code)
    return _RENAMED_PROVINCES.get(moved[:2], moved[:2]) + moved[2:]


def crosswalk(kostat: gpd.GeoDataFrame, electors: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return which administrative unit each KOSTAT unit is, by overlap and by name.

    Parameters
    ----------
    kostat : GeoDataFrame
        Columns code, name; metric CRS.
    electors : GeoDataFrame
        Columns sgg_code, sigungu; same CRS.

    Returns
    -------
    DataFrame
        Columns code, sgg_code, name, sigungu, share (overlap / area of the KOSTAT unit),
        same_name; one row per KOSTAT unit in order of code.

    Raises
    ------
    LayerError
        If the match is not one to one.
    """
    left, right = kostat.geometry.array, electors.geometry.array
    pairs = electors.sindex.query(left, predicate="intersects")
    area = shapely.area(shapely.intersection(left[pairs[0]], right[pairs[1]]))
    found = pd.DataFrame({"left": pairs[0], "right": pairs[1], "area": area})
    best = found.sort_values("area", kind="stable").groupby("left").tail(1).sort_values("left")
    out = pd.DataFrame(
        {
            "code": kostat["code"].to_numpy()[best["left"]],
            "sgg_code": electors["sgg_code"].to_numpy()[best["right"]],
            "name": kostat["name"].to_numpy()[best["left"]],
            "sigungu": electors["sigungu"].to_numpy()[best["right"]],
            "share": best["area"].to_numpy() / shapely.area(left)[best["left"]],
        }
    )
    out["same_name"] = out["name"] == out["sigungu"]
    one_to_one = len(out) == len(kostat) == len(electors) and out["sgg_code"].is_unique
    if not one_to_one:
        raise LayerError(
            f"admin: {len(kostat)} KOSTAT and {len(electors)} administrative units do not match "
            "one to one; add a rule for the units that split or merged"
        )
    return out.sort_values("code").reset_index(drop=True)


def read_districts(sources: Path) -> gpd.GeoDataFrame:
    """Return si/gun/gu in full detail, EPSG:5179.

    Returns
    -------
    GeoDataFrame
        Columns district_code, kostat_code, name_ko, name_en, province_code, electors,
        sido_2022, sigungu_2022 (names that the elector tables join by).
    """
    folder = sources / "admin"
    kostat = gpd.read_file(folder / "sigungu_kostat2018.geojson").to_crs(CRS_EPSG)
    units = gpd.read_file(folder / "sigungu_2022_electors.geojson").to_crs(CRS_EPSG)
    units["geometry"] = _polygons(units.geometry.array)
    kostat["geometry"] = _polygons(kostat.geometry.array)
    kostat = kostat.sort_values("code").reset_index(drop=True)
    links = crosswalk(kostat, units)
    table = kostat.merge(links[["code", "sgg_code"]], on="code").merge(
        units.drop(columns="geometry"), on="sgg_code"
    )
    table["district_code"] = [current_code(code) for code in table["sgg_code"]]
    table["name_en"] = [
        _english(code, ko, en)
        for code, ko, en in zip(table["code"], table["sigungu"], table["name_eng"], strict=True)
    ]
    table["name_ko"] = [re.sub(r"^(.+시)(.+구)$", r"\1 \2", name) for name in table["sigungu"]]
    table["province_code"] = table["district_code"].str[:2]
    # coverage_clean snaps the few borders that do not meet (500 m in all) without moving others
    table["geometry"] = shapely.coverage_clean(  # type: ignore[attr-defined] # stubs lag shapely 2.2
        np.asarray(table.geometry.array)
    )
    return table.rename(
        columns={"code": "kostat_code", "electors_2022": "electors", "sido": "sido_2022",
                 "sigungu": "sigungu_2022"}
    )[
        ["district_code", "kostat_code", "name_ko", "name_en", "province_code", "electors",
         "sido_2022", "sigungu_2022", "geometry"]
    ]  # fmt: skip


def _polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the polygons of shapes; the source has a few with stray lines among them."""
    valid = shapely.make_valid(np.asarray(shapes, dtype=object))
    parts, index = shapely.get_parts(valid, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    index = index[inner]
    polygon = shapely.get_dimensions(parts) == 2  # noqa: PLR2004 - dimension of a surface
    out: NDArray[np.object_] = shapely.multipolygons(parts[polygon], indices=index[polygon])
    return out


def _english(code: str, name_ko: str, name_en: str) -> str:
    """Return an English name in one style: 'Jung-gu', 'Suwon Jangan-gu'."""
    if code in _NAME_EN:
        return _NAME_EN[code]
    suffix = _SUFFIXES[name_ko[-1]]
    stem = re.sub(rf"-?{suffix}$", "", name_en) if name_en.lower().endswith(suffix) else name_en
    of_city = re.match(r"^(.+)시.+구$", name_ko)
    if of_city is None:
        return f"{stem}-{suffix}"
    if of_city[1] in _CITY_EN:
        return f"{_CITY_EN[of_city[1]]} {stem}-{suffix}"
    city, gu = re.fullmatch(r"([A-Z][a-z]+?)si(.+)", stem, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{city} {gu.capitalize()}-{suffix}"


def _generalised(districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return districts without tiny islands, borders simplified together."""
    parts = districts[["district_code", "geometry"]].explode(ignore_index=True)
    area = parts.area
    largest = area == area.groupby(parts["district_code"]).transform("max")
    kept = parts[largest | (area >= ISLAND_MIN_M2)].reset_index(drop=True)
    kept["geometry"] = shapely.coverage_simplify(kept.geometry.array, TOLERANCE_M)
    merged = kept.dissolve("district_code", method="coverage").geometry
    out = districts.copy()
    out["geometry"] = merged.loc[out["district_code"]].to_numpy()
    if not shapely.coverage_is_valid(shapely.get_parts(out.geometry.array)):
        raise LayerError("admin: borders of districts do not meet after generalising")
    return out


def _provinces(districts: gpd.GeoDataFrame, facts: Path) -> gpd.GeoDataFrame:
    """Return provinces dissolved from the generalised districts, with the facts of each."""
    table = pd.read_csv(
        facts / "provinces.csv", dtype={"mois_code2": str, "kostat_code2": str}, encoding="utf-8"
    )
    shapes = districts.dissolve("province_code", method="coverage").geometry
    table = table.rename(
        columns={"mois_code2": "province_code", "kostat_code2": "kostat_code",
                 "pop_mln_2024": "population_mln",
                 "power_self_sufficiency_pct_2025_01_07": "self_sufficiency_pct"}
    ).drop(columns="source")  # fmt: skip
    if set(table["province_code"]) != set(shapes.index):
        raise LayerError("provinces.csv: province codes are not those of the districts")
    table["capital_region"] = table["capital_region"].astype(bool)
    shapes = shapes.loc[table["province_code"]]
    return gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=districts.crs)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``districts.geojson`` and ``provinces.geojson``.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    out : Path
        Folder of the layer files.
    """
    districts = _generalised(read_districts(sources))
    # round before dissolving, so that both files have the same borders to the last digit
    districts = districts.to_crs(4326)
    rounded = shapely.transform(districts.geometry.array, lambda xy: np.round(xy, 5))
    districts["geometry"] = rounded
    write_geojson(
        districts.drop(columns=["sido_2022", "sigungu_2022"]), out / "districts.geojson",
        "district_code",
    )  # fmt: skip
    provinces = _provinces(districts, facts)
    write_geojson(
        provinces, out / "provinces.geojson", "province_code",
        {"population_mln": 2, "self_sufficiency_pct": 1, "area_km2": 0},
    )  # fmt: skip
    return [_districts_entry(), _provinces_entry()]


def _districts_entry() -> Built:
    return Built(
        id="districts", file="districts.geojson", kind="vector", title_ko="시·군·구",
        title_en="Si, gun, gu (districts)", source=_SOURCE, licence=_LICENCE,
        vintage="borders 2018, codes and electors 2022-03, names and codes of provinces and "
        "Gunwi as of 2024",
        crs="EPSG:4326", unit="electors: persons of voting age", confidence="published",
        good_for="Which district a place is in; maps down to about 1:250,000; joining tables by "
        "administrative or KOSTAT code.",
        not_good_for="Legal borders or areas: generalised to about 100 m, islands under 5 ha left "
        "out, land reclaimed since 2018 missing (Saemangeum). Bucheon is one unit (its gu of 2024 "
        "are not drawn).",
    )  # fmt: skip


def _provinces_entry() -> Built:
    return Built(
        id="provinces", file="provinces.geojson", kind="vector", title_ko="시·도",
        title_en="Provinces and metropolitan cities",
        source=_SOURCE + "; facts compiled for siteopt: self-sufficiency from press (imaeil "
        "2025-09-25), installed MW from EPSIS 2025-09, area and population general knowledge",
        licence=_LICENCE, vintage="borders 2018 with Gunwi in Daegu (2023); figures 2024-2025",
        crs="EPSG:4326",
        unit="area_km2 km2, population_mln million, self_sufficiency_pct %, *_mw MW installed",
        confidence="borders and MW published; area (+-1 %) and population (+-2 %) compiled-high",
        good_for="Land of the country, capital region, shares by province; borders are exactly "
        "those of the districts.",
        not_good_for="Shoreline works or legal areas: generalised to about 100 m. Land "
        "reclaimed since 2018 is missing; the coast of the NGII map of 2023 closes to polygons, but "
        "holds the water within the Saemangeum dyke too (307 km2) and fewer of 17,017 factory lots "
        "(97.1 %) than this layer (99.5 %). self_sufficiency_pct is empty where no figure was read.",
    )  # fmt: skip
