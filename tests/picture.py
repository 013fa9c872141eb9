"""Take the picture of the README: the map in Korean with the card of the first site open.

``python -m tests.picture runs/national-2035/map.html docs/map-national-2035.png``
"""

import sys
from pathlib import Path

from tests.browser import Tab, missing, started

SIZE = (1400, 900)
PAINTED_MS = 1000
"""The map has slid into place and its canvases are painted; nothing in the page tells of it."""


def picture(page, out):
    """Write the picture of a map file."""
    with started() as chromium:
        tab = Tab(chromium)
        tab.resize(*SIZE)
        tab.open(page.resolve().as_uri())
        tab.run("siteopt.open(siteopt.chosen[0], false), 0")
        box = "document.querySelector('.leaflet-popup').getBoundingClientRect()"
        tab.wait(f"{box}.top >= document.querySelector('#top').getBoundingClientRect().bottom")
        tab.page.wait_for_timeout(PAINTED_MS)
        tab.page.screenshot(path=out)
        tab.close()


if __name__ == "__main__":
    if missing() is not None:
        raise SystemExit(f"{missing()} on this machine")
    picture(Path(sys.argv[1]), Path(sys.argv[2]))
