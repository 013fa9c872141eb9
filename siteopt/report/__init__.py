"""What people get: the map, the tables and the files of a run, in Korean and English."""

from __future__ import annotations

from siteopt.report._portfolio import portfolio
from siteopt.report.files import write_run
from siteopt.report.map import write_map
from siteopt.report.tables import RunTables, ranking_table, site_costs
from siteopt.report.texts import LANGUAGES, money, text

__all__ = [
    "LANGUAGES",
    "RunTables",
    "money",
    "portfolio",
    "ranking_table",
    "site_costs",
    "text",
    "write_map",
    "write_run",
]
