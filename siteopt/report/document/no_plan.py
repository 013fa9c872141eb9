"""Page and report of a run without a plan: what conflicts, and the land that is left."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from siteopt._file_names import MAP, REPORT
from siteopt.report._not_known import land_basis
from siteopt.report.document.block_page import block_page
from siteopt.report.document.blocks import boxed, bullets, figure, key_figures, paragraph
from siteopt.report.document.exclusions import funnel
from siteopt.report.document.maps import exclusion_map
from siteopt.report.document.material import DASH
from siteopt.report.document.typesetting import typeset
from siteopt.report.facts import number_text
from siteopt.report.files import no_plan_record
from siteopt.report.input_hash import data_date, shown_hash
from siteopt.report.texts import text

if TYPE_CHECKING:
    from siteopt.report.document.blocks import Block
    from siteopt.report.run_tables import NoPlan
    from siteopt.report.texts import Language

__all__ = ["no_plan_files"]

_PICTURE: Final = "report_exclusions"
_WHY: Final = {
    "sites": "no_plan_sites", "energy": "no_plan_energy", "portfolio": "no_plan_portfolio",
}  # fmt: skip
"""Why there is no plan, by the part of the run that found none."""
_REGIONS: Final[dict[Language, str]] = {"ko": "kr", "en": "us"}


@dataclass(frozen=True)
class _Told:
    """What is known of the run, in one language (a `ScreenedMaterial`)."""

    tables: NoPlan
    language: Language

    def word(self, key: str, **figures: object) -> str:
        return text(f"report.{key}", self.language, **figures)

    def shared(self, key: str, **figures: object) -> str:
        return text(key, self.language, **figures)

    def number(self, value: float | None, digits: int = 0) -> str:
        return DASH if value is None else number_text(value, digits)


def no_plan_files(tables: NoPlan, *, report: bool = True) -> dict[str, bytes]:
    """Return ``map.html`` and, where it is asked for, ``report.pdf``, as bytes by name.

    Parameters
    ----------
    tables : NoPlan
        What is known of the run.
    report : bool
        Whether to typeset the report, in the language of the scenario; the page is in Korean.
    """
    told = _Told(tables, "ko")
    picture = exclusion_map(told)
    found = {MAP: block_page(_contents(told), {_PICTURE: picture.png}).encode()}
    if not report:
        return found
    told = _Told(tables, tables.scenario.report.language)
    drawn = picture if told.language == "ko" else exclusion_map(told)
    pdf = typeset(_contents(told), {_PICTURE: drawn.svg})
    return found | {REPORT: pdf, f"{_PICTURE}.png": drawn.png}


def _contents(told: _Told) -> dict[str, Any]:
    scenario, record = told.tables.scenario, no_plan_record(told.tables)
    figures = {
        "version": version("siteopt"), "hash": shown_hash(record), "date": data_date(record),
    }  # fmt: skip
    return {
        "lang": told.language,
        "region": _REGIONS[told.language],
        "title": getattr(scenario.title, told.language),
        "overline": told.word("overline"),
        "keywords": [scenario.name, f"siteopt {figures['version']}", figures["hash"]],
        "foot": told.word("foot" if figures["date"] else "foot_undated", **figures),
        "sections": [
            {
                "title": told.word("section_no_plan"), "new_page": False,
                "blocks": _answer(told, record["input_sha256"]),
            },
            {
                "title": told.word("section_exclusions"), "new_page": False,
                "blocks": _excluded(told),
            },
        ],
    }  # fmt: skip


def _answer(told: _Told, input_sha256: str) -> list[Block]:
    tables, ko = told.tables, told.language == "ko"
    target = tables.scenario.target
    asked = told.word(
        "question_cost" if tables.scenario.objective.kind == "cost" else "question_suitability",
        year=target.year, mw=told.number(target.it_mw, 1),
    )  # fmt: skip
    why = tables.why_ko if ko and tables.why_ko else told.word(_WHY[tables.phase])
    land, eligible = tables.eligibility.land_km2, tables.eligibility.eligible_km2
    counted = DASH if tables.sites is None else told.number(tables.sites)
    return [
        boxed(told.word("question_head"), asked),
        boxed(told.word("answer_head"), told.word("no_plan_answer")) | {"alert": True},
        boxed(told.word("no_plan_why_head"), why),
        boxed(told.word("no_plan_diagnosis_head"), tables.why) | {"lang": "en"},
        key_figures(
            [
                (told.shared("head.target"), told.word("mw", mw=told.number(target.it_mw, 1))),
                (told.word("all_land"), told.word("no_plan_km2", n=told.number(land))),
                (told.shared("legend.eligible"), told.word("no_plan_km2", n=told.number(eligible))),
                (told.word("step_candidates"), counted),
            ]
        ),
        bullets([told.word("no_plan_next_limits"), told.word("no_plan_next_land")]),
        paragraph(told.word("hash", hash=input_sha256), small=True),
        paragraph(told.word("notice"), small=True),
    ]


def _excluded(told: _Told) -> list[Block]:
    eligibility = told.tables.eligibility
    land, eligible = told.number(eligibility.land_km2), told.number(eligibility.eligible_km2)
    alt = told.word("exclusions_map_alt", eligible=eligible, land=land)
    basis = land_basis(told.tables.scenario, eligibility, told.language)
    return [
        *(paragraph(one) for one in basis),
        funnel(told),
        paragraph(told.word("funnel_hint"), small=True),
        figure(_PICTURE, told.word("exclusions_map_title"), alt, 50.0),
    ]
