"""National target: the blocks that run in a year are at least (or exactly) as many."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import (
    Family,
    LeastChange,
    LimitKind,
    Perturbation,
    years_of,
)
from siteopt.portfolio.problem.problem import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.constraints.family import Room, Solves
    from siteopt.portfolio.problem.problem import Problem

NAME = "target"


def rows(problem: Problem) -> _rows.Rows:
    """Return a row a year: sum of n that runs >= target (= where it must be met exactly).

    Only years whose target is above that of the year before: what runs stays.
    """
    everything = _rows.running(problem, np.zeros(problem.options, dtype=np.int64), 1)
    target = problem.target_blocks
    kept = _rises(problem) if problem.horizon > 1 else np.array([0])
    most = problem.target_most_blocks
    upper = most if most < NO_LIMIT else np.inf
    return _rows.rows(
        problem, _rows.keys_of(problem, _key, kept), target[kept], upper, n=everything[kept]
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return the IT load that runs against the target of every year, in MW."""
    block, most = problem.block_mw, problem.target_most_blocks
    return _rows.usage(
        _rows.keys_of(problem, _key, range(problem.horizon)),
        [problem.until(blocks, year).sum() * block for year in range(problem.horizon)],
        "mw_it",
        at_least=problem.target_blocks * block,
        at_most=most * block if most < NO_LIMIT else np.inf,
    )


def elastic_rows(problem: Problem, kinds: Collection[str]) -> _rows.Rows:
    """Return the rows, blocks that lack from the target as slack."""
    if NAME not in kinds:
        return rows(problem)
    above, below = _rows.split(rows(problem))
    return _rows.join([above, _rows.loosen(below, problem, _rows.share_of_target(problem))])


def perturbations(problem: Problem, room: Room) -> Iterator[Perturbation]:
    """Move the target of each year by a block either way."""
    block = problem.block_mw
    for place, year in enumerate(problem.years):
        key = _key(0, 0 if problem.horizon == 1 else int(year))
        before = problem.target_blocks[place - 1] if place else 0
        if problem.target_blocks[place] == before or not room.is_full(room.below[key], block):
            continue
        for step in (1, -1):
            target = problem.target_blocks.copy()
            target[place] += step
            if step > 0:  # a target never falls
                target[place:] = np.maximum.accumulate(target[place:])
            else:
                target[:place] = np.minimum(target[:place], target[place])
            whole = problem.province_max_blocks >= problem.target_blocks[-1]  # all of it: no limit
            exact = problem.target_most_blocks < NO_LIMIT
            ahead = np.where(problem.ahead_blocks < NO_LIMIT, target, problem.ahead_blocks)
            moved = replace(
                problem,
                target_blocks=target,
                target_most_blocks=int(target[-1]) if exact else NO_LIMIT,
                ahead_blocks=ahead,
                province_max_blocks=problem.province_max_blocks + whole * max(step, 0),
            )
            loosens = step < 0 and not exact and bool(np.all(ahead >= NO_LIMIT))
            yield Perturbation(LimitKey(NAME), int(year), step * block, "mw_it", loosens, moved)


def _limits(problem: Problem) -> list[LimitKey]:
    return [LimitKey(NAME, year=int(problem.years[year])) for year in _rises(problem)]


def _without(problem: Problem, keys: Collection[LimitKey] | None = None) -> Problem:
    if keys is None:
        return replace(problem, target_blocks=np.zeros_like(problem.target_blocks))
    target = problem.target_blocks.copy()
    target[years_of(problem, keys)] = 0
    return replace(problem, target_blocks=np.maximum.accumulate(target))


def _least_change(problem: Problem, solves: Solves) -> LeastChange | None:
    """Return by how much the largest total of blocks misses the target, in a plan of one year."""
    if problem.horizon > 1:
        return None
    largest = replace(
        _without(problem).without_energy(),
        target_most_blocks=int(problem.target_blocks[-1]),
        worth_fixed=np.zeros(problem.options),
        worth_block=-np.ones(problem.options),
    )
    found = solves.best(largest)
    block, target = problem.block_mw, int(problem.target_blocks[-1])
    least = (target - np.floor(-found.bound + 1e-6)) * block if np.isfinite(found.bound) else np.inf
    enough = np.inf if found.incumbent is None else (target - int(found.incumbent.sum())) * block
    return LeastChange(target * block, max(least, 0.0), enough)


def _key(_: int, year: int) -> LimitKey:
    return LimitKey(NAME, year=year)


def _rises(problem: Problem) -> Ints:
    return np.flatnonzero(np.diff(problem.target_blocks, prepend=0) > 0)


FAMILY = Family(
    NAME,
    rows,
    report,
    kinds=(
        LimitKind(
            NAME,
            NAME,
            order=110,
            unit="MW IT",
            limits=_limits,
            without=_without,
            side="least",
            demands=lambda problem: bool((problem.target_blocks > 0).any()),
            proof_keys=lambda _, key: {key.undated()},
            least_change=_least_change,
        ),
    ),
    elastic_rows=elastic_rows,
    perturbations=perturbations,
)
