"""Suitability between 0 and 1: value functions and weights (multi-attribute value theory).

The score is a judgement and stays apart from money: what has a price is in ``costs.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.criteria import CRITERIA, CRITERION_NAMES, Column
from siteopt.criteria.access import REPLACED_COLUMNS
from siteopt.criteria.clean_energy import CONTRACT_COLUMNS
from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = [
    "column_values",
    "criterion_weights",
    "normalised_weights",
    "score_bounds",
    "score_sites",
    "scored_columns",
    "value_function",
]


def value_function(values: NDArray[np.float64], worst: float, best: float) -> NDArray[np.float64]:
    """Linear value function: 0 at ``worst`` and beyond, 1 at ``best`` and beyond; NaN stays.

    Parameters
    ----------
    values : ndarray of float64
        Values of a column.
    worst : float
        Value of no merit.
    best : float
        Value of full merit.
    """
    out: NDArray[np.float64] = np.clip((values - worst) / (best - worst), 0.0, 1.0) + 0.0
    return out


def criterion_weights(scenario: Scenario) -> dict[str, float]:
    """Return the weight of each criterion, summing to 1; equal where the scenario has none.

    Parameters
    ----------
    scenario : Scenario
        Scenario of the run.
    """
    return normalised_weights(scenario.weights)


def normalised_weights(given: Mapping[str, float]) -> dict[str, float]:
    """Return weights by criterion as shares of their sum; equal where none is given.

    Parameters
    ----------
    given : mapping of str to float
        Weights by criterion; one that is missing is 0.
    """
    weights = given or dict.fromkeys(CRITERION_NAMES, 1.0)
    total = sum(weights.values())
    return {name: weights.get(name, 0.0) / total for name in CRITERION_NAMES}


def scored_columns(scenario: Scenario, described: pd.DataFrame) -> tuple[Column, ...]:
    """Return the columns that enter the score; the others of a criterion have their weight.

    Without a contract radius plants under contract yield the same for all sites of the mainland,
    so their yields are not scored. Of a column of the road graph and the approximate one in its
    place (``REPLACED_COLUMNS``) one is scored: that of the graph if it is known of any site.

    Parameters
    ----------
    scenario : Scenario
        Scenario of the run.
    described : DataFrame
        Criteria by ``site_id``.
    """
    left_out = set(CONTRACT_COLUMNS if scenario.energy.contract_reach_km is None else ())
    for exact, approximate in REPLACED_COLUMNS.items():
        is_known = exact in described and bool(described[exact].notna().any())
        left_out.add(approximate if is_known else exact)
    return tuple(
        column for column in CRITERIA.values() if column.scored and column.name not in left_out
    )


def column_values(
    described: pd.DataFrame, parameters: ParametersLike, columns: Iterable[Column]
) -> pd.DataFrame:
    """Return the value 0..1 of every scored column, NaN where not known.

    Of a one-sided column only the good end is evidence: its value runs from ``score_unknown`` at
    the worst end to 1 at the best, and beyond the worst end nothing is known.

    Parameters
    ----------
    described : DataFrame
        Criteria by ``site_id``.
    parameters : ParametersLike
        Values of the ``parameters`` layer.
    columns : iterable of Column
        Columns to score.

    Raises
    ------
    LayerError
        If a value function's ends are equal or do not agree with which end is better.
    """
    out = pd.DataFrame(index=described.index)
    for column in columns:
        worst = parameters.value(f"score_{column.name}_worst")
        best = parameters.value(f"score_{column.name}_best")
        if worst == best or (best > worst) != (column.better == "high"):
            raise LayerError(
                f"parameters: score_{column.name}_worst is {worst:g} and _best is {best:g}, but "
                f"{'more' if column.better == 'high' else 'less'} is better"
            )
        known = described[column.name].to_numpy(dtype=np.float64)
        value = value_function(known, worst, best)
        if column.one_sided:
            neutral = parameters.value("score_unknown")
            beyond = (known > worst) if best < worst else (known < worst)
            value = np.where(beyond, np.nan, neutral + (1.0 - neutral) * value)
        out[column.name] = value
    return out


def score_sites(described: pd.DataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Score sites.

    Parameters
    ----------
    described : DataFrame
        Of ``siteopt.criteria.describe_sites``, indexed by site_id.
    layers : Layers
        The value functions: parameters ``score_<column>_worst`` and ``_best``.
    scenario : Scenario
        Weights of the criteria; whether contracts have a radius.

    Returns
    -------
    DataFrame
        Indexed by site_id: ``score_<criterion>``, the mean value of the criterion's scored
        columns; ``suitability``, their weighted mean, both 0..1; ``unknown_count``, the scored
        columns that are not known and count as ``score_unknown``.
    """
    weights = criterion_weights(scenario)
    values = column_values(described, layers.parameters, scored_columns(scenario, described))
    filled = values.fillna(layers.parameters.value("score_unknown"))
    out = _criterion_means(filled)
    shares = np.array([weights[name] for name in CRITERION_NAMES])
    out["suitability"] = np.clip(out.to_numpy() @ shares, 0.0, 1.0)
    out["unknown_count"] = values.isna().sum(axis=1).astype(int)
    return out


def score_bounds(
    described: pd.DataFrame, layers: LayersLike, scenario: Scenario
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores where every column that is not known is at its worst, and at its best.

    Parameters
    ----------
    described, layers, scenario
        As of :func:`score_sites`.

    Returns
    -------
    low, high : DataFrame
        Indexed by site_id: ``score_<criterion>``; equal where all columns are known.
    """
    values = column_values(described, layers.parameters, scored_columns(scenario, described))
    return _criterion_means(values.fillna(0.0)), _criterion_means(values.fillna(1.0))


def _criterion_means(filled: pd.DataFrame) -> pd.DataFrame:
    """Return the mean value of each criterion's scored columns."""
    out = pd.DataFrame(index=filled.index)
    for name in CRITERION_NAMES:
        own = [column for column in filled.columns if CRITERIA[column].criterion == name]
        out[f"score_{name}"] = filled[own].mean(axis=1)
    return out
