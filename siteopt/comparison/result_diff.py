"""Difference of the results of two runs: costs, sites, ranks, years, grid limits.

A difference that the proofs of the two runs do not settle is not called a change: costs differ
where the intervals from bound to objective do not overlap, a site enters or leaves where no plan
within the proof could have it otherwise, ranks move only where both are proven.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.errors import LayerFileError
from siteopt.report.rank_ranges import proven_ranks

if TYPE_CHECKING:
    from siteopt.runs.results import Run

__all__ = ["CHANGES", "figures", "grid", "interval", "opening", "ranks", "sites", "unit_of"]

CHANGES: Final = ("entered", "left", "resized", "rescheduled", "reconnected")
"""What can happen to a site, in the order of display."""

UNITS: Final = {"bn_krw": "bn KRW", "suitable_mw": "suitable MW"}
SAME_KM2: Final = 1e-6
"""Areas nearer to each other than this are the same."""
_LIMITING: Final = ("flows", "upgrades")
_SITE_COLUMNS: Final = (
    "site_id", "name_ko", "name_en", "province_code", "lon", "lat", "change", "it_mw_before",
    "it_mw_after", "option_before", "option_after", "open_year_before", "open_year_after", "sure",
)  # fmt: skip


def unit_of(run: Run) -> str:
    """Return the unit of a run's objective, ``bn_krw`` or ``suitable_mw``.

    Parameters
    ----------
    run : Run
        A finished run.
    """
    found = [unit for unit in UNITS if f"objective_{unit}" in run.portfolio]
    if not found:
        raise LayerFileError(f"{run.folder / 'portfolio.json'}: objective is missing; run again")
    return found[0]


def interval(run: Run) -> tuple[float, float]:
    """Return between what a run's objective is proven to lie: bound and objective.

    Parameters
    ----------
    run : Run
        A finished run.
    """
    unit = unit_of(run)
    return float(run.portfolio[f"bound_{unit}"]), float(run.portfolio[f"objective_{unit}"])


def figures(before: Run, after: Run) -> pd.DataFrame:
    """Return the objective and the eligible land, where they differ.

    Parameters
    ----------
    before : Run
        The earlier side.
    after : Run
        The later side.

    Returns
    -------
    DataFrame
        ``figure``, ``before``, ``after``, ``difference``, ``unit``, ``sure``: whether the proofs
        separate the figures.
    """
    rows: list[tuple[object, ...]] = []
    unit = unit_of(before)
    if unit == unit_of(after):
        (low, old), (floor, new) = interval(before), interval(after)
        apart = low > new or floor > old
        rows.append(("objective", old, new, new - old, UNITS.get(unit, unit), apart))
    old, new = (float(run.record["eligible_km2"]) for run in (before, after))
    rows.append(("eligible land", old, new, new - old, "km2", abs(new - old) > SAME_KM2))
    table = pd.DataFrame(rows, columns=["figure", "before", "after", "difference", "unit", "sure"])
    return table[(table["difference"] != 0) | table["sure"]].reset_index(drop=True)


def sites(before: Run, after: Run) -> pd.DataFrame:
    """Return the sites whose part in the plan changed, by kind of change.

    Parameters
    ----------
    before : Run
        The earlier side.
    after : Run
        The later side.

    Returns
    -------
    DataFrame
        ``site_id``, names, ``province_code``, ``lon``, ``lat`` (degrees), ``change`` (one of
        `CHANGES`), ``it_mw``, ``option`` and ``open_year`` before and after, ``sure``: false
        where both answers are as good as each other within their proofs.
    """
    old, new = (
        {site["site_id"]: site for site in run.portfolio["sites"]} for run in (before, after)
    )
    costs_apart = _costs_apart(before, after)
    free = [_replaceable(run) for run in (before, after)]
    rows = []
    for site_id in sorted({*old, *new}):
        was, now = old.get(site_id), new.get(site_id)
        change = _change(was, now)
        if change:
            present = change in {"entered", "left"}
            sure = not any(site_id in one for one in free) if present else costs_apart
            rows.append(_row(was, now) | {"change": change, "sure": sure})
    table = pd.DataFrame(rows, columns=list(_SITE_COLUMNS))
    order = table["change"].map({name: at for at, name in enumerate(CHANGES)})
    table = table.assign(order=order).sort_values(["order", "site_id"])
    return table.drop(columns="order").astype({"sure": bool}).reset_index(drop=True)


def _row(was: dict[str, Any] | None, now: dict[str, Any] | None) -> dict[str, Any]:
    known = now or was or {}
    about = {
        name: known.get(name)
        for name in ("site_id", "name_ko", "name_en", "province_code", "lon", "lat")
    }
    sides = {
        f"{name}_{side}": plan.get(key, empty) if plan else empty
        for side, plan in (("before", was), ("after", now))
        for name, key, empty in (
            ("it_mw", "it_mw", 0.0), ("option", "option_id", ""), ("open_year", "open_year", None),
        )
    }  # fmt: skip
    return about | sides


def _change(was: dict[str, Any] | None, now: dict[str, Any] | None) -> str:
    if was is None or now is None:
        return "entered" if was is None else "left"
    if was["it_mw"] != now["it_mw"]:
        return "resized"
    if was.get("open_year") != now.get("open_year"):
        return "rescheduled"
    return "reconnected" if was["option_id"] != now["option_id"] else ""


def _costs_apart(before: Run, after: Run) -> bool:
    if unit_of(before) != unit_of(after):
        return True
    (low, old), (floor, new) = interval(before), interval(after)
    return low > new or floor > old


def _replaceable(run: Run) -> set[str]:
    """Return sites that a plan as good as the run's, within its proof, has otherwise.

    A chosen site is one where the plan may lose no more without it than objective less bound,
    another one where forcing it in may cost no more.
    """
    table, column = run.ranking, f"lower_{unit_of(run)}"
    if column not in table:
        return set()
    low, high = interval(run)
    room = max(high - low, 0.0)
    within = table[column].notna() & (table[column] <= room)
    return set(table.loc[within, "site_id"].astype(str))


def ranks(before: Run, after: Run) -> pd.DataFrame:
    """Return the sites whose ranks are proven in both runs and moved, best first.

    A shared rank is all places of the tie; a site has moved where the two do not meet.

    Parameters
    ----------
    before : Run
        The earlier side.
    after : Run
        The later side.

    Returns
    -------
    DataFrame
        ``site_id``, ``name_ko``, ``name_en``, ``rank_before``, ``rank_after``.
    """
    names = ["name_ko", "name_en"]
    exact = []
    for run in (before, after):
        table = run.ranking.loc[proven_ranks(run.ranking)].copy()
        for name in names:
            if name not in table:
                table[name] = table["site_id"]
        if "tied" not in table:
            table["tied"] = 1
        table["last"] = table["rank"] + table["tied"].fillna(1) - 1
        exact.append(table[["site_id", *names, "rank", "last"]])
    both = exact[0].drop(columns=names).merge(
        exact[1], on="site_id", suffixes=("_before", "_after")
    )  # fmt: skip
    apart = (both["last_before"] < both["rank_after"]) | (both["last_after"] < both["rank_before"])
    moved = both.loc[apart, ["site_id", *names, "rank_before", "rank_after"]]
    moved = moved.astype({"rank_before": int, "rank_after": int})
    return moved.sort_values(["rank_after", "site_id"]).reset_index(drop=True)


def opening(before: Run, after: Run) -> pd.DataFrame:
    """Return what opens in each year where a plan has years.

    Parameters
    ----------
    before : Run
        The earlier side.
    after : Run
        The later side.

    Returns
    -------
    DataFrame
        ``year``, ``sites_before``, ``sites_after``, ``it_mw_before``, ``it_mw_after``; empty
        where neither plan has years, or every year is the same.
    """
    columns = ["year", "sites_before", "sites_after", "it_mw_before", "it_mw_after"]
    plans = [
        [site for site in run.portfolio["sites"] if site.get("open_year") is not None]
        for run in (before, after)
    ]
    years = sorted({int(site["open_year"]) for plan in plans for site in plan})
    rows = []
    for year in years:
        mw = [[float(s["it_mw"]) for s in plan if int(s["open_year"]) == year] for plan in plans]
        if sorted(mw[0]) != sorted(mw[1]):
            rows.append((year, len(mw[0]), len(mw[1]), math.fsum(mw[0]), math.fsum(mw[1])))
    return pd.DataFrame(rows, columns=columns)


def grid(before: Run, after: Run) -> pd.DataFrame:
    """Return flow limits and new banks of the plans.

    Parameters
    ----------
    before : Run
        The earlier side.
    after : Run
        The later side.

    Returns
    -------
    DataFrame
        ``run`` (before, after), ``family``, ``limit``, ``used``, ``at_most``, ``binds``.
    """
    columns = ["family", "limit", "used", "at_most", "binds"]
    rows = [
        {"run": name, **{key: limit[key] for key in columns}}
        for name, run in (("before", before), ("after", after))
        for limit in run.portfolio["limits"]
        if limit["family"] in _LIMITING
    ]
    return pd.DataFrame(rows, columns=["run", *columns])
