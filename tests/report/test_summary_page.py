"""The summary of the page, and all tabs of runs of every kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from siteopt.scenario import Scenario
from tests.report.small_energy import with_clean_energy
from tests.report.small_further import small_further
from tests.report.small_robustness import with_draws
from tests.report.test_map_weights import with_scores
from tests.report.written import write_map

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siteopt.report import RunTables

pytestmark = pytest.mark.browser

SAID = "document.getElementById('page-summary').innerText"


def test_it_opens_first_and_tells_question_answer_and_limits(page: Any) -> None:
    assert page.run("document.querySelector('#tabs [aria-selected=true]').id") == "tab-summary"
    said = page.run(SAID)
    for part in ("2035년까지 AI 데이터센터 IT 부하 300 MW", "전라남도 2곳(300 MW)", "모두 2곳, IT 300 MW",
                 "더 나은 안이 없음을 확인", "가정을 바꾸어 보지 않았으므로", "시간별로 맞추어 보지는 않았습니다", "경쟁 후보지"):  # fmt: skip
        assert part in said, part
    assert page.run("document.querySelectorAll('#page-summary dl.five div').length") == 5
    page.run("document.querySelectorAll('#page-summary .onward button')[1].click()")
    assert page.run("document.activeElement.id") == "tab-ranking"


def without_sites(tables: RunTables) -> RunTables:
    plan = tables.plan
    empty = replace(plan, chosen=plan.chosen.iloc[:0], objective=0.0, bound=0.0)  # type: ignore[type-var]
    ranking = tables.ranking.assign(chosen=False)
    return replace(tables, plan=empty, ranking=ranking)


def one_site(tables: RunTables) -> RunTables:
    only = ["S0003"]
    plan = tables.plan
    return replace(
        tables, sites=tables.sites[tables.sites["site_id"].isin(only)].reset_index(drop=True),
        options=tables.options[tables.options["site_id"].isin(only)].reset_index(drop=True),
        routes=replace(tables.routes, options=tables.options[tables.options["site_id"].isin(only)].reset_index(drop=True)),  # type: ignore[type-var]
        described=tables.described.loc[only], scores=tables.scores.loc[only],
        ranking=tables.ranking[tables.ranking["site_id"].isin(only)].assign(rank=1, tied=1).astype({"rank": "Int64", "tied": "Int64"}),
        plan=replace(plan, chosen=plan.chosen[plan.chosen["site_id"].isin(only)].reset_index(drop=True)),  # type: ignore[type-var]
        impact=None,
    )  # fmt: skip


def suitable(tables: RunTables) -> RunTables:
    settings = tables.scenario.model_dump() | {"objective": {"kind": "suitability"}}
    ranking = tables.ranking.rename(columns=lambda name: name.replace("bn_krw", "suitable_mw"))
    return with_scores(
        replace(tables, scenario=Scenario.model_validate(settings), ranking=ranking), {}
    )


KINDS = {
    "nothing": without_sites,
    "one": one_site,
    "draws": with_draws,
    "energy": with_clean_energy,
    "further": lambda tables: replace(
        tables, further=small_further(tables.sites["site_id"].tolist())
    ),
    "suitability": suitable,
    "scores": lambda tables: with_scores(with_draws(tables), {"grid": 1.0}),
}


def opened(browser: Any, tables: RunTables, file: Path) -> Any:
    write_map(tables, file)
    page = browser.page()
    page.open(file.as_uri())
    return page


def every_tab(page: Any) -> list[str]:
    """Show each tab in both languages, narrow and wide; return their names."""
    names = page.run("[...document.querySelectorAll('#tabs button')].map((one) => one.id.slice(4))")
    for language in ("ko", "en"):
        page.run(
            "siteopt.compareRows([0, 1].filter((row) => row < siteopt.data.sites.site_id.length)), 0"
        )
        for name in names:
            page.run(f"siteopt.showTab({name!r}), 0")
            said = page.run(f"document.getElementById('page-{name}').innerText")
            assert len(said) > 20, (language, name)
            for wrong in ("undefined", "NaN", "null", "[object", "Infinity"):
                assert wrong not in said, (language, name, wrong)
        page.run("document.getElementById('language').click(), 0")
    return list(names)


@pytest.mark.parametrize("kind", KINDS)
def test_every_tab_of_a_run_of_each_kind(
    browser: Any, run_tables: RunTables, tmp_path: Path, kind: str
) -> None:
    page = opened(browser, KINDS[kind](run_tables), tmp_path / "map.html")
    names = every_tab(page)
    assert len(names) <= 13
    assert ("weights" in names) == (kind in {"suitability", "scores"})
    assert ("energy" in names) == (kind == "energy")
    page.run("siteopt.showTab('summary'), 0")  # written anew since the language changed
    said = page.run(SAID)
    if kind == "nothing":
        assert "배치된 입지가 없습니다" in said
    if kind == "suitability":
        assert "적합도가 가장 높게" in said
    if kind == "energy":
        assert "8760시간 재현" in said


def test_every_tab_of_a_plan_over_years(
    browser: Any, years_tables: RunTables, tmp_path: Path
) -> None:
    page = opened(browser, years_tables, tmp_path / "map.html")
    every_tab(page)
    page.run("siteopt.showTab('ranking'), 0")
    page.run("document.querySelector('#years input').click()")
    assert page.run("document.querySelector('#tabs [aria-selected=true]').id") == "tab-ranking"


@pytest.mark.parametrize("size", [(1400, 900), (1024, 768), (390, 844)])
def test_each_tab_can_be_reached_by_keys_and_is_in_view(
    browser: Any, run_tables: RunTables, tmp_path: Path, size: tuple[int, int]
) -> None:
    tables = with_clean_energy(with_scores(with_draws(run_tables), {}))
    write_map(tables, tmp_path / "map.html")
    page = browser.page(*size)
    page.open((tmp_path / "map.html").as_uri())
    page.page.focus("#tab-summary")
    count = page.run("document.querySelectorAll('#tabs button').length")
    assert count == 14  # all but that of named places
    for _ in range(count):
        page.page.keyboard.press("ArrowDown")
        left, right, top, bottom = (
            page.run("""(() => { const box = document.activeElement.getBoundingClientRect();
          const strip = document.querySelector('#tabs').getBoundingClientRect();
          return [box.left - strip.left, strip.right - box.right, box.top - strip.top, strip.bottom - box.bottom]; })()""")
        )
        assert min(left, right, top, bottom) > -1.5
    assert page.run("document.activeElement.id") == "tab-summary"
    page.page.keyboard.press("End")
    assert page.run("document.activeElement.id") == "tab-sources"


def test_names_do_no_harm_in_any_tab(
    browser: Any, make_run: Callable[..., RunTables], tmp_path: Path
) -> None:
    from tests.report.test_map_browser import HOSTILE  # noqa: PLC0415 - a module of tests

    page = opened(browser, with_scores(with_draws(make_run(HOSTILE)), {}), tmp_path / "map.html")
    page.run("siteopt.compareRows([0, siteopt.rows.get('S0023')]), 0")
    for name in page.run(
        "[...document.querySelectorAll('#tabs button')].map((one) => one.id.slice(4))"
    ):
        page.run(f"siteopt.showTab({name!r}), 0")
    assert page.run("window.owned === undefined")
    assert page.run("document.querySelectorAll('img[src=x]').length") == 0
