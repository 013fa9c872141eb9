"""Names of station works in Korean and English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from siteopt.report.texts import text

if TYPE_CHECKING:
    from siteopt.report.texts import Language

__all__ = ["works_words"]

_BANKS: Final = re.compile(r"banks([0-9]+)")


def works_words(works: str, language: Language) -> str:
    """Return works as people say them.

    Parameters
    ----------
    works : str
        As options bear them: ``banks2``, ``station154``, ``station345``.
    language : {'ko', 'en'}
        Korean or English.

    Examples
    --------
    >>> works_words("banks2", "en")
    '2 further 345/154 kV bank(s)'
    """
    banks = _BANKS.fullmatch(works)
    if banks:
        return text("works.banks", language).format(n=banks[1])
    return text(f"works.{works}", language)
