"""Exclusions that the land was not judged by, for want of their layer, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.report.texts import text
from siteopt.screening.exclusions import unknown_exclusions

if TYPE_CHECKING:
    from siteopt.report.run_tables import RunTables
    from siteopt.report.texts import Language

__all__ = ["not_known_words"]


def not_known_words(tables: RunTables, language: Language) -> str:
    """Return a sentence that names them; empty where all exclusions apply.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    language : {'ko', 'en'}
        Korean or English.
    """
    unknown = unknown_exclusions(tables.layers, tables.scenario.screening)
    if not unknown:
        return ""
    names = ", ".join(getattr(one.title, language) for one in unknown)
    return text("land.not_known", language, names=names)
