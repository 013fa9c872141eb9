"""Sites side by side: chosen in table, card, by name and by the address; costs, marks, a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from siteopt.report import money
from siteopt.report.tables import ranking_table

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

pytestmark = pytest.mark.browser

HEADS = "[...document.querySelectorAll('#page-compare thead th')].map((one) => one.textContent)"
SAID = "document.getElementById('page-compare').textContent"


def test_sites_are_picked_in_the_table_on_the_card_and_by_name(page: Any) -> None:
    page.run("siteopt.showTab('ranking'), 0")
    page.page.check("#page-ranking tbody tr:nth-child(1) input")
    page.run("siteopt.open(siteopt.rows.get('S0001'), false), 0")
    page.run("document.querySelector('.card .compare-add').click()")
    assert (
        page.run("document.querySelector('#tab-compare').getAttribute('aria-selected')") == "true"
    )
    assert page.run("document.querySelector('.card .compare-add').textContent") == "비교에서 빼기"
    page.run("""(() => { const field = document.querySelector('#page-compare input[type=search]');
      field.value = 's0007'; field.dispatchEvent(new Event('input'));
      document.querySelector('#page-compare .found button').click(); })()""")
    assert page.run(HEADS) == ["나주시 S0003", "나주시 S0001", "나주시 S0007"]
    assert page.run("location.hash").endswith("compare=S0003,S0001,S0007")
    page.run("document.querySelector('#page-compare .chips button.plain').click()")
    assert page.run(HEADS) == ["나주시 S0001", "나주시 S0007"]
    assert not page.page.is_checked("#page-ranking tbody tr:nth-child(1) input")


def test_not_more_than_four_are_compared(page: Any) -> None:
    page.run("siteopt.showTab('ranking'), 0")
    for row in range(1, 6):
        page.run(f"document.querySelector('#page-ranking tbody tr:nth-child({row}) input').click()")
    assert len(page.run(HEADS)) == 4
    assert not page.page.is_checked("#page-ranking tbody tr:nth-child(5) input")


def test_a_link_keeps_the_selection(browser: Any, path: Path) -> None:
    page = browser.page()
    page.open(path.as_uri() + "#compare=S0000,S0003,S0020&lang=en")
    assert page.run(HEADS) == ["Naju-si S0000", "Naju-si S0003", "Naju-si S0020"]
    assert page.run("document.querySelector('#page-compare').classList.contains('shown')")
    assert "Cannot be built" in page.run(SAID)
    unknown = browser.page()
    unknown.open(path.as_uri() + "#compare=S0000,<script>")
    assert not unknown.run("document.querySelector('#link-note').hidden")
    assert unknown.run(HEADS) == []


def test_costs_and_the_sentence_are_those_of_the_ranking(page: Any, run_tables: RunTables) -> None:
    ranking = ranking_table(run_tables).set_index("site_id")
    page.run("siteopt.compareRows(['S0003', 'S0010'].map((id) => siteopt.rows.get(id))), 0")
    a, b = ranking.loc["S0003"], ranking.loc["S0010"]
    best, other = (a, b) if a["bn_krw_per_mw"] < b["bn_krw_per_mw"] else (b, a)
    gap = other["bn_krw_per_mw"] - best["bn_krw_per_mw"]
    said = page.run("document.querySelector('#page-compare .lead').textContent")
    assert f"{best['name_ko']} 쪽이 {other['name_ko']}보다 {money(gap, 'ko')}" in said
    parts = {
        name: b[f"cost_{name}_bn_krw"] / b["it_mw"] - a[f"cost_{name}_bn_krw"] / a["it_mw"]
        for name in ("connection", "land", "building")
    }
    rows = page.run("""[...document.querySelectorAll('#page-compare .bar-cell')].map((one) =>
      [one.closest('tr').querySelector('th').textContent, one.firstChild.textContent])""")
    shown = dict(rows[::2])
    assert shown["접속선로"] == f"{a['cost_connection_bn_krw'] / a['it_mw'] * 10:.1f}"
    widest = max(parts, key=lambda name: abs(parts[name]))
    assert (
        rows[0][0]
        == {"connection": "접속선로", "land": "용지비", "building": "건축·기계·전기 공사비"}[widest]
    )
    better = page.run("[...document.querySelectorAll('#page-compare .better')].length")
    assert better >= 2
