"""Grid in a report: limits that the plan meets, snapshots, N-1, room beside it, impact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.layers.headroom_areas import district_of_area
from siteopt.report.document.blocks import Column, heading, paragraph, table
from siteopt.report.document.material import DASH
from siteopt.report.impact import impact_line, impact_title
from siteopt.report.limit_names import limit_key
from siteopt.report.summary import rank_words

if TYPE_CHECKING:
    from siteopt.report.document.blocks import Block
    from siteopt.report.document.material import Material

__all__ = ["grid", "limit_title"]

_LIMITS_MAX: Final = 24
_FURTHER_MAX: Final = 17
_BRANCHES: Final = 2


def grid(material: Material) -> list[Block]:
    """Return limits, what the plan does to the grid, and the estimate of its assessment."""
    return [*_limits(material), *_account(material), *_impact(material)]


def limit_title(material: Material, limit: dict[str, Any]) -> str:
    """Return what a limit of ``portfolio.json`` is called."""
    family = material.one_of("family", limit["family"])
    key = limit_key(limit["family"], limit["limit"])
    year = material.shared("years.year", year=limit["year"]) + " " if limit.get("year") else ""
    if limit["family"] == "flows":
        return f"{year}{family}: {_flow(material, limit['limit'])}"
    kind = key.scope
    if not key.subject or kind not in {"station", "area", "province", "basin", "site"}:
        return f"{year}{family}" + (f": {key.subject}" if key.subject else "")
    place = material.name(kind, key.subject)
    if kind == "area" and not district_of_area(key.subject):
        place = key.subject
    voltage = f" {key.voltage_kv:g} kV" if key.voltage_kv else ""
    return f"{year}{family}: {place}{voltage}"


def _flow(material: Material, name: str) -> str:
    """Return the branches of a flow limit, and in which snapshot it binds."""
    for place, one in enumerate((material.plan.get("grid") or {}).get("flow_limits", [])):
        if one["limit"] == name:
            branches, more = material.verdicts.names.branches("flow", place, material.language)
            listed = ", ".join(branches[:_BRANCHES]) or material.shared("grid.units")
            rest = max(len(branches) - _BRANCHES, 0) + more
            listed = material.shared("grid.more", branches=listed, n=rest) if rest else listed
            return f"{material.name('snapshot', one['snapshot_id'])} {listed}"
    return name


def _limits(material: Material) -> list[Block]:
    limits = material.plan["limits"]
    if not limits:
        return [paragraph(material.word("limits_none"))]
    # those that bind first, then by what is left of them
    order = sorted(
        range(len(limits)), key=lambda at: (not limits[at]["binds"], _left(limits[at]), at)
    )
    columns = [
        Column(material.shared("tab.limits"), 3.6),
        Column(material.shared("limits.used"), 1.3, number=True),
        Column(material.shared("limits.bound"), 1.7, number=True),
        Column(material.word("left"), 1.0, number=True),
    ]
    rows = [_limit_row(material, limits[at]) for at in order[:_LIMITS_MAX]]
    binding = sum(bool(limit["binds"]) for limit in limits)
    intro = material.word("limits_intro", n=len(limits), binding=binding, shown=len(rows))
    return [paragraph(intro), table(material.word("limits_title"), columns, rows)]


def _left(limit: dict[str, Any]) -> float:
    """Return the share of a limit that is left, 1 where it has no most."""
    most, room = limit["at_most"], _room(limit)
    return 1.0 if not most or room is None else room / abs(float(most))


def _room(limit: dict[str, Any]) -> float | None:
    """Return what is left below the most of a limit; where it has none, above its least."""
    if limit["at_most"] is not None:
        return float(limit["at_most"] - limit["used"])
    return None if limit["at_least"] is None else float(limit["used"] - limit["at_least"])


def _limit_row(material: Material, limit: dict[str, Any]) -> list[str]:
    unit = material.one_of("unit", limit["unit"])
    unit = unit if unit == "%" else f" {unit}"
    if limit["unit"] == "bn_krw":
        unit = f" {material.word('bn_krw')}"
    bounds = [
        f"{material.number(limit[end], 1)}{unit} {material.shared(f'limits.{end}')}"
        for end in ("at_least", "at_most")
        if limit[end] is not None and not (end == "at_least" and not limit[end])
    ]
    left = material.number(_room(limit), 1)
    return [
        limit_title(material, limit),
        f"{material.number(limit['used'], 1)}{unit}",
        ", ".join(bounds) or material.shared("limits.free"),
        material.shared("limits.binds") if limit["binds"] else left,
    ]


def _account(material: Material) -> list[Block]:
    found = material.plan.get("grid")
    head = heading(material.shared("grid.account"))
    if found is None:
        return [head, paragraph(material.shared("grid.off"))]
    own = "_own" if "own" in str(found["model"]) else ""
    security = "none" if found["security"] == "none" else "outage"
    mw = found["snapshots"][0]["load_mw"] if found["snapshots"] else None
    columns = [
        Column(material.shared("grid.snapshot"), 2.0),
        Column(material.word("demand_mw"), 1.2, number=True),
        Column(material.word("load_mw"), 1.2, number=True),
        Column(material.word("fuel_change"), 1.6, number=True),
        Column(material.word("curtailed"), 1.8, number=True),
        Column(material.word("overloads"), 1.2),
    ]
    rows = [
        [
            str(one[f"title_{material.language}"]),
            material.number(one["demand_mw"]),
            material.number(one["load_mw"]),
            material.money(one["cost_after_bn_krw_h"] - one["cost_before_bn_krw_h"], signed=True),
            " → ".join(
                material.number(one[f"curtailed_{when}_mw"]) for when in ("before", "after")
            ),
            material.word("overload_none") if not one["overloads"] else material.word(
                "overload_n", n=len(str(one["overloads"]).split(", "))
            ),
        ]
        for one in found["snapshots"]
    ]  # fmt: skip
    return [
        head,
        paragraph(material.shared(f"grid.security_{security}")),
        paragraph(material.shared(f"grid.model{own}"), small=True),
        table(material.word("account_title", mw=material.number(mw)), columns, rows),
        *_further(material, found),
    ]


def _further(material: Material, found: dict[str, Any]) -> list[Block]:
    """Return how much more each province could draw beside the plan, and what stops it."""
    columns = [
        Column(material.shared("grid.province"), 1.2),
        Column(material.shared("grid.further_mw"), 1.0, number=True),
        Column(material.shared("grid.snapshot"), 1.2),
        Column(material.word("stopped_by"), 3.6),
    ]
    rows = [
        [
            str(one[f"province_{material.language}"]),
            material.shared("grid.no_bus") if one["further_mw"] is None
            else material.number(one["further_mw"]),
            DASH if one["snapshot_id"] is None else material.name("snapshot", one["snapshot_id"]),
            ", ".join(one[f"branches_{material.language}"][:_BRANCHES]) or DASH,
        ]
        for one in found["further_by_province"][:_FURTHER_MAX]
    ]  # fmt: skip
    if not rows:
        return []
    return [table(material.shared("grid.further"), columns, rows)]


def _impact(material: Material) -> list[Block]:
    """Return the estimate of the grid impact assessment of each chosen site."""
    if material.tables.impact is None:
        return []
    columns = [
        Column(material.word("rank"), number=True),
        Column(material.word("place"), 1.4),
        Column(material.word("estimate"), 5.0),
    ]
    head = getattr(impact_title(), material.language)
    rows = []
    for row in material.chosen:
        assessed = {name: value for name, value in row.items() if name.startswith("impact_")}
        if assessed.get("impact_applies") is None:
            continue
        line = impact_line(assessed, material.language)
        rows.append([rank_words(row), material.site_name(row), line.removeprefix(f"{head}: ")])
    if not rows:
        return []
    return [
        heading(head),
        table(material.word("impact_table"), columns, rows),
        paragraph(material.word("impact_hint"), small=True),
    ]
