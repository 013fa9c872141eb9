"""Summary of a report: question, answer, map, figures, how sure, renewables, notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt.report.document.blocks import boxed, figure, key_figures, paragraph
from siteopt.report.document.certainty import committed, lead_sentence
from siteopt.report.texts import percent

if TYPE_CHECKING:
    from siteopt.report.document.blocks import Block
    from siteopt.report.document.material import Material

__all__ = ["answer", "clean_sentence", "question", "summary"]


def summary(material: Material) -> list[Block]:
    """Return the first page."""
    found = [
        boxed(material.word("question_head"), question(material)),
        boxed(material.word("answer_head"), answer(material)),
        key_figures(_figures(material)),
        boxed(material.word("sure_head"), _sure(material)),
        boxed(material.word("clean_head"), clean_sentence(material)),
    ]
    if "report_map" in material.pictures:
        title, alt = material.word("map_title"), _map_alt(material)
        found.append(figure("report_map", title, alt, 62.0))
    return [*found, paragraph(material.word("notice"), small=True)]


def question(material: Material) -> str:
    """Return what is decided, in one sentence."""
    plan = material.plan
    kind = "cost" if material.is_of_cost else "suitability"
    asked = material.word(
        f"question_{kind}", year=plan["year"], mw=material.number(plan["target_it_mw"], 1)
    )
    years = plan.get("years", [])
    if not years:
        return asked
    path = ", ".join(
        material.word("question_year", year=one["year"], mw=material.number(one["target_it_mw"], 1))
        for one in years
    )
    return f"{asked} {material.word('question_years', path=path)}"


def answer(material: Material) -> str:
    """Return where the load goes and what it costs, with what is proven of it."""
    plan, record = material.plan, material.record
    total = sum(row["it_mw"] for row in plan["sites"]) or 1.0
    places = ", ".join(
        material.word(
            "answer_place", name=material.name("province", one["province_code"]),
            mw=material.number(one["it_mw"], 1), pct=material.number(100 * one["it_mw"] / total, 1),
        )
        for one in sorted(plan["provinces"], key=lambda one: (-one["it_mw"], one["province_code"]))
    )  # fmt: skip
    told = [
        material.word(
            "answer", n=len(plan["sites"]), all=material.number(record["sites"]), places=places
        )
    ]
    if material.is_of_cost:
        told.append(material.word("answer_cost", cost=material.money(plan["cost_bn_krw"])))
    else:
        mw = material.number(abs(plan["objective_suitable_mw"]), 1)
        told.append(material.word("answer_suitable", mw=mw))
    told.append(material.word(f"answer_{_proof(material)}", gap=_gap(material)))
    return " ".join(told)


def _proof(material: Material) -> str:
    return "optimal" if material.record["status"] == "optimal" else "feasible"


def _gap(material: Material) -> str:
    """Return the gap that is proven: figures that meet are no proof beyond the requested gap."""
    requested = material.tables.scenario.solver.gap if _proof(material) == "optimal" else 0.0
    return percent(max(material.plan["gap"], requested))


def _figures(material: Material) -> list[tuple[str, str]]:
    plan = material.plan
    mw = sum(row["it_mw"] for row in plan["sites"])
    found = [
        (material.shared("head.target"), material.word("mw", mw=material.number(mw, 1))),
        (
            material.shared("head.chosen"),
            material.word(
                "chosen_of", n=len(plan["sites"]), all=material.number(material.record["sites"])
            ),
        ),
    ]  # fmt: skip
    if material.is_of_cost:
        found += [
            (material.shared("head.cost"), material.money(plan["cost_bn_krw"])),
            (material.word("capital"), material.money(capital_bn_krw(material))),
        ]
    else:
        suitable = material.number(abs(plan["objective_suitable_mw"]), 1)
        found += [
            (material.shared("head.suitable"), material.word("mw", mw=suitable)),
            (material.word("cost_beside"), material.money(plan["cost_bn_krw"])),
        ]
    return [*found, (material.shared("head.gap"), _gap(material))]


def capital_bn_krw(material: Material) -> float | None:
    """Return the capital of the plan, not discounted; None where its tables do not say."""
    plan = material.tables.plan
    table: Any = plan.steps if "capital_bn_krw" in plan.steps else plan.chosen
    return float(table["capital_bn_krw"].sum()) if "capital_bn_krw" in table else None


def _sure(material: Material) -> str:
    """Return how sure the answer is."""
    lead = lead_sentence(material)
    if lead is None:
        return material.word("sure_none")
    return " ".join(part for part in (lead, committed(material)) if part)


def clean_sentence(material: Material) -> str:
    """Return whether the plan can run on clean energy, as far as the run knows."""
    energy = material.plan.get("energy")
    if energy is None:
        return material.word("clean_none")
    hourly = energy["matching"] != "annual"
    share = "hourly_clean_pct" if hourly else "annual_clean_pct"
    asked = energy["asked_clean_pct"]
    program, replay = energy["typical_days"][share], energy["year_replayed"][share]
    enough = [round(value, 2) >= asked for value in (program, replay)]
    state = "yes" if all(enough) else "partly" if enough[0] else "no"
    mw = material.number(sum(row["it_mw"] for row in material.plan["sites"]), 1)
    asks = material.shared(
        f"energy.question_{'hourly' if hourly else 'annual'}",
        year=energy["year"], mw=mw, pct=material.number(asked, 1),
    )  # fmt: skip
    told = {
        "program": material.number(program, 1), "replay": material.number(replay, 1),
        "krw": material.number(energy["price_krw_kwh"], 1),
        "short": material.number(max(asked - replay, 0.0), 1),
    }  # fmt: skip
    word = material.shared(f"energy.{state}_word")
    return f"{asks} {word}. {material.shared(f'energy.{state}', **told)}"


def _map_alt(material: Material) -> str:
    names = ", ".join(
        material.word(
            "map_alt_site", rank=row["rank"] or "-", name=material.site_name(row),
            mw=material.number(row["it_mw"], 1),
        )
        for row in material.chosen
    )  # fmt: skip
    return material.word("map_alt", n=len(material.chosen), names=names)
