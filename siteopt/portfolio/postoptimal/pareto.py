"""Trade-off curves: what a better figure of another kind costs, as exact Pareto points.

Between the cheapest plan and the plan of the best measure, levels are spaced evenly. At each

    cost* = least cost        subject to all limits and measure <= level,           (least-cost)
    measure* = least measure  subject to all limits and cost <= cost*,            (best-measure)

so that no plan is both cheaper and better than a point. A weighted sum of the two would miss every
point in a dent of the curve.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.portfolio.postoptimal.reoptimization import Questions, Reply, near

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siteopt.portfolio.postoptimal.objectives import Measure
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.lazy_flow_limits import GridLike
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Solver
    from siteopt.scenario import Tradeoffs as Settings

    Change = Callable[[Problem], Problem]

__all__ = ["Point", "Tradeoffs", "tradeoffs"]

_SAME = 1e-9  # relative: figures nearer than this are the same
_SETTLED = 1e-6  # bounds nearer than this to a figure prove it
_RATIOS = 30


@dataclass(frozen=True, eq=False)
class Point:
    """A plan than which none is both cheaper and better in a measure."""

    measure: str
    number: int
    """0 for the cheapest plan, rising to the best measure."""
    level: float
    """What the measure could be at most, as it is told."""
    plan: Plan
    """Its objective is the cost."""
    cost_bound: float
    """No plan within the level costs less: proven."""
    figure_bound: float
    """No plan of at most this cost has a better figure, as it is told: proven."""
    figure: float
    """The measure of the plan, as it is told."""
    proven: bool
    """Whether both are proven within the gap."""


@dataclass(frozen=True, eq=False)
class Tradeoffs:
    """All curves."""

    points: tuple[Point, ...]
    measures: tuple[Measure, ...]
    problem: Problem
    """With the flow limits that were found on the way."""
    seconds: float
    asked: int
    """How many programs were solved."""

    def table(self) -> pd.DataFrame:
        """Return one row a point.

        Columns ``measure``, ``point``, ``level``, ``proof`` ('proven' or 'open'), ``cost_bn_krw``,
        ``cost_bound_bn_krw``, ``figure``, ``figure_bound``, ``unit``, ``sites``, and every
        measure under its own name (all as they are told).
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
                measure.name: measure.told(measure.value(self.problem, point.plan.blocks))
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


def tradeoffs(  # noqa: PLR0913, PLR0917 - a question, how to answer it, and what is weighed
    problem: Problem,
    plan: Plan,
    wanted: Sequence[Measure],
    settings: Settings,
    solver: Solver,
    grid: GridLike | None = None,
    shown: Sequence[Measure] | None = None,
) -> Tradeoffs:
    """Find the Pareto points of cost and each measure.

    Parameters
    ----------
    problem : Problem
        Whose objective is cost.
    plan : Plan
        Its best plan.
    wanted : sequence of Measure
        A curve each.
    settings : Tradeoffs
        Points a curve, and time for each.
    solver : Solver
        Gap, threads and the longest time of a single program.
    grid : GridLike, optional
        Only plans that it serves are offered.
    shown : sequence of Measure, optional
        Measures that every point tells; those wanted by default.
    """
    points: list[Point] = []
    asked, seconds = 0, 0.0
    for measure in wanted:
        questions = Questions(problem, solver, grid, settings.time_limit_s, settings.gap)
        points += _Curve(measure, plan, questions).points(settings.points)
        problem = questions.problem
        asked, seconds = asked + questions.asked, seconds + questions.clock.used
    return Tradeoffs(tuple(points), tuple(shown or wanted), problem, seconds, asked)


@dataclass(eq=False)
class _Curve:
    """One curve under way."""

    measure: Measure
    best: Plan
    questions: Questions
    found: list[Point] = field(default_factory=list)

    def points(self, between: int) -> list[Point]:
        """Return the points of the curve, from the cheapest to the best measure."""
        problem = self.questions.problem
        cheapest = self._value(self.best)
        self._add(cheapest, Reply(self.best, self.best.bound))
        top = self.found[-1].plan
        least, _ = self._least(lambda problem: problem, top)
        low, high = self._value(least), self._value(top)
        if high - low <= _SAME * max(1.0, abs(high)):
            return self.found
        for level in np.linspace(high, low, between + 2)[1:]:
            last = self._value(self.found[-1].plan)
            if last <= level + _slack(level):
                continue  # the point before is the cheapest plan within this level too
            reply = self._within(float(level))
            if reply.plan is None:
                if level > low:
                    continue
                reply = Reply(_costed(least, problem), reply.bound)
            self._add(float(level), reply)
        return self.found

    def _within(self, level: float) -> Reply:
        """Return the cheapest plan whose measure is at most a level (least-cost)."""
        most = level + _slack(level)
        return self.questions.ask(lambda problem: self.measure.capped(problem, most))

    def _add(self, level: float, cheapest: Reply) -> None:
        """Note the point of a level: of the cheapest plans the one of the best measure (best-measure)."""
        plan = cheapest.plan
        if plan is None:
            return
        highest = plan.objective + _slack(plan.objective)
        better, bound = self._least(lambda problem: near(problem, highest), plan)
        figure = self._value(better)
        gap = max(self.questions.settings.gap * abs(figure), _SETTLED)
        measure = self.measure
        self.found.append(
            Point(
                measure=measure.name,
                number=len(self.found),
                level=measure.told(level),
                plan=_costed(better, self.questions.problem),
                cost_bound=min(cheapest.bound, plan.objective),
                figure_bound=measure.told(min(bound, figure)),
                figure=measure.told(figure),
                proven=cheapest.proven and figure - bound <= gap,
            )
        )

    def _value(self, plan: Plan) -> float:
        return self.measure.value(self.questions.problem, plan.blocks)

    def _least(self, change: Change, plan: Plan) -> tuple[Plan, float]:
        """Return the plan of the least measure after a change, and a proven bound on it."""
        if self.measure.aimed(self.questions.problem, 0.0) is None:
            return self._halved(change, plan)
        measure, value, bound = self.measure, self._value(plan), -np.inf
        for _ in range(_RATIOS):
            reply = self.questions.ask(_aiming(measure, change, value))
            bound = self._bound(reply, value)
            if reply.plan is None or self._value(reply.plan) >= value - _slack(value):
                break
            plan, value = reply.plan, self._value(reply.plan)
            if not measure.mean:
                break
        return plan, min(bound, value)

    def _bound(self, reply: Reply, level: float) -> float:
        """Return the bound on the measure that an answer proves."""
        if not self.measure.mean or not np.isfinite(reply.bound):
            return reply.bound
        # The sum above the level is at least the bound: the mean is, over as few blocks as may be.
        fewest = max(int(self.questions.problem.target_blocks[-1]), 1)
        return level + min(reply.bound, 0.0) / fewest

    def _halved(self, change: Change, plan: Plan) -> tuple[Plan, float]:
        """Return the same where the measure is a count of blocks: the least that has a plan."""
        step = 100.0 / max(int(self.questions.problem.target_blocks[-1]), 1)
        high = round(self._value(plan) / step)
        low, bound, settled = 0, 0, True
        while low < high:
            middle = (low + high) // 2
            capping = _capping(self.measure, change, middle * step)
            reply = self.questions.ask(capping, any_plan=True)
            if reply.plan is not None:
                plan, high = reply.plan, round(self._value(reply.plan) / step)
                continue
            settled &= bool(np.isinf(reply.bound) and reply.bound > 0)
            low = middle + 1
            bound = low if settled else bound
        return plan, bound * step


def _aiming(measure: Measure, change: Change, level: float) -> Change:
    """Return a change, and then the measure as objective."""

    def aim(problem: Problem) -> Problem:
        changed = change(problem)
        aimed = measure.aimed(changed, level)
        return changed if aimed is None else aimed

    return aim


def _capping(measure: Measure, change: Change, most: float) -> Change:
    """Return a change, and then the measure held at most at a level."""
    return lambda problem: measure.capped(change(problem), most)


def _slack(value: float) -> float:
    return _SAME * max(1.0, abs(value))


def _costed(plan: Plan, problem: Problem) -> Plan:
    """Return a plan with its cost as objective."""
    cost = problem.worth(plan.blocks)
    return type(plan)(**vars(plan) | {"objective": cost, "bound": min(plan.bound, cost)})
