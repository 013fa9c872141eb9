"""Core problem: the options that reduced-cost fixing against a cutoff cannot remove, with cuts.

Balas and Zemel (1980). A ranking solves the same program hundreds of times with one site forced in
or out, and these optima are close above its own. Options that no plan below a cutoff can have are
fixed at 0 once for all of them, and cutting planes lift the relaxation once for all of them; then
each solve begins with a bound that closes most of its gap.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import highspy
import numpy as np
from scipy import sparse

from siteopt.highs import run_highs
from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.dominance import undominated
from siteopt.portfolio.bounds.pricing import Pricing
from siteopt.portfolio.bounds.reduced_cost import Bound, Priced, duals_of, lagrangian_bound
from siteopt.portfolio.bounds.root_cuts import rows_of, stack, with_root_cuts
from siteopt.portfolio.problem.restriction import Restriction
from siteopt.portfolio.solver.backends import PROOF_ONLY, Limits, handle, solve_arrays
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.portfolio.solver.mip import Arrays, program_arrays, whole_blocks
from siteopt.portfolio.solver.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["CoreProblem", "build_core"]

_ROUNDS = 4  # of cutting; each works on what the one before left over
_PARTS = 4  # of many questions, side by side
_SMALL = 150  # options that need no cutting: their program is solved in no time
_WORTH = 0.9  # another round if the last one left over at most this part
_NO_DUAL = 1e-9


@dataclass(frozen=True, eq=False)
class CoreProblem:
    """Options and cutting planes that hold every plan below a cutoff."""

    restriction: Restriction
    """Of the problem that it was built from to its own options."""
    arrays: Arrays
    """The program with its cutting planes."""
    cutoff: float
    """Nothing is known of plans that cost this much or more."""
    bound: float
    """Proven lower bound on the plans below the cutoff."""
    cuts: int
    """Number of cutting planes."""

    @property
    def problem(self) -> Problem:
        """With its own options only."""
        return self.restriction.part

    def bounds(
        self,
        questions: Sequence[tuple[int, bool]],
        pool: Executor,
        seconds: float = np.inf,
    ) -> list[Bound | None]:
        """Bound the plans with (true) or without (false) a site, for many sites of the core.

        None where it is proven that no such plan costs less than the cutoff. When the seconds
        are over, the questions that are left have no answer.
        """
        deadline = Deadline(seconds)
        # Every part has a handle of its own, so as many parts as cores would change the answers.
        parts = [(questions[begin::_PARTS], deadline) for begin in range(_PARTS)]
        answers = list(pool.map(partial(CoreProblem._bounds, self), parts))
        found = []
        for number in range(len(questions)):
            place, part = divmod(number, _PARTS)
            if place >= len(answers[part]):
                break
            found.append(answers[part][place])
        return found

    def _bounds(self, task: tuple[Sequence[tuple[int, bool]], Deadline]) -> list[Bound | None]:
        """Bound plans with or without some sites, one after the other, as far as time goes."""
        questions, deadline = task
        highs = _linear(self.arrays)
        first = 2 * self.problem.options
        found: list[Bound | None] = []
        for site, inside in questions:
            if deadline.left <= 0:
                break
            held = (1.0, 1.0) if inside else (0.0, 0.0)
            highs.changeColBounds(first + site, *held)
            run_highs(highs)
            bound: Bound | None = None
            if highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
                dual = np.zeros(len(self.arrays.row_lower))
                if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                    dual = np.array(highs.getSolution().row_dual)
                bound = _price(self.problem, self.arrays, dual, site, inside=inside)
                bound = None if bound.value >= self.cutoff else bound
            found.append(bound)
            highs.changeColBounds(first + site, 0.0, 1.0)
        return found

    def solve(self, limits: Limits) -> Result[Ints]:
        """Find the best plan below the cutoff of the limits, which must not be above its own.

        Returns the plan as one of the problem that it was built from.
        """
        if not self.problem.options:
            return Result.none("cutoff", limits.cutoff)
        found = solve_arrays(self.arrays, limits, **PROOF_ONLY)
        return found.restated(lambda values: _plan(self.restriction, values))

    def best(  # noqa: PLR0913 - a question, and how far to look
        self,
        site: int,
        bound: Bound,
        threshold: float,
        seconds: float,
        *,
        inside: bool,
        reach: float = np.inf,
    ) -> Result[Ints]:
        """Find the best plan with or without a site that costs less than a threshold.

        The work begins with plans up to ``reach`` above the bound, which need few options, and
        goes twice as far as long as there is none.

        Returns the plan as one of the problem that it was built from, and a bound that is never
        above the threshold.
        """
        deadline, threshold = Deadline(seconds), min(threshold, self.cutoff)
        while True:
            aim = min(threshold, bound.value + reach)
            left = max(deadline.left, 0.05)
            found = self._best_below(site, bound, aim, left, inside=inside)
            known = found.incumbent is not None and found.objective <= aim
            if known or aim >= threshold or found.status != "cutoff" or deadline.left <= 0:
                return found
            reach *= 2.0

    def _best_below(
        self, site: int, bound: Bound, threshold: float, seconds: float, *, inside: bool
    ) -> Result[Ints]:
        kept = bound.fixing(threshold)
        arrays, sites = _restrict(self.problem, self.arrays, kept)
        column = 2 * len(kept) + int(np.searchsorted(sites, site))
        if np.any(arrays.row_lower > 0) and not _reachable(arrays):
            return Result.none("cutoff", threshold)
        if inside:
            arrays.lower[column] = 1.0
        limits = Limits(gap=0.0, gap_abs=1e-6, seconds=seconds, cutoff=threshold)
        found = solve_arrays(arrays, limits, **PROOF_ONLY)
        found = replace(found, bound=min(found.bound, threshold))
        return found.restated(lambda values: _plan(self.restriction.narrow(kept), values))


def _plan(restriction: Restriction, values: Floats) -> Ints:
    """Return values of the columns of a restriction as a plan of the whole problem."""
    return restriction.invert(whole_blocks(restriction.part, values))


def build_core(
    part: Problem,
    bound: Bound,
    cutoff: float,
    known: Sequence[Ints] = (),
    seconds: float = np.inf,
) -> CoreProblem:
    """Build the core of a problem.

    Parameters
    ----------
    part : Problem
        With open options only.
    bound : Bound
        On its plans, from its relaxation.
    cutoff : float
        All plans that cost less can be made of the core.
    known : sequence of ndarray
        Plans (blocks an option) that the cutting planes are checked against: should one cut off
        a plan below the cutoff, none of that round is taken.
    seconds : float
        Wall seconds; when they are over, the core is what is known then.
    """
    end = time.perf_counter() + seconds
    core = Restriction(part, bound.fixing(cutoff))
    core = core.narrow(undominated(core.part))
    arrays, cuts = _program(core, bound), 0
    own = len(arrays.row_lower)
    plans = [blocks for blocks in known if part.worth(blocks) < cutoff]
    lower = bound.value
    for _ in range(_ROUNDS):
        small = core.part
        left = end - time.perf_counter()
        if small.options <= _SMALL or left <= 0:
            break
        here = [plan for plan in map(core.apply, plans) if plan is not None]
        arrays = with_root_cuts(small, arrays, cutoff, here, left)
        highs = _linear(arrays)
        if np.isfinite(end):
            highs.setOptionValue("time_limit", max(end - time.perf_counter(), 0.01))
        run_highs(highs)
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            break
        dual = np.array(highs.getSolution().row_dual)
        lifted = _price(small, arrays, dual)
        lower = max(lower, lifted.value)
        kept = lifted.fixing(cutoff)
        used = own + np.flatnonzero(np.abs(dual[own:]) > _NO_DUAL)
        narrow, _ = _restrict(small, rows_of(arrays, used), kept)
        core = core.narrow(kept)
        fresh = _program(core, bound)
        own, cuts = len(fresh.row_lower), len(used)
        arrays = stack(fresh, narrow.matrix, narrow.row_lower, narrow.row_upper)
        if core.part.options > _WORTH * small.options:
            break
    return CoreProblem(core, arrays, cutoff, lower, cuts)


def _program(restriction: Restriction, bound: Bound) -> Arrays:
    """Return the program of a restriction with the cuts that a bound rests on."""
    return program_arrays(restriction.part, constraints.with_cuts(restriction, bound.cuts))


def _linear(arrays: Arrays) -> highspy.Highs:
    """Return a handle on the relaxation of a program."""
    relaxed = replace(arrays, integer=np.zeros_like(arrays.integer))
    return handle(relaxed, threads=1, presolve="off", solver="simplex")


def _restrict(problem: Problem, arrays: Arrays, kept: Ints) -> tuple[Arrays, Ints]:
    """Return a program with only some options, and their sites; rows left empty go."""
    count, sites = problem.options, problem.sites_of(kept)
    extras = np.arange(2 * count + problem.sites, len(arrays.cost))
    columns = np.concatenate([kept, count + kept, 2 * count + sites, extras])
    matrix = sparse.csr_array(arrays.matrix[:, columns])
    lower, upper = arrays.row_lower, arrays.row_upper
    rows = np.flatnonzero((np.diff(matrix.indptr) > 0) | (lower > 0) | (upper < 0))
    narrow = Arrays(
        cost=arrays.cost[columns],
        lower=arrays.lower[columns].copy(),
        upper=arrays.upper[columns],
        integer=arrays.integer[columns],
        matrix=sparse.csc_array(matrix[rows]),
        row_lower=lower[rows],
        row_upper=upper[rows],
    )
    return narrow, sites


def _reachable(arrays: Arrays) -> bool:
    """Return whether no row that must be above 0 has lost all its columns."""
    empty = np.diff(sparse.csr_array(arrays.matrix).indptr) == 0
    return not bool(np.any(empty & ((arrays.row_lower > 0) | (arrays.row_upper < 0))))


def _price(
    problem: Problem, arrays: Arrays, dual: Floats, site: int = -1, *, inside: bool = True
) -> Bound:
    """Return the bound that duals of a program prove, whatever their precision.

    The rows that tie n to y are priced exactly, as the two ends of an option's blocks, and not
    by their duals; so are the links of a site to its options, which cancel out.
    """
    count, sites = problem.options, problem.sites
    pi = dual.copy()
    pi[: 2 * count] = 0.0
    pi, constant = duals_of(pi, arrays.row_lower, arrays.row_upper)
    reduced = arrays.cost - arrays.matrix.T @ pi
    first = 2 * count + sites
    fixed = reduced[:count] + reduced[2 * count : first][problem.option_site]
    priced = Priced(
        constant, fixed, reduced[count : 2 * count],
        reduced[first:], arrays.lower[first:], arrays.upper[first:],
    )  # fmt: skip
    closed = np.zeros(sites, dtype=np.bool_)
    if site >= 0 and not inside:
        closed[site] = True
    forced = site if inside else -1
    return lagrangian_bound(problem, Pricing(problem), priced, closed=closed, forced=forced)
