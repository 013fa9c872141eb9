"""Prices of several years in the money of one."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.layers import open_layers
from siteopt.layers.price_years import in_price_year, in_year, is_foreign, is_price

INDEX = {2021: 102.5, 2024: 114.18, 2025: 116.58}
YEARS = st.sampled_from(sorted(INDEX))


@dataclass
class _Parameters:
    values: dict[str, float]

    def value(self, key: str) -> float:
        return self.values[key]


def _parameters(to_year: int) -> _Parameters:
    return _Parameters(
        {"price_year": to_year, **{f"price_index_{year}": level for year, level in INDEX.items()}}
    )


def test_a_price_of_2021_in_money_of_2024() -> None:
    assert in_year(45.0, 2021, 2024, INDEX) == pytest.approx(45 * 114.18 / 102.5)
    assert in_year(45.0, 2021, 2021, {}) == 45.0  # no index is needed


@given(value=st.floats(0.01, 1e6), way=st.tuples(YEARS, YEARS, YEARS))
def test_the_way_between_years_does_not_matter(value: float, way: tuple[int, int, int]) -> None:
    first, between, last = way
    direct = in_year(value, first, last, INDEX)
    assert in_year(in_year(value, first, between, INDEX), between, last, INDEX) == pytest.approx(
        direct
    )
    assert in_year(direct, last, first, INDEX) == pytest.approx(value)


def test_a_year_without_an_index_is_named() -> None:
    with pytest.raises(
        LayerError, match=r"no positive price_index_1998, so a price of 1998 .*2021"
    ):
        in_year(1.0, 1998, 2024, INDEX)
    with pytest.raises(LayerError, match="no positive price_index_2024"):
        in_year(1.0, 2021, 2024, INDEX | {2024: 0.0})


def test_columns_of_prices_go_year_by_year_and_the_unknown_stays_unknown() -> None:
    values = np.array([100.0, 100.0, np.nan, 100.0])
    years = np.array([2021.0, 2024.0, np.nan, 2025.0])
    found = in_price_year(values, years, _parameters(2024))
    assert found[[0, 1, 3]] == pytest.approx([100 * 114.18 / 102.5, 100, 100 * 114.18 / 116.58])
    assert np.isnan(found[2])
    assert values.tolist()[:2] == [100.0, 100.0]  # the caller's array stays
    with pytest.raises(LayerError, match="a price of 100 has no price_year"):
        in_price_year(values, np.full(4, np.nan), _parameters(2024))


def test_units_of_money_and_others() -> None:
    prices = ["KRW/kWh", "bn KRW/MW", "M KRW/km", "KRW/m2 per degree", "USD/kWh 4h", "KRW/tCO2e"]
    assert all(map(is_price, prices))
    assert [unit for unit in prices if is_foreign(unit)] == ["USD/kWh 4h"]
    assert not any(map(is_price, ["KRW/USD", "MW", "%", "2020 = 100", ""]))


def test_the_embedded_index_rises_as_published() -> None:
    """Yearly rises as told by Yonhap on 2025-12-31, to a tenth of a percent."""
    level = open_layers().parameters.value
    for year, rise in ((2021, 2.5), (2022, 5.1), (2023, 3.6), (2024, 2.3), (2025, 2.1)):
        found = level(f"price_index_{year}") / level(f"price_index_{year - 1}") - 1.0
        assert 100 * found == pytest.approx(rise, abs=0.06)
