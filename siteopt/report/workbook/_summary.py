"""요약: question, answer, cost, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.report._years import several_years
from siteopt.report.texts import money, percent, text
from siteopt.report.workbook._book import Head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.report.workbook._book import Book, Kind, Sheet
    from siteopt.report.workbook._content import Content

__all__ = ["write_summary"]

_LEVELS: Final = ("site", "station", "district", "province")
"""Places of which some may stay over all draws, the finest first."""
_BN: Final = "workbook.unit_bn_krw"

Line = tuple[str, object, "Kind", str]
"""Key of the item, its value, how it is shown, and the key of its unit."""


def write_summary(book: Book, content: Content) -> None:
    """Write the sheet."""
    sheet = book.sheet("sheet_summary")
    heads = [
        Head.of("item", width=30), Head.of("value", "wrap", 70), Head.of("unit", width=12),
        Head.of("title_en", "text", 34),
    ]  # fmt: skip
    sheet.widths(head.width for head in heads)
    sheet.title(text("workbook.notice", "ko"), text("workbook.money_unit", "ko"))
    first = sheet.row
    sheet.heads(heads)
    for key, value, kind, unit in _lines(content):
        sheet.put(0, text(f"workbook.summary_{key}", "ko"))
        sheet.put(1, value, kind, "" if isinstance(value, str) else "left")
        sheet.put(2, text(unit, "ko") if unit else None)
        sheet.put(3, text(f"workbook.summary_{key}", "en"))
        sheet.row += 1
    _places(sheet, content)
    _provinces(sheet, content)
    _years(sheet, content)
    sheet.raw.repeat_rows(first, first + 1)


def _lines(content: Content) -> Iterator[Line]:
    plan, scenario = content.plan, content.tables.scenario
    yield "question", scenario.title.ko, "wrap", ""
    yield "target", plan["target_it_mw"], "int", "unit.mw"
    yield "year", plan["year"], "plain", ""
    yield "sites", len(content.chosen), "int", "unit.sites"
    yield "candidates", len(content.ranking), "int", "unit.sites"
    yield "it", float(content.chosen["it_mw"].sum()), "one", "unit.mw"
    yield "cost", plan["cost_bn_krw"], "one", _BN
    yield "cost_words", money(plan["cost_bn_krw"], "ko"), "wrap", ""
    if plan.get("energy_beside_bn_krw"):
        yield "beside", plan["energy_beside_bn_krw"], "one", _BN
    if content.unit == "suitable_mw":
        yield "objective", -plan["objective_suitable_mw"], "one", "unit.mw"
    yield "status", text(f"status.{plan['status']}", "ko"), "wrap", ""
    yield "gap", text("head.gap_most", "ko", gap=_gap(content)), "wrap", ""
    if plan.get("checked_by"):
        yield "checked", _checked(plan["checked_by"]), "wrap", ""
    yield "certainty", _certainty(content), "wrap", ""
    yield "energy", _energy(content), "wrap", ""
    eligibility = content.tables.eligibility
    share = 100.0 * eligibility.eligible_km2 / eligibility.land_km2 if eligibility.land_km2 else 0.0
    yield "land", share, "one", "unit.pct"
    yield "inputs", len(content.tables.layers.used), "int", ""


def _gap(content: Content) -> str:
    """Return the gap that is proven: figures that meet are no proof beyond the requested gap."""
    plan = content.plan
    asked = content.tables.scenario.solver.gap if plan["status"] == "optimal" else 0.0
    return percent(max(plan["gap"] or 0.0, asked))


def _checked(found: dict[str, Any]) -> str:
    agrees = found.get("result") == "agrees"
    key = "workbook.summary_agrees" if agrees else "workbook.summary_differs"
    return text(key, "ko", solver=found.get("solver", ""), result=found.get("result", ""))


def _certainty(content: Content) -> str:
    """Return what stays over the draws, and what committing to the plan costs."""
    found = content.plan.get("certainty")
    if found is None:
        return text("workbook.none_draws", "ko")
    robust, figures = (
        found["robust"],
        {"n": found["draws"], "pct": f"{found['robust_share_pct']:g}"},
    )
    level = next((one for one in _LEVELS if robust.get(one)), None)
    if level is None:
        told = text("workbook.certain_none", "ko", **figures)
    else:
        places = ", ".join(content.names.of(level, place, "ko") for place in robust[level])
        named = text(f"workbook.level_{level}", "ko")
        told = text("workbook.certain_level", "ko", level=named, places=places, **figures)
    if "committed_mean_bn_krw" not in found:
        return told
    mean, tail = (money(found[f"committed_{one}_bn_krw"], "ko") for one in ("mean", "p95"))
    return f"{told} {text('workbook.certain_committed', 'ko', mean=mean, tail=tail)}"


def _energy(content: Content) -> str:
    found = content.plan.get("energy")
    if found is None:
        return text("workbook.none_energy", "ko")
    share = "annual_clean_pct" if found["matching"] == "annual" else "hourly_clean_pct"
    return text(
        "workbook.energy_words", "ko", program=f"{found['typical_days'][share]:.1f}",
        replay=f"{found['year_replayed'][share]:.1f}", krw=f"{found['price_krw_kwh']:,.1f}",
    )  # fmt: skip


def _places(sheet: Sheet, content: Content) -> None:
    """Write the answers on the places that the scenario names; nothing where it names none."""
    if not content.places:
        return
    sheet.part("summary_places")
    heads = [Head.of("place"), Head.of("answer", "wrap"), Head.of("site_id"), Head.of("details")]
    sheet.table(
        heads,
        (
            [one.name[0], one.verdict("ko"), one.figures.get("site_id"), " ".join(one.lines("ko"))]
            for one in content.places
        ),
    )


def _provinces(sheet: Sheet, content: Content) -> None:
    sheet.part("summary_provinces")
    total = sum(row["it_mw"] for row in content.plan["provinces"])
    heads = [Head.of("province_ko"), Head.of("it_mw", "one"), Head.of("sites", "int"),
             Head.of("share_pct", "pct")]  # fmt: skip
    sheet.table(heads, (
        [content.names.of("province", row["province_code"], "ko"), row["it_mw"], row["sites"],
         100.0 * row["it_mw"] / total if total else None]
        for row in content.plan["provinces"]
    ))  # fmt: skip


def _years(sheet: Sheet, content: Content) -> None:
    if not several_years(content.tables.scenario):
        return
    sheet.part("summary_years")
    heads = [
        Head.of("year", "plain"), Head.of("target_it_mw", "one"), Head.of("it_mw", "one"),
        Head.of("capital_bn_krw", "one"), Head.of("step_cost_bn_krw", "one"),
    ]  # fmt: skip
    sheet.table(heads, (
        [row["year"], row["target_it_mw"], row["it_mw"], row["capital_bn_krw"], row["cost_bn_krw"]]
        for row in content.plan["years"]
    ))  # fmt: skip
