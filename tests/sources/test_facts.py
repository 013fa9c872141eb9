"""Builders that turn fact tables into layers."""

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.sources import land, parameters, power_plants


def test_discs_have_the_area_of_their_park_and_others_are_left_out(tmp_path):
    rows = [
        ("지리산", "Jirisan", 483.0, 35.337, 127.731),
        ("치악산", "Chiaksan", 175.7, 37.4, 128.1),
    ]
    rows += [(name, f"Out{i}", 100.0, 35.0, 128.0) for i, name in enumerate(land.PARKS_LEFT_OUT)]
    table = pd.DataFrame(
        rows, columns=["name_ko", "name_en", "area_km2", "lat_main_peak", "lon_main_peak"]
    )
    table["designated"] = 1967
    table.to_csv(tmp_path / "national_parks.csv", index=False)
    parks = land.parks(tmp_path)
    assert parks["park_id"].tolist() == ["jirisan", "chiaksan"]
    np.testing.assert_allclose(parks.area / 1e6, [483.0, 175.7], rtol=1e-9)
    assert parks["approximate"].all()


def test_a_complex_without_an_english_name_is_named(tmp_path):
    pd.DataFrame({"name": ["새 산단"], "province": ["전남"]}).to_csv(
        tmp_path / "industrial_complexes.csv", index=False
    )
    with pytest.raises(LayerError, match="새 산단 has no English name"):
        land.industrial_complexes(tmp_path)


def test_landings_part_korean_from_english_and_domestic_from_international(tmp_path):
    pd.DataFrame(
        {
            "name": ["부산 송정 Busan Songjeong", "남해-제주 Namhae-Jeju"], "operator": "KT",
            "lon": 129.0, "lat": 35.0, "cables": ["APG", "domestic 236 km"], "source": "s",
            "confidence": "c",
        }
    ).to_csv(tmp_path / "cable_landings.csv", index=False)  # fmt: skip
    out = land.cable_landings(tmp_path)
    assert out["landing_id"].tolist() == ["busan-songjeong", "namhae-jeju"]
    assert out["name_ko"].tolist() == ["부산 송정", "남해-제주"]
    assert out["international"].tolist() == [True, False]


def test_only_runways_with_two_ends_that_are_open(tmp_path):
    (tmp_path / "land").mkdir()
    pd.DataFrame(
        {
            "airport_ident": ["RKA", "RKB", "RKC"], "le_ident": "01", "he_ident": "19",
            "length_ft": [10_000, 1_000, 1_000], "closed": [0, 1, 0],
            "le_longitude_deg": [127.0, 127.0, 127.0], "le_latitude_deg": [36.0, 36.0, 36.0],
            "he_longitude_deg": [127.0, 127.0, np.nan], "he_latitude_deg": [36.03, 36.03, 36.03],
        }
    ).to_csv(tmp_path / "land" / "ourairports_runways_kr.csv", index=False)  # fmt: skip
    out = land.runways(tmp_path)
    assert out["runway_id"].tolist() == ["RKA-01-19"]
    assert out["length_m"].tolist() == [3048.0]


def test_parameters_are_numbers_and_same_means_the_row_above(tmp_path):
    (tmp_path / "parameters.csv").write_text(
        "key,value,low,high,unit,kind,source,confidence\n"
        "a,1.5,1,2,MW,calc,book 7,published\nb,2,,,MW,calc,same,published\n"
        "c,<1,,,mG,info,x,published\nd,15.2 / 14.5,,,USD/W,cost,y,published\ne,3,,,-,calc,,c\n"
    )
    out = parameters.parameters(tmp_path)
    assert out["key"].tolist() == ["a", "b", "e"]
    assert out["source"].tolist() == ["book 7", "book 7", "not stated"]


def test_a_recalled_capacity_is_not_called_published(tmp_path):
    (tmp_path / "power_plants.csv").write_text(
        "name,type,place,lat,lon,mw,note,source,confidence\n"
        "군산 Gunsan CC,LNG,전북,35.9,126.7,718,718 recalled HIGH,s,MW published (EPSIS); place c\n"
        "태안 Taean,coal,충남,36.9,126.2,6100,phased retirement,s,MW published (EPSIS); place c\n"
    )
    out = power_plants.power_plants(tmp_path)
    assert out["confidence"].tolist() == [
        "MW compiled-high; place c", "MW published (EPSIS); place c",
    ]  # fmt: skip
    assert out["status"].isna().tolist() == [True, False]
    assert out["plant_id"].tolist() == ["gunsan-cc", "taean"]
