"""Marginal values (shadow prices) of the binding limits, by finite differences over integer plans.

The marginal value of a limit is the cost reduction of the optimum when the limit is perturbed by
one unit and all others are held (negative where it is tightened). The relaxation of the perturbed
problem comes first: where it proves that no plan is better, the value is exactly 0. Otherwise the
options that reduced-cost fixing leaves are re-optimized. A plan that violates a flow limit of the
grid does not count.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from siteopt.portfolio.bounds.column_generation import RestrictedMaster
from siteopt.portfolio.bounds.reduced_cost import FEASIBILITY_TOLERANCE
from siteopt.portfolio.constraints._rows import key_columns
from siteopt.portfolio.postoptimal.perturbations import Perturbation, perturbations
from siteopt.portfolio.problem.restriction import Restriction
from siteopt.portfolio.search.energy_cuts import missing_cuts, with_cuts
from siteopt.portfolio.search.grid_oracle import broken_limits, with_limits
from siteopt.portfolio.search.restricted_mips import RestrictedMip, kernel_search
from siteopt.portfolio.solver.backends import PROOF_ONLY, Limits
from siteopt.portfolio.solver.deadline import Deadline

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.energy_cuts import EnergyCut
    from siteopt.portfolio.search.grid_oracle import GridLike, HeldLimit
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario import Solver


__all__ = ["marginal_values"]

_SECONDS: Final = 15.0
_FIRST: Final = 150
_FIRST_BETTER: Final = 60  # the same where the cost of a plan is known
_ROUNDS: Final = 5
"""Rounds of lazy flow limits per perturbation."""

Proof = Literal["exact", "bounded", "no plan"]


@dataclass(frozen=True)
class _MarginalValue:
    """Bounds on a marginal value, in the unit of the objective."""

    low: float
    high: float
    proof: Proof


def marginal_values(
    problem: Problem,
    plan: Plan,
    settings: Solver,
    grid: GridLike | None = None,
    seconds: float = _SECONDS,
) -> pd.DataFrame:
    """Return the marginal value of every binding limit, loosened and tightened by one unit.

    Parameters
    ----------
    problem : Problem
        The problem of the plan, with its separated flow limits.
    plan : Plan
        Its best plan.
    settings : Solver
        Gap and cores.
    grid : GridLike, optional
        The grid whose flow limits plans must keep.
    seconds : float
        Wall seconds for all perturbations; values open then are bounded.

    Returns
    -------
    DataFrame
        One row a perturbation: its key (`LimitKey`), ``first_year`` (in which it binds),
        ``moved_by``, ``unit``, ``worth_bn_krw`` (NaN where not exact), ``proof`` ('exact';
        'bounded'; 'no plan' where none meets the moved limit), ``worth_low_bn_krw``,
        ``worth_high_bn_krw`` (-inf and inf where not known). The names end in ``suitable_mw``
        where suitability is maximised. Exact means within the gap of the plan.
    """
    clock = Deadline(seconds)
    moved = perturbations(problem, plan)

    def one(move: Perturbation) -> _MarginalValue:
        return _marginal_value(move, plan, settings, grid, clock)

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


def _marginal_value(
    move: Perturbation, plan: Plan, settings: Solver, grid: GridLike | None, clock: Deadline
) -> _MarginalValue:
    """Return the marginal value of one perturbation, with lazy flow limits and energy cuts."""
    held: list[HeldLimit] = []
    cuts: list[EnergyCut] = []
    slack = settings.gap * abs(plan.objective)
    ceiling = plan.objective if move.loosens else np.inf
    floor = 0.0 if move.loosens else -np.inf
    most = np.inf
    for _ in range(_ROUNDS):
        problem = with_cuts(with_limits(move.problem, held), cuts)
        cost, bound, blocks = _reoptimize(problem, ceiling, settings, clock)
        if np.isinf(bound) and bound > 0 and not move.loosens:
            return _MarginalValue(-np.inf, -np.inf, "no plan")
        most = min(most, max(plan.objective - bound, floor))
        gain = max(plan.objective - cost, floor)
        if blocks is None or (
            move.loosens and gain <= FEASIBILITY_TOLERANCE
        ):  # none better, or none in time
            return _with_proof(floor, most, plan, settings)
        if move.loosens and not move.certain:
            # The grid model is not perturbed: it cannot separate the limits of the perturbed one.
            return _MarginalValue(floor, most, "bounded")
        broken = [] if grid is None else broken_limits(problem, grid, [blocks])
        missing = missing_cuts(problem, grid, [blocks], slack)
        if not broken and not missing:
            return _with_proof(gain, most, plan, settings)
        held.extend(broken)
        cuts.extend(missing)
    return _MarginalValue(floor, most, "bounded")


def _with_proof(low: float, high: float, plan: Plan, settings: Solver) -> _MarginalValue:
    """Return bounds as exact where they agree within the gap of the plan."""
    gap = 2 * max(settings.gap * abs(plan.objective), FEASIBILITY_TOLERANCE)
    exact = plan.status == "optimal" and high - low <= gap
    return _MarginalValue(low, low if exact else high, "exact" if exact else "bounded")


def _reoptimize(
    problem: Problem, ceiling: float, settings: Solver, clock: Deadline
) -> tuple[float, float, Ints | None]:
    """Re-optimize below a cutoff: cost, bound (inf: infeasible) and blocks of the best plan."""
    restriction = Restriction.to_open(problem)
    part = restriction.part
    if part.options == 0:
        return np.inf, np.inf, None
    master = RestrictedMaster(part)
    bound = master.solve(ceiling, max(clock.left, 0.05))
    if bound.value >= ceiling:
        return np.inf, ceiling, None
    if master.proves_infeasible(max(clock.left, 0.05)):
        return np.inf, np.inf, None
    if clock.left <= 0:
        return np.inf, bound.value, None
    limits = Limits(gap=settings.gap / 2)
    mip = RestrictedMip(part, bound.cuts, limits=limits, options=PROOF_ONLY, takes_cutoff=True)
    first = _FIRST_BETTER if np.isfinite(ceiling) else _FIRST
    found = kernel_search(mip, bound, clock, settings.gap, first, ceiling)
    if found.incumbent is None:
        none = found.status == "infeasible" and np.isinf(found.bound)
        return np.inf, np.inf if none else min(found.bound, ceiling), None
    return found.objective, found.bound, restriction.invert(found.incumbent)
