"""Campuses on the real layers, coarsely: from parts to plan, files and the verified answer."""

import json

import pytest

import siteopt

CAMPUS = """
[candidates.campus]
it_min_mw = 400
it_max_mw = 1000
reach_km = 10
parts_max = 4
only = true
feed_km = 60
classes = [{ voltage_kv = 345, facility_max_mw = 4000 }]

[payment]
station345 = { kepco = 50, state = 50 }

[connection]"""


@pytest.fixture(scope="module")
def campus_run(tmp_path_factory, small_scenario_text):
    """The small scenario with campuses alone, and balance between provinces left out."""
    text = small_scenario_text
    for old, new in (
        ("[connection]", CAMPUS), ("count_min = 3", "count_min = 1"),
        ("share_max_pct = 40", "share_max_pct = 100"), ("flow_limits = true", "flow_limits = false"),
    ):  # fmt: skip
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    home = tmp_path_factory.mktemp("campus")
    (home / "campus.toml").write_text(text, encoding="utf-8")
    return siteopt.run(home / "campus.toml", home / "run", cache=home / "cache", brief=True)


@pytest.mark.national
def test_a_plan_of_campuses_alone(campus_run):
    plan = campus_run.portfolio
    assert campus_run.is_optimal
    assert sum(site["it_mw"] for site in plan["sites"]) >= 1000
    for site in plan["sites"]:
        assert site["kind"] == "campus"
        assert site["site_id"].startswith("campus-S")
        assert "캠퍼스" in site["name_ko"]
        assert 400 <= site["it_mw"] <= 1000
        assert site["station_id"] != site["second_station_id"] != ""
        assert site["works"].startswith("campus345")
        assert site["lead_time_years"] == 9


@pytest.mark.national
def test_parts_are_within_reach_and_hold_the_campus(campus_run):
    ranking = campus_run.ranking
    for row in ranking[ranking["chosen"]].to_dict("records"):
        sizes = [float(mw) for mw in str(row["campus_part_sizes"]).split(";")]
        assert len(sizes) == len(set(row["campus_parts"].split(";"))) <= 4
        assert sum(sizes) == pytest.approx(row["it_max_mw"])
        assert row["campus_mean_km"] <= 10
        shares = [float(pair.split("=")[1]) for pair in row["basin_shares"].split(";")]
        assert sum(shares) == pytest.approx(1)


@pytest.mark.national
def test_payers_bear_the_connection_of_the_plan_and_no_more(campus_run):
    plan = json.loads((campus_run.folder / "portfolio.json").read_text(encoding="utf-8"))
    parts = ("connection", "substation", "upgrade")
    cost = sum(site[f"cost_{part}_bn_krw"] for site in plan["sites"] for part in parts)
    paid = plan["payment"]["total_bn_krw"]
    assert sum(paid.values()) == pytest.approx(cost)
    assert paid["kepco"] == paid["state"]
