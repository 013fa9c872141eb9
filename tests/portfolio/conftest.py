"""What the tests of the constraint families share."""

import pytest

from siteopt.portfolio import families


@pytest.fixture
def forget(monkeypatch):
    """Return a function that takes the rows of a family out of every program to come."""

    def of(family):
        monkeypatch.setattr(family, "rows", lambda problem: families.rows(problem, [], 0.0, 0.0))

    return of
