"""A case as arrays: what counts, and in which order."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.errors import LayerError
from siteopt.grid.system import build_system
from tests.grid.grids import case_of

RING = [(1, 2, 0.1, 50), (2, 3, 0.1, 60), (1, 3, 0.1, 70), (3, 4, 0.1, 80)]


def test_rows_follow_the_tables_and_branches_out_of_service_are_left_out():
    case = case_of(4, RING, [(3, 20, 5.0, 0.1), (1, 10, 4.0, 0.2)], [(4, 2, -7, 9), (1, 2, 0, 5)])
    case.branches.loc[1, "status"] = 0
    case.dc_lines.loc[1, "status"] = 0
    system = build_system(case)
    assert (system.buses, system.branches) == (4, 3)
    assert system.net.rate_mw.tolist() == [50, 70, 80]
    assert system.unit_bus.tolist() == [2, 0]
    assert system.unit_most_mw.tolist() == [20, 10]
    assert system.unit_krw_mwh.tolist() == [5, 4]
    assert system.unit_krw_mw2h.tolist() == [0.1, 0.2]
    assert (system.link_from.tolist(), system.link_to.tolist()) == ([3], [1])
    assert (system.link_least_mw.tolist(), system.link_most_mw.tolist()) == ([-7], [9])


def test_outages_that_split_the_network_have_no_factors():
    system = build_system(case_of(4, RING, [(1, 10)]))
    assert system.splits.tolist() == [False, False, False, True]
    assert (system.lodf[:, 3] == 0).all()
    # in a ring what one branch carried takes the other way round, all of it
    assert np.abs(system.lodf[:3, :3]) == pytest.approx(np.ones((3, 3)))
    assert system.lodf[3] == pytest.approx([0, 0, 0, 0])


def test_a_unit_of_any_status_counts_and_one_that_only_draws_gives_nothing():
    case = case_of(2, [(1, 2, 0.1, 50)], [(1, 10), (2, -5)])
    case.generators["status"] = [0, 1]
    assert build_system(case).unit_most_mw.tolist() == [10, 0]


def test_pieces_are_numbered_from_the_first_bus_and_summed_apart():
    system = build_system(case_of(5, [(2, 4, 0.1, 50), (1, 3, 0.1, 50)], [(1, 10)]))
    assert system.piece.tolist() == [0, 1, 0, 1, 2]
    assert system.pieces == 3
    assert system.by_piece(np.array([1.0, 2, 4, 8, 16])).tolist() == [5, 10, 16]
    assert system.by_piece(np.eye(5)).sum() == 5
    assert system.splits.all()


def test_a_lost_end_and_a_branch_without_reactance_are_named():
    with pytest.raises(LayerError, match="case_generators: row 1 names bus 9, which case_buses"):
        build_system(case_of(2, RING[:1], [(9, 10)]))
    with pytest.raises(LayerError, match="x_pu of L0 is 0 or empty"):
        build_system(case_of(2, [(1, 2, 0.0, 40)], [(1, 10)]))
