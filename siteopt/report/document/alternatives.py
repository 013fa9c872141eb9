"""Alternatives in a report: plans elsewhere that cost little more, and one hub against many sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.report.document.blocks import Column, bullets, heading, paragraph, table

if TYPE_CHECKING:
    from siteopt.report.document.blocks import Block
    from siteopt.report.document.material import Material

__all__ = ["alternatives"]

_CURVE_POINTS_MAX: Final = 8


def alternatives(material: Material) -> list[Block]:
    """Return other plans, trade-offs, and how far the load is spread."""
    return [*_plans(material), *_tradeoffs(material), *_spread(material)]


def _plans(material: Material) -> list[Block]:
    plans = material.plan.get("alternatives") or []
    if not plans:
        return [paragraph(material.shared("further.none"))]
    by = material.shared(f"further.by_{material.tables.scenario.alternatives.distinct_by}")
    columns = [
        Column(material.word("within"), 0.9),
        Column(material.word("extra"), 1.5, number=True),
        Column(material.word("shared"), 1.3),
        Column(material.word("sites"), 4.2),
        Column(material.word("proof"), 0.9),
    ]
    return [
        paragraph(material.shared("further.intro", by=by)),
        table(
            material.word("plans_title"),
            columns,
            [_plan_row(material, one) for one in _once(plans)],
        ),
    ]


def _once(plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return plans, each once, with the least cost range in which it was found."""
    found: dict[str, dict[str, Any]] = {}
    for plan in plans:
        key = repr(sorted((site["site_id"], site["it_mw"]) for site in plan["in_plan"]))
        found.setdefault(key, plan)
    return list(found.values())


def _plan_row(material: Material, plan: dict[str, Any]) -> list[str]:
    extra = material.worth(plan.get(f"extra_{material.verdicts.unit}"))
    sites = ", ".join(
        f"{_name(material, site['site_id'])} {material.number(site['it_mw'], 1)}"
        for site in plan["in_plan"]
    )
    return [
        material.shared("further.level", pct=material.number(plan["within_pct"], 2)),
        f"{extra} ({material.number(plan['extra_pct'], 3)}%)",
        material.word(
            "shared_of", sites=plan["shared"], stations=plan["shared_stations"],
            districts=plan["shared_districts"],
        ),
        sites,
        material.word("proven" if plan["proof"] == "proven" else "not_proven"),
    ]  # fmt: skip


def _name(material: Material, site_id: str) -> str:
    row = material.verdicts.rows.get(site_id)
    return site_id if row is None else material.site_name(row)


def _tradeoffs(material: Material) -> list[Block]:
    points = material.plan.get("tradeoffs") or []
    if not points:
        return []
    columns = [
        Column(material.word("measure"), 2.0),
        Column(material.shared("head.cost"), 1.6, number=True),
        Column(material.word("figure"), 1.6, number=True),
        Column(material.word("proof"), 1.0),
    ]
    rows = [
        [
            material.one_of("measure", one["measure"]),
            material.money(one["cost_bn_krw"]),
            _figure(material, one),
            material.word("proven" if one["proof"] == "proven" else "not_proven"),
        ]
        for one in points[: _CURVE_POINTS_MAX * len({one["measure"] for one in points})]
    ]
    return [
        heading(material.word("tradeoffs_title")),
        table(material.word("tradeoffs_table"), columns, rows),
    ]


def _figure(material: Material, one: dict[str, Any]) -> str:
    if one["unit"] == "bn_krw":
        return material.money(one["figure"])
    return f"{material.number(one['figure'], 3)} {material.one_of('measure_unit', one['unit'])}"


def _spread(material: Material) -> list[Block]:
    """Return how far this plan is spread over places, and where one hub is set against many."""
    sites = material.plan["sites"]
    total = sum(site["it_mw"] for site in sites)
    head = [heading(material.word("hub_title"))]
    if not total:
        return head
    by_station: dict[str, float] = {}
    for site in sites:
        station = str(site.get("station_id"))
        by_station[station] = by_station.get(station, 0.0) + site["it_mw"]
    largest = max(sites, key=lambda site: (site["it_mw"], site["site_id"]))
    province = max(material.plan["provinces"], key=lambda one: one["it_mw"])
    lines = [
        material.word(
            "hub_site", name=_name(material, largest["site_id"]),
            mw=material.number(largest["it_mw"], 1), pct=_share(material, largest["it_mw"], total),
        ),
        material.word(
            "hub_station", n=len(by_station), pct=_share(material, max(by_station.values()), total)
        ),
        material.word(
            "hub_province", name=material.name("province", province["province_code"]),
            pct=_share(material, province["it_mw"], total),
        ),
    ]  # fmt: skip
    return [*head, bullets(lines), paragraph(material.word("hub_how"))]


def _share(material: Material, part: float, total: float) -> str:
    return f"{material.number(100 * part / total, 1)}%"
