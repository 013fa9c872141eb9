"""Notebooks in git: no outputs, no traces of a machine, both languages, public names only."""

import ast
import importlib
import importlib.util
import json
import re
from pathlib import Path

import pytest

import siteopt

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
HANGUL = re.compile(r"[가-힣]")
PATHS = re.compile(r"(?:^|[\s\"'(])(?:/[a-z]\w+/|[A-Z]:\\|~/)|file://|https?://")
HEADING = re.compile(r"^#+ (?P<heading>.+)$", re.MULTILINE)

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def strip():
    spec = importlib.util.spec_from_file_location("strip", FOLDER / "strip.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.stripped


def cells(path, kind):
    content = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == kind]


def trees(path):
    """Return the parsed code cells of a notebook."""
    return [ast.parse(code) for code in cells(path, "code")]


def test_there_are_seven_numbered_notebooks():
    assert [path.name[:3] for path in NOTEBOOKS] == [f"0{number}-" for number in range(1, 8)]


@each
def test_a_notebook_is_stripped(path, strip):
    text = path.read_bytes().decode()
    assert strip(text) == text, "run `make format`"


def test_stripping_takes_away_what_running_and_editors_leave(strip):
    code = {
        "cell_type": "code",
        "id": "sum",
        "execution_count": 3,
        "metadata": {"collapsed": True},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": ["/home/someone\n"]}],
        "source": "1 +\\\n1",
    }
    notebook = {
        "cells": [code],
        "metadata": {"language_info": {"name": "python", "version": "3.12.1"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = strip(json.dumps(notebook))
    assert "someone" not in text
    assert "3.12" not in text
    assert strip(text) == text
    cell = json.loads(text)["cells"][0]
    assert cell == {
        "cell_type": "code",
        "id": "sum",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": ["1 +\\\n", "1"],
    }


@each
def test_cells_have_names_that_stay(path):
    ids = [cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z][a-z-]*", name) for name in ids), ids


@each
def test_nothing_tells_of_a_machine_or_needs_a_network(path):
    for text in [*cells(path, "code"), *cells(path, "markdown")]:
        assert not PATHS.search(text), text


@each
def test_headings_and_texts_are_in_both_languages(path):
    texts = cells(path, "markdown")
    headings = [found["heading"] for text in texts for found in HEADING.finditer(text)]
    assert headings
    for heading in headings:
        korean, _, english = heading.partition(" / ")
        assert HANGUL.search(korean), heading
        assert english, heading
        assert not HANGUL.search(english), heading
    for text in texts:
        said = [part for part in text.split("\n\n") if not part.startswith("#")]
        if said:
            assert HANGUL.search(said[0]), text
            assert not HANGUL.search(said[-1]), text


@each
def test_every_notebook_asserts_what_it_says(path):
    found = [node for tree in trees(path) for node in ast.walk(tree)]
    assert sum(isinstance(node, ast.Assert) for node in found) >= 5


@each
def test_only_public_names_of_siteopt_are_used(path):
    for tree in trees(path):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("siteopt"):
                assert node.module in {"siteopt", "siteopt.layers"}
                public = importlib.import_module(node.module).__all__
                assert {name.name for name in node.names} <= set(public)
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("_"), node.attr
                if isinstance(node.value, ast.Name) and node.value.id == "siteopt":
                    assert node.attr in siteopt.__all__


def test_the_page_of_the_documentation_lists_every_notebook():
    page = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
    named = re.findall(r"notebooks/(\d\d-[\w-]+\.ipynb)", page)
    assert named == [path.name for path in NOTEBOOKS]
    for path in NOTEBOOKS:
        title = HEADING.search(cells(path, "markdown")[0])["heading"]
        korean, _, english = title.partition(" / ")
        assert re.sub(r"^\d\. ", "", korean) in page
        assert english in page
