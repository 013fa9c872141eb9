"""Workbook of a run, ``ranking.xlsx``: what the ministry sorts, filters, compares and recalculates.

Written by XlsxWriter, not by openpyxl (which reads it in the tests): a formula of openpyxl has no
value until a program has calculated it, so that a viewer shows nothing, while XlsxWriter writes
the value beside the formula. It also takes half the time of openpyxl's write-only mode for the
same table (4,200 rows of 128 columns: 3.0 s of CPU against 7.9), holds one row in memory (64 MB
for the process against 71, and 162 without its constant memory), dates the parts of the file
alike, so that equal inputs give equal bytes, and has drop-downs, frozen panes and print setup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt._file_names import WORKBOOK
from siteopt._temporary import temporary_folder
from siteopt.report.workbook._alternatives import write_alternatives
from siteopt.report.workbook._book import Book
from siteopt.report.workbook._candidates import write_candidates
from siteopt.report.workbook._certainty import write_certainty
from siteopt.report.workbook._chosen import write_chosen
from siteopt.report.workbook._columns import write_columns
from siteopt.report.workbook._comparison import write_comparison
from siteopt.report.workbook._content import Content
from siteopt.report.workbook._costs import write_costs
from siteopt.report.workbook._energy import write_energy_sheet
from siteopt.report.workbook._exclusions import write_exclusions, write_sources
from siteopt.report.workbook._grid import write_grid
from siteopt.report.workbook._guide import write_guide
from siteopt.report.workbook._inputs import write_inputs
from siteopt.report.workbook._limits import write_limits
from siteopt.report.workbook._sensitivity import write_sensitivity
from siteopt.report.workbook._summary import write_summary

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.report.run_tables import RunTables

__all__ = ["workbook"]


def workbook(tables: RunTables, ranking: pd.DataFrame, plan: dict[str, Any]) -> bytes:
    """Return the workbook of a run; the same run gives the same bytes.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.
    plan : dict
        Its ``portfolio.json``.
    """
    content = Content.of(tables, ranking, plan)
    with temporary_folder() as folder:
        book = Book(folder / WORKBOOK, tables.scenario.title.ko)
        write_guide(book, content)
        write_summary(book, content)
        write_chosen(book, content)
        candidates = write_candidates(book, content)
        costs = write_costs(book, content)
        write_comparison(book, content, candidates)
        from_inputs = write_inputs(book, content)
        write_sensitivity(book, content, costs, from_inputs)
        write_certainty(book, content)
        write_limits(book, content)
        write_alternatives(book, content)
        write_energy_sheet(book, content)
        write_grid(book, content)
        write_exclusions(book, content)
        write_sources(book, content)
        write_columns(book, content)
        book.close()
        return (folder / WORKBOOK).read_bytes()
