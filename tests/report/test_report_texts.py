from __future__ import annotations

import re
from importlib.resources import files

import pytest

from siteopt._data import data_folder
from siteopt.costs.discounted import COMPONENTS
from siteopt.criteria import CRITERIA, CRITERION_NAMES
from siteopt.criteria.water import WATERWORKS_STATES
from siteopt.layers.catalogue import read_catalogue
from siteopt.report import LANGUAGES, money, text
from siteopt.report._assets import own_html, own_js
from siteopt.report.texts import page_texts, texts

HANGUL = re.compile(r"[가-힣]")


def test_every_text_is_in_both_languages_with_the_same_places() -> None:
    for key, both in texts().items():
        if key != "comparison.causes.only input":  # needs no words
            assert both["ko"], key
            assert both["en"], key
        places = [sorted(re.findall(r"\{(\w+)\}", both[language])) for language in LANGUAGES]
        assert set(places[0]) == set(places[1]), key
        if key != "page.language":
            assert not HANGUL.search(both["en"]), key


def test_keys_stand_once() -> None:
    table = files("siteopt.report").joinpath("texts.csv").read_text(encoding="utf-8")
    keys = [line.split(",")[0] for line in table.splitlines()[1:]]
    assert len(keys) == len(set(keys))


def test_the_page_asks_only_for_texts_that_are_there_and_for_all_of_them() -> None:
    known = set(page_texts())
    heads = {key.split(".")[0] for key in known}
    literal = {
        word
        for word in re.findall(r"[\"'`]([a-z]+\.[a-z_0-9]+)[\"'`]", own_js() + own_html())
        if word.split(".")[0] in heads
    }
    assert literal <= known
    # Texts that the page names by a word of the data, such as the status of the plan.
    made = ("status.", "tab.", "cost.", "criterion.", "confidence.", "family.", "unit.", "why.",
            "limits.at_", "site.value_", "page.", "level.", "measure.", "measure_unit.",
            "explain.", "station_kind.", "works.", "price.", "same.", "value.", "kind.", "area.",
            "excluded.", "class.", "assumption.", "param_unit.", "grade.", "setting.", "csv.", "onward.", "summary.clean_", "table.state_", "held.", "robustness.", "verdict.", "loss.", "limit.", "gate.", "station.", "rule.", "rule_unit.", "where.",
            "id.", "place.kind_", "state.", "map.", "criterion_unit.", "impact.scoring.", "impact.open", "impact.above", "impact.below", "limits.", "years.", "further.by_",
            "stock.", "technology.", "curve.limit.", "curve.built", "curve.managed", "curve.scarce", "energy.question_", "energy.yes", "energy.partly", "energy.no",
            "energy.hourly", "energy.annual", "energy.import", "energy.excess")  # fmt: skip
    assert {key for key in known - literal if not key.startswith(made)} == set()


def test_components_criteria_and_confidences_have_texts() -> None:
    confidences = {column.confidence for column in CRITERIA.values()}
    keys = [
        *(f"cost.{name}" for name in COMPONENTS),
        *(f"criterion.{name}" for name in CRITERION_NAMES),
        *(f"confidence.{name}" for name in confidences if not name.startswith("see ")),
        *(f"value.waterworks_state.{name}" for name in WATERWORKS_STATES),
    ]
    assert [key for key in keys if not (text(key, "ko") and text(key, "en"))] == []


@pytest.mark.parametrize(
    ("bn_krw", "ko", "en"),
    [
        (107_371.21, "107조 3,712억 원", "KRW 107.37 tn"),
        (1000.0, "1조 원", "KRW 1.00 tn"),
        (999.96, "1조 원", "KRW 1,000.0 bn"),
        (142.549, "1,425억 원", "KRW 142.5 bn"),
        (9.99, "99.9억 원", "KRW 10.0 bn"),
        (1.3951, "14억 원", "KRW 1.4 bn"),
        (0.2832, "2.8억 원", "KRW 283 m"),
        (0.05, "5,000만 원", "KRW 50 m"),
        (0.0, "0원", "KRW 0"),
        (1e-9, "0원", "KRW 0"),
        (-2.5, "-25억 원", "-KRW 2.5 bn"),
    ],
)
def test_money_as_people_say_it(bn_krw: float, ko: str, en: str) -> None:
    assert money(bn_krw, "ko") == ko
    assert money(bn_krw, "en") == en


def test_every_confidence_of_the_catalogue_has_words() -> None:
    said = {entry.confidence for entry in read_catalogue(data_folder())}
    assert {one for one in said if f"confidence.{one}" not in texts()} == set()
