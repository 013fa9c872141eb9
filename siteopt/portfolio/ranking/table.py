"""The ranking of sites: bounds on the cost of each forced-in or forced-out plan, and their table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.plan import Plan


__all__ = ["Ranking", "Scores", "ranking_table"]


@dataclass(frozen=True, eq=False)
class Ranking:
    """All sites, best first; see `ranking_table` for the columns of ``table``."""

    table: pd.DataFrame
    exact_others: int
    """Number of sites that are not chosen whose exact regret is proven to be among the lowest."""
    complete: bool
    """Whether all requested figures are exact (false: the time limit came first)."""
    seconds: float
    """Wall seconds."""
    measured: dict[str, Any] = field(default_factory=dict)
    """Sizes and counts of the solving, for the record of a run."""
    plans: tuple[Ints, ...] = ()
    """The plans (blocks an option of the problem) behind the figures and upper bounds, each once."""
    plan_of: dict[str, int] = field(default_factory=dict)
    """Place in ``plans`` of the plan behind each exact figure or upper bound, by site id."""


@dataclass(eq=False)
class Scores:
    """Bounds on the cost of the best plan with (chosen sites: without) each site."""

    chosen: Bools
    exact: Bools
    closed: Bools
    lower: Floats
    upper: Floats
    estimate: Floats
    """LP-relaxation bound of the forced-in (chosen sites: forced-out) cost; breaks ties between equal
    bounds."""
    plan_of: Ints
    """Place in ``plans`` of the plan behind each upper bound, -1 for none."""
    plans: list[Ints] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    """Sites that are not chosen, in the order in which they were proven best."""
    complete: bool = False
    chosen_exact: bool = True
    tie: float = 1e-5
    """Costs nearer than this are tied; the programs are solved to a tenth of it."""

    @classmethod
    def empty(cls, sites: int) -> Self:
        """Return scores without any bound."""
        none = np.zeros(sites, dtype=np.bool_)
        return cls(
            chosen=none.copy(),
            exact=none.copy(),
            closed=none.copy(),
            lower=np.full(sites, -np.inf),
            upper=np.full(sites, np.inf),
            estimate=np.zeros(sites),
            plan_of=np.full(sites, -1, dtype=np.int64),
        )

    def close(self, site: int) -> None:
        """Note that there is no plan with (a chosen site: without) a site."""
        self.closed[site] = self.exact[site] = True
        self.lower[site] = self.upper[site] = np.inf

    def note(self, problem: Problem, blocks: Ints, cost: float) -> None:
        """Note that a plan costs so much.

        That is an upper bound for every chosen site that it does without, and for every other
        one that it has.
        """
        built = np.zeros(len(self.chosen), dtype=np.bool_)
        built[problem.option_site[blocks > 0]] = True
        improved = (built != self.chosen) & (cost < self.upper)
        if improved.any():
            self.upper[improved] = cost
            self.plan_of[improved] = len(self.plans)
            self.plans.append(blocks)

    def raise_lower(self, site: int, bound: float) -> None:
        """Note a lower bound."""
        self.lower[site] = max(self.lower[site], bound)

    def settle(self, site: int) -> bool:
        """Take a site whose bounds meet for exact; return whether it is."""
        if self.upper[site] - self.lower[site] > self.tie / 10:
            return bool(self.exact[site])
        self.exact[site] = True
        self.lower[site] = self.upper[site]
        return True


def ranking_table(problem: Problem, plan: Plan, scores: Scores, whole: Ints) -> pd.DataFrame:
    """Return one row a site, best first.

    Columns: ``rank`` (tied sites share the smallest), ``tied`` (how many share it), ``site_id``,
    ``chosen``, ``proof``, ``value_bn_krw`` (chosen: what the plan loses without it, inf where no
    plan is left), ``regret_bn_krw`` (others: what it loses with it, where exact),
    ``lower_bn_krw`` and ``upper_bn_krw`` (proven bounds on that figure), ``reason``. ``proof`` is

    - 'exact': the figure is exact (chosen sites: within the gap of the plan);
    - 'indispensable': no plan meets all limits without this chosen site;
    - 'bounded': the figure is between the bounds, and no lower than any exact one that was
      proven best; its rank is provisional, by lower bound and, where that is shared, by the
      relaxation;
    - 'impossible': no plan can have the site; ``reason`` is the gate that closes it. It has no
      rank and is last.

    Where suitability is maximised the unit in the names is ``suitable_mw``.
    """
    sites = problem.sites
    lower, upper = np.full(sites, np.inf), np.full(sites, np.inf)
    exact, chosen = np.zeros(sites, dtype=np.bool_), np.zeros(sites, dtype=np.bool_)
    reason = problem.site_gate.astype(object)
    proven_place = np.full(sites, sites, dtype=np.int64)
    lower[whole], upper[whole] = scores.lower, scores.upper
    exact[whole], chosen[whole] = scores.exact, scores.chosen
    reason[whole[scores.closed & ~scores.chosen]] = "limits"
    proven_place[whole[np.array(scores.order, dtype=np.int64)]] = np.arange(len(scores.order))
    closed = np.isinf(lower)
    low = np.maximum(lower - plan.objective, 0.0)
    high = np.maximum(upper - min(plan.bound, plan.objective), 0.0)
    high[exact] = low[exact]
    proof = np.where(exact & (plan.status == "optimal"), "exact", "bounded").astype(object)
    proof[closed] = np.where(chosen[closed], "indispensable", "impossible")
    figure = np.where(exact & ~closed & (plan.status == "optimal"), low, np.nan)
    unit = problem.unit
    table = pd.DataFrame(
        {
            "site_id": problem.site_id.astype(object),
            "chosen": chosen,
            "proof": proof,
            f"value_{unit}": np.where(chosen, np.where(closed, np.inf, figure), np.nan),
            f"regret_{unit}": np.where(chosen, np.nan, figure),
            f"lower_{unit}": low,
            f"upper_{unit}": high,
            "reason": reason,
        }
    )
    # Chosen first, dearest first; then those proven best; then by lower bound, where many are
    # bounded by the last proven one alone by the relaxation; the impossible last.
    estimate = np.zeros(sites)
    estimate[whole] = np.where(scores.exact, 0.0, scores.estimate)
    key = np.where(chosen, -low, low)
    key = np.round(key / scores.tie) * scores.tie
    last = closed & ~chosen
    order = np.lexsort((problem.site_id, estimate, key, last, proven_place == sites, ~chosen))
    table = table.iloc[order].reset_index(drop=True)
    sure = (exact & ~closed & (chosen | (proven_place < sites)))[order]
    rank, tied = _ranks(np.where(chosen, -low, low)[order], chosen[order], sure, scores.tie)
    ranked = table["proof"] != "impossible"
    table.insert(0, "rank", pd.Series(rank, dtype="Int64").where(ranked))
    table.insert(1, "tied", pd.Series(tied, dtype="Int64").where(ranked))
    return table


def _ranks(figure: Floats, chosen: Bools, sure: Bools, tie: float) -> tuple[Ints, Ints]:
    """Return shared ranks and how many share each; only sure figures can be tied."""
    rank = np.arange(1, len(figure) + 1)
    tied = np.ones(len(figure), dtype=np.int64)
    start = 0
    for place in range(1, len(figure) + 1):
        same = (
            place < len(figure)
            and sure[start]
            and sure[place]
            and chosen[start] == chosen[place]
            and abs(figure[place] - figure[start]) <= tie
        )
        if not same:
            rank[start:place] = start + 1
            tied[start:place] = place - start
            start = place
    return rank, tied
