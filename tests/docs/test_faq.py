"""The questions people ask: the same in both languages, with figures that stand elsewhere."""

import re

import pytest

QUESTION = re.compile(r"^### (?P<number>\d+)\. (?P<asked>.+)$", re.MULTILINE)
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e-\d+)?")
LINK = re.compile(r"\]\([^)]*\)|`[^`]*`")


@pytest.fixture(scope="module")
def faq(pages):
    """Return the questions and answers by language, marks and code apart."""
    return {"en": pages["docs/faq.md"], "ko": pages["docs/ko/faq.md"]}


def answers(page):
    """Return the answer to each question by its number."""
    parts = re.split(r"^##+ ", page, flags=re.MULTILINE)
    numbered = (re.match(r"(\d+)\. ", part) for part in parts)
    return {int(found[1]): found.string for found in numbered if found}


def figures(answer):
    """Return the figures of an answer, its number aside."""
    text = LINK.sub("", re.sub(r"^\d+\. ", "", answer))
    return {found.rstrip(",.") for found in FIGURE.findall(text)}


def test_there_are_twenty_and_more_in_both_languages(faq):
    numbers = {
        language: [int(one["number"]) for one in QUESTION.finditer(page)]
        for language, page in faq.items()
    }
    assert numbers["en"] == list(range(1, len(numbers["en"]) + 1))
    assert numbers["ko"] == numbers["en"]
    assert len(numbers["en"]) >= 20
    for language, page in faq.items():
        asked = [one["asked"] for one in QUESTION.finditer(page)]
        assert all(bool(re.search("[가-힣]", one)) == (language == "ko") for one in asked)
        assert all(one.endswith("?") for one in asked if language == "ko")


def test_both_languages_tell_the_same_figures(faq):
    english, korean = answers(faq["en"]), answers(faq["ko"])
    for number, answer in english.items():
        assert figures(answer) == figures(korean[number]), number


def test_every_figure_stands_on_another_page(faq, pages):
    others = " ".join(text for name, text in pages.items() if "faq" not in name)
    known = set(FIGURE.findall(others)) | {found.rstrip(",.") for found in FIGURE.findall(others)}
    for number, answer in answers(faq["en"]).items():
        assert figures(answer) <= known, number


def test_korean_percentages_stand_close(pages):
    for name, text in pages.items():
        if name.startswith("docs/ko") or name == "README.ko.md":
            plain = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
            assert not re.search(r"\d %", plain), name
