"""Scenario sets: every variant solved, regrets of plans, what all plans share, robust plans."""

from __future__ import annotations

from siteopt.scenario_sets.execution import run_set
from siteopt.scenario_sets.set_result import SetResult, open_set

__all__ = ["SetResult", "open_set", "run_set"]
