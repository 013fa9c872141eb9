"""Power balance of islands: parts of a network joined by DC lines alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

from siteopt.errors import LayerError
from siteopt.highs import new_highs, run_highs

if TYPE_CHECKING:
    from siteopt._arrays import Floats
    from siteopt.grid.system import System


__all__ = ["check_balances"]

_LACKING_MW: Final = 1e-3
"""A piece that lacks less counts as balanced: limits are kept to as much."""


def check_balances(system: System, drawn_mw: Floats, available_mw: Floats) -> None:
    """Raise LayerError if the demand cannot be met even without branch limits.

    Parameters
    ----------
    system : System
        The case.
    drawn_mw, available_mw : ndarray, shape (N,)
        What buses draw, shunts included, and what solar and wind can give at most.

    Raises
    ------
    LayerError
        If all units, solar and wind together give less than is drawn, or a piece of the network
        lacks power, or has too much, whatever its DC lines do.
    """
    most, drawn = system.unit_most_mw.sum() + available_mw.sum(), drawn_mw.sum()
    if most < drawn:
        raise LayerError(
            f"grid case: units, solar and wind give at most {most:,.0f} MW, but "
            f"{drawn:,.0f} MW are drawn; check case_generators and the demand"
        )
    if drawn < 0:
        raise LayerError(
            f"grid case: loads sum to {drawn:,.0f} MW, which nothing can take in; give what "
            "feeds in as rows of case_generators, not as negative load"
        )
    if system.pieces > 1:
        _check_pieces(system, drawn_mw, available_mw)


def _check_pieces(system: System, drawn_mw: Floats, available_mw: Floats) -> None:
    lacking = _lacking(system, drawn_mw, available_mw)
    worst = int(np.abs(lacking).argmax())
    if abs(lacking[worst]) < _LACKING_MW:
        return
    members = np.flatnonzero(system.piece == worst)
    buses = "bus" if len(members) == 1 else "buses"
    piece = (
        f"grid case: the piece of the network with bus {system.net.bus_id[members[0]]} "
        f"({len(members)} {buses})"
    )
    if lacking[worst] > 0:
        raise LayerError(
            f"{piece} lacks {lacking[worst]:,.1f} MW of the {drawn_mw[members].sum():,.1f} MW that "
            "it draws, whatever its units, solar, wind and DC lines give; check case_generators, "
            "case_dc_lines and the demand"
        )
    raise LayerError(
        f"{piece} has {-lacking[worst]:,.1f} MW too much, which neither its loads nor its DC lines "
        "take; check negative loads and p_min_mw of case_dc_lines"
    )


def _lacking(system: System, drawn_mw: Floats, available_mw: Floats) -> Floats:
    """Return how much each piece (P,) lacks, negative where it has too much; the least in all."""
    capacity = np.bincount(system.unit_bus, system.unit_most_mw, system.buses) + available_mw
    highs, count = new_highs(threads=1), system.pieces
    for most in system.by_piece(capacity):
        highs.addVar(0.0, float(most))
    for _ in range(2 * count):  # what is lacking, and what is too much
        highs.addVar(0.0, highspy.kHighsInf)
        highs.changeColCost(highs.getNumCol() - 1, 1.0)
    for least, most in zip(system.link_least_mw, system.link_most_mw, strict=True):
        highs.addVar(float(least), float(most))
    start, end = system.piece[system.link_from], system.piece[system.link_to]
    first = np.arange(count)
    for piece, drawn in enumerate(system.by_piece(drawn_mw)):
        moved = (end == piece).astype(np.float64) - (start == piece)
        weights = np.concatenate([first == piece, first == piece, -1.0 * (first == piece), moved])
        index = np.flatnonzero(weights)
        highs.addRow(float(drawn), float(drawn), len(index), index.astype(np.int32), weights[index])
    run_highs(highs)
    values = np.array(highs.getSolution().col_value)
    return np.asarray(values[count : 2 * count] - values[2 * count : 3 * count])
