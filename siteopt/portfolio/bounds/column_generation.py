"""Dantzig-Wolfe reformulation, solved by column generation, and its Lagrangian bound.

Dantzig and Wolfe (1960). The columns of a site are the extreme points of its set of openings and
blocks, the builds of `pricing`, so the linking rows (2) and (3) disappear from the master. Columns
are priced in numpy and added to the restricted master as long as one could improve its optimum;
cutting planes are added as long as they are violated: maximal cliques of the conflict graph,
mixed-integer roundings of single limits, then local cuts and odd holes. The bound needs neither
convergence nor the solver's tolerances: for duals pi of the right sign,

    cost of any plan >= pi . right side + sum over sites of min(0, least reduced cost of its
    builds) + sum over own variables x of their least reduced cost within bounds

(equation bound of docs/method.md).
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.errors import SolverError
from siteopt.highs import solve_warm
from siteopt.limit_key import LimitKey
from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.cut_pool import CutPool
from siteopt.portfolio.bounds.pricing import Builds, KnownBuilds, Pricing
from siteopt.portfolio.bounds.reduced_cost import (
    FEASIBILITY_TOLERANCE,
    Bound,
    Priced,
    duals_of,
    lagrangian_bound,
    without_cost,
)
from siteopt.portfolio.constraints import conflict_graph
from siteopt.portfolio.constraints.block_limits import block_limits
from siteopt.portfolio.constraints.cut_rows import Cut
from siteopt.portfolio.cuts.cliques import violated_cliques
from siteopt.portfolio.cuts.local_cuts import violated_local_cuts
from siteopt.portfolio.cuts.mir import violated_rounding_cuts
from siteopt.portfolio.cuts.odd_holes import violated_odd_holes
from siteopt.portfolio.solver.backends import handle
from siteopt.portfolio.solver.mip import Arrays

if TYPE_CHECKING:
    from collections.abc import Sequence

    import highspy

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.constraints.cut_rows import OptionCut
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["RestrictedMaster"]

_VIOLATED = 1e-6
_FORCED = 0  # row that holds the site forced in, if any
_ROUNDS = 200
_COLUMNS_A_ROUND = 1500
_CUTS_A_ROUND = 200
_HOLES_A_ROUND = 60
_ROUNDINGS_A_ROUND = 100
_ENTRIES = 20_000_000  # of cuts on options, some 400 MB; what comes after that is not taken
_DEEP_ROUNDS = 4  # of cuts beyond cliques, after which they must have gained ...
_DEEP_GAIN = 2e-5  # ... so much of the bound to go on


class RestrictedMaster:
    """The restricted master of a problem whose options are all open, with a kept HiGHS handle."""

    def __init__(
        self, problem: Problem, rows: constraints.Rows | None = None, *, rounding: bool = True
    ) -> None:
        """Begin with the rows of all families but spacing, or with other ones.

        Without ``rounding`` no limit is rounded, so that its duals are those of the rows alone.
        """
        self.problem = problem
        own = constraints.all_rows(problem, without=("spacing",)) if rows is None else rows
        self._own_rows = own
        self._phase_one: RestrictedMaster | None = None
        force = constraints.rows(problem, [LimitKey("forced")], 0.0, np.inf)
        self.rows = constraints.join([force, own])
        self.conflicts = conflict_graph.conflicts(
            problem.site_x_m, problem.site_y_m, problem.spacing_m
        )
        self.of_option = problem.option_site
        self._y = sparse.csc_array(self.rows.y)
        self._n = sparse.csc_array(self.rows.n)
        self._w = sparse.csc_array(self.rows.w)
        self._limits = block_limits(problem, self.rows) if rounding else []
        self.cuts = CutPool.of(problem, [])
        self._values: list[float] = []
        self._asked = False
        self._pricing = Pricing(problem)
        self._known = KnownBuilds()
        self._openers = np.empty(0, dtype=np.int64)
        self._builds: list[Builds] = []
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
            (np.ones(len(need)), (need, np.arange(len(need)))),
            shape=(len(self.rows), len(need) + 1),  # the last one is for cuts
        )
        extras, artificials = self.rows.extras, len(need) + 1
        self._first = len(extras) + artificials
        dear = self._penalty * max(float(np.max(self.problem.target_blocks, initial=1)), 1.0)
        arrays = Arrays(
            cost=np.array([*[e.cost for e in extras], *[self._penalty] * len(need), dear]),
            lower=np.array([*[e.lower for e in extras], *[0.0] * artificials], dtype=float),
            upper=np.array([*[e.upper for e in extras], *[np.inf] * artificials], dtype=float),
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
            Stop once the bound exceeds it.
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
        self._asked = True
        self._banned[sites] = True
        closed = self._columns_of(sites)
        for column in closed:
            self._highs.changeColBounds(int(column), 0.0, 0.0)
        bound = self.solve()
        for column in closed:
            self._highs.changeColBounds(int(column), 0.0, 1.0)
        self._banned[sites] = False
        self._asked = False
        return bound

    def _columns_of(self, sites: Ints) -> Ints:
        """Return the HiGHS columns of some sites."""
        return np.flatnonzero(np.isin(self.of_option[self._openers], sites)) + self._first

    def proves_infeasible(self, seconds: float = np.inf, site: int = -1) -> bool:
        """Return whether phase one of the simplex method proves that no plan meets all limits.

        Evaluated only where the last solution has artificial variables above 0.

        Parameters
        ----------
        seconds : float
            Wall seconds.
        site : int
            Plans that choose this site are meant, -1 for any.
        """
        if self.artificial <= FEASIBILITY_TOLERANCE:
            return False
        if site < 0:
            bound = self._without_cost().solve(FEASIBILITY_TOLERANCE, seconds)
            return bound.value > FEASIBILITY_TOLERANCE
        if self._phase_one is None:  # kept: reused for one site after the other
            self._phase_one = self._without_cost()
            self._phase_one.solve()
        return self._phase_one.solve_with(site).value > FEASIBILITY_TOLERANCE

    def _without_cost(self) -> RestrictedMaster:
        extras = tuple(replace(extra, cost=0.0) for extra in self._own_rows.extras)
        return RestrictedMaster(without_cost(self.problem), replace(self._own_rows, extras=extras))

    @property
    def artificial(self) -> float:
        """How much of the required limits the relaxation could not meet, in their own units."""
        return float(self.primal[self._artificials].sum())

    def blocks(self) -> Floats:
        """Return the blocks of each option (O,) in the solution, in parts."""
        return self._blocks_of(self.primal[self._first : self._first + self.columns])

    def _blocks_of(self, built: Floats) -> Floats:
        blocks, first = np.zeros(self.problem.options), 0
        for added in self._builds:
            np.add.at(blocks, added.option, built[first + added.build] * added.blocks)
            first += len(added.opener)
        return blocks

    @property
    def columns(self) -> int:
        """Number of columns priced in so far."""
        return len(self._openers)

    def _run(self) -> tuple[float, Floats, Floats]:
        self.iterations += 1
        solve_warm(self._highs, "HiGHS did not solve the relaxation")
        solution = self._highs.getSolution()
        value = float(self._highs.getInfo().objective_function_value)
        return value, np.array(solution.col_value), np.array(solution.row_dual)

    def _cheapest(self) -> Builds:
        """Return the builds to begin with: the cheapest a block, nationwide and by province."""
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
        if problem.horizon > 1:  # in every year
            picked = np.flatnonzero(np.isin(problem.chain, problem.chain[picked]))
        return self._pricing.ends(picked)

    def _price(self, dual: Floats) -> Bound:
        """Return the bound that duals prove, priced over all options."""
        problem, rows, count = self.problem, self.rows, len(self.rows)
        pi, constant = duals_of(dual[:count], rows.lower, rows.upper)
        cut_pi = np.minimum(dual[count:], 0.0)
        of_cuts, cut_opening, cut_each = self.cuts.prices(cut_pi)
        site_price = np.asarray(self._w.T @ pi)
        if self._forced >= 0:
            site_price[self._forced] += pi[_FORCED]
        at_opening = self._y.T @ pi + cut_opening
        self._fixed = problem.worth_fixed - at_opening - site_price[self.of_option]
        self._each = problem.worth_block - self._n.T @ pi - cut_each
        extras = rows.extras
        priced = Priced(
            constant + of_cuts,
            self._fixed,
            self._each,
            np.array([e.cost for e in extras], dtype=np.float64) - rows.x.T @ pi,
            np.array([e.lower for e in extras], dtype=np.float64),
            np.array([e.upper for e in extras], dtype=np.float64),
        )
        return lagrangian_bound(
            problem,
            self._pricing,
            priced,
            closed=self._banned,
            forced=self._forced,
            cuts=self.cuts.resting(cut_pi),
        )

    def _improving(self, bound: Bound) -> Builds:
        """Return the builds to add: of every site and year the best one that could improve."""
        low = 1e-7 * max(1.0, self._penalty / 10)
        cost, years = bound.option_cost, self.problem.horizon
        least = bound.site_least[self.of_option]
        if years > 1:
            of_year = self.of_option * years + self.problem.option_year
            least_of_year = np.full(self.problem.sites * years, np.inf)
            np.minimum.at(least_of_year, of_year, cost)
            least = least_of_year[of_year]
        best = np.flatnonzero((cost < -low) & (cost <= least))
        best = best[np.argsort(cost[best], kind="stable")][:_COLUMNS_A_ROUND]
        return self._pricing.builds(self._fixed, self._each, best)

    def _add(self, wanted: Builds) -> int:
        """Add columns that are not there yet."""
        added = self._known.fresh(wanted)
        count, option = len(added.opener), added.opener
        if not count:
            return 0
        problem, site = self.problem, self.of_option[option]
        blocks = self._blocks(added)
        part = (
            self._y[:, option]
            + self._n @ blocks
            + self._w[:, site]
            + constraints.incidence(np.where(site == self._forced, _FORCED, -1), len(self.rows))
        )
        full = sparse.csc_array(sparse.vstack([part, self.cuts.of_builds(option, blocks)]))
        cost = problem.worth_fixed[option] + blocks.T @ problem.worth_block
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
        self._builds.append(added)
        self._openers = np.concatenate([self._openers, option])
        return count

    def _separate(self, primal: Floats, bound: Bound) -> int:
        """Add cuts that the solution violates: cliques, roundings, then local cuts and odd holes."""
        built = primal[self._first :]
        weight = np.zeros(self.problem.sites)
        np.add.at(weight, self.of_option[self._openers], built)
        question = (self.conflicts, weight, bound.site_least)
        alone = np.diff(self.conflicts.indptr) == 0
        found: list[Cut | OptionCut] = [
            Cut(np.array([site]), np.ones(1), 1.0)
            for site in np.flatnonzero(alone & (weight > 1.0 + _VIOLATED))
        ]
        found += violated_cliques(*question, _CUTS_A_ROUND)
        if not found and self._goes_deeper(bound.value):
            found += self._roundings(built)
            if not found and self.conflicts.nnz:
                found += violated_local_cuts(*question, _CUTS_A_ROUND)
                found = found or [*violated_odd_holes(*question, _HOLES_A_ROUND)]
        self._add_cuts(found)
        return len(found)

    def _roundings(self, built: Floats) -> list[OptionCut]:
        """Return the roundings of limits that the solution violates, as far as there is room."""
        if self.cuts.entries > _ENTRIES:
            return []
        opened = np.zeros(self.problem.options)
        np.add.at(opened, self._openers, built)
        blocks = self._blocks_of(built)
        return violated_rounding_cuts(self._limits, opened, blocks, _ROUNDINGS_A_ROUND)

    def _goes_deeper(self, value: float) -> bool:
        """Return whether to look for more than cliques: not for one site, not where it gains little."""
        if self._asked:
            return False
        self._values.append(value)
        if len(self._values) <= _DEEP_ROUNDS:
            return True
        gain = value - self._values[-1 - _DEEP_ROUNDS]
        return gain > _DEEP_GAIN * abs(value)

    def _near(self, site: int) -> Ints:
        graph = self.conflicts
        near: Ints = graph.indices[graph.indptr[site] : graph.indptr[site + 1]].astype(np.int64)
        return near

    def _add_cuts(self, cuts: Sequence[Cut | OptionCut]) -> None:
        """Add rows that every plan keeps."""
        if not cuts:
            return
        new = CutPool.of(self.problem, cuts)
        self.cuts = self.cuts.join(new)
        parts = [sparse.csc_array((len(cuts), 0), dtype=np.float64)]
        parts += [new.of_builds(added.opener, self._blocks(added)) for added in self._builds]
        full = sparse.csr_array(sparse.hstack(parts))
        for row, most in enumerate(new.most.tolist()):
            place = slice(full.indptr[row], full.indptr[row + 1])
            columns, values = full.indices[place] + self._first, full.data[place]
            if most < 0.0:  # nothing keeps it where a required limit is out of reach
                columns, values = np.append(columns, self._first - 1), np.append(values, most)
            self._highs.addRow(-np.inf, most, len(columns), columns.astype(np.int32), values)

    def _blocks(self, builds: Builds) -> sparse.csc_array[np.float64]:
        """Return the blocks (O, B) of builds."""
        return sparse.csc_array(
            (builds.blocks.astype(np.float64), (builds.option, builds.build)),
            shape=(self.problem.options, len(builds.opener)),
        )
