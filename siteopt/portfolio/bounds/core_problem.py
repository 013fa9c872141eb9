"""The core of a program: all that plans below a cost can be made of, with cutting planes.

A ranking asks the same program hundreds of questions, "and with this site?", whose answers lie
close above its optimum. Options that no plan below a cutoff can have are left out once for all
of them, and cutting planes lift the relaxation once for all of them; then each question begins
with a bound that closes most of what is left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import highspy
import numpy as np
from scipy import sparse

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.dominance import undominated
from siteopt.portfolio.bounds.pricing import Pricing
from siteopt.portfolio.bounds.reduced_cost import Bound
from siteopt.portfolio.bounds.root_cuts import rows_of, stack, with_root_cuts
from siteopt.portfolio.solver.backends import LEAN, Answer, Limits, handle, solve_arrays
from siteopt.portfolio.solver.deadline import Clock
from siteopt.portfolio.solver.mip import Arrays, program_arrays, whole_blocks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["Core", "build_core"]

_ROUNDS = 4  # of cutting; each works on what the one before left over
_PARTS = 4  # of many questions, side by side
_ENOUGH = 150  # options that need no cutting: their program is solved in no time
_WORTH = 0.9  # another round if the last one left over at most this part
_ROUNDING = 1e-9  # relative; what is taken off a bound for float arithmetic
_NO_DUAL = 1e-9


@dataclass(frozen=True, eq=False)
class Core:
    """Options and cutting planes that answer every question below a cutoff."""

    problem: Problem
    """With the options of the core only."""
    options: Ints
    """Those options in the problem that the core was built from."""
    sites: Ints
    """(S,) the sites of ``problem`` in the problem that the core was built from."""
    arrays: Arrays
    """The program with its cutting planes."""
    cutoff: float
    """Nothing is known of plans that cost this much or more."""
    bound: float
    """Proven lower bound on the plans below the cutoff."""
    cuts: int
    """Number of cutting planes."""
    whole: int
    """Number of options in the problem that the core was built from."""

    def place(self, site: int) -> int:
        """Return where a site of the whole problem stands in the core, -1 where it does not."""
        found = int(np.searchsorted(self.sites, site))
        return found if found < len(self.sites) and self.sites[found] == site else -1

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
        end = time.perf_counter() + seconds
        # Every part has a handle of its own, so as many parts as cores would change the answers.
        parts = [questions[begin::_PARTS] for begin in range(_PARTS)]
        answers = list(pool.map(lambda part: self._bounds(part, end), parts))
        found = []
        for number in range(len(questions)):
            place, part = divmod(number, _PARTS)
            if place >= len(answers[part]):
                break
            found.append(answers[part][place])
        return found

    def _bounds(self, questions: Sequence[tuple[int, bool]], end: float) -> list[Bound | None]:
        """Bound plans with or without some sites, one after the other, as far as time goes."""
        highs = _linear(self.arrays)
        first = 2 * self.problem.options
        found: list[Bound | None] = []
        for site, inside in questions:
            if time.perf_counter() > end:
                break
            held = (1.0, 1.0) if inside else (0.0, 0.0)
            highs.changeColBounds(first + site, *held)
            highs.run()
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

    def solve(self, limits: Limits) -> tuple[Answer, Ints | None]:
        """Find the best plan below the cutoff of the limits, which must not be above the core's.

        Returns the answer and the blocks an option of the problem that the core was built from.
        """
        if not self.problem.options:
            return Answer("cutoff", None, np.inf, limits.cutoff, 0.0), None
        answer = solve_arrays(self.arrays, limits, **LEAN)
        if answer.values is None:
            return answer, None
        blocks = np.zeros(self.whole, dtype=np.int64)
        blocks[self.options] = whole_blocks(self.problem, answer.values)
        return answer, blocks

    def best(  # noqa: PLR0913 - a question, and how far to look
        self,
        site: int,
        bound: Bound,
        threshold: float,
        seconds: float,
        *,
        inside: bool,
        reach: float = np.inf,
    ) -> tuple[Answer, Ints | None]:
        """Find the best plan with or without a site that costs less than a threshold.

        The work begins with plans up to ``reach`` above the bound, which need few options, and
        goes twice as far as long as there is none.

        Returns the answer, its bound never above the threshold, and the blocks an option of the
        whole problem.
        """
        clock, threshold = Clock(seconds), min(threshold, self.cutoff)
        while True:
            aim = min(threshold, bound.value + reach)
            left = max(clock.left, 0.05)
            answer, blocks = self._best_below(site, bound, aim, left, inside=inside)
            found = blocks is not None and answer.objective <= aim
            if found or aim >= threshold or answer.status != "cutoff" or clock.left <= 0:
                return answer, blocks
            reach *= 2.0

    def _best_below(
        self, site: int, bound: Bound, threshold: float, seconds: float, *, inside: bool
    ) -> tuple[Answer, Ints | None]:
        kept = np.flatnonzero(bound.value + bound.beyond < threshold)
        arrays, sites = _restrict(self.problem, self.arrays, kept)
        column = 2 * len(kept) + int(np.searchsorted(sites, site))
        if np.any(arrays.row_lower > 0) and not _reachable(arrays):
            return Answer("cutoff", None, np.inf, threshold, 0.0), None
        if inside:
            arrays.lower[column] = 1.0
        limits = Limits(gap=0.0, gap_abs=1e-6, seconds=seconds, cutoff=threshold)
        answer = solve_arrays(arrays, limits, **LEAN)
        answer = replace(answer, bound=min(answer.bound, threshold))
        if answer.values is None:
            return answer, None
        blocks = np.zeros(self.whole, dtype=np.int64)
        blocks[self.options[kept]] = whole_blocks(self.problem.take(kept), answer.values)
        return answer, blocks


def build_core(
    part: Problem,
    bound: Bound,
    cutoff: float,
    known: Sequence[Ints] = (),
    seconds: float = np.inf,
) -> Core:
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
    options = np.flatnonzero(bound.value + bound.beyond < cutoff)
    options = options[undominated(part.take(options))]
    small = part.take(options)
    arrays, cuts = _program(small, bound, part, options), 0
    own = len(arrays.row_lower)
    plans = [blocks for blocks in known if part.worth(blocks) < cutoff]
    lower = bound.value
    for _ in range(_ROUNDS):
        left = end - time.perf_counter()
        if small.options <= _ENOUGH or left <= 0:
            break
        here = [plan[options] for plan in plans if plan[options].sum() == plan.sum()]
        arrays = with_root_cuts(small, arrays, cutoff, here, left)
        highs = _linear(arrays)
        if np.isfinite(end):
            highs.setOptionValue("time_limit", max(end - time.perf_counter(), 0.01))
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            break
        dual = np.array(highs.getSolution().row_dual)
        lifted = _price(small, arrays, dual)
        lower = max(lower, lifted.value)
        kept = np.flatnonzero(lifted.value + lifted.beyond < cutoff)
        used = own + np.flatnonzero(np.abs(dual[own:]) > _NO_DUAL)
        narrow, _ = _restrict(small, rows_of(arrays, used), kept)
        before = small.options
        options, small = options[kept], small.take(kept)
        fresh = _program(small, bound, part, options)
        own, cuts = len(fresh.row_lower), len(used)
        arrays = stack(fresh, narrow.matrix, narrow.row_lower, narrow.row_upper)
        if small.options > _WORTH * before:
            break
    sites = part.sites_of(options)
    return Core(small, options, sites, arrays, cutoff, lower, cuts, part.options)


def _program(small: Problem, bound: Bound, part: Problem, options: Ints) -> Arrays:
    """Return the program of some options with the cuts that a bound rests on."""
    return program_arrays(small, constraints.with_cuts(small, bound.cuts, part, options))


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
    pi[(pi > 0) & ~np.isfinite(arrays.row_lower)] = 0.0
    pi[(pi < 0) & ~np.isfinite(arrays.row_upper)] = 0.0
    used = np.flatnonzero(pi)
    total = float(pi[used] @ np.where(pi > 0, arrays.row_lower, arrays.row_upper)[used])
    reduced = arrays.cost - arrays.matrix.T @ pi
    each = reduced[count : 2 * count]
    fixed = reduced[:count] + reduced[2 * count : 2 * count + sites][problem.option_site]
    prices = Pricing(problem).price(fixed, each)
    shut = (problem.option_site == site) & (not inside)
    cost, use = (np.where(shut, np.inf, part) for part in (prices.opening, prices.use))
    least = np.full(sites, np.inf)
    np.minimum.at(least, problem.option_site, cost)
    floor = np.minimum(least, 0.0)
    if site >= 0 and inside:
        floor[site] = least[site]
    total += float(floor.sum())
    own = reduced[2 * count + sites :]
    low, high = arrays.lower[2 * count + sites :], arrays.upper[2 * count + sites :]
    total += float(np.where(own > 0, own * low, np.where(own < 0, own * high, 0.0)).sum())
    at_site = np.where(np.isfinite(floor), floor, 0.0)[problem.option_site]
    return Bound(
        total - _ROUNDING * abs(total) if np.isfinite(total) else total,
        least,
        cost,
        np.maximum(use - at_site, 0.0),
        np.maximum(cost - at_site, 0.0),
    )
