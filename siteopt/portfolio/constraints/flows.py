"""Flow limits of the grid: what branches can carry to all sites together, in every snapshot.

A row is what a snapshot of the grid case has proven of the loads that it can serve: the loads of
the buses, each at its price, are at most so many MW. Rows are found where a plan breaks one (see
`siteopt.portfolio.search.lazy_flow_limits`), so there are few; that no more are needed is checked on the plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.portfolio.constraints import _rows

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem

NAME = "flows"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a known limit: sum of price x contract power in its year <= MW.

    Only where the options together can exceed it.
    """
    load = weights(problem)
    most = np.maximum(problem.blocks_max, 0).astype(np.float64)
    reach = load.maximum(0.0) @ most
    kept = np.flatnonzero(reach > problem.flow_most_mw)
    names = _names(problem)
    return _rows.rows(
        problem, [names[place] for place in kept], -np.inf, problem.flow_most_mw[kept], n=load[kept]
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return what the plan takes of every known limit, in MW at the prices of the limit."""
    return _rows.usage(
        NAME,
        _names(problem),
        weights(problem) @ blocks.astype(np.float64),
        "mw",
        at_most=problem.flow_most_mw,
    )


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


def _names(problem: Problem) -> list[str]:
    names = [f"flow {name}" for name in problem.flow_name]
    if problem.horizon == 1:
        return names
    return [
        f"{name} in {problem.years[year]}"
        for name, year in zip(names, problem.flow_year, strict=True)
    ]
