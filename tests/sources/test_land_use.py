"""Land by district: cities stand at their gu, parts of a district add up, blanks stay blank."""

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.layers.district_codes import DistrictCodes
from siteopt.sources.land_use import industrial_land, land_category

CODES = DistrictCodes(
    pd.DataFrame(
        [("43110", "43111"), ("43110", "43112"), ("41591", "41590"), ("41593", "41590"),
         ("28125", "28110")],
        columns=["code", "district_code"],
    )
)  # fmt: skip


def test_industrial_land_of_a_city_of_parts_and_of_what_is_not_listed():
    table = pd.DataFrame(
        {
            "sgg_code_2026": ["43110", "41591", "41593", "28125"],
            "unsold_ha": [10.0, 1.0, 2.0, np.nan],
            "under_development_ha": [5.0, 0.0, np.nan, np.nan],
            "announced_for_sale_ha": [100.0, 10.0, 20.0, np.nan],
        }
    )
    land = industrial_land(table, CODES).set_index("district_code")
    assert land.index.tolist() == ["41590", "43111", "43112"]  # 28110 is not listed: not 0
    assert land.loc["41590"].tolist() == [3.0, 0.0, 30.0, 1]
    assert land.loc["43111"].tolist() == land.loc["43112"].tolist() == [10.0, 5.0, 100.0, 2]


def test_shares_of_a_district_are_of_its_own_area():
    areas = {
        "area_km2": [100.0, 300.0], "dry_field_km2": [10.0, 30.0], "paddy_km2": [20.0, 20.0],
        "forest_km2": [40.0, 200.0], "building_km2": [1.0, 1.0], "factory_km2": [2.0, 2.0],
        "reservoir_km2": [0.0, 0.0], "public_owned_km2": [50.0, 50.0],
    }  # fmt: skip
    table = pd.DataFrame({"sgg_code_2026": ["41591", "41593"], **areas})
    row = land_category(table, CODES).set_index("district_code").loc["41590"]
    assert row["area_km2"] == 400
    assert row[["farm_share", "forest_share", "factory_share", "public_share"]].tolist() == (
        pytest.approx([0.2, 0.6, 0.01, 0.25])
    )
    with pytest.raises(LayerError, match="sgg_code_2026 '99999' is not known"):
        land_category(table.assign(sgg_code_2026="99999"), CODES)


def test_a_unit_that_was_two_districts_is_not_counted_twice():
    names = (
        "area_km2", "dry_field_km2", "paddy_km2", "forest_km2", "building_km2", "factory_km2",
        "reservoir_km2", "public_owned_km2",
    )  # fmt: skip
    table = pd.DataFrame({"sgg_code_2026": ["43110"], **{name: [8.0] for name in names}})
    table["paddy_km2"] = 2.0
    both = land_category(table.assign(dry_field_km2=0.0), CODES)
    assert both["area_km2"].tolist() == [4.0, 4.0]
    assert both["farm_share"].tolist() == [0.25, 0.25]
