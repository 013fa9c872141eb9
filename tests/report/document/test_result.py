"""Where a site is, down to its eup, myeon or dong."""

from __future__ import annotations

import numpy as np

from siteopt.lattice import Lattice
from siteopt.layers.cells import ArrayCells
from siteopt.layers.gazetteer import Area, Gazetteer
from siteopt.report.document.report import material_of
from siteopt.report.document.result import place_of
from tests.report.document.conftest import tables_of


def test_a_place_is_told_down_to_its_area_in_korean() -> None:
    tables = tables_of("bare")
    korean, english = material_of(tables), material_of(tables, language="en")
    row = korean.chosen[0]
    without = place_of(korean, row)
    cells = np.array([[0, 1]], dtype=np.uint16)
    corner = Lattice(row["x_m"] - 375.0, row["y_m"] + 125.0, 250.0, 1, 2)
    areas = (Area("46180310", "46180", "진보면", 129.0, 36.5),)
    for material in (korean, english):
        material.__dict__["gazetteer"] = Gazetteer(areas, (), ArrayCells(cells, corner))
    assert place_of(korean, row) == f"{without} 진보면"
    assert "진보면" not in place_of(english, row)
    assert korean.area_name(row | {"x_m": row["x_m"] - 250.0}) == ""
    assert korean.area_name(row | {"x_m": None}) == ""
