"""Matched energy of several variants: the weighted sum of their energy costs, cut by cut.

The energy cost of a variant is a convex function of the loads, so is a weighted sum of them, and the
weighted sum of a cut of each is a cut of it (the aggregated cut of the L-shaped method: Van Slyke and
Wets, L-shaped linear programs, 1969).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.robust.variant_program import VariantProgram
    from siteopt.portfolio.search.grid_oracle import EnergyLike, FlowLimitLike, GridLike

__all__ = ["JointGrid", "WeightedEnergy", "energy_cut"]


@dataclass(frozen=True, eq=False)
class WeightedEnergy:
    """Energy cost of several variants at the same loads, each with a weight."""

    parts: tuple[tuple[float, EnergyLike], ...]

    def cut(self, load_mw: Floats) -> tuple[float, Floats]:
        """Return the weighted cost (bn KRW) of loads (Y, N), and a subgradient (Y, N) of it."""
        cost, price = 0.0, np.zeros_like(load_mw)
        for weight, energy in self.parts:
            one, subgradient = energy.cut(load_mw)
            cost, price = cost + weight * one, price + weight * subgradient
        return cost, price


@dataclass(frozen=True, eq=False)
class JointGrid:
    """Grids of variants with the loads of the joint problem, and the weighted energy cost.

    Flow limits of the others are limits on loads of their own, and so rows of the joint program.
    """

    bus_id: Sequence[str]
    energy: EnergyLike | None
    grids: tuple[GridLike, ...] = ()

    @classmethod
    def of(
        cls,
        programs: Sequence[VariantProgram],
        weights: Floats,
        grids: Sequence[GridLike] = (),
    ) -> GridLike | None:
        """Return it for some variants; None where they have neither grids nor matched energy.

        Parameters
        ----------
        programs : sequence of VariantProgram
            In the order of the weights.
        weights : ndarray of float
            (V,) weights of their costs.
        grids : sequence of GridLike
            Of variants with the loads of the joint problem.
        """
        parts = tuple(
            (float(weight), one.grid.energy)
            for one, weight in zip(programs, weights, strict=True)
            if one.is_matched and weight > 0 and one.grid is not None and one.grid.energy
        )
        buses = [str(bus) for bus in programs[0].problem.bus_id]
        if not parts and not grids:
            return None
        return cls(buses, WeightedEnergy(parts) if parts else None, tuple(grids))

    def broken(self, loads: Iterable[Floats]) -> Sequence[FlowLimitLike]:
        """Return limits that some of the loads break in any of the grids."""
        asked = list(loads)
        return [limit for grid in self.grids for limit in grid.broken(asked)]

    def verify(self, load_mw: Floats) -> None:
        """Accept every load: plans are judged in each variant."""

    def account(self, load_mw: Floats) -> pd.DataFrame:
        """Refuse: the account of a grid is that of one variant."""
        raise NotImplementedError

    def further(self, load_mw: Floats, provinces: Sequence[str]) -> pd.DataFrame:
        """Refuse: what a grid can serve further is that of one variant."""
        raise NotImplementedError


def energy_cut(part: Problem, grid: GridLike | None, blocks: Ints) -> tuple[float, Any]:
    """Return the cut of a variant's energy cost at a plan: constant, and bn KRW a block (O,).

    Parameters
    ----------
    part : Problem
        Problem of the variant.
    grid : GridLike or None
        Its grid.
    blocks : ndarray of int
        (O,) the plan.
    """
    if grid is None or grid.energy is None or not part.energy_counts:
        return 0.0, np.zeros(part.options)
    load = part.yearly_bus_loads(blocks)
    cost, price = grid.energy.cut(load)
    # What begins in a year runs in it and all later ones.
    from_year = np.cumsum(price[::-1], axis=0)[::-1]
    known = part.option_bus >= 0
    bus = np.where(known, part.option_bus, 0)
    each = from_year[part.option_year, bus] * np.where(known, part.facility_mw, 0.0)
    return cost - float((price * load).sum()), each
