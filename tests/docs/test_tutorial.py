"""The tutorial pages are the notebook: its code and its words, in two languages."""

import json
import re

import pytest

HANGUL = re.compile("[가-힣]")
PYTHON = re.compile(r"^```python\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def tutorial(site_builder):
    """Return the module that makes the pages."""
    return site_builder("tutorial")


@pytest.fixture(scope="module")
def cells(tutorial):
    """Return the cells of the notebook."""
    return json.loads(tutorial.NOTEBOOK.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_has_the_code_and_the_words_of_the_notebook(tutorial, cells, language):
    page = tutorial.PAGES[language].read_text(encoding="utf-8")
    assert PYTHON.findall(page) == tutorial.code_of(cells, language)
    bare, _ = tutorial.page_of([cell | {"outputs": []} for cell in cells], language)
    for part in re.sub(r"```python\n.*?\n```", "", bare, flags=re.DOTALL).split("\n\n"):
        assert part.strip() in page
    assert "```text" in page
    assert f"tutorial-map-{language}.webp" in page


def test_a_page_is_in_its_language(tutorial, cells):
    for language in ("en", "ko"):
        bare, _ = tutorial.page_of([cell | {"outputs": []} for cell in cells], language)
        words = re.sub(r"```.*?```", "", bare, flags=re.DOTALL).split("\n\n")
        for part in (one for one in words if one.strip()):
            assert bool(HANGUL.search(part)) == (language == "ko"), part


def test_each_page_has_its_memo(tutorial):
    for language, sign in (("en", "not a permit"), ("ko", "확정계획이 아님")):
        page = tutorial.PAGES[language].read_text(encoding="utf-8")
        memo = [line for line in page.splitlines() if line.startswith("> ")]
        assert sign in memo[0]
        assert [line[2:4] for line in memo[1:]] == [f"{number}." for number in range(1, len(memo))]
        assert len(memo) >= 6


def test_outputs_become_text_tables_and_pictures(tutorial):
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["said\n"]},
        {"output_type": "stream", "name": "stderr", "text": ["a warning of a library\n"]},
        {
            "output_type": "execute_result",
            "data": {"text/html": "<style scoped>\nx\n</style>\n<table></table>"},
        },
        {"output_type": "display_data", "data": {"image/png": "AAAA"}},
        {"output_type": "execute_result", "data": {"text/plain": ["7"]}},
    ]
    cells = [
        {"cell_type": "markdown", "id": "title", "source": "# 1. 제목 / Title\n\n글\n\nText"},
        {"cell_type": "code", "id": "all", "source": "x", "outputs": outputs},
    ]
    page, pictures = tutorial.page_of(cells, "en")
    assert page.startswith("# Title\n")
    assert "```text\nsaid\n```" in page
    assert "warning" not in page
    assert "<style" not in page
    assert "```{raw} html\n<table></table>\n```" in page
    assert "```text\n7\n```" in page
    assert pictures == {"tutorial-all-en.webp": b"\x00\x00\x00"}
