"""A diagnosis in words: which limits conflict, and what each would have to give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.portfolio.bounds.reduced_cost import FEASIBILITY_TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pandas as pd

    from siteopt.portfolio.problem.problem import Problem

__all__ = ["message_of"]


def message_of(problem: Problem, table: pd.DataFrame) -> str:
    """Return the diagnosis in one line.

    Parameters
    ----------
    problem : Problem
        The one without a plan.
    table : DataFrame
        One row a kind of limit in conflict; see `siteopt.portfolio.Diagnosis`.
    """
    names = {
        "target": _target(problem),
        "spacing": f"spacing_km ({problem.spacing_m / 1000:g} km)",
        "headroom": "the headroom of the stations",
        "flows": "the flow limits of the grid (grid.flow_limits)",
        "basins": "the water of the basins",
        "budget": _budget(problem),
        "diversity": "diversity (shares of stations and basins)",
        "rules": "the sites that must or must not be chosen (sites)",
        "province maximum": "provinces.share_max_pct",
        "province minimum": "provinces.shares min_pct",
        "province count": f"provinces.count_min ({problem.province_count_min})",
    }
    conflict = ", ".join(names[str(kind)] for kind in table["limit"])
    gives = "; or ".join(_sentence(row) for row in table.to_dict("records"))
    land = " (the land and voltage classes of the sites hold no more)" if len(table) == 1 else ""
    return f"no plan meets all limits; in conflict: {conflict}{land}; it would do if {gives}"


def _target(problem: Problem) -> str:
    last = problem.target_blocks[-1] * problem.block_mw
    if problem.horizon == 1:
        return f"target.it_mw ({last:g} MW)"
    first = problem.target_blocks[0] * problem.block_mw
    return f"the targets ({first:g} MW in {problem.years[0]} to {last:g} MW in {problem.years[-1]})"


def _budget(problem: Problem) -> str:
    if not np.isfinite(problem.year_budget_bn_krw).any():
        return f"objective.budget_bn_krw ({problem.budget_bn_krw:g})"
    return "the budgets (objective.budget_bn_krw, budget_by_year_bn_krw)"


def _sentence(row: dict[Hashable, Any]) -> str:
    """Return what one limit would have to give."""
    least, enough, now = float(row["gives_least"]), float(row["gives_enough"]), float(row["now"])
    limit, unit = row["limit"], row["unit"]
    if not np.isfinite(least):
        return f"{limit}: no change of it alone is enough"
    if not np.isfinite(enough):
        return f"{limit}: whether a change of it alone is enough was not settled in time"
    amount = (
        f"{enough:,.6g}"
        if enough - least <= FEASIBILITY_TOLERANCE * max(1.0, enough)
        else (f"{least:,.6g} to {enough:,.6g}")
    )
    where = f" ({row['where']})" if row["where"] else ""
    if limit in ("target", "spacing") and np.isfinite(now):
        return f"{limit} gave {amount} {unit} ({_left(now, least, enough)})"
    if limit in ("target", "province minimum", "province count"):
        return f"{limit} gave {amount} {unit}{where.replace(' +', ' -')}"
    return f"{limit} grew by {amount} {unit}{where}"


def _left(now: float, least: float, enough: float) -> str:
    """Return what is left of a limit: a plan is known, and no plan has more than the rest."""
    if enough - least <= FEASIBILITY_TOLERANCE * max(1.0, enough):
        return f"down to {now - enough:,.6g}"
    return f"there is a plan with {now - enough:,.6g}, none above {now - least:,.6g}"
