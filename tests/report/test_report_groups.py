"""Groups of provinces in files and sentences."""

from siteopt.limit_key import LimitKey
from siteopt.portfolio.infeasibility.diagnose import diagnose
from siteopt.report._groups import group_names, groups_record
from siteopt.report._room import Room
from siteopt.report.conflicts import PlaceNames, sentences
from siteopt.report.limit_names import limit_key, limit_name
from siteopt.report.program_files import limit_table
from siteopt.scenario import load_scenario
from tests.portfolio.instances import Link, Place, make_case

HOSTILE = "<script>=1+1"


def test_names_come_from_data_title_or_key():
    groups = {
        "honam": {"min_pct": 10},
        "mine": {"provinces": ["46"], "title": {"ko": HOSTILE, "en": "Mine"}},
        "bare": {"provinces": ["47"]},
    }
    scenario = load_scenario("national-2035", changes={"provinces.groups": groups})
    assert group_names(scenario) == {
        "honam": ["호남권", "Honam"], "mine": [HOSTILE, "Mine"], "bare": ["bare", "bare"],
    }  # fmt: skip
    told = groups_record(scenario)["province_groups"]
    assert [one["group"] for one in told] == ["bare", "honam", "mine"]
    assert told[1]["provinces"] == ["29", "46", "52"]
    assert groups_record(load_scenario("national-2035")) == {}


def test_the_name_of_a_limit_is_read_back():
    key = LimitKey("groups", "group", "honam")
    assert limit_name(key) == "group honam"
    assert limit_key("groups", "group honam") == key


def plan(used):
    return {
        "target_it_mw": 100.0, "block_it_mw": 10.0, "it_min_mw": 20.0, "year": 2035,
        "province_groups": [{"group": "honam", "names": ["호남권", "Honam"], "provinces": ["29", "46"]}],
        "limits": [{"family": "groups", "limit": "group honam", "used": used, "at_least": None, "at_most": 50.0, "unit": "pct"}],
    }  # fmt: skip


def test_a_full_group_is_the_cause_for_its_provinces_alone():
    row = {
        "chosen": False, "province_code": "46", "it_mw": 20.0, "facility_mw": 25.0,
        "it_max_mw": 40.0, "station_id": "N1",
    }  # fmt: skip
    full, free = Room(plan(40.0)), Room(plan(20.0))
    assert [fact.key for fact in full.causes(row)] == ["why.share"]
    assert full.causes(row)[0].values["place"] == ("both", "호남권", "Honam")
    assert free.causes(row) == []
    assert full.causes(row | {"province_code": "47"}) == []
    assert [fact.key for fact in full.causes(row | {"chosen": True})] == []
    assert [fact.key for fact in Room(plan(45.0)).causes(row | {"chosen": True})] == ["limit.share"]


PLACES = [Place(land_mw=40.0, province="46"), Place(land_mw=40.0, province="47", links=(Link(fixed=50.0),))]  # fmt: skip


def test_a_conflict_is_told_with_the_name_of_the_group():
    names = PlaceNames(groups={"south": ("남부", "the South")})
    groups = {"south": {"provinces": ["46", "47"], "max_pct": 50}}
    case = make_case(PLACES, target_mw=80, provinces={"groups": groups})
    ko, en = sentences(case.problem(), diagnose(case.problem(), case.scenario.solver), names)
    assert "남부의 비중 상한" in ko
    assert "the South" in en
    groups = {"south": {"provinces": ["48"], "min_mw": 20}}
    case = make_case(PLACES, target_mw=80, provinces={"groups": groups})
    ko, en = sentences(case.problem(), diagnose(case.problem(), case.scenario.solver), names)
    assert "남부의 2035년 최소 배치 20 MW" in ko
    assert "The South's minimum of 20 MW in 2035" in en


def test_limits_of_groups_can_be_read_by_a_third_party():
    groups = {"south": {"provinces": ["46", "47"], "max_pct": 50, "min_mw": 20}}
    table = limit_table(make_case(PLACES, target_mw=80, provinces={"groups": groups}).problem())
    row = table[table["limit"] == "province group"].iloc[0]
    assert (row["of"], row["at_least"], row["at_most"], row["unit"]) == (
        "south=46;47",
        1,
        2,
        "blocks",
    )
