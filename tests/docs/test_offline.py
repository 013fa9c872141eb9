"""Built pages load nothing from the network, and formulas are drawn without a script."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from tests.docs.conftest import ROOT

MATHML = "{http://www.w3.org/1998/Math/MathML}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", '<script src="https://cdn.example/x.js"></script>'),
        ("a.html", '<link rel="stylesheet" href="//fonts.example/css">'),
        ("a.html", '<link href="https://x.example" rel="preconnect">'),
        ("a.html", '<img src="http://x.example/a.png" alt="">'),
        ("a.html", '<p style="background: url(https://x.example/a.png)">'),
        ("a.html", '<style>@import "https://x.example/a.css";</style>'),
        ("a.html", '<script>fetch("https://x.example/a.json")</script>'),
        ("a.css", '@font-face { src: url("https://fonts.example/a.woff2"); }'),
        ("a.js", 'importScripts("//x.example/a.js")'),
    ],
)
def test_what_would_be_loaded_is_found(site_builder, tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert len(site_builder("offline").remote_loads(tmp_path)) == 1


@pytest.mark.parametrize(
    "content",
    [
        '<a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a>',
        '<img src="_images/map.png" alt="">',
        '<link rel="canonical" href="https://siteopt.example/">',
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        "<p>see https://x.example/a.js</p>",
    ],
)
def test_links_to_follow_and_own_files_are_no_loads(site_builder, tmp_path, content):
    (tmp_path / "a.html").write_text(content)
    assert site_builder("offline").remote_loads(tmp_path) == []


@pytest.mark.parametrize(
    ("tex", "signs"),
    [
        (r"\sum_{o} (f_o y_o + e_o b\, n_o)", "∑fyebno"),
        (r"m_o y_o \le n_o \le M_o y_o", "≤mMny"),
        (r"\min_{x \in X} \max(0, c^\top x)", "∈minmax"),
        (r"\frac{1 - (1 + r)^{-n}}{r}", "1r−n"),
        (r"\underline{v}_i \leq \text{value}_i \forall i", "≤value∀"),
    ],
)
def test_a_formula_becomes_mathml(site_builder, tex, signs):
    for own_line in (False, True):
        made = site_builder("mathml").as_mathml(tex, own_line=own_line)
        tree = ET.fromstring(made)  # noqa: S314 - made here
        assert tree.tag in {MATHML + "math", "math"}
        text = "".join(tree.itertext())
        assert set(signs) <= set(text.replace("-", "−"))


def test_braces_of_a_set_do_not_grow(site_builder):
    made = site_builder("mathml").as_mathml(r"y \in \{0, 1\}", own_line=False)
    assert made.count('<mo stretchy="false">') == 2
    grown = site_builder("mathml").as_mathml(r"\left\{\frac{1}{2}\right\}", own_line=False)
    assert 'stretchy="false"' not in grown


def test_a_formula_that_cannot_be_read_is_an_error(site_builder):
    with pytest.raises(ValueError, match="cannot be read"):
        site_builder("mathml").as_mathml(r"\nosuchthing{x}", own_line=True)


def test_the_number_of_a_formula_is_apart(site_builder):
    assert site_builder("mathml").split_number(r"x \le 1 \tag{3}") == (r"x \le 1 ", "3")
    assert site_builder("mathml").split_number("x") == ("x", "")


CONF = f"""
import sys
sys.path[:0] = [{str(ROOT / "docs")!r}, {str(ROOT)!r}]
extensions = ["myst_parser", "site_builder"]
myst_enable_extensions = ["dollarmath"]
html_theme = "basic"
"""


def build(folder, page, extra=""):
    (folder / "conf.py").write_text(CONF + extra, encoding="utf-8")
    (folder / "index.md").write_text(page, encoding="utf-8")
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", folder, folder / "out"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_pages_with_formulas_are_built_without_a_script_for_them(tmp_path):
    done = build(tmp_path, "# Page\n\nHere $x_i$.\n\n$$\n\\sum_i x_i \\le 1 \\tag{8}\n$$\n")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.count("<math") == 2
    assert 'id="equation-8"' in page
    assert "(8)</span>" in page
    assert "mathjax.js" not in page.lower()
    assert "MathJax" not in page


@pytest.mark.parametrize(
    ("page", "extra", "said"),
    [
        ("# Page\n\n$$\n\\nosuch{x}\n$$\n", "", "cannot be read"),
        ("# Page\n", 'html_css_files = ["https://fonts.example/a.css"]', "load from the network"),
    ],
)
def test_a_page_that_is_not_right_stops_the_build(tmp_path, page, extra, said):
    done = build(tmp_path, page, extra)
    assert done.returncode != 0
    assert said in done.stderr
