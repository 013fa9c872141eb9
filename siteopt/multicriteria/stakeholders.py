"""Group decision: what several stakeholders agree on, and what a compromise costs each of them.

The compromise of least regret is Savage's minimax regret (1951) over sets of sites, as a
mixed-integer program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import ScenarioError, SolverError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MinimaxRegret", "best_sites", "losses", "minimax_regret"]

_CHUNK: Final = 2**20
"""Most pairs of sites compared at a time."""
_GAP: Final = 1e-9
"""Relative gap of the program that chooses the sites."""


@dataclass(frozen=True, eq=False)
class MinimaxRegret:
    """The sites with which the stakeholder who loses most loses least, and weights for them.

    Attributes
    ----------
    sites : ndarray of int64
        Places of the sites, the best by `weights` first.
    regret : ndarray of float64
        Mean suitability that each stakeholder loses against its own best sites.
    voices : ndarray of float64
        Share of each stakeholder in `weights`, summing to 1.
    weights : ndarray of float64
        Mean of the stakeholders' weights by which these sites stand out most.
    margin : float
        How far in suitability they stand out; below 0 where no mean of the weights has exactly
        these sites as its best.
    """

    sites: NDArray[np.int64]
    regret: NDArray[np.float64]
    voices: NDArray[np.float64]
    weights: NDArray[np.float64]
    margin: float


def best_sites(
    values: NDArray[np.float64], weights: NDArray[np.float64], count: int
) -> NDArray[np.int64]:
    """Return the places of the sites with the largest weighted values, best first; ties by place.

    Parameters
    ----------
    values : ndarray of float64
        Shape (sites, criteria).
    weights : ndarray of float64
        Weights of the criteria.
    count : int
        How many.

    Returns
    -------
    ndarray of int64
        Places of the sites.

    Examples
    --------
    >>> import numpy as np
    >>> from siteopt.multicriteria import best_sites
    >>> best_sites(np.array([[0.2], [0.9], [0.5]]), np.array([1.0]), 2).tolist()
    [1, 2]
    """
    order: NDArray[np.int64] = np.argsort(-(values @ weights), kind="stable")[:count]
    return order


def losses(
    values: NDArray[np.float64], individual: NDArray[np.float64], taken: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Regret of each stakeholder if some sites are taken instead of its own best ones.

    Parameters
    ----------
    values : ndarray of float64
        Shape (sites, criteria).
    individual : ndarray of float64
        Shape (stakeholders, criteria): weights of each.
    taken : ndarray of int64
        Places of the sites that are taken.

    Returns
    -------
    ndarray of float64
        Mean suitability that each loses, by its own weights; 0 where its best sites are taken.

    Examples
    --------
    >>> import numpy as np
    >>> from siteopt.multicriteria import losses
    >>> values = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.6]])
    >>> losses(values, np.eye(2), np.array([2])).tolist()
    [0.4, 0.4]
    """
    own = [(values[best_sites(values, one, len(taken))] @ one).mean() for one in individual]
    lost: NDArray[np.float64] = np.array(own) - (values[taken] @ individual.T).mean(axis=0)
    return np.maximum(0.0, lost)


def minimax_regret(
    values: NDArray[np.float64], individual: NDArray[np.float64], count: int
) -> MinimaxRegret:
    """Find the sites that minimise the largest regret of any stakeholder, and weights for them.

    With x the sites taken: minimise r subject to own_s - (1/N) sum_i u_s(i) x_i <= r for each
    stakeholder s, sum x = N, x binary. Sites with N others that are as good for everybody, and
    better for somebody, are not needed and left out. The weights are the mean of the stakeholders'
    weights by which the least of the taken sites is farthest ahead of the best of the rest (a
    linear program in the shares of the mean).

    Parameters
    ----------
    values : ndarray of float64
        Shape (sites, criteria), 0..1.
    individual : ndarray of float64
        Shape (stakeholders, criteria): weights of each, summing to 1.
    count : int
        How many sites are taken.

    Returns
    -------
    MinimaxRegret
        Sites, regrets and weights.

    Raises
    ------
    ScenarioError
        If more sites are to be taken than there are, or none.
    SolverError
        If the solver gives no answer.

    Examples
    --------
    >>> import numpy as np
    >>> from siteopt.multicriteria import minimax_regret
    >>> values = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.6]])
    >>> found = minimax_regret(values, np.eye(2), 1)
    >>> found.sites.tolist(), found.weights.tolist(), found.regret.tolist()
    ([2], [0.5, 0.5], [0.4, 0.4])
    """
    if not 1 <= count <= len(values):
        raise ScenarioError(f"best = {count}; there are {len(values)} sites to take it from")
    suitability = values @ individual.T
    taken = _least_regret(values, individual, suitability, count)
    voices, margin = _voices(suitability, taken)
    weights = voices @ individual
    weights /= weights.sum()
    taken = taken[np.argsort(-(values[taken] @ weights), kind="stable")]
    return MinimaxRegret(taken, losses(values, individual, taken), voices, weights, margin)


def _least_regret(
    values: NDArray[np.float64],
    individual: NDArray[np.float64],
    suitability: NDArray[np.float64],
    count: int,
) -> NDArray[np.int64]:
    """Return the places of the sites whose largest regret is least, in rising order.

    Equation least-regret of docs/method.md.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - loads its solvers

    at = _undominated(suitability, count)
    own = [suitability[best_sites(values, one, count), number].mean()
           for number, one in enumerate(individual)]  # fmt: skip
    n, people = len(at), len(own)
    regrets = LinearConstraint(
        np.hstack([suitability[at].T / count, np.ones((people, 1))]), np.array(own), np.inf
    )
    number = LinearConstraint(np.append(np.ones(n), 0.0)[None, :], count, count)
    solved = milp(
        np.append(np.zeros(n), 1.0),
        constraints=[regrets, number],
        integrality=np.append(np.ones(n), 0.0),
        bounds=Bounds(np.zeros(n + 1), np.append(np.ones(n), np.inf)),
        options={"mip_rel_gap": _GAP},
    )
    if solved.x is None:
        raise SolverError(f"HiGHS found no sites of least regret ({solved.message}); report it")
    return at[np.sort(np.argsort(-solved.x[:n], kind="stable")[:count])]


def _undominated(suitability: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the places of sites with fewer than so many others at least as good for everybody."""
    n = len(suitability)
    kept = np.zeros(n, dtype=bool)
    step = max(1, _CHUNK // n)
    for begin in range(0, n, step):
        places = np.arange(begin, min(begin + step, n))
        as_good = np.ones((len(places), n), dtype=bool)
        better = np.zeros((len(places), n), dtype=bool)
        for own in suitability.T:  # a stakeholder at a time: reductions over a short axis are slow
            as_good &= own >= own[places, None]
            better |= own > own[places, None]
        better &= as_good
        # of equal ones the first: these are before a site, too
        equal_before = (as_good & ~better) & (np.arange(n) < places[:, None])
        kept[places] = (better | equal_before).sum(axis=1) < count
    return np.flatnonzero(kept)


def _voices(
    suitability: NDArray[np.float64], taken: NDArray[np.int64]
) -> tuple[NDArray[np.float64], float]:
    """Return the shares by which taken sites stand out most, and by how much."""
    from scipy.optimize import linprog  # noqa: PLC0415 - loads scipy's solvers

    n, people = suitability.shape
    signs = np.ones(n)
    signs[taken] = -1.0
    # a row a site: taken ones are half the margin above a level, the others below it
    rows = np.column_stack([signs[:, None] * suitability, -signs, np.full(n, 0.5)])
    solved = linprog(
        np.append(np.zeros(people + 1), -1.0),
        A_ub=rows,
        b_ub=np.zeros(n),
        A_eq=np.append(np.ones(people), [0.0, 0.0])[None, :],
        b_eq=[1.0],
        bounds=[*[(0.0, 1.0)] * people, (None, None), (None, 1.0)],
        method="highs-ds",
    )
    if solved.x is None:
        raise SolverError(f"HiGHS found no weights of a compromise ({solved.message}); report it")
    shares = np.maximum(0.0, solved.x[:people])
    return shares / shares.sum(), float(solved.x[-1])
