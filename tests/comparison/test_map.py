"""The map of a comparison in a real browser that can resolve no host."""

import copy
from dataclasses import replace

import pandas as pd
import pytest

from siteopt import compare_runs
from siteopt.comparison.map import write_comparison_map
from tests.comparison.conftest import PLAN, RECORD

pytestmark = pytest.mark.browser

HOSTILE = '</script><img src=x onerror="window.owned=1">'


@pytest.fixture
def pair(tmp_path, run_at):
    """Two runs: B leaves, C enters, A is resized, D stays, E moves in rank."""
    old, new = copy.deepcopy(PLAN), copy.deepcopy(PLAN)
    stays = copy.deepcopy(PLAN["sites"][0]) | {"site_id": "D", "lat": 37.0, "rank": 2}
    for plan in (old, new):
        plan["sites"].append(stays)
        plan["sites"][0]["connection"] = [{"kind": "overhead", "lon_lat": [[128.5, 36.5], [128.6, 36.6]]}]  # fmt: skip
    new["sites"][0]["it_mw"] = 140.0
    new["sites"][1] |= {"site_id": "C", "name_ko": f"다 {HOSTILE}", "lon": 127.0}
    new |= {"objective_bn_krw": 110.0, "bound_bn_krw": 110.0}
    tables = [
        pd.DataFrame(
            {"site_id": ["A", "E"], "rank": ranks, "proof": "exact", "name_ko": "가", "name_en": "Ga",
             "lat": 36.0, "lon": 128.0, "province_code": "47", "chosen": [True, False]}
        )
        for ranks in ([1, 3], [1, 2])
    ]  # fmt: skip
    record = RECORD | {"eligible_km2": 99.0}
    return (
        run_at(tmp_path / "a", plan=old, ranking=tables[0]),
        run_at(
            tmp_path / "b", record=record, plan=new, ranking=tables[1], reasons=((0, 0), (1, 1))
        ),
    )


@pytest.fixture
def page(browser, pair, tmp_path):
    found = compare_runs(*pair)
    causes = pd.DataFrame(
        [("entered", "C", "layer headroom + scenario spacing_km", "together"),
         ("left", "B", "layer headroom", "alone"), ("rank", "E", "code", "enough"),
         ("eligible land", "", "", "not traced")],
        columns=["change", "subject", "cause", "how"],
    )  # fmt: skip
    costs = pd.DataFrame(
        [("layer headroom", 12.0, 12.0, 12.0, "bn_krw"), ("code", -2.0, -2.0, -2.0, "bn_krw")],
        columns=["input", "difference", "low", "high", "unit"],
    )
    found = replace(found, causes=causes, cost_shares=costs, cost_method="shapley", runs_made=6)
    file = tmp_path / "map" / "comparison.html"
    write_comparison_map(found, pair, None, file)
    opened = browser.page()
    opened.open(file.as_uri())
    yield opened
    assert opened.run("window.owned") is None


def test_sites_of_both_runs_are_marked_by_what_became_of_them(page):
    count = "document.querySelectorAll('#siteopt .mark-site.{}, .folium-map .mark-site.{}').length"
    for kind in ("entered", "left", "resized", "both"):
        assert page.run(count.format(kind, kind)) == 1, kind
    shown = page.run("document.querySelector('#page-changes').innerText")
    assert "새로 선정" in shown
    assert "선정에서 제외" in shown
    assert "IT 100 → 140 MW" in shown
    assert HOSTILE in shown


def test_causes_are_told_in_korean_and_english(page):
    page.run("siteopt.showTab('causes'), 0")
    shown = page.run("document.querySelector('#page-causes').innerText")
    assert "자료: 변전소 여유용량" in shown
    assert "함께 바뀌어야 생김" in shown
    assert "+120억 원" in shown
    page.run("document.getElementById('language').click(), 0")
    shown = page.run("document.querySelector('#page-causes').innerText")
    assert "only together" in shown
    assert "Scenario: Spacing of sites" in shown
    assert page.run("document.documentElement.lang") == "en"
    assert "undefined" not in page.run("document.body.innerText")


def test_a_site_of_the_list_opens_its_card(page):
    page.run("document.querySelector('button.site').click(), 0")
    page.wait("document.querySelector('.card.pair') !== null")
    assert "원인" in page.run("document.querySelector('.card.pair').innerText")
    assert page.run("document.querySelectorAll('.mark-site.open').length") == 1


def test_land_of_both_runs_is_told_apart(page):
    rows = page.run("[...document.querySelectorAll('#legend-rows label')].map((one) => one.innerText)")  # fmt: skip
    for wanted in ("입지 가능(두 결과 모두)", "이후에만 입지 가능", "이전에만 입지 가능"):
        assert wanted in rows
    masks = page.run("siteopt.data.land.combinations")
    assert masks == [-1, 0, 2]  # one cell in both, one only after


def test_the_same_comparison_gives_the_same_bytes(pair, tmp_path):
    found = compare_runs(*pair)
    files = [tmp_path / name for name in ("1.html", "2.html")]
    for file in files:
        write_comparison_map(found, pair, None, file)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".part") == []
