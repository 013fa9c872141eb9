"""Small cases in several variants, and every plan of them with its cost in each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.errors import InfeasibleError
from siteopt.portfolio import solve
from siteopt.portfolio.robust.variant_program import VariantProgram
from siteopt.scenario import Solver
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import random_case

EXACT = Solver(gap=1e-6, threads=1)


def random_variants(seed, limits, count=3):
    """Return a case and others whose costs, headroom, PUE and limits are drawn anew."""
    rng = np.random.default_rng(seed)
    first = random_case(seed, limits, sites_max=4)
    cases = [first]
    for _ in range(count - 1):
        options = first.options.copy()
        for name in ("fixed_bn_krw", "per_mw_bn_krw"):
            options[name] += rng.integers(0, 25, len(options)) / 4
        described = first.described.copy()
        described["pue"] += float(rng.choice([0.0, 0.0, 0.125]))
        headroom = first.headroom.copy()
        headroom["headroom_mw"] += rng.choice([0.0, 0.0, -12.5, 25.0], len(headroom))
        headroom["headroom_mw"] = headroom["headroom_mw"].clip(lower=0.0)
        spacing = first.scenario.spacing_km * float(rng.choice([1.0, 1.5]))
        asked = first.scenario.model_copy(update={"spacing_km": spacing})
        cases.append(
            replace(first, options=options, described=described, headroom=headroom, scenario=asked)
        )
    return cases


def programs_of(cases, probabilities=None):
    """Return the solved variants; None where one of them has no plan."""
    found = []
    weights = probabilities or [1 / len(cases)] * len(cases)
    for number, (case, weight) in enumerate(zip(cases, weights, strict=True)):
        problem = case.problem()
        try:
            plan = solve(problem, EXACT)
        except InfeasibleError:
            return None
        found.append(
            VariantProgram(f"v{number}", problem, None, plan.steps(problem), plan.objective, weight)
        )
    return found


def listed(cases):
    """Return the cost of every plan in every variant, inf where it breaks a limit: a row a plan."""
    tables = []
    for case in cases:
        plans = all_plans(case)
        cost = np.where(plans.good, plans.worth, np.inf)
        names = [
            tuple(zip(plans.option[:, row], plans.it_mw[:, row], strict=True))
            for row in range(len(cost))
        ]
        tables.append(dict(zip(names, cost, strict=True)))
    every = sorted(set().union(*tables), key=str)
    return np.array([[table.get(name, np.inf) for table in tables] for name in every])
