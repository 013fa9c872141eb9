"""Flow limits of the grid: what branches can carry to all sites together, in every snapshot.

A row is what a snapshot of the grid case has proven of the loads that it can serve: the loads of
the buses, each times its coefficient, are at most a number of MW (a Benders feasibility cut). Rows
are generated where a plan violates one (`siteopt.portfolio.search.lazy_flow_limits`), so there are
few; that no more are needed is checked on the plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import Family, LimitKind, Perturbation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.constraints.family import Room
    from siteopt.portfolio.problem.problem import Problem

NAME = "flows"
_UNIT_MW: Final = 1.0
"""A flow limit is moved by as much."""


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a known limit: sum of coefficient x contract power in its year <= MW.

    Only where the options together can exceed it.
    """
    load = weights(problem)
    most = np.maximum(problem.blocks_max, 0).astype(np.float64)
    reach = load.maximum(0.0) @ most
    kept = np.flatnonzero(reach > problem.flow_most_mw)
    keys = limit_keys(problem, kept)
    return _rows.rows(problem, keys, -np.inf, problem.flow_most_mw[kept], n=load[kept])


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return what the plan takes of every known limit, in MW times its coefficients."""
    return _rows.usage(
        limit_keys(problem, range(len(problem.flow_name))),
        weights(problem) @ blocks.astype(np.float64),
        "mw",
        at_most=problem.flow_most_mw,
    )


def elastic_rows(problem: Problem, kinds: Collection[str]) -> _rows.Rows:
    """Return the rows, MW above a limit as slack."""
    if NAME not in kinds:
        return rows(problem)
    cost = _rows.share_of_target(problem) / _rows.mean(problem.facility_mw)
    return _rows.loosen(rows(problem), problem, cost)


def weights(problem: Problem) -> sparse.csr_array:
    """Return what a block of each option takes of each limit, (limits, options) in MW."""
    at_bus = _rows.incidence(problem.option_bus, len(problem.bus_id), problem.facility_mw)
    load = sparse.csr_array(_rows.matrix(problem.flow_price) @ at_bus)
    if problem.horizon == 1:
        return load
    late = problem.option_year[load.indices] > np.repeat(problem.flow_year, np.diff(load.indptr))
    load.data[late] = 0.0
    load.eliminate_zeros()
    return load


def limit_keys(problem: Problem, places: Iterable[int], *, dated: bool = True) -> list[LimitKey]:
    """Return the keys of known limits; the subject is their number, from 1."""
    with_year = dated and problem.horizon > 1
    keys = []
    for place in places:
        name = problem.flow_name[place]
        year = int(problem.years[problem.flow_year[place]]) if with_year else 0
        keys.append(
            LimitKey(
                NAME, "grid", str(place + 1), year=year,
                snapshot=name.snapshot, branches=name.branches, more=name.more,
            )
        )  # fmt: skip
    return keys


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Add a MW to each limit."""
    for place in range(len(problem.flow_name)):
        (key,) = limit_keys(problem, [place])
        if not room.is_full(room.above[key], _UNIT_MW):
            continue
        most = problem.flow_most_mw.copy()
        most[place] += _UNIT_MW
        yield Perturbation(
            key.undated(),
            int(problem.years[problem.flow_year[place]]),
            _UNIT_MW,
            "mw",
            loosens=True,
            problem=replace(problem, flow_most_mw=most),
            certain=False,  # the grid itself has not moved
        )


def _without(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    del keys
    return replace(
        problem,
        flow_most_mw=np.full(len(problem.flow_most_mw), np.inf),
        option_bus=np.full(problem.options, -1, dtype=np.int64),
    )


FAMILY = Family(
    NAME,
    rows,
    report,
    kinds=(
        LimitKind(
            NAME,
            NAME,
            order=80,
            unit="MW",
            limits=lambda _: [LimitKey(NAME)],
            without=_without,
            lazy=True,
        ),
    ),
    elastic_rows=elastic_rows,
    perturbations=perturbations,
)
