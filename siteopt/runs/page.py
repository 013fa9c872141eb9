"""HTML page that a notebook shows in a frame of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from siteopt._files import write_whole
from siteopt._notebook import framed

__all__ = ["Page"]

_FRAME_PX: Final = 720
"""Height of a page in a notebook."""


class Page:
    """An HTML page that a notebook shows; it needs no network.

    Attributes
    ----------
    html : str
        The whole page.
    """

    def __init__(self, content: str) -> None:
        self.html = content

    def write(self, path: Path | str) -> Path:
        """Write the page to a file, whole or not at all; return where."""
        file = Path(path)
        write_whole(file, self.html.encode())
        return file

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, as notebooks show it."""
        return framed(self.html, _FRAME_PX)
