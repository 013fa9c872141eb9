"""Pictures of a run for README and gallery, each of a fixed size: ``make gallery`` takes them.

``python -m tests.picture RUN_FOLDER`` writes ``docs/map-national-2035.png`` (the map with the card
of the first site open) and ``docs/gallery/*.webp``: the page as it opens in both languages, the
page on a telephone, every tab that the page has, and the preview of a study. Tabs are those of the
page, so that a new one is in the gallery when the pictures are next taken.
"""

import io
import json
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

import siteopt
from tests.browser import Tab, missing, started

DOCS = Path(__file__).parents[1] / "docs"
README_PICTURE = DOCS / "map-national-2035.png"
GALLERY = DOCS / "gallery"
SIZE = (1400, 900)
TELEPHONE = (390, 844)
PREVIEW = (1100, 660)
PAINTED_MS = 1000
"""The map has slid into place and its canvases are painted; nothing in the page tells of it."""
COLOURS = 256
QUALITY = 80


def pictures(folder):
    """Write all pictures of a run folder."""
    shutil.rmtree(GALLERY, ignore_errors=True)
    GALLERY.mkdir()
    page = (folder / "map.html").resolve().as_uri()
    with started() as chromium:
        tab = Tab(chromium)
        tab.resize(*SIZE)
        tab.open(page)
        keep(tab, "start-ko")
        close_hints(tab)
        tabs = named_tabs(tab)
        for name in tabs:
            tab.run(f"siteopt.showTab({json.dumps(name)}), 0")
            keep(tab, f"tab-{name}", tab.page.locator("#panel"))
        tab.run(f"siteopt.showTab({json.dumps(tabs[0])}), 0")
        card(tab)
        shot(tab).quantize(COLOURS, dither=Image.Dither.NONE).save(README_PICTURE, optimize=True)
        tab.open(page)
        close_hints(tab)
        tab.page.click("#language")
        keep(tab, "start-en")
        tab.resize(*TELEPHONE)
        tab.open(page)
        close_hints(tab)
        keep(tab, "telephone-ko")
        tab.resize(*PREVIEW)
        preview(tab, siteopt.open_run(folder).record["scenario"]["name"])
        tab.close()
    told = json.dumps({"tabs": tabs}, ensure_ascii=False, indent=1)
    (GALLERY / "pictures.json").write_text(told + "\n", encoding="utf-8", newline="\n")


def named_tabs(tab):
    """Return the names of the tabs of an open page."""
    found = tab.run("[...document.querySelectorAll('[role=tab]')].map((one) => one.id)")
    return [name.removeprefix("tab-") for name in found]


def close_hints(tab):
    """Close the hints of a first visit, which only the first picture shows."""
    tab.run("[...document.querySelectorAll('#first-hints button')].at(-1)?.click(), 0")


def card(tab):
    """Open the card of the first chosen site, and wait until all of it is in view."""
    tab.run("siteopt.open(siteopt.chosen[0], false), 0")
    box = "document.querySelector('.leaflet-popup').getBoundingClientRect()"
    tab.wait(f"{box}.top >= document.querySelector('#top').getBoundingClientRect().bottom")


def preview(tab, scenario):
    """Take the picture of suitability by site that a notebook shows before there is a plan."""
    with tempfile.TemporaryDirectory() as home:
        made = siteopt.Study(scenario).preview().write(Path(home) / "preview.html")
        tab.page.goto(made.as_uri())
        keep(tab, "preview")


def shot(tab, part=None):
    """Return a picture of the window or a part of it."""
    tab.page.wait_for_timeout(PAINTED_MS)
    return Image.open(io.BytesIO((part or tab.page).screenshot())).convert("RGB")


def keep(tab, name, part=None):
    """Write a picture into the gallery."""
    shot(tab, part).save(GALLERY / f"{name}.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    if missing() is not None:
        raise SystemExit(f"{missing()} on this machine")
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tests.picture RUN_FOLDER")
    pictures(Path(sys.argv[1]))
