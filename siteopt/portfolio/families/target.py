"""The national target: all blocks together are at least (or exactly) so many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.families import _rows

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.portfolio.problem import Ints, Problem

NAME = "target"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row: sum of n over all options >= target (= where it must be met exactly)."""
    everything = _rows.incidence(np.zeros(problem.options, dtype=np.int64), 1)
    upper = problem.target_blocks if problem.target_exact else np.inf
    return _rows.rows(problem, ["target"], problem.target_blocks, upper, n=everything)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the IT load sited against the target, in MW."""
    block = problem.block_mw
    target = problem.target_blocks * block
    return _rows.usage(
        NAME,
        ["target"],
        blocks.sum() * block,
        "mw_it",
        at_least=target,
        at_most=target if problem.target_exact else np.inf,
    )
