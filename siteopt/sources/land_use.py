"""Land by district: industrial land for sale or planned, and land use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.layers.district_codes import DistrictCodes
from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.layers.district_codes import How

__all__ = ["build", "industrial_land", "land_category"]

_LAND: Final = "land/ilis_industrial_land_2026-05_by_district.csv"
_CATEGORY: Final = "land/land_category_2025_by_district.csv"

_KM2: Final = (
    "area_km2", "dry_field_km2", "paddy_km2", "forest_km2", "building_km2", "factory_km2",
    "reservoir_km2", "public_owned_km2",
)  # fmt: skip
"""Areas of the table that the layer keeps."""


def industrial_land(table: pd.DataFrame, codes: DistrictCodes) -> pd.DataFrame:
    """Return unsold, developing and announced industrial land of our districts.

    Parameters
    ----------
    table : DataFrame
        ``sgg_code_2026, sigungu, unsold_ha, under_development_ha, announced_for_sale_ha``; a city
        with gu has one row.
    codes : DistrictCodes
        Which districts a code means.

    Returns
    -------
    DataFrame
        ``district_code, unsold_ha, under_development_ha, announced_ha, shared_by``: a city's figure
        stands at each of its gu and is shared by so many districts. Not listed is not 0: such
        cells are empty.
    """
    named = table.rename(columns={"announced_for_sale_ha": "announced_ha"})
    columns = ("unsold_ha", "under_development_ha", "announced_ha")
    how: dict[str, How] = dict.fromkeys(columns, "sum")
    listed = named.dropna(subset=list(columns), how="all")
    out = codes.gather(listed, how, "sgg_code_2026", file=_LAND)
    rows = codes.expand(listed, "sgg_code_2026", file=_LAND)
    shared = rows.groupby("sgg_code_2026")["district_code"].transform("size")
    most = shared.groupby(rows["district_code"]).max()
    return out.assign(shared_by=most.reindex(out["district_code"]).to_numpy())


def land_category(table: pd.DataFrame, codes: DistrictCodes) -> pd.DataFrame:
    """Return the area of our districts by land category of the cadastre, and shares of it.

    Parameters
    ----------
    table : DataFrame
        ``sgg_code_2026`` and areas in km2.
    codes : DistrictCodes
        Which districts a code means.

    Returns
    -------
    DataFrame
        ``district_code``, the areas, and ``farm_share``, ``forest_share``, ``factory_share``,
        ``public_share`` (0 to 1) of ``area_km2``.
    """
    # a unit of today that was two districts (Jemulpo-gu) is parted evenly: its shares hold in both
    rows = codes.expand(table, "sgg_code_2026", file=_CATEGORY)
    parts = rows.groupby("sgg_code_2026")["district_code"].transform("size")
    parted = rows.assign(**{name: rows[name] / parts for name in _KM2})
    grouped = parted.groupby("district_code", sort=True)[list(_KM2)]
    out = grouped.sum(min_count=1).reset_index()
    shares = {
        "farm_share": out["dry_field_km2"] + out["paddy_km2"],
        "forest_share": out["forest_km2"],
        "factory_share": out["factory_km2"],
        "public_share": out["public_owned_km2"],
    }
    rounded = {name: (km2 / out["area_km2"]).round(3) for name, km2 in shares.items()}
    return out.round(3).assign(**rounded)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``industrial_land.csv`` and ``land_category.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables (not used).
    out : Path
        Folder of the layer files; it holds ``district_codes.csv`` already.
    """
    del facts
    text = {"sgg_code_2026": str, "sgg_code_2022": str}
    codes = DistrictCodes(pd.read_csv(out / "district_codes.csv", dtype=str))
    land = industrial_land(pd.read_csv(sources / _LAND, dtype=text), codes)
    category = land_category(pd.read_csv(sources / _CATEGORY, dtype=text), codes)
    write_csv(land, out / "industrial_land.csv", "district_code")
    write_csv(category, out / "land_category.csv", "district_code")
    return [_LAND_ENTRY, _CATEGORY_ENTRY]


_LAND_ENTRY: Final = Built(
    id="industrial_land", file="industrial_land.csv", kind="table",
    title_ko="시·군·구별 산업용지(미분양·개발 중·공고)",
    title_en="Industrial land by district: unsold, under development, announced",
    source="ILIS (Korea industrial land information system) 2026-05, as copied in Trademonk26/gomoku-game "
    "(commit 02c7b81)",
    licence="none stated for the copy; public statistics", vintage="2026-05", crs="",
    unit="ha", confidence="compiled-high",
    good_for="Whether serviced industrial land is for sale in a district now (unsold_ha) or comes "
    "(under_development_ha, not yet announced): a bound for all complexes of a district together.",
    not_good_for="Which complex or lot, or prices. A city with gu has one figure, which stands at each "
    'of its gu (shared_by): do not add them up. 0 is "none listed".',
)  # fmt: skip

_CATEGORY_ENTRY: Final = Built(
    id="land_category", file="land_category.csv", kind="table",
    title_ko="시·군·구별 지목별 면적", title_en="Land by category of the cadastre, by district",
    source="MOLIT cadastral statistics (data.go.kr 15063997), as copied in gyeongsunam/mobility-gap-ai "
    "(commit 0bda531)",
    licence="no limit on use (source)", vintage="2025-12-31", crs="", unit="km2; shares 0 to 1",
    confidence="published",
    good_for="Shares of farmland and forest in a district as a prior of what a piece of raw land in it "
    "is: what charges its conversion is likely to bear.",
    not_good_for="What a certain place is: flat land is less often forest than its district. The "
    "cadastre keeps old categories; farmland promotion zones are not in it.",
)  # fmt: skip
