"""What runs again on the real layers, and that it makes no difference to a byte."""

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import siteopt
from siteopt._data import data_folder
from siteopt.runs import pipeline
from siteopt.stages.version import versions

pytestmark = pytest.mark.national

ROOT = Path(siteopt.__file__).parent.parent
HEAVY = (
    "numpy",
    "pandas",
    "geopandas",
    "shapely",
    "rasterio",
    "scipy",
    "highspy",
    "pulp",
    "folium",
)


@pytest.fixture(scope="module")
def scenario_file(small_run):
    return small_run.scenario_file


@pytest.fixture(scope="module")
def home(small_run, tmp_path_factory):
    """A copy of the run and of all that it kept: tests here damage both."""
    home = tmp_path_factory.mktemp("reruns") / "home"
    for name, folder in (("first", small_run.run.folder), ("kept", small_run.cache)):
        shutil.copytree(folder, home / name)
    return home


@pytest.fixture(scope="module")
def cache(home):
    return home / "kept"


@pytest.fixture(scope="module")
def first(home, small_run):
    """The folder of a run that began with nothing, and the outcomes of its stages."""
    return siteopt.open_run(home / "first"), small_run.told


def again(scenario_file, folder, cache, *, brief=False, **changes):
    """Run with some texts of the scenario replaced; return the folder and who ran."""
    text = scenario_file.read_text(encoding="utf-8")
    for old, new in changes.values():
        assert text.count(old) == 1
        text = text.replace(old, new)
    file = folder / "changed.toml"
    file.write_text(text, encoding="utf-8")
    told = []
    run = siteopt.run(file, folder / "out", cache=cache, brief=brief, tell=told.append)
    return run, {outcome.stage: outcome.why for outcome in told if outcome.ran}


# What shows an answer: pictures and files, or figures alone where a run is brief. That takes a
# third of the time, and what runs before it is the same.
SHOWN = pytest.mark.parametrize(
    ("brief", "shown"),
    [
        pytest.param(True, {"figures"}, id="brief"),
        pytest.param(False, {"map", "report", "files"}, id="whole", marks=pytest.mark.slow),
    ],
)


def content(folder):
    """Return the record and a hash of every other file: a difference of megabytes says nothing."""
    record = json.loads((folder / "run.json").read_bytes())
    assert record.pop("timings_s")
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "run.json"
    }
    return hashes, record


def test_a_first_run_runs_every_stage(first):
    assert all(outcome.ran for outcome in first[1])
    assert [o.stage for o in first[1]] == ["layers", *(stage.name for stage in pipeline.STAGES)]


def test_nothing_changed_nothing_is_loaded_or_written(first, scenario_file, cache):
    folder = first[0].folder
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    text = (
        "import sys\nfrom siteopt.cli import main\n"
        "sys.argv = ['siteopt', 'run', *sys.argv[1:], '--why']\n"
        f"try:\n    main()\nfinally:\n    print(sorted(set(sys.modules) & set({HEAVY!r})))\n"
    )
    words = [str(scenario_file), "--out", str(folder), "--cache", str(cache)]
    done = subprocess.run(  # noqa: S603 - this Python with a program written here
        [sys.executable, "-c", text, *words], capture_output=True, text=True, check=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    said = done.stdout.splitlines()
    assert said[-1] == "[]"
    assert sum(" taken " in line for line in said) == 1 + len(pipeline.STAGES)
    assert first[0].summary().splitlines()[0] in said
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_all_taken_gives_the_same_bytes_in_another_folder(first, scenario_file, cache, tmp_path):
    run, ran = again(scenario_file, tmp_path, cache)
    assert ran == {}
    assert content(run.folder) == content(first[0].folder)


@pytest.mark.slow
def test_stages_taken_one_by_one_give_the_same_bytes(first, scenario_file, cache, tmp_path):
    for path in cache.glob("traces/runs/*"):
        path.unlink()
    for stage in ("files", "report", "map"):
        for path in cache.glob(f"traces/{stage}/*"):
            path.unlink()
    run, ran = again(scenario_file, tmp_path, cache)
    assert ran == dict.fromkeys(["map", "report", "files"], "there is no earlier result")
    assert content(run.folder) == content(first[0].folder)


def test_a_lost_or_changed_file_is_put_back(first, scenario_file, cache):
    folder = first[0].folder
    before = content(folder)
    (folder / "map.html").unlink()
    (folder / "ranking.csv").write_text("mine")
    siteopt.run(scenario_file, folder, cache=cache)
    assert content(folder) == before


@pytest.mark.slow
def test_every_kept_result_may_be_damaged(first, scenario_file, cache, tmp_path):
    cache = shutil.copytree(cache, tmp_path / "damaged")  # the other tests need theirs whole
    for place, path in enumerate(sorted(cache.glob("objects/*/*"))):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if place % 2 else whole[:-1] + b"\0")
    run, ran = again(scenario_file, tmp_path, cache)
    # The headroom of a plan of one year is that of the stage before, sites without campuses are
    # their parts, and checks return nothing: such a result is whole again by then.
    unmatched = {"supply", "prices", "energy", "curve", "sites", "part_criteria"}
    assert (
        set(ran) == {stage.name for stage in pipeline.STAGES} - {"room", "exclusions"} - unmatched
    )
    assert content(run.folder) == content(first[0].folder)


@SHOWN
def test_memory_is_no_reason_to_screen(first, scenario_file, cache, tmp_path, brief, shown):
    asked = ("[screening]\n", "[screening]\nmemory_mb = 16\n")
    run, ran = again(scenario_file, tmp_path, cache, brief=brief, memory=asked)
    assert set(ran) == shown
    before, after = (json.loads((one.folder / "run.json").read_bytes()) for one in (first[0], run))
    assert (before["scenario"]["screening"]["memory_mb"], after["scenario"]["screening"]["memory_mb"]) == (512.0, 16.0)  # fmt: skip
    assert before["input_sha256"] == after["input_sha256"]


@SHOWN
def test_weights_are_no_reason_to_solve(first, scenario_file, cache, tmp_path, brief, shown):
    asked = ("[target]", "[weights]\nwater = 3\ngrid = 1\n\n[target]")
    run, ran = again(scenario_file, tmp_path, cache, brief=brief, weights=asked)
    assert set(ran) == {"scores", "impact", "ranking", *shown}
    assert ran["scores"].startswith("scenario weights changed: {}")
    plan, before = (item.portfolio["sites"] for item in (run, first[0]))
    assert [site["site_id"] for site in plan] == [site["site_id"] for site in before]
    assert (run.ranking["suitability"] != first[0].ranking["suitability"]).any()


@pytest.mark.usefixtures("first")
@SHOWN
def test_a_layer_reruns_what_depends_on_it_only(scenario_file, cache, tmp_path, brief, shown):
    quakes = pd.read_csv(data_folder() / "reference" / "earthquakes.csv", dtype=str)
    felt = quakes["magnitude"].astype(float) >= 4.5  # the weak ones count for nothing
    quakes[~felt].to_csv(tmp_path / "quakes.csv", index=False)
    asked = ("[target]", '[layers]\nearthquakes = "quakes.csv"\n\n[target]')
    _, ran = again(scenario_file, tmp_path, cache, brief=brief, layers=asked)
    assert set(ran) == {"layers", "criteria", "options", "scores", "needs", "impact", "ranking", *shown}  # fmt: skip
    assert ran["layers"] == "read and checked: earthquakes"
    assert ran["criteria"] == "layer earthquakes changed"


@pytest.mark.usefixtures("first")
@SHOWN
def test_the_same_rows_in_another_file_change_sources_only(
    scenario_file, cache, tmp_path, brief, shown
):
    source = data_folder() / "reference" / "earthquakes.csv"
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with (tmp_path / "quakes.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    asked = ("[target]", '[layers]\nearthquakes = "quakes.csv"\n\n[target]')
    _, ran = again(scenario_file, tmp_path, cache, brief=brief, layers=asked)
    assert set(ran) == {"layers", *shown}


@pytest.mark.usefixtures("first")
@pytest.mark.slow
def test_a_parameter_reruns_from_where_it_is_read(scenario_file, cache, tmp_path):
    asked = ("[target]", "[parameters]\nfiber_cost = 0.9\n\n[target]")
    _, ran = again(scenario_file, tmp_path, cache, brief=True, parameters=asked)
    assert not {"eligibility", "sites", "criteria", "scores", "connections"} & set(ran)
    assert ran["options"].startswith("parameter fiber_cost changed: ")
    assert ran["portfolio"] == "result of options changed"


@pytest.mark.usefixtures("first")
@SHOWN
def test_a_name_reruns_what_shows_it(scenario_file, cache, tmp_path, brief, shown):
    asked = ('name = "national-2035"', 'name = "renamed"')
    _, ran = again(scenario_file, tmp_path, cache, brief=brief, name=asked)
    assert set(ran) == shown
    assert ran[min(shown)] == 'scenario name changed: "national-2035" -> "renamed"'


@pytest.mark.slow
def test_two_runs_at_once_in_one_folder_leave_one_whole_run(first, scenario_file, cache, tmp_path):
    for path in (*cache.glob("traces/runs/*"), *cache.glob("traces/files/*")):
        path.unlink()
    words = [str(scenario_file), "--out", str(tmp_path / "out"), "--cache", str(cache), "--quiet"]
    two = [
        subprocess.Popen(  # noqa: S603 - this Python
            [sys.executable, "-m", "siteopt", "run", *words], cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        for _ in range(2)
    ]  # fmt: skip
    for one in two:
        said, complaint = one.communicate(timeout=500)
        assert (one.returncode, complaint) == (0, "")
        assert "optimal" in said
    assert content(tmp_path / "out") == content(first[0].folder)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.usefixtures("first")
def test_a_run_that_fails_writes_nothing(scenario_file, cache, tmp_path):
    asked = ("[target]", "[parameters]\nno_such_price = 3\n\n[target]")
    with pytest.raises(siteopt.SiteoptError, match="no_such_price"):
        again(scenario_file, tmp_path, cache, parameters=asked)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_one_core_gives_the_same_bytes_as_several(first, scenario_file, cache, tmp_path):
    one_core = ("threads = 2", "threads = 1")
    run, ran = again(scenario_file, tmp_path, cache, threads=one_core)
    assert {"eligibility", "portfolio", "values"} & set(ran)
    files, record = content(run.folder)
    assert files == content(first[0].folder)[0]
    assert record["scenario"]["solver"].pop("threads") == 1


@pytest.mark.slow
def test_an_edit_of_the_package_runs_every_stage(
    first, scenario_file, cache, tmp_path, monkeypatch
):
    edited = versions() | {"siteopt": "edited"}
    for module in ("stages.keys", "stages.scheduler", "runs.known_run"):
        monkeypatch.setattr(f"siteopt.{module}.versions", lambda: edited)
    run, ran = again(scenario_file, tmp_path, cache)
    assert set(ran) == {"layers", *(stage.name for stage in pipeline.STAGES)}
    assert ran["sites"] == "version siteopt changed"
    assert content(run.folder) == content(first[0].folder)
