"""Comparison: the differences of two runs, with their text and their Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from siteopt.comparison.markdown import as_markdown
from siteopt.comparison.result import Differences
from siteopt.comparison.text import as_text

__all__ = ["Comparison"]


@dataclass(frozen=True, eq=False)
class Comparison(Differences):
    """Differences of two runs; its tables are the attributes of `Differences`."""

    def text(self) -> str:
        """Return the comparison in plain lines."""
        return as_text(self)

    def markdown(self) -> str:
        """Return the comparison as Markdown, for a pull request or a report."""
        return as_markdown(self)
