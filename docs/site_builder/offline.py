"""What pages would load from the network when they are opened: nothing is right."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

__all__ = ["remote_loads"]

_REMOTE: Final = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
_IN_CSS: Final = re.compile(
    r"""(?:url\(\s*|@import\s+)["']?\s*(?P<address>(?:https?:)?//[^"')\s;]+)""", re.IGNORECASE
)
_IN_SCRIPT: Final = re.compile(
    r"""(?:fetch|import|importScripts|Worker|\.src\s*=|\.open)\s*\(?\s*(?:["']GET["']\s*,\s*)?"""
    r"""["'](?P<address>(?:https?:)?//[^"']+)["']""",
    re.IGNORECASE,
)
_LOADING: Final = {"src", "srcset", "data", "poster", "background", "xlink:href"}
_LOADING_LINKS: Final = {
    "stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect",
    "dns-prefetch", "manifest", "apple-touch-icon", "mask-icon",
}  # fmt: skip


class _Loads(HTMLParser):
    """Collects the remote addresses that a page loads by itself; links to follow are no loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside = tag
        loaded = [value for name, value in given.items() if name in _LOADING]
        if tag in {"image", "use"}:
            loaded.append(given.get("href", ""))
        if tag == "link" and _LOADING_LINKS & set(given.get("rel", "").lower().split()):
            loaded.append(given.get("href", ""))
        self.found += [value for value in loaded if _REMOTE.match(value)]
        self.found += _addresses(_IN_CSS, given.get("style", ""))

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.found += _addresses(_IN_CSS, data)
        elif self._inside == "script":
            self.found += _addresses(_IN_SCRIPT, data)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""


def _addresses(pattern: re.Pattern[str], text: str) -> list[str]:
    return [found["address"] for found in pattern.finditer(text)]


def _of_file(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        return _addresses(_IN_CSS, text)
    if path.suffix == ".js":
        return _addresses(_IN_SCRIPT, text)
    page = _Loads()
    page.feed(text)
    return page.found


def remote_loads(folder: Path) -> list[str]:
    """Return a line for every address that a file below a folder would load from the network.

    Links that a reader may follow are not loads. Pages, style sheets and scripts are read.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".html", ".css", ".js"})
    return [
        f"{path.relative_to(folder)}: {address}" for path in files for address in _of_file(path)
    ]


if __name__ == "__main__":
    lines = remote_loads(Path(sys.argv[1]))
    sys.exit("\n".join(lines) if lines else 0)
