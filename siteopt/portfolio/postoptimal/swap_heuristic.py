"""Swap heuristic (1-exchange local search): feasible plans with a given site near a known plan.

The site gets its fewest blocks; one option of the plan gives up as many, or none does (an
insertion). Every swap is tested against all rows of the program, so the result is feasible and
its cost an upper bound on that of the best plan with the site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.portfolio import constraints
from siteopt.portfolio.search.grid_oracle import broken_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.constraints import Rows
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike


__all__ = ["Swaps", "cheapest_swaps"]

_SLACK = 1e-7  # relative; sums of floats, not leniency
_TOUCH_M = 1e-3  # sites exactly the spacing apart are feasible


@dataclass(frozen=True, eq=False)
class Swaps:
    """The cheapest feasible swap of each site, cost inf without one."""

    cost: Floats
    """(S,) cost of the plan after the swap."""
    base: Ints
    """(S,) index of the incumbent plan."""
    option: Ints
    """(S,) inserted option, with its fewest blocks."""
    donor: Ints
    """(S,) option that gives up these blocks, -1 for an insertion."""

    def plan(self, problem: Problem, bases: Sequence[Ints], site: int) -> Ints:
        """Return the plan (blocks an option) after the swap of a site.

        Parameters
        ----------
        problem : Problem
            See `build_problem`.
        bases : sequence of ndarray
            The incumbent plans of `cheapest_swaps`.
        site : int
            Index of the site.
        """
        blocks: Ints = bases[self.base[site]].copy()
        option, donor = self.option[site], self.donor[site]
        blocks[option] += problem.blocks_min[option]
        if donor >= 0:
            blocks[donor] -= problem.blocks_min[option]
        return blocks


def cheapest_swaps(
    problem: Problem, bases: Sequence[Ints], enough: float, grid: GridLike | None = None
) -> Swaps:
    """Return the cheapest feasible swap that inserts each site into a known plan.

    Parameters
    ----------
    problem : Problem
        With the separated flow limits.
    bases : sequence of ndarray
        Feasible plans (blocks an option), in the order in which they are tried.
    enough : float
        Cost at which a site's search stops.
    grid : GridLike, optional
        Grid whose flow limits every plan must satisfy.
    """
    swaps = Swaps(
        np.full(problem.sites, np.inf),
        *(np.full(problem.sites, -1, dtype=np.int64) for _ in range(3)),
    )
    # A swap keeps all other sites, so province counts still hold; spacing is tested by distance.
    without = ("spacing", "provinces", "energy")
    rows = constraints.join(
        [constraints.all_rows(problem, without=without), constraints.provinces.share_rows(problem)]
    )
    for place, blocks in enumerate(bases):
        opened = problem.open_options()
        opened = opened[swaps.cost[problem.option_site[opened]] > enough]
        _evaluate_swaps(problem, rows, swaps, place, blocks, opened)
        _drop_flow_violations(problem, bases, swaps, place, grid)
    if len(problem.energy_constant_bn_krw):
        # Swaps were compared by the prices of energy in their options; what each costs is exact.
        for site in np.flatnonzero(swaps.base >= 0).tolist():
            swaps.cost[site] = problem.worth(swaps.plan(problem, bases, site))
    return swaps


def _evaluate_swaps(  # noqa: PLR0913, PLR0917 - one neighbourhood of the search
    problem: Problem, rows: Rows, swaps: Swaps, place: int, blocks: Ints, opened: Ints
) -> None:
    """Record the cheapest feasible swap of each site in the neighbourhood of one plan."""
    allowed = opened[problem.option_opens[opened] & _addable(problem, blocks)[opened]]
    if not allowed.size:
        return
    site, many = problem.option_site[allowed], problem.blocks_min[allowed]
    change = sparse.csc_array(
        sparse.csc_array(rows.y)[:, allowed]
        + sparse.csc_array(rows.n)[:, allowed] @ sparse.diags_array(many.astype(np.float64))
        + sparse.csc_array(rows.w)[:, site]
    )
    each, first = sparse.csc_array(rows.n), problem.opened(blocks)
    activity = rows.activity(blocks, problem)
    cost = (
        problem.worth(blocks) + problem.worth_fixed[allowed] + problem.worth_block[allowed] * many
    )
    for donor in (-1, *np.flatnonzero(blocks).tolist()):
        after, moved = cost, change
        can = np.ones(len(allowed), dtype=np.bool_)
        if donor >= 0:
            after = cost - problem.worth_block[donor] * many
            given = each[:, [donor]] @ sparse.csc_array(many[None, :].astype(np.float64))
            moved = sparse.csc_array(change - given)
            least = int(problem.blocks_min[donor]) if first[donor] else 0
            can = (blocks[donor] - many >= least) & (
                problem.option_year[donor] >= problem.option_year[allowed]
            )
        better = can & (after < swaps.cost[site])
        better &= _feasible(rows, activity, moved)
        good = np.flatnonzero(better)
        good = good[np.lexsort((good, after[good]))]
        improved, firsts = np.unique(site[good], return_index=True)
        chosen = good[firsts]
        swaps.cost[improved], swaps.base[improved] = after[chosen], place
        swaps.option[improved], swaps.donor[improved] = allowed[chosen], donor


def _addable(problem: Problem, blocks: Ints) -> Bools:
    """Return which options (O,) belong to sites outside a plan that keep the spacing to it."""
    chosen = np.unique(problem.option_site[blocks > 0])
    far = np.hypot(
        problem.site_x_m[:, None] - problem.site_x_m[None, chosen],
        problem.site_y_m[:, None] - problem.site_y_m[None, chosen],
    ).min(axis=1, initial=np.inf)
    free = far >= problem.spacing_m + (_TOUCH_M if problem.spacing_m else 0.0)
    free[chosen] = False
    return np.asarray(free[problem.option_site])


def _feasible(rows: Rows, activity: Floats, moved: sparse.csc_array[np.float64]) -> Bools:
    """Return which changes of the row activities (one a column) are feasible."""
    part = sparse.coo_array(moved)
    after = activity[part.row] + part.data
    slack = _SLACK * (1.0 + np.abs(after))
    broken = (after > rows.upper[part.row] + slack) | (after < rows.lower[part.row] - slack)
    kept = np.ones(moved.shape[1], dtype=np.bool_)
    kept[part.col[broken]] = False
    return kept


def _drop_flow_violations(
    problem: Problem, bases: Sequence[Ints], swaps: Swaps, place: int, grid: GridLike | None
) -> None:
    """Drop the swaps from a plan that violate a flow limit of the grid.

    Swaps of as many blocks from one donor to sites of one bus differ in one figure, what a block
    draws there. The loads that a snapshot can serve are a convex set, so where it serves the
    smallest and the largest of them it serves all.
    """
    if grid is None:
        return
    sites = np.flatnonzero(swaps.base == place)
    option, donor = swaps.option[sites], swaps.donor[sites]
    many, year = problem.blocks_min[option], problem.option_year[option]
    key = np.stack([donor, problem.option_bus[option], many, year])
    _, group = np.unique(key, axis=1, return_inverse=True)
    draws = problem.facility_mw[option]
    ends: list[list[Ints]] = []
    for number in range(group.max(initial=-1) + 1):
        same = np.flatnonzero(group == number)
        two = {int(sites[same[find(draws[same])]]) for find in (np.argmin, np.argmax)}
        ends.append([swaps.plan(problem, bases, site) for site in sorted(two)])
    if not broken_limits(problem, grid, [plan for plans in ends for plan in plans]):
        return
    for number, plans in enumerate(ends):
        if broken_limits(problem, grid, plans):
            same = np.flatnonzero(group == number)
            swaps.cost[sites[same]], swaps.base[sites[same]] = np.inf, -1
