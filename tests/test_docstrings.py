"""Docstrings of modules: short noun phrases, and the standard terms of the field."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "siteopt"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 100
"""Characters of a first line."""

NO_NOUN = re.compile(
    r"(?:what|whether|how|which|where|when|who|why|in how many|from .+ to|further|other plans)\b"
    r"|.*\b(?:asked|told|says|said|stands|lies)\b",
    re.IGNORECASE,
)
"""Beginnings of a question, and verbs that stand in for the field's noun."""

TERMS = (
    "column generation", "Dantzig-Wolfe", "Lagrangian", "warm start", "IIS", "branch and cut",
    "kernel search", "MGA", "epsilon-constraint", "shadow price", "marginal value", "Benders",
    "lazy constraint", "cut pool", "lexicographic", "optimality gap", "restricted master",
    "local search", "near-optimal", "Pareto", "PTDF", "LODF", "SCOPF", "Dijkstra",
    "hosting capacity", "economic dispatch",
)  # fmt: skip
"""Standard names of what the package does."""


def first_line(path):
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]


def is_noun_phrase(line):
    return bool(line) and not NO_NOUN.match(line)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_begins_with_the_name_of_its_thing(path):
    line = first_line(path)
    assert is_noun_phrase(line), line
    assert len(line) <= LONGEST
    assert line.endswith(".")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "What is said of a plan besides itself and its ranking.",
        "Whether a scenario reads as it is written.",
        "How far the chosen sites hang on single assumptions.",
        "In how many of the plans close to the best cost a site is.",
        "From eligible land to candidate sites with stable ids.",
        "The layers that a stage asked for.",
    ],
)
def test_a_question_is_no_name(line):
    assert not is_noun_phrase(line)


@pytest.fixture(scope="module")
def text():
    """All docstrings and comments of the package, each run of white space one space."""
    whole = " ".join(path.read_text(encoding="utf-8") for path in MODULES)
    return re.sub(r"[\s#]+", " ", whole)


@pytest.mark.parametrize("term", TERMS)
def test_the_package_bears_the_terms_of_the_field(text, term):
    stem = term.removesuffix("y")
    pattern = re.escape(stem).replace(r"\ ", "[ -]").replace(r"\-", "[ -]")
    flags = 0 if term.isupper() else re.IGNORECASE
    assert re.search(rf"\b{pattern}", text, flags)
