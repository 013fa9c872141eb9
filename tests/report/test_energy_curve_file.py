"""``energy_curve.csv``: the table of the cost curve, where there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt._csv import read_csv
from siteopt._file_names import ENERGY_CURVE, RUN_FILES
from siteopt.energy.cost_curve import CostCurve
from siteopt.report import ranking_table
from siteopt.report.files import table_files

if TYPE_CHECKING:
    from siteopt.report import RunTables


def test_the_file_has_the_table(run_tables: RunTables) -> None:
    table = pd.DataFrame(
        {
            "matching": ["hourly", "annual"],
            "target_pct": [80.0, 80.0],
            "step_krw_kwh": [np.nan, 12.5],
        }
    )
    curve = CostCurve(2035, 100.0, 80.0, table, pd.DataFrame(), pd.DataFrame())
    tables = replace(run_tables, energy_curve=curve)
    files = table_files(tables, ranking_table(tables))
    assert set(files) <= RUN_FILES
    assert ENERGY_CURVE in files
    found = read_csv(files[ENERGY_CURVE])
    assert found.columns.tolist() == table.columns.tolist()
    assert found["step_krw_kwh"].astype(float).to_numpy()[1] == 12.5


def test_there_is_none_without_a_curve(run_tables: RunTables) -> None:
    assert ENERGY_CURVE not in table_files(run_tables, ranking_table(run_tables))
