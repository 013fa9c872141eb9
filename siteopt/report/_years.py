"""Multi-year plans: commissioning, operating load, capital and limits by year.

A plan of one year has none of this; its files stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt.report._json_values import plain, records
from siteopt.report.limit_names import named_limits

if TYPE_CHECKING:
    from siteopt.report.run_tables import RunTables
    from siteopt.scenario import Scenario

__all__ = [
    "limits_by_year",
    "present_weights",
    "running_mw",
    "several_years",
    "steps_of_site",
    "steps_table",
    "year_records",
]

_SHARE_DECIMALS: Final = 4


def several_years(scenario: Scenario) -> bool:
    """Return whether a scenario plans several years.

    Parameters
    ----------
    scenario : Scenario
        Scenario of the run.
    """
    return len(scenario.target.years) > 1


def present_weights(tables: RunTables) -> pd.DataFrame:
    """Return what the present value counts of each chosen option.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.

    Returns
    -------
    DataFrame
        Indexed by ``option_id``: ``opening``, the discount factor of the year in which it opens,
        and ``discounted_it_mw``, its MW of IT load, each times the factor of its year; 1 and the
        MW themselves in a plan of one year.
    """
    scenario, plan = tables.scenario, tables.plan
    if not several_years(scenario):
        chosen = plan.chosen.set_index("option_id")
        return pd.DataFrame({"opening": 1.0, "discounted_it_mw": chosen["it_mw"]})
    first = scenario.target.years[0]
    factor = (1.0 + tables.discount_pct / 100.0) ** -(plan.steps["year"] - first).astype(float)
    weighed = plan.steps.assign(
        opening=np.where(plan.steps["opens"], factor, 0.0),
        discounted_it_mw=plan.steps["it_mw"] * factor,
    )
    sums: pd.DataFrame = weighed.groupby("option_id")[["opening", "discounted_it_mw"]].sum()
    return sums


def running_mw(tables: RunTables) -> pd.DataFrame:
    """Return the MW of IT load that run at each chosen site: index ``site_id``, a column a year.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    """
    years = list(tables.scenario.target.years)
    added = tables.plan.steps.pivot_table(
        index="site_id", columns="year", values="it_mw", aggfunc="sum", fill_value=0.0
    )
    running: pd.DataFrame = added.reindex(columns=years, fill_value=0.0).cumsum(axis=1)
    return running


def steps_table(tables: RunTables) -> pd.DataFrame:
    """Return one row a site and year in which blocks begin to run there.

    Columns ``site_id``, ``option_id``, ``year``, ``opens``, ``it_mw`` and ``facility_mw`` that
    the step adds, ``it_mw_after`` that run from then on, ``cost_bn_krw`` (discounted) and
    ``capital_bn_krw`` (not discounted) of the step; sorted by site and year.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    """
    table = tables.plan.steps.sort_values(["site_id", "year"], ignore_index=True)
    table["it_mw_after"] = table.groupby("site_id")["it_mw"].cumsum()
    columns = [
        "site_id", "option_id", "year", "opens", "it_mw", "it_mw_after", "facility_mw",
        "cost_bn_krw", "capital_bn_krw",
    ]  # fmt: skip
    return table[columns]


def steps_of_site(tables: RunTables) -> dict[str, list[dict[str, Any]]]:
    """Return the steps of each chosen site as plain values, by its id.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    """
    table = steps_table(tables).drop(columns="option_id")
    return {
        str(site): records(part.drop(columns="site_id")) for site, part in table.groupby("site_id")
    }


def year_records(tables: RunTables) -> list[dict[str, Any]]:
    """Return what each year of the plan brings, as plain values.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.

    Returns
    -------
    list of dict
        ``year``, ``target_it_mw``, ``it_mw`` that run, ``capital_bn_krw`` of the year (not
        discounted), ``cost_bn_krw`` that begin in it (present value), ``opens`` and ``grows``
        (site ids), and ``provinces``: ``province_code``, ``it_mw`` that run, ``share_pct`` of
        them.
    """
    steps, running = steps_table(tables), running_mw(tables)
    sites = tables.sites.set_index(tables.sites["site_id"].astype(str))
    province = sites["province_code"].astype(str)
    found = []
    for year in tables.scenario.target.years:
        new = steps[steps["year"] == year]
        by_province = running[year].groupby(province.reindex(running.index).to_numpy()).sum()
        total = float(by_province.sum())
        found.append(
            {
                "year": int(year),
                "target_it_mw": float(tables.scenario.target.it_mw_in(year)),
                "it_mw": total,
                "capital_bn_krw": float(new["capital_bn_krw"].sum()),
                "cost_bn_krw": float(new["cost_bn_krw"].sum()),
                "opens": [str(site) for site in new.loc[new["opens"], "site_id"]],
                "grows": [str(site) for site in new.loc[~new["opens"], "site_id"]],
                "provinces": [
                    {
                        "province_code": str(code),
                        "it_mw": float(it_mw),
                        "share_pct": round(100.0 * float(it_mw) / total, _SHARE_DECIMALS),
                    }
                    for code, it_mw in by_province.items()
                    if it_mw > 0
                ],
            }
        )
    return found


def limits_by_year(tables: RunTables) -> list[dict[str, Any]]:
    """Return the limits of the plan as plain values.

    In a plan over several years each has ``year``, None where it holds over all of them, and a
    name without it.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    """
    limits = tables.plan.limits
    if not several_years(tables.scenario):
        return records(named_limits(limits))
    rows = records(named_limits(limits, dated=False))
    years = limits["year"].tolist()
    return [row | {"year": plain(year or None)} for row, year in zip(rows, years, strict=True)]
