"""Near-optimal plans, presence of sites in them, and Pareto fronts as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt.report._column_codec import compact
from siteopt.report._json_values import plain, records
from siteopt.report.tables import value_unit

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.report._protocols import FurtherLike
    from siteopt.report.run_tables import RunTables

__all__ = ["alternatives_payload", "alternatives_record"]

_LEVEL = "within_"
_SHARED = ("shared", "shared_stations", "shared_districts", "nearest_km", "nearest_median_km")
_KM_DECIMALS = 1


def alternatives_record(tables: RunTables) -> dict[str, Any]:
    """Return the entries of ``portfolio.json``: each plan with its sites, levels counted, curves.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    """
    further = tables.further
    if further is None:
        return {}
    counts = {
        column: {str(word): int(n) for word, n in further.levels[column].value_counts().items()}
        for column in _level_columns(further)
    }
    return {
        "alternatives": [
            plan | {"in_plan": _sites_of(further.alternative_sites, plan, ("within_pct", "plan"))}
            for plan in records(further.alternatives)
        ],
        "levels": {column: dict(sorted(words.items())) for column, words in counts.items()},
        "tradeoffs": [
            point | {"in_plan": _sites_of(further.tradeoff_sites, point, ("measure", "point"))}
            for point in records(further.tradeoffs)
        ],
    }


def alternatives_payload(tables: RunTables, ranking: pd.DataFrame) -> dict[str, Any] | None:
    """Return what the map shows, None where nothing was requested.

    A plan that is found at several levels is listed once, with all of them.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    ranking : DataFrame
        The `ranking_table` of the run.
    """
    further = tables.further
    if further is None or not (len(further.alternatives) or len(further.tradeoffs)):
        return None
    columns = [name for name in _level_columns(further) if name in ranking]
    return {
        "levels": [[_pct_of(name), compact(ranking[name])] for name in columns],
        "plans": _plans(further, value_unit(tables.ranking)),
        "distinct_by": tables.scenario.alternatives.distinct_by,
        "curves": _curves(further),
    }


def _plans(further: FurtherLike, unit: str) -> list[dict[str, Any]]:
    """Return the plans, each once, with the levels at which it was found."""
    found: dict[str, dict[str, Any]] = {}
    for plan in records(further.alternatives):
        sites = _sites_of(further.alternative_sites, plan, ("within_pct", "plan"))
        key = repr((sites, plan["plan"]))
        if key in found:
            found[key]["within"].append(plan["within_pct"])
            found[key]["proven"] &= plan["proof"] == "proven"
            continue
        found[key] = {
            "within": [plan["within_pct"]],
            "plan": plan["plan"],
            "proven": plan["proof"] == "proven",
            "extra": round(plan[f"extra_{unit}"], 3),
            "extra_pct": round(plan["extra_pct"], 4),
            "sites": [[site["site_id"], site["it_mw"], _place(site)] for site in sites],
            **{name: plan[name] for name in _SHARED},
        }
    return list(found.values())


def _place(site: dict[str, Any]) -> dict[str, Any]:
    """Return the location of a site relative to those of the chosen plan."""
    return {
        "same": site["in_best"],
        "station": site["station_in_best"],
        "district": site["district_in_best"],
        "km": round(site["nearest_km"], _KM_DECIMALS),
    }


def _curves(further: FurtherLike) -> list[dict[str, Any]]:
    """Return the curves, their points from the cheapest plan to the best measure."""
    curves: dict[str, dict[str, Any]] = {}
    for point in records(further.tradeoffs):
        curve = curves.setdefault(
            point["measure"], {"measure": point["measure"], "unit": point["unit"], "points": []}
        )
        sites = _sites_of(further.tradeoff_sites, point, ("measure", "point"))
        curve["points"].append(
            {
                "cost": round(point["cost_bn_krw"], 3),
                "figure": plain(point["figure"]),
                "proven": point["proof"] == "proven",
                "sites": [site["site_id"] for site in sites],
            }
        )
    return list(curves.values())


def _sites_of(
    sites: pd.DataFrame, plan: dict[str, Any], keys: tuple[str, str]
) -> list[dict[str, Any]]:
    """Return the sites of a plan without what names the plan."""
    own = sites[(sites[keys[0]] == plan[keys[0]]) & (sites[keys[1]] == plan[keys[1]])]
    return records(own.drop(columns=list(keys)))


def _level_columns(further: FurtherLike) -> list[str]:
    return [str(name) for name in further.levels.columns if str(name).startswith(_LEVEL)]


def _pct_of(column: str) -> float:
    """Return the level of a column: ``within_0_5_pct`` is 0.5."""
    return float(column.removeprefix(_LEVEL).removesuffix("_pct").replace("_", "."))
