"""Re-solves of a ranking as tasks: functions of what all share and of one question.

None rests on another's answer or on how many are done at the same time, so any executor gives the
same: threads, or the workers of a cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from siteopt.portfolio.ranking.forced_site import search_neighbourhood, search_with, search_without

if TYPE_CHECKING:
    from scipy import sparse

    from siteopt._arrays import Bools, Ints
    from siteopt.portfolio.bounds.core_problem import CoreProblem
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.ranking.forced_site import CheapestOptions
    from siteopt.portfolio.solver.deadline import Deadline
    from siteopt.portfolio.solver.result import Result

__all__ = ["Around", "InCore", "best_in_core", "best_with", "best_without", "neighbour"]

_LEAST_S = 0.05
"""Seconds that a search gets when time is up: enough for what presolve decides."""


class Around(NamedTuple):
    """What all neighbourhood searches share: the incumbent, and who conflicts with whom."""

    part: Problem
    cheapest: CheapestOptions
    incumbent: Ints
    conflicts: sparse.csr_array[np.bool_]
    chosen: Bools


class InCore(NamedTuple):
    """Question about one site of a core problem.

    Attributes
    ----------
    site : int
        In the core.
    bound : Bound
        With the site forced in or out.
    threshold : float
        Cost from which on a plan is of no interest.
    inside : bool
        Whether it is forced in.
    reach : float
        Above the bound, where the search begins.
    deadline : Deadline
        Of the ranking.
    """

    site: int
    bound: Bound
    threshold: float
    inside: bool
    reach: float
    deadline: Deadline


def neighbour(around: Around, task: tuple[int, Deadline]) -> Result[Ints]:
    """Find a good plan with a site that the incumbent lacks, or without one that it has.

    Parameters
    ----------
    around : Around
        The incumbent.
    task : tuple
        The site, and the deadline of the ranking.
    """
    site, deadline = task
    chosen, conflicts = around.chosen, around.conflicts
    inside = not chosen[site]
    stay = chosen.copy()
    stay[conflicts[[site]].indices] = False
    stay[site] = inside
    fits = np.ones(len(chosen), dtype=np.bool_)
    fits[conflicts[np.flatnonzero(stay)].indices] = False
    return search_neighbourhood(
        around.part, around.cheapest, around.incumbent, site, deadline, inside=inside, fits=fits
    )


def best_in_core(core: CoreProblem, question: InCore) -> Result[Ints] | None:
    """Find the best plan of a core with or without a site; None where its bound is too high.

    Parameters
    ----------
    core : CoreProblem
        All plans below its cutoff.
    question : InCore
        The site.
    """
    if question.bound.value >= question.threshold:
        return None
    return core.best(
        question.site,
        question.bound,
        question.threshold,
        max(question.deadline.left, _LEAST_S),
        inside=question.inside,
        reach=question.reach,
    )


def best_without(part: Problem, task: tuple[Bound, Deadline]) -> Result[Ints]:
    """Find the best plan without the site that a bound has closed.

    Parameters
    ----------
    part : Problem
        With open options only.
    task : tuple
        The bound, and the deadline of the ranking.
    """
    return search_without(part, *task)


def best_with(part: Problem, task: tuple[int, Bound, Deadline, float]) -> Result[Ints]:
    """Find the best plan with a site.

    Parameters
    ----------
    part : Problem
        With open options only.
    task : tuple
        The site, its bound, the deadline of the ranking, and the cost that is of no interest.
    """
    site, bound, deadline, ceiling = task
    return search_with(part, bound, site, deadline, ceiling)
