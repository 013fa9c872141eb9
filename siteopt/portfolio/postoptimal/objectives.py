"""What is weighed against cost: carbon, water, reinforcement of the grid, balance, suitability.

A measure is counted so that less is better; `told` gives it back as people say it.
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


__all__ = ["Balance", "Measure", "Sum", "measures_of"]

_REINFORCEMENT = ("connection", "substation", "upgrade")
"""Components of cost that lines, stations and banks are."""


class Measure(Protocol):
    """What trade-offs ask of a measure."""

    @property
    def name(self) -> str:
        """Short name."""
        ...

    @property
    def unit(self) -> str:
        """Unit of what is told."""
        ...

    @property
    def mean(self) -> bool:
        """Whether it is a mean over all blocks."""
        ...

    def value(self, problem: Problem, blocks: Ints) -> float:
        """Return the figure of a plan; less is better."""
        ...

    def told(self, value: float) -> float:
        """Return a figure as people say it."""
        ...

    def capped(self, problem: Problem, most: float) -> Problem:
        """Return the problem whose plans have at most this figure."""
        ...

    def aimed(self, problem: Problem, level: float) -> Problem | None:
        """Return the problem whose best plan has less than a figure, if any plan has.

        None where the measure is no objective of the program.
        """
        ...


@dataclass(frozen=True, eq=False)
class Sum:
    """A sum over what is built, or its mean over all blocks."""

    name: str
    unit: str
    fixed: Floats
    """(O,) of opening through an option."""
    each: Floats
    """(O,) of a block."""
    mean: bool = False
    """Whether the sum is divided by all blocks."""
    more_is_better: bool = False
    """Told as 1 minus the figure."""

    def value(self, problem: Problem, blocks: Ints) -> float:
        """Return the figure of a plan; less is better."""
        total = float(self.fixed @ problem.opened(blocks) + self.each @ blocks)
        return total / max(float(blocks.sum()), 1.0) if self.mean else total

    def told(self, value: float) -> float:
        """Return a figure as people say it."""
        return 1.0 - value if self.more_is_better else value

    def capped(self, problem: Problem, most: float) -> Problem:
        """Return the problem whose plans have at most this figure.

        A mean of at most s is a sum of at most 0 of what each block has above s.
        """
        if self.mean:
            return with_cap(problem, self.name, self.fixed, self.each - most, 0.0)
        return with_cap(problem, self.name, self.fixed, self.each, most)

    def aimed(self, problem: Problem, level: float) -> Problem:
        """Return the problem with the measure as objective.

        Of a mean, what is above the level counts: a plan below 0 has a smaller mean (Dinkelbach).
        """
        return with_objective(problem, self.fixed, self.each - level if self.mean else self.each)


@dataclass(frozen=True, eq=False)
class Balance:
    """The largest share that a province has of the target in the last year, in percent."""

    name: str = "balance"
    unit: str = "pct"
    mean: bool = False

    def value(self, problem: Problem, blocks: Ints) -> float:
        """Return the largest share of a province in percent of the target."""
        province = problem.site_province[problem.option_site]
        largest = np.bincount(province, blocks, len(problem.province_code)).max()
        return 100.0 * float(largest) / max(int(problem.target_blocks[-1]), 1)

    def told(self, value: float) -> float:
        """Return a figure as people say it."""
        return value

    def capped(self, problem: Problem, most: float) -> Problem:
        """Return the problem in which no province has more than a share."""
        blocks = whole(np.array([most / 100.0 * float(problem.target_blocks[-1])]))[0]
        high = problem.province_max_blocks.copy()
        high[:, -1] = np.minimum(high[:, -1], blocks)
        at_option = high[problem.site_province[problem.option_site], -1]
        tight = np.minimum(problem.blocks_max, at_option)
        return replace(problem, province_max_blocks=high, blocks_max=tight)

    def aimed(self, problem: Problem, level: float) -> None:
        """Return None: the largest of several shares is found by halving."""
        del problem, level


def measures_of(
    problem: Problem, described: pd.DataFrame, options: pd.DataFrame, names: Sequence[str]
) -> list[Measure]:
    """Return measures over the options of a problem.

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
        Of `siteopt.scenario.Tradeoffs`.

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
            return Sum(name, "tco2_year", none, each)
        if name == "water":
            return Sum(name, "m3_day", none, problem.water_m3_day)
        if name == "reinforcement":
            parts = [(f"fixed_{part}_bn_krw", f"per_mw_{part}_bn_krw") for part in _REINFORCEMENT]
            fixed = sum((column(table, part, "options") for part, _ in parts), none)
            each = sum((column(table, part, "options") for _, part in parts), none) * block
            return Sum(name, "bn_krw", fixed, each)
        if name == "suitability":
            site = problem.site_id[problem.option_site].tolist()
            fit = column(described.loc[site], "suitability", "described")
            return Sum(name, "suitability", none, 1.0 - fit, mean=True, more_is_better=True)
        return Balance()

    return [one(name) for name in names]
