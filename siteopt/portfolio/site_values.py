"""Ranking of all sites by regret, with the break-even changes of those not chosen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from siteopt.portfolio.postoptimal.break_even import changes, first_years
from siteopt.portfolio.ranking.rank_on_grid import rank_on_grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from siteopt._arrays import Ints
    from siteopt.portfolio.inputs import PlanInputs
    from siteopt.portfolio.optimal_plan import OptimalPlan
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.scenario import Scenario


__all__ = ["PlanPool", "SiteValues", "rank_sites"]


@dataclass(frozen=True, eq=False)
class PlanPool:
    """Plan pool (solution pool) in compressed sparse row form: few options of thousands are used.

    Attributes
    ----------
    options : int
        Options of the problem.
    first : ndarray of int64, shape (n + 1,)
        Where the options in use of each plan begin.
    option, blocks : ndarray of int64
        Index of the option, and its blocks.
    """

    options: int
    first: Ints
    option: Ints
    blocks: Ints

    @classmethod
    def of(cls, options: int, plans: Sequence[Ints]) -> Self:
        """Return the pool of plans given as blocks by option.

        Parameters
        ----------
        options : int
            Options of the problem.
        plans : sequence of ndarray of int64
            Blocks by option.
        """
        used = [np.flatnonzero(plan) for plan in plans]
        none = np.empty(0, dtype=np.int64)
        return cls(
            options,
            np.cumsum([0, *map(len, used)]).astype(np.int64),
            np.concatenate([none, *used]),
            np.concatenate([none, *(plan[some] for plan, some in zip(plans, used, strict=True))]),
        )

    def each(self) -> list[Ints]:
        """Return the plans as blocks by option."""
        found = []
        for begin, end in zip(self.first[:-1].tolist(), self.first[1:].tolist(), strict=True):
            blocks = np.zeros(self.options, dtype=np.int64)
            blocks[self.option[begin:end]] = self.blocks[begin:end]
            found.append(blocks)
        return found


@dataclass(frozen=True, eq=False)
class SiteValues:
    """The ranking of all sites relative to a plan.

    Attributes
    ----------
    problem : Problem
        With the flow limits that plan and ranking met.
    table : DataFrame
        See `siteopt.portfolio.Ranking`, with the break-even change of each site.
    plans : PlanPool
        The plans behind the upper bounds.
    complete : bool
        Whether all regrets that the scenario requires are proven.
    """

    problem: Problem
    table: pd.DataFrame
    plans: PlanPool
    complete: bool


def rank_sites(
    inputs: PlanInputs, optimum: OptimalPlan, executor: Executor | None = None
) -> SiteValues:
    """Rank every site by its regret: the extra cost of the best plan without it, or with it.

    Parameters
    ----------
    inputs : PlanInputs
        Tables, scenario and grid.
    optimum : OptimalPlan
        The best plan.
    executor : Executor, optional
        Where re-solves are done; as many threads as the solver has cores by default.
    """
    scenario, plan = inputs.scenario, optimum.plan
    problem, ranking = rank_on_grid(
        optimum.problem, plan, scenario.ranking, scenario.solver, inputs.grid, executor
    )
    seconds = scenario.reasons.headroom_time_limit_s
    changed = changes(problem, plan, ranking, scenario.solver, inputs.grid, seconds)
    return SiteValues(
        problem=problem,
        table=_with_changes(ranking.table, changed, inputs.options, scenario),
        plans=PlanPool.of(problem.options, ranking.plans),
        complete=ranking.complete,
    )


def _with_changes(
    ranking: pd.DataFrame, changed: pd.DataFrame, options: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """Return a ranking with break-even changes and the first year of a connection."""
    table = ranking.merge(changed, on="site_id", how="left", validate="one_to_one")
    if "headroom_mw" in options:
        table = table.assign(stations=table["site_id"].map(_stations(options)))
    if "lead_time_years" not in options:
        return table
    first = first_years(options, scenario.target.works_begin)
    return table.assign(first_year=table["site_id"].map(first).astype("Int64"))


def _stations(options: pd.DataFrame) -> pd.Series[str]:
    """Return the stations within reach of each site, joined by ``; ``.

    Each is ``id kV MW``, the headroom, then whose figure that is and the most MW with works.
    """
    key = ["site_id", "station_id", "station_kv"]
    relief = options.get("relief_mw", 0.0)
    whose = options.get("station_headroom_confidence", "model")
    rooms = options[[*key, "headroom_mw"]].assign(
        most_mw=options["headroom_mw"] + relief, whose=whose
    )
    rooms = rooms.groupby(key, as_index=False).agg(
        headroom_mw=("headroom_mw", "first"), whose=("whose", "first"), most_mw=("most_mw", "max")
    )
    said = [
        f"{station} {kv:g} {room:.1f} {who} {most:.1f}"
        for station, kv, room, who, most in zip(
            rooms["station_id"], rooms["station_kv"], rooms["headroom_mw"], rooms["whose"],
            rooms["most_mw"], strict=True,
        )
    ]  # fmt: skip
    site = rooms["site_id"].to_numpy(dtype=object)  # in order: those of a site are together
    first = np.flatnonzero(np.append(True, site[1:] != site[:-1]))[: len(site)]
    ends = pairwise([*first.tolist(), len(site)])
    joined = ["; ".join(said[begin:end]) for begin, end in ends]
    return pd.Series(joined, index=site[first], dtype="str")
