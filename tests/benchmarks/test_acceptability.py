"""The benchmark of rank acceptabilities: what is timed, on how many sites."""

import pytest

from benchmarks.acceptability import time_methods

pytestmark = pytest.mark.national


def test_every_method_is_timed_on_all_sites(small_run):
    found = time_methods(str(small_run.scenario_file), 16, str(small_run.cache))
    assert [timed.method for timed in found] == ["16 draws, SMAA-2", "TOPSIS", "PROMETHEE II"]
    assert {timed.sites for timed in found} == {len(small_run.run.ranking)}
    assert all(timed.seconds > 0 for timed in found)
