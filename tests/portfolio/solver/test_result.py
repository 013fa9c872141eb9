"""A result says what is proven: of a solver, and of a search over many programs."""

import numpy as np
import pytest

from siteopt.portfolio.solver.result import Result


@pytest.mark.parametrize(
    ("incumbent", "proven", "status"),
    [
        (np.array([1]), True, "optimal"),
        (np.array([1]), False, "feasible"),
        (None, True, "infeasible"),
        (None, False, "unknown"),
    ],
)
def test_a_search_has_the_status_of_what_it_proved(incumbent, proven, status):
    found = Result.of_search(incumbent, 10.0, 9.0, proven=proven)
    assert (found.status, found.proven) == (status, proven)
    assert found.gap == (pytest.approx(0.1) if incumbent is not None else np.inf)


def test_the_gap_is_never_below_zero_and_has_a_meaning_at_no_cost():
    assert Result("optimal", 1, 5.0, 5.0 + 1e-9).gap == 0.0
    assert Result("feasible", 1, 0.0, -1.0).gap == pytest.approx(1e9)


def test_restated_changes_the_incumbent_alone():
    found = Result("feasible", np.array([0.0, 2.0]), 7.0, 6.0, 1.5)
    other = found.restated(lambda values: values.astype(int).tolist())
    assert other.incumbent == [0, 2]
    assert (other.status, other.objective, other.bound, other.seconds) == (
        "feasible",
        7.0,
        6.0,
        1.5,
    )
    none = Result.none("cutoff", 4.0)
    assert none.restated(len).incumbent is None
    assert (none.objective, none.bound) == (np.inf, 4.0)
