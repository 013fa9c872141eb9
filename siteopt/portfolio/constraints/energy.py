"""Energy cost: what clean energy costs beside the price in the options, by optimality cuts.

The least cost of clean energy is a convex function V of the loads of all buses and years (the value
function of `siteopt.energy.program`). Options hold a price of energy at each bus; the variable of
this family is what V saves against it, so it is maximised, and every cut bounds it from above
(Benders 1962)::

    saving + sum price_kyn * load_yn <= -constant_k        (k: known cuts)

Cuts are generated where a plan costs more than the known ones prove
(`siteopt.portfolio.search.energy_cuts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.family import Family

if TYPE_CHECKING:
    import pandas as pd

    from siteopt._arrays import Floats, Ints, Matrix
    from siteopt.portfolio.problem.problem import Problem

NAME = "energy"


def rows(problem: Problem) -> _rows.Rows:
    """Return one row a known cut, over the saving and the blocks."""
    count = len(problem.energy_constant_bn_krw)
    if not count:
        return _rows.rows(problem, [], 0.0, 0.0)
    load = _weights(problem)
    least, most = _range(problem, load)
    saving = _rows.Extra("energy saving", least, most, integer=False, cost=-1.0)
    return _rows.rows(
        problem,
        _keys(count),
        -np.inf,
        -problem.energy_constant_bn_krw,
        n=sparse.csr_array(load),
        x=sparse.csr_array(np.ones((count, 1))),
        extras=(saving,),
    )


def cost_rows(problem: Problem, most_bn_krw: float) -> _rows.Rows:
    """Return the rows of a ceiling on the objective: one for every known cut, one without any."""
    constant = (
        problem.energy_constant_bn_krw if len(problem.energy_constant_bn_krw) else np.zeros(1)
    )
    ones = np.ones((len(constant), 1))
    each = _rows.matrix(ones * problem.worth_block[None, :])
    if len(problem.energy_constant_bn_krw):
        each = sparse.csr_array(each + weights(problem))
    keys = [LimitKey("cost", subject=str(place + 1)) for place in range(len(constant))]
    return _rows.rows(
        problem,
        keys,
        -np.inf,
        most_bn_krw - constant,
        y=_rows.matrix(ones * problem.worth_fixed[None, :]),
        n=each,
    )


def report(problem: Problem, blocks: Ints) -> pd.DataFrame:
    """Return no usage: a cost is no limit."""
    del problem, blocks
    return _rows.usage([], [], "")


def weights(problem: Problem) -> Matrix:
    """Return what a block of each option adds to each cut, (cuts, options) in bn KRW."""
    return sparse.csr_array(_weights(problem))


def _weights(problem: Problem) -> Floats:
    """Return the same as a dense table: nearly every option has a bus, and every bus a price."""
    if not len(problem.energy_constant_bn_krw):
        return np.empty((0, problem.options))
    # What begins in a year runs in it and all later ones.
    from_year = np.cumsum(problem.energy_price_bn_krw_per_mw[:, ::-1], axis=1)[:, ::-1]
    known = problem.option_bus >= 0
    year, bus = problem.option_year, np.where(known, problem.option_bus, 0)
    each: Floats = from_year[:, year, bus] * np.where(known, problem.facility_mw, 0.0)
    return each


def _range(problem: Problem, load: Floats) -> tuple[float, float]:
    """Return the least and the largest saving that some plan has, whatever the limits."""
    most_blocks = np.maximum(problem.blocks_max, 0).astype(np.float64)
    constant = problem.energy_constant_bn_krw
    most = float((-constant - np.minimum(load, 0.0) @ most_blocks).min())
    least = float((-constant - np.maximum(load, 0.0) @ most_blocks).min())
    return least, most


def _keys(count: int) -> list[LimitKey]:
    return [LimitKey(NAME, subject=str(place + 1)) for place in range(count)]


FAMILY = Family(NAME, rows, report)
