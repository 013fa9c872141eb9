"""Wind farms, and the solar yield of provinces."""

from pathlib import Path

import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.layers import open_layers
from siteopt.sources import renewables

NAMES = {
    "서울": "서울특별시", "부산": "부산광역시", "충북": "충청북도", "경남": "경상남도",
    "제주": "제주특별자치도", "전북": "전북특별자치도",
}  # fmt: skip


def _tables(folder: Path, short: list[str], months: int = 12) -> tuple[Path, Path]:
    sources, facts = folder / "sources", folder / "facts"
    (sources / "power_plants").mkdir(parents=True)
    facts.mkdir()
    rows = [
        {"snapshot": f"1/{month}/2024", "carrier": "solar", "region": NAMES[name],
         "value": 100.0 + month}
        for name in short if name in NAMES for month in range(1, months + 1)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(sources / renewables._CAPACITY, index=False)
    pd.DataFrame(
        {
            "province_ko": short, "demand_2024_gwh": 1.0, "pv_capacity_mw_end_2024": 224.0,
            "pv_generation_2024_gwh": 250.0,
        }
    ).to_csv(facts / "power_by_province_2024.csv", index=False)  # fmt: skip
    return sources, facts


def test_the_mean_capacity_follows_the_growth_of_the_other_list(tmp_path: Path) -> None:
    out = renewables.power_by_province(*_tables(tmp_path, list(NAMES)))
    assert sorted(out["province_code"]) == ["11", "26", "43", "48", "50", "52"]
    # months of 101 to 112: the mean is 106.5
    assert out["solar_mean_mw"].tolist() == pytest.approx([224 * 106.5 / 112] * 6)
    assert out["solar_yield_end_pct"].iloc[0] == pytest.approx(250e3 / (224 * 8784) * 100)
    assert (out["solar_yield_pct"] > out["solar_yield_end_pct"]).all()


def test_an_unknown_province_and_missing_months_are_said(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="province 평양 is not known"):
        renewables.power_by_province(*_tables(tmp_path / "a", ["평양"]))
    with pytest.raises(LayerError, match="no solar capacity of 서울 in 2024; twelve months"):
        renewables.power_by_province(*_tables(tmp_path / "b", ["서울"], months=11))


def test_a_table_without_its_columns_is_said(tmp_path: Path) -> None:
    (tmp_path / "power_plants").mkdir()
    (tmp_path / renewables._FARMS).write_text("kea_id,farm\n1,영덕\n", encoding="utf-8")
    with pytest.raises(LayerError, match="column mw is missing"):
        renewables.wind_farms(tmp_path)


@pytest.mark.national
def test_embedded_farms_and_yields_are_the_published_ones() -> None:
    layers = open_layers()
    farms, power = layers.vector("wind_farms"), layers.table("power_by_province")
    assert len(farms) == 118
    assert farms["mw"].sum() == pytest.approx(2117, abs=1)
    assert farms["turbines"].sum() == 803
    assert len(power) == 17
    assert power["demand_gwh"].sum() == pytest.approx(549_800, rel=1e-3)
    on_end = power["solar_gwh"].sum() * 1e5 / 8784 / power["solar_end_mw"].sum()
    assert on_end == pytest.approx(12.9, abs=0.05)
    fleet = layers.parameters.row("cf_solar_fleet")
    on_mean = power["solar_gwh"].sum() * 1e5 / 8784 / power["solar_mean_mw"].sum()
    assert fleet.value == pytest.approx(on_mean, abs=0.05)
    assert fleet.low == pytest.approx(on_end, abs=0.05)


@pytest.mark.national
def test_the_solar_pattern_of_the_case_is_not_that_of_the_measurements() -> None:
    """Why the case's pattern is not used for the sun."""
    layers = open_layers()
    buses = layers.vector("case_buses")
    energy = buses["solar_mw"] * buses["solar_cf"]
    code = buses["province_code"]
    case = energy.groupby(code).sum() / buses["solar_mw"].groupby(code).sum()
    measured = layers.table("power_by_province").set_index("province_code")["solar_yield_pct"]
    both = pd.DataFrame({"case": case, "measured": measured}).dropna()
    assert len(both) == 16
    assert abs(both["case"].corr(both["measured"], method="spearman")) < 0.3
    assert (100 * both["case"] > both["measured"] + 2).all()  # and its level is far too high
