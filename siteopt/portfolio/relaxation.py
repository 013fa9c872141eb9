"""The linear relaxation, column by column, and the bound that any of its duals prove.

The pair {blocks_min y <= n <= blocks_max y} is a cone with two rays, so an option becomes two
columns, "built at its fewest blocks" and "built at its most", and no linking row is needed.
Columns are priced in numpy and added as long as one could improve the optimum; cliques of
conflicting sites are added as long as one is violated, each grown to a maximal one over all
sites. The bound needs neither convergence nor the solver's tolerances: for duals pi of the
right sign,

    cost of any plan >= pi . right side + sum over sites of min(0, least reduced cost of its
    options) + sum over own variables x of their least reduced cost within bounds.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import highspy
import numpy as np
from scipy import sparse

from siteopt.errors import SolverError
from siteopt.portfolio import cliques, families
from siteopt.portfolio.model import Arrays
from siteopt.portfolio.solver import handle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.portfolio.problem import Problem

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["SHORT", "Bound", "Relaxation", "without_cost"]

SHORT = 1e-6
"""A required limit that the relaxation misses by more is out of reach."""

_ROUNDING = 1e-9  # relative; what is taken off a bound for float arithmetic
_VIOLATED = 1e-6
_FORCED = 0  # row that holds the site forced in, if any
_ROUNDS = 200
_COLUMNS_A_ROUND = 1500
_CLIQUES_A_ROUND = 60


@dataclass(frozen=True, eq=False)
class Bound:
    """What one set of duals proves."""

    value: float
    """Every plan costs at least this."""
    site_least: Floats
    """(S,) least reduced cost of the options of a site; may be negative."""
    option_cost: Floats
    """(O,) reduced cost of an option at its better end."""
    beyond: Floats
    """(O,) a plan that builds option o costs at least ``value + beyond[o]``."""


def without_cost(problem: Problem) -> Problem:
    """Return the problem with nothing to pay, so that only what is missing has a cost.

    A bound above `SHORT` on it proves that no plan meets all limits.
    """
    nothing = np.zeros(problem.options)
    return replace(problem, worth_fixed=nothing, worth_block=nothing)


class Relaxation:
    """The relaxation of a problem whose options are all open, with a kept HiGHS handle."""

    def __init__(self, problem: Problem, rows: families.Rows | None = None) -> None:
        """Begin with the rows of all families but spacing, or with other ones."""
        self.problem = problem
        own = families.all_rows(problem, without=("spacing",)) if rows is None else rows
        force = families.rows(problem, ["forced"], 0.0, np.inf)
        self.rows = families.join([force, own])
        self.conflicts = cliques.conflicts(problem.site_x_m, problem.site_y_m, problem.spacing_m)
        self.of_option = problem.option_site
        self._y = sparse.csc_array(self.rows.y)
        self._n = sparse.csc_array(self.rows.n)
        self._w = sparse.csc_array(self.rows.w)
        self._cliques: list[Ints] = []
        self._members = sparse.csc_array((0, problem.sites), dtype=np.float64)
        self._ends = np.stack([problem.blocks_min, problem.blocks_max])
        self._active = np.zeros((2, problem.options), dtype=np.bool_)
        self._column_option: list[int] = []
        self._column_end: list[int] = []
        each = np.abs(problem.worth_fixed) + np.abs(problem.worth_block)
        self._penalty = 10.0 * max(float(np.max(each, initial=0.0)), 0.1)
        self._banned = np.zeros(problem.sites, dtype=np.bool_)
        self._forced = -1
        self.iterations = 0
        self._highs = self._start()

    def _start(self) -> highspy.Highs:
        """Return a handle with the families' rows, their own variables and artificials."""
        need = np.flatnonzero((self.rows.lower > 0) | (np.arange(len(self.rows)) == _FORCED))
        artificial = sparse.csc_array(
            (np.ones(len(need)), (need, np.arange(len(need)))), shape=(len(self.rows), len(need))
        )
        extras = self.rows.extras
        self._first = len(extras) + len(need)
        arrays = Arrays(
            cost=np.array([*[e.cost for e in extras], *[self._penalty] * len(need)], dtype=float),
            lower=np.array([*[e.lower for e in extras], *[0.0] * len(need)], dtype=float),
            upper=np.array([*[e.upper for e in extras], *[np.inf] * len(need)], dtype=float),
            integer=np.zeros(self._first, dtype=np.bool_),
            matrix=sparse.csc_array(sparse.hstack([sparse.csc_array(self.rows.x), artificial])),
            row_lower=self.rows.lower,
            row_upper=self.rows.upper,
        )
        self._artificials = slice(len(extras), self._first)
        return handle(arrays, threads=1, presolve="off", solver="simplex")

    def solve(self, enough: float = np.inf, seconds: float = np.inf) -> Bound:
        """Solve to the end, or until a bound is enough or time is up.

        Parameters
        ----------
        enough : float
            A bound above it says all that is asked.
        seconds : float
            Wall seconds, from the second round on.

        Returns
        -------
        Bound
            The best one met on the way; it holds wherever the work stopped.
        """
        begun = time.perf_counter()
        self._add(self._cheapest())
        best: Bound | None = None
        for _ in range(_ROUNDS):
            value, primal, dual = self._run()
            bound = self._price(dual)
            if best is None or bound.value > best.value:
                best = bound
            if best.value > enough or time.perf_counter() - begun > seconds:
                break
            added = self._add(self._improving(bound))
            cut = 0
            if not added:
                cut = self._separate(primal, bound)
            if not added and not cut:
                break
        if best is None:
            raise SolverError("the relaxation was not solved; this is a defect, please report it")
        self.value, self.primal, self.dual = value, primal, dual
        return best

    def solve_with(self, site: int) -> Bound:
        """Return a bound on the plans that choose a site, and put the relaxation back."""
        near = self._near(site)
        self._forced = site
        own = self._columns_of(np.array([site]))
        for column in own:
            self._highs.changeCoeff(_FORCED, int(column), 1.0)
        self._highs.changeRowBounds(_FORCED, 1.0, np.inf)
        self.rows.lower[_FORCED] = 1.0
        bound = self._without(near)
        self.rows.lower[_FORCED] = 0.0
        self._highs.changeRowBounds(_FORCED, 0.0, np.inf)
        for column in self._columns_of(np.array([site])):
            self._highs.changeCoeff(_FORCED, int(column), 0.0)
        self._forced = -1
        return bound

    def solve_without(self, site: int) -> Bound:
        """Return a bound on the plans that do not choose a site, and put the relaxation back."""
        return self._without(np.array([site], dtype=np.int64))

    def _without(self, sites: Ints) -> Bound:
        self._banned[sites] = True
        closed = self._columns_of(sites)
        for column in closed:
            self._highs.changeColBounds(int(column), 0.0, 0.0)
        bound = self.solve()
        for column in closed:
            self._highs.changeColBounds(int(column), 0.0, 1.0)
        self._banned[sites] = False
        return bound

    def _columns_of(self, sites: Ints) -> Ints:
        """Return the HiGHS columns of some sites."""
        columns = np.array(self._column_option, dtype=np.int64)
        return np.flatnonzero(np.isin(self.of_option[columns], sites)) + self._first

    @property
    def artificial(self) -> float:
        """How much of the required limits the relaxation could not meet, in their own units."""
        return float(self.primal[self._artificials].sum())

    def blocks(self) -> Floats:
        """Return the blocks of each option (O,) in the solution, in parts."""
        end, option = np.array(self._column_end, dtype=np.int64), self._column_option
        built = self.primal[self._first : self._first + len(option)]
        blocks = np.zeros(self.problem.options)
        np.add.at(blocks, option, built * self._ends[end, option])
        return blocks

    @property
    def columns(self) -> int:
        """Number of columns priced in so far."""
        return len(self._column_option)

    def _run(self) -> tuple[float, Floats, Floats]:
        self._highs.run()
        self.iterations += 1
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._highs.clearSolver()  # a basis that has lost its way; from scratch it finds one
            self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            name = self._highs.modelStatusToString(self._highs.getModelStatus())
            raise SolverError(f"HiGHS did not solve the relaxation ({name})")
        solution = self._highs.getSolution()
        value = float(self._highs.getInfo().objective_function_value)
        return value, np.array(solution.col_value), np.array(solution.row_dual)

    def _cheapest(self) -> Bools:
        """Return the columns to begin with: the cheapest a block, nationwide and by province."""
        problem = self.problem
        most = np.maximum(problem.blocks_max, 1)
        price = problem.worth_fixed / most + problem.worth_block
        order = np.argsort(price, kind="stable")
        _, first = np.unique(self.of_option[order], return_index=True)
        order = order[np.sort(first)]
        province = problem.site_province[self.of_option[order]]
        place = np.zeros(len(order), dtype=np.int64)
        for code in np.unique(province):
            place[province == code] = np.arange(np.count_nonzero(province == code))
        picked = order[(np.arange(len(order)) < 150) | (place < 5)]  # noqa: PLR2004 - a start
        wanted = np.zeros_like(self._active)
        wanted[:, picked] = True
        return wanted

    def _price(self, dual: Floats) -> Bound:
        """Return the bound that duals prove, priced over all options."""
        problem, rows, count = self.problem, self.rows, len(self.rows)
        pi = dual[:count].copy()
        pi[(pi > 0) & ~np.isfinite(rows.lower)] = 0.0
        pi[(pi < 0) & ~np.isfinite(rows.upper)] = 0.0
        sides = np.where(pi > 0, rows.lower, rows.upper)
        used = pi != 0
        total = float(pi[used] @ sides[used])
        site_price = np.asarray(self._w.T @ pi)
        clique_pi = np.minimum(dual[count:], 0.0)
        if clique_pi.size:
            total += float(clique_pi.sum())
            site_price += np.asarray(self._members.T @ clique_pi)
        if self._forced >= 0:
            site_price[self._forced] += pi[_FORCED]
        fixed = problem.worth_fixed - self._y.T @ pi - site_price[self.of_option]
        each = problem.worth_block - self._n.T @ pi
        cost = fixed + np.minimum(each * self._ends[0], each * self._ends[1])
        cost[self._banned[self.of_option]] = np.inf
        least = np.full(problem.sites, np.inf)
        np.minimum.at(least, self.of_option, cost)
        if self._forced >= 0:  # built in any case: what it costs counts, not only what it gains
            total += max(float(least[self._forced]), 0.0)
        total += float(np.minimum(least, 0.0).sum())
        if rows.extras:
            own = np.array([e.cost for e in rows.extras]) - rows.x.T @ pi
            low = np.array([e.lower for e in rows.extras])
            high = np.array([e.upper for e in rows.extras])
            total += float(np.where(own > 0, own * low, np.where(own < 0, own * high, 0.0)).sum())
        self._each, self._fixed = each, fixed
        floor = np.minimum(least, 0.0)
        if self._forced >= 0:
            floor[self._forced] = least[self._forced]
        beyond = np.maximum(cost - floor[self.of_option], 0.0)
        return Bound(total - _ROUNDING * abs(total), least, cost, beyond)

    def _improving(self, bound: Bound) -> Bools:
        """Return the columns to add: of every site its best one, where it could improve."""
        low = 1e-7 * max(1.0, self._penalty / 10)
        cost = bound.option_cost
        best = np.flatnonzero((cost < -low) & (cost <= bound.site_least[self.of_option]))
        best = best[np.argsort(cost[best], kind="stable")][:_COLUMNS_A_ROUND]
        wanted = np.zeros_like(self._active)
        larger = (self._each[best] < 0) & (self._ends[0, best] < self._ends[1, best])
        wanted[larger.astype(np.int64), best] = True
        return wanted & ~self._active

    def _add(self, wanted: Bools) -> int:
        """Add columns that are not there yet."""
        end, option = np.nonzero(wanted & ~self._active)
        same = (end == 1) & (self._ends[0, option] == self._ends[1, option])
        end, option = end[~same], option[~same]
        if not option.size:
            return 0
        blocks = self._ends[end, option].astype(np.float64)
        site = self.of_option[option]
        part = (
            self._y[:, option]
            + self._n[:, option] @ sparse.diags_array(blocks)
            + self._w[:, site]
            + families.incidence(np.where(site == self._forced, _FORCED, -1), len(self.rows))
        )
        full = sparse.csc_array(sparse.vstack([part, self._members[:, site]]))
        problem = self.problem
        cost = problem.worth_fixed[option] + blocks * problem.worth_block[option]
        count = len(option)
        self._highs.addCols(
            count,
            cost,
            np.zeros(count),
            np.ones(count),
            full.nnz,
            full.indptr[:-1].astype(np.int32),
            full.indices.astype(np.int32),
            full.data,
        )
        self._active[end, option] = True
        self._active[1, option] |= self._ends[0, option] == self._ends[1, option]
        self._column_option.extend(option.tolist())
        self._column_end.extend(end.tolist())
        return count

    def _separate(self, primal: Floats, bound: Bound) -> int:
        """Add maximal cliques that the solution violates."""
        weight = np.zeros(self.problem.sites)
        columns = np.array(self._column_option, dtype=np.int64)
        np.add.at(weight, self.of_option[columns], primal[self._first :])
        support = np.flatnonzero(weight > _VIOLATED)
        support = support[np.argsort(-weight[support], kind="stable")]
        found: dict[tuple[int, ...], Ints] = {}
        for site in support:
            clique = self._grow([int(site)], support, -weight)
            if weight[clique].sum() <= 1 + _VIOLATED:
                continue
            clique = self._grow(clique, None, bound.site_least)
            found.setdefault(tuple(sorted(clique)), np.array(sorted(clique), dtype=np.int64))
            if len(found) >= _CLIQUES_A_ROUND:
                break
        for grown in found.values():
            self._add_clique(grown)
        return len(found)

    def _grow(self, members: list[int], within: Ints | None, order: Floats) -> list[int]:
        """Return a clique grown greedily, lowest ``order`` first, within some sites or all."""
        members = list(members)
        pool: Ints | None = None
        for member in members:
            near = self._near(member)
            pool = near if pool is None else np.intersect1d(pool, near, assume_unique=True)
        if pool is None:
            return members
        if within is not None:
            pool = np.intersect1d(pool, within, assume_unique=True)
        pool = pool[np.argsort(order[pool], kind="stable")]
        while pool.size:
            pick = int(pool[0])
            members.append(pick)
            pool = pool[np.isin(pool, self._near(pick), assume_unique=True)]
        return members

    def _near(self, site: int) -> Ints:
        graph = self.conflicts
        near: Ints = graph.indices[graph.indptr[site] : graph.indptr[site + 1]].astype(np.int64)
        return near

    def _add_clique(self, clique: Ints) -> None:
        columns = np.array(self._column_option, dtype=np.int64)
        inside = np.flatnonzero(np.isin(self.of_option[columns], clique)) + self._first
        self._highs.addRow(-np.inf, 1.0, len(inside), inside.astype(np.int32), np.ones(len(inside)))
        self._cliques.append(clique)
        row = sparse.csc_array(
            (np.ones(len(clique)), (np.zeros(len(clique), dtype=np.int64), clique)),
            shape=(1, self.problem.sites),
        )
        self._members = sparse.csc_array(sparse.vstack([self._members, row]))
