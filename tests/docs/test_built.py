"""The documentation as it is built: without a warning, and whole in a browser without a network."""

import subprocess
import sys

import pytest

from tests.docs.conftest import ROOT


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the folder of the pages, built as `make docs` does."""
    out = tmp_path_factory.mktemp("documentation")
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "sphinx", "-E", "-W", "--keep-going", "-q", "-d", out / "doctrees",
         "-b", "html", ROOT / "docs", out / "html"],
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return out / "html"


@pytest.fixture
def page(browser):
    return browser.page()


def opened(page, path, query=""):
    page.page.goto(path.as_uri() + query)


def test_every_page_is_reached_from_the_first(built):
    first = (built / "index.html").read_text(encoding="utf-8")
    pages = {str(path.relative_to(built)) for path in built.rglob("*.html")}
    for name in pages - {"index.html", "search.html", "genindex.html", "py-modindex.html"}:
        assert f'href="{name}"' in first, name


@pytest.mark.browser
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("headroom", "Bring your own data"),
        ("overlap", "Read the ranking"),
        ("여유용량", "한국어 안내"),
        ("개발제한구역", "자주 묻는 질문"),
    ],
)
def test_search_works_from_a_folder_without_a_network(built, page, words, found):
    opened(page, built / "search.html", f"?q={words}")
    page.wait("document.querySelectorAll('#search-results ul.search li').length > 0")
    results = "document.querySelector('#search-results').innerText"
    page.wait(f"{results}.includes('{found}')")  # results come one by one
    assert found in page.run(results)


@pytest.mark.browser
@pytest.mark.parametrize(
    "name",
    [
        "index.html", "data.html", "api.html", "how-to/ranking.html", "gallery.html",
        "tutorial.html", "glossary.html", "ko/map.html", "ko/faq.html",
    ],
)  # fmt: skip
def test_pages_load_nothing_and_fit_a_narrow_window(built, page, name):
    page.resize(480, 800)
    opened(page, built / name)
    assert page.run("document.documentElement.scrollWidth <= innerWidth + 1")
