"""Sources of a run for the page: publisher, licence and vintage in Korean beside the citation."""

from __future__ import annotations

import csv
import fnmatch
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from siteopt.report._terms import of_fetched, size_words, terms_words
from siteopt.report.texts import LANGUAGES

if TYPE_CHECKING:
    from siteopt.layers.provenance import Provenance

__all__ = ["source_row", "source_words"]


@cache
def source_words() -> tuple[tuple[str, str, str], ...]:
    """Return kind (publisher, source, licence, vintage), key and Korean words.

    Keys of publishers are patterns of ids; a source is that of a fetched layer as its recipe has it.
    """
    table = files("siteopt.report").joinpath("source_words.csv").read_text(encoding="utf-8")
    return tuple((row["kind"], row["key"], row["ko"]) for row in csv.DictReader(table.splitlines()))


def source_row(item: Provenance) -> list[Any]:
    """Return what the page lists of a layer, its citation in English as it was given.

    Parameters
    ----------
    item : Provenance
        Layer that the run read.

    Returns
    -------
    list
        Id, titles, source, licence, vintage, confidence, notice, whether the user's file replaces
        it; then publisher, licence and vintage in Korean, each None where there are no words for it.
    """
    fields = (
        "id", "title_ko", "title_en", "source", "licence", "vintage", "confidence", "notice",
        "replaced",
    )  # fmt: skip
    # a fetched layer may bear the id of an embedded one of another publisher
    known = _words("source", item.source) if item.fetched else _publisher(item.id)
    publisher = None if item.replaced else known
    korean = [publisher, _words("licence", item.licence), _words("vintage", item.vintage)]
    return [*(getattr(item, field) for field in fields), *korean, *_received(item)]


def _received(item: Provenance) -> list[list[str]]:
    return [
        [
            *(terms_words(one, language) for language in LANGUAGES),
            one["address"], one["fetched"], size_words(one["bytes"]), one["sha256"],
        ]
        for one in of_fetched([item])
    ]  # fmt: skip


def _publisher(layer_id: str) -> str | None:
    for kind, pattern, ko in source_words():
        if kind == "publisher" and fnmatch.fnmatchcase(layer_id, pattern):
            return ko
    return None


def _words(of_kind: str, said: str) -> str | None:
    return next((ko for kind, key, ko in source_words() if (kind, key) == (of_kind, said)), None)
