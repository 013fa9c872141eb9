"""What the tests of the constraint families share."""

from dataclasses import replace

import pytest
from scipy import sparse

from siteopt.portfolio import constraints
from siteopt.portfolio.constraints import conflict_graph, spacing


@pytest.fixture
def forget(monkeypatch):
    """Return a function that takes the rows of a family out of every program to come."""

    def of(module):
        forgotten = module.FAMILY
        if module is spacing:  # its cuts in the relaxation go as well
            nothing = lambda x_m, _y_m, _spacing_m: sparse.csr_array((len(x_m),) * 2, dtype=bool)  # noqa: E731
            monkeypatch.setattr(conflict_graph, "conflicts", nothing)
        without = replace(
            forgotten,
            rows=lambda problem: constraints.rows(problem, [], 0.0, 0.0),
            elastic_rows=None,
        )
        kept = tuple(without if one is forgotten else one for one in constraints.FAMILIES)
        monkeypatch.setattr(constraints, "FAMILIES", kept)

    return of
