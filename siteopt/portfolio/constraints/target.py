"""The national target: all blocks that run in a year are at least (or exactly) so many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.problem.problem import MANY

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem

NAME = "target"


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a year: sum of n that runs >= target (= where it must be met exactly).

    Only years whose target is above that of the year before: what runs stays.
    """
    everything = _rows.running(problem, np.zeros(problem.options, dtype=np.int64), 1)
    target = problem.target_blocks
    rises = np.flatnonzero(np.diff(target, prepend=0) > 0)
    kept = rises if problem.horizon > 1 else np.array([0])
    most = problem.target_most_blocks
    upper = most if most < MANY else np.inf
    names = _rows.of_years(problem, ["target"])
    return _rows.rows(
        problem, [names[year] for year in kept], target[kept], upper, n=everything[kept]
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the IT load that runs against the target of every year, in MW."""
    block, most = problem.block_mw, problem.target_most_blocks
    return _rows.usage(
        NAME,
        _rows.of_years(problem, ["target"]),
        [problem.until(blocks, year).sum() * block for year in range(problem.horizon)],
        "mw_it",
        at_least=problem.target_blocks * block,
        at_most=most * block if most < MANY else np.inf,
    )
