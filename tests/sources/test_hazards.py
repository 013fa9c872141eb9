"""Earthquakes of two lists, and hazard ranks of districts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers import open_layers
from siteopt.sources import district_hazards, hazards
from siteopt.sources._district_tables import percentile_rank, read_district_table

OLD = "occurred_date,magnitude,lat,lon,location\n"
NEW = "time_kst,magnitude_ml,depth_km,max_intensity,lat,lon,place_ko,north_korea\n"
CODES = "code,district_code,relation\n"


def _lists(folder: Path, old: str, new: str) -> Path:
    (folder / "hazards").mkdir()
    (folder / "hazards/kma_earthquakes_to_2017-05.csv").write_text(OLD + old, encoding="utf-8")
    (folder / "hazards/kma_earthquakes_2015_2024.csv").write_text(NEW + new, encoding="utf-8")
    return folder


def test_the_newer_list_holds_from_2015_and_two_in_one_minute_stay_apart(tmp_path: Path) -> None:
    out = hazards.earthquakes(
        _lists(
            tmp_path,
            "2016-09-12 20:32,5.7,35.8,129.2,old\n2014-12-31 23:59,3.0,36.0,127.0,kept\n"
            "2013-01-01 0:01,3.0,,127.0,no place\n",
            "2016-09-12 20:32:54,5.8,15,VI,35.76,129.19,경주,0\n"
            "2016-09-12 20:32:01,2.0,,,35.7,129.1,경주,0\n",
        )
    )
    assert out["event_id"].tolist() == [
        "KMA-20141231-2359", "KMA-20160912-2032", "KMA-20160912-2032-2",
    ]  # fmt: skip
    assert out["magnitude"].tolist() == [3.0, 2.0, 5.8]
    assert out["depth_km"].tolist()[2] == 15
    assert out["depth_km"].isna().tolist() == [True, True, False]


def test_a_time_that_is_none_and_a_missing_column_are_said(tmp_path: Path) -> None:
    folder = _lists(tmp_path, "2014-01-01 1:00,3,36,127,x\n", "soon,3,,,36,127,x,0\n")
    with pytest.raises(LayerError, match=r"2015_2024\.csv: row 2: time is 'soon'; a date"):
        hazards.earthquakes(folder)
    (folder / "hazards/kma_earthquakes_2015_2024.csv").write_text("time_kst\n2016-01-01\n")
    with pytest.raises(LayerError, match="column magnitude_ml is missing"):
        hazards.earthquakes(folder)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=30))
def test_a_rank_is_the_share_of_the_others_that_are_lower(scores: list[float | None]) -> None:
    values = pd.Series(scores, dtype=float)
    found = percentile_rank(values)
    known = values.dropna().to_numpy()
    for value, rank in zip(values, found, strict=True):
        if np.isnan(value):
            assert np.isnan(rank)
        else:
            others = max(len(known) - 1, 1)
            assert rank == pytest.approx(100 * (known < value).sum() / others)


def _scores(folder: Path, rows: str) -> Path:
    (folder / "hazards").mkdir()
    (folder / "hazards/hazard_scores_by_district.csv").write_text(
        "sgg_code_2026,flood_score_100y,landslide_score_2016_2025,wildfire_score_2011_2025,"
        "coast_flag,seismic_zone_g\n" + rows
    )
    (folder / "district_codes.csv").write_text(
        CODES + "41591,41590,part\n41593,41590,part\n51110,51110,same\n12790,46820,renamed\n"
    )
    return folder


def test_a_split_district_has_the_worst_of_its_parts(tmp_path: Path) -> None:
    rows = (
        "41591,0.4,0,0,,0.11\n41593,0.1,0.9,0,,0.11\n51110,0.2,0.5,1,,0.07\n12790,,0,0,red,0.11\n"
    )
    out = district_hazards.district_hazards(_scores(tmp_path, rows), tmp_path)
    assert out["district_code"].tolist() == ["41590", "46820", "51110"]
    assert out["flood_rank_pct"].tolist()[0::2] == [100, 0]
    assert np.isnan(out["flood_rank_pct"].iloc[1])
    assert out["landslide_rank_pct"].tolist() == [100, 0, 50]
    assert out["seismic_zone"].tolist() == ["I", "I", "II"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("51110,0.2,0.5,1,,0.09", r"row 2: seismic_zone_g is 0\.09; the design code has 0\.11"),
        ("51110,1.2,0.5,1,,0.11", r"row 2: flood_score_100y is 1\.2; a number from 0 to 1"),
        ("51110,x,0.5,1,,0.11", "row 2: flood_score_100y is x; a number"),
        ("99999,0.2,0.5,1,,0.11", "row 2: sgg_code_2026 '99999' is not known"),
        ("51110,0,0,0,,0.11\n51110,0,0,0,,0.11", "row 3: sgg_code_2026 51110 appears twice"),
    ],
)
def test_bad_scores_are_said(tmp_path: Path, row: str, said: str) -> None:
    folder = _scores(tmp_path, row + "\n")
    with pytest.raises(LayerError, match=said):
        district_hazards.district_hazards(folder, tmp_path)


def test_a_table_that_is_not_there_or_lacks_a_column_is_said(tmp_path: Path) -> None:
    with pytest.raises(LayerFileError, match=r"none\.csv: not there; `--sources`"):
        read_district_table(tmp_path / "none.csv", {})
    (tmp_path / "a.csv").write_text("sgg_code_2026\n51110\n")
    with pytest.raises(LayerError, match=r"a\.csv: column mw is missing"):
        read_district_table(tmp_path / "a.csv", {"mw": (0, 1)})


@pytest.mark.national
def test_embedded_earthquakes_reach_to_2024() -> None:
    quakes = open_layers().vector("earthquakes").set_index("event_id")
    assert len(quakes) > 2200
    # known values of the KMA: Gyeongju 2016, Pohang 2017, Jeju 2021, Buan 2024
    known = {"2016-09-12": 5.8, "2017-11-15": 5.4, "2021-12-14": 4.9, "2024-06-12": 4.8}
    largest = quakes.groupby("date")["magnitude"].max()
    assert largest[list(known)].to_dict() == known
    assert quakes["date"].max() >= "2024-12-01"


@pytest.mark.national
def test_embedded_ranks_and_zones_are_as_the_country_knows_them() -> None:
    table = open_layers().table("district_hazards").set_index("district_code")
    assert len(table) == 250
    assert table["flood_rank_pct"].isna().sum() <= 9
    # Iksan floods, Uiseong and Uljin burn, Sancheong slides (2025)
    assert table.loc["52140", "flood_rank_pct"] > 98
    assert (table.loc[["47730", "47930"], "wildfire_rank_pct"] > 97).all()
    assert table.loc["48860", "landslide_rank_pct"] > 97
    # KDS 17 10 00: Jeju and eleven districts of northern Gangwon are zone II
    second = table.index[table["seismic_zone"] == "II"]
    assert second.str[:2].value_counts().to_dict() == {"51": 11, "50": 2}
