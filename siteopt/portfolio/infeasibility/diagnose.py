"""Why no plan meets all limits: which limits conflict, and how much each would have to give.

The conflict is a minimal set of kinds of limits: without any one of them there is a plan (a
deletion filter over proofs of infeasibility). For each of them the least it would have to give
alone, all others held, is a program of its own: the target that can be reached, the capital that
is needed, the slack of headroom, shares and water, the spacing that still has a plan. All of it
works where only whole blocks and on/off choices conflict, because every question is answered by
the whole program; where a question is not settled in time, its answer is an interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.reduced_cost import FEASIBILITY_TOLERANCE, without_cost
from siteopt.portfolio.constraints import conflict_graph
from siteopt.portfolio.constraints.elastic import KINDS, SLACK_KINDS, drop, loosened
from siteopt.portfolio.infeasibility.conflict_words import Names, sentences
from siteopt.portfolio.infeasibility.deletion_filter import NamedLimit, fewest
from siteopt.portfolio.infeasibility.diagnosis_words import message_of
from siteopt.portfolio.infeasibility.least_violation import Questions, least_given

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.scenario import Solver


__all__ = ["Diagnosis", "diagnose"]

_STEP_KM = 0.1
_NAMING = 0.25  # of the time limit, for the conflict limit by limit
_DISTANCES = 2000  # with more pairs of sites than that, spacing is tried in steps


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Which limits conflict, and what each would have to give.

    ``table`` has one row a kind of limit in conflict: ``limit``, ``now``, ``gives_least`` (proven:
    less is not enough), ``gives_enough`` (a plan exists with that; inf where this limit alone
    cannot settle it), ``unit``, ``where`` (the stations, provinces or basins that give).
    ``together`` is the least relaxation of all limits but spacing at once, where one unit of any
    limit counts by its share of the target: ``limit``, ``gives``, ``unit``.
    """

    conflict: tuple[str, ...]
    """Kinds of limits in conflict; empty where there is a plan."""
    minimal: bool
    """Whether it is proven that there is a plan without any one of them."""
    table: pd.DataFrame
    together: pd.DataFrame
    message: str
    """One line for people."""
    named: tuple[NamedLimit, ...] = ()
    """Limits in conflict, one by one."""
    named_minimal: bool = True
    """Whether it is proven that there is a plan without any one of them."""
    sentence_en: str = ""
    """What the conflict is, and what would settle it."""
    sentence_ko: str = ""
    """The same in Korean."""

    @property
    def details(self) -> str:
        """Further lines for people: the sentences, and whether the limits named are the fewest."""
        lines = [self.sentence_en, self.sentence_ko]
        if self.sentence_en and not self.named_minimal:
            lines.append(_NOT_SETTLED)
        return "\n".join(line for line in lines if line)


def diagnose(  # noqa: PLR0913 - a question, how to answer it, and how much of it is told
    problem: Problem,
    settings: Solver,
    grid: GridLike | None = None,
    *,
    together: bool = True,
    named: bool = True,
    names: Names | None = None,
) -> Diagnosis:
    """Find which limits conflict and how much each would have to give.

    Parameters
    ----------
    problem : Problem
        One that has no plan.
    settings : Solver
        Its time limit holds for the whole diagnosis.
    grid : GridLike, optional
        The grid whose flow limits hold: plans that the diagnosis finds are checked on it, and the
        limits that they break hold from then on.
    together : bool
        Whether the least relaxation of all limits at once is wanted, which the message does not
        tell.
    named : bool
        Whether the conflict is wanted limit by limit.
    names : Names, optional
        What provinces and stations are called; their codes by default.

    Returns
    -------
    Diagnosis
        With an empty conflict where a plan exists after all.
    """
    clock = Questions(settings.time_limit_s, grid)
    if _feasible(problem, clock):
        nothing = pd.DataFrame(columns=_COLUMNS)
        return Diagnosis((), True, nothing, nothing[["limit"]], "a plan meets all limits")  # noqa: FBT003 - a field of a record
    conflict, minimal = _conflict(problem, clock)
    table = pd.DataFrame([_alone(problem, kind, clock) for kind in conflict], columns=_COLUMNS)
    at_once = _together(problem, clock) if together else pd.DataFrame(columns=_TOGETHER)
    found = Diagnosis(conflict, minimal, table, at_once, message_of(problem, table))
    if not named or clock.left <= 0:
        return found
    apart = Questions(min(settings.time_limit_s * _NAMING, clock.left), grid, parts=4)
    limits, fewest_of_all = fewest(problem, conflict, lambda part: _feasible(part, apart))
    said = sentences(problem, limits, table, names or Names())
    return replace(
        found,
        named=limits,
        named_minimal=fewest_of_all and minimal,
        sentence_en=said[0],
        sentence_ko=said[1],
    )


_NOT_SETTLED = (
    "whether fewer limits conflict was not settled in time "
    "(더 적은 조건만으로 상충하는지는 시간 안에 확인하지 못했습니다)"
)


_TOGETHER = ["limit", "gives", "unit"]
_COLUMNS = ["limit", "now", "gives_least", "gives_enough", "unit", "where"]


def _conflict(problem: Problem, clock: Questions) -> tuple[tuple[str, ...], bool]:
    """Return a set of kinds that has no plan, and whether it is proven minimal."""
    dropped: list[str] = []
    minimal = True
    for kind in KINDS:
        state = _feasible(drop(problem, [*dropped, kind]), clock)
        if state is None:
            minimal = False
        elif not state:
            dropped.append(kind)
    return tuple(kind for kind in reversed(KINDS) if kind not in dropped), minimal


def _feasible(problem: Problem, clock: Questions) -> bool | None:
    """Return whether there is a plan, None where that is not settled in time."""
    found = least_given(without_cost(problem), (), clock)
    if found.incumbent is not None:
        return True
    return False if found.proven else None


def _alone(problem: Problem, kind: str, clock: Questions) -> tuple[object, ...]:
    """Return the row of the table for one kind: what it must give, all others held."""
    if kind == "target" and problem.horizon == 1:
        return _target_alone(problem, clock)
    if kind == "rules":
        return ("rules", np.nan, np.inf, np.inf, "sites", "")
    if kind == "budget" and not np.isfinite(problem.year_budget_bn_krw).any():
        return _budget_alone(problem, clock)
    if kind == "spacing":
        return _spacing_alone(problem, clock)
    if kind == "province count":
        return _count_alone(problem, clock)
    return _slack_alone(problem, kind, clock)


def _target_alone(problem: Problem, clock: Questions) -> tuple[object, ...]:
    """Return the largest total of blocks that can be reached below the target."""
    most = replace(
        drop(problem, ["target"]),
        target_most_blocks=int(problem.target_blocks[-1]),
        worth_fixed=np.zeros(problem.options),
        worth_block=-np.ones(problem.options),
    )
    found = least_given(most, (), clock)
    block, target = problem.block_mw, int(problem.target_blocks[-1])
    least = (target - np.floor(-found.bound + 1e-6)) * block if np.isfinite(found.bound) else np.inf
    enough = np.inf if found.incumbent is None else (target - int(found.incumbent.sum())) * block
    return ("target", target * block, max(least, 0.0), enough, "MW IT", "")


def _budget_alone(problem: Problem, clock: Questions) -> tuple[object, ...]:
    """Return the least capital with which there is a plan."""
    cheapest = replace(
        drop(problem, ["budget"]),
        worth_fixed=problem.capital_fixed_bn_krw,
        worth_block=problem.capital_block_bn_krw,
    )
    found = least_given(cheapest, (), clock)
    budget = problem.budget_bn_krw
    least = max(found.bound - budget, 0.0)
    enough = max(found.objective - budget, 0.0)
    return ("budget", budget, least, enough, "bn KRW", "")


def _spacing_alone(problem: Problem, clock: Questions) -> tuple[object, ...]:
    """Return the largest spacing below the one asked for that still has a plan, by bisection."""
    steps = _distances(problem)
    low, high, open_high = -1, len(steps), len(steps)
    while high - low > 1 and low < high:
        middle = (low + high) // 2
        state = _feasible(drop(replace(problem, spacing_m=float(steps[middle])), ()), clock)
        if state:
            low = middle
        else:
            high = middle
            open_high = high if state is False else open_high
    now = problem.spacing_m / 1000
    if low < 0:
        return ("spacing", now, np.inf, np.inf, "km", "")
    enough = now - float(steps[low]) / 1000
    least = enough if open_high == high else 0.0
    return ("spacing", now, least, enough, "km", "")


def _distances(problem: Problem) -> NDArray[np.float64]:
    """Return the spacings worth trying, rising from 0: where another pair may be chosen."""
    graph = conflict_graph.conflicts(problem.site_x_m, problem.site_y_m, problem.spacing_m).tocoo()
    apart = np.hypot(
        problem.site_x_m[graph.row] - problem.site_x_m[graph.col],
        problem.site_y_m[graph.row] - problem.site_y_m[graph.col],
    )
    exact = np.unique(np.concatenate([[0.0], apart]))
    if len(exact) <= _DISTANCES:
        return exact
    return np.arange(0.0, problem.spacing_m, _STEP_KM * 1000)


def _count_alone(problem: Problem, clock: Questions) -> tuple[object, ...]:
    """Return the largest count of provinces below the one asked for that has a plan."""
    need, proven = problem.province_count_min, True
    for count in range(need - 1, 0, -1):
        state = _feasible(replace(problem, province_count_min=count), clock)
        if state:
            gives = float(need - count)
            return ("province count", need, gives if proven else 1.0, gives, "provinces", "")
        proven &= state is False
    return ("province count", need, np.inf if proven else 1.0, np.inf, "provinces", "")


def _slack_alone(problem: Problem, kind: str, clock: Questions) -> tuple[object, ...]:
    """Return the least total slack of one kind of limit."""
    loose = without_cost(loosened(problem, [kind]))
    found = least_given(loose, [kind], clock)
    unit = _UNITS[kind]
    if found.incumbent is None:
        least = np.inf if found.proven else 0.0
        return (kind, np.nan, least, np.inf, unit, "")
    given = _given(constraints.usage(clock.knowing(problem), found.incumbent), kind)
    enough = float(given["gives"].sum())
    least = enough if found.proven else enough * max(found.bound, 0.0) / max(found.objective, 1e-12)
    largest = given.sort_values(["gives", "limit"], ascending=[False, True])
    where = ", ".join(f"{row.limit} +{row.gives:g}" for row in largest.head(3).itertuples())
    more = f" and {len(given) - 3} more" if len(given) > 3 else ""  # noqa: PLR2004 - as above
    return (kind, np.nan, least, enough, unit, where + more)


_UNITS = {
    "headroom": "MW",
    "flows": "MW",
    "province maximum": "pct of the target",
    "province minimum": "pct of the target",
    "basins": "m3 a day",
    "diversity": "pct of the target",
    "budget": "bn KRW",
    "target": "MW IT",
}


def _given(usage: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return what the limits of one kind give in a plan of such usage: limit, gives, unit."""
    over = (usage["used"] - usage["at_most"]).clip(lower=0.0)
    under = (usage["at_least"] - usage["used"]).clip(lower=0.0)
    of_province = (usage["family"] == "provinces") & (usage["unit"] == "pct")
    gives = {
        "headroom": over.where(usage["family"] == "stations", 0.0),
        "basins": over.where(usage["family"] == "basins", 0.0),
        "flows": over.where(usage["family"] == "flows", 0.0),
        "budget": over.where(usage["family"] == "budget", 0.0),
        "diversity": over.where(usage["family"] == "diversity", 0.0),
        "target": under.where(usage["family"] == "target", 0.0),
        "province maximum": over.where(of_province, 0.0),
        "province minimum": under.where(of_province, 0.0),
    }[kind]
    table = usage.assign(gives=gives)[["limit", "gives", "unit"]]
    table = table[table["gives"] > 1e-6 * np.maximum(1.0, usage["used"].abs())]
    if kind == "headroom":  # a level that gives lets its station give: count it once
        level = table["limit"].str.contains(" kV")
        of_station = table["limit"].str.replace(r" [0-9.]+ kV", "", regex=True)
        by_station = table[level].groupby(of_station[level])["gives"].sum()
        whole = table[~level]
        rest = whole["gives"] - whole["limit"].map(by_station).fillna(0.0)
        table = pd.concat([table[level], whole.assign(gives=rest)[rest > FEASIBILITY_TOLERANCE]])
    return table.reset_index(drop=True)


def _together(problem: Problem, clock: Questions) -> pd.DataFrame:
    """Return the least relaxation of all limits but spacing at once."""
    loose = without_cost(loosened(problem, SLACK_KINDS))
    found = least_given(loose, SLACK_KINDS, clock)
    if found.incumbent is None:
        return pd.DataFrame(columns=_TOGETHER)
    usage = constraints.usage(clock.knowing(problem), found.incumbent)
    return pd.concat([_given(usage, kind) for kind in SLACK_KINDS], ignore_index=True)
