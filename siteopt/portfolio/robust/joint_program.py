"""Joint program: the plans that meet the limits of every variant, at any weights of their costs.

Sites, blocks and connections are the first stage, decided before it is known which variant comes;
nothing is left to decide after that, but for the supply of matched energy. The feasible set is the
intersection of those of all variants. Bounds on blocks are intersected beforehand; rows of the
variants are generated where a plan violates one (delayed row generation), so what is proven of the
joint program without them holds with them too.

Birge and Louveaux, Introduction to stochastic programming (2011), chapters 1 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import SolverError
from siteopt.portfolio import constraints
from siteopt.portfolio.constraints import flows
from siteopt.portfolio.constraints.variants import with_cap, without_waiting
from siteopt.portfolio.problem.problem import NO_LIMIT
from siteopt.portfolio.robust.fixed_plan import total_cost
from siteopt.portfolio.robust.joint_energy import JointGrid, energy_cut
from siteopt.portfolio.search.grid_oracle import broken_limits, with_limits
from siteopt.portfolio.search.lazy_flow_limits import solve_on_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.constraints import Rows
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.robust.variant_program import VariantProgram
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.portfolio.solver.deadline import Deadline
    from siteopt.scenario import Solver

__all__ = ["Cap", "JointPlan", "JointProgram", "left_out"]

_SLACK: Final = 1e-7  # relative; sums of floats, not leniency
_ROUNDS: Final = 60


@dataclass(frozen=True, eq=False)
class Cap:
    """A limit on what is built: ``fixed @ opened + each @ blocks <= most``, over all options."""

    fixed: Floats
    each: Floats
    most: float


@dataclass(frozen=True, eq=False)
class JointPlan:
    """The best plan of the joint program at some weights."""

    blocks: Ints
    """(O,) by option of the joint problem."""
    steps: pd.DataFrame
    """`Plan.steps`, by the costs of the first variant."""
    costs_bn_krw: Floats
    """(V,) cost in each variant, computed from the plan."""
    objective: float
    """Weighted cost."""
    bound: float
    """Proven bound on the weighted cost of any plan of the joint program."""


def left_out(programs: Sequence[VariantProgram]) -> dict[str, str]:
    """Return which variants the joint program cannot state exactly beside the first, and why.

    Parameters
    ----------
    programs : sequence of VariantProgram
        Those with matched energy decide at which loads it is priced, so the first of them counts
        as the first of all.
    """
    if not programs:
        return {}
    first = _first(programs)
    found = {}
    for other in programs:
        why = _difference(first, other)
        if why:
            found[other.name] = why
    return found


def _first(programs: Sequence[VariantProgram]) -> VariantProgram:
    return next((one for one in programs if one.is_matched), programs[0])


def _difference(first: VariantProgram, other: VariantProgram) -> str:
    """Return why two variants have no joint program; nothing where they have one."""
    mine, theirs = first.problem, other.problem
    reasons = {
        "its objective is no cost": theirs.objective != "cost",
        "its years differ": not np.array_equal(mine.years, theirs.years),
        "its blocks differ in size": mine.block_mw != theirs.block_mw,
        "its sites may grow where others may not, or the other way round": mine.grows
        != theirs.grows,
        "it has no connection in common": not np.isin(theirs.option_id, mine.option_id).any(),
    }
    found = next((reason for reason, holds in reasons.items() if holds), "")
    if found or not other.is_matched or _same_loads(mine, theirs):
        return found
    return "its energy is matched at other loads"


def _same_loads(mine: Problem, theirs: Problem) -> bool:
    """Return whether common options draw the same contract power at the same buses."""
    own, place = _places(theirs), _places(mine)
    shared = sorted(own.keys() & place.keys())
    here, there = (np.array([of[key] for key in shared], dtype=np.int64) for of in (place, own))
    return (
        np.array_equal(mine.bus_id, theirs.bus_id)
        and np.array_equal(mine.option_bus[here], theirs.option_bus[there])
        and np.allclose(mine.facility_mw[here], theirs.facility_mw[there], rtol=1e-12)
    )


def _places(problem: Problem) -> dict[tuple[str, int], int]:
    """Return the place of each option by its id and year."""
    years = problem.years[problem.option_year]
    keys = zip(problem.option_id.tolist(), years.tolist(), strict=True)
    return {key: place for place, key in enumerate(keys)}


@dataclass(eq=False)
class JointProgram:
    """The joint program of some variants; rows of theirs that were met are kept."""

    programs: tuple[VariantProgram, ...]
    """The first decides what options cost in tables."""
    problem: Problem
    """Common options, with the intersection of all bounds, and the rows of the first."""
    parts: tuple[Problem, ...]
    """(V,) the problem of each variant with the common options only."""
    rows: list[Cap] = field(default_factory=list)
    """Rows of the variants that plans violated."""
    _whole_rows: dict[int, Rows] = field(default_factory=dict)

    @classmethod
    def of(cls, programs: Sequence[VariantProgram]) -> JointProgram:
        """Return the joint program of variants that can have one (`left_out`).

        Parameters
        ----------
        programs : sequence of VariantProgram
            At least one.
        """
        first = _first(programs)
        ordered = (first, *(one for one in programs if one is not first))
        places = [_places(one.problem) for one in ordered]
        common = set(places[0]).intersection(*places[1:])
        kept = sorted(common, key=places[0].__getitem__)
        parts = tuple(
            without_waiting(
                one.problem.take(np.array([place[key] for key in kept], dtype=np.int64))
            )
            for one, place in zip(ordered, places, strict=True)
        )
        made = cls(ordered, _intersection(parts), parts)
        for number, one in enumerate(ordered):
            if one.flow_limits is not None:
                made.rows += _flow_caps(parts[number], one.flow_limits)
        return made

    def costs(self, blocks: Ints) -> Floats:
        """Return what a plan costs in each variant, (V,) in bn KRW.

        Parameters
        ----------
        blocks : ndarray of int
            (O,) by option of the joint problem.
        """
        pairs = zip(self.parts, self.programs, strict=True)
        return np.array([total_cost(part, one.grid, blocks) for part, one in pairs])

    def lower_bounds(self, blocks: Ints, variant: int) -> Cap:
        """Return a linear function below the cost of a variant that meets it at a plan.

        Parameters
        ----------
        blocks : ndarray of int
            (O,) the plan.
        variant : int
            Its number.

        Returns
        -------
        Cap
            Cost >= ``fixed @ opened + each @ blocks - most``.
        """
        part, one = self.parts[variant], self.programs[variant]
        constant, each = energy_cut(part, one.grid, blocks)
        return Cap(part.worth_fixed, part.worth_block + each, -constant)

    def solve(
        self, weights: Floats, settings: Solver, deadline: Deadline, caps: Sequence[Cap] = ()
    ) -> JointPlan | None:
        """Return the plan of least weighted cost; None where it is proven that there is none.

        Parameters
        ----------
        weights : ndarray of float
            (V,) of the costs of the variants, not negative.
        settings : Solver
            Which solver, at which gap.
        deadline : Deadline
            By when.
        caps : sequence of Cap
            Further limits.

        Raises
        ------
        SolverError
            If the time or the rounds passed without any plan.
        """
        stated = self._weighted(weights)
        grid = JointGrid.of(self.programs, weights, self._grids_of_the_same_loads())
        for _ in range(_ROUNDS):
            asked = _with_caps(stated, [*self.rows, *caps])
            left = settings.model_copy(update={"time_limit_s": max(deadline.left, 1.0)})
            known, plan = solve_on_grid(asked, left, grid)
            self.rows += _flow_caps(self.parts[0], known)
            if plan is None:
                return None
            new = self._violated(plan.blocks)
            if not new:
                costs = self.costs(plan.blocks)
                steps = plan.steps(self.parts[0])
                worth = float(weights @ costs)
                return JointPlan(plan.blocks, steps, costs, worth, min(plan.bound, worth))
            self.rows += new
        raise SolverError(
            f"no plan within the limits of all variants in {_ROUNDS} rounds; raise solver.time_limit_s"
        )

    def _grids_of_the_same_loads(self) -> list[GridLike]:
        """Return the grids of variants that draw what the joint problem draws, each once."""
        first = self.problem
        found: dict[int, GridLike] = {}
        for part, one in zip(self.parts, self.programs, strict=True):
            if (
                one.grid is not None
                and len(first.bus_id)
                and np.array_equal(part.bus_id, first.bus_id)
                and np.array_equal(part.option_bus, first.option_bus)
                and np.array_equal(part.facility_mw, first.facility_mw)
            ):
                found[id(one.grid)] = one.grid
        return list(found.values())

    def _weighted(self, weights: Floats) -> Problem:
        """Return the joint problem with the weighted cost as its objective."""
        fixed, each = (
            np.sum(
                [w * getattr(part, name) for w, part in zip(weights, self.parts, strict=True)], 0
            )
            for name in ("worth_fixed", "worth_block")
        )
        return replace(self.problem, worth_fixed=fixed, worth_block=each)

    def _violated(self, blocks: Ints) -> list[Cap]:
        """Return the rows of all variants that a plan violates, flow limits where no other."""
        found: list[Cap] = []
        for number in range(len(self.parts)):
            found += self._violated_rows(number, blocks)
        if found:
            return found
        for part, one in zip(self.parts, self.programs, strict=True):
            limits = [] if one.grid is None else broken_limits(part, one.grid, [blocks])
            if limits:
                found += _flow_caps(part, with_limits(part, limits))
        return found

    def _violated_rows(self, number: int, blocks: Ints) -> list[Cap]:
        part = self.parts[number]
        if number not in self._whole_rows:
            self._whole_rows[number] = constraints.join(
                [
                    constraints.all_rows(part, without=("provinces", "energy")),
                    constraints.provinces.share_rows(part),
                ]
            )
        rows = self._whole_rows[number]
        activity = rows.activity(blocks, part)
        slack = _SLACK * (1.0 + np.abs(activity))
        above = np.flatnonzero(activity > rows.upper + slack)
        below = np.flatnonzero(activity < rows.lower - slack)
        return [
            *(_cap(part, rows, int(row), 1.0) for row in above),
            *(_cap(part, rows, int(row), -1.0) for row in below),
        ]


def _cap(part: Problem, rows: Rows, row: int, sign: float) -> Cap:
    """Return a row as a limit over options: a site is chosen where one of its options opens it."""
    of_sites = rows.w[[row]].toarray()[0][part.option_site]
    fixed = sign * (rows.y[[row]].toarray()[0] + of_sites)
    each = sign * rows.n[[row]].toarray()[0]
    return Cap(fixed, each, float(rows.upper[row] if sign > 0 else -rows.lower[row]))


def _flow_caps(part: Problem, known: Problem) -> list[Cap]:
    """Return the flow limits that a problem knows as limits over the options of a part of it."""
    if not known.flow_name:
        return []
    limits = replace(
        part,
        flow_name=known.flow_name,
        flow_price=known.flow_price,
        flow_most_mw=known.flow_most_mw,
        flow_year=known.flow_year,
    )
    each = flows.weights(limits)
    nothing = np.zeros(part.options)
    return [
        Cap(nothing, each[[row]].toarray()[0], float(known.flow_most_mw[row]))
        for row in range(len(known.flow_name))
    ]


def _with_caps(problem: Problem, caps: Sequence[Cap]) -> Problem:
    for number, cap in enumerate(caps):
        problem = with_cap(problem, f"variant row {number + 1}", cap.fixed, cap.each, cap.most)
    return problem


def _intersection(parts: Sequence[Problem]) -> Problem:
    """Return the first problem with the bounds on options, sites and the plan of all of them."""
    first = parts[0]

    def least(name: str) -> Ints:
        found: Ints = np.min([getattr(part, name) for part in parts], axis=0)
        return found

    def most(name: str) -> Ints:
        found: Ints = np.max([getattr(part, name) for part in parts], axis=0)
        return found

    def named(name: str) -> set[str]:
        return {str(site) for part in parts for site in part.site_id[getattr(part, name)]}

    return replace(
        first,
        target_blocks=most("target_blocks"),
        target_most_blocks=min(part.target_most_blocks for part in parts),
        ahead_blocks=np.full_like(first.ahead_blocks, NO_LIMIT),
        spacing_m=max(part.spacing_m for part in parts),
        province_count_min=max(part.province_count_min for part in parts),
        site_must=np.isin(first.site_id, sorted(named("site_must"))),
        site_excluded=np.isin(first.site_id, sorted(named("site_excluded"))),
        blocks_min=most("blocks_min"),
        blocks_max=least("blocks_max"),
        blocks_land=least("blocks_land"),
        option_opens=np.all([part.option_opens for part in parts], axis=0),
        option_late=np.any([part.option_late for part in parts], axis=0),
    )
