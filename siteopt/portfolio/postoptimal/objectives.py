"""Secondary objectives ("measures"): carbon, water, grid reinforcement, balance, suitability.

A measure is minimised; `as_displayed` restores its sign and unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from siteopt.errors import LayerError
from siteopt.portfolio.constraints.variants import with_cap, with_objective
from siteopt.portfolio.problem.problem import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["LargestProvinceShare", "LinearMeasure", "Measure", "build_measures"]

_REINFORCEMENT = ("connection", "substation", "upgrade")
"""Cost components of grid reinforcement: lines, stations and transformer banks."""


class Measure(Protocol):
    """A secondary objective: value, display, cap and use as objective."""

    @property
    def name(self) -> str:
        """Short name."""
        ...

    @property
    def unit(self) -> str:
        """Unit as displayed."""
        ...

    @property
    def mean(self) -> bool:
        """Whether it is a mean over all blocks."""
        ...

    def value(self, problem: Problem, blocks: Ints) -> float:
        """Return the value of a plan, to be minimised."""
        ...

    def as_displayed(self, value: float) -> float:
        """Return a value with the sign and scale of the displayed unit."""
        ...

    def with_cap(self, problem: Problem, most: float) -> Problem:
        """Return the problem with the measure capped at most."""
        ...

    def with_objective(self, problem: Problem, level: float) -> Problem | None:
        """Return the problem whose optimum is below a level, if any plan is.

        None where the measure is not linear.
        """
        ...


@dataclass(frozen=True, eq=False)
class LinearMeasure:
    """A linear measure: a sum over openings and blocks, or its mean over all blocks."""

    name: str
    unit: str
    fixed: Floats
    """(O,) of opening through an option."""
    each: Floats
    """(O,) of a block."""
    mean: bool = False
    """Whether the sum is divided by all blocks."""
    more_is_better: bool = False
    """Whether it is displayed as 1 minus the value."""

    def value(self, problem: Problem, blocks: Ints) -> float:
        """Return the value of a plan, to be minimised."""
        total = float(self.fixed @ problem.opened(blocks) + self.each @ blocks)
        return total / max(float(blocks.sum()), 1.0) if self.mean else total

    def as_displayed(self, value: float) -> float:
        """Return a value with the sign and scale of the displayed unit."""
        return 1.0 - value if self.more_is_better else value

    def with_cap(self, problem: Problem, most: float) -> Problem:
        """Return the problem with the measure capped at most.

        A mean of at most s is a sum of at most 0 of what each block has above s.

        Parameters
        ----------
        problem : Problem
            See `build_problem`.
        most : float
            Right-hand side of the epsilon-constraint.
        """
        if self.mean:
            return with_cap(problem, self.name, self.fixed, self.each - most, 0.0)
        return with_cap(problem, self.name, self.fixed, self.each, most)

    def with_objective(self, problem: Problem, level: float) -> Problem:
        """Return the problem with the measure as objective.

        A mean is a ratio: its parametric objective sum(c - level) (Dinkelbach 1967) is below 0
        where a plan has a smaller mean.

        Parameters
        ----------
        problem : Problem
            See `build_problem`.
        level : float
            Parameter of a mean (Dinkelbach); not used by a sum.
        """
        return with_objective(problem, self.fixed, self.each - level if self.mean else self.each)


@dataclass(frozen=True, eq=False)
class LargestProvinceShare:
    """The largest share that a province has of the target in the last year, in percent."""

    name: str = "balance"
    unit: str = "pct"
    mean: bool = False

    def value(self, problem: Problem, blocks: Ints) -> float:
        """Return the largest share of a province in percent of the target."""
        province = problem.site_province[problem.option_site]
        largest = np.bincount(province, blocks, len(problem.province_code)).max()
        return 100.0 * float(largest) / max(int(problem.target_blocks[-1]), 1)

    def as_displayed(self, value: float) -> float:
        """Return a value with the sign and scale of the displayed unit."""
        return value

    def with_cap(self, problem: Problem, most: float) -> Problem:
        """Return the problem with the share of every province capped.

        Parameters
        ----------
        problem : Problem
            See `build_problem`.
        most : float
            Largest share in percent of the target.
        """
        blocks = whole(np.array([most / 100.0 * float(problem.target_blocks[-1])]))[0]
        high = problem.province_max_blocks.copy()
        high[:, -1] = np.minimum(high[:, -1], blocks)
        at_option = high[problem.site_province[problem.option_site], -1]
        tight = np.minimum(problem.blocks_max, at_option)
        return replace(problem, province_max_blocks=high, blocks_max=tight)

    def with_objective(self, problem: Problem, level: float) -> None:
        """Return None: a min-max of shares is minimised by bisection."""
        del problem, level


def build_measures(
    problem: Problem, described: pd.DataFrame, options: pd.DataFrame, names: Sequence[str]
) -> list[Measure]:
    """Build measures over the options of a problem.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    described : DataFrame
        By ``site_id``: ``suitability`` in 0..1 where that is a measure.
    options : DataFrame
        By row: ``option_id``; ``tco2_year_per_mw`` for carbon, and for reinforcement
        ``fixed_<component>_bn_krw`` and ``per_mw_<component>_bn_krw`` of connection, substation
        and upgrade.
    names : sequence of str
        Names of measures (scenario key ``tradeoffs.measures``).

    Raises
    ------
    LayerError
        If a column is missing.
    """
    table = options.set_index("option_id").loc[problem.option_id.tolist()]
    none = np.zeros(problem.options)

    def column(source: pd.DataFrame, name: str, where: str) -> Floats:
        if name not in source.columns:
            raise LayerError(f"table {where}: column {name} is missing; a trade-off needs it")
        return source[name].to_numpy(dtype=np.float64)

    def one(name: str) -> Measure:
        block = problem.block_mw
        if name == "carbon":
            each = column(table, "tco2_year_per_mw", "options") * block
            return LinearMeasure(name, "tco2_year", none, each)
        if name == "water":
            return LinearMeasure(name, "m3_day", none, problem.water_m3_day)
        if name == "reinforcement":
            parts = [(f"fixed_{part}_bn_krw", f"per_mw_{part}_bn_krw") for part in _REINFORCEMENT]
            fixed = sum((column(table, part, "options") for part, _ in parts), none)
            each = sum((column(table, part, "options") for _, part in parts), none) * block
            return LinearMeasure(name, "bn_krw", fixed, each)
        if name == "suitability":
            site = problem.site_id[problem.option_site].tolist()
            fit = column(described.loc[site], "suitability", "described")
            return LinearMeasure(
                name, "suitability", none, 1.0 - fit, mean=True, more_is_better=True
            )
        return LargestProvinceShare()

    return [one(name) for name in names]
