"""Terms of use of fetched layers in words, and restrictions that travel with a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt.report.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siteopt.layers.provenance import Provenance
    from siteopt.report.texts import Language

__all__ = ["of_fetched", "restrictions", "size_words", "terms_words"]

_FIELDS = (
    "title_ko", "title_en", "address", "fetched", "redistribution", "commercial", "bytes", "sha256",
)  # fmt: skip
_MB = 1_000_000


def of_fetched(used: Iterable[Provenance]) -> list[dict[str, Any]]:
    """Return titles, address, time, terms, size and hash of the layers that were fetched."""
    return [{name: getattr(one, name) for name in _FIELDS} for one in used if one.fetched]


def terms_words(one: Mapping[str, Any], language: Language) -> str:
    """Return whether a layer may be given to others and used commercially, in words.

    Parameters
    ----------
    one : mapping
        ``redistribution, commercial`` as in the catalogue; what is empty is not known.
    language : {'ko', 'en'}
        Of the words.
    """
    words = {
        name: text(f"gis.terms_{str(one[name] or 'unknown').replace(' ', '_')}", language)
        for name in ("redistribution", "commercial")
    }
    return text("gis.terms", language, **words)


def restrictions(fetched: Iterable[Mapping[str, Any]], language: Language) -> list[str]:
    """Return the sentences about layers that may not be passed on freely, none where all may be.

    Parameters
    ----------
    fetched : iterable of mapping
        Rows of :func:`of_fetched`.
    language : {'ko', 'en'}
        Of the sentences.
    """
    rows = list(fetched)
    forbidden = [one for one in rows if "forbidden" in {one["redistribution"], one["commercial"]}]
    open_ones = [
        one
        for one in rows
        if one not in forbidden and {"unknown", ""} & {one["redistribution"], one["commercial"]}
    ]
    return [
        text(
            f"gis.{key}",
            language,
            layers=", ".join(str(one[f"title_{language}"]) for one in some),
        )
        for key, some in (("not_to_pass_on", forbidden), ("not_read", open_ones))
        if some
    ]


def size_words(size: int) -> str:
    """Return a size as people read it: bytes below a megabyte, else megabytes."""
    if not size:
        return ""
    return f"{size / _MB:,.1f} MB" if size >= _MB else f"{size:,} bytes"
