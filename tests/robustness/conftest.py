"""The draw model of the small national run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import siteopt
from siteopt.runs import pipeline

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.robustness.draw_model import DrawModel


@dataclass
class Drawn:
    """A study, its draw model and the steps of its plan."""

    study: siteopt.Study
    model: DrawModel
    steps: pd.DataFrame
    cost_bn_krw: float


class Stages:
    """A study as the pipeline needs it."""

    def __init__(self, study: siteopt.Study) -> None:
        self.scenario, self.layers = study.scenario, study.layers
        self.result = study._result


@pytest.fixture(scope="session")
def drawn(small_run) -> Drawn:
    study = siteopt.Study(small_run.scenario_file, cache=small_run.cache)
    stages = Stages(study)
    optimum = stages.result(pipeline.PORTFOLIO)
    steps = optimum.plan.steps(optimum.problem)
    return Drawn(study, pipeline.draw_model_of(stages), steps, optimum.plan.objective)
