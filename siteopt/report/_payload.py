"""Data of the map as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.costs.price_parts import PRICE_PARTS
from siteopt.criteria import CRITERIA
from siteopt.report._alternatives import alternatives_payload
from siteopt.report._assumptions import assumptions_payload
from siteopt.report._base import base_map
from siteopt.report._campuses import campus_payload
from siteopt.report._cells import land_cells
from siteopt.report._column_codec import compact
from siteopt.report._connections import connection_lines, connection_texts
from siteopt.report._energy import energy_payload
from siteopt.report._grid import grid_payload
from siteopt.report._json_values import plain
from siteopt.report._land import land_frame
from siteopt.report._limits import area_districts, limits_payload
from siteopt.report._names import Names, place_names
from siteopt.report._not_known import land_basis_payload
from siteopt.report._place_index import places_payload
from siteopt.report._portfolio import portfolio
from siteopt.report._robustness import robustness_payload
from siteopt.report._rules import judging_step, rule_fact
from siteopt.report._same import same_everywhere, same_texts
from siteopt.report._sources import source_row
from siteopt.report._suitability import suitability_payload
from siteopt.report._terms import of_fetched, restrictions
from siteopt.report._verdicts import rooms_of_limits, verdict_payload
from siteopt.report._years import several_years, steps_of_site, year_records
from siteopt.report.facts import say
from siteopt.report.files import library_versions, run_record
from siteopt.report.impact import impact_payload
from siteopt.report.input_hash import shown_hash
from siteopt.report.places.named import answers_of_list
from siteopt.report.places.sources import places_of_tables
from siteopt.report.tables import components, value_unit
from siteopt.report.texts import LANGUAGES, page_texts
from siteopt.report.verdict import Verdicts
from siteopt.report.works import works_words

if TYPE_CHECKING:
    from siteopt.criteria import Column
    from siteopt.report.run_tables import RunTables
    from siteopt.report.texts import Language

__all__ = ["payload"]

_SITES_MAX: Final = 16_000
"""Most sites that the map shows, the best-ranked; the tables have them all."""
_MONEY_DECIMALS: Final = 3
"""Costs to a million won."""
_VALUE_DECIMALS: Final = 5
"""Values and bounds as displayed: small ones to ten thousand won."""
_DECIMALS: Final = {
    "lon": 5, "lat": 5, "rank": 0, "rank_low": 0, "rank_high": 0, "tied": 0, "voltage_kv": 1, "it_mw": 1, "it_max_mw": 1,
    "suitability": 3, "krw_per_mwh_it": 0, "relief_mw": 1, "open_year": 0,
    "discounted_it_mw": 3,
}  # fmt: skip
_SITE_ID: Final = "\x1f"
"""Placeholder in a name for the id of its site."""

_SEE: Final = "see "
"""Before the name of the column that has the confidence of each site."""
_NAME_OF_OTHER: Final[dict[Language, str]] = {"ko": "_name_en", "en": "_name_ko"}
"""End of the columns of names in the other language."""

_CARD: Final = (
    "rank", "tied", "site_id", "name_ko", "name_en", "province_code", "district_code", "lon", "lat",
    "proof", "rank_proven", "rank_low", "rank_high", "reason", "kind", "area_rule", "area_confidence", "it_max_mw", "eligible_ha", "it_mw", "facility_mw",
    "discounted_it_mw", "open_year", "station_id",
    "voltage_kv", "route_km", "route_oh_km", "route_ug_km", "route_bn_krw", "lead_time_years",
    "second_station_id", "second_route_km", "lead_time_high_years", "lead_time_tight", "works", "works_bn_krw", "relief_mw", "bus_id", "headroom_mw", "station_headroom_confidence", "headroom_area_id", "facility_max_mw", "cost_bn_krw", "bn_krw_per_mw", "krw_per_mwh_it",
    "suitability",
)  # fmt: skip
"""Columns of a site that its card shows by name."""


def payload(tables: RunTables, ranking: pd.DataFrame) -> dict[str, Any]:
    """Return everything that the map shows, as JSON has it.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.
    """
    everything, ranking = ranking, ranking.head(_SITES_MAX)
    unit = value_unit(tables.ranking)
    parts = [name for name in components(tables.options) if f"cost_{name}_bn_krw" in ranking]
    plan = portfolio(tables, everything)
    record = run_record(tables)
    verdicts = Verdicts(everything, plan, record)
    all_verdicts = verdicts.all()
    names = _names(tables)
    criteria = [column for name, column in CRITERIA.items() if name in tables.described.columns]
    return {
        "texts": {key: [both["ko"], both["en"]] for key, both in page_texts().items()},
        "scenario": _scenario(tables),
        "made": {
            "version": library_versions().get("siteopt", ""),
            "hash": shown_hash(record),
        },
        "plan": _plan(tables, unit)
        | {"limits": limits_payload(tables, rooms_of_limits(tables, plan["limits"], all_verdicts))},
        "areas": area_districts(tables.plan.limits),
        "verdicts": verdict_payload(verdicts, all_verdicts, len(ranking)),
        "years": _years(tables),
        "components": parts,
        "same": [same_texts(same_everywhere(tables), language) for language in LANGUAGES],
        "prices": {
            name: _column(ranking, f"price_{name}_krw_kwh")
            for name in PRICE_PARTS
            if f"price_{name}_krw_kwh" in ranking and ranking[f"price_{name}_krw_kwh"].any()
        },
        "sites": _columns(ranking, [name for name in _CARD if name in ranking.columns])
        | {
            name: compact(ranking[f"{name}_{unit}"], _VALUE_DECIMALS)
            for name in ("value", "regret", "lower", "upper")
        },
        "sites_count": len(everything),
        "costs": [_column(ranking, f"cost_{name}_bn_krw") for name in parts],
        "connections": connection_texts(connection_lines(tables, ranking), ranking["site_id"]),
        **campus_payload(ranking),
        "criteria": [_criterion(item, ranking, names) for item in criteria],
        "names": names,
        "works": _works(ranking),
        "grid": grid_payload(tables),
        "energy": energy_payload(tables),
        "robustness": robustness_payload(tables, ranking),
        "impact": None if tables.impact is None else impact_payload(tables.impact.scoring, ranking),
        "further": alternatives_payload(tables, ranking),
        "assumptions": assumptions_payload(tables),
        "suitability": suitability_payload(tables, ranking),
        "reasons": _reasons(tables),
        "land_basis": land_basis_payload(
            tables.scenario, tables.eligibility, tables.layers.ids
        ),
        "land": land_frame(tables.eligibility),
        "cells": land_cells(tables.eligibility),
        "places": _places(tables, everything, verdicts),
        "base": base_map(tables.layers),
        "sources": [source_row(item) for item in tables.layers.used],
        "restrictions": [
            restrictions(of_fetched(tables.layers.used), language) for language in LANGUAGES
        ],
    }  # fmt: skip


def _places(tables: RunTables, everything: pd.DataFrame, verdicts: Verdicts) -> dict[str, Any]:
    """Return the names of places, and the answers on those that the scenario names."""
    places, named = places_of_tables(tables, everything, verdicts), tables.scenario.report.places
    return places_payload(places, [] if named is None else answers_of_list(named, places))


def _criterion(item: Column, ranking: pd.DataFrame, names: dict[str, Any]) -> dict[str, Any]:
    """Return a criterion, and the languages of the cards that show it."""
    refers, confidence_of = item.confidence.startswith(_SEE), item.confidence.removeprefix(_SEE)
    hidden = item.name.endswith("_confidence") or (
        item.name.endswith("_id") and item.name not in names
    )
    return {
        "name": item.name, "criterion": item.criterion, "unit": item.unit,
        "title": [item.title_ko, item.title_en],
        "confidence": None if refers else item.confidence,
        "confidence_of": confidence_of if refers else None,
        "shown_in": [
            language for language in LANGUAGES
            if not hidden and not item.name.endswith(_NAME_OF_OTHER[language])
        ],
        "values": _column(ranking, item.name),
    }  # fmt: skip


def _works(ranking: pd.DataFrame) -> dict[str, list[str]]:
    """Return what the works of the sites are called, by their code."""
    if "works" not in ranking:
        return {}
    codes = sorted({str(code) for code in ranking["works"].dropna() if code})
    return {code: [works_words(code, language) for language in LANGUAGES] for code in codes}


def _names(tables: RunTables) -> dict[str, dict[str, list[str]]]:
    """Return the names of ids that are criteria."""
    if "cable_landings" not in tables.layers.ids:
        return {}
    return {"landing_id": place_names(tables.layers.vector("cable_landings"), "landing_id")}


def _scenario(tables: RunTables) -> dict[str, Any]:
    scenario = tables.scenario
    return {
        "name": scenario.name,
        "title": [scenario.title.ko, scenario.title.en],
        "it_mw": scenario.target.it_mw,
        "year": scenario.target.year,
        "it_min_mw": scenario.build.it_min_mw,
        "it_max_mw": scenario.build.it_max_mw,
        "block_mw": scenario.build.block_mw,
        "spacing_km": scenario.spacing_km,
        "objective": scenario.objective.kind,
        "clean_share_pct": plain(scenario.energy.clean_share_pct),
    }


def _plan(tables: RunTables, unit: str) -> dict[str, Any]:
    plan = tables.plan
    return {
        "status": plan.status,
        "objective": plain(plan.objective),
        "bound": plain(plan.bound),
        "gap": plain(plan.gap),
        "solver_gap": tables.scenario.solver.gap,
        "unit": unit,
        "cost_bn_krw": plain(float(plan.chosen["cost_bn_krw"].sum()) + plan.energy_bn_krw),
        "solver": plan.solver,
        "chosen": sorted(map(str, plan.chosen["site_id"])),
        "land_km2": plain(tables.eligibility.land_km2),
        "eligible_km2": plain(tables.eligibility.eligible_km2),
    }


def _years(tables: RunTables) -> dict[str, Any] | None:
    """Return what each year brings, and the steps of each site; None for a plan of one year."""
    if not several_years(tables.scenario):
        return None
    steps = {
        site: [[step["year"], step["opens"], step["it_mw"], step["it_mw_after"]] for step in part]
        for site, part in steps_of_site(tables).items()
    }
    return {"each": year_records(tables), "steps": steps}


def _reasons(tables: RunTables) -> list[dict[str, Any]]:
    report = tables.eligibility.report().set_index("reason")
    titles = {one.id: (one.title_ko, one.title_en) for one in tables.layers.used}
    return [
        {
            "title": [item.title.ko, item.title.en],
            "rule": [
                say(rule_fact(item.model_dump(mode="json"), titles), language, Names())
                for language in LANGUAGES
            ],
            "area_km2": plain(report["area_km2"][item.id]),
            "only_km2": plain(report["only_km2"][item.id]),
            **({"step": step} if (step := judging_step(item.kind)) else {}),
        }
        for item in tables.eligibility.exclusions
    ]


def _columns(table: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    return {name: _column(table, name) for name in names}


def _column(table: pd.DataFrame, name: str) -> Any:  # noqa: ANN401 - a list, or a compact column
    if name == "site_id":
        return table[name].astype(str).tolist()
    if name in {"name_ko", "name_en"}:
        pairs = zip(table[name].astype(str), table["site_id"].astype(str), strict=True)
        return compact(pd.Series([text.replace(site, _SITE_ID) for text, site in pairs]))
    if name.endswith("_krw_kwh"):
        return compact(table[name], 2)
    decimals = _MONEY_DECIMALS if "_bn_krw" in name or name.startswith("bn_krw") else None
    return compact(table[name], _DECIMALS.get(name, decimals))
