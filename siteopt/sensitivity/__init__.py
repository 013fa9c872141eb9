"""One-at-a-time sensitivity analysis: each assumption at its low and at its high end."""

from __future__ import annotations

from siteopt.sensitivity.page import check_file, write_page, write_table
from siteopt.sensitivity.table import Sensitivity, sensitivity_table
from siteopt.sensitivity.variants import Variant, find_variants

__all__ = [
    "Sensitivity",
    "Variant",
    "check_file",
    "find_variants",
    "sensitivity_table",
    "write_page",
    "write_table",
]
