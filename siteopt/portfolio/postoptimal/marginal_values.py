"""What one more unit of every limit that binds is worth: the plan solved again with it moved.

The worth of a move is what the best plan costs less with it, all other limits held (negative where
the limit gets tighter). A relaxation of the moved problem comes first: where it proves that no
plan is better, the worth is 0, exactly. Otherwise the options that a better plan could have are
solved like those of the plan itself. A plan that the grid does not serve does not count.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.column_generation import Relaxation
from siteopt.portfolio.bounds.reduced_cost import SHORT, Bound, without_cost
from siteopt.portfolio.constraints._rows import key_columns
from siteopt.portfolio.postoptimal.perturbations import Perturbation, perturbations
from siteopt.portfolio.search.lazy_flow_limits import broken_limits, with_limits
from siteopt.portfolio.search.restricted_mips import search
from siteopt.portfolio.solver.backends import LEAN, Answer, Limits, solve_arrays
from siteopt.portfolio.solver.deadline import Clock
from siteopt.portfolio.solver.mip import program_arrays, whole_blocks

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.lazy_flow_limits import GridLike, HeldLimit
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Solver


__all__ = ["price_limits"]

_SECONDS: Final = 15.0
_FIRST: Final = 150
_FIRST_BETTER: Final = 60  # the same where the cost of a plan is known
_ROUNDS: Final = 5
"""Times that flow limits may turn up for one move."""

Proof = Literal["exact", "bounded", "no plan"]


@dataclass(frozen=True)
class _Worth:
    """What a move is worth, in the unit of the objective."""

    low: float
    high: float
    proof: Proof


def price_limits(
    problem: Problem,
    plan: Plan,
    settings: Solver,
    grid: GridLike | None = None,
    seconds: float = _SECONDS,
) -> pd.DataFrame:
    """Return what one more (or less) unit of every limit that binds is worth.

    Parameters
    ----------
    problem : Problem
        The one that the plan answers, with the flow limits that are known.
    plan : Plan
        Its best plan.
    settings : Solver
        Gap and cores.
    grid : GridLike, optional
        The grid whose flow limits plans must keep.
    seconds : float
        Wall seconds for all of it; what is not settled then is bounded.

    Returns
    -------
    DataFrame
        One row a perturbation: its key (`LimitKey`), ``first_year`` (in which it binds),
        ``moved_by``, ``unit``, ``worth_bn_krw`` (NaN where not exact), ``proof`` ('exact';
        'bounded'; 'no plan' where none meets the moved limit), ``worth_low_bn_krw``,
        ``worth_high_bn_krw`` (-inf and inf where not known). The names end in ``suitable_mw``
        where suitability is maximised. Exact means within the gap of the plan.
    """
    clock = Clock(seconds)
    moved = perturbations(problem, plan)

    def one(move: Perturbation) -> _Worth:
        return _worth(move, plan, settings, grid, clock)

    with ThreadPoolExecutor(settings.threads) as pool:
        found = list(pool.map(one, moved))
    unit = problem.unit
    exact = [worth.low if worth.proof == "exact" else np.nan for worth in found]
    columns: dict[str, Any] = {
        "first_year": np.array([move.year for move in moved], dtype=np.int64),
        "moved_by": np.array([move.moved_by for move in moved], dtype=np.float64),
        "unit": pd.Series([move.unit for move in moved], dtype=str),
        f"worth_{unit}": np.array(exact, dtype=np.float64),
        "proof": pd.Series([worth.proof for worth in found], dtype=str),
        f"worth_low_{unit}": np.array([worth.low for worth in found], dtype=np.float64),
        f"worth_high_{unit}": np.array([worth.high for worth in found], dtype=np.float64),
    }
    return key_columns([move.key for move in moved]).assign(**columns)


def _worth(
    move: Perturbation, plan: Plan, settings: Solver, grid: GridLike | None, clock: Clock
) -> _Worth:
    """Return what a move is worth, with the flow limits that its plans break."""
    held: list[HeldLimit] = []
    ceiling = plan.objective if move.loosens else np.inf
    floor = 0.0 if move.loosens else -np.inf
    most = np.inf
    for _ in range(_ROUNDS):
        problem = with_limits(move.problem, held)
        cost, bound, blocks = _best(problem, ceiling, settings, clock)
        if np.isinf(bound) and bound > 0 and not move.loosens:
            return _Worth(-np.inf, -np.inf, "no plan")
        most = min(most, max(plan.objective - bound, floor))
        gain = max(plan.objective - cost, floor)
        if blocks is None or (move.loosens and gain <= SHORT):  # none better, or none in time
            return _settled(floor, most, plan, settings)
        if move.loosens and not move.certain:
            return _Worth(floor, most, "bounded")
        broken = [] if grid is None else broken_limits(problem, grid, [blocks])
        if not broken:
            return _settled(gain, most, plan, settings)
        held.extend(broken)
    return _Worth(floor, most, "bounded")


def _settled(low: float, high: float, plan: Plan, settings: Solver) -> _Worth:
    """Return a worth that is exact where its bounds are within the gap of the plan."""
    gap = 2 * max(settings.gap * abs(plan.objective), SHORT)
    exact = plan.status == "optimal" and high - low <= gap
    return _Worth(low, low if exact else high, "exact" if exact else "bounded")


def _best(
    problem: Problem, ceiling: float, settings: Solver, clock: Clock
) -> tuple[float, float, Ints | None]:
    """Return cost, bound and blocks of the best plan below a ceiling; inf bound: there is none."""
    kept = problem.open_options()
    part = problem.take(kept)
    if part.options == 0:
        return np.inf, np.inf, None
    relaxation = Relaxation(part)
    bound: Bound = relaxation.solve(ceiling, max(clock.left, 0.05))
    if bound.value >= ceiling:
        return np.inf, ceiling, None
    if relaxation.artificial > SHORT:
        free = Relaxation(without_cost(part)).solve(SHORT, max(clock.left, 0.05))
        if free.value > SHORT:
            return np.inf, np.inf, None
    if clock.left <= 0:
        return np.inf, bound.value, None

    def program(
        chosen: Ints, begin: Ints | None, seconds: float, threshold: float
    ) -> tuple[Answer, Ints | None]:
        del begin
        small = part.take(chosen)
        limits = Limits(gap=settings.gap / 2, seconds=seconds, cutoff=threshold)
        rows = constraints.with_cuts(small, bound.cuts, part, chosen)
        answer = solve_arrays(program_arrays(small, rows), limits, **LEAN)
        return answer, None if answer.values is None else whole_blocks(small, answer.values)  # noqa: PD011 - no frame

    first = _FIRST_BETTER if np.isfinite(ceiling) else _FIRST
    found = search(part, bound, program, clock, settings.gap, first, ceiling)
    if found.blocks is None:
        none = found.proven and np.isinf(found.bound)
        return np.inf, np.inf if none else min(found.bound, ceiling), None
    blocks = np.zeros(problem.options, dtype=np.int64)
    blocks[kept] = found.blocks
    return found.objective, found.bound, blocks
