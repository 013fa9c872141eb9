"""Find where South Korea should put gigawatts of AI data centres outside the capital region.

The public API is small: :func:`load_scenario` reads what to decide, :func:`run` answers it and
writes the files of a run, :func:`open_run` opens a finished run again, :func:`compare_runs`
compares two, and :class:`Study` holds an answer in memory, for notebooks.
:func:`run_set` answers a set of scenarios, and :func:`open_set` opens a finished one.
:func:`sensitivity_table` solves the plan with each assumption at both of its ends,
:func:`backtest` is a plausibility check against a list of real sites, :func:`weigh_sites` weighs
criteria by judgements of stakeholders, :func:`compare_hubs` puts one hub, several campuses and
many sites side by side, :func:`screen_to_file` screens land in cells of any size, and
:func:`study_hosting` asks the grid alone.

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
    from siteopt.backtesting.backtest import Backtest, backtest
    from siteopt.comparison import Comparison, compare_runs
    from siteopt.comparison.hubs import compare_hubs
    from siteopt.comparison.side_by_side import side_by_side
    from siteopt.errors import (
        InfeasibleError,
        LayerError,
        LayerFileError,
        ScenarioError,
        SiteoptError,
        SolverError,
    )
    from siteopt.grid.connections import Connections
    from siteopt.grid.hosting_study import HostingStudy, study_hosting
    from siteopt.lattice import Lattice
    from siteopt.multicriteria.analysis import MulticriteriaAnalysis
    from siteopt.portfolio.analysis import Further
    from siteopt.portfolio.optimal_plan import Portfolio
    from siteopt.runs.execution import run
    from siteopt.runs.multicriteria import weigh_sites
    from siteopt.runs.page import Page
    from siteopt.runs.results import Run, open_run
    from siteopt.runs.screening import screen_to_file
    from siteopt.runs.study import Study
    from siteopt.scenario import Scenario, load_scenario
    from siteopt.scenario.judgements import Judgements, read_judgements
    from siteopt.scenario.key_paths import DELETE
    from siteopt.scenario_sets.execution import run_set
    from siteopt.scenario_sets.set_result import SetResult, open_set
    from siteopt.screening.eligibility import Eligibility
    from siteopt.screening.reason_file import ScreenedFile
    from siteopt.sensitivity.table import Sensitivity, sensitivity_table

__all__ = [
    "DELETE",
    "Backtest",
    "Comparison",
    "Connections",
    "Eligibility",
    "Further",
    "HostingStudy",
    "InfeasibleError",
    "Judgements",
    "Lattice",
    "LayerError",
    "LayerFileError",
    "MulticriteriaAnalysis",
    "Page",
    "Portfolio",
    "Run",
    "Scenario",
    "ScenarioError",
    "ScreenedFile",
    "Sensitivity",
    "SetResult",
    "SiteoptError",
    "SolverError",
    "Study",
    "backtest",
    "compare_hubs",
    "compare_runs",
    "load_scenario",
    "open_run",
    "open_set",
    "read_judgements",
    "run",
    "run_set",
    "screen_to_file",
    "sensitivity_table",
    "side_by_side",
    "study_hosting",
    "weigh_sites",
]

_HOMES: Final = {
    "backtesting.backtest": ("Backtest", "backtest"),
    "comparison": ("Comparison", "compare_runs"),
    "comparison.hubs": ("compare_hubs",),
    "comparison.side_by_side": ("side_by_side",),
    "errors": (
        "InfeasibleError",
        "LayerError",
        "LayerFileError",
        "ScenarioError",
        "SiteoptError",
        "SolverError",
    ),
    "grid.connections": ("Connections",),
    "grid.hosting_study": ("HostingStudy", "study_hosting"),
    "lattice": ("Lattice",),
    "multicriteria.analysis": ("MulticriteriaAnalysis",),
    "portfolio.analysis": ("Further",),
    "portfolio.optimal_plan": ("Portfolio",),
    "runs.execution": ("run",),
    "runs.multicriteria": ("weigh_sites",),
    "runs.results": ("Run", "open_run"),
    "runs.screening": ("screen_to_file",),
    "scenario": ("Scenario", "load_scenario"),
    "scenario.key_paths": ("DELETE",),
    "scenario.judgements": ("Judgements", "read_judgements"),
    "scenario_sets.execution": ("run_set",),
    "scenario_sets.set_result": ("SetResult", "open_set"),
    "screening.eligibility": ("Eligibility",),
    "screening.reason_file": ("ScreenedFile",),
    "sensitivity.table": ("Sensitivity", "sensitivity_table"),
    "runs.page": ("Page",),
    "runs.study": ("Study",),
}
"""Modules of the names above: loaded when asked for, so that little things answer at once."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"siteopt.{module}"), name)
    raise AttributeError(f"module 'siteopt' has no attribute {name!r}")
