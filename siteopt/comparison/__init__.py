"""Comparison of two runs or revisions: inputs, results, and the input that caused each change.

Inputs: ``scenario_diff``, ``rows``; results: ``result_diff``, ``land``; attribution: ``switches``,
``reruns``, ``causes``; the whole: ``diff``, ``result``; rendering: ``text``, ``markdown``, ``map``.
"""

from __future__ import annotations

from siteopt.comparison.diff import compare, compare_runs
from siteopt.comparison.markdown import as_markdown
from siteopt.comparison.result import Comparison
from siteopt.comparison.text import as_text

__all__ = ["Comparison", "as_markdown", "as_text", "compare", "compare_runs"]
