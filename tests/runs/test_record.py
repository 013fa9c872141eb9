"""Records of runs: a value of another kind, or one that is missing, is a line with file and key."""

import json

import pytest

from siteopt.errors import LayerFileError
from siteopt.runs.record import Said, portfolio_of, record_of

RECORD = {
    "status": "optimal", "sites": 2, "notes": ["a"], "timings_s": {"layers": 1},
    "scenario": {"name": "small", "candidates": None}, "files": {"ranking.csv": "0"},
    "screening": [{"reason": "sea", "title_ko": "바다", "title_en": "Sea", "area_km2": 1.0}],
    "same_everywhere": [{"kind": "cost", "figure": "land", "where": "all", "value": 1.0}],
    "of_a_later_version": {"x": [1]},
}  # fmt: skip
SITE = {"site_id": "S1", "rank": 1, "it_mw": 40.0, "bn_krw_per_mw": 30.0, "cost_land_bn_krw": 1.0}


def written(tmp_path, name, said):
    path = tmp_path / name
    path.write_text(json.dumps(said), "utf-8")
    return path.read_bytes(), path


def test_what_a_run_wrote_is_read_as_it_stands(tmp_path):
    content = written(tmp_path, "run.json", RECORD)
    assert record_of(*content) == RECORD
    assert json.dumps(record_of(*content)) == json.dumps(RECORD)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": 5}, "run.json: status is 5; a text is needed"),
        ({"sites": "2"}, "run.json: sites is '2'; a whole number from 0 is needed"),
        ({"sites": True}, "run.json: sites is true; a whole number from 0 is needed"),
        ({"sites": -1}, "run.json: sites is -1; a whole number from 0 is needed"),
        ({"sites": None}, "run.json: sites is null; a whole number from 0 is needed"),
        (
            {"timings_s": {"layers": 1e300}},
            "run.json: timings_s.layers is 1e+300; a number of at most",
        ),
        ({"screening": [{"area_km2": "1"}]}, "run.json: screening.no. 1.area_km2 is '1'; a number"),
        ({"screening": {"a": 1}}, "run.json: screening is an object; a list is needed"),
        ({"inputs": [5]}, "run.json: inputs.no. 1 is 5; an object is needed"),
        ({"files": {"../x": "0"}}, "run.json: files.../x is no name of a file of the run"),
        ({"files": {"/etc/x": "0"}}, "is no name of a file of the run"),
        ({"same_everywhere": [{"kind": "cost"}]}, "has neither value nor by_voltage"),
        ({"same_everywhere": [{"by_voltage": {}}]}, "no. 1 by_voltage is empty; a number a"),
        ({"notes": ["a", 1]}, "run.json: notes.no. 2 is 1; a text is needed"),
        ({"status": ["a"] * 9}, "run.json: status is a list; a text is needed"),
    ],
)
def test_a_value_of_another_kind_names_its_key(tmp_path, change, message):
    with pytest.raises(LayerFileError) as caught:
        record_of(*written(tmp_path, "run.json", RECORD | change))
    assert message in str(caught.value)
    assert str(caught.value).endswith("run again")


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"sites": [SITE | {"it_mw": None}]}, "portfolio.json: sites.no. 1.it_mw"),
        ({"sites": [SITE | {"cost_land_bn_krw": "x"}]}, "cost_land_bn_krw is 'x'; a number is"),
        ({"grid": {"flow_limits": [{"mw_per_mw": "a"}]}}, "grid.flow_limits.no. 1.mw_per_mw"),
        ({"limits": [{"limit": 5}]}, "limits.no. 1.limit is 5; a text is needed"),
        (
            {"energy": {"typical_days": {"hourly_clean_pct": "a"}}},
            "energy.typical_days.hourly_clean_pct",
        ),
        ({"energy": {"curve_price_krw_kwh": {"low": None}}}, "energy.curve_price_krw_kwh.low"),
        ([], "not the record of a run"),
    ],
)
def test_a_plan_of_another_kind_names_its_key(tmp_path, plan, message):
    with pytest.raises(LayerFileError) as caught:
        portfolio_of(*written(tmp_path, "portfolio.json", plan))
    assert message in str(caught.value)


def test_a_key_that_is_missing_is_a_line_where_it_is_asked_for(tmp_path):
    said = record_of(*written(tmp_path, "run.json", RECORD))
    assert said.get("gap") is None
    with pytest.raises(LayerFileError, match=r"run\.json: gap is missing; run again"):
        said["gap"]
    with pytest.raises(LayerFileError, match=r"run\.json: screening\.no\. 1\.only_km2 is missing"):
        said["screening"][0]["only_km2"]
    assert isinstance(said["scenario"], Said)
