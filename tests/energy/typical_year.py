"""Typical days of a year, and the days of its lulls one by one.

Clusters of days smear a lull, and 100 % clean by the hour is sized by lulls. So the plan of the
typical days is replayed over all hours, and the days of the worst shortage stand for themselves
from then on (Teichgraeber, Kuepper and Brandt 2021, Designing reliable future energy systems by
iteratively including extreme periods in time-series aggregation).
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tests.energy.supplies import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from siteopt.energy.program import EnergyCost

    Floats = NDArray[np.float64]
    Order = NDArray[np.int64]

LONGEST_LULL = 15
"""Days; a longer lull is taken in from where it is that many days old."""

ROUNDS = 8


def clustered_days(yields: Floats, count: int) -> tuple[Floats, Order]:
    """Return the yields of typical days by tsam and the typical day of each day."""
    import tsam  # noqa: PLC0415 - seconds, and only some tests need it

    hours = pd.date_range("2001-01-01", periods=len(yields), freq="h")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tsam's own deprecations
        found = tsam.aggregate(
            pd.DataFrame(yields, index=hours, columns=["sun", "wind"]), n_clusters=count,
            cluster=tsam.ClusterConfig(method="hierarchical", representation="distribution"),
        )  # fmt: skip
    typical = found.cluster_representatives.to_numpy().clip(0.0, 1.0)
    return typical, np.asarray(found.cluster_assignments, dtype=np.int64)


def days_with_lulls(
    yields: Floats, count: int, plan_of: Callable[[Floats, Order], EnergyCost],
    load_mw: float, efficiency: float,
) -> tuple[Floats, Order]:  # fmt: skip
    """Return typical days and their order, with each lull that a plan of 100 % does not outlast."""
    typical, order = clustered_days(yields, count)
    alone: set[int] = set()
    for _ in range(ROUNDS):
        days = lull(yields, plan_of(typical, order), load_mw, efficiency)
        new = [day for day in days if day not in alone]
        if not new:
            break
        alone.update(new)
        order = order.copy()
        order[new] = len(typical) // DAY + np.arange(len(new))
        whole = np.concatenate([typical.reshape(-1, DAY, 2), yields.reshape(-1, DAY, 2)[new]])
        used, order = np.unique(order, return_inverse=True)
        typical = whole[used].reshape(-1, 2)
    return typical, order


def lull(yields: Floats, plan: EnergyCost, load_mw: float, efficiency: float) -> list[int]:
    """Return the days from where storage was last full to the end of the worst shortage."""
    lacking, level = replayed(yields, plan, load_mw, efficiency)
    count, most = len(yields) // DAY, float(plan.storage_mwh[0])
    by_day = lacking.reshape(count, DAY).sum(axis=1)
    full = level.reshape(count, DAY).max(axis=1) >= most * (1.0 - 1e-6)
    begin = end = worst = int(by_day.argmax())
    if by_day[worst] < 1e-3 * load_mw * DAY:
        return []
    while not full[begin % count] and worst - begin < LONGEST_LULL:
        begin -= 1
    while by_day[(end + 1) % count] > 0 and end - begin < LONGEST_LULL:
        end += 1
    return [day % count for day in range(begin, end + 1)]


def replayed(
    yields: Floats, plan: EnergyCost, load_mw: float, efficiency: float
) -> tuple[Floats, Floats]:
    """Return what lacks and the level of storage by hour: charged whenever there is more."""
    surplus, one_way = (yields @ plan.source_mw - load_mw).tolist(), efficiency**0.5
    power, most = float(plan.storage_mw[0]), float(plan.storage_mwh[0])
    lacking, levels, level = np.zeros(len(yields)), np.zeros(len(yields)), most
    for _ in range(2):  # the second year begins as the first one ends
        for hour, spare in enumerate(surplus):
            if spare >= 0:
                level = min(most, level + one_way * min(spare, power))
            else:
                given = min(-spare, power, level * one_way)
                level -= given / one_way
                lacking[hour] = -spare - given
            levels[hour] = level
    return lacking, levels
