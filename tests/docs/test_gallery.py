"""The gallery: a picture of every tab of the page, and a row on the Korean page of the map."""

import json
import re

import pytest

from siteopt.report.texts import text, texts
from tests.docs.conftest import ROOT

GALLERY = ROOT / "docs" / "gallery"
MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def tabs():
    """Return the names of the tabs when the pictures were taken."""
    return json.loads((GALLERY / "pictures.json").read_text(encoding="utf-8"))["tabs"]


def test_every_tab_has_its_picture_and_title(site_builder, tabs):
    told = site_builder("made_text").gallery_text()
    for name in tabs:
        assert f"(gallery/tab-{name}.webp)" in told
        assert f"*{text(f'tab.{name}', 'en')} ({text(f'tab.{name}', 'ko')})*" in told
        assert (GALLERY / f"tab-{name}.webp").is_file()
    assert told.count(":::{container}") == len(tabs) + 1


def test_the_korean_page_of_the_map_tells_of_every_tab(pages):
    known = {key: said["ko"] for key, said in texts().items() if key.startswith("tab.")}
    rows = re.findall(r"^\| ([^|]+?) \|", pages["docs/ko/map.md"], flags=re.MULTILINE)
    assert len(known) > 8
    assert set(known.values()) <= set(rows)


def test_every_picture_is_on_a_page(pages):
    shown = {
        found
        for text in pages.values()
        for found in re.findall(r"(?:gallery|tutorial)/([\w-]+\.webp)", text)
    }
    for folder in ("gallery", "tutorial"):
        for picture in (ROOT / "docs" / folder).glob("*.webp"):
            assert picture.name in shown or picture.name.startswith("tab-"), picture.name


def test_pictures_stay_small():
    pictures = [*ROOT.glob("docs/*.png"), *ROOT.glob("docs/*/*.webp"), *ROOT.glob("docs/*/*.png")]
    assert len(pictures) > 10
    assert sum(picture.stat().st_size for picture in pictures) < MOST_BYTES
