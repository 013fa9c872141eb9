"""The parameters layer: facts with one number each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.errors import LayerError
from siteopt.layers.price_years import is_price
from siteopt.sources._built import Built, write_csv
from siteopt.sources.market import market_prices

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["assumptions_entries", "build", "parameters"]


_PRICE_YEARS: Final = {
    "bess_capex": (2024, "assumed"), "capex_incl_gpu": (2024, "assumed"),
    "capex_shell_me": (2024, "assumed"), "customer_substation_cost": (2024, "assumed"),
    "fiber_cost": (2024, "assumed"), "lcoe_offshore_wind": (2024, "assumed"),
    "lcoe_onshore_wind": (2023, "assumed"), "lcoe_solar": (2024, "assumed"),
    "line154_oh_cost": (2024, "assumed"), "line154_ug_cost": (2024, "assumed"),
    "line345_oh_cost": (2024, "stated"), "line345_ug_cost": (2024, "stated"),
    "line500dc_oh_cost": (2024, "stated"), "line500dc_ug_cost": (2024, "stated"),
    "ppa_grid_adders": (2021, "stated"),
}  # fmt: skip
"""Price -> year of its money, and whether the source states it."""

_REPLACED: Final = {
    "ppa_solar_allin": "price of 2021: solar_auction_price and ppa_grid_adders",
    "ppa_wind_allin": "price of 2021: onshore_ and offshore_wind_auction_price, ppa_grid_adders",
    "tariff_industrial_b": "the published figure of the market prices",
    "regional_tariff_delta": "[[energy.zones]] of a scenario",
    "capex_ai_premium": "US figure; capex_shell_me is read from Korean projects of 2019 to 2026, "
    "AI halls among them, so a premium on top would count twice",
}
"""Facts that are no parameters, and what stands for them."""

_OF_MARKET: Final = {
    "solar_auction_price": (
        "solar_auction_award", 115.0, 160.0,
        "mean award for SMP and 1 REC; range: that of lcoe_solar",
    ),
    "onshore_wind_auction_price": (
        "onshore_wind_auction_ceiling", 150.0, 203.0,
        ("ceiling for SMP and 1 REC, awards lie at or below it; high end: lcoe_onshore_wind at "
        "usd_krw"),
    ),
    "offshore_wind_auction_price": (
        "offshore_wind_auction_ceiling", 160.0, 185.0,
        ("ceiling for SMP and 1 REC; range: assumption, that of the price a kWh comes with "
        "rec_weight_offshore_wind"),
    ),
    "tariff_industrial_b": (
        "industrial_tariff_large", 175.0, 190.0,
        "mean of large industrial customers, whole country",
    ),
}  # fmt: skip
"""Parameter -> price of the market table (its latest), low and high, what it is."""

_COLUMNS: Final = [
    "key", "value", "low", "high", "unit", "kind", "source", "confidence", "price_year",
    "price_year_basis",
]  # fmt: skip


def parameters(facts: Path) -> pd.DataFrame:
    """Return the rows of ``parameters.csv`` whose value is a number, and the market's prices.

    Returns
    -------
    DataFrame
        Columns key, value, low, high, unit, kind, source, confidence, price_year,
        price_year_basis.

    Raises
    ------
    LayerError
        If a price has no year.
    """
    raw = pd.read_csv(facts / "parameters.csv", encoding="utf-8", dtype={"value": str})
    # 'same' stands for the source of the row above
    raw["source"] = (
        raw["source"].where(raw["source"] != "same").ffill().where(raw["source"].notna())
    )
    # '+6.7 / +13.5', '<1' and empty cells are no single value
    numbers = pd.to_numeric(raw["value"], errors="coerce")
    table = raw.assign(value=numbers)[numbers.notna() & ~raw["key"].isin(_REPLACED)].copy()
    table["unit"] = table["unit"].str.strip()
    table["source"] = table["source"].fillna("not stated")
    for place, name in enumerate(("price_year", "price_year_basis")):
        known = table["key"].map({key: pair[place] for key, pair in _PRICE_YEARS.items()})
        table[name] = table[name].fillna(known) if name in table else known
    undated = table[table["unit"].map(is_price) & table["price_year"].isna()]
    if len(undated):
        raise LayerError(
            f"parameters.csv: {undated['key'].iloc[0]} is in {undated['unit'].iloc[0]} and has no "
            "year; give it a price_year, or add it to the price years of the builder"
        )
    table = pd.concat([table, _of_market(facts)], ignore_index=True)
    table["price_year"] = table["price_year"].astype("Int64")
    return table[_COLUMNS]


def _of_market(facts: Path) -> pd.DataFrame:
    """Return the parameters that are published prices of the market."""
    prices = market_prices(facts).sort_values("as_of").drop_duplicates("key", keep="last")
    rows = []
    for key, (market_key, low, high, told) in _OF_MARKET.items():
        found = prices[prices["key"] == market_key].iloc[0]
        rows.append(
            [
                key, found["value"], low, high, "KRW/kWh", "cost",
                f"{told} ({found['as_of']}; {found['source']})", found["confidence"],
                found["year"], "stated",
            ]
        )  # fmt: skip
    return pd.DataFrame(rows, columns=_COLUMNS)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - as all builders
    """Write ``parameters.csv``; ``assumptions.csv`` is kept by hand beside it.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies (not used), of the fact tables, and of the layer files.
    """
    write_csv(parameters(facts), out / "parameters.csv", "key")
    built = Built(
        id="parameters", file="parameters.csv", kind="table", title_ko="비용·계수(사실)",
        title_en="Costs, factors and limits (facts)",
        source="compiled for siteopt; the source of each value in its row",
        licence="facts, no known restriction", vintage="2021 to 2026, per row", crs="",
        unit="per row", confidence="per row",
        good_for="Defaults that a scenario may set otherwise under [parameters].",
        not_good_for="Quotes or tariffs of a contract: many are orders of magnitude, see the "
        "confidence of each row.",
    )  # fmt: skip
    return [built]


def assumptions_entries() -> list[Built]:
    """Return the catalogue entries of the assumption tables, which are kept by hand."""
    return [
        Built(
            id=name, file=f"{name}.csv", kind="table", title_ko=title_ko, title_en=title_en,
            source="siteopt; the reason of each value in its row", licence="MIT (part of siteopt)",
            vintage="2026", crs="", unit="per row", confidence="per row",
            good_for="Defaults that a scenario may set otherwise under [parameters].",
            not_good_for="Facts: these are choices of the model or general knowledge, with a "
            "range where one is known.",
        )
        for name, title_ko, title_en in (
            ("assumptions", "모형 가정", "Assumptions of the model"),
            ("assumptions_climate", "기후·물 가정", "Assumptions of climate, cooling and water"),
            (
                "assumptions_energy", "전력 가격·보급 속도·저장장치 가정",
                "Assumptions of electricity prices, the price index, build rates and batteries",
            ),
            (
                "assumptions_grid", "계통 추정·영향평가 가정",
                "Assumptions of the headroom estimate and the grid impact assessment",
            ),
            (
                "assumptions_land", "토지 가격·전용부담금·진입도로 가정",
                "Assumptions of land prices, conversion charges and access",
            ),
            ("assumptions_routes", "접속선로 경로 가정", "Assumptions of the connection routes"),
            (
                "assumptions_terrain", "지형·토공 보정값과 가정",
                "Calibration of slopes and assumptions of earthworks and protected land",
            ),
        )
    ]  # fmt: skip
