"""Why a site is in the answer or not, in words: gates, cost, and what would have to change."""

from pathlib import Path

import pandas as pd
import pytest

import siteopt
from siteopt.report.explanation import explain_left_out, explain_site
from siteopt.report.texts import texts
from siteopt.report.verdict import Verdicts

PLAN = {
    "it_min_mw": 40.0,
    "block_it_mw": 20.0,
    "year": 2035,
    "limits": [
        {"family": "stations", "limit": "N1 154 kV", "used": 100.0, "at_most": 120.0},
        {"family": "basins", "limit": "basin B1", "used": 500.0, "at_most": 800.0},
        {"family": "provinces", "limit": "share 46", "used": 40.0, "at_most": 40.0},
    ],
    "sites": [
        {
            "site_id": "S1", "it_mw": 100.0, "bn_krw_per_mw": 30.0, "cost_land_bn_krw": 10.0,
            "cost_energy_bn_krw": 200.0,
        }
    ],
}  # fmt: skip
SITE = {
    "site_id": "S2", "name_ko": "해남", "name_en": "Haenam", "chosen": False, "rank": 12.0,
    "proof": "exact", "value_bn_krw": float("nan"), "regret_bn_krw": 7.5, "lower_bn_krw": 7.5,
    "upper_bn_krw": 7.5, "reason": None, "it_mw": 60.0, "facility_mw": 75.0, "it_max_mw": 80.0,
    "bn_krw_per_mw": 31.0, "cost_land_bn_krw": 9.0, "cost_energy_bn_krw": 126.0,
    "station_id": "N1", "voltage_kv": 154.0, "facility_max_mw": 400.0, "basin_id": "B1",
    "province_code": "46", "first_year": 2031, "stations": "N1 154 45.0; N2 154 200.0",
    "with_it_mw": 60.0, "with_cost_bn_krw": 1875.0, "replaces": "S1", "headroom_proof": "exact",
    "headroom_more_mw": 25.0, "headroom_more_low_mw": 25.0, "krw_per_mwh_it": 100_000.0,
    "route_km": float("nan"), "slope_mean_deg": 3.2,
}  # fmt: skip
RECORD = {"screening": [{"title_en": "sea"}, {"title_en": "slope"}]}


CHOSEN = SITE | {
    "site_id": "S1", "name_ko": "나주", "name_en": "Naju", "chosen": True, "rank": 1.0,
    "value_bn_krw": 20.0, "regret_bn_krw": float("nan"), "lower_bn_krw": 20.0, "it_mw": 100.0,
    "facility_mw": 125.0, "bn_krw_per_mw": 30.0, "cost_land_bn_krw": 10.0,
    "cost_energy_bn_krw": 200.0, "it_max_mw": 200.0, "station_id": "N3",
}  # fmt: skip


def said(language="en", record=RECORD, **changes):
    verdicts = Verdicts(pd.DataFrame([CHOSEN, SITE | changes]), PLAN, record)
    return explain_site("S2", verdicts, language)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["7.5", "25 MW", "2031", "N1", "N2", "S1"]),
        ("ko", ["해남", "25 MW", "2031", "N1", "N2", "S1"]),
    ],
)
def test_gates_cost_and_changes_of_a_site_are_told(language, words):
    told = said(language)
    assert [word for word in words if word not in told] == []


@pytest.mark.parametrize(
    ("language", "proven", "words"),
    [
        ("en", True, "(rank 12)"),
        ("en", False, "(rank 12, provisional)"),
        ("ko", True, "(12위)"),
        ("ko", False, "(12위·잠정)"),
    ],
)
def test_a_rank_that_may_change_is_called_provisional(language, proven, words):
    assert words in said(language, rank_proven=proven)
    assert "provisional" not in said("en")  # of a run that does not say


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "rank between 9 and 40, not settled"), ("ko", "순위는 9–40위 사이")],
)
def test_a_rank_that_is_only_bounded_is_told_as_a_range(language, words):
    assert words in said(language, rank_proven=False, rank_low=9, rank_high=40)
    bounded = {"proof": "bounded", "regret_bn_krw": float("nan"), "upper_bn_krw": float("nan")}
    assert words in said(language, rank_proven=False, rank_low=9, rank_high=40, **bounded)
    assert words not in said(language, rank_proven=True, rank_low=12, rank_high=12)


def test_a_station_without_room_for_the_smallest_build_fails_and_one_with_room_passes():
    # 40 MW of IT load are 50 MW of contract power at a PUE of 1.25.
    lines = [line for line in said().splitlines() if "station N" in line and "kV: headroom" in line]
    failed, passed = (texts()[f"explain.{name}"]["en"] for name in ("failed", "passed"))
    assert [failed in line for line in lines[:2]] == [True, False]
    assert [passed in line for line in lines[:2]] == [False, True]


def test_a_cut_is_its_regret_in_money_percent_and_a_kilowatt_hour():
    # 31 bn KRW a MW at 100,000 KRW a MWh are 310,000 MWh a MW of IT load; 60 MW of it draw 75 MW.
    told = said()
    assert f"{100 * 7.5 / 1875:.1f}% of its cost" in told
    assert f"{7.5e9 / (60 * 310_000 * 1.25) / 1000:.2f}" in told


def test_a_bound_is_not_told_as_a_figure():
    exact, bounded = said(), said(regret_bn_krw=float("nan"), proof="bounded")
    assert exact != bounded
    assert "at least" in bounded


@pytest.mark.parametrize(
    ("language", "here", "words"),
    [
        ("en", 158.26, "clean power at its bus (marginal) 158.3 KRW/kWh: 8.2 KRW/kWh above the"),
        ("ko", 158.26, "무탄소 전력 한계가격(이 모선) 158.3원/kWh: 최적안 최저 입지보다 8.2원/kWh 높음"),
        ("en", 150.0, "150 KRW/kWh: the cheapest of the chosen sites"),
        ("ko", 149.0, "최적안 최저 입지보다 1원/kWh 낮음"),
    ],
)  # fmt: skip
def test_the_price_of_clean_power_is_told_beside_the_cheapest_chosen_site(language, here, words):
    rows = pd.DataFrame([CHOSEN | {"clean_krw_kwh": 150.04}, SITE | {"clean_krw_kwh": here}])
    assert words in explain_site("S2", Verdicts(rows, PLAN, RECORD), language)
    assert "clean power" not in said()


def test_every_text_of_explanations_is_asked_for():
    package = Path(siteopt.__file__).parent
    names = ("report/explanation.py", "report/gates.py", "report/verdict.py")
    source = "".join((package / name).read_text(encoding="utf-8") for name in names)
    proofs = {"exact", "bounded", "not_enough", "not_computed"}
    for key in texts():
        if key.startswith("explain.headroom_"):
            assert key.removeprefix("explain.headroom_") in proofs, key
        elif key.startswith("explain.") and not key.endswith(("_provisional", "_least")):
            assert key.removeprefix("explain.") in source, key


def test_a_complex_is_told_with_what_bounds_its_land():
    site = {
        "kind": "complex",
        "eligible_ha": 57.3,
        "area_rule": "hull",
        "area_confidence": "lower-bound",
    }
    told = said(**site)
    assert "kind of site: industrial complex" in told
    assert "57.3 ha" in told
    assert "(lower bound)" in told
    assert "산업단지" in said("ko", **site)
    assert "하한값" in said("ko", **site)
    assert "kind of site" not in said()  # of a run whose sites have no kind
    assert "ha" not in next(
        line for line in said(kind="tile").splitlines() if "kind of site" in line
    )


def test_a_complex_that_is_no_candidate_is_told_with_all_that_is_against_it():
    place = pd.Series(
        {"complex_id": "C146020", "name_ko": "영암군 대불 국가산단", "name_en": "Daebul",
         "eligible_ha": 0.0, "area_rule": "for_sale", "excluded_by": "slope;not_for_sale;swamp"}
    )  # fmt: skip
    record = {"screening": [{"reason": "slope", "title_ko": "급경사지", "title_en": "Steep slope"}]}
    told = explain_left_out(place, record)
    assert told.startswith(
        "Daebul (C146020): no candidate: Steep slope; no or too little industrial"
    )
    assert "; swamp. " in told  # a rule of another scenario is called by its id
    korean = explain_left_out(place, record, "ko")
    assert "대불" in korean
    assert "급경사지" in korean
    assert "미분양" in korean


def test_exempt_rules_do_not_count_as_passed_by_a_complex():
    record = {
        "screening": [{"reason": "slope"}, {"reason": "parks"}],
        "scenario": {"candidates": {"complex_exempt": ["slope"]}},
    }
    site = {"eligible_ha": 9.0, "area_rule": "hull", "area_confidence": "lower-bound"}
    for kind, count in (("complex", 1), ("tile", 2)):
        told = said(record=record, **site, kind=kind)
        assert f"none of the {count} exclusions" in told


WITH_WORKS = "N1 154 45.0 published-zero 445.0 신제천/Sin_Jecheon; N2 345 0.0 to-be-built 1425.0"


def test_a_station_is_told_by_name_with_whose_figure_its_headroom_is_and_what_works_bring():
    lines = [line for line in said("ko", stations=WITH_WORKS).splitlines() if "kV: 여유" in line]
    assert "변전소 신제천 154 kV: 여유용량 45 MW, 자료 한전 공표 0" in lines[0]
    assert "보강·신설 시 최대 445 MW" in lines[0]
    assert "N2 345 kV: 여유용량 0 MW, 자료 신설 가정" in lines[1]
    english = said("en", stations=WITH_WORKS)
    assert "station Sin Jecheon 154 kV: headroom 45 MW, source KEPCO: 0" in english
    assert "with works up to 1,425 MW" in english


def test_the_connection_is_told_in_korean_with_works_second_feed_and_years():
    told = said(
        "ko", route_km=12.0, route_oh_km=10.0, route_ug_km=2.0, route_bn_krw=20.0,
        lead_time_years=9, lead_time_high_years=13, lead_time_tight=True, works="station345",
        relief_mw=1425.0, works_bn_krw=250.0, second_station_id="N3", second_route_km=7.0,
        second_feed_bn_krw=4.0, station_name_ko="신제천",
    )  # fmt: skip
    assert "접속: 신제천 변전소 154 kV, 12 km" in told
    assert "9~13년(최장 기간이 걸리면 목표 연도에 늦음)" in told
    assert "345 kV 변전소 신설(기존 선로 분기)(여유용량 1,425 MW 추가, 2,500억 원)" in told
    assert "제2 수전(다른 변전소): N3 변전소, 7 km, 40억 원" in told
