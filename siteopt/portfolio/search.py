"""Search for the best plan, with a proof.

The relaxation proves that an option in no good plan can be left out: a plan that builds option
o costs at least ``bound.value + bound.beyond[o]``. So a small program over the most promising
options finds a plan (the incumbent), and a program over all options that could still belong to
a better one proves how good it is. Where these are many, cutting planes first leave out most of
them (see `core`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio import families
from siteopt.portfolio.core import build_core
from siteopt.portfolio.dominance import undominated
from siteopt.portfolio.model import build_model, program_arrays, whole_blocks
from siteopt.portfolio.plan import Plan
from siteopt.portfolio.relaxation import SHORT, Bound, Relaxation, without_cost
from siteopt.portfolio.solver import LEAN, Answer, Limits, solve_arrays, solve_model, solver_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from siteopt.portfolio.problem import Problem
    from siteopt.scenario import Solver

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Clock", "Found", "guess", "search", "search_with", "search_without", "solve"]

_FIRST = 150  # options in the first program; the incumbent needs no more on most instances
_FIRST_FORCED = 60  # the same where a good plan without the site is known
_GUESS = 22  # options beside those of the plan itself in the program of a guess
_GUESS_OWN = 3  # options of the site
_GUESS_NODES = 40  # of its search tree; a count, not a time, so that it ends alike everywhere
_GUESS_PROVINCE = 3  # options of each province that fit beside the plan
_STAGES = (600, 2_000)  # options of programs that lower the incumbent first, where many are needed
_STAGE_TIME = 0.12  # of the time limit; more is not spent on such a program
_MANY = 700  # options from which on cutting planes are looked for before a program is solved
_ROOT_TIME = 0.5  # of the time left; more is not spent on cutting planes
_ROOT_MOST = 30_000  # options; HiGHS does not end on the root of a larger program in time


class Clock:
    """Wall time that is left."""

    def __init__(self, seconds: float) -> None:
        self.begun, self.whole = time.perf_counter(), seconds
        self._end = self.begun + seconds

    @property
    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(self._end - time.perf_counter(), 0.0)

    @property
    def used(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.begun


@dataclass(frozen=True, eq=False)
class Found:
    """What a search over the open options of a problem proved."""

    blocks: Ints | None
    """(O,) the best plan found."""
    objective: float
    """Its cost, inf where there is none."""
    bound: float
    """Proven lower bound; inf where it is proven that there is no plan."""
    proven: bool
    """Whether the two are within the gap, or that there is no plan."""
    stages: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = True
    """Whether no more is to be done: proven, no time left, or nobody wants more."""


def solve(problem: Problem, settings: Solver, served: Callable[[Ints], bool] | None = None) -> Plan:
    """Find the best plan of a problem.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    settings : Solver
        Which solver, at which gap, for how long.
    served : callable, optional
        Called with every better plan (blocks an option) on the way; where it says no, the search
        ends there with that plan, unproven.

    Returns
    -------
    Plan
        Its status says what is proven: 'optimal' within the gap, or 'feasible' with a gap.

    Raises
    ------
    InfeasibleError
        If it is proven that no plan meets all limits; `diagnose` says which ones conflict.
    SolverError
        If the time limit passed without any plan.
    """
    clock = Clock(settings.time_limit_s)
    kept = problem.open_options()
    part = problem.take(kept)
    if part.options == 0:
        raise InfeasibleError(_NO_PLAN)
    relaxation = Relaxation(part)
    bound = relaxation.solve(seconds=clock.left)
    relaxed_s = clock.used
    if relaxation.artificial > SHORT and _hopeless(part, clock):
        raise InfeasibleError(_NO_PLAN)

    def program(
        small: Problem, begin: Ints | None, seconds: float, threshold: float
    ) -> tuple[Answer, Ints | None]:
        del threshold  # solutions are better found than cut off: the plan is solved only once
        model = build_model(small, families.with_cuts(small, bound.cuts, part.site_id))
        limits = Limits(gap=settings.gap / 2, seconds=seconds, threads=settings.threads)
        start = None if begin is None else model.values(begin)
        options = LEAN if small.options > _FIRST else {}
        answer = solve_model(model, settings.name, limits, start, **options)
        return answer, None if answer.values is None else model.blocks(answer.values)

    def goes_on(plan: Ints) -> bool:
        return served is None or served(_whole(plan, kept, problem))

    largest = _MANY if settings.name == "highs" else part.options
    found = search(
        part, bound, program, clock, settings.gap, _FIRST, served=goes_on, largest=largest
    )
    if not found.proven and not found.ended and found.blocks is not None:
        found = _in_core(part, bound, found, settings, clock, goes_on)
    if found.proven and found.blocks is None:
        raise InfeasibleError(_NO_PLAN)
    if found.blocks is None:
        raise SolverError(
            f"no plan found in {settings.time_limit_s:g} s; raise solver.time_limit_s"
        )
    blocks = _whole(found.blocks, kept, problem)
    objective = problem.worth(blocks)
    return Plan(
        blocks=blocks,
        status="optimal" if found.proven else "feasible",
        objective=objective,
        bound=min(found.bound, objective),
        solver=solver_version(settings.name),
        seconds=clock.used,
        measured={
            "sites": part.sites,
            "options": part.options,
            "relaxation": bound.value,
            "relaxation_s": relaxed_s,
            "stages": found.stages,
        },
    )


def _in_core(  # noqa: PLR0913, PLR0917 - a search under way
    part: Problem,
    bound: Bound,
    found: Found,
    settings: Solver,
    clock: Clock,
    goes_on: Callable[[Ints], bool],
) -> Found:
    """Go on with a search whose program would be large: in the core of all better plans."""
    if found.blocks is None:
        return found
    blocks, objective, lower, stages = found.blocks, found.objective, found.bound, found.stages
    proven = False
    while clock.left > 0 and not proven:
        cutoff = objective - max(settings.gap * abs(objective), 1e-6)
        begun = clock.used
        if np.count_nonzero(bound.value + bound.beyond < cutoff) > _ROOT_MOST:
            break  # the bound of the relaxation is what can be proven
        core = build_core(part, bound, cutoff, [blocks], _ROOT_TIME * clock.left)
        cut_s = clock.used - begun
        limits = Limits(
            gap=settings.gap / 2,
            seconds=max(clock.left, 0.05),
            threads=settings.threads,
            cutoff=cutoff,
        )
        answer, plan = core.solve(limits)
        stages.append(
            {
                "sites": core.problem.sites,
                "options": core.problem.options,
                "cuts": core.cuts,
                "cutting_s": cut_s,
                "seconds": clock.used - begun,
                "status": answer.status,
                "objective": answer.objective,
                "bound": answer.bound,
            }
        )
        lower = max(lower, min(max(answer.bound, core.bound), cutoff))
        if plan is not None and part.worth(plan) < objective:
            blocks, objective = plan, part.worth(plan)
            if not goes_on(plan):
                break
        proven = objective - lower <= max(settings.gap * abs(objective), 1e-6) * (1 + 1e-9)
        if answer.status in ("feasible", "unknown"):
            break
    return Found(blocks, objective, min(lower, objective), proven, stages)


def _whole(blocks: Ints, kept: Ints, problem: Problem) -> Ints:
    """Return the blocks of some options as blocks of all options of a problem."""
    whole = np.zeros(problem.options, dtype=np.int64)
    whole[kept] = blocks
    return whole


def _hopeless(part: Problem, clock: Clock) -> bool:
    """Return whether the relaxation proves that no plan meets all limits."""
    return Relaxation(without_cost(part)).solve(SHORT, clock.left).value > SHORT


_NO_PLAN = "scenario: no plan meets all limits; relax the limits in conflict"


def search_with(
    part: Problem, bound: Bound, site: int, clock: Clock, ceiling: float = np.inf
) -> Found:
    """Find the best plan that chooses a site; the bound is that of the site forced in."""
    return search(part, bound, _forcing(part, site), clock, 0.0, _FIRST_FORCED, ceiling)


def search_without(part: Problem, bound: Bound, clock: Clock) -> Found:
    """Find the best plan without the sites that the bound has closed."""
    return search(part, bound, _forcing(part, -1), clock, 0.0, _FIRST_FORCED)


def guess(  # noqa: PLR0913 - what is known, and what is asked
    part: Problem,
    bound: Bound,
    blocks: Ints,
    site: int,
    clock: Clock,
    *,
    inside: bool,
    fits: Bools,
) -> Found:
    """Find a good plan with or without a site, over few options: a plan's and the nearest ones.

    ``fits`` says which sites can stand beside those of the plan that stay. Nothing is proven of it.
    """
    order = np.argsort(bound.beyond, kind="stable")
    beside = _first_of_each(order[fits[part.option_site[order]]], part)
    own = order[part.option_site[order] == site][:_GUESS_OWN]
    kept = np.unique(np.concatenate([np.flatnonzero(blocks > 0), order[:_GUESS], beside, own]))
    if not inside:
        kept = kept[part.option_site[kept] != site]
    small = part.take(kept)
    program = _forcing(part, site if inside else -1, {"mip_max_nodes": _GUESS_NODES})
    _, found = program(small, None, max(clock.left, 0.05), np.inf)
    if found is None:
        return Found(None, np.inf, -np.inf, proven=False)
    plan = np.zeros(part.options, dtype=np.int64)
    plan[kept] = found
    return Found(plan, part.worth(plan), -np.inf, proven=False)


def _first_of_each(order: Ints, part: Problem) -> Ints:
    """Return the first few options of each province, so that one at its limit has others to take."""
    province = part.site_province[part.option_site[order]]
    by_province = np.argsort(province, kind="stable")
    ranked = province[by_province]
    turn = np.arange(len(order)) - np.searchsorted(ranked, ranked)
    return order[by_province[turn < _GUESS_PROVINCE]]


def _forcing(part: Problem, site: int, options: dict[str, Any] | None = None) -> Program:
    """Return a program that is solved from arrays, with a site of the problem forced in.

    ``options`` are of HiGHS.
    """
    identity = part.site_id[site] if site >= 0 else ""

    def program(
        small: Problem, begin: Ints | None, seconds: float, threshold: float
    ) -> tuple[Answer, Ints | None]:
        del begin
        arrays = program_arrays(small)
        if site >= 0:
            place = int(np.searchsorted(small.site_id, identity))
            arrays.lower[2 * small.options + place] = 1.0
        limits = Limits(gap=0.0, gap_abs=1e-6, seconds=seconds, cutoff=threshold)
        answer = solve_arrays(arrays, limits, **LEAN, **(options or {}))
        return answer, None if answer.values is None else whole_blocks(small, answer.values)

    return program


def search(  # noqa: PLR0913, PLR0917 - a question, how to ask it, and when to stop
    part: Problem,
    bound: Bound,
    program: Program,
    clock: Clock,
    gap: float,
    first: int,
    ceiling: float = np.inf,
    *,
    served: Callable[[Ints], bool] = lambda _plan: True,
    largest: int | None = None,
) -> Found:
    """Find the best plan of a problem whose options are all open, from a bound on it.

    Parameters
    ----------
    part : Problem
        With open options only.
    bound : Bound
        On the plans that are asked for; options with infinite ``beyond`` are closed.
    program : callable
        (small problem, begin blocks or None, seconds, threshold) -> (answer, blocks or None).
    clock : Clock
        Wall time left.
    gap : float
        Relative gap at which a plan counts as proven.
    first : int
        Options in the first, small program.
    ceiling : float
        Plans that cost this much or more are of no interest: the search ends, unproven, as
        soon as the bound reaches it.
    served : callable
        Called with every better plan; where it says no, the search ends there, unproven.
    largest : int, optional
        The search ends before a program of more options, not ended: there is more to be done.
    """
    order = _promising(part, bound)
    total = int(np.count_nonzero(np.isfinite(bound.beyond)))
    stages: list[dict[str, Any]] = []
    size, blocks, objective, lower = min(first, total), None, np.inf, bound.value
    while lower < ceiling:
        after = bound.value + float(bound.beyond[order[size]]) if size < total else np.inf
        threshold = min(objective, ceiling)
        whole = size == total or (np.isfinite(threshold) and after >= threshold)
        seconds = clock.left if whole else min(clock.left, _STAGE_TIME * clock.whole)
        answer, plan = _stage(
            part, np.sort(order[:size]), program, seconds, blocks, threshold, stages
        )
        better = plan is not None and answer.objective < objective
        if plan is not None and better:
            blocks, objective = plan, answer.objective
        lower = max(lower, min(answer.bound, after))
        if plan is not None and better and not served(plan):
            return Found(plan, objective, min(lower, objective), proven=False, stages=stages)
        if blocks is None and lower == np.inf:
            return Found(None, np.inf, np.inf, proven=True, stages=stages)
        if total == 0:
            break
        slack = max(gap * abs(objective), 1e-6) if blocks is not None else 0.0
        proven = blocks is not None and objective - lower <= slack * (1 + 1e-9)
        stopped = clock.left <= 0 or (whole and answer.status in ("feasible", "unknown"))
        if proven or stopped or size == total:
            return Found(blocks, objective, min(lower, objective), proven, stages)
        size = _next_size(bound, min(objective - slack, ceiling), size, total)
        if largest is not None and blocks is not None and size > largest:
            return Found(
                blocks, objective, min(lower, objective), proven=False, stages=stages, ended=False
            )
    return Found(blocks, objective, min(lower, objective), proven=False, stages=stages)


def _promising(part: Problem, bound: Bound) -> Ints:
    """Return the options, best first.

    Equally good ones (nearly all are where costs say nothing) go site by site in turn, so that a
    program of a few has many sites, each with the largest build that it can have.
    """
    largest = np.lexsort((-part.blocks_max, part.option_site))
    turn = np.empty(part.options, dtype=np.int64)
    site = part.option_site[largest]
    turn[largest] = np.arange(part.options) - np.searchsorted(site, site)
    return np.lexsort((-part.blocks_max, turn, bound.beyond))


def _next_size(bound: Bound, threshold: float, size: int, total: int) -> int:
    """Return how many options, best first, the next program has."""
    if not np.isfinite(threshold):
        return min(size * 4, total)
    needed = int(np.count_nonzero(bound.value + bound.beyond < threshold))
    for stage in _STAGES:
        if size < stage and needed > 2 * stage:
            return min(stage, total)
    return min(max(needed, size + 1), total)


def _stage(  # noqa: PLR0913, PLR0917 - one step of the search, which it was cut out of
    part: Problem,
    kept: Ints,
    program: Program,
    seconds: float,
    blocks: Ints | None,
    threshold: float,
    stages: list[dict[str, Any]],
) -> tuple[Answer, Ints | None]:
    """Solve the program over some options; return what was proven and the plan."""
    clock = Clock(seconds)
    kept = kept[undominated(part.take(kept))]
    small = part.take(kept)
    begin = None
    if blocks is not None and blocks.sum() == blocks[kept].sum():
        begin = blocks[kept]
    answer, found = program(small, begin, max(clock.left, 0.05), threshold)
    stages.append(
        {
            "sites": small.sites,
            "options": small.options,
            "seconds": clock.used,
            "status": answer.status,
            "objective": answer.objective,
            "bound": answer.bound,
        }
    )
    if found is None:
        return answer, None
    plan = np.zeros(part.options, dtype=np.int64)
    plan[kept] = found
    return answer, plan


if TYPE_CHECKING:
    Program = Callable[[Problem, Ints | None, float, float], tuple[Answer, Ints | None]]
