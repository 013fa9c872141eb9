"""What the comparison says, in Korean and English."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siteopt.report.texts import Language

__all__ = ["said_of_layer", "say", "words"]

Fact = tuple[str, dict[str, Any]]
"""Key of a text below ``layer.``, and the figures in it."""


@cache
def words() -> dict[str, dict[Language, str]]:
    """Return the texts of the comparison by key, each in Korean and English."""
    table = files("siteopt.comparison").joinpath("texts.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return {row["key"]: {"ko": row["ko"], "en": row["en"]} for row in rows}


def say(key: str, language: Language, **figures: object) -> str:
    """Return a text with its figures; KeyError if there is none."""
    return words()[key][language].format(**figures)


def said_of_layer(facts: Iterable[Fact], language: Language) -> str:
    """Return in a line what changed in a layer."""
    said = "; ".join(say(f"layer.{key}", language, **figures) for key, figures in facts)
    return said.replace("1 rows ", "1 row ") if said.startswith("1 rows ") else said
