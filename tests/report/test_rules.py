"""Exclusions in words, in both languages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import TypeAdapter

from siteopt.report._names import Names
from siteopt.report._rules import SHAPE_KINDS, rule_fact
from siteopt.report.facts import say
from siteopt.report.texts import text, texts
from siteopt.scenario import Exclusion, LayerExclusion, ShapeExclusion
from tests.report.small_places import shaped_run
from tests.report.workbook.made import made, opened, table_at
from tests.report.written import payload_of, write_run

if TYPE_CHECKING:
    from pathlib import Path

TITLES = {
    "slope": ("경사", "Slope"),
    "cover": ("토지피복", "Land cover"),
    "parks": ("공원", "Parks"),
}


@pytest.mark.parametrize(
    ("rule", "korean", "english"),
    [
        ({"kind": "distance_band", "layer": "parks", "from_m": 500, "to_m": 2500},
         "공원: 500 m 초과 2.5 km 이내", "more than 500 m, at most 2.5 km from Parks"),
        ({"kind": "distance_band", "layer": "parks", "from_m": 0, "to_m": 80, "where": {"boundary": "national_park"}},
         "공원(국립공원): 0 m 초과 80 m 이내", "more than 0 m, at most 80 m from Parks (national park)"),
        ({"kind": "within_range", "layer": "slope", "low": 5, "high": 8.5},
         "경사 5° 이상 8.5° 이하", "Slope from 5° to 8.5°"),
        ({"kind": "outside_range", "layer": "slope", "low": 5, "high": 8.5, "buffer_m": 200},
         "경사 5° 미만 또는 8.5° 초과인 곳과 그 둘레 200 m 이내", "Slope below 5° or above 8.5° and within 200 m of that"),
        ({"kind": "in_classes", "layer": "cover", "classes": [10, 20]},
         "토지피복의 분류값이 10, 20인 곳", "Land cover of class 10, 20"),
        ({"kind": "not_in_classes", "layer": "cover", "classes": [30], "buffer_m": 50},
         "토지피복의 분류값이 30에 들지 않는 곳과 그 둘레 50 m 이내", "Land cover of another class than 30 and within 50 m of that"),
        ({"kind": "min_width", "width_m": 800},
         "다른 기준으로 제외되지 않은 토지 가운데 폭이 800 m 미만인 곳", "land left by the other rules that is less than 800 m wide"),
        ({"kind": "min_area", "area_ha": 37.5, "connectivity": 4},
         "다른 기준으로 제외되지 않은 토지 가운데 이어진 면적이 37.5 ha 미만인 곳",
         "land left by all other rules in patches of less than 37.5 ha"),
        ({"kind": "min_area", "area_ha": 100, "connectivity": 8},
         "다른 기준으로 제외되지 않은 토지 가운데 이어진 면적(모서리로 맞닿은 칸 포함)이 100 ha 미만인 곳",
         "land left by all other rules in patches (joined at corners too) of less than 100 ha"),
        ({"kind": "in_classes", "layer": "cover", "classes": [10], "replaces": ["parks"]},
         "토지피복의 분류값이 10인 곳(근사 기준 대체)", "Land cover of class 10 (in place of an approximate rule)"),
    ],
)  # fmt: skip
def test_a_rule_is_said_with_its_figures(rule: dict[str, Any], korean: str, english: str) -> None:
    fact = rule_fact(rule, TITLES)
    assert say(fact, "ko", Names()) == korean
    assert say(fact, "en", Names()) == english


def test_every_kind_has_its_words() -> None:
    shapes = {kind.model_fields["kind"].annotation.__args__[0] for kind in get_args(ShapeExclusion)}
    assert shapes == SHAPE_KINDS
    for kind in get_args(LayerExclusion):
        (name,) = get_args(kind.model_fields["kind"].annotation)
        assert f"rule.{name}" in texts()
        around = "buffer_m" in kind.model_fields
        assert (f"rule.{name}_around" in texts()) == around
        for field in set(kind.model_fields) - {"id", "title"}:
            assert f"comparison.key.exclusion.{field}" in texts(), field


def test_a_rule_of_the_models_is_said_as_one_of_a_record() -> None:
    one = {"id": "a", "title": {"ko": "가", "en": "a"}, "kind": "min_area", "area_ha": 30}
    model: Exclusion = TypeAdapter(Exclusion).validate_python(one)
    assert say(rule_fact(model.model_dump(mode="json"), {}), "en", Names()).endswith("30 ha")


def test_files_of_a_run_say_exclusions_that_read_no_layer(tmp_path: Path) -> None:
    run = shaped_run()
    write_run(run, tmp_path / "run", {})
    reasons = payload_of((tmp_path / "run" / "map.html").read_text("utf-8"))["reasons"]
    assert [one.get("step") for one in reasons] == [None, None, None, 1, 2]
    assert reasons[4]["rule"][1] == "land left by all other rules in patches of less than 500 ha"
    assert [one["area_km2"] for one in reasons[3:]] == [200.0 * 0.5, 300.0]
    sheet = opened(made(run), values=True)[text("workbook.sheet_exclusions", "ko")]
    top, keys = table_at(sheet, "area_km2")
    rows = {
        sheet.cell(top + row, keys["key"]).value: sheet.cell(top + row, keys["layer"]).value
        for row in range(1, 6)
    }
    assert rows["rivers"] == "rivers"
    assert rows["narrow"] is rows["small"] is None
    record = json.loads((tmp_path / "run" / "run.json").read_bytes())
    assert [one["reason"] for one in record["screening"]][3:] == ["narrow", "small"]
