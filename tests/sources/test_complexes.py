"""The register of complexes with what is compiled of them, from small tables."""

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.layers.district_codes import DistrictCodes
from siteopt.sources import complexes

CODES = DistrictCodes(
    pd.DataFrame({"code": ["46830", "45110"], "district_code": ["46830", "52111"]})
)
REGISTER = pd.DataFrame(
    {
        "id": ["146020", "247000", "445000"], "name": ["대불", "가", "나"],
        "type_ko": ["국가", "일반", "농공"], "sgg_code": ["46830", "46830", "45110"],
        "lon": [126.435, 126.5, 127.0], "lat": [34.773, 34.8, 35.8],
    }
)  # fmt: skip
FACTS = pd.DataFrame(
    {
        "name": ["대불 국가산단", "대산(서산) 석유화학"], "area_km2": [11.0, np.nan],
        "land_price_krw_m2": [np.nan, 9.0], "price_year": [np.nan, 2025.0], "source": ["s", "t"],
        "confidence": ["compiled-medium", "compiled-low"],
    }
)  # fmt: skip


def lots(*rows):
    return pd.DataFrame(rows, columns=["complex_id", "lon", "lat"])


def test_areas_join_by_id_hulls_come_from_lots_and_the_rest_stays_unknown():
    near = [
        ("247000", 126.5 + east, 34.8 + north) for east, north in ((0, 0), (0.01, 0), (0, 0.01))
    ]
    stray = [("247000", 0.0, 0.0), ("247000", 126.7, 34.8), ("999999", 126.5, 34.8)]
    table = complexes.industrial_complexes(REGISTER, FACTS, lots(*near, *stray), CODES)
    table = table.set_index("complex_id")
    assert table.index.tolist() == ["C146020", "C247000", "C445000"]
    assert table["type"].tolist() == ["national", "general", "rural"]
    assert table["type_en"].tolist() == ["national", "general", "rural"]
    assert table["district_code"].tolist() == ["46830", "46830", "52111"]
    assert table["province_code"].tolist() == ["46", "46", "52"]
    assert table["n_lots"].tolist() == [0, 3, 0]
    # half of about 0.914 by 1.11 km
    assert table.loc["C247000", "area_min_km2"] == pytest.approx(0.5 * 0.914 * 1.11, rel=0.01)
    assert table["area_min_km2"].notna().tolist() == [False, True, False]
    assert table.loc["C146020", ["area_km2", "area_confidence"]].tolist() == [
        11.0,
        "compiled-medium",
    ]
    assert table["area_km2"].notna().tolist() == [True, False, False]
    assert table["area_confidence"].notna().tolist() == [True, False, False]
    assert table["name_en"].dropna().tolist() == ["Daebul industrial complex"]
    assert table.loc["C247000", "confidence"] == "published"


def test_what_has_no_place_in_the_register_or_no_known_type_is_named():
    new = FACTS.assign(name=["새 산단", "대불 국가산단"])
    with pytest.raises(LayerError, match="새 산단 has no place in the register"):
        complexes.industrial_complexes(REGISTER, new, lots(), CODES)
    with pytest.raises(LayerError, match="id 146020 is missing"):
        complexes.industrial_complexes(REGISTER[1:], FACTS, lots(), CODES)
    with pytest.raises(LayerError, match="type_ko '특별' is not known"):
        complexes.industrial_complexes(REGISTER.assign(type_ko="특별"), FACTS, lots(), CODES)
    with pytest.raises(LayerError, match="district code '99999' is not known"):
        complexes.industrial_complexes(REGISTER.assign(sgg_code="99999"), FACTS, lots(), CODES)
