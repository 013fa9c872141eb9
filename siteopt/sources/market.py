"""Published prices of electricity, and the design of a tariff by region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.errors import LayerError
from siteopt.layers.price_years import is_price
from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "market_prices", "tariff_design"]

_DESIGN: Final = {
    "south": ("남부", "South", "regional_industrial_tariff_discount_max_south"),
    "centre": ("중부", "Centre", "regional_industrial_tariff_discount_max_centre"),
    "north-capital": (
        "수도권 북부", "Northern capital region",
        "regional_industrial_tariff_discount_max_north_capital",
    ),
}  # fmt: skip
"""Zone of the design -> Korean and English name, key of its discount."""

_AREAS: Final = {
    "south": ("26", "27", "29", "31", "46", "47", "48", "52"),
    "centre": ("30", "36", "43", "44", "51"),
    "north-capital": (
        "28",
        "11110", "11140", "11170", "11200", "11215", "11230", "11260", "11290", "11305", "11320",
        "11350", "11380", "11410", "11440",
        "41150", "41250", "41281", "41285", "41287", "41310", "41360", "41480", "41630", "41650",
        "41800", "41820",
    ),
}  # fmt: skip
"""Provinces (two digits) and districts (five) of each zone."""

_AREA_SOURCE: Final = {
    "south": "Busan, Daegu, Gwangju, Ulsan, Jeonnam, Gyeongbuk, Gyeongnam, Jeonbuk; reading of "
    "'남부': general knowledge, not checked against a primary source; Jeju is not named, so left "
    "out",
    "centre": "Daejeon, Sejong, Chungbuk, Chungnam, Gangwon; reading of '중부': general knowledge, "
    "not checked against a primary source",
    "north-capital": "Incheon as named; '서울 북부' read as the 14 districts north of the Han, "
    "'경기 북부' as the ten cities and counties of northern Gyeonggi: general knowledge, not "
    "checked against a primary source",
}
_AREA_CONFIDENCE: Final = {
    "south": "compiled-medium", "centre": "compiled-medium", "north-capital": "compiled-low",
}  # fmt: skip


def _facts(path: Path) -> pd.DataFrame:
    """Return a table of facts whose 'same' stands for the source of the row above."""
    raw = pd.read_csv(path, encoding="utf-8", dtype=str)
    source = raw["source"].where(~raw["source"].str.startswith("same"))
    return raw.assign(source=source.ffill())


def market_prices(facts: Path) -> pd.DataFrame:
    """Return the published prices of electricity, each with its year.

    Returns
    -------
    DataFrame
        Columns key, value, unit, region, as_of, year, source, confidence; volumes and dates of
        the fact table are no prices and left out.

    Raises
    ------
    LayerError
        If a price has no year.
    """
    raw = _facts(facts / "clean_energy_market.csv")
    prices = raw[raw["unit"].map(is_price)].reset_index(drop=True)
    year = prices["as_of"].str.extract(r"^([0-9]{4})", expand=False)
    if year.isna().any():
        key = prices.loc[year.isna(), "key"].iloc[0]
        raise LayerError(
            f"clean_energy_market.csv: {key} has no year in as_of; every price has the year of "
            "its money"
        )
    table = prices.assign(year=year.astype(int), value=prices["value"].astype(float))
    return table[["key", "value", "unit", "region", "as_of", "year", "source", "confidence"]]


def tariff_design(facts: Path) -> pd.DataFrame:
    """Return the design of the regional industrial tariff, one row a zone and province or district.

    Returns
    -------
    DataFrame
        Columns zone, name_ko, name_en, code (two digits: province, five: district),
        discount_max_krw_kwh, price_year, status, source, confidence (of the discount),
        area_source, area_confidence (of what belongs to the zone).

    Raises
    ------
    LayerError
        If the fact table lacks a discount.
    """
    raw = _facts(facts / "grid_facts_3.csv").drop_duplicates("key").set_index("key")
    known = raw.to_dict("index")
    rows = []
    for zone, (name_ko, name_en, key) in _DESIGN.items():
        if key not in known:
            raise LayerError(f"grid_facts_3.csv: no row {key}; the tariff design needs it")
        fact = known[key]
        rows += [
            {
                "zone": zone, "name_ko": name_ko, "name_en": name_en, "code": code,
                "discount_max_krw_kwh": float(fact["value"]),
                "price_year": int(str(fact["as_of"])[:4]),
                "status": fact["as_of"], "source": fact["source"],
                "confidence": fact["confidence"], "area_source": _AREA_SOURCE[zone],
                "area_confidence": _AREA_CONFIDENCE[zone],
            }
            for code in _AREAS[zone]
        ]  # fmt: skip
    return pd.DataFrame(rows)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - as all builders
    """Write ``market_prices.csv`` and ``tariff_design.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies (not used), of the fact tables, and of the layer files.
    """
    write_csv(market_prices(facts), out / "market_prices.csv", ("key", "year"))
    write_csv(tariff_design(facts), out / "tariff_design.csv", ("zone", "code"))
    return [
        Built(
            id="market_prices", file="market_prices.csv", kind="table",
            title_ko="전력 시장 가격(공표)", title_en="Prices of electricity as published",
            source="press reports of auctions and of the tariff; the source of each value in its "
            "row",
            licence="facts, no known restriction", vintage="2024 to 2025, per row", crs="",
            unit="KRW/kWh", confidence="per row",
            good_for="What an auction awarded or allowed for solar and wind, and the industrial "
            "tariff, each in the money of its year.",
            not_good_for="Offers of a PPA. Auction prices are for SMP and one REC: an offshore "
            "project earns more than one a MWh.",
        ),
        Built(
            id="tariff_design", file="tariff_design.csv", kind="table",
            title_ko="지역별 산업용 전기요금 설계안(미시행)",
            title_en="Design of a regional industrial tariff (not in force)",
            source="public guide to the Korean grid of 2026-09 that cites KEPCO and ministry "
            "notices; which districts belong to a zone: compiled for siteopt",
            licence="facts, no known restriction", vintage="2026-08-26", crs="",
            unit="KRW/kWh off, at most", confidence="per row",
            good_for="A variant in which the tariff differs by region "
            "(national-2035-regional-tariff).",
            not_good_for="Tariffs in force: the design is not in force, and its discounts are "
            "upper ends ('up to').",
        ),
    ]  # fmt: skip
