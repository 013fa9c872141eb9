"""Picture of eligible land, a cell a pixel or coarser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from siteopt.report.plots.style import COLOURS, axes_of, styled
from siteopt.report.texts import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from siteopt.report.texts import Language

__all__ = ["draw_eligibility"]

_PIXELS: Final = 520
"""Most pixels of a side: cells are put together, and count as most of them do."""
_EXCLUDED: Final = "#d0d0c8"


def draw_eligibility(
    eligible: NDArray[np.bool_],
    land: NDArray[np.bool_],
    title: str,
    *,
    language: Language | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Return axes with eligible and excluded land.

    Parameters
    ----------
    eligible, land : ndarray of bool
        Cells, north up.
    title : str
        What stands above.
    language : {'ko', 'en'}, optional
        Korean by default.
    ax : Axes, optional
        Where to draw; a figure of its own by default.
    """
    spoken = language or "ko"
    step = max(1, -(-max(land.shape) // _PIXELS))
    ground, good = _coarse(land, step), _coarse(eligible, step)
    cells = np.where(ground >= 0.5, 1 + (2 * good >= ground), 0)  # noqa: PLR2004 - half of them
    with styled():
        axes = axes_of(ax, (5.2, 5.6))
        axes.imshow(
            cells, cmap=ListedColormap(["white", _EXCLUDED, COLOURS[2]]), vmin=0, vmax=2,
            interpolation="nearest",
        )  # fmt: skip
        axes.set_axis_off()
        axes.set_title(title, fontsize=11)
        axes.legend(
            handles=[
                Patch(facecolor=COLOURS[2], label=text("plot.eligibility", spoken)),
                Patch(facecolor=_EXCLUDED, label=text("plot.excluded", spoken)),
            ],
            loc="lower right",
            fontsize=8,
        )
    return axes


def _coarse(cells: NDArray[np.bool_], step: int) -> NDArray[np.float64]:
    """Return the share of true cells in squares of some cells."""
    rows, cols = (-(-size // step) * step for size in cells.shape)
    whole = np.zeros((rows, cols))
    whole[: cells.shape[0], : cells.shape[1]] = cells
    share: NDArray[np.float64] = whole.reshape(rows // step, step, cols // step, step).mean(
        axis=(1, 3)
    )
    return share
