"""Weight elicitation: criteria weights from judgements of people."""

from __future__ import annotations

from siteopt.elicitation.aggregation import aggregate_weights
from siteopt.elicitation.ahp import PairwiseComparison, Revision, ahp_weights
from siteopt.elicitation.rank_order import rank_order_weights
from siteopt.elicitation.swing import swing_weights

__all__ = [
    "PairwiseComparison",
    "Revision",
    "aggregate_weights",
    "ahp_weights",
    "rank_order_weights",
    "swing_weights",
]
