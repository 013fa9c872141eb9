import pandas as pd
import pytest

from siteopt.errors import LayerError, ScenarioError
from siteopt.layers.parameters import Parameters

TABLE = pd.DataFrame(
    {
        "key": ["fiber_cost", "delta"], "value": [60.0, 0.0], "low": [30.0, -20.0],
        "high": [120.0, float("nan")], "unit": ["M KRW/km", "KRW/kWh"], "kind": ["cost", "scenario"],
        "source": ["s", None], "confidence": ["compiled-low", "scenario"],
    }
)  # fmt: skip


def test_value_and_row_carry_unit_source_and_confidence():
    p = Parameters([TABLE])
    row = p.row("fiber_cost")
    assert (p.value("fiber_cost"), row.unit, row.confidence) == (60.0, "M KRW/km", "compiled-low")
    assert p.row("delta").high is None
    assert list(p) == ["delta", "fiber_cost"]


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
