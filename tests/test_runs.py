import json

import pandas as pd
import pytest

from siteopt import open_run
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.runs import Run


def run_with(rows, folder):
    table = pd.DataFrame(
        rows,
        columns=[
            "site_id", "name_ko", "name_en", "chosen", "rank", "value_bn_krw", "regret_bn_krw",
            "lower_bn_krw", "reason", "it_mw", "bn_krw_per_mw",
        ],
    )  # fmt: skip
    table.to_csv(folder / "ranking.csv", index=False, encoding="utf-8-sig")
    sites = [
        {"site_id": row[0], "name_en": row[2], "rank": row[4], "bn_krw_per_mw": row[10]}
        for row in rows
        if row[3]
    ]
    return Run(folder=folder, record={}, portfolio={"sites": sites})


ROWS = [
    ["S1", "가", "A", True, 1, 12.5, None, 12.5, None, 100, 36.0],
    ["S2", "나", "B", False, 2, None, 0.75, 0.75, None, 100, 36.5],
    ["S3", "다", "C", False, 3, None, None, 4.25, None, 100, 37.0],
    ["S4", "라", "D", False, None, None, None, None, "headroom", None, None],
]


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("S1", "chosen with 100 MW of IT load; without it the best plan costs 12.500 bn KRW more"),
        ("S2", "not chosen: forcing it in costs the best plan 0.750 bn KRW more"),
        ("S3", "not chosen: forcing it in costs the best plan at least 4.250 bn KRW more"),
        (
            "S4",
            "cannot be built: The headroom (model estimate) of the stations within reach is below",
        ),
    ],
)
def test_every_site_has_a_reason(tmp_path, site, said):
    answer = run_with(ROWS, tmp_path).explain(site)
    assert said in answer
    assert answer.startswith(site)


def test_an_unknown_site_says_where_the_ids_are(tmp_path):
    with pytest.raises(ScenarioError, match=r"S9: no site of this run; .*ranking\.csv"):
        run_with(ROWS, tmp_path).explain("S9")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("34.77,126.45", "longitude and latitude look swapped"),
        ("126.45,north", "not LON,LAT in degrees"),
        ("nan,34.77", "not LON,LAT in degrees"),
    ],
)
def test_a_wrong_place_says_what_would_be_right(tmp_path, place, message):
    with pytest.raises(ScenarioError, match=message):
        run_with(ROWS, tmp_path).explain(place)


def test_a_folder_without_a_run_says_how_to_make_one(tmp_path):
    with pytest.raises(LayerFileError, match=r"run\.json is missing.*siteopt run SCENARIO --out"):
        open_run(tmp_path)


def test_a_damaged_run_is_not_opened(tmp_path):
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    (tmp_path / "portfolio.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(LayerFileError, match=r"run\.json: not valid JSON"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(LayerFileError, match=r"run\.json: not the record of a run"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LayerFileError, match=r"not whole \(ranking\.csv is missing\); run again"):
        open_run(tmp_path)
