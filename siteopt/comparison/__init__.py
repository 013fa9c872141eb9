"""Comparison of two runs or revisions: inputs, results, and the input that caused each change.

Inputs: ``scenario_diff``, ``rows``; results: ``result_diff``, ``land``; attribution: ``switches``,
``reruns``, ``causes``; the whole: ``diff``, ``result``, ``comparison``; rendering: ``text``, ``markdown``, ``map``.
"""

from __future__ import annotations

from siteopt.comparison.comparison import Comparison
from siteopt.comparison.diff import compare, compare_runs

__all__ = ["Comparison", "compare", "compare_runs"]
