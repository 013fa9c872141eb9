"""Spacing: of sites that are all too close to each other at most one is chosen (clique rows)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows, conflict_graph
from siteopt.portfolio.constraints.family import Family, LeastChange, LimitKind, Perturbation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.constraints.family import Room, Solves
    from siteopt.portfolio.problem.problem import Problem

NAME = "spacing"
_UNIT_KM: Final = 1.0
"""Spacing is moved by as much."""
_STEP_KM: Final = 0.1
_DISTANCES: Final = 2000
"""With more distances between sites than that, spacing is tried in steps."""


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a clique: sum of w <= 1, the cliques covering every conflicting pair."""
    conflicts = conflict_graph.conflicts(problem.site_x_m, problem.site_y_m, problem.spacing_m)
    cover = conflict_graph.cover(conflicts)
    place = np.repeat(np.arange(len(cover)), [len(clique) for clique in cover])
    members = np.concatenate([*cover, np.empty(0, dtype=np.int64)]).astype(np.int64)
    sites = sparse.csr_array(
        (np.ones(len(members)), (place, members)), shape=(len(cover), problem.sites)
    )
    keys = [_key(problem.site_id[clique[0]]) for clique in cover]
    return _rows.rows(problem, keys, -np.inf, 1.0, w=sites)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the distance of every chosen site to the nearest other one, in km."""
    chosen = np.unique(problem.option_site[blocks > 0])
    nearest = _apart(problem, chosen).min(axis=1, initial=np.inf) / 1000
    keys = [_key(name) for name in problem.site_id[chosen]]
    table = _rows.usage(keys, nearest, "km", at_least=problem.spacing_m / 1000)
    return pd.DataFrame(table[np.isfinite(table["used"])].reset_index(drop=True))


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Move the spacing by a km: less in any case (what it keeps out is not seen from the plan)."""
    unit, last = 1000.0 * _UNIT_KM, int(problem.years[-1])
    if problem.spacing_m <= 0:
        return
    key = LimitKey(NAME)
    less = replace(problem, spacing_m=max(problem.spacing_m - unit, 0.0))
    moved_by = (less.spacing_m - problem.spacing_m) / 1000.0
    yield Perturbation(key, last, moved_by, "km", loosens=True, problem=less)
    chosen = np.unique(problem.option_site[room.blocks > 0])
    if _apart(problem, chosen).min(initial=np.inf) < problem.spacing_m + unit:
        more = replace(problem, spacing_m=problem.spacing_m + unit)
        yield Perturbation(key, last, _UNIT_KM, "km", loosens=False, problem=more)


def _apart(problem: Problem, chosen: Ints) -> Floats:
    """Return the distances between some sites in metres, inf of each to itself."""
    x, y = problem.site_x_m[chosen], problem.site_y_m[chosen]
    apart: Floats = np.hypot(x[:, None] - x, y[:, None] - y)
    np.fill_diagonal(apart, np.inf)
    return apart


def _key(site_id: str) -> LimitKey:
    return LimitKey(NAME, "site", str(site_id))


def _without(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    del keys
    return replace(problem, spacing_m=0.0)


def _least_change(problem: Problem, solves: Solves) -> LeastChange:
    """Return how much less spacing has a plan, by bisection over the distances between sites."""
    steps = _distances(problem)
    low, high, open_high = -1, len(steps), len(steps)
    while high - low > 1 and low < high:
        middle = (low + high) // 2
        state = solves.feasible(replace(problem, spacing_m=float(steps[middle])))
        if state:
            low = middle
        else:
            high = middle
            open_high = high if state is False else open_high
    now = problem.spacing_m / 1000
    if low < 0:
        return LeastChange(now, np.inf, np.inf)
    enough = now - float(steps[low]) / 1000
    return LeastChange(now, enough if open_high == high else 0.0, enough)


def _distances(problem: Problem) -> Floats:
    """Return the spacings worth trying, rising from 0: where another pair may be chosen."""
    graph = conflict_graph.conflicts(problem.site_x_m, problem.site_y_m, problem.spacing_m).tocoo()
    apart = np.hypot(
        problem.site_x_m[graph.row] - problem.site_x_m[graph.col],
        problem.site_y_m[graph.row] - problem.site_y_m[graph.col],
    )
    exact: Floats = np.unique(np.concatenate([[0.0], apart]))
    if len(exact) <= _DISTANCES:
        return exact
    return np.arange(0.0, problem.spacing_m, _STEP_KM * 1000)


FAMILY = Family(
    NAME,
    rows,
    report,
    kinds=(
        LimitKind(
            NAME,
            NAME,
            order=90,
            unit="km",
            limits=lambda _: [LimitKey(NAME)],
            without=_without,
            least_change=_least_change,
        ),
    ),
    perturbations=perturbations,
    in_relaxation=False,
)
