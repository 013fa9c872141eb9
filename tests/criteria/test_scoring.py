"""Suitability: value functions, weights, and what is not known."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from siteopt.criteria import _DESCRIBE, CRITERIA, CRITERION_NAMES
from siteopt.criteria.clean_energy import CONTRACT_COLUMNS
from siteopt.criteria.scoring import (
    criterion_weights,
    score_bounds,
    score_sites,
    scored_columns,
    value_function,
)
from siteopt.errors import LayerError
from siteopt.scenario import Scenario, first_fault
from tests.examples import examples

BY_ROAD = {"interchange_minutes"}
SCORED = [column for column in CRITERIA.values() if column.scored and column.name not in BY_ROAD]
"""Of a run without a road graph."""


def _bounds() -> dict[str, float]:
    values = {"score_unknown": 0.5}
    for column in SCORED:
        ends = (0.0, 10.0) if column.better == "high" else (10.0, 0.0)
        values[f"score_{column.name}_worst"], values[f"score_{column.name}_best"] = ends
    return values


@dataclass
class _Layers:
    values: dict[str, float] = field(default_factory=_bounds)

    @property
    def parameters(self) -> Any:
        return self

    def value(self, key: str) -> float:
        return self.values[key]


def _scenario(weights: dict[str, float] | None = None, reach_km: float | None = None) -> Scenario:
    text = {"ko": "시험", "en": "test"}
    exclusion = {"id": "sea", "title": text, "kind": "outside", "layer": "provinces"}
    voltage = {"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400}
    return Scenario.model_validate(
        {
            "name": "small", "title": text, "target": {"it_mw": 100, "year": 2035},
            "screening": {"exclusions": [exclusion]}, "connection": {"classes": [voltage]},
            "weights": weights or {}, "energy": {"contract_reach_km": reach_km},
        }
    )  # fmt: skip


def _described(**columns: list[float]) -> pd.DataFrame:
    n = len(next(iter(columns.values()))) if columns else 1
    base = {column.name: [5.0] * n for column in SCORED}
    return pd.DataFrame({**base, **columns}, index=pd.Index(range(n), name="site_id"))


def _score(described: pd.DataFrame, weights: dict[str, float] | None = None) -> pd.DataFrame:
    layers: Any = _Layers()
    return score_sites(described, layers, _scenario(weights))


def test_every_criterion_is_scored() -> None:
    assert {column.criterion for column in SCORED} == set(CRITERION_NAMES)


def test_value_function_either_way_round() -> None:
    values = np.array([-1, 0, 2.5, 10, 11, np.nan])
    up = value_function(values, 0, 10)
    assert up[:5].tolist() == [0, 0, 0.25, 1, 1]
    assert np.isnan(up[5])
    assert value_function(values, 10, 0)[:5].tolist() == [1, 1, 0.75, 0, 0]


def test_yields_of_contracts_are_scored_within_a_radius_only() -> None:
    names = {column.name for column in scored_columns(_scenario(), _described())}
    assert {column.name for column in SCORED} - names == set(CONTRACT_COLUMNS)
    assert list(scored_columns(_scenario(reach_km=100.0), _described())) == SCORED
    described = _described(wind_contract_cf_pct=[0.0, 10.0])
    layers: Any = _Layers()
    free = score_sites(described, layers, _scenario())["score_clean_energy"]
    assert free.iloc[1] == free.iloc[0]  # the other columns of the criterion have the weight
    assert free.iloc[0] == pytest.approx(0.5)
    tied = score_sites(described, layers, _scenario(reach_km=100.0))["score_clean_energy"]
    assert tied.iloc[1] > tied.iloc[0]


def test_time_to_an_interchange_takes_the_place_of_the_distance_to_an_expressway() -> None:
    near = {"expressway_km_most": [0.0, 10.0], "town_electors": [5.0, 5.0]}
    values = _bounds() | {
        "score_interchange_minutes_worst": 40.0,
        "score_interchange_minutes_best": 0.0,
    }
    layers: Any = _Layers(values)
    without = score_sites(_described(**near), layers, _scenario())["score_access"]
    assert without.tolist() == pytest.approx([0.75, 0.5])
    nowhere = _described(**near, interchange_minutes=[np.nan, np.nan])
    assert score_sites(nowhere, layers, _scenario())["score_access"].equals(without)
    described = _described(**near, interchange_minutes=[np.nan, 10.0])
    found = score_sites(described, layers, _scenario())
    # of the first site the graph knows nothing: neutral and counted, as any other criterion
    assert found["score_access"].tolist() == pytest.approx([0.5, (0.5 + 0.75) / 2])
    assert found["unknown_count"].tolist() == [1, 0]
    other = [f"score_{name}" for name in CRITERION_NAMES if name != "access"]
    plain = score_sites(_described(**near), layers, _scenario())
    assert found[other].equals(plain[other])


def test_all_best_is_one_and_all_worst_is_zero() -> None:
    best = {c.name: [10.0 if c.better == "high" else 0.0] for c in SCORED}
    worst = {c.name: [0.0 if c.better == "high" else 10.0] for c in SCORED}
    assert _score(_described(**best))["suitability"].iloc[0] == pytest.approx(1)
    found = _score(_described(**worst)).iloc[0]
    # of access half is one-sided: the worst that it can say is "not known"
    assert found[[f"score_{name}" for name in CRITERION_NAMES if name != "access"]].eq(0).all()
    assert found["score_access"] == pytest.approx(0.25)


def test_a_one_sided_column_is_good_when_near_and_unknown_when_far() -> None:
    found = _score(_described(expressway_km_most=[0.0, 5.0, 10.0, 10.1, 500.0]))
    other = 0.5  # of town_electors
    values = 2 * found["score_access"] - other
    assert values.tolist() == pytest.approx([1.0, 0.75, 0.5, 0.5, 0.5])
    assert found["unknown_count"].tolist() == [0, 0, 0, 1, 1]


def test_unknown_counts_as_neutral_and_is_counted() -> None:
    found = _score(_described(self_sufficiency_pct=[np.nan, 10.0], pue=[np.nan, 0.0]))
    assert found["unknown_count"].tolist() == [2, 0]
    assert found["score_cooling"].tolist() == [0.5, 1.0]


def test_weights_are_shares_and_unnamed_criteria_count_nothing() -> None:
    weights = criterion_weights(_scenario({"grid": 3, "water": 1}))
    assert weights["grid"] == 0.75
    assert weights["water"] == 0.25
    assert sum(weights.values()) == pytest.approx(1)
    assert set(criterion_weights(_scenario()).values()) == {1 / len(CRITERION_NAMES)}
    dry = _described(pue=[0.0], water_demand_share_pct=[10.0], waterworks_margin_m3_day=[0.0])
    found = _score(dry, {"cooling": 3, "water": 1})
    assert found["suitability"].iloc[0] == pytest.approx(0.75)


def test_an_unknown_criterion_and_no_weight_at_all_are_errors() -> None:
    with pytest.raises(ValidationError) as caught:
        _scenario({"gird": 1})
    assert first_fault(caught.value).startswith("weights.gird: no such criterion; known are grid, ")
    with pytest.raises(ValidationError) as caught:
        _scenario({"grid": 0})
    assert first_fault(caught.value).startswith("weights: all are 0; ")


def test_every_criterion_has_a_weight_in_the_order_of_description() -> None:
    assert tuple(_DESCRIBE) == CRITERION_NAMES


def test_a_value_function_the_wrong_way_round_is_an_error() -> None:
    layers: Any = _Layers({**_bounds(), "score_pue_best": 11.0})
    with pytest.raises(LayerError, match="score_pue_worst is 10 and _best is 11, but less"):
        score_sites(_described(), layers, _scenario())


@examples(60)
@given(
    column=st.sampled_from(SCORED), start=st.floats(-2, 12), step=st.floats(0, 12),
    weights=st.lists(st.floats(0.1, 5), min_size=len(CRITERION_NAMES), max_size=len(CRITERION_NAMES)),
)  # fmt: skip
def test_better_never_lowers_the_suitability(
    column: Any, start: float, step: float, weights: list[float]
) -> None:
    described = _described(**{column.name: [start, start + step]})
    found = _score(described, dict(zip(CRITERION_NAMES, weights, strict=True)))
    less, more = found["suitability"]
    assert 0 <= min(less, more) <= max(less, more) <= 1
    assert (more >= less - 1e-12) if column.better == "high" else (more <= less + 1e-12)


def test_bounds_hold_the_score_and_are_equal_where_all_is_known():
    column = next(c for c in SCORED if sum(o.criterion == c.criterion for o in SCORED) > 1)
    described = _described(**{column.name: [5.0, float("nan")]})
    layers, scenario = _Layers(), _scenario()
    low, high = score_bounds(described, layers, scenario)
    scores = score_sites(described, layers, scenario)
    names = [f"score_{name}" for name in CRITERION_NAMES]
    assert low.loc[0].equals(high.loc[0])
    assert low.loc[0].tolist() == pytest.approx(scores.loc[0, names].tolist())
    assert (low.loc[1] <= scores.loc[1, names]).all()
    assert (scores.loc[1, names] <= high.loc[1]).all()
    own = sum(one.criterion == column.criterion for one in scored_columns(scenario, described))
    spread = high.loc[1] - low.loc[1]
    assert spread[f"score_{column.criterion}"] == pytest.approx(1 / own)
    assert spread.sum() == pytest.approx(1 / own)
