"""Builders that turn fact tables into layers."""

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.sources import land, market, parameters, power_plants


def test_landings_part_korean_from_english_and_domestic_from_international(tmp_path):
    pd.DataFrame(
        {
            "name": ["부산 송정 Busan Songjeong", "남해-제주 Namhae-Jeju"], "operator": "KT",
            "lon": 129.0, "lat": 35.0, "cables": ["APG", "domestic 236 km"], "source": "s",
            "confidence": "c",
        }
    ).to_csv(tmp_path / "cable_landings.csv", index=False)  # fmt: skip
    out = land.cable_landings(tmp_path)
    assert out["landing_id"].tolist() == ["busan-songjeong", "namhae-jeju"]
    assert out["name_ko"].tolist() == ["부산 송정", "남해-제주"]
    assert out["international"].tolist() == [True, False]


def test_only_runways_with_two_ends_that_are_open(tmp_path):
    (tmp_path / "land").mkdir()
    pd.DataFrame(
        {
            "airport_ident": ["RKA", "RKB", "RKC"], "le_ident": "01", "he_ident": "19",
            "length_ft": [10_000, 1_000, 1_000], "closed": [0, 1, 0],
            "le_longitude_deg": [127.0, 127.0, 127.0], "le_latitude_deg": [36.0, 36.0, 36.0],
            "he_longitude_deg": [127.0, 127.0, np.nan], "he_latitude_deg": [36.03, 36.03, 36.03],
        }
    ).to_csv(tmp_path / "land" / "ourairports_runways_kr.csv", index=False)  # fmt: skip
    out = land.runways(tmp_path)
    assert out["runway_id"].tolist() == ["RKA-01-19"]
    assert out["length_m"].tolist() == [3048.0]


MARKET = (
    "key,value,unit,region,as_of,source,confidence\n"
    "solar_auction_award,155.269,KRW/kWh (SMP + 1 REC),mainland,2024-12-24,a.kr 2024,published\n"
    "onshore_wind_auction_ceiling,165,KRW/kWh,mainland,2024-10-25,b.kr,published\n"
    "onshore_wind_auction_ceiling,163.8,KRW/kWh,mainland,2025-11-17,same,published\n"
    "offshore_wind_auction_ceiling,176.6,KRW/kWh,mainland,2024-10-25,c.kr,published\n"
    "industrial_tariff_large,182.7,KRW/kWh,country,2024-10-24,d.kr,published\n"
    "solar_auction_offered,1000,MW,country,2024-10-25,e.kr,published\n"
)


def test_parameters_are_numbers_and_same_means_the_row_above(tmp_path):
    (tmp_path / "clean_energy_market.csv").write_text(MARKET)
    (tmp_path / "parameters.csv").write_text(
        "key,value,low,high,unit,kind,source,confidence\n"
        "a,1.5,1,2,MW,calc,book 7,published\nb,2,,,MW,calc,same,published\n"
        "c,<1,,,mG,info,x,published\nd,15.2 / 14.5,,,USD/W,cost,y,published\ne,3,,,-,calc,,c\n"
        "ppa_solar_allin,176,,,KRW/kWh,cost,z,published\n"
        "ppa_grid_adders,45,40,53,KRW/kWh,cost,z,published\n"
    )
    out = parameters.parameters(tmp_path).set_index("key")
    of_market = [
        "solar_auction_price", "onshore_wind_auction_price", "offshore_wind_auction_price",
        "tariff_industrial_b",
    ]  # fmt: skip
    assert out.index.tolist() == ["a", "b", "e", "ppa_grid_adders", *of_market]
    assert out["source"].tolist()[:3] == ["book 7", "book 7", "not stated"]
    assert out.loc[of_market, "value"].tolist() == [155.269, 163.8, 176.6, 182.7]
    assert out.loc["onshore_wind_auction_price", "price_year"] == 2025  # the latest
    assert out.loc["onshore_wind_auction_price", "source"].endswith("(2025-11-17; b.kr)")
    assert out.loc["ppa_grid_adders", ["price_year", "price_year_basis"]].tolist() == [
        2021, "stated",
    ]  # fmt: skip
    assert out["price_year"].isna().tolist() == [True] * 3 + [False] * 5


def test_a_price_among_the_facts_without_a_year_is_named(tmp_path):
    (tmp_path / "clean_energy_market.csv").write_text(MARKET)
    (tmp_path / "parameters.csv").write_text(
        "key,value,low,high,unit,kind,source,confidence\nnew,1,,,KRW/kWh,cost,x,published\n"
    )
    with pytest.raises(LayerError, match=r"parameters\.csv: new is in KRW/kWh and has no year"):
        parameters.parameters(tmp_path)


def test_market_prices_are_the_rows_of_money_with_their_year(tmp_path):
    (tmp_path / "clean_energy_market.csv").write_text(MARKET)
    out = market.market_prices(tmp_path)
    assert out["year"].tolist() == [2024, 2024, 2025, 2024, 2024]
    assert out["source"].tolist()[2] == "b.kr"
    (tmp_path / "clean_energy_market.csv").write_text(MARKET.replace("2024-12-24", "soon"))
    with pytest.raises(LayerError, match="solar_auction_award has no year in as_of"):
        market.market_prices(tmp_path)


def test_a_design_without_a_discount_is_named(tmp_path):
    (tmp_path / "grid_facts_3.csv").write_text(
        "key,value,unit,region,as_of,source,confidence\nx,1,MW,all,2026,s,published\n"
    )
    with pytest.raises(LayerError, match="no row regional_industrial_tariff_discount_max_south"):
        market.tariff_design(tmp_path)


def test_a_recalled_capacity_is_not_called_published(tmp_path):
    (tmp_path / "power_plants.csv").write_text(
        "name,type,place,lat,lon,mw,note,source,confidence\n"
        "군산 Gunsan CC,LNG,전북,35.9,126.7,718,718 recalled HIGH,s,MW published (EPSIS); place c\n"
        "태안 Taean,coal,충남,36.9,126.2,6100,phased retirement,s,MW published (EPSIS); place c\n"
    )
    out = power_plants.power_plants(tmp_path)
    assert out["confidence"].tolist() == [
        "MW compiled-high; place c", "MW published (EPSIS); place c",
    ]  # fmt: skip
    assert out["status"].isna().tolist() == [True, False]
    assert out["plant_id"].tolist() == ["gunsan-cc", "taean"]
