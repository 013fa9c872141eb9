"""Pareto fronts of cost and one measure by the epsilon-constraint method, every point proven.

Epsilon-constraint method: Haimes, Lasdon and Wismer (1971); exact points as in AUGMECON, Mavrotas
(2009). Between the cheapest plan and the plan of the best measure, levels are spaced evenly. At
each

    cost* = least cost        subject to all limits and measure <= level,           (least-cost)
    measure* = least measure  subject to all limits and cost <= cost*,            (best-measure)

a lexicographic optimum, so that no plan is both cheaper and better than a point. A weighted sum
of the two objectives would miss every point in a dent of the front.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.postoptimal.reoptimization import (
    Reoptimization,
    result_of,
    with_cost_ceiling,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siteopt.portfolio.postoptimal.objectives import Measure
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.portfolio.solver.result import Result
    from siteopt.scenario import Solver
    from siteopt.scenario import Tradeoffs as Settings

    Change = Callable[[Problem], Problem]

__all__ = ["ParetoFronts", "ParetoPoint", "pareto_fronts"]

_SAME = 1e-9  # relative tolerance of equal figures
_PROOF_TOLERANCE = 1e-6  # distance of bound and figure that counts as a proof
_DINKELBACH_ROUNDS = 30


@dataclass(frozen=True, eq=False)
class ParetoPoint:
    """A Pareto-optimal plan (non-dominated in cost and one measure)."""

    measure: str
    number: int
    """0 for the cheapest plan, rising to the best measure."""
    level: float
    """Right-hand side of the epsilon-constraint, as displayed."""
    plan: Plan
    """Its objective is the cost."""
    cost_bound: float
    """Proven lower bound on the cost of plans that meet the epsilon-constraint."""
    figure_bound: float
    """Proven bound on the measure of plans of at most this cost, as displayed."""
    figure: float
    """The measure of the plan, as displayed."""
    proven: bool
    """Whether both are proven within the gap."""


@dataclass(frozen=True, eq=False)
class ParetoFronts:
    """The Pareto fronts of cost and each measure."""

    points: tuple[ParetoPoint, ...]
    measures: tuple[Measure, ...]
    problem: Problem
    """With the flow limits separated on the way."""
    seconds: float
    programs: int
    """Number of programs solved."""

    def table(self) -> pd.DataFrame:
        """Return one row a point.

        Columns ``measure``, ``point``, ``level``, ``proof`` ('proven' or 'open'), ``cost_bn_krw``,
        ``cost_bound_bn_krw``, ``figure``, ``figure_bound``, ``unit``, ``sites``, and every
        measure under its own name (all as displayed).
        """
        units = {measure.name: measure.unit for measure in self.measures}
        rows = [
            {
                "measure": point.measure,
                "point": point.number,
                "level": point.level,
                "proof": "proven" if point.proven else "open",
                "cost_bn_krw": point.plan.objective,
                "cost_bound_bn_krw": point.cost_bound,
                "figure": point.figure,
                "figure_bound": point.figure_bound,
                "unit": units[point.measure],
                "sites": len(point.plan.chosen(self.problem)),
            }
            | {
                measure.name: measure.as_displayed(measure.value(self.problem, point.plan.blocks))
                for measure in self.measures
            }
            for point in self.points
        ]
        return pd.DataFrame(rows)

    def sites(self) -> pd.DataFrame:
        """Return one row a point and site: ``measure``, ``point`` and `Plan.table`."""
        parts = []
        for point in self.points:
            table = point.plan.table(self.problem)
            table.insert(0, "measure", point.measure)
            table.insert(1, "point", point.number)
            parts.append(table)
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def pareto_fronts(  # noqa: PLR0913, PLR0917 - problem, settings and measures
    problem: Problem,
    plan: Plan,
    wanted: Sequence[Measure],
    settings: Settings,
    solver: Solver,
    grid: GridLike | None = None,
    shown: Sequence[Measure] | None = None,
) -> ParetoFronts:
    """Compute the Pareto front of cost and each measure by the epsilon-constraint method.

    Parameters
    ----------
    problem : Problem
        Whose objective is cost.
    plan : Plan
        Its best plan.
    wanted : sequence of Measure
        One front each.
    settings : siteopt.scenario.Tradeoffs
        Points per front, and time for each front.
    solver : Solver
        Gap, threads and the longest time of a single program.
    grid : GridLike, optional
        Grid whose flow limits every plan must satisfy.
    shown : sequence of Measure, optional
        Measures in the table of points; those wanted by default.
    """
    points: list[ParetoPoint] = []
    programs, seconds = 0, 0.0
    for measure in wanted:
        reoptimization = Reoptimization(problem, solver, grid, settings.time_limit_s, settings.gap)
        points += _EpsilonConstraint(measure, plan, reoptimization).points(settings.points)
        problem = reoptimization.problem
        programs, seconds = programs + reoptimization.programs, seconds + reoptimization.clock.used
    return ParetoFronts(tuple(points), tuple(shown or wanted), problem, seconds, programs)


@dataclass(eq=False)
class _EpsilonConstraint:
    """Epsilon-constraint method for one measure: state of the front."""

    measure: Measure
    best: Plan
    reoptimization: Reoptimization
    found: list[ParetoPoint] = field(default_factory=list)

    def points(self, between: int) -> list[ParetoPoint]:
        """Return the points of the front, from the cheapest to the best measure."""
        problem = self.reoptimization.problem
        cheapest = self._value(self.best)
        self._add(cheapest, result_of(self.best, self.best.bound))
        top = self.found[-1].plan
        least, _ = self._least(lambda problem: problem, top)
        low, high = self._value(least), self._value(top)
        if high - low <= _SAME * max(1.0, abs(high)):
            return self.found
        for epsilon in np.linspace(high, low, between + 2)[1:]:
            last = self._value(self.found[-1].plan)
            if last <= epsilon + _slack(epsilon):
                continue  # the point before is the cheapest plan within this epsilon too
            result = self._within(float(epsilon))
            if result.incumbent is None:
                if epsilon > low:
                    continue
                result = result_of(_costed(least, problem), result.bound)
            self._add(float(epsilon), result)
        return self.found

    def _within(self, epsilon: float) -> Result[Plan]:
        """Return the cheapest plan whose measure is at most epsilon."""
        most = epsilon + _slack(epsilon)
        return self.reoptimization.solve(lambda problem: self.measure.with_cap(problem, most))

    def _add(self, epsilon: float, cheapest: Result[Plan]) -> None:
        """Add the lexicographic optimum within epsilon: of the cheapest plans the best measure."""
        plan = cheapest.incumbent
        if plan is None:
            return
        highest = plan.objective + _slack(plan.objective)
        better, bound = self._least(lambda problem: with_cost_ceiling(problem, highest), plan)
        figure = self._value(better)
        gap = max(self.reoptimization.settings.gap * abs(figure), _PROOF_TOLERANCE)
        measure = self.measure
        self.found.append(
            ParetoPoint(
                measure=measure.name,
                number=len(self.found),
                level=measure.as_displayed(epsilon),
                plan=_costed(better, self.reoptimization.problem),
                cost_bound=min(cheapest.bound, plan.objective),
                figure_bound=measure.as_displayed(min(bound, figure)),
                figure=measure.as_displayed(figure),
                proven=cheapest.proven and figure - bound <= gap,
            )
        )

    def _value(self, plan: Plan) -> float:
        return self.measure.value(self.reoptimization.problem, plan.blocks)

    def _least(self, change: Change, plan: Plan) -> tuple[Plan, float]:
        """Return the plan of the least measure after a change, and a proven bound on it.

        A mean is a ratio of sums: Dinkelbach (1967).
        """
        if self.measure.with_objective(self.reoptimization.problem, 0.0) is None:
            return self._bisected(change, plan)
        measure, value, bound = self.measure, self._value(plan), -np.inf
        for _ in range(_DINKELBACH_ROUNDS):
            result = self.reoptimization.solve(_minimising(measure, change, value))
            bound = self._bound(result, value)
            if result.incumbent is None or self._value(result.incumbent) >= value - _slack(value):
                break
            plan, value = result.incumbent, self._value(result.incumbent)
            if not measure.mean:
                break
        return plan, min(bound, value)

    def _bound(self, result: Result[Plan], level: float) -> float:
        """Return the bound on the measure that follows from the bound on the program."""
        if not self.measure.mean or not np.isfinite(result.bound):
            return result.bound
        # The sum above the level is at least the bound: the mean is, over as few blocks as may be.
        fewest = max(int(self.reoptimization.problem.target_blocks[-1]), 1)
        return level + min(result.bound, 0.0) / fewest

    def _bisected(self, change: Change, plan: Plan) -> tuple[Plan, float]:
        """Return the same by bisection, for a measure that counts blocks."""
        step = 100.0 / max(int(self.reoptimization.problem.target_blocks[-1]), 1)
        high = round(self._value(plan) / step)
        low, bound, settled = 0, 0, True
        while low < high:
            middle = (low + high) // 2
            capping = _capping(self.measure, change, middle * step)
            result = self.reoptimization.solve(capping, any_plan=True)
            if result.incumbent is not None:
                plan, high = result.incumbent, round(self._value(result.incumbent) / step)
                continue
            settled &= bool(np.isinf(result.bound) and result.bound > 0)
            low = middle + 1
            bound = low if settled else bound
        return plan, bound * step


def _minimising(measure: Measure, change: Change, level: float) -> Change:
    """Return the change followed by the measure as objective."""

    def aim(problem: Problem) -> Problem:
        changed = change(problem)
        aimed = measure.with_objective(changed, level)
        return changed if aimed is None else aimed

    return aim


def _capping(measure: Measure, change: Change, most: float) -> Change:
    """Return the change followed by a cap on the measure."""
    return lambda problem: measure.with_cap(change(problem), most)


def _slack(value: float) -> float:
    return _SAME * max(1.0, abs(value))


def _costed(plan: Plan, problem: Problem) -> Plan:
    """Return a plan with its cost as objective."""
    cost = problem.worth(plan.blocks)
    return type(plan)(**vars(plan) | {"objective": cost, "bound": min(plan.bound, cost)})
