"""Multi-criteria analysis of sites: stakeholders, outranking, closeness, acceptability, regret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.criteria import CRITERION_NAMES
from siteopt.errors import ScenarioError
from siteopt.multicriteria.promethee import promethee
from siteopt.multicriteria.smaa import Acceptability, acceptability_analysis
from siteopt.multicriteria.stakeholders import best_sites, losses, minimax_regret
from siteopt.multicriteria.topsis import topsis
from siteopt.multicriteria.weight_space import draw_weights
from siteopt.scenario.judgements import Comparisons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.scenario.judgements import Judgements

__all__ = ["MulticriteriaAnalysis", "ScoreRange", "analyse", "possible_weights"]

_SCORES: Final = [f"score_{name}" for name in CRITERION_NAMES]
LEAST_REGRET: Final = "least_regret"
"""Name of the compromise of `minimax_regret`."""


@dataclass(frozen=True, eq=False)
class ScoreRange:
    """Scores of sites where what is not known is at its worst and at its best.

    Attributes
    ----------
    low, high : DataFrame
        ``score_<criterion>`` by ``site_id``.
    """

    low: pd.DataFrame
    high: pd.DataFrame


@dataclass(frozen=True, eq=False)
class MulticriteriaAnalysis:
    """What judgements come to, and what they do to the order of sites.

    Attributes
    ----------
    weights : DataFrame
        One row a ``criterion``; a column a stakeholder and a compromise (``arithmetic``,
        ``geometric`` where it is the one asked for, ``least_regret`` where sites are known).
    consistency : DataFrame
        One row a stakeholder: ``method``, ``voice``, and of pairwise comparisons
        ``consistency_ratio``, ``missing`` pairs, ``revisit`` and ``consistent``, the judgement to
        revisit and what would agree with the others, ``ratio_then``.
    sites : DataFrame
        One row a site, by ``site_id``, best by the compromise first: ``suitability`` by the
        compromise, ``rank``; ``suitability_<stakeholder>``; ``topsis`` and ``promethee_net``;
        ``acceptability_1`` and ``acceptability_best``, the share of drawn weights with which it is
        first and among the best; ``rank_mean``, ``rank_low``, ``rank_high`` over the draws;
        ``confidence_factor`` and ``central_<criterion>``, the mean of the weights with which it is
        first; ``bn_krw_per_mw``, its cost. No row without sites.
    losses : DataFrame
        One row a compromise: ``loss_<stakeholder>``, mean suitability that the stakeholder loses
        on the compromise's best sites against its own, by its own weights, ``kept_<stakeholder>``,
        how many of its own best are among them, and ``largest_loss``.
    agreed : list of str
        Ids of sites among the best of every stakeholder.
    acceptability : Acceptability or None
        All of the draws, in the order of the scores that were given.
    """

    weights: pd.DataFrame
    consistency: pd.DataFrame
    sites: pd.DataFrame
    losses: pd.DataFrame
    agreed: list[str] = field(default_factory=list)
    acceptability: Acceptability | None = None

    def toml(self, compromise: str) -> str:
        """Return a ``[weights]`` block for a scenario file.

        Parameters
        ----------
        compromise : str
            Name of a column of `weights`.
        """
        column = self.weights.set_index("criterion")[compromise]
        rows = [f"{name} = {value:.6f}" for name, value in column.items()]
        return "\n".join(["[weights]", *rows])


def analyse(
    judgements: Judgements,
    scores: pd.DataFrame | None = None,
    *,
    score_range: ScoreRange | None = None,
    cost: pd.Series[float] | None = None,
) -> MulticriteriaAnalysis:
    """Weigh criteria by judgements, and sites by the weights.

    Parameters
    ----------
    judgements : Judgements
        Of `siteopt.read_judgements`.
    scores : DataFrame, optional
        ``score_<criterion>`` in 0..1, indexed by ``site_id``; the judgements alone without.
    score_range : ScoreRange, optional
        Range of the scores, drawn from where ``smaa.draw_unknown`` is set.
    cost : Series, optional
        bn KRW per MW by ``site_id``, NaN where not known.

    Returns
    -------
    MulticriteriaAnalysis
        Tables.

    Raises
    ------
    ScenarioError
        If weights leave nothing to draw from, or there are fewer sites than are compared.
    """
    weights = pd.DataFrame({"criterion": list(CRITERION_NAMES)})
    for name, own in judgements.individual.items():
        weights[name] = [own[criterion] for criterion in CRITERION_NAMES]
    for mean in dict.fromkeys(("arithmetic", judgements.compromise)):
        means = judgements.mean_weights(mean)
        weights[mean] = [means[criterion] for criterion in CRITERION_NAMES]
    consistency = _consistency(judgements)
    if scores is None:
        nothing = pd.DataFrame(index=pd.Index([], name="site_id"))
        return MulticriteriaAnalysis(weights, consistency, nothing, pd.DataFrame())
    values = scores[_SCORES].to_numpy(dtype=np.float64)
    table, agreed = _losses(judgements, values, weights, scores.index)
    found = _acceptability(judgements, values, score_range)
    sites = _sites(judgements, scores.index, values, weights, found, cost)
    return MulticriteriaAnalysis(weights, consistency, sites, table, agreed, found)


def possible_weights(judgements: Judgements) -> NDArray[np.float64]:
    """Draw weights from what ``[smaa]`` of the judgements thinks possible.

    Parameters
    ----------
    judgements : Judgements
        Of `siteopt.read_judgements`.

    Returns
    -------
    ndarray of float64
        Shape (draws, criteria), in the order of the criteria's names.

    Raises
    ------
    ScenarioError
        As of `draw_weights`.
    """
    space = judgements.smaa
    low, high = dict.fromkeys(CRITERION_NAMES, 0.0), dict.fromkeys(CRITERION_NAMES, 1.0)
    if space.between_stakeholders:
        for name in CRITERION_NAMES:
            given = [own[name] for own in judgements.individual.values()]
            low[name], high[name] = min(given), max(given)
    for name, (least, most) in space.intervals.items():
        low[name], high[name] = least, most
    try:
        return draw_weights(
            len(CRITERION_NAMES), space.draws, seed=space.seed,
            low=[low[name] for name in CRITERION_NAMES],
            high=[high[name] for name in CRITERION_NAMES],
            order=[[CRITERION_NAMES.index(name) for name in place] for place in space.places],
        )  # fmt: skip
    except ScenarioError as error:
        raise ScenarioError(f"smaa: {error}") from error


def _consistency(judgements: Judgements) -> pd.DataFrame:
    rows = []
    for one in judgements.stakeholders:
        row: dict[str, object] = {"stakeholder": one.name, "method": one.method, "voice": one.voice}
        if isinstance(one, Comparisons):
            found, again = one.comparison, one.comparison.revisit
            row |= {"consistency_ratio": found.consistency_ratio, "missing": found.missing}
            if again is not None:
                row |= {
                    "revisit": f"{again.first} over {again.second} = {again.given:.3g}",
                    "consistent": again.consistent,
                    "ratio_then": again.ratio_then,
                }
        rows.append(row)
    columns = [
        "stakeholder", "method", "voice", "consistency_ratio", "missing", "revisit", "consistent",
        "ratio_then",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _losses(
    judgements: Judgements, values: NDArray[np.float64], weights: pd.DataFrame, ids: pd.Index
) -> tuple[pd.DataFrame, list[str]]:
    """Return what each compromise costs each stakeholder, and what all agree on.

    The weights of the compromise of least regret are added to the table of weights.
    """
    names = [one.name for one in judgements.stakeholders]
    individual = weights[names].to_numpy().T
    heard = np.array([one.voice > 0 for one in judgements.stakeholders])
    least = minimax_regret(values, individual[heard], judgements.best)
    own = [best_sites(values, one, judgements.best) for one in individual]
    means = [name for name in ("arithmetic", "geometric") if name in weights]
    taken = {
        name: best_sites(values, weights[name].to_numpy(), judgements.best) for name in means
    } | {LEAST_REGRET: least.sites}
    weights[LEAST_REGRET] = least.weights
    rows = []
    for compromise, places in taken.items():
        lost = losses(values, individual, places)
        kept = [len(np.intersect1d(places, one)) for one in own]
        rows.append(
            {"compromise": compromise}
            | {f"loss_{name}": value for name, value in zip(names, lost, strict=True)}
            | {f"kept_{name}": value for name, value in zip(names, kept, strict=True)}
            | {"largest_loss": lost.max()}
        )
    agreed = sorted(set.intersection(*(set(ids[one].astype(str)) for one in own)))
    return pd.DataFrame(rows), agreed


def _acceptability(
    judgements: Judgements, values: NDArray[np.float64], score_range: ScoreRange | None
) -> Acceptability:
    drawn = possible_weights(judgements)
    space = judgements.smaa
    if not space.draw_unknown or score_range is None:
        return acceptability_analysis(values, drawn, ranks=judgements.best, seed=space.seed)
    low = score_range.low[_SCORES].to_numpy(dtype=np.float64)
    high = score_range.high[_SCORES].to_numpy(dtype=np.float64)
    return acceptability_analysis(
        low, drawn, values_high=high, ranks=judgements.best, seed=space.seed
    )


def _sites(  # noqa: PLR0913, PLR0917 - what the columns come from
    judgements: Judgements,
    ids: pd.Index,
    values: NDArray[np.float64],
    weights: pd.DataFrame,
    found: Acceptability,
    cost: pd.Series[float] | None,
) -> pd.DataFrame:
    compromise = weights[judgements.compromise].to_numpy()
    out = pd.DataFrame(index=ids)
    out["suitability"] = values @ compromise
    out["rank"] = out["suitability"].rank(method="min", ascending=False).astype(int)
    for one in judgements.stakeholders:
        out[f"suitability_{one.name}"] = values @ weights[one.name].to_numpy()
    money: NDArray[np.float64] | None = None
    if cost is not None:
        money = np.asarray(cost.reindex(ids), dtype=np.float64)
    out["topsis"], out["promethee_net"] = _outranking(judgements, values, compromise, money)
    out["acceptability_1"] = found.rank_acceptability[:, 0]
    out["acceptability_best"] = found.within(judgements.best)
    out["rank_mean"], out["rank_low"], out["rank_high"] = (
        found.rank_mean, found.rank_low.astype(int), found.rank_high.astype(int),
    )  # fmt: skip
    out["confidence_factor"] = found.confidence_factor
    for number, name in enumerate(CRITERION_NAMES):
        out[f"central_{name}"] = found.central_weights[:, number]
    if money is not None:
        out["bn_krw_per_mw"] = money
    return out.sort_values("rank", kind="stable")


def _outranking(
    judgements: Judgements,
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    cost: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return TOPSIS and PROMETHEE II, with cost as one more criterion where it has a weight."""
    rule, share = judgements.promethee, judgements.cost_weight
    n, m = values.shape
    low, high = [rule.indifference] * m, [rule.preference] * m
    better, known = ["high"] * m, np.ones(n, dtype=bool)
    table, shares = values, weights
    if share > 0 and cost is not None:
        known = np.isfinite(cost)
        table = np.column_stack([values, cost])
        shares = np.append(weights * (1.0 - share), share)
        low.append(rule.cost_indifference_bn_krw_per_mw)
        high.append(rule.cost_preference_bn_krw_per_mw)
        better.append("low")
    closeness, net = np.full(n, np.nan), np.full(n, np.nan)
    closeness[known] = topsis(table[known], shares, better=better)
    net[known] = promethee(
        table[known], shares, indifference=low, preference=high, better=better
    ).net
    return closeness, net
