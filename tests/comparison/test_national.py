"""A comparison of two revisions of the real layers and code, on the small scenario."""

import shutil
from pathlib import Path

import pytest

import siteopt
from siteopt.comparison import compare
from tests.comparison.conftest import Repository

pytestmark = pytest.mark.national

ROOT = Path(siteopt.__file__).parent.parent


@pytest.fixture
def compared(tmp_path, monkeypatch, small_run, small_scenario_text):
    """Return a function that compares the small scenario with itself where one text is another."""
    folder = tmp_path / "repository"
    folder.mkdir()
    skipped = shutil.ignore_patterns("__pycache__")
    for name in ("siteopt", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=skipped)
    repository = object.__new__(Repository)
    repository.folder = folder
    repository.git("init", "--quiet")
    repository.write("small.toml", small_scenario_text)
    repository.commit()
    monkeypatch.chdir(folder)
    # The answer of the revision is known: what is asked is the same, wherever it stands.
    # A copy: what this comparison keeps is no other test's.
    cache = shutil.copytree(small_run.cache, tmp_path / "cache")

    def against(old, new):
        assert small_scenario_text.count(old) == 1
        repository.write("small.toml", small_scenario_text.replace(old, new))
        state = repository.state()
        found = compare("HEAD", scenario="small.toml", cache=cache)
        assert repository.state() == state
        assert not found.is_same
        assert found.runs_made == 0  # one input: no run but those of the two sides
        assert set(found.causes["how"]) == {"only input"}
        # a narrower choice cannot be cheaper, by what is proven of the two
        cost = found.figures.set_index("figure").loc["objective"]
        assert cost["sure"]
        assert cost["difference"] > 0
        return found

    return against


@pytest.mark.slow
def test_one_more_province_is_the_cause_of_a_dearer_plan(compared):
    found = compared("count_min = 3", "count_min = 4")
    assert set(found.causes["cause"]) == {"scenario provinces.count_min"}
    assert (found.provinces["difference"] == 0).all()  # of eligible land


@pytest.mark.slow
def test_an_exclusion_that_grows_is_the_cause_of_all_that_follows(compared):
    found = compared("threshold = 25", "threshold = 2")
    assert set(found.causes["cause"]) == {"scenario screening.exclusions.slope.threshold"}
    assert (found.provinces["difference"] < 0).all()
    land = found.figures.set_index("figure").loc["eligible land"]
    assert found.provinces["difference"].sum() == pytest.approx(land["difference"])
    slope = found.reasons.set_index("reason").loc["slope"]
    assert slope["km2_after"] > slope["km2_before"]
