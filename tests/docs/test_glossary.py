"""The glossary: one meaning a word, in two languages, with places that are there."""

import re
from pathlib import Path

import pytest

from siteopt.scenario import Scenario

PAGE = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| English")
]


def test_every_term_has_both_languages_a_meaning_and_a_place():
    assert len(ROWS) >= 60
    for english, korean, meaning, meaning_ko, where in ROWS:
        assert re.search("[가-힣]", korean), english
        assert re.search("[A-Za-z]", meaning), english
        assert not re.search("[가-힣]", meaning), english
        assert re.search("[가-힣]", meaning_ko), english
        assert where


@pytest.mark.parametrize(
    "column", [0, 1, 2, 3], ids=["English", "Korean", "meaning", "meaning in Korean"]
)
def test_a_term_and_its_meaning_stand_once(column):
    words = [row[column] for row in ROWS]
    assert len(words) == len(set(words))


def test_keys_of_a_scenario_are_there():
    named = re.findall(r"`\[+([a-z_.]+)\]+`|`((?:grid|candidates|alternatives)\.[a-z_]+)`", PAGE)
    keys = {first or second for first, second in named}
    assert {"screening.exclusions", "alternatives", "grid.security"} <= keys
    for key in keys:
        model = Scenario
        for part in key.split("."):
            assert part in model.model_fields, key
            model = model.model_fields[part].annotation
