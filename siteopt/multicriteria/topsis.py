"""TOPSIS: closeness of alternatives to the ideal one.

Hwang, C. L. and Yoon, K. (1981), Multiple Attribute Decision Making. Computed by pymcdm
(decision 0007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["topsis"]


def topsis(
    values: NDArray[np.float64],
    weights: Sequence[float] | NDArray[np.float64],
    *,
    better: Sequence[str] | None = None,
) -> NDArray[np.float64]:
    """Relative closeness to the ideal alternative (TOPSIS, vector normalisation).

    Criteria in which all alternatives are the same are left out: they add to neither distance.

    Parameters
    ----------
    values : ndarray of float64
        Shape (alternatives, criteria).
    weights : sequence of float
        Weights of the criteria; their sum counts as 1.
    better : sequence of {'high', 'low'}, optional
        Which end of each criterion is better; ``high`` by default.

    Returns
    -------
    ndarray of float64
        Closeness of each alternative: 0 is the worst in everything, 1 the best in everything.

    Raises
    ------
    ScenarioError
        If weights do not fit, or no criterion with a weight tells the alternatives apart.

    Examples
    --------
    >>> import numpy as np
    >>> from siteopt.multicriteria import topsis
    >>> topsis(np.array([[1.0, 9.0], [2.0, 4.0]]), [0.5, 0.5], better=["high", "low"]).tolist()
    [0.0, 1.0]
    """
    from pymcdm.methods import TOPSIS  # noqa: PLC0415 - loads plotting libraries
    from pymcdm.normalizations import vector_normalization  # noqa: PLC0415

    table = np.asarray(values, dtype=np.float64)
    given = np.asarray(weights, dtype=np.float64)
    if len(given) != table.shape[1] or (given < 0).any():
        raise ScenarioError("weights: one for each criterion is needed, none below 0")
    spread = (table.max(axis=0) > table.min(axis=0)) & (given > 0)
    if not spread.any():
        raise ScenarioError(
            "no criterion with a weight tells the alternatives apart; there must be a spread"
        )
    signs = np.array([1 if end == "high" else -1 for end in better or ["high"] * len(given)])
    shares = given[spread] / given[spread].sum()
    closeness: NDArray[np.float64] = TOPSIS(vector_normalization)(
        table[:, spread], shares, signs[spread], validation=False
    )
    return closeness
