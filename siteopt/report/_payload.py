"""All that the map says, as one plain object: written once, read by the page's script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.criteria import CRITERIA
from siteopt.report._base import base_map
from siteopt.report._land import land_picture
from siteopt.report.tables import components, plain, ranking_table, records, value_unit
from siteopt.report.texts import texts

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.report.tables import RunTables

__all__ = ["payload"]

_DIGITS: Final = 5
"""Significant digits of a figure on the map; the tables have them all."""
_DEGREE_DECIMALS: Final = 5
_WHOLE: Final = ("lon", "lat", "rank", "tied")

_CARD: Final = (
    "rank", "tied", "site_id", "name_ko", "name_en", "province_code", "district_code", "lon", "lat",
    "proof", "reason", "it_max_mw", "eligible_ha", "it_mw", "facility_mw", "station_id",
    "voltage_kv", "route_km", "headroom_mw", "cost_bn_krw", "bn_krw_per_mw", "suitability",
)  # fmt: skip
"""Columns of a site that its card shows by name."""


def payload(tables: RunTables) -> dict[str, Any]:
    """Return everything that the map shows, as JSON has it."""
    ranking = ranking_table(tables)
    unit = value_unit(tables.ranking)
    parts = [name for name in components(tables.options) if f"cost_{name}_bn_krw" in ranking]
    criteria = [column for name, column in CRITERIA.items() if name in tables.described.columns]
    return {
        "texts": {key: [both["ko"], both["en"]] for key, both in texts().items()},
        "scenario": _scenario(tables),
        "plan": _plan(tables, unit),
        "components": parts,
        "sites": _columns(ranking, [name for name in _CARD if name in ranking.columns])
        | {
            name: _values(ranking[f"{name}_{unit}"])
            for name in ("value", "lower", "upper")
        },
        "costs": [_values(ranking[f"cost_{name}_bn_krw"]) for name in parts],
        "near": _near_chosen(tables, ranking),
        "criteria": [
            {
                "name": item.name, "criterion": item.criterion, "unit": item.unit,
                "title": [item.title_ko, item.title_en], "confidence": item.confidence,
                "values": _values(ranking[item.name]),
            }
            for item in criteria
        ],
        "reasons": _reasons(tables),
        "land": land_picture(tables.eligibility),
        "base": base_map(tables.layers),
        "sources": [_source(item) for item in tables.layers.used],
    }  # fmt: skip


def _scenario(tables: RunTables) -> dict[str, Any]:
    scenario = tables.scenario
    return {
        "name": scenario.name,
        "title": [scenario.title.ko, scenario.title.en],
        "it_mw": scenario.target.it_mw,
        "year": scenario.target.year,
        "it_max_mw": scenario.build.it_max_mw,
        "spacing_km": scenario.spacing_km,
        "objective": scenario.objective.kind,
    }


def _plan(tables: RunTables, unit: str) -> dict[str, Any]:
    plan = tables.plan
    return {
        "status": plan.status,
        "objective": plain(plan.objective),
        "bound": plain(plan.bound),
        "gap": plain(plan.gap),
        "asked_gap": tables.scenario.solver.gap,
        "unit": unit,
        "cost_bn_krw": plain(float(plan.chosen["cost_bn_krw"].sum())),
        "solver": plan.solver,
        "chosen": sorted(map(str, plan.chosen["site_id"])),
        "limits": records(plan.limits),
        "land_km2": plain(tables.eligibility.land_km2),
        "eligible_km2": plain(tables.eligibility.eligible_km2),
    }


def _reasons(tables: RunTables) -> list[dict[str, Any]]:
    report = tables.eligibility.report().set_index("reason")
    return [
        {
            "title": [item.title.ko, item.title.en],
            "area_km2": plain(report["area_km2"][item.id]),
            "only_km2": plain(report["only_km2"][item.id]),
        }
        for item in tables.eligibility.exclusions
    ]


def _near_chosen(tables: RunTables, ranking: pd.DataFrame) -> list[int | None]:
    """Return for each site the row of the nearest chosen site nearer than the spacing, or None."""
    limit_m = tables.scenario.spacing_km * 1000.0
    xy = ranking[["x_m", "y_m"]].to_numpy(dtype=np.float64)
    chosen = np.flatnonzero(ranking["chosen"].to_numpy())
    if not chosen.size or limit_m <= 0:
        return [None] * len(ranking)
    apart = np.hypot(*(xy[:, None, :] - xy[None, chosen, :]).transpose(2, 0, 1))
    nearest = apart.argmin(axis=1)
    near = (apart.min(axis=1) < limit_m) & ~ranking["chosen"].to_numpy()
    return [int(chosen[place]) if hit else None for place, hit in zip(nearest, near, strict=True)]


def _source(item: object) -> list[Any]:
    fields = ("id", "title_ko", "title_en", "source", "licence", "vintage", "confidence", "notice")
    return [*(getattr(item, field) for field in fields), getattr(item, "replaced", False)]


def _columns(table: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    return {name: _values(table[name]) for name in names}


def _values(column: pd.Series[Any]) -> Any:  # noqa: ANN401 - a list, or a list with its words
    """Return a column as JSON has it: figures shortened, texts as places in a list of words."""
    values = [plain(value) for value in column.tolist()]
    if any(isinstance(value, str) for value in values):
        return _words(values)
    decimals = _DEGREE_DECIMALS if column.name in _WHOLE else None
    return [_shortened(value, decimals) for value in values]


def _words(values: list[Any]) -> Any:  # noqa: ANN401
    words = sorted({str(value) for value in values if value is not None})
    if len(words) > len(values) // 2:
        return values
    place = {word: number for number, word in enumerate(words)}
    return {
        "words": words,
        "of": [None if value is None else place[str(value)] for value in values],
    }


def _shortened(value: Any, decimals: int | None) -> Any:  # noqa: ANN401
    """Return a figure with the digits that people read; whole numbers without a point."""
    if not isinstance(value, float):
        return value
    short = round(value, decimals) if decimals is not None else float(f"{value:.{_DIGITS}g}")
    return int(short) if short == int(short) else short
