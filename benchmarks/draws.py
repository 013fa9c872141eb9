"""Draws of all assumptions of a ready scenario, timed: each solved over all candidates."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np

import siteopt
from siteopt.robustness.draws import draw_inputs, solve_draws
from siteopt.robustness.uncertain_inputs import read_rules
from siteopt.runs import pipeline

__all__ = ["Timed", "time_draws"]


class Timed(NamedTuple):
    """Seconds of draws.

    Attributes
    ----------
    sites, draws : int
        Candidates, and draws that were solved.
    seconds : float
        Wall seconds of all of them.
    proven : int
        Draws whose plan is proven within the gap, or proven to have none.
    answer : str
        Hash of the table of draws.
    """

    sites: int
    draws: int
    seconds: float
    proven: int
    answer: str


class _Stages:
    """A study as the pipeline needs it."""

    def __init__(self, study: siteopt.Study) -> None:
        self.scenario, self.layers = study.scenario, study.layers
        self.result = study._result  # noqa: SLF001 - a study of our own


def time_draws(
    scenario: str, draws: int, sites: int | None, cache: str | None, processes: int | None = None
) -> Timed:
    """Return the seconds of draws; the stages of the run are computed before.

    Parameters
    ----------
    scenario : str
        A scenario file, or the name of a ready one.
    draws : int
        Number of draws.
    sites : int, optional
        Candidates that stay, those of the plan and others evenly through the list; all by default.
    cache : str, optional
        Folder that keeps results of stages.
    processes : int, optional
        Copies of this process where no cluster is in use; the cores of the solver by default.
    """
    stages = _Stages(siteopt.Study(scenario, cache=cache))
    optimum = stages.result(pipeline.PORTFOLIO)
    steps = optimum.plan.steps(optimum.problem)
    model = pipeline.draw_model_of(stages)  # type: ignore[arg-type]
    if sites is not None:
        model = _fewer(model, set(steps["site_id"]), sites)
    model.warm()
    inputs = draw_inputs(model, read_rules(), model.parameters_read(), draws, "sobol")
    begin = time.perf_counter()
    cores = model.scenario.solver.threads if processes is None else processes
    found = solve_draws(model, inputs.assumptions, steps, processes=cores)
    seconds = time.perf_counter() - begin
    proven = int(found.table["status"].isin(["optimal", "infeasible"]).sum())
    answer = hashlib.sha256(found.table.to_csv().encode()).hexdigest()
    return Timed(len(model.sites), len(found.table), seconds, proven, answer)


def _fewer(model: pipeline.DrawModel, kept: set[str], count: int) -> pipeline.DrawModel:
    """Return the model with some candidates alone."""
    names = model.sites["site_id"].astype(str).to_numpy()
    others = np.array([name for name in names if name not in kept])
    picked = others[np.linspace(0, len(others) - 1, count - len(kept)).astype(int)]
    options = model.connections.options
    own = options["site_id"].astype(str).isin(kept | set(picked.tolist()))
    part = model.restricted(options.loc[own, "option_id"].tolist())
    problem = model.problem.take(
        np.flatnonzero(np.isin(model.problem.option_id, options.loc[own, "option_id"]))
    )
    return replace(part, problem=problem)
