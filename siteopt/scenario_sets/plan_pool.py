"""Plan pool of a set: the plan of every variant and the robust plans, each judged in all variants."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.errors import SolverError
from siteopt.portfolio.robust.joint_program import JointProgram, left_out
from siteopt.portfolio.robust.robust_plan import (
    RobustPlan,
    least_expected_cost,
    minimax_regret,
    probabilities,
)
from siteopt.portfolio.robust.variant_program import VariantProgram
from siteopt.runs.pipeline import PORTFOLIO, task_of
from siteopt.runs.study import Study

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from siteopt.portfolio.robust.fixed_plan import FixedPlanCost
    from siteopt.scenario import Solver, VariantScenario

__all__ = ["LEAST_EXPECTED_COST", "MINIMAX_REGRET", "JudgedPlan", "VariantPlans", "judge_plans"]

LEAST_EXPECTED_COST = "least-expected-cost"
MINIMAX_REGRET = "minimax-regret"


@dataclass(frozen=True, eq=False)
class JudgedPlan:
    """A plan with its cost in every variant that has one.

    Attributes
    ----------
    name : str
        Id of the variant whose plan it is, `LEAST_EXPECTED_COST` or `MINIMAX_REGRET`.
    steps : DataFrame
        `Plan.steps`.
    stations : dict of str
        Station that feeds each of its sites.
    costs : dict of FixedPlanCost
        By variant; infinite where the plan breaks a limit there.
    regrets_bn_krw : dict of float
        By variant: cost less that of the variant's own plan, infinite likewise.
    expected_bn_krw, max_regret_bn_krw : float
        Expected cost and largest regret, infinite where the plan breaks a limit in some variant.
    worst : str
        The variant of the largest regret.
    """

    name: str
    steps: pd.DataFrame
    stations: dict[str, str]
    costs: dict[str, FixedPlanCost]
    regrets_bn_krw: dict[str, float]
    expected_bn_krw: float
    max_regret_bn_krw: float
    worst: str

    @property
    def broken(self) -> dict[str, str]:
        """The limit that the plan breaks, by variant."""
        return {name: str(one.broken) for name, one in self.costs.items() if one.broken is not None}


@dataclass(frozen=True, eq=False)
class VariantPlans:
    """Plans of a set, judged, and what is proven of the robust ones.

    Attributes
    ----------
    plans : list of JudgedPlan
        Those of the variants in the order of the set, then the robust ones.
    proofs : dict
        By robust plan: ``value_bn_krw``, ``bound_bn_krw``, ``status`` (``optimal``, ``feasible``,
        ``pool``: best of the pool, or ``none``), ``variants`` over which it is proven.
    left_out : dict
        Variants that the joint program does not state, and why.
    """

    plans: list[JudgedPlan]
    proofs: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


class _Stages:
    """A study as `siteopt.runs.pipeline` needs it."""

    def __init__(self, study: Study) -> None:
        self.scenario, self.layers = study.scenario, study.layers
        self.result = study._result  # noqa: SLF001 - a study of our own


def judge_plans(variants: Sequence[VariantScenario], cache: Path) -> VariantPlans:
    """Return the pool of some variants that have a plan: regrets, robust plans and their proofs.

    Parameters
    ----------
    variants : sequence of VariantScenario
        Solved before, so that their plans are in the cache.
    cache : Path
        Folder of the results of stages.
    """
    programs = _with_least_of_all([_program(one, cache) for one in variants])
    plans = [_judged(one.name, one.steps, programs) for one in programs]
    proofs: dict[str, dict[str, Any]] = {}
    if len(programs) < 2:  # noqa: PLR2004 - one variant alone is its own best plan
        return VariantPlans(plans, proofs, {})
    longest = max(one.scenario.solver.time_limit_s for one in variants)
    solver = variants[0].scenario.solver.model_copy(update={"time_limit_s": longest})
    out = left_out(programs)
    inside = [one for one in programs if one.name not in out]
    robust = _robust(inside, solver)
    names = [one.name for one in inside]
    for name, known, value in (
        (LEAST_EXPECTED_COST, robust.expected, "expected_bn_krw"),
        (MINIMAX_REGRET, robust.minimax, "max_regret_bn_krw"),
    ):
        if known is not None and not out:
            plans.append(_judged(name, known.steps, programs))
            proofs[name] = {
                "status": "optimal" if known.is_optimal else "feasible",
                "value_bn_krw": known.value_bn_krw,
                "bound_bn_krw": known.bound_bn_krw,
                "variants": names,
                "note": "",
            }
            continue
        # What is proven over some variants is a candidate over all; the best of the pool is taken.
        candidates = list(plans)
        if known is not None:
            candidates.append(_judged(name, known.steps, programs))
        best = min(candidates, key=lambda one: getattr(one, value))
        judged = getattr(best, value)
        proofs[name] = {
            "status": "pool" if np.isfinite(judged) else "none",
            "value_bn_krw": judged if np.isfinite(judged) else None,
            "bound_bn_krw": None,
            "variants": names,
            "note": robust.note,
        }
        if np.isfinite(judged):
            plans.append(_judged(name, best.steps, programs))
    return VariantPlans(plans, proofs, out)


def _program(variant: VariantScenario, cache: Path) -> VariantProgram:
    study = Study(variant.scenario, cache=cache)
    planned = study._result(PORTFOLIO)  # noqa: SLF001 - a study of our own
    inputs = task_of(_Stages(study))
    return VariantProgram(
        variant.variant.id,
        inputs.problem(),
        inputs.grid,
        planned.portfolio.steps,
        planned.portfolio.objective,
        variant.probability,
        planned.problem,
    )


def _with_least_of_all(programs: Sequence[VariantProgram]) -> list[VariantProgram]:
    """Return the programs with the least cost that any of their plans has in each.

    A plan that was stopped at its limit may be dearer there than that of another variant.
    """
    return [
        replace(
            one,
            least_bn_krw=min(
                [one.least_bn_krw, *(one.cost_of(other.steps).cost_bn_krw for other in programs)]
            ),
        )
        for one in programs
    ]


def _judged(name: str, steps: pd.DataFrame, programs: Sequence[VariantProgram]) -> JudgedPlan:
    costs = {one.name: one.cost_of(steps) for one in programs}
    regrets = {
        one.name: max(costs[one.name].cost_bn_krw - one.least_bn_krw, 0.0) for one in programs
    }
    weights = probabilities(programs)
    each = np.array([costs[one.name].cost_bn_krw for one in programs])
    # No probability of a variant excuses a broken limit: the expected cost is infinite there.
    expected = float(weights @ each) if np.isfinite(each).all() else float("inf")
    worst = max(regrets, key=regrets.__getitem__)
    return JudgedPlan(
        name, steps, _stations(steps, programs), costs, regrets, expected, regrets[worst], worst
    )


def _stations(steps: pd.DataFrame, programs: Sequence[VariantProgram]) -> dict[str, str]:
    """Return the station of each site of a plan, by the first variant that has its connection."""
    found: dict[str, str] = {}
    for one in programs:
        problem = one.problem
        at = np.flatnonzero(np.isin(problem.option_id, steps["option_id"].to_numpy(dtype=np.str_)))
        level = problem.option_level[at]
        station = problem.station_id[problem.level_station[np.maximum(level, 0)]]
        sites = problem.site_id[problem.option_site[at]]
        for site, name, known in zip(sites, station, level >= 0, strict=True):
            if known:
                found.setdefault(str(site), str(name))
    return found


@dataclass(frozen=True, eq=False)
class _Robust:
    expected: RobustPlan | None
    minimax: RobustPlan | None
    note: str


def _robust(programs: Sequence[VariantProgram], solver: Solver) -> _Robust:
    """Return the robust plans of variants that have a joint program."""
    if len(programs) < 2:  # noqa: PLR2004
        return _Robust(None, None, "no two variants have a joint program")
    joint = JointProgram.of(programs)
    try:
        expected = least_expected_cost(joint, solver)
        if expected is None:
            return _Robust(None, None, "no plan meets the limits of all variants")
        minimax = minimax_regret(joint, solver, [expected])
    except SolverError as error:
        return _Robust(None, None, str(error))
    return _Robust(expected, minimax, "")
