import pandas as pd
import pytest

from siteopt.errors import LayerError, ScenarioError
from siteopt.layers.parameters import Parameters

NAN = float("nan")
TABLE = pd.DataFrame(
    {
        "key": ["fiber_cost", "delta", "price_year", "price_index_2021", "price_index_2024"],
        "value": [60.0, 0.0, 2024, 100, 110], "low": [30.0, -20.0, NAN, NAN, NAN],
        "high": [120.0, NAN, NAN, NAN, NAN],
        "unit": ["M KRW/km", "KRW/kWh", "year", "2020 = 100", "2020 = 100"],
        "kind": ["cost", "scenario", "assumption", "index", "index"],
        "source": ["s", None, "m", "i", "i"],
        "confidence": ["compiled-low", "scenario", "assumption", "c", "c"],
        "price_year": [2024, 2024, NAN, NAN, NAN],
        "price_year_basis": ["stated", "assumed", None, None, None],
    }
)  # fmt: skip


def test_value_and_row_carry_unit_source_and_confidence():
    p = Parameters([TABLE])
    row = p.row("fiber_cost")
    assert (p.value("fiber_cost"), row.unit, row.confidence) == (60.0, "M KRW/km", "compiled-low")
    assert p.row("delta").high is None
    assert list(p)[:2] == ["delta", "fiber_cost"]
    assert (row.price_year, row.price_year_basis) == (2024, "stated")


def test_override_keeps_what_it_replaces_in_its_source():
    p = Parameters([TABLE], {"fiber_cost": 90.0, "delta": -5.0})
    row = p.row("fiber_cost")
    assert (row.value, row.overridden, row.confidence) == (90.0, True, "scenario")
    assert "60" in row.source
    assert p.value("delta") == -5.0


def test_unknown_override_names_the_nearest_key():
    with pytest.raises(ScenarioError, match=r"parameters.fibre_cost: .* mean fiber_cost"):
        Parameters([TABLE], {"fibre_cost": 1.0})


def test_negative_override_of_a_cost_is_an_error():
    with pytest.raises(ScenarioError, match=r"parameters.fiber_cost: -1.0 M KRW/km cannot be"):
        Parameters([TABLE], {"fiber_cost": -1.0})


def test_a_key_in_two_tables_is_an_error():
    with pytest.raises(LayerError, match="fiber_cost appears twice"):
        Parameters([TABLE, TABLE])


def test_unknown_key_is_an_error():
    with pytest.raises(LayerError, match=r"no key fiber_kost .* mean fiber_cost"):
        Parameters([TABLE]).value("fiber_kost")


def test_a_price_of_another_year_comes_in_the_money_of_the_price_year_with_its_range():
    table = TABLE.assign(price_year=[2021, 2024, NAN, NAN, NAN])
    row = Parameters([table]).row("fiber_cost")
    assert (row.value, row.low, row.high) == pytest.approx((66.0, 33.0, 132.0))
    assert row.price_year == 2024
    assert row.source == "s [60 in prices of 2021]"
    assert Parameters([table], {"price_year": 2021}).value("fiber_cost") == 60.0
    assert Parameters([table], {"price_index_2024": 150}).value("fiber_cost") == pytest.approx(90)


def test_what_a_scenario_sets_is_in_the_money_of_the_price_year():
    table = TABLE.assign(price_year=[2021, 2024, NAN, NAN, NAN])
    assert Parameters([table], {"fiber_cost": 70.0}).value("fiber_cost") == 70.0


def test_dollars_stay_in_the_money_of_their_year():
    table = TABLE.assign(
        unit=["USD/km", *TABLE["unit"][1:]], price_year=[2021, 2024, NAN, NAN, NAN]
    )
    row = Parameters([table]).row("fiber_cost")
    assert (row.value, row.price_year) == (60.0, 2021)


def test_a_price_without_a_year_is_an_error():
    table = TABLE.assign(price_year=[NAN, 2024, NAN, NAN, NAN])
    with pytest.raises(LayerError, match=r"fiber_cost is in M KRW/km and has no price_year"):
        Parameters([table])
    with pytest.raises(LayerError, match=r"fiber_cost is in M KRW/km and has no price_year"):
        Parameters([TABLE.drop(columns=["price_year", "price_year_basis"])])


def test_a_price_year_without_an_index_is_an_error():
    with pytest.raises(ScenarioError, match=r"parameters\.price_year: 2030 .* from 2021 to 2024"):
        Parameters([TABLE], {"price_year": 2030})
    with pytest.raises(LayerError, match="no positive price_index_1999"):
        Parameters([TABLE.assign(price_year=[1999, 2024, NAN, NAN, NAN])])
    with pytest.raises(LayerError, match="no key price_year"):
        Parameters([TABLE[TABLE["key"] != "price_year"]])
