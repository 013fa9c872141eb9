"""Rank in words, without numerical libraries.

Apart from `siteopt.report.rank_ranges`, so that a run that is known loads no library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["rank_words"]


def rank_words(site: Mapping[str, object]) -> str:
    """Return the rank of a site as ``3``, or as ``2–5`` where that is all that is proven."""
    low, high = site.get("rank_low"), site.get("rank_high")
    if low is None or high is None or low == high:
        return str(site["rank"])
    return f"{low}–{high}"
