"""Two answers side by side: what was asked otherwise, what that changes, and which input did it.

``inputs`` -> ``asked``, ``rows``; answers -> ``answer``, ``land``; reasons -> ``switches``,
``workshop``, ``causes``; what people read -> ``text``, ``markdown``, ``map``.
"""

from __future__ import annotations

from siteopt.comparison.comparing import Comparison, compare, compare_runs

__all__ = ["Comparison", "compare", "compare_runs"]
