"""Style of the static pictures: fonts, colours for all eyes, and the same bytes every time."""

from __future__ import annotations

import io
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from siteopt.report.fonts import FAMILY, font_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes


__all__ = [
    "COLOURS", "HATCHES", "axes_of", "figure_of", "label", "picture", "say_nothing", "styled",
]  # fmt: skip

COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999")
"""Seven colours that the colour-blind tell apart (Okabe and Ito 2008), the last for the rest."""
HATCHES: Final = ("", "///", "...", "xx", "", "\\\\\\", "")
"""Hatches beside them, for prints in grey."""

_DPI: Final = 100
_LONGEST: Final = 28


@cache
def _families() -> list[str]:
    """Return the families of pictures: one with Hangul that comes with siteopt, on any machine.

    What else is installed is not asked for: matplotlib's list of fonts may be older than they.
    """
    for file in font_files():
        font_manager.fontManager.addfont(file)
    return [FAMILY, "DejaVu Sans"]


@contextmanager
def styled() -> Iterator[None]:
    """Draw in our fonts and sizes, whatever the notebook has set."""
    settings: dict[str, Any] = {
        key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")
    }
    settings |= {"font.family": _families(), "axes.unicode_minus": False, "hatch.linewidth": 0.4}
    settings["text.parse_math"] = False  # a dollar sign in a name begins no formula
    with mpl.rc_context(cast("Any", settings)):
        yield


def axes_of(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Return the axes given, or those of a new figure, which no window and no pyplot holds.

    Parameters
    ----------
    ax : Axes, optional
        Where the caller wants the picture.
    size : tuple of float
        Width and height of a new figure in inches.
    """
    if ax is not None:
        return ax
    figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure.subplots()


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure of axes.

    Parameters
    ----------
    ax : Axes
        Of a figure, or of a part of one.
    """
    return cast("Figure", ax.get_figure(root=True))


def picture(ax: Axes) -> bytes:
    """Return the figure of axes as a PNG: the same drawing gives the same bytes.

    Parameters
    ----------
    ax : Axes
        Of a figure of `axes_of`.
    """
    out = io.BytesIO()
    with styled():
        figure_of(ax).savefig(out, format="png", dpi=_DPI, metadata={"Software": None})
    return out.getvalue()


def label(words: object, longest: int = _LONGEST) -> str:
    """Return words of a scenario or a layer as they can stand in a picture: one line, not long.

    Parameters
    ----------
    words : object
        Such as the name of a site.
    longest : int
        Most signs that are drawn.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in str(words)).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def say_nothing(ax: Axes, words: Sequence[str]) -> Axes:
    """Return axes that say in words why there is no picture.

    Parameters
    ----------
    ax : Axes
        Where it would be.
    words : sequence of str
        Lines.
    """
    ax.set_axis_off()
    ax.text(0.5, 0.5, "\n".join(words), ha="center", va="center", transform=ax.transAxes)
    return ax
