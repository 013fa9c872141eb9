"""One verdict a site: the same in both languages, in `explain` and on the map."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from siteopt import open_run
from siteopt.report import money
from siteopt.report._names import Names
from siteopt.report.facts import Fact, number_text, plain_fact, say
from siteopt.report.gates import gates
from siteopt.report.texts import text, texts
from tests.report.small_verdicts import with_every_verdict
from tests.report.written import write_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siteopt.report import RunTables
    from siteopt.runs.results import Run

STATES = {
    "S0000": ("chosen", "exact"), "S0003": ("must", "indispensable"), "S0001": ("not_chosen", "exact"),
    "S0002": ("not_chosen", "zero"), "S0004": ("not_chosen", "range"), "S0005": ("not_chosen", "most"),
    "S0006": ("not_chosen", "unknown"), "S0010": ("not_chosen", "least"),
    "S0007": ("impossible", "impossible"), "S0008": ("impossible", "impossible"),
    "S0020": ("impossible", "impossible"), "S0021": ("impossible", "impossible"),
}  # fmt: skip
KO_MONEY = re.compile(r"(?:([\d,]+)조 ?)?(?:([\d,.]+)억 ?)?(?:([\d,]+)만 ?)?원(?!/)")
EN_MONEY = re.compile(r"KRW ([\d,.]+)(?: (tn|bn|m)\b)?|([\d,.]+) bn KRW(?=;)")
IDS = re.compile(r"\bS\d{4}\b")


@pytest.fixture(scope="module", params=["year", "years"])
def run(
    request: pytest.FixtureRequest, run_tables: RunTables, years_tables: RunTables,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:  # fmt: skip
    folder = tmp_path_factory.mktemp("verdicts") / "run"
    tables = run_tables if request.param == "year" else years_tables
    write_run(with_every_verdict(tables), folder, {})
    return open_run(folder)


def money_of(line: str, language: str) -> tuple[list[float], str]:
    """Return the amounts of a line in bn KRW, and the line without them."""
    found = []

    def number(said: str | None) -> float:
        return float(said.replace(",", "")) if said else 0.0

    def taken(match: re.Match[str]) -> str:
        if language == "en":
            unit = {"tn": 1000.0, "bn": 1.0, "m": 1e-3, None: 1e-9}[match[2]]
            found.append(number(match[1]) * unit + number(match[3]))
        elif match[1] or match[2] or match[3]:
            eok = 1e4 * number(match[1]) + number(match[2]) + 1e-4 * number(match[3])
            found.append(eok / 10)
        else:
            return match[0]
        return ""

    return found, (EN_MONEY if language == "en" else KO_MONEY).sub(taken, line)


def figures_of(line: str) -> Counter[str]:
    """Return the digits of the figures of a line: 373.1 (억 원) and 37.31 (bn KRW) are the same."""
    said = (match.replace(",", "").replace(".", "").strip("0") for match in re.findall(r"\d[\d,.]*", line))  # fmt: skip
    return Counter(one for one in said if one)


@pytest.mark.parametrize("site", STATES)
def test_both_languages_say_the_same_line_by_line(run: Run, site: str) -> None:
    korean, english = (run.explain(site, language).splitlines() for language in ("ko", "en"))
    assert len(korean) == len(english) > 5
    for ko, en in zip(korean[1:], english[1:], strict=True):
        amounts, rest = money_of(re.sub(r"\b1 (MW|kWh)당|제2 수전", "", ko), "ko")
        wanted, other = money_of(en, "en")
        assert len(amounts) == len(wanted), (ko, en)
        for one, two in zip(amounts, wanted, strict=True):
            # English rounds to 0.1 bn from 1 bn on and to 0.01 tn, Korean to 0.01 bn or 0.1 bn.
            near = 5.1 if two >= 1000 else 0.11 if two >= 1 else 5.6e-3 if two > 0.1 else 5.1e-4
            assert one == pytest.approx(two, abs=near), (ko, en)
        assert figures_of(rest) == figures_of(other), (ko, en)
        assert Counter(IDS.findall(ko)) == Counter(IDS.findall(en)), (ko, en)
        assert ko.count("[충족]") == en.count("[passed]")
        assert ko.count("[미충족]") == en.count("[failed]")


@pytest.mark.parametrize(("site", "wanted"), STATES.items())
def test_the_verdict_is_what_the_tables_say(run: Run, site: str, wanted: tuple[str, str]) -> None:
    verdict = run.verdicts.of(site)
    assert (verdict.state, verdict.figure) == wanted


def test_a_chosen_site_that_must_be_built_is_never_called_impossible(run: Run) -> None:
    for language, said in (("ko", "반드시 짓기로 미리 정한"), ("en", "it must be built")):
        told = run.explain("S0003", language)  # type: ignore[arg-type]
        assert said in told
        assert text("site.value_impossible", language) not in told  # type: ignore[arg-type]


def test_an_impossible_site_fails_a_gate_and_names_it(run: Run) -> None:
    for site in ("S0007", "S0008", "S0020", "S0021"):
        failed = [gate for gate in gates(site, run.verdicts) if gate.passed is False]
        assert failed, site
        assert "[미충족]" in run.explain(site, "ko")
    assert "최소 규모(IT 40 MW)를 지을 수 없습니다" in run.explain("S0008", "ko")
    assert "배치하지 않기로 미리 정한" in run.explain("S0007", "ko")


def test_the_rival_is_the_site_that_leaves_else_one_near_by(run: Run) -> None:
    rivals = {site: run.verdicts.of(site).rival for site in ("S0001", "S0002", "S0000")}
    assert rivals["S0001"] == "S0003"  # `replaces`
    assert rivals["S0002"] == "S0000"  # the only one with a known value at the same station
    assert rivals["S0000"] not in {"S0000", "S0003"}
    for language in ("ko", "en"):
        assert "S0003" in run.explain("S0001", language)  # type: ignore[arg-type]


def test_every_gate_of_a_passed_limit_has_room_and_of_a_failed_one_has_none(run: Run) -> None:
    # Share 46: 6.7 % are left, the smallest build is 13.3 %; the plan's own site keeps what it has.
    said = {gate.key: gate.passed for gate in gates("S0001", run.verdicts)}
    assert said["province"] is False
    assert said["basin"] is False  # 100 m3 are left, the smallest build takes 160
    assert {gate.key: gate.passed for gate in gates("S0000", run.verdicts)}["province"] is True


def test_suitability_is_told_in_mw_and_not_as_impossible(
    run_tables: RunTables, tmp_path: Path
) -> None:
    ranking = run_tables.ranking.rename(
        columns=lambda name: name.replace("_bn_krw", "_suitable_mw")
    )
    write_run(replace(run_tables, ranking=ranking), tmp_path / "run", {})
    run = open_run(tmp_path / "run")
    assert "the best plan has 143 MW less of suitability-weighted load" in run.explain("S0000")
    assert "적합도 가중 규모가 143 MW 줄어듭니다" in run.explain("S0000", "ko")
    assert "impossible" not in {run.verdicts.of(site).state for site in ("S0000", "S0001", "S0010")}


def test_numbers_are_written_as_browsers_do() -> None:
    cases = [(590.0, 1), (0.05, 1), (1234.5, 0), (2.5, 0), (1.005, 2), (-0.04, 1), (1e6, 1)]
    assert [number_text(*one) for one in cases] == ["590", "0.1", "1,235", "3", "1.01", "0", "1,000,000"]  # fmt: skip


def test_no_particle_that_hangs_on_the_sound_follows_a_name() -> None:
    placed = re.compile(r"\{\w+\}[’”)]?(은|는|이|가|을|를|과|와|으로|로)(?=[ .,)]|$)")
    names = re.compile(r"\{(site|station|place|province|basin|name|title|layer|branches|other)\}[’”)]?(은|는|이|가|을|를|과|와|으로|로)(?=[ .,)]|$)")  # fmt: skip
    found = [key for key, both in texts().items() if placed.search(both["ko"]) and names.search(both["ko"])]  # fmt: skip
    assert found == []


def test_every_reason_that_a_problem_gives_has_its_words() -> None:
    from siteopt.portfolio.constraints.block_bounds import (  # noqa: PLC0415 - heavy
        closing_reasons,
    )

    for gate in (*filter(None, closing_reasons()), "limits"):
        assert f"why.{'provinces' if gate == 'province' else gate}" in texts()


LINES = """(() => { document.querySelectorAll('.card details').forEach((one) => { one.open = true; });
  const lines = (part) => [...document.querySelectorAll(`.card ${part} li`)].map((one) => one.innerText);
  const card = document.querySelector('.card');
  return { state: card.dataset.state, rival: card.dataset.rival ?? null, causes: lines('.causes'),
    gates: lines('.gates'), changes: lines('.changes'), ids: lines('.ids'),
    need: document.querySelector('.card .gates .hint')?.innerText ?? null,
    value: document.querySelector('.card .value b')?.innerText ?? null }; })()"""


def whole(said: str) -> str:
    """Return a text with single spaces, as a browser draws it."""
    return re.sub(r"[ \n]+", " ", said).strip()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_card_says_what_explain_says(browser: Any, run: Run, language: Any) -> None:
    opened = browser.page()
    opened.open(f"{run.map_path.as_uri()}#lang={language}")
    names = run.verdicts.names
    for site in run.ranking["site_id"]:
        opened.run(f"siteopt.open(siteopt.rows.get('{site}'), false), 0")
        card, verdict = opened.run(LINES), run.verdicts.of(site)
        told = [whole(line) for line in run.explain(site, language).splitlines()]
        assert (card["state"], card["rival"]) == (verdict.state, verdict.rival)
        assert card["causes"] == [whole(say(one, language, names)) for one in verdict.causes]
        assert card["changes"] == [whole(say(one, language, names)) for one in verdict.changes]
        shown = card["causes"][verdict.state == "impossible" :]
        for line in (*shown, *card["gates"], *card["changes"], card["need"]):
            assert whole(line) in told, (site, line)
        assert len(card["gates"]) == len(gates(site, run.verdicts))
        for amount in re.findall(r"KRW [\d,.]+ (?:tn|bn|m)|[\d,.]+[억만] 원", card["value"] or ""):
            assert any(amount in line for line in told[:2]), (site, amount)
        assert told[-1].endswith(", ".join(card["ids"]))


@pytest.mark.browser
def test_limits_and_cards_agree_on_what_is_full(browser: Any, run: Run) -> None:
    opened = browser.page()
    opened.open(run.map_path.as_uri())
    rooms = opened.run("siteopt.data.plan.limits.map(({ room }) => room)")
    verdicts = run.verdicts.all()
    chosen = {place for one in verdicts if one.state in {"chosen", "must"} for place in one.full}
    others = {place for one in verdicts for place in one.full} - chosen
    limits = run.portfolio["limits"]
    spent = {
        n
        for n, one in enumerate(limits)
        if one["binds"] and one["at_most"] is not None and one["used"] >= one["at_most"]
    }
    assert {n for n, room in enumerate(rooms) if room == "full"} == chosen | spent
    assert {n for n, room in enumerate(rooms) if room == "short"} == others - chosen - spent
    assert chosen
    assert others
    # The list draws them: a red row a full limit of the year that is shown.
    opened.run("siteopt.showTab('limits')")
    drawn = opened.run("document.querySelectorAll('#page-limits tr.binds').length")
    year = run.portfolio["year"]
    assert drawn == sum(limits[n].get("year") in (None, year) for n in chosen | spent)


def test_rules_are_told_with_their_figures(
    make_run: Callable[..., RunTables], tmp_path: Path
) -> None:
    write_run(make_run(), tmp_path / "run", {})
    run = open_run(tmp_path / "run")
    tables = make_run()
    lattice = tables.eligibility.lattice
    place = next(zip(*(tables.eligibility.reasons == 2).nonzero(), strict=True))
    from pyproj import Transformer  # noqa: PLC0415

    x, y = lattice.centres_m(*place)
    lon, lat = Transformer.from_crs(5179, 4326, always_xy=True).transform(x, y)
    assert "기준: slope 8.5° 초과" in run.explain(f"{lon},{lat}", "ko")
    assert "rule: slope above 8.5°" in run.explain(f"{lon},{lat}")


def test_an_amount_between_two_is_rounded_once_on_both_sides() -> None:
    # 225.4996 million won: the map holds 0.22550 bn, from which 226 million follow.
    fact = Fact("cost.part", {"name": ("as is", "x"), "money": ("money", 0.2254996)})
    held = plain_fact(fact)[1]["money"][1]
    assert say(fact, "en", Names()) == f"x {money(held, 'en')}" == "x KRW 226 m"


def test_a_fact_without_a_name_is_said_by_its_word() -> None:
    fact = Fact("cost.part", {"name": ("text", "cost.own_part"), "money": ("signed", -0.5)})
    assert say(fact, "en", Names()) == "own_part −KRW 500 m"
    assert say(fact, "ko", Names()) == "own_part −5억 원"
