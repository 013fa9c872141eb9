"""What is the same at all sites is found, and said so."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from siteopt.report._payload import payload
from siteopt.report._same import same_everywhere, same_texts
from siteopt.report.explanation import explain_site
from siteopt.report.tables import ranking_table
from siteopt.report.verdict import Verdicts


def _tables(**columns: list[float]) -> Any:
    base = {
        "site_id": ["A", "A", "B", "J"], "voltage_kv": [154.0, 345.0, 154.0, 154.0],
        "fixed_building_bn_krw": [0.0] * 4, "per_mw_building_bn_krw": [13.0] * 4,
        "fixed_substation_bn_krw": [12.0] * 4, "per_mw_substation_bn_krw": [0.3] * 4,
        "fixed_land_bn_krw": [0.0] * 4, "per_mw_land_bn_krw": [0.2, 0.2, 0.3, 0.2],
        "fixed_upgrade_bn_krw": [0.0] * 4, "per_mw_upgrade_bn_krw": [0.0] * 4,
        "price_grid_krw_kwh": [73.0, 72.5, 73.0, 73.0],
        "price_solar_krw_kwh": [55.9, 55.9, 55.9, 60.0],
    }  # fmt: skip
    sites = pd.DataFrame({"site_id": ["A", "B", "J"], "province_code": ["46", "51", "50"]})
    return SimpleNamespace(options=pd.DataFrame(base | columns), sites=sites)


def test_what_is_the_same_everywhere_by_voltage_or_on_the_mainland() -> None:
    found = {item["figure"]: item for item in same_everywhere(_tables())}
    # land differs, substation has a fixed part, upgrade is 0 everywhere
    assert list(found) == ["building", "grid", "solar"]
    assert found["building"]["value"] == 13.0
    assert found["building"]["where"] == "all"
    assert found["grid"]["by_voltage"] == {"154": 73.0, "345": 72.5}
    assert (found["solar"]["where"], found["solar"]["value"]) == ("mainland", 55.9)


def test_a_figure_that_differs_at_one_site_is_not_said_to_be_the_same() -> None:
    found = same_everywhere(_tables(price_solar_krw_kwh=[55.9, 55.9, 56.0, 55.9]))
    assert [item["figure"] for item in found] == ["building", "grid"]
    assert same_everywhere(SimpleNamespace(options=pd.DataFrame())) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("Building and plant 13.00 bn KRW/MW, grid tariff 72.50 to 73.00 KRW/kWh by voltage, "
               "solar contracts 55.90 KRW/kWh (Jeju aside)")),
        ("ko", ("건축·기계·전기 공사비 130.0억 원/MW, 한전 전기요금 72.50~73.00원/kWh(전압별), "
               "태양광 PPA 55.90원/kWh(제주 제외)")),
    ],
)  # fmt: skip
def test_it_is_said_in_both_languages(language: Any, expected: str) -> None:
    assert same_texts(same_everywhere(_tables()), language) == expected
    assert same_texts([], language) == ""


def test_explain_says_what_a_kwh_is_made_of_and_what_is_the_same() -> None:
    site = {"site_id": "A", "name_en": "A", "chosen": False, "lower_bn_krw": 1.0}
    price = {"energy_price_krw_kwh": 129.0, "price_grid_krw_kwh": 73.0,
             "price_solar_krw_kwh": 56.0, "price_zone_krw_kwh": 0.0}  # fmt: skip
    record = {"same_everywhere": same_everywhere(_tables())}
    told = explain_site("A", Verdicts(pd.DataFrame([site | price]), {}, record))
    assert "electricity 129 KRW/kWh: grid tariff 73, solar contracts 56" in told
    assert "the same at all sites (moves no rank): Building and plant 13.00" in told
    older = explain_site("A", Verdicts(pd.DataFrame([site]), {}, {}))
    assert "electricity" not in older
    assert "the same at all sites" not in older


def test_the_page_has_the_parts_of_the_price_that_are_not_nothing(run_tables: Any) -> None:
    options = run_tables.options.assign(
        voltage_kv=154.0, price_grid_krw_kwh=73.0, price_zone_krw_kwh=0.0, energy_price_krw_kwh=73.0
    )
    tables = replace(run_tables, options=options)
    found = payload(tables, ranking_table(tables))
    assert list(found["prices"]) == ["grid"]
    assert "grid tariff 73.00 KRW/kWh" in found["same"][1]
    assert "한전 전기요금 73.00원/kWh" in found["same"][0]
