"""Multi-criteria decision analysis: weights of people, and what they do to the order of sites."""

from __future__ import annotations

from siteopt.elicitation import (
    PairwiseComparison,
    Revision,
    aggregate_weights,
    ahp_weights,
    rank_order_weights,
    swing_weights,
)
from siteopt.multicriteria.promethee import Flows, promethee
from siteopt.multicriteria.smaa import Acceptability, acceptability_analysis, pairwise_winning
from siteopt.multicriteria.stakeholders import MinimaxRegret, best_sites, losses, minimax_regret
from siteopt.multicriteria.topsis import topsis
from siteopt.multicriteria.weight_space import draw_weights

__all__ = [
    "Acceptability",
    "Flows",
    "MinimaxRegret",
    "PairwiseComparison",
    "Revision",
    "acceptability_analysis",
    "aggregate_weights",
    "ahp_weights",
    "best_sites",
    "draw_weights",
    "losses",
    "minimax_regret",
    "pairwise_winning",
    "promethee",
    "rank_order_weights",
    "swing_weights",
    "topsis",
]
