"""Constraint family: all that program, bounds and analysis need of one kind of limits.

A family is one module with a ``FAMILY``; `siteopt.portfolio.constraints.FAMILIES` lists all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np

from siteopt.limit_key import LimitKey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    import pandas as pd

    from siteopt._arrays import Ints
    from siteopt.portfolio.constraints._rows import Rows
    from siteopt.portfolio.problem.problem import Problem

__all__ = [
    "BlockBound", "Family", "LeastChange", "LimitKind", "Perturbation", "Room", "Solves",
]  # fmt: skip

_FULL: Final = 1e-6
"""Relative; a limit with so little less than a unit of room has a unit of room."""


@dataclass(frozen=True)
class BlockBound:
    """Upper bound (big-M) on the blocks of each option that a family implies on its own."""

    reason: str
    """Closing reason of an option that it leaves too few blocks."""
    order: int
    """Of several bounds that close an option the one of lowest order is its reason."""
    most: Callable[[Problem, int], Ints]
    """(problem, index of a year) -> (O,) most blocks."""


class Solution(Protocol):
    """Best plan of a problem and the proven bound on it, as far as a family reads them."""

    @property
    def incumbent(self) -> Ints | None:
        """(O,) blocks, None where no plan was found."""
        ...

    @property
    def objective(self) -> float:
        """Objective of the plan."""
        ...

    @property
    def bound(self) -> float:
        """Proven lower bound."""
        ...


class Solves(Protocol):
    """Solves of changed problems, for families that search their least change themselves."""

    def feasible(self, problem: Problem) -> bool | None:
        """Return whether there is a plan, None where that is not settled in time."""
        ...

    def best(self, problem: Problem) -> Solution:
        """Return the plan of least objective."""
        ...


@dataclass(frozen=True)
class LeastChange:
    """Least change of one kind of limits with which there is a plan, all others held."""

    now: float
    """The limit as it is; NaN where the kind has several."""
    least: float
    """Proven: a smaller change is not enough."""
    enough: float
    """A plan is known with it; inf where the kind alone cannot restore feasibility."""
    where: tuple[tuple[LimitKey, float], ...] = ()
    """Limits that change most, each with its amount."""
    elsewhere: int = 0
    """Number of further limits that change."""

    @property
    def is_exact(self) -> bool:
        """Whether both amounts are the same, but for rounding."""
        return self.enough - self.least <= _FULL * max(1.0, self.enough)


def _never(problem: Problem) -> bool:
    del problem
    return False


def _as_it_is(table: pd.DataFrame) -> pd.DataFrame:
    return table


@dataclass(frozen=True)
class LimitKind:
    """Limits of a family that infeasibility analysis drops, names and relaxes alike."""

    name: str
    """Unique over all families; also the key of its words (``limit_words.csv`` of the report)."""
    family: str
    order: int
    """Kinds of lower order are dropped first by the deletion filter."""
    unit: str
    """Of its least change."""
    limits: Callable[[Problem], list[LimitKey]]
    """The limits one by one that options or sites of the problem can meet or miss."""
    without: Callable[[Problem, Collection[LimitKey] | None], Problem]
    """The problem without some of the limits, or all (None); bounds on blocks are left as they
    are."""
    scope: str | None = None
    """Scope of its keys; None for any."""
    side: Literal["least", "most"] = "most"
    """The side on which its limits are violated."""
    demands: Callable[[Problem], bool] = _never
    """Whether a plan without any block violates it."""
    proof_keys: Callable[[Problem, LimitKey], set[LimitKey]] | None = None
    """Undated keys of the rows that state a limit of the kind; None where no rows state it."""
    least_change: Callable[[Problem, Solves], LeastChange | None] | None = None
    """Its least change by a search of its own; None where the elastic program finds it."""
    counted: Callable[[pd.DataFrame], pd.DataFrame] = _as_it_is
    """Violations (`LimitKey` columns and ``gives``) with those that imply each other counted
    once."""
    lazy: bool = False
    """Whether its rows are generated while plans violate them."""

    def holds(self, key: LimitKey) -> bool:
        """Return whether a limit is of this kind."""
        return (
            key.family == self.family
            and self.scope in {None, key.scope}
            and key.side in {"", self.side}
        )


@dataclass(frozen=True, eq=False)
class Perturbation:
    """A limit moved by one natural unit."""

    key: LimitKey
    """Without the year, except that of a limit which has one year only."""
    year: int
    """The first year of the plan in which it has less than a unit of room."""
    moved_by: float
    """Positive where there is more of it."""
    unit: str
    loosens: bool
    """Whether every plan of the problem is one of the moved problem too."""
    problem: Problem
    """The moved problem."""
    certain: bool = True
    """Whether what else limits a better plan is part of the problem (False where only the oracle
    that generates the rows knows it)."""


@dataclass(frozen=True, eq=False)
class Room:
    """Slack of a plan in every limit, by key, in the unit of the limit."""

    blocks: Ints
    """(O,) the plan."""
    above: Mapping[LimitKey, float]
    """Up to the upper side."""
    below: Mapping[LimitKey, float]
    """Down to the lower side."""

    @classmethod
    def of(cls, usage: pd.DataFrame, blocks: Ints) -> Room:
        """Return the room in a table of usage."""
        above: dict[LimitKey, float] = {}
        below: dict[LimitKey, float] = {}
        for row in usage.to_dict("records"):
            key = LimitKey.of_row(row)
            above.setdefault(key, float(row["at_most"] - row["used"]))
            below.setdefault(key, float(row["used"] - row["at_least"]))
        return cls(blocks, above, below)

    @staticmethod
    def is_full(left: float, unit: float) -> bool:
        """Return whether less than a unit of room is left."""
        return left < unit * (1.0 - _FULL)

    def first_year(
        self,
        problem: Problem,
        key_in: Callable[[int], LimitKey],
        unit: float,
        side: Literal["least", "most"] = "most",
    ) -> int | None:
        """Return the first year in which a limit has less than a unit of room; None where none.

        Parameters
        ----------
        problem : Problem
            The one that the plan answers.
        key_in : callable
            Year (0 in a plan of one year) -> key of the limit.
        unit : float
            In the unit of the limit.
        side : {'least', 'most'}
            Which side of it.
        """
        left = self.above if side == "most" else self.below
        for year in problem.years:
            key = key_in(0 if problem.horizon == 1 else int(year))
            if key in left and self.is_full(left[key], unit):
                return int(year)
        return None


def _none(problem: Problem, room: Room) -> Iterable[Perturbation]:
    del problem, room
    return ()


@dataclass(frozen=True)
class Family:
    """One constraint family of the program."""

    name: str
    rows: Callable[[Problem], Rows]
    """Its rows over the variables of the program."""
    report: Callable[[Problem, Ints], pd.DataFrame]
    """What a plan uses of its limits (`siteopt.portfolio.constraints._rows.usage`)."""
    block_bounds: tuple[BlockBound, ...] = ()
    kinds: tuple[LimitKind, ...] = ()
    elastic_rows: Callable[[Problem, Collection[str]], Rows] | None = None
    """Its rows, those of some kinds with slack at a cost (elastic rows)."""
    perturbations: Callable[[Problem, Room], Iterator[Perturbation] | Iterable[Perturbation]] = (
        _none
    )
    """Its limits that bind, or have less than a unit of room, moved by a unit each way."""
    in_relaxation: bool = True
    """Whether its rows are part of linear relaxations; False where cuts stand in for them."""


def years_of(problem: Problem, keys: Collection[LimitKey]) -> Ints:
    """Return the indices of the years of some keys, undated ones left out."""
    years = [key.year for key in keys if key.year]
    return np.searchsorted(problem.years, np.array(years, dtype=np.int64)).astype(np.int64)
