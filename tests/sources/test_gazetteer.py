"""Names and areas of eup, myeon, dong and ri, as built and as embedded."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from siteopt.layers import open_layers
from siteopt.layers.gazetteer import gazetteer_of
from siteopt.sources._frame import NATIONAL
from siteopt.sources.gazetteer import area_cells, gazetteer

X0, Y0 = 1_000_000.0, 1_800_000.0


def squares(**columns: list[str]) -> gpd.GeoDataFrame:
    """Return two squares of 2 km side by side; the districts reach 1 km farther east."""
    shapes = [box(X0, Y0, X0 + 2_000, Y0 + 2_000), box(X0 + 2_000, Y0, X0 + 4_000, Y0 + 2_000)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=5179)


def test_areas_take_the_district_that_they_lie_in_and_nameless_ri_are_left_out() -> None:
    areas = squares(code=["43710250", "47770250"], emd=["내수읍", "영해면"])
    districts = squares(district_code=["43114", "47770"])
    villages = pd.DataFrame(
        {
            "ri_code": ["4371025021", "4777025021", "4157031022"], "ri": ["가리", None, "나리"],
            "lon": 127.0, "lat": 36.0,
        }
    )  # fmt: skip
    table = gazetteer(areas, villages, districts)
    assert table["code"].tolist() == ["43710250", "47770250", "4371025021"]
    assert table["district_code"].tolist()[:2] == ["43114", "47770"]
    assert table["district_code"].isna().tolist() == [False, False, True]


def test_a_cell_is_in_the_area_of_its_centre_and_young_land_in_the_nearest_of_its_district() -> (
    None
):
    areas = squares(code=["1", "2"])
    districts = squares(district_code=["11110", "22220"])
    districts.loc[1, "geometry"] = box(X0 + 2_000, Y0, X0 + 5_000, Y0 + 2_000)
    cells = area_cells(areas, np.array(["11110", "22220"]), districts)
    row = int((NATIONAL.y_max_m - Y0 - 1_000) // NATIONAL.cell_m)
    first = int((X0 - NATIONAL.x_min_m) // NATIONAL.cell_m)
    assert cells[row, first - 1 : first + 21].tolist() == [0, *[1] * 8, *[2] * 12, 0]
    other = area_cells(areas, np.array(["11110", "33330"]), districts)
    assert (
        other[row, first + 16 : first + 20].tolist() == [0] * 4
    )  # the nearest is another district's


def test_the_embedded_layers_fit_together() -> None:
    found = gazetteer_of(open_layers())
    assert found is not None
    assert (len(found.areas), len(found.villages)) == (5_026, 15_261)
    jinbo = next(area for area in found.areas if area.name == "진보면")
    assert jinbo.district_code == "47750"
    districts = set(open_layers().vector("districts")["district_code"])
    assert {area.district_code for area in found.areas} <= districts
    assert int(found.cells.max()) <= len(found.areas)
