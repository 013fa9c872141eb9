"""Forced-in and forced-out re-optimization: the best plan with a site, or without it.

A forced-in site is a site variable w fixed at 1, a forced-out one has its options closed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from siteopt.portfolio.search.gap_closing import MANY_OPTIONS, close_gap
from siteopt.portfolio.search.restricted_mips import RestrictedMip, kernel_search
from siteopt.portfolio.solver.backends import PROOF_ONLY, Limits
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.portfolio.solver.result import Result
from siteopt.scenario import Solver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.bounds.reduced_cost import Bound
    from siteopt.portfolio.constraints import Cut, OptionCut
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["CheapestOptions", "search_neighbourhood", "search_with", "search_without"]

_FIRST = 60  # options in the first program; a good plan without the site is known
_NEAREST = 22  # options beside those of the plan itself in the restricted MIP of a neighbourhood
_OF_SITE = 3  # options of the site
_NODES = 40  # of its search tree; a count, not a time, so that it ends alike everywhere
_OF_PROVINCE = 3  # options of each province that fit beside the plan
_QUESTION_TIME = 0.25  # of the time left; more is not spent on what one site is worth


def search_with(
    part: Problem, bound: Bound, site: int, deadline: Deadline, ceiling: float = np.inf
) -> Result[Ints]:
    """Find the best plan that chooses a site; the bound is that of the site forced in."""
    return kernel_search(_mip(part, bound.cuts, site), bound, deadline, 0.0, _FIRST, ceiling)


def search_without(part: Problem, bound: Bound, deadline: Deadline) -> Result[Ints]:
    """Find the best plan without the sites that the bound has closed."""
    mip = _mip(part, bound.cuts, -1)
    found = kernel_search(mip, bound, deadline, 0.0, _FIRST, largest=MANY_OPTIONS)
    if not found.size_limit or found.incumbent is None:
        return found
    exact = Solver(gap=0.0, threads=1)
    return close_gap(part, bound, found, exact, Deadline(_QUESTION_TIME * deadline.left), _anything)


def _anything(_plan: Ints) -> bool:
    return True


class CheapestOptions(NamedTuple):
    """Options by reduced cost, sorted once for the neighbourhoods of many sites.

    Attributes
    ----------
    reduced_cost : ndarray
        (O,) bn KRW.
    order : ndarray
        (O,) options by reduced cost, then by their place.
    by_province : ndarray
        (O,) the same, province by province.
    province_first : ndarray
        Where each province begins in ``by_province``, and its length.
    """

    reduced_cost: Floats
    order: Ints
    by_province: Ints
    province_first: Ints

    @classmethod
    def of(cls, part: Problem, bound: Bound) -> CheapestOptions:
        """Return the options of a problem by their reduced costs.

        Parameters
        ----------
        part, bound : Problem, Bound
            Options and their reduced costs.
        """
        order = np.argsort(bound.reduced_cost, kind="stable")
        province = part.site_province[part.option_site[order]]
        by_province = order[np.argsort(province, kind="stable")]
        _, first = np.unique(np.sort(province), return_index=True)
        return cls(bound.reduced_cost, order, by_province, np.append(first, len(order)))

    def first_of_each_province(self, fits: Bools) -> Ints:
        """Return the first few options of each, so that one at its limit has others to take.

        Parameters
        ----------
        fits : ndarray
            (O,) options that count, in the order of ``by_province``.
        """
        some = [
            begin + np.flatnonzero(fits[begin:end])[:_OF_PROVINCE]
            for begin, end in pairwise(self.province_first.tolist())
        ]
        first: Ints = self.by_province[np.concatenate([np.zeros(0, dtype=np.int64), *some])]
        return first


def search_neighbourhood(  # noqa: PLR0913 - what is known, and the site
    part: Problem,
    cheapest: CheapestOptions,
    blocks: Ints,
    site: int,
    deadline: Deadline,
    *,
    inside: bool,
    fits: Bools,
) -> Result[Ints]:
    """Neighbourhood search around the incumbent: a small restricted MIP with a site forced in or out.

    As in RINS (Danna, Rothberg and Le Pape 2005) a sub-MIP near known solutions, of few nodes. Its
    options are those of the incumbent, those of smallest reduced cost, and some that fit beside it.
    Nothing is proven of what it finds.

    Parameters
    ----------
    part : Problem
        What is solved.
    cheapest : CheapestOptions
        Its options by reduced cost.
    blocks : ndarray
        (O,) the incumbent.
    site : int
        Which site is forced in or out.
    deadline : Deadline
        Wall time left.
    inside : bool
        Whether it is forced in.
    fits : ndarray
        (S,) sites that can be chosen beside those of the incumbent that stay.
    """
    beside = cheapest.first_of_each_province(fits[part.option_site[cheapest.by_province]])
    own = np.flatnonzero(part.option_site == site)
    own = own[np.argsort(cheapest.reduced_cost[own], kind="stable")][:_OF_SITE]
    kept = np.unique(
        np.concatenate([np.flatnonzero(blocks > 0), cheapest.order[:_NEAREST], beside, own])
    )
    if not inside:
        kept = kept[part.option_site[kept] != site]
    # With cuts a search of a few nodes finds worse plans.
    mip = _mip(part, (), site if inside else -1, mip_max_nodes=_NODES)
    plan = mip.solve(kept, max(deadline.left, 0.05)).incumbent
    if plan is None:
        return Result.none("unknown", -np.inf)
    return Result.of_search(plan, part.worth(plan), -np.inf, proven=False)


def _mip(
    part: Problem,
    cuts: Sequence[Cut | OptionCut],
    site: int,
    **options: Any,  # noqa: ANN401 - HiGHS options
) -> RestrictedMip:
    """Return the program of a problem with a site forced in, -1 for none."""
    return RestrictedMip(
        part,
        cuts,
        limits=Limits(gap=0.0, gap_abs=1e-6),
        options={**PROOF_ONLY, **options},
        forced=site,
        takes_cutoff=True,
    )
