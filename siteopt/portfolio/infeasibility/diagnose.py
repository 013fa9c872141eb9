"""Infeasibility analysis: which limits conflict, and the least change of each that has a plan.

Chinneck, Feasibility and Infeasibility in Optimization (2008).

The conflict is a minimal set of kinds of limits: without any one of them there is a plan (a
deletion filter over proofs of infeasibility). The least change of each, all others held, is a
program of its own: the elastic program, or a search that its family knows. All of it works where
only whole blocks and on/off choices conflict, because every step solves the whole program; where
one is not settled in time, its result is an interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.limit_key import LimitKey
from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.reduced_cost import without_cost
from siteopt.portfolio.constraints.block_bounds import tighten
from siteopt.portfolio.constraints.elastic import drop, with_elastic_bounds
from siteopt.portfolio.constraints.family import LeastChange
from siteopt.portfolio.infeasibility.deletion_filter import irreducible_set
from siteopt.portfolio.infeasibility.least_violation import Violations, least_violation

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.constraints.family import LimitKind
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.solver.result import Result
    from siteopt.scenario import Solver


__all__ = ["Diagnosis", "diagnose"]

_NAMING = 0.25  # of the time limit, for the conflict limit by limit
_LISTED = 3  # limits that change most are listed, of more the number


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Which limits conflict, and what each would have to give.

    ``changes`` has one item a kind of limits in conflict.
    """

    conflict: tuple[str, ...]
    """Kinds of limits in conflict; empty where there is a plan."""
    minimal: bool
    """Whether it is proven that there is a plan without any one of them."""
    changes: dict[str, LeastChange]
    """Least change of each kind alone, all others held."""
    limits: tuple[LimitKey, ...] = ()
    """Limits in conflict, one by one (an irreducible infeasible set)."""
    limits_minimal: bool = True
    """Whether it is proven that there is a plan without any one of them."""


def diagnose(
    problem: Problem,
    settings: Solver,
    grid: GridLike | None = None,
    *,
    named: bool = True,
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
    named : bool
        Whether the conflict is wanted limit by limit.

    Returns
    -------
    Diagnosis
        With an empty conflict where a plan exists after all.
    """
    clock = Violations(settings.time_limit_s, grid)
    if _feasible(problem, clock):
        return Diagnosis((), minimal=True, changes={})
    conflict, minimal = _conflict(problem, clock)
    changes = {kind.name: _alone(problem, kind, clock) for kind in conflict}
    found = Diagnosis(tuple(changes), minimal, changes)
    if not named or clock.left <= 0:
        return found
    apart = Violations(min(settings.time_limit_s * _NAMING, clock.left), grid, parts=4)
    limits, irreducible = irreducible_set(
        problem, found.conflict, lambda part: _feasible(part, apart)
    )
    return replace(found, limits=limits, limits_minimal=irreducible and minimal)


def _conflict(problem: Problem, clock: Violations) -> tuple[list[LimitKind], bool]:
    """Return a set of kinds that has no plan, and whether it is proven minimal."""
    dropped: list[str] = []
    minimal = True
    for kind in constraints.kinds():
        state = _feasible(drop(problem, [*dropped, kind.name]), clock)
        if state is None:
            minimal = False
        elif not state:
            dropped.append(kind.name)
    return [kind for kind in reversed(constraints.kinds()) if kind.name not in dropped], minimal


def _feasible(problem: Problem, clock: Violations) -> bool | None:
    """Return whether there is a plan, None where that is not settled in time."""
    found = least_violation(without_cost(problem), (), clock)
    if found.incumbent is not None:
        return True
    return False if found.proven else None


@dataclass(frozen=True)
class _Solves:
    """Solves of changed problems for the families; see `constraints.family.Solves`."""

    clock: Violations

    def feasible(self, problem: Problem) -> bool | None:
        """Return whether there is a plan, None where that is not settled in time."""
        return _feasible(tighten(problem), self.clock)

    def best(self, problem: Problem) -> Result[Ints]:
        """Return the plan of least objective."""
        return least_violation(tighten(problem), (), self.clock)


def _alone(problem: Problem, kind: LimitKind, clock: Violations) -> LeastChange:
    """Return the least change of one kind, all others held."""
    own = None if kind.least_change is None else kind.least_change(problem, _Solves(clock))
    return _elastic_change(problem, kind, clock) if own is None else own


def _elastic_change(problem: Problem, kind: LimitKind, clock: Violations) -> LeastChange:
    """Return the least total slack of one kind of limits."""
    loose = without_cost(with_elastic_bounds(problem, [kind.name]))
    found = least_violation(loose, [kind.name], clock)
    if found.incumbent is None:
        return LeastChange(np.nan, np.inf if found.proven else 0.0, np.inf)
    given = violations(constraints.usage(clock.knowing(problem), found.incumbent), kind)
    enough = float(given["gives"].sum())
    least = enough if found.proven else enough * max(found.bound, 0.0) / max(found.objective, 1e-12)
    keys = [LimitKey.of_row(row) for row in given.to_dict("records")]
    pairs = list(zip(keys, given["gives"].astype(float), strict=True))
    largest = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:_LISTED]
    return LeastChange(np.nan, least, enough, tuple(largest), max(len(pairs) - _LISTED, 0))


def violations(usage: pd.DataFrame, kind: LimitKind) -> pd.DataFrame:
    """Return what the limits of one kind give in a plan of such usage: a column ``gives``."""
    own = usage["family"] == kind.family
    if kind.scope is not None:
        own &= usage["scope"] == kind.scope
    beyond = usage["used"] - usage["at_most"]
    if kind.side == "least":
        beyond = usage["at_least"] - usage["used"]
    gives = beyond.clip(lower=0.0).where(own, 0.0)
    table = usage.assign(gives=gives)
    broken = table[table["gives"] > 1e-6 * np.maximum(1.0, usage["used"].abs())]
    return kind.counted(pd.DataFrame(broken)).reset_index(drop=True)
