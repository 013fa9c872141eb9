"""Reporting: the map, the tables and the files of a run, in Korean and English."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from siteopt.report._portfolio import portfolio
    from siteopt.report.run_tables import RunTables
    from siteopt.report.tables import ranking_table, site_costs
    from siteopt.report.texts import LANGUAGES, money, text

__all__ = [
    "LANGUAGES",
    "RunTables",
    "money",
    "portfolio",
    "ranking_table",
    "site_costs",
    "text",
]

_HOMES: Final = {
    "_portfolio": ("portfolio",),
    "run_tables": ("RunTables",),
    "tables": ("ranking_table", "site_costs"),
    "texts": ("LANGUAGES", "money", "text"),
}
"""Modules of the names above, loaded on first access: a cached run needs no numerical library."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"siteopt.report.{module}"), name)
    raise AttributeError(f"module 'siteopt.report' has no attribute {name!r}")
