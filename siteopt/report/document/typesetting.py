"""Typesetting of a report by Typst into a tagged PDF (PDF/UA-1)."""

from __future__ import annotations

import json
import re
import shutil
import warnings
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import typst

from siteopt._temporary import temporary_folder
from siteopt.report.fonts import font_files, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["typeset"]

_TEMPLATE: Final = "report.typ"
_LONG_WORD: Final = re.compile(r"(\S{60})\S{140,}")
"""No word has so many letters, but a name of a stranger may fill pages with one."""


def typeset(content: dict[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """Return a report as PDF; the same content gives the same bytes.

    Parameters
    ----------
    content : dict
        ``lang``, ``region``, ``title``, ``overline``, ``keywords``, ``foot`` and ``sections``
        (``title``, ``new_page``, ``blocks``, see `siteopt.report.document.blocks`).
    pictures : mapping of str to bytes
        SVG by the name that figures have.
    """
    with temporary_folder() as folder:
        (folder / "pictures").mkdir()
        (folder / "fonts").mkdir()
        for name, picture in pictures.items():
            (folder / "pictures" / f"{name}.svg").write_bytes(picture)
        for font in font_files():  # the carrier has two more faces, one of which is as bold
            shutil.copyfile(font, folder / "fonts" / font.name)
        told = json.dumps(_printable(content), ensure_ascii=False, allow_nan=False)
        (folder / "content.json").write_text(told, encoding="utf-8")
        template = folder / _TEMPLATE
        source = files("siteopt.report.document").joinpath(_TEMPLATE).read_text(encoding="utf-8")
        template.write_text(source, encoding="utf-8")
        with warnings.catch_warnings():
            # a warning of Typst is one of layout, and what it says is in tests of the template
            warnings.simplefilter("ignore", typst.TypstWarning)
            return bytes(
                typst.compile(
                    str(template), root=str(folder), font_paths=[str(folder / "fonts")],
                    ignore_system_fonts=True, pdf_standards=["ua-1"],
                )
            )  # fmt: skip


def _printable(value: Any) -> Any:  # noqa: ANN401 - whatever JSON has
    """Return content in which every sign has a glyph, and no word more than a few lines."""
    if isinstance(value, str):
        return _LONG_WORD.sub(r"\1…", printable(value))
    if isinstance(value, dict):
        return {name: _printable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return value
