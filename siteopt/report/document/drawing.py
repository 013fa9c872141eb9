"""Drawing of pictures as SVG and PNG: lettered by the font of the report, the same bytes each time."""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from siteopt.report.fonts import font_files, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BLUE", "GREEN", "GREY", "INK", "ORANGE", "Picture", "drawing", "pictured"]

INK: Final = "#1b2733"
GREY: Final = "#c5ccd3"
BLUE: Final = "#0b5394"
ORANGE: Final = "#d55e00"
GREEN: Final = "#009e73"
"""Blue, orange and green of Okabe and Ito, which people who are colour-blind tell apart."""

_DPI: Final = 300
_INCH_MM: Final = 25.4
_SALT: Final = "siteopt"
"""Ids in a drawing are hashes; with a salt of their own they are the same each time."""


class Picture(NamedTuple):
    """A picture for the report, and the same for other documents."""

    svg: bytes
    png: bytes


@contextmanager
def drawing(width_mm: float, height_mm: float) -> Iterator[Figure]:
    """Give a figure to draw in, whatever style the user has set."""
    own: dict[Any, Any] = {
        key: value for key, value in mpl.rcParamsDefault.items() if "backend" not in key
    }
    style: dict[Any, Any] = {
        "svg.hashsalt": _SALT, "svg.fonttype": "path", "font.size": 7.0, "axes.linewidth": 0.6,
        "axes.edgecolor": INK, "text.color": INK, "axes.labelcolor": INK, "hatch.linewidth": 0.6,
    }  # fmt: skip
    with mpl.rc_context({**own, **style}):
        yield Figure(figsize=(width_mm / _INCH_MM, height_mm / _INCH_MM), layout="constrained")


def pictured(figure: Figure, *, has_axes: bool = True) -> Picture:
    """Return a figure as a picture, lettered by the font of the report.

    Parameters
    ----------
    figure : Figure
        Made by :func:`drawing`, and still within it.
    has_axes : bool
        Whether it has labels of axes, which are there only once it is drawn; a map has none.
    """
    regular, bold = font_files()
    with warnings.catch_warnings():
        # of the font that letters are not in yet, and of a layout that is tight
        warnings.simplefilter("ignore", UserWarning)
        if has_axes:
            figure.draw_without_rendering()
        for words in figure.findobj(Text):
            _letter(words, bold if words.get_fontweight() == "bold" else regular)
        return Picture(
            _saved(figure, "svg", metadata={"Date": None, "Creator": None}),
            _saved(figure, "png", dpi=_DPI, metadata={"Software": None}),
        )


def _letter(words: Any, font: Any) -> None:  # noqa: ANN401 - of matplotlib, which finds artists of any kind
    """Set a text in the font; names out of data are no formulas."""
    words.set_parse_math(False)
    words.set_text(printable(words.get_text()))
    words.set_fontproperties(FontProperties(fname=str(font), size=words.get_fontsize()))


def _saved(figure: Figure, kind: str, **options: Any) -> bytes:  # noqa: ANN401 - of matplotlib
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, **options)
    return stream.getvalue()
