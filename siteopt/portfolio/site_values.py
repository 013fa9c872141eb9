"""What every site is worth to the plan, and what would have to change for it to be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from siteopt.portfolio.postoptimal.break_even import changes, first_years
from siteopt.portfolio.ranking.rank_on_grid import rank_on_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.inputs import Task
    from siteopt.portfolio.optimal_plan import Planned
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.scenario import Scenario


__all__ = ["MetPlans", "Valued", "value_sites"]


@dataclass(frozen=True, eq=False)
class MetPlans:
    """Plans that were met on the way: few options of thousands are in use in each.

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
        """Return plans given as blocks by option."""
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
class Valued:
    """The ranking of all sites around a plan.

    Attributes
    ----------
    problem : Problem
        With the flow limits that plan and ranking met.
    table : DataFrame
        See `siteopt.portfolio.Ranking`, with what would have to change for each site.
    plans : MetPlans
        The plans behind the figures.
    complete : bool
        Whether all figures that were asked for are proven.
    """

    problem: Problem
    table: pd.DataFrame
    plans: MetPlans
    complete: bool


def value_sites(task: Task, planned: Planned) -> Valued:
    """Rank every site by what the plan loses without it, or with it.

    Parameters
    ----------
    task : Task
        Tables, scenario and grid.
    planned : Planned
        The best plan.
    """
    scenario, plan = task.scenario, planned.plan
    problem, ranking = rank_on_grid(
        planned.problem, plan, scenario.ranking, scenario.solver, task.grid
    )
    seconds = scenario.reasons.headroom_time_limit_s
    changed = changes(problem, plan, ranking, scenario.solver, task.grid, seconds)
    return Valued(
        problem=problem,
        table=_with_changes(ranking.table, changed, task.options, scenario),
        plans=MetPlans.of(problem.options, ranking.plans),
        complete=ranking.complete,
    )


def _with_changes(
    ranking: pd.DataFrame, changed: pd.DataFrame, options: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """Return a ranking with what would have to change, and the first year of a connection."""
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
    return rooms.assign(said=said).groupby("site_id")["said"].agg("; ".join)
