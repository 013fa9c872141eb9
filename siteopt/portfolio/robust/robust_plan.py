"""Least expected cost and minimax regret over the variants of a set.

Expected cost is one program whose cost vector is weighted by probability. Minimax regret (Savage, The
theory of statistical decision, 1951; Kouvelis and Yu, Robust discrete optimization, 1997) is

    min over plans x of max over variants s of c_s(x) - z_s        (z_s: least cost in s)

Its lower bound is a Lagrangian dual over weights on the variants, solved by cutting planes (Kelley,
The cutting-plane method for solving convex programs, 1960): for any weights the least weighted cost
less the weighted z_s is at most the minimax regret. What is left of the gap is closed by bisection
with a ceiling on every regret, each a program that has a plan or provably none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import linprog

from siteopt.errors import SolverError
from siteopt.portfolio.robust.joint_program import Cap, JointProgram
from siteopt.portfolio.solver.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.robust.joint_program import JointPlan
    from siteopt.portfolio.robust.variant_program import VariantProgram
    from siteopt.scenario import Solver

__all__ = ["RobustPlan", "least_expected_cost", "minimax_regret", "probabilities"]

_WEIGHT_ROUNDS: Final = 40
_CEILING_ROUNDS: Final = 60
_ROUNDING: Final = 1e-8
"""Relative; sums of costs differ by as much."""


@dataclass(frozen=True, eq=False)
class RobustPlan:
    """A plan for all variants of a joint program, and what is proven of it."""

    steps: pd.DataFrame
    """`Plan.steps`, by the costs of the first variant of the joint program."""
    costs_bn_krw: Floats
    """(V,) its cost in each variant, in the order of the joint program."""
    regrets_bn_krw: Floats
    """(V,) that less the least cost there."""
    value_bn_krw: float
    """What is minimised: expected cost, or largest regret."""
    bound_bn_krw: float
    """Proven lower bound on it over all plans that meet the limits of every variant."""
    tolerance_bn_krw: float
    """A difference that counts as none."""

    @property
    def is_optimal(self) -> bool:
        """Whether no plan is proven better by more than the tolerance."""
        return self.value_bn_krw - self.bound_bn_krw <= self.tolerance_bn_krw * (1 + 1e-9)


def probabilities(programs: Sequence[VariantProgram]) -> Floats:
    """Return the probabilities of variants, scaled to sum to one; equal where all are 0.

    Parameters
    ----------
    programs : sequence of VariantProgram
        Those that count, such as the ones that have a plan.
    """
    weights = np.array([one.probability for one in programs], dtype=np.float64)
    total = float(weights.sum())
    return weights / total if total > 0 else np.full(len(weights), 1.0 / max(len(weights), 1))


def least_expected_cost(joint: JointProgram, settings: Solver) -> RobustPlan | None:
    """Return the plan of least expected cost; None where no plan meets the limits of all variants.

    Parameters
    ----------
    joint : JointProgram
        Its probabilities are scaled to sum to one.
    settings : Solver
        Which solver, at which gap, for how long.

    Raises
    ------
    SolverError
        If the time passed without any plan.
    """
    weights = probabilities(joint.programs)
    found = joint.solve(weights, settings, Deadline(settings.time_limit_s))
    if found is None:
        return None
    tolerance = max(settings.gap, _ROUNDING) * max(abs(found.objective), 1.0)
    return RobustPlan(
        found.steps,
        found.costs_bn_krw,
        np.maximum(found.costs_bn_krw - _least(joint), 0.0),
        found.objective,
        found.bound,
        tolerance,
    )


def minimax_regret(
    joint: JointProgram, settings: Solver, known: Sequence[RobustPlan] = ()
) -> RobustPlan | None:
    """Return the plan whose largest regret is least; None where no plan meets all limits.

    Parameters
    ----------
    joint : JointProgram
        Each variant with its least cost.
    settings : Solver
        Which solver, at which gap, for how long in all.
    known : sequence of RobustPlan
        Plans of the same joint program that are known already.

    Raises
    ------
    SolverError
        If the time passed without any plan.
    """
    least = _least(joint)
    search = _Search(
        joint, settings, least, Deadline(settings.time_limit_s),
        [_Met(one.steps, one.costs_bn_krw, one.costs_bn_krw - least) for one in known],
        tolerance=max(settings.gap, _ROUNDING) * max(float(np.abs(least).max()), 1.0),
    )  # fmt: skip
    if not search.weigh():
        return None
    search.close()
    best = search.best
    return RobustPlan(
        best.steps,
        best.costs,
        np.maximum(best.regrets, 0.0),
        max(float(best.regrets.max()), 0.0),
        min(max(search.lower, 0.0), max(float(best.regrets.max()), 0.0)),
        search.tolerance,
    )


def _least(joint: JointProgram) -> Floats:
    return np.array([one.least_bn_krw for one in joint.programs], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Met:
    """A plan that was met, with its costs and regrets."""

    steps: pd.DataFrame
    costs: Floats
    regrets: Floats


@dataclass(eq=False)
class _Search:
    """Search of the plan of minimax regret: what was met, and what is proven."""

    joint: JointProgram
    settings: Solver
    least: Floats
    deadline: Deadline
    met: list[_Met]
    tolerance: float
    lower: float = -np.inf
    weights: Floats = field(default_factory=lambda: np.empty(0))
    """(V,) those of the best bound."""

    @property
    def best(self) -> _Met:
        """The plan of least largest regret."""
        return min(self.met, key=lambda one: float(one.regrets.max()))

    @property
    def upper(self) -> float:
        """Its largest regret; inf where none was met."""
        return min((float(one.regrets.max()) for one in self.met), default=np.inf)

    def weigh(self) -> bool:
        """Raise the bound by weights until no plan is new; return whether there is any plan."""
        count = len(self.least)
        weights = self.weights = np.full(count, 1.0 / count)
        for _ in range(_WEIGHT_ROUNDS):
            found = self._solve(weights)
            if found is None:
                return bool(self.met)
            is_new = self._take(found, weights)
            weights, game = _worst_weights([one.regrets for one in self.met])
            if not is_new or game - self.lower <= self.tolerance or self.deadline.left <= 0:
                break
        return True

    def close(self) -> None:
        """Close what is left between bound and plan by a ceiling on every regret, halved at times."""
        cuts: dict[int, list[Cap]] = {}
        for number in range(_CEILING_ROUNDS):
            if self.upper - self.lower <= self.tolerance or self.deadline.left <= 0:
                return
            ceiling = self.upper - self.tolerance  # the best plan that was met is often optimal
            if number % 2:
                ceiling = min((max(self.lower, 0.0) + self.upper) / 2.0, ceiling)
            if not self._below(ceiling, cuts):
                return

    def _below(self, ceiling: float, cuts: dict[int, list[Cap]]) -> bool:
        """Look for a plan with every regret at most a ceiling; return whether that was settled."""
        weights = self.weights
        for _ in range(_WEIGHT_ROUNDS):
            caps = [
                Cap(one.fixed, one.each, one.most + self.least[number] + ceiling)
                for number in range(len(self.least))
                for one in self._cuts_of(number, cuts)
            ]
            try:
                found = self.joint.solve(weights, self.settings, self.deadline, caps)
            except SolverError:
                return False
            if found is None:
                self.lower = max(self.lower, ceiling)
                return True
            self._take(found, None)
            # A plan that meets the ceiling has a weighted regret above this bound, others a regret
            # above the ceiling.
            proven = found.bound - float(weights @ self.least)
            self.lower = max(self.lower, min(proven, ceiling))
            over = found.costs_bn_krw - self.least - ceiling
            above = [n for n in np.flatnonzero(over > self.tolerance / 2) if self._matched(int(n))]
            if not above or self.deadline.left <= 0:
                return True
            for number in above:  # the energy of a plan costs more than its known cuts prove
                cuts[int(number)].append(self.joint.lower_bounds(found.blocks, int(number)))
        return False

    def _cuts_of(self, number: int, cuts: dict[int, list[Cap]]) -> list[Cap]:
        if number not in cuts:
            nothing: Ints = np.zeros(self.joint.problem.options, dtype=np.int64)
            cuts[number] = [self.joint.lower_bounds(nothing, number)]
        return cuts[number]

    def _matched(self, number: int) -> bool:
        return self.joint.programs[number].is_matched

    def _solve(self, weights: Floats) -> JointPlan | None:
        """Return the plan of least weighted cost; None where there is none, or no time is left."""
        try:
            return self.joint.solve(weights, self.settings, self.deadline)
        except SolverError:
            if not self.met:
                raise
            return None

    def _take(self, found: JointPlan, weights: Floats | None) -> bool:
        """Keep a plan, and the bound that it proves; return whether it is new."""
        if weights is not None:
            bound = found.bound - float(weights @ self.least)
            if bound > self.lower:
                self.lower, self.weights = bound, weights
        regrets = found.costs_bn_krw - self.least
        if any(np.allclose(regrets, one.regrets, rtol=0, atol=1e-9) for one in self.met):
            return False
        self.met.append(_Met(found.steps, found.costs_bn_krw, regrets))
        return True


def _worst_weights(regrets: Sequence[Floats]) -> tuple[Floats, float]:
    """Return the weights at which the known plans regret most, and how much: a matrix game."""
    table = np.array(regrets)
    plans, variants = table.shape
    found = linprog(
        np.append(np.zeros(variants), -1.0),
        A_ub=np.hstack([-table, np.ones((plans, 1))]),
        b_ub=np.zeros(plans),
        A_eq=np.append(np.ones(variants), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[(0.0, None)] * variants + [(None, None)],
    )
    solution = np.asarray(found.x, dtype=np.float64)
    weights = np.maximum(solution[:-1], 0.0)
    return weights / weights.sum(), float(solution[-1])
