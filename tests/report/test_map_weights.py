"""Weights of the criteria in the page: the scores of the package, no plan solved again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from siteopt.criteria import CRITERION_NAMES
from siteopt.criteria.scoring import criterion_weights
from siteopt.report._suitability import SCORE_DECIMALS, suitability_payload
from siteopt.report.tables import ranking_table
from siteopt.scenario import Scenario
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

GIVEN = {"grid": 3.0, "land": 1.0, "hazard": 2.0}
EXACT = 10.0**-SCORE_DECIMALS


def with_scores(tables: RunTables, weights: dict[str, float]) -> RunTables:
    """Return the tables with scores of all criteria and the suitability that they make."""
    random = np.random.default_rng(7)
    scores = tables.scores.copy()
    for name in CRITERION_NAMES:
        scores[f"score_{name}"] = random.uniform(0, 1, len(scores))
    scenario = Scenario.model_validate(tables.scenario.model_dump() | {"weights": weights})
    shares = criterion_weights(scenario)
    scores["suitability"] = sum(shares[name] * scores[f"score_{name}"] for name in CRITERION_NAMES)
    return replace(tables, scores=scores, scenario=scenario)


@pytest.fixture(scope="module")
def tables(run_tables: RunTables) -> RunTables:
    return with_scores(run_tables, GIVEN)


@pytest.fixture(scope="module")
def path(tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("weights") / "map.html"
    write_map(tables, file)
    return file


@pytest.fixture
def page(browser: Any, path: Path) -> Any:
    opened = browser.page()
    opened.open(path.as_uri())
    opened.run("siteopt.showTab('weights'), 0")
    return opened


def move(page: Any, name: str, value: int) -> None:
    page.run(f"""(() => {{ const slider = document.getElementById('weight-{name}');
      slider.value = '{value}'; slider.dispatchEvent(new Event('input')); slider.dispatchEvent(new Event('change')); }})()""")


SCORES = "siteopt.data.sites.site_id.map((id, row) => siteopt.reweighted(row))"


def test_nothing_is_given_where_sites_have_no_scores(run_tables: RunTables) -> None:
    assert suitability_payload(run_tables, ranking_table(run_tables)) is None


def test_weights_are_those_of_the_scenario(tables: RunTables) -> None:
    found = suitability_payload(tables, ranking_table(tables))
    assert found is not None
    assert found["weights"]["grid"] == pytest.approx(0.5)
    assert found["given"]
    assert not found["counts"]  # the least cost


@pytest.mark.browser
def test_at_the_weights_of_the_run_scores_are_those_of_the_package(
    page: Any, tables: RunTables
) -> None:
    ranking = ranking_table(tables)
    np.testing.assert_allclose(page.run(SCORES), ranking["suitability"], atol=EXACT, rtol=0)
    order = page.run("siteopt.suitabilityOrder()")
    assert order == np.argsort(-ranking["suitability"].to_numpy(), kind="stable").tolist()
    assert not page.run("siteopt.isReweighted()")


@pytest.mark.browser
def test_other_weights_score_as_the_package_would(page: Any, tables: RunTables) -> None:
    move(page, "water", 80)
    move(page, "grid", 0)
    weights = page.run(
        "Object.fromEntries([...document.querySelectorAll('.slider input')].map((one) => [one.id.slice(7), Number(one.value)]))"
    )
    assert weights["water"] == 80
    # What a slider rounds for display is not what is weighed: land is a sixth, hazard a third.
    other = with_scores(tables, {"water": 80.0, "land": 100 / 6, "hazard": 100 / 3})
    wanted = ranking_table(
        replace(other, scores=tables.scores.assign(suitability=other.scores["suitability"]))
    )
    np.testing.assert_allclose(page.run(SCORES), wanted["suitability"], atol=EXACT, rtol=0)
    assert page.run("document.querySelector('output[for=weight-water]').textContent") == "61.5%"
    assert "다시 풀지 않았습니다" in page.run("document.querySelector('#page-weights').textContent")
    first = page.run("document.querySelector('#page-weights tbody button').textContent")
    assert first == wanted.sort_values("suitability", ascending=False)["name_ko"].iloc[0]
    assert (
        page.run("[...document.querySelectorAll('#page-ranking [data-sort=reweighted]')].length")
        == 1
    )
    page.run("document.querySelector('#page-weights .reset').click()")
    assert not page.run("siteopt.isReweighted()")
    assert (
        page.run("[...document.querySelectorAll('#page-ranking [data-sort=reweighted]')].length")
        == 0
    )
    assert page.run("location.hash") == "#tab=weights"  # the tab stays, the weights are gone


@pytest.mark.browser
def test_a_link_keeps_the_weights(browser: Any, page: Any, path: Path) -> None:
    move(page, "water", 70)
    hash_ = page.run("location.hash")
    assert "weights=" in hash_
    other = browser.page()
    other.open(path.as_uri() + hash_)
    assert other.run("document.querySelector('#page-weights').classList.contains('shown')")
    np.testing.assert_allclose(
        other.run(SCORES), page.run(SCORES), atol=1e-3
    )  # whole tenths in a link
    wrong = browser.page()
    for part in ("water:1e9", "water:-1", "<b>:3", "water:0", "toString:1"):
        wrong.open(f"{path.as_uri()}#weights={part}")
        assert not wrong.run("document.querySelector('#link-note').hidden"), part
        assert not wrong.run("siteopt.isReweighted()")
        wrong.page.goto("about:blank")


@pytest.mark.browser
def test_weights_that_are_all_nothing_are_not_taken(page: Any) -> None:
    for name in CRITERION_NAMES:
        move(page, name, 0)
    assert all(np.isfinite(page.run(SCORES)))
    assert page.run(
        "[...document.querySelectorAll('.slider output')].map((one) => one.textContent).includes('100%')"
    )
