"""Find where South Korea should put gigawatts of AI data centres outside the capital region.

The public API is small: :func:`load_scenario` reads what to decide, :func:`run` answers it and
writes the files of a run, :func:`open_run` opens a finished run again.

Examples
--------
>>> import siteopt
>>> scenario = siteopt.load_scenario("national-2035")
>>> scenario.target.it_mw
3000.0
"""

from __future__ import annotations

from siteopt.comparison import Comparison, compare_runs
from siteopt.errors import (
    InfeasibleError,
    LayerError,
    LayerFileError,
    ScenarioError,
    SiteoptError,
    SolverError,
)
from siteopt.pipeline import run
from siteopt.runs import Run, open_run
from siteopt.scenario import Scenario, load_scenario

__all__ = [
    "Comparison",
    "InfeasibleError",
    "LayerError",
    "LayerFileError",
    "Run",
    "Scenario",
    "ScenarioError",
    "SiteoptError",
    "SolverError",
    "compare_runs",
    "load_scenario",
    "open_run",
    "run",
]
