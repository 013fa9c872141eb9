"""The answer in three sentences: figures of a run, the same in both languages and both READMEs."""

import csv
import json
import re

import pytest

from tests.docs.conftest import ROOT

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def answer(site_builder):
    """Return the module that tells the answer."""
    return site_builder("answer")


@pytest.fixture(scope="module")
def figures(answer):
    """Return the figures that the pages tell."""
    return json.loads(answer.FIGURES.read_text(encoding="utf-8"))


def write_csv(path, rows):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path):
    """Return a run of two candidates, one of them chosen."""
    target = {"it_mw": 100.0, "year": 2030}
    scenario = {"name": "small", "target": target, "solver": {"gap": 1e-4}}
    record = {"scenario": scenario, "status": "optimal"}
    certainty = {
        "draws": 8,
        "robust_share_pct": 75.0,
        "robust": {"site": ["A"], "district": ["46110"], "province": ["46"]},
        "committed_mean_bn_krw": 1.5,
        "committed_p95_bn_krw": 4.0,
    }
    names = {"provinces": {"46": ["전라남도", "Jeonnam"]}}
    plan = {"cost_bn_krw": 3000.0, "certainty": certainty, "names": names}
    risk = [{"figure": "best_plan", "p5": 2500.0, "p95": 3500.0}]
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "portfolio.json").write_text(json.dumps(plan), encoding="utf-8")
    told = json.dumps({"value_at_risk_bn_krw": risk})
    (tmp_path / "robustness.json").write_text(told, encoding="utf-8")
    site = {"name_ko": "목포시 A", "name_en": "Mokpo-si A", "it_mw": "100", "rank": "1"}
    other = {"site_id": "B", "chosen": "False", "name_ko": "B", "name_en": "B", "it_mw": ""}
    rows = [{"site_id": "A", "chosen": "True", **site}, {**other, "rank": "2"}]
    write_csv(tmp_path / "ranking.csv", rows)
    places = [{"level": "province", "place": "46", "share_pct": "87.5"}]
    write_csv(tmp_path / "robustness_places.csv", places)
    return tmp_path


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_readme_has_the_sentences(answer, language):
    page = answer.READMES[language].read_text(encoding="utf-8")
    told = answer.answer_text(language)
    assert told in page
    assert answer.with_answer(page, told) == page


def test_both_readmes_have_the_same_two_commands(answer):
    english, korean = (
        re.findall(r"^make \w+(?=    #|   #|  #)", page.read_text(encoding="utf-8"), re.MULTILINE)
        for page in answer.READMES.values()
    )
    assert english == korean == ["make run", "make test"]


def test_both_languages_tell_the_same_shares_and_counts(answer, figures):
    english, korean = (answer.answer_text(language) for language in ("en", "ko"))
    shares = [
        set(re.findall(r"([\d.]+) ?%", text.replace("0.0001", ""))) for text in (english, korean)
    ]
    assert shares[0] == shares[1]
    for count in (figures["candidates"], len(figures["places"]), figures["draws"]):
        assert f"{count:,}" in NUMBER.findall(english)
        assert f"{count:,}" in NUMBER.findall(korean)


def test_figures_are_those_of_the_run(answer, folder):
    found = answer.figures_of(folder)
    assert found["candidates"] == 2
    assert found["places"] == [["목포시", "Mokpo-si", 100.0]]
    assert found["robust_provinces"] == [["전라남도", "Jeonnam", 87.5]]
    assert found["cost_range_bn_krw"] == [2500.0, 3500.0]
    english, korean = (answer.answer_text(language, found) for language in ("en", "ko"))
    assert "1 single site stays in 75 % of the plans" in english
    assert "3,000 bn KRW, present value" in english
    assert "(0.05 %)" in english
    assert "3조 원" in korean
    assert "개별 입지는 1곳" in korean
    assert "15억 원(0.05%)" in korean


def test_a_run_that_was_stopped_or_has_nothing_robust_says_so(answer, folder):
    found = answer.figures_of(folder) | {
        "status": "feasible", "robust_sites": 0, "robust_provinces": [],
    }  # fmt: skip
    english, korean = (answer.answer_text(language, found) for language in ("en", "ko"))
    assert "a better plan may exist" in english
    assert "no single site stays" in english
    assert "of the provinces none does" in english
    assert "계산시간 제한" in korean
    assert "개별 입지는 없습니다" in korean
    assert "시·도 단위로도 없습니다" in korean


def test_a_run_without_draws_is_refused(answer, folder):
    plan = json.loads((folder / "portfolio.json").read_text(encoding="utf-8"))
    del plan["certainty"]
    (folder / "portfolio.json").write_text(json.dumps(plan), encoding="utf-8")
    with pytest.raises(ValueError, match="no draws"):
        answer.figures_of(folder)


@pytest.mark.parametrize("page", ["no marks", "<!-- answer -->\n<!-- end of answer -->\n" * 2])
def test_a_page_without_one_place_for_it_is_refused(answer, page):
    with pytest.raises(ValueError, match="there must be one"):
        answer.with_answer(page, "- said\n")


def test_the_figures_are_those_of_the_ready_scenario(figures):
    assert figures["scenario"] == "national-2035"
    assert (ROOT / "data" / "scenarios" / "national-2035.toml").is_file()
