"""Content of ``portfolio.json``: the plan as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt.report._alternatives import alternatives_record
from siteopt.report._grid import grid_record
from siteopt.report._groups import groups_record
from siteopt.report._json_values import records
from siteopt.report._names import place_names
from siteopt.report._prices import price_records
from siteopt.report._same import same_everywhere
from siteopt.report._years import limits_by_year, several_years, steps_of_site, year_records
from siteopt.report.energy_files import energy_figures
from siteopt.report.payers import payer_record
from siteopt.report.robustness_files import certainty_record
from siteopt.report.tables import FRONT, components, ranking_table, value_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from siteopt.report.run_tables import RunTables

__all__ = ["portfolio"]


def portfolio(
    tables: RunTables,
    ranking: pd.DataFrame | None = None,
    connections: Mapping[str, list[dict[str, Any]]] | None = None,
) -> dict[str, Any]:
    """Return the plan as plain values: status, bound, chosen sites with costs, and limits.

    A plan over several years also has ``years`` (see `year_records`), ``open_year`` and ``steps``
    of each site, and the year of each limit.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame, optional
        Its :func:`ranking_table` where it is there already.
    connections : mapping of str to list, optional
        The stretches of the chosen sites' connections, by site id.
    """
    plan, scenario, unit = tables.plan, tables.scenario, value_unit(tables.ranking)
    ranked = ranking_table(tables) if ranking is None else ranking
    chosen = ranked.loc[ranked["chosen"]]
    parts = [f"cost_{name}_bn_krw" for name in components(tables.options)]
    same = {"chosen", f"regret_{unit}"}  # of every chosen site
    columns = [name for name in FRONT if name in chosen.columns and name not in same] + parts
    several = several_years(scenario)
    steps = steps_of_site(tables) if several else {}
    return {
        "scenario": scenario.name,
        "title": scenario.title.model_dump(),
        "target_it_mw": scenario.target.it_mw,
        "year": scenario.target.year,
        "block_it_mw": scenario.build.block_mw,
        "it_min_mw": scenario.build.it_min_mw,
        "status": plan.status,
        f"objective_{unit}": plan.objective,
        f"bound_{unit}": plan.bound,
        "cost_bn_krw": float(plan.chosen["cost_bn_krw"].sum()) + plan.energy_bn_krw,
        **({"energy_beside_bn_krw": plan.energy_bn_krw} if plan.energy_bn_krw else {}),
        **_early_worth(plan.steps),
        "gap": plan.gap,
        **({"checked_by": plan.checked_by} if plan.checked_by else {}),
        "sites": [
            site
            | ({"steps": steps[site["site_id"]]} if several else {})
            | {"connection": (connections or {}).get(site["site_id"], [])}
            for site in records(chosen[columns])
        ],
        **({"years": year_records(tables)} if several else {}),
        "provinces": records(_by_province(chosen)),
        "names": {
            f"{kind}s": place_names(tables.layers.vector(f"{kind}s"), f"{kind}_code")
            for kind in ("province", "district")
            if f"{kind}s" in tables.layers.ids
        },
        **groups_record(scenario),
        "same_everywhere": same_everywhere(tables),
        **payer_record(tables),
        "limits": limits_by_year(tables),
        "prices": price_records(tables),
        "grid": grid_record(tables),
        **({} if (energy := energy_figures(tables)) is None else {"energy": energy}),
        **alternatives_record(tables),
        **certainty_record(tables.robustness),
    }


def _early_worth(steps: pd.DataFrame) -> dict[str, float]:
    """Return ``early_worth_bn_krw``, by which the objective is below the cost; empty for none."""
    if "early_worth_bn_krw" not in steps:
        return {}
    return {"early_worth_bn_krw": float(steps["early_worth_bn_krw"].sum())}


def _by_province(chosen: pd.DataFrame) -> pd.DataFrame:
    grouped = chosen.groupby("province_code", sort=True)
    table = grouped.agg(sites=("site_id", "size"), it_mw=("it_mw", "sum"))
    return table.reset_index()
