"""Files of a report: the PDF, and its pictures."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from siteopt._file_names import REPORT
from siteopt.report._portfolio import portfolio
from siteopt.report.document.alternatives import alternatives
from siteopt.report.document.annex import glossary, site_sheets
from siteopt.report.document.certainty import certainty
from siteopt.report.document.charts import certainty_chart, curve_chart, week_chart
from siteopt.report.document.energy import energy
from siteopt.report.document.exclusions import exclusions
from siteopt.report.document.grid import grid
from siteopt.report.document.maps import exclusion_map, plan_map, sites_map
from siteopt.report.document.material import Material
from siteopt.report.document.premises import data_sources, premises
from siteopt.report.document.reasons import why_here, why_not_there
from siteopt.report.document.result import result
from siteopt.report.document.summary import summary
from siteopt.report.document.typesetting import typeset
from siteopt.report.files import run_record
from siteopt.report.tables import ranking_table
from siteopt.report.verdict import Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from siteopt.report.document.blocks import Block, PlaceText
    from siteopt.report.document.drawing import Picture
    from siteopt.report.run_tables import RunTables
    from siteopt.report.texts import Language

__all__ = ["contents", "material_of", "report_files"]

_SECTIONS: Final[tuple[tuple[str, Callable[[Material], list[Block]], bool], ...]] = (
    ("summary", summary, False),
    ("result", result, True),
    ("why_here", why_here, False),
    ("why_not", why_not_there, False),
    ("certainty", certainty, False),
    ("alternatives", alternatives, False),
    ("energy", energy, False),
    ("grid", grid, False),
    ("exclusions", exclusions, False),
    ("premises", premises, False),
    ("sheets", site_sheets, True),
    ("data", data_sources, True),
    ("glossary", glossary, False),
)
"""Sections in order, and which begin on a page of their own."""

_ANNEX: Final = ("sheets", "data", "glossary")
_PICTURES: Final[dict[str, Callable[[Material], Picture | None]]] = {
    "report_map": plan_map,
    "report_sites": sites_map,
    "report_exclusions": exclusion_map,
    "report_certainty": certainty_chart,
    "report_energy": week_chart,
    "report_curve": curve_chart,
}
_REGIONS: Final[dict[Language, str]] = {"ko": "kr", "en": "us"}


def report_files(
    tables: RunTables,
    ranking: pd.DataFrame | None = None,
    *,
    language: Language = "ko",
    places: Sequence[PlaceText] = (),
) -> dict[str, bytes]:
    """Return the report of a run and its pictures, as bytes by file name.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame, optional
        Its `ranking_table` where it is there already.
    language : {'ko', 'en'}
        Of the report.
    places : sequence of PlaceText, optional
        Answers on places that the scenario names.

    Returns
    -------
    dict of str to bytes
        ``report.pdf`` (PDF/UA-1) and ``report_*.png`` at 300 dpi.
    """
    material = material_of(tables, ranking, language=language, places=places)
    drawn = {name: draw(material) for name, draw in _PICTURES.items()}
    pictures = {name: picture for name, picture in drawn.items() if picture is not None}
    told = contents(replace(material, pictures=frozenset(pictures)))
    pdf = typeset(told, {name: picture.svg for name, picture in pictures.items()})
    return {REPORT: pdf, **{f"{name}.png": picture.png for name, picture in pictures.items()}}


def material_of(
    tables: RunTables,
    ranking: pd.DataFrame | None = None,
    *,
    language: Language = "ko",
    places: Sequence[PlaceText] = (),
) -> Material:
    """Return what the sections are written from; parameters as of :func:`report_files`."""
    ranked = ranking_table(tables) if ranking is None else ranking
    plan, record = portfolio(tables, ranked), run_record(tables)
    return Material(
        tables=tables, ranking=ranked, plan=plan, record=record,
        verdicts=Verdicts(ranked, plan, record), language=language, version=version("siteopt"),
        places=tuple(places),
    )  # fmt: skip


def contents(material: Material) -> dict[str, Any]:
    """Return what the template shows, as plain values."""
    language = material.language
    body = [name for name, _, _ in _SECTIONS if name not in _ANNEX]
    sections = []
    for name, write, new_page in _SECTIONS:
        words = material.word(f"section_{name}")
        title = f"{body.index(name) + 1}. {words}" if name in body else words
        sections.append({"title": title, "new_page": new_page, "blocks": write(material)})
    figures = {"version": material.version, "hash": material.input_hash, "date": material.date}
    return {
        "lang": language,
        "region": _REGIONS[language],
        "title": getattr(material.tables.scenario.title, language),
        "overline": material.word("overline"),
        "keywords": [
            material.tables.scenario.name,
            f"siteopt {material.version}",
            material.input_hash,
        ],
        "foot": material.word("foot" if material.date else "foot_undated", **figures),
        "sections": sections,
    }
