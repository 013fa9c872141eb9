"""One-at-a-time sensitivity of the optimal plan to single assumptions."""

from __future__ import annotations

import multiprocessing
import os
import time
import uuid
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from siteopt._temporary import temporary_folder
from siteopt.distribution import TASKS_AHEAD, cluster, in_order
from siteopt.errors import InfeasibleError, SiteoptError
from siteopt.portfolio.plan_result import PlanResult, cost_of_fixed_plan
from siteopt.runs.execution import CACHE_VARIABLE
from siteopt.runs.pipeline import CHOICE, task_of
from siteopt.runs.study import Study
from siteopt.runs.worker_cache import check_inputs, worker_cache
from siteopt.sensitivity.variants import Variant, find_variants, without_range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import geopandas as gpd

    from siteopt.distribution import ClusterExecutor
    from siteopt.scenario import Scenario

__all__ = ["COLUMNS", "NEAR_KM", "Sensitivity", "sensitivity_table"]

NEAR_KM: Final = 10.0
"""A chosen site this close to one of the base plan is in the same place."""

COLUMNS: Final = (
    "kind", "key", "side", "base", "value", "unit", "status", "cost_bn_krw", "change_bn_krw",
    "keeping_bn_krw", "sites", "kept", "base_sites", "near", "jaccard", "it_mw_moved",
    "provinces_gained", "provinces_lost", "gap", "confidence", "source", "note", "seconds",
)  # fmt: skip
"""Columns of the table, in order; see `Sensitivity`."""


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What single assumptions do to the plan.

    Attributes
    ----------
    scenario : Scenario
        What is decided.
    base : PlanResult
        Its plan.
    table : DataFrame
        One row a variant, the most moving key first: ``kind``, ``key``, ``side``, ``base`` and
        ``value`` in ``unit``, ``status`` (of `PlanResult`, or ``not possible`` where the value is
        refused, see ``note``), ``cost_bn_krw`` and its ``change_bn_krw`` against the base
        plan, ``keeping_bn_krw`` (what the base plan would cost more than the new one under the new
        value; empty where it breaks a limit there), ``sites`` chosen, how many of the
        ``base_sites`` are ``kept``, how many have a chosen site within 10 km (``near``),
        ``jaccard`` (kept over all that either plan has), ``it_mw_moved`` (IT load at
        another site than in the base plan), ``provinces_gained`` and ``provinces_lost`` (codes),
        ``gap``, ``confidence`` and ``source`` of the value, ``seconds``. Where suitability is
        maximised, the figures of cost are minus suitable MW.
    without_range : list of str
        Parameters that the plan rests on and that have no range, so that nothing is known of them.
    provinces : dict
        English name by code.
    seconds : float
        Wall seconds of all.
    """

    scenario: Scenario
    base: PlanResult
    table: pd.DataFrame
    without_range: list[str]
    provinces: dict[str, str]
    seconds: float


class _Stages:
    """A study as `siteopt.runs.pipeline` needs it."""

    def __init__(self, study: Study) -> None:
        self.scenario, self.layers = study.scenario, study.layers
        self.result = study._result  # noqa: SLF001 - a study of our own


def sensitivity_table(  # noqa: PLR0913 - each by its name
    scenario: Scenario | Path | str,
    *,
    only: Sequence[str] = (),
    choices: Path | None = None,
    cache: Path | str | None = None,
    processes: int = 1,
    tell: Callable[[int, int, dict[str, Any]], None] | None = None,
) -> Sensitivity:
    """Solve the plan with each assumption at its low and at its high end, all else the same.

    Only what depends on an assumption runs again; the ranking is not computed.

    Parameters
    ----------
    scenario : Scenario, Path or str
        What to decide: a loaded scenario, a scenario file, or the name of a ready one.
    only : sequence of str
        Keys to vary, or patterns such as ``line*``; by default every parameter that the plan rests
        on and whose row has a range, and the scenario's values of ``sensitivity.csv``.
    choices : Path, optional
        The user's own list of the scenario's values to vary (``key,low,high,unit,note``).
    cache : Path or str, optional
        Folder in which results of stages are kept, so that an interrupted table resumes; by default
        that of ``SITEOPT_CACHE``.
    processes : int
        Number of variants solved side by side, each in a process of its own, where no cluster is
        in use.
    tell : callable, optional
        Called with (variants done, all variants, row of the table).

    Returns
    -------
    Sensitivity
        The table, sorted by how far the chosen set moves.

    Raises
    ------
    ScenarioError, LayerError, LayerFileError
        If the input cannot be right.
    InfeasibleError
        If the scenario itself has no plan.

    Examples
    --------
    >>> import siteopt
    >>> found = siteopt.sensitivity_table("national-2035", only=["ppa_*"])  # doctest: +SKIP
    >>> found.table[["key", "side", "change_bn_krw", "jaccard"]]  # doctest: +SKIP
    """
    begin = time.perf_counter()
    with _cache_folder(cache) as folder:
        study = Study(scenario, cache=folder)
        base = study._result(CHOICE)  # noqa: SLF001 - a study of our own
        if base.status == "infeasible":
            raise InfeasibleError(
                f"{study.scenario.name}: no plan meets its limits; `siteopt run` says which "
                "conflict"
            )
        read = study.parameters_read("choice")
        variants = find_variants(study.scenario, study.layers, read, only, choices)
        rows: list[dict[str, Any]] = [{} for _ in variants]
        with cluster() as pool:
            if pool is not None:
                solved = _on_cluster(study, base, variants, pool)
            elif processes > 1:
                solved = _side_by_side(study, folder, base, variants, processes)
            else:
                solved = enumerate(_row(study, base, variant) for variant in variants)
            for number, (place, row) in enumerate(solved, start=1):
                rows[place] = row
                if tell is not None:
                    tell(number, len(variants), row)
    table = _sorted(pd.DataFrame(rows, columns=list(COLUMNS)))
    provinces = study.layers.vector("provinces")
    return Sensitivity(
        scenario=study.scenario,
        base=base,
        table=table,
        without_range=without_range(study.layers, read),
        provinces=dict(
            zip(
                provinces["province_code"].astype(str),
                provinces["name_en"].astype(str),
                strict=True,
            )
        ),
        seconds=time.perf_counter() - begin,
    )


@contextmanager
def _cache_folder(cache: Path | str | None) -> Iterator[Path]:
    """Give the folder that keeps results of stages; one for the time being where there is none."""
    known = cache or os.environ.get(CACHE_VARIABLE)
    if known is not None:
        yield Path(known)
        return
    with temporary_folder() as home:
        yield home


def _side_by_side(
    study: Study, folder: Path, base: PlanResult, variants: Sequence[Variant], processes: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield rows as they are done; a copy of this process would share the solver's threads."""
    with ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_open,
        initargs=(study.scenario, folder, base),
    ) as pool:
        futures = {
            pool.submit(_row_of_process, variant): place for place, variant in enumerate(variants)
        }
        for done in as_completed(futures):
            yield futures[done], done.result()


def _on_cluster(
    study: Study, base: PlanResult, variants: Sequence[Variant], pool: ClusterExecutor
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield rows of a cluster, in their order; every worker runs the stages of the base once."""
    check_inputs(pool, [study.scenario])
    shared = _Base(uuid.uuid4().hex, study.scenario, base)
    rows = in_order(pool, partial(_row_on_worker, shared), variants, TASKS_AHEAD * pool.cores)
    yield from enumerate(rows)


class _Base(NamedTuple):
    """What the rows of a table have in common."""

    table: str
    scenario: Scenario
    base: PlanResult


def _row_on_worker(shared: _Base, variant: Variant) -> dict[str, Any]:
    """Return the row of a variant from a study that the worker keeps for the table."""
    if _opened.get("table") != shared.table:
        _open(shared.scenario, worker_cache(), shared.base)
        _opened["table"] = shared.table
    return _row_of_process(variant)


_opened: dict[str, Any] = {}
"""Study and base plan of a process of `_side_by_side`, or of a worker and its table."""


def _open(scenario: Scenario, folder: Path, base: PlanResult) -> None:
    _opened.update(study=Study(scenario, cache=folder), base=base)


def _row_of_process(variant: Variant) -> dict[str, Any]:
    return _row(_opened["study"], _opened["base"], variant)


def _row(study: Study, base: PlanResult, variant: Variant) -> dict[str, Any]:
    """Return the row of a variant."""
    begin = time.perf_counter()
    row: dict[str, Any] = {
        "kind": variant.kind, "key": variant.key, "side": variant.side, "base": variant.base,
        "value": variant.value, "unit": variant.unit, "base_sites": base.steps["site_id"].nunique(),
        "confidence": variant.confidence, "source": variant.source,
    }  # fmt: skip
    memory = study._memory  # noqa: SLF001 - a study of our own
    kept = set(memory.values)
    try:
        if variant.kind == "parameter":
            other = study.change(parameters={variant.key: variant.value})
        else:
            other = study.change({variant.key: variant.value})
        choice = other._result(CHOICE)  # noqa: SLF001
        row |= {"status": choice.status}
        if choice.status != "infeasible":
            row |= _figures(study, other, base, choice)
    except SiteoptError as error:  # an impossible value, or no plan in time: it is a row
        row |= {"status": "not possible", "note": " ".join(str(error).split())}
    finally:  # what a variant computed is in the cache folder; memory is for the base plan
        memory.forget(kept)
    return row | {"seconds": round(time.perf_counter() - begin, 1)}


def _figures(study: Study, other: Study, base: PlanResult, choice: PlanResult) -> dict[str, Any]:
    """Return what a variant's plan has of the base plan."""
    before, after = (_sizes(one) for one in (base, choice))
    kept = before.index.intersection(after.index)
    either = before.index.union(after.index)
    moved = before.reindex(either, fill_value=0.0) - after.reindex(either, fill_value=0.0)
    was, now = _provinces(study.sites, before), _provinces(other.sites, after)
    keeping = None
    if not base.steps.equals(choice.steps):
        known = cost_of_fixed_plan(task_of(_Stages(other)), base.steps)
        keeping = None if known is None else max(known - choice.objective, 0.0)
    return {
        "cost_bn_krw": choice.objective,
        "change_bn_krw": choice.objective - base.objective,
        "keeping_bn_krw": keeping,
        "sites": len(after),
        "kept": len(kept),
        "near": _near(study.sites, before, other.sites, after),
        "jaccard": len(kept) / len(either),
        "it_mw_moved": float(moved.clip(lower=0.0).sum()),
        "provinces_gained": " ".join(sorted(now - was)),
        "provinces_lost": " ".join(sorted(was - now)),
        "gap": max(0.0, choice.objective - choice.bound) / max(abs(choice.objective), 1e-9),
    }


def _sizes(choice: PlanResult) -> pd.Series[float]:
    """Return the IT load of each chosen site in the last year."""
    return choice.steps.groupby("site_id")["it_mw"].sum()


def _provinces(sites: gpd.GeoDataFrame, sizes: pd.Series[float]) -> set[str]:
    return set(sites.loc[sites["site_id"].isin(sizes.index), "province_code"].astype(str))


def _near(
    sites: gpd.GeoDataFrame, before: pd.Series[float], others: gpd.GeoDataFrame,
    after: pd.Series[float],
) -> int:  # fmt: skip
    """Return how many sites of one plan have a site of another within `NEAR_KM`."""
    one, two = (
        table.loc[table["site_id"].isin(sizes.index), ["x_m", "y_m"]].to_numpy(dtype=np.float64)
        for table, sizes in ((sites, before), (others, after))
    )
    apart_km = np.hypot(*(one[:, None, :] - two[None, :, :]).transpose(2, 0, 1)) / 1000
    return int((apart_km.min(axis=1, initial=np.inf) <= NEAR_KM).sum())


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by how far their key moves the set, then the cost; low before high."""
    reach = pd.DataFrame(
        {
            "key": table["key"],
            "moved": 1.0 - table["jaccard"].astype(float).fillna(0.0),
            "cost": table["change_bn_krw"].astype(float).abs().fillna(0.0),
        }
    )
    most = reach.groupby("key")[["moved", "cost"]].transform("max")
    order = pd.DataFrame(
        {
            "moved": -most["moved"].round(9),
            "cost": -most["cost"].round(6),
            "key": table["key"],
            "side": table["side"].map({"low": 0, "high": 1}),
        }
    ).sort_values(["moved", "cost", "key", "side"], kind="stable")
    return table.loc[order.index].reset_index(drop=True)
