"""Scenario section of uncertainty: how many draws, how spread, and when a site is robust."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from siteopt.scenario._base import Model

__all__ = ["DRAWS", "Uncertainty"]

DRAWS: Final = {"none": 0, "quick": 64, "full": 1000}
"""Number of draws of each preset."""


class Uncertainty(Model):
    """Draws of all assumptions together, each solved again.

    Ranges are those of the parameter tables; those of headroom and land prices are in
    ``uncertainty.csv`` of the data folder.
    """

    preset: Literal["none", "quick", "full"] = "none"
    """``quick``: 64 draws, a part of a run; ``full``: 1,000, minutes to an hour; ``none``."""
    draws: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """Number of draws in place of the preset's."""
    method: Literal["sobol", "latin"] = "sobol"
    """Scrambled Sobol points, or a Latin hypercube."""
    gap: Annotated[float, Field(ge=0, le=0.01)] = 2e-5
    """Relative gap at which the plan of a draw counts as optimal."""
    time_limit_s: Annotated[float, Field(gt=0)] = 3600.0
    """Wall seconds for all draws; those not begun by then are left out, and the files say so."""
    robust_share_pct: Annotated[float, Field(gt=50, le=100)] = 80.0
    """Least share of the draws in whose plan a robust site (station, district) is."""

    @property
    def count(self) -> int:
        """Number of draws."""
        return DRAWS[self.preset] if self.draws is None else self.draws
