"""Find where South Korea should put gigawatts of AI data centres outside the capital region.

The public API is small: :func:`load_scenario` reads what to decide, :func:`run` answers it and
writes the files of a run, :func:`open_run` opens a finished run again, and :class:`Study` holds
an answer in memory, for notebooks.

Examples
--------
>>> import siteopt
>>> scenario = siteopt.load_scenario("national-2035")
>>> scenario.target.it_mw
3000.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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
    from siteopt.study import Study

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
    "Study",
    "compare_runs",
    "load_scenario",
    "open_run",
    "run",
]

_HOMES: Final = {
    "comparison": ("Comparison", "compare_runs"),
    "errors": (
        "InfeasibleError",
        "LayerError",
        "LayerFileError",
        "ScenarioError",
        "SiteoptError",
        "SolverError",
    ),
    "pipeline": ("run",),
    "runs": ("Run", "open_run"),
    "scenario": ("Scenario", "load_scenario"),
    "study": ("Study",),
}
"""Modules of the names above: loaded when asked for, so that little things answer at once."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"siteopt.{module}"), name)
    raise AttributeError(f"module 'siteopt' has no attribute {name!r}")
