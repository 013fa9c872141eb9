"""Rank acceptabilities of all sites of a ready scenario, timed."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

import siteopt
from siteopt.multicriteria import acceptability_analysis, draw_weights, promethee, topsis
from siteopt.scenario.weights import CRITERION_NAMES

__all__ = ["Timed", "time_methods"]

_REPEATS = 3


class Timed(NamedTuple):
    """Seconds of a method, the least of three times.

    Attributes
    ----------
    method : str
        Name of the method.
    sites : int
        Sites that were put in order.
    seconds : float
        Wall seconds.
    """

    method: str
    sites: int
    seconds: float


def time_methods(scenario: str, draws: int, cache: str | None = None) -> list[Timed]:
    """Return the seconds of draws with their acceptabilities, of TOPSIS and of PROMETHEE II.

    Scores are computed before, and libraries loaded.

    Parameters
    ----------
    scenario : str
        A scenario file, or the name of a ready one.
    draws : int
        Number of draws of weights.
    cache : str, optional
        Folder that keeps results of stages.
    """
    scores = siteopt.Study(scenario, cache=cache).scores
    values = scores[[f"score_{name}" for name in CRITERION_NAMES]].to_numpy()
    n_criteria = values.shape[1]
    weights = np.full(n_criteria, 1.0 / n_criteria)

    def drawn() -> None:
        acceptability_analysis(values, draw_weights(n_criteria, draws), ranks=10)

    methods = {
        f"{draws} draws, SMAA-2": drawn,
        "TOPSIS": lambda: topsis(values, weights),
        "PROMETHEE II": lambda: promethee(values, weights, preference=[0.3] * n_criteria),
    }
    out = []
    for name, method in methods.items():
        method()  # loads its libraries
        least = float("inf")
        for _ in range(_REPEATS):
            begin = time.perf_counter()
            method()
            least = min(least, time.perf_counter() - begin)
        out.append(Timed(name, len(values), least))
    return out
