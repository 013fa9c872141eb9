"""The figure of the algorithm page: as its script draws it, whole in one file, true of the code."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.docs.conftest import ROOT

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def figure(site_builder):
    """Return the module that draws the figure."""
    return site_builder("algorithm_figure")


@pytest.fixture(scope="module")
def drawn():
    """Return the figure as the page has it."""
    return ET.parse(ROOT / "docs" / "algorithm.svg").getroot()  # noqa: S314 - our own file


def test_the_file_is_what_the_script_draws(figure):
    assert figure.FIGURE.read_text(encoding="utf-8") == figure.svg()


def test_every_module_in_it_is_there(figure):
    cited = {name for band in figure.BANDS for box in band.boxes for name in box.modules}
    for name in cited:
        folders = (ROOT / "siteopt", ROOT / "siteopt" / "portfolio")
        assert any((folder / name).is_file() for folder in folders), name
    assert len(cited) > 15


def test_it_is_told_to_those_who_cannot_see_it(drawn, figure):
    assert drawn.get("role") == "img"
    told = [drawn.find(SVG + name) for name in ("title", "desc")]
    assert drawn.get("aria-labelledby").split() == [part.get("id") for part in told]
    for band in figure.BANDS:
        assert band.en in told[1].text
        assert re.search("[가-힣]", band.ko)
        assert all(re.search("[가-힣]", box.ko) for box in band.boxes)


def test_it_needs_no_other_file(drawn):
    assert {part.tag.removeprefix(SVG) for part in drawn.iter()} <= {
        "svg", "title", "desc", "style", "rect", "path", "text",
    }  # fmt: skip
    text = Path(ROOT / "docs" / "algorithm.svg").read_text(encoding="utf-8")
    assert "url(" not in text
    assert re.findall("https?://[^\"']+", text) == ["http://www.w3.org/2000/svg"]


def test_words_stay_in_their_boxes(drawn):
    """Count a sign at its usual width: Korean ones as wide as high, others about half of it."""
    high = dict(re.findall(r"\.(\w+)\{[^}]*?font-size:([\d.]+)px", drawn.find(SVG + "style").text))
    right = float(drawn.get("viewBox").split()[2])
    boxes = [
        [float(box.get(side)) for side in ("x", "y", "width", "height")]
        for box in drawn.iter(SVG + "rect")
        if box.get("stroke")
    ]
    for text in drawn.iter(SVG + "text"):
        share = 0.61 if text.get("class") == "module" else 0.5
        signs = sum(0.92 if "가" <= sign <= "힣" else share for sign in text.text)
        x, y = float(text.get("x")), float(text.get("y"))
        around = [
            left + width
            for left, top, width, height in boxes
            if left <= x <= left + width and top <= y <= top + height
        ]
        limit = around[0] if around else right
        assert x + signs * float(high[text.get("class")]) <= limit, text.text
