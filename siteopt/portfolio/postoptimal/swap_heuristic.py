"""Cheap proofs that a site is in some plan: a known plan with a small build added.

The site gets its fewest blocks, and one that is already in the plan gives as many away (or none
does). Such a move is checked against every row of the program, so a witness is a plan; nothing
says that it is the best one with the site.
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


__all__ = ["Moves", "cheapest_with"]

_SLACK = 1e-7  # relative; sums of floats, not leniency
_TOUCH_M = 1e-3  # sites exactly the spacing apart are not too near


@dataclass(frozen=True, eq=False)
class Moves:
    """The cheapest move found for each site, cost inf where there is none."""

    cost: Floats
    """(S,) cost of the plan after the move."""
    base: Ints
    """(S,) which plan it begins with."""
    option: Ints
    """(S,) option that gets its fewest blocks."""
    giver: Ints
    """(S,) option that gives them away, -1 for none."""

    def plan(self, problem: Problem, bases: Sequence[Ints], site: int) -> Ints:
        """Return the plan (blocks an option) after the move of a site."""
        blocks: Ints = bases[self.base[site]].copy()
        option, giver = self.option[site], self.giver[site]
        blocks[option] += problem.blocks_min[option]
        if giver >= 0:
            blocks[giver] -= problem.blocks_min[option]
        return blocks


def cheapest_with(
    problem: Problem, bases: Sequence[Ints], enough: float, grid: GridLike | None = None
) -> Moves:
    """Find a plan with each site, one move from a known plan.

    Parameters
    ----------
    problem : Problem
        With the flow limits that are known.
    bases : sequence of ndarray
        Plans (blocks an option) that are served; the first ones are tried first.
    enough : float
        A site whose plan costs at most this much is not tried again.
    grid : GridLike, optional
        Moves that it does not serve are dropped.
    """
    moves = Moves(
        np.full(problem.sites, np.inf),
        *(np.full(problem.sites, -1, dtype=np.int64) for _ in range(3)),
    )
    # Who is there stays, so provinces with a site stay too; spacing is looked at by distance.
    without = ("spacing", "provinces")
    rows = constraints.join(
        [constraints.all_rows(problem, without=without), constraints.provinces.share_rows(problem)]
    )
    for place, blocks in enumerate(bases):
        opened = problem.open_options()
        opened = opened[moves.cost[problem.option_site[opened]] > enough]
        _try(problem, rows, moves, place, blocks, opened)
        _drop_unserved(problem, bases, moves, place, grid)
    return moves


def _try(  # noqa: PLR0913, PLR0917 - one step of the search, which it was cut out of
    problem: Problem, rows: Rows, moves: Moves, place: int, blocks: Ints, opened: Ints
) -> None:
    """Note the cheapest move of each site from one plan."""
    allowed = opened[problem.option_opens[opened] & _apart(problem, blocks)[opened]]
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
    for giver in (-1, *np.flatnonzero(blocks).tolist()):
        after, moved = cost, change
        can = np.ones(len(allowed), dtype=np.bool_)
        if giver >= 0:
            after = cost - problem.worth_block[giver] * many
            given = each[:, [giver]] @ sparse.csc_array(many[None, :].astype(np.float64))
            moved = sparse.csc_array(change - given)
            least = int(problem.blocks_min[giver]) if first[giver] else 0
            can = (blocks[giver] - many >= least) & (
                problem.option_year[giver] >= problem.option_year[allowed]
            )
        better = can & (after < moves.cost[site])
        better &= _keeps(rows, activity, moved)
        good = np.flatnonzero(better)
        good = good[np.lexsort((good, after[good]))]
        told, firsts = np.unique(site[good], return_index=True)
        chosen = good[firsts]
        moves.cost[told], moves.base[told] = after[chosen], place
        moves.option[told], moves.giver[told] = allowed[chosen], giver


def _apart(problem: Problem, blocks: Ints) -> Bools:
    """Return which options (O,) are of sites that are not in a plan, nor too near to one that is."""
    chosen = np.unique(problem.option_site[blocks > 0])
    far = np.hypot(
        problem.site_x_m[:, None] - problem.site_x_m[None, chosen],
        problem.site_y_m[:, None] - problem.site_y_m[None, chosen],
    ).min(axis=1, initial=np.inf)
    free = far >= problem.spacing_m + (_TOUCH_M if problem.spacing_m else 0.0)
    free[chosen] = False
    return np.asarray(free[problem.option_site])


def _keeps(rows: Rows, activity: Floats, moved: sparse.csc_array[np.float64]) -> Bools:
    """Return which changes of the rows (one a column) leave all of them within their sides."""
    part = sparse.coo_array(moved)
    after = activity[part.row] + part.data
    slack = _SLACK * (1.0 + np.abs(after))
    broken = (after > rows.upper[part.row] + slack) | (after < rows.lower[part.row] - slack)
    kept = np.ones(moved.shape[1], dtype=np.bool_)
    kept[part.col[broken]] = False
    return kept


def _drop_unserved(
    problem: Problem, bases: Sequence[Ints], moves: Moves, place: int, grid: GridLike | None
) -> None:
    """Take back the moves from a plan that the grid does not serve.

    Moves of as many blocks from one giver to sites of one bus differ in one figure, what a block
    draws there. The loads that a snapshot can serve are a convex set, so where it serves the
    smallest and the largest of them it serves all.
    """
    if grid is None:
        return
    sites = np.flatnonzero(moves.base == place)
    option, giver = moves.option[sites], moves.giver[sites]
    many, year = problem.blocks_min[option], problem.option_year[option]
    key = np.stack([giver, problem.option_bus[option], many, year])
    _, group = np.unique(key, axis=1, return_inverse=True)
    draws = problem.facility_mw[option]
    ends: list[list[Ints]] = []
    for number in range(group.max(initial=-1) + 1):
        same = np.flatnonzero(group == number)
        two = {int(sites[same[find(draws[same])]]) for find in (np.argmin, np.argmax)}
        ends.append([moves.plan(problem, bases, site) for site in sorted(two)])
    if not broken_limits(problem, grid, [plan for plans in ends for plan in plans]):
        return
    for number, plans in enumerate(ends):
        if broken_limits(problem, grid, plans):
            same = np.flatnonzero(group == number)
            moves.cost[sites[same]], moves.base[sites[same]] = np.inf, -1
