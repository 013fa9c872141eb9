"""What the documentation needs beside Sphinx: pages made from data, formulas, a check of links.

Pages are written in Markdown. A comment line such as ``<!-- made: layers -->`` stands for text
that is made from the catalogue, the models of a scenario or the README, so that it cannot say
something else than they do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import ExtensionError

from site_builder.made_text import with_made_text
from site_builder.mathml import add_formulas
from site_builder.offline import remote_loads

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]


def _made_text(_app: Sphinx, page: str, source: list[str]) -> None:
    try:
        source[0] = with_made_text(source[0])
    except (KeyError, ValueError) as error:
        raise ExtensionError(f"{page}: {error}") from error


def _offline(app: Sphinx, error: Exception | None) -> None:
    """Fail where a page would load something from the network."""
    if error is not None or app.builder.format != "html":
        return
    found = remote_loads(Path(app.outdir))
    if found:
        raise ExtensionError("pages that load from the network: " + "; ".join(found))


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx about all of it."""
    app.connect("source-read", _made_text)
    app.connect("build-finished", _offline)
    add_formulas(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
