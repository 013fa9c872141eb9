"""Industrial complexes of the national register: position, type and least size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from pyproj import Transformer

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.layers.complex_types import COMPLEX_TYPES
from siteopt.layers.district_codes import DistrictCodes
from siteopt.sites.lots import LOT_REACH_KM, lot_distances_km, lot_hulls_km2
from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["build", "industrial_complexes"]

_FACTS: Final = {
    "울산미포 국가산단": ("131020", "Ulsan-Mipo"),
    "새만금 국가산단": ("145050", "Saemangeum"),
    "대불 국가산단": ("146020", "Daebul"),
    "여수 국가산단": ("146040", "Yeosu"),
    "광양 국가산단": ("146010", "Gwangyang"),
    "온산 국가산단": ("131010", "Onsan"),
    "창원 국가산단": ("148060", "Changwon"),
    "대구 국가산단(구지)": ("127010", "Daegu (Guji)"),
    "오송생명과학": ("143020", "Osong Bio"),
    "북평 국가산단": ("142010", "Bukpyeong"),
    "석문 국가산단": ("144030", "Seongmun"),
    "대산(서산) 석유화학": None,  # several complexes of the register; nothing known but its place
}
"""Compiled complexes: id in the register and name in English."""

_SINGLE_USE: Final = {
    "144010": "thermal power station", "147030": "nuclear power station", "147040": "steel works",
    "148020": "shipyard", "148030": "shipyard", "144020": "oil stockpile",
    "146030": "oil stockpile", "148050": "oil stockpile", "244250": "steel works",
    "242290": "LNG terminal", "242320": "thermal power station", "244640": "thermal power station",
}  # fmt: skip
"""Complexes of one plant, by id in the register (general knowledge, compiled-medium)."""


def industrial_complexes(
    register: pd.DataFrame, facts: pd.DataFrame, lots: pd.DataFrame, codes: DistrictCodes
) -> pd.DataFrame:
    """Return the complexes of the register with what is known of their size and price.

    Parameters
    ----------
    register : DataFrame
        ``id, name, type_ko, sgg_code, lon, lat``; one row a complex (large national ones in
        parts), a point inside it, degrees.
    facts : DataFrame
        Compiled: ``name, area_km2, land_price_krw_m2, price_year, source, confidence``.
    lots : DataFrame
        ``complex_id, lon, lat``: points inside planned lots.
    codes : DistrictCodes
        Which districts a code means.

    Returns
    -------
    DataFrame
        ``complex_id`` is ``C`` and the id of the register. ``area_min_km2`` is the convex hull of
        the points of the lots (see :mod:`siteopt.sites.lots`), ``area_km2`` the compiled area; both
        are empty where nothing is known. ``single_use`` names the plant of those that are one.

    Raises
    ------
    LayerError
        If a compiled complex has no place in the register, or a type is not known.
    """
    unknown = sorted(set(register["type_ko"]) - {labels[0] for labels in COMPLEX_TYPES.values()})
    if unknown:
        raise LayerError(f"industrial_complexes_1337.csv: type_ko {unknown[0]!r} is not known")
    ids = "C" + register["id"].astype(str)
    district = [codes.districts_of(code)[0] for code in register["sgg_code"]]
    tokens = {labels[0]: token for token, labels in COMPLEX_TYPES.items()}
    kinds = register["type_ko"].map(tokens)
    known = _known(facts, set(register["id"])).reindex(register["id"])
    of_lot, xy_m = "C" + lots["complex_id"].astype(str), _metres(lots)
    places = pd.DataFrame(_metres(register), index=pd.Index(ids), columns=["x_m", "y_m"])
    own = lot_distances_km(of_lot, xy_m, places) <= LOT_REACH_KM
    hulls = lot_hulls_km2(of_lot[own], xy_m[own])
    said = "register of industrial complexes (ILIS)"
    sources = known["source"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "complex_id": ids, "name_ko": register["name"],
            "name_en": known["name_en"].to_numpy(dtype=object),
            "type": kinds, "type_ko": register["type_ko"],
            "type_en": kinds.map({token: labels[1] for token, labels in COMPLEX_TYPES.items()}),
            "province_code": [code[:2] for code in district], "district_code": district,
            "lon": register["lon"], "lat": register["lat"],
            "n_lots": of_lot[own].value_counts().reindex(ids, fill_value=0).to_numpy(),
            "area_min_km2": hulls.reindex(ids).to_numpy(),
            "area_km2": known["area_km2"].to_numpy(),
            "area_confidence": known["confidence"].where(known["area_km2"].notna()).to_numpy(),
            "land_price_krw_m2": known["land_price_krw_m2"].to_numpy(),
            "price_year": known["price_year"].to_numpy(),
            "single_use": register["id"].map(_SINGLE_USE),
            "source": [said if pd.isna(more) else f"{said}; {more}" for more in sources],
            "confidence": np.where(known["land_price_krw_m2"].isna(), "published", known["confidence"]),
        }
    )  # fmt: skip


def _known(facts: pd.DataFrame, register: set[str]) -> pd.DataFrame:
    """Return the compiled complexes by id of the register."""
    missing = sorted(set(facts["name"]) - set(_FACTS))
    if missing:
        raise LayerError(
            f"industrial_complexes.csv: {missing[0]} has no place in the register; add its id"
        )
    named = {name: found for name, found in _FACTS.items() if found is not None}
    table = facts[facts["name"].isin(named)].copy()
    table["id"] = [named[name][0] for name in table["name"]]
    table["name_en"] = [f"{named[name][1]} industrial complex" for name in table["name"]]
    lost = sorted(set(table["id"]) - register)
    if lost:
        raise LayerError(f"industrial_complexes_1337.csv: id {lost[0]} is missing")
    return table.set_index("id")


def _metres(places: pd.DataFrame) -> NDArray[np.float64]:
    """Return EPSG:5179 metres of places in degrees, shape (n, 2)."""
    to_metres = Transformer.from_crs(4326, CRS_EPSG, always_xy=True)
    x, y = to_metres.transform(places["lon"].to_numpy(), places["lat"].to_numpy())
    return np.column_stack([x, y])


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``industrial_complexes.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    out : Path
        Folder of the layer files; it holds ``district_codes.csv`` already.
    """
    text = {"id": str, "sgg_code": str, "complex_id": str}
    register = pd.read_csv(sources / "land" / "industrial_complexes_1337.csv", dtype=text)
    lots = pd.read_csv(sources / "land" / "industrial_lots_17017_points.csv", dtype=text)
    known = pd.read_csv(facts / "industrial_complexes.csv", encoding="utf-8")
    codes = DistrictCodes(pd.read_csv(out / "district_codes.csv", dtype=str))
    table = industrial_complexes(register, known, lots, codes)
    write_csv(table, out / "industrial_complexes.csv", "complex_id")
    return [_entry(table, lots)]


def _entry(table: pd.DataFrame, lots: pd.DataFrame) -> Built:
    hulls = int(table["area_min_km2"].notna().sum())
    left_out = len(lots) - int(table["n_lots"].sum())
    both = table.dropna(subset=["area_km2", "area_min_km2"])
    larger = both[both["area_min_km2"] > both["area_km2"]]["name_ko"].sort_values()
    return Built(
        id="industrial_complexes", file="industrial_complexes.csv", kind="vector",
        title_ko="산업단지", title_en="Industrial complexes",
        source="register of industrial complexes and their planned lots (V-World/ILIS), as copied in "
        "w1kch9812-cmd/gongzzang (commit f125fc4); areas and one price compiled for siteopt",
        licence="none stated for the copy; the source is open data", vintage="late 2025",
        crs="EPSG:4326", unit="area_km2 and area_min_km2 km2, land_price_krw_m2 KRW/m2",
        confidence="per row",
        good_for=f"Where the {len(table):,} complexes are, of which type, and for {hulls} of them how "
        "large they are about at least: area_min_km2 is the hull of the points of the planned lots. "
        "Large national complexes stand in parts; single_use marks some that are one plant.",
        not_good_for=f"Areas: known (compiled) for {int(table['area_km2'].notna().sum())} complexes "
        f"only, empty elsewhere. The hull is no area and, for a complex of several pieces, no strict "
        f"lower bound ({', '.join(larger)}: larger than the area). Which lots are free, their sizes "
        f"and prices are not in it. {left_out} of {len(lots):,} lots are left out, more than "
        f"{LOT_REACH_KM:g} km from their complex or without one in the register.",
    )  # fmt: skip
