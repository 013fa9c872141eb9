"""The benchmark of draws: how many, of how many candidates."""

import pytest

from benchmarks.draws import time_draws

pytestmark = pytest.mark.national


def test_draws_are_solved_with_fewer_candidates(small_run):
    found = time_draws(str(small_run.scenario_file), 2, 40, str(small_run.cache))
    assert found.sites == 40
    assert found.draws == 2
    assert found.proven == 2
    assert found.seconds > 0
