"""Scenario sections of clean supply: the land that new solar and wind may take."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from siteopt.scenario._base import Model
from siteopt.scenario.exclusions import Exclusion
from siteopt.scenario.limits import Percent
from siteopt.scenario.screening import check_rules

__all__ = ["Potential"]


class Potential(Model):
    """Land for new plants of a technology: all that no rule excludes, and a share of it."""

    technology: Literal["solar", "onshore_wind"]
    """What is built on it."""
    share_pct: Percent
    """Most of the eligible land that plants may take, in per cent."""
    exclusions: Annotated[list[Exclusion], Field(min_length=1, max_length=31)]
    """Reasons that exclude a cell for this technology: setbacks, slopes, protected land."""

    @model_validator(mode="after")
    def _rules_are_sound(self) -> Self:
        check_rules(self.exclusions)
        return self
