"""Range of the cost of clean energy: each end as a program made for it, and the box around all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from siteopt.energy.clean_supply import CleanSupplyData, with_parameters
from siteopt.energy.cost_range import ALL, SIDES, UNCERTAIN, cost_range
from siteopt.energy.curve_points import curve_points, nothing_short
from siteopt.energy.program import EnergyProgram
from siteopt.energy.stock import MEAN_YIELD
from tests.energy.small_data import small_data, small_run

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.layers.parameters import Parameter, Parameters

LOAD = np.array([0.0, 100.0])
SHARES = [0.6, 0.9]
KWH = 100.0 * 8760.0 * 1000.0


@dataclass(frozen=True)
class Fixed:
    """Parameters with some values set otherwise, and no range."""

    parameters: Parameters
    changed: dict[str, float]

    def value(self, key: str) -> float:
        return self.changed.get(key, self.parameters.value(key))

    def row(self, key: str) -> Parameter:
        return replace(self.parameters.row(key), low=None, high=None)

    def __len__(self) -> int:
        return len(self.parameters)


def supply() -> CleanSupplyData:
    """Return the small supply at the penalty of the curve."""
    data = small_data()
    return replace(data, supply=nothing_short(data.supply))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Return the range of the small supply."""
    scenario, layers = small_run()
    data = supply()
    program = EnergyProgram(data.supply)
    return cost_range(program, data, LOAD, SHARES, scenario, layers.parameters)


def test_both_ends_of_all_at_every_share_in_order(table: pd.DataFrame) -> None:
    found = list(zip(table["what"], table["side"], table["target_pct"], strict=True))
    assert found == [
        (what, side, pct) for what in (*UNCERTAIN, ALL) for side in SIDES for pct in (60.0, 90.0)
    ]


def test_the_low_end_costs_less_and_all_together_most(table: pd.DataFrame) -> None:
    low, high = (table[table["side"] == side]["change_krw_kwh"] for side in SIDES)
    assert (low <= 1e-9).all()
    assert (high >= -1e-9).all()
    for _, rows in table.groupby("target_pct"):
        box = rows[rows["what"] == ALL]["krw_kwh"]
        assert rows["krw_kwh"].min() == box.min()
        assert rows["krw_kwh"].max() == box.max()
    assert (table["reached_pct"] == table["target_pct"]).all()


@pytest.mark.parametrize("what", [*UNCERTAIN, ALL])
def test_as_a_program_made_for_that_end(what: str, table: pd.DataFrame) -> None:
    scenario, layers = small_run()
    keys = [key for keys in UNCERTAIN.values() for key in keys] if what == ALL else UNCERTAIN[what]
    dear = {}
    for key in keys:
        row = layers.parameters.row(key)
        assert row.low is not None
        assert row.high is not None
        dear[key] = row.low if key.startswith("cf_") else row.high
    data, changed = supply(), Fixed(layers.parameters, dear)
    other = with_parameters(data, layers.parameters, changed, scenario)
    for point in curve_points(EnergyProgram(other), LOAD, SHARES):
        rows = table[(table["what"] == what) & (table["side"] == "high")]
        found = rows[rows["target_pct"] == 100.0 * point.target]
        assert found["krw_kwh"].to_numpy() == pytest.approx(point.krw_year / KWH, rel=1e-9)


def test_without_ranges_nothing_changes_and_the_program_is_as_before() -> None:
    scenario, layers = small_run()
    data = supply()
    program = EnergyProgram(data.supply)
    before = program.cut(LOAD).krw_year
    found = cost_range(program, data, LOAD, [0.9], scenario, Fixed(layers.parameters, {}))
    assert np.abs(found["change_krw_kwh"]).max() < 1e-7
    program.set_supply(data.supply)
    assert program.cut(LOAD).krw_year == pytest.approx(before, rel=1e-9)


def test_yields_scale_what_is_contracted_and_leave_its_price() -> None:
    scenario, layers = small_run()
    data, key = small_data(), MEAN_YIELD["offshore_wind"][0]
    changed = Fixed(layers.parameters, {key: 1.1 * layers.parameters.value(key)})
    other = with_parameters(data, layers.parameters, changed, scenario)
    sea = data.supply.source_yield[:, 2]
    assert other.source_yield[:, 2] == pytest.approx(1.1 * sea)
    assert (other.source_yield[:, :2] == data.supply.source_yield[:, :2]).all()
    assert other.source_krw_mwh == pytest.approx(data.supply.source_krw_mwh, rel=1e-12)
    assert (other.available_mw == data.supply.available_mw).all()


def test_a_yield_is_at_most_one() -> None:
    scenario, layers = small_run()
    data, key = small_data(), MEAN_YIELD["solar"][0]
    changed = Fixed(layers.parameters, {key: 2.0 * layers.parameters.value(key)})
    other = with_parameters(data, layers.parameters, changed, scenario)
    assert other.source_yield[:, 0].max() == 1.0
