"""The national target: all blocks together are at least (or exactly) so many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.families import _rows
from siteopt.portfolio.problem import MANY

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.portfolio.problem import Ints, Problem

NAME = "target"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row: sum of n over all options >= target (= where it must be met exactly)."""
    everything = _rows.incidence(np.zeros(problem.options, dtype=np.int64), 1)
    most = problem.target_most_blocks
    upper = most if most < MANY else np.inf
    return _rows.rows(problem, ["target"], problem.target_blocks, upper, n=everything)


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the IT load sited against the target, in MW."""
    block = problem.block_mw
    target, most = problem.target_blocks * block, problem.target_most_blocks
    return _rows.usage(
        NAME,
        ["target"],
        blocks.sum() * block,
        "mw_it",
        at_least=target,
        at_most=most * block if most < MANY else np.inf,
    )
