"""Scores by criterion for the page, where other weights may be tried without a new plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.criteria import CRITERION_NAMES
from siteopt.criteria.scoring import criterion_weights
from siteopt.report._column_codec import compact

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.report.run_tables import RunTables

__all__ = ["SCORE_DECIMALS", "suitability_payload"]

SCORE_DECIMALS: Final = 6
"""Of a score in 0..1; a suitability made of such scores is right to half a millionth."""


def suitability_payload(tables: RunTables, ranking: pd.DataFrame) -> dict[str, Any] | None:
    """Return the weights of the run and the scores of the sites; None where sites have no scores.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    ranking : DataFrame
        The sites that the page shows.

    Returns
    -------
    dict
        ``weights`` by criterion, summing to 1; ``given``, whether the scenario sets them;
        ``counts``, whether the plan depends on suitability; ``scores`` by criterion.
    """
    columns = {name: f"score_{name}" for name in CRITERION_NAMES}
    if not all(column in ranking for column in columns.values()):
        return None
    objective = tables.scenario.objective
    return {
        "weights": criterion_weights(tables.scenario),
        "given": bool(tables.scenario.weights),
        "counts": objective.kind != "cost" or objective.suitability_price_bn_krw_per_mw > 0,
        "scores": {
            name: compact(ranking[column], SCORE_DECIMALS) for name, column in columns.items()
        },
    }
