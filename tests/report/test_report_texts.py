from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from siteopt._data import data_folder
from siteopt.costs.discounted import COMPONENTS
from siteopt.criteria import CRITERIA, CRITERION_NAMES
from siteopt.criteria.water import WATERWORKS_STATES
from siteopt.layers.catalogue import read_catalogue
from siteopt.report import LANGUAGES, money, text
from siteopt.report._assets import own_html, own_js
from siteopt.report.texts import page_texts, texts

HANGUL = re.compile(r"[가-힣]")
ROOT = Path(__file__).parents[2]

REJECTED = {
    "급경사지": "경사도 기준 초과", "하천 홍수대": "하천 인접 구역", "활주로 주변": "비행장 주변",
    "근사 원": "원형 근사", "계약권역": "PPA 조달권역", "청정에너지": "재생에너지",
    "선정 (입지|규모)|선정안": "최적안 입지, 최적안, 배치 규모", "추가비용|값어치": "제외 시·포함 시 비용 증가액",
    "최적해\\(증명": "최적해(수학적으로 확인)", "최적값과의 차이": "최적성 오차", "잠정해": "가능해(계산시간 제한)",
    "증명된|증명되어|증명되었": "확인된", "블록을 더할": "증설 단위를 추가할", "배분 상한|시도별 배분|최소 배분": "비중 상한, 배치 비중",
    "수용 여력": "여유용량(변전소), 계통 수용가능용량(모선)", "조류 한[도계]": "송전제약(선로 용량)",
    "한도에 미치는 비중": "조류 분배계수(PTDF)", "절충 곡선": "상충관계 곡선", "청록색 고리": "청록색 원",
    "표식": "표시", "줄을 세우": "순으로 배열하", "눈으로 잇": "추세 참고용", "설치 불가|지을 수 없음": "입지 불가",
    "육양국 까지": "서울 왕복 지연시간(RTT)", "유권자": "선거인 수(인구 대용)", "부지 매입": "용지비·조성비",
    "건축·전기·기계": "건축·기계·전기 공사비", "신뢰도 보통": "수집자료(중)", "확정 계획 아님": "정부 확정계획 아님",
    r"\[(통과|미달)\]": "충족/미충족", "유역의 공급 가능": "권역 용수 공급가능량", r"\*\*(필수|미정) /": "모든/일부/없음/미확정",
}  # fmt: skip
"""What is no official term, as a pattern, and the one word for the thing: the page says each in one way."""


def test_every_text_is_in_both_languages_with_the_same_places() -> None:
    for key, both in texts().items():
        if key != "comparison.causes.only input":  # needs no words
            assert both["ko"], key
            assert both["en"], key
        places = [sorted(re.findall(r"\{(\w+)\}", both[language])) for language in LANGUAGES]
        assert set(places[0]) == set(places[1]), key
        if key != "page.language":
            assert not HANGUL.search(both["en"]), key


def test_keys_stand_once() -> None:
    table = files("siteopt.report").joinpath("texts.csv").read_text(encoding="utf-8")
    keys = [line.split(",")[0] for line in table.splitlines()[1:]]
    assert len(keys) == len(set(keys))


def test_the_page_asks_only_for_texts_that_are_there_and_for_all_of_them() -> None:
    known = set(page_texts())
    heads = {key.split(".")[0] for key in known}
    literal = {
        word
        for word in re.findall(r"[\"'`]([a-z]+\.[a-z_0-9]+)[\"'`]", own_js() + own_html())
        if word.split(".")[0] in heads
    }
    assert literal <= known
    # Texts that the page names by a word of the data, such as the status of the plan.
    made = ("status.", "tab.", "cost.", "criterion.", "confidence.", "family.", "unit.", "why.",
            "limits.at_", "site.value_", "page.", "level.", "measure.", "measure_unit.",
            "explain.", "station_kind.", "works.", "price.", "same.", "value.", "kind.", "area.",
            "excluded.", "class.", "assumption.", "param_unit.", "grade.", "setting.", "csv.", "onward.", "summary.clean_", "table.state_", "held.", "robustness.", "verdict.", "loss.", "limit.", "gate.", "station.", "rule.", "rule_unit.", "where.",
            "id.", "state.", "map.", "criterion_unit.", "term_words.", "term.", "place.kind_", "impact.scoring.", "impact.open", "impact.above", "impact.below", "limits.", "years.", "further.by_",
            "stock.", "technology.", "curve.limit.", "curve.built", "curve.managed", "curve.scarce", "energy.question_", "energy.yes", "energy.partly", "energy.no",
            "energy.hourly", "energy.annual", "energy.import", "energy.excess")  # fmt: skip
    assert {key for key in known - literal if not key.startswith(made)} == set()


def test_components_criteria_and_confidences_have_texts() -> None:
    confidences = {column.confidence for column in CRITERIA.values()}
    keys = [
        *(f"cost.{name}" for name in COMPONENTS),
        *(f"criterion.{name}" for name in CRITERION_NAMES),
        *(f"confidence.{name}" for name in confidences if not name.startswith("see ")),
        *(f"value.waterworks_state.{name}" for name in WATERWORKS_STATES),
    ]
    assert [key for key in keys if not (text(key, "ko") and text(key, "en"))] == []


@pytest.mark.parametrize(
    ("bn_krw", "ko", "en"),
    [
        (107_371.21, "107조 3,712억 원", "KRW 107.37 tn"),
        (1000.0, "1조 원", "KRW 1.00 tn"),
        (999.96, "1조 원", "KRW 1,000.0 bn"),
        (142.549, "1,425억 원", "KRW 142.5 bn"),
        (9.99, "99.9억 원", "KRW 10.0 bn"),
        (1.3951, "14억 원", "KRW 1.4 bn"),
        (0.2832, "2.8억 원", "KRW 283 m"),
        (0.05, "5,000만 원", "KRW 50 m"),
        (0.0, "0원", "KRW 0"),
        (1e-9, "0원", "KRW 0"),
        (-2.5, "-25억 원", "-KRW 2.5 bn"),
    ],
)
def test_money_as_people_say_it(bn_krw: float, ko: str, en: str) -> None:
    assert money(bn_krw, "ko") == ko
    assert money(bn_krw, "en") == en


def test_every_confidence_of_the_catalogue_has_words() -> None:
    said = {entry.confidence for entry in read_catalogue(data_folder())}
    assert {one for one in said if f"confidence.{one}" not in texts()} == set()


def korean_of_the_notebooks() -> dict[str, str]:
    found = {}
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[path.name] = "\n".join("".join(cell["source"]) for cell in cells)
    return found


def test_one_word_for_one_thing() -> None:
    report = files("siteopt.report")
    said = {name: report.joinpath(name).read_text(encoding="utf-8") for name in ("texts.csv", "limit_words.csv", "input_titles.csv")}  # fmt: skip
    said["ko.md"] = (ROOT / "docs/ko.md").read_text(encoding="utf-8")
    said |= korean_of_the_notebooks()
    assert len(said) > 6
    found = [
        f"{name}: {match[0]} (instead: {instead})"
        for name, words in said.items()
        for pattern, instead in REJECTED.items()
        for match in re.finditer(pattern, words)
    ]
    assert found == []


def test_no_space_before_a_percent_sign_in_korean() -> None:
    assert [key for key, both in texts().items() if re.search(r"[\d}] %(?!p)", both["ko"])] == []


def test_electricity_as_a_cost_is_what_is_bought() -> None:
    assert "전력구입비" in texts()["cost.energy"]["ko"]
    assert [key for key, both in texts().items() if key.startswith("cost.") and "전기요금" in both["ko"]] == []  # fmt: skip
