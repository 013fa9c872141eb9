"""A conflict in one sentence, in English and in Korean."""

import pytest

from siteopt.portfolio import diagnose
from siteopt.report.conflicts import PlaceNames, sentences
from siteopt.report.diagnosis import details_of
from tests.portfolio.infeasibility.test_deletion_filter import far
from tests.portfolio.infeasibility.test_diagnose import CASES, FORTY
from tests.portfolio.instances import make_case

NAMES = PlaceNames(
    provinces={"46": ("전남", "Jeonnam"), "51": ("강원", "Gangwon")},
    stations={"N1": ("나주", "Naju"), "N2": ("원주", "Wonju")},
)


def said(case):
    problem = case.problem()
    found = diagnose(problem, case.scenario.solver)
    ko, en = sentences(problem, found, NAMES)
    assert details_of(problem, found, NAMES).startswith(f"{en}\n{ko}")
    return en, ko


def test_a_minimum_share_needs_more_headroom():
    case = make_case(
        [FORTY, FORTY, far("51", "N2")],
        target_mw=80,
        headroom={("N2", 154.0): 30.0},
        provinces={"shares": {"51": {"min_pct": 50}}},
    )
    english, korean = said(case)
    assert english == (
        "Gangwon's minimum share of 40 MW in 2035 needs 20 MW more headroom than station Wonju "
        "has by 2035."
    )
    assert korean == (
        "강원의 2035년 최소 배치 40 MW를 채우려면 2035년까지 원주 변전소의 여유용량 20 MW 추가가 "
        "필요합니다."
    )


def test_many_stations_of_a_province_are_not_listed():
    case = make_case(
        [far("51", f"N{number}") for number in range(1, 6)] + [far("46", "N9")] * 6,
        target_mw=240,
        headroom={(f"N{number}", 154.0): 30.0 for number in range(1, 6)},
        provinces={"shares": {"51": {"min_pct": 50}}},
    )
    english, korean = said(case)
    assert "more headroom than its stations have by 2035" in english
    assert "관내 변전소의 여유용량" in korean


ENGLISH = {
    "land": "The target of 80 MW in 2035 is 40 MW IT more than the candidate sites can hold.",
    "count": "The minimum of 2 provinces is 1 more than the candidate sites can hold.",
    "spacing": "The target of 80 MW in 2035 needs sites 5 km apart instead of 6 km.",
    "water and budget": "The target of 80 MW in 2035 needs 80 bn KRW more than the budget; or "
    "200 m3 a day more water than basin B1 gives.",
    "most of a province": "The target of 80 MW in 2035 needs 25 % of the target more than the "
    "maximum share of Jeonnam.",
}
KOREAN = {
    "land": "2035년 목표 80 MW는 후보지가 수용할 수 있는 규모보다 40 MW 많습니다.",
    "count": "최소 2개 시·도 배치는 후보지가 수용할 수 있는 규모보다 1곳 많습니다.",
    "spacing": "2035년 목표 80 MW를 채우려면 입지 간 거리 축소(6 → 5 km)가 필요합니다.",
    "water and budget": "2035년 목표 80 MW를 채우려면 투자비 한도 800억 원 상향 또는 B1 유역의 "
    "용수 하루 200 ㎥ 추가가 필요합니다.",
    "most of a province": "2035년 목표 80 MW를 채우려면 전남의 비중 상한 25 %p(목표 대비) 상향이 "
    "필요합니다.",
}


@pytest.mark.parametrize("name", ENGLISH)
def test_each_kind_is_said_in_both_languages(name):
    assert said(CASES[name][0]) == (ENGLISH[name], KOREAN[name])
