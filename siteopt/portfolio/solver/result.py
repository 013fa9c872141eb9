"""Result of a MIP: the incumbent, its optimality gap, and what is proven.

One type from the solver to the searches over many MIPs, as `Result` of PyVRP and linopy.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = ["Result", "Status"]

Status = Literal["optimal", "feasible", "infeasible", "cutoff", "unknown"]
"""optimal: within the gap. feasible: stopped with an incumbent. infeasible: there is no solution.
cutoff: proven that nothing is better than the cutoff. unknown: stopped without an incumbent."""

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, eq=False)
class Result(Generic[T]):
    """Result of a MIP, or of a search that solves one restricted MIP after the other."""

    status: Status
    incumbent: T | None
    """The best solution found: values of the program's columns (checked against its arrays), or
    the blocks of a plan by option. None where there is none."""
    objective: float
    """Its cost, inf where there is none."""
    bound: float
    """Proven lower bound on the cost; inf where it is proven that there is no solution."""
    seconds: float = 0.0
    """Wall seconds."""
    mips: list[dict[str, Any]] = field(default_factory=list)
    """Sizes and results of the restricted MIPs on the way, for the record of a run."""
    size_limit: bool = False
    """Whether a search ended before a MIP larger than it was allowed: there is more to be done."""

    @classmethod
    def of_search(
        cls,
        incumbent: T | None,
        objective: float,
        bound: float,
        *,
        proven: bool,
        mips: list[dict[str, Any]] | None = None,
    ) -> Result[T]:
        """Return the result of a search: proven where the gap is closed, or where none is there."""
        names: dict[tuple[bool, bool], Status] = {
            (True, True): "optimal", (True, False): "feasible",
            (False, True): "infeasible", (False, False): "unknown",
        }  # fmt: skip
        status = names[incumbent is not None, proven]
        return Result(status, incumbent, objective, bound, mips=[] if mips is None else mips)

    @classmethod
    def none(cls, status: Literal["infeasible", "cutoff", "unknown"], bound: float) -> Result[T]:
        """Return a result without an incumbent."""
        return Result(status, None, np.inf, bound)

    @property
    def proven(self) -> bool:
        """Whether the incumbent is optimal within the gap, or none is proven to be there."""
        return self.status in ("optimal", "infeasible")

    @property
    def gap(self) -> float:
        """Relative optimality gap, inf without an incumbent."""
        if self.incumbent is None:
            return np.inf
        return max(self.objective - self.bound, 0.0) / max(abs(self.objective), 1e-9)

    def restated(self, by: Callable[[T], U]) -> Result[U]:
        """Return the result with its incumbent in another form, such as blocks for columns."""
        incumbent = None if self.incumbent is None else by(self.incumbent)
        return replace(self, incumbent=incumbent)  # type: ignore[arg-type,return-value]
