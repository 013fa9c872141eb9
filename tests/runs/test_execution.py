"""Two runs in one folder: each says what it wrote itself, and so does the cache."""

import json
import threading

import pytest

import siteopt
from siteopt.runs import evaluation, pipeline
from siteopt.scenario import load_scenario
from siteopt.stages.keys import Keys
from siteopt.stages.stage import Stage

WAIT_S = 60.0


def said(it_mw):
    """Return the files of a run whose answer is its target."""
    return {
        "ranking.csv": f"site_id,it_mw\nS1,{it_mw:g}\n".encode(),
        "portfolio.json": json.dumps({"it_mw": it_mw}).encode(),
        "eligibility.tif": b"II*",
        "complexes.csv": (
            "complex_id,name_ko,name_en,eligible_ha,area_rule,excluded_by,it_mw\n"
            f"C1,가,A,1,area,,{it_mw:g}\n"
        ).encode(),
    }


def toy_map(given):
    return f"<p>{given.scenario.target.it_mw}</p>"


def toy_files(given):
    it_mw = given.scenario.target.it_mw
    return {"files": said(it_mw), "record": {"status": "optimal", "it_mw": it_mw}}


@pytest.fixture
def toy(monkeypatch):
    """Stages that take no time, and a function that gives a scenario with a target."""
    stages = (
        Stage("map", "drawing", toy_map, "layers"),
        Stage("files", "writing", toy_files, "layers"),
    )
    monkeypatch.setattr(pipeline, "STAGES", stages)
    monkeypatch.setattr(Keys, "check_layers", lambda _: [])

    def asked(it_mw):
        scenario = load_scenario("national-2035")
        target = scenario.target.model_copy(update={"it_mw": it_mw})
        return scenario.model_copy(update={"target": target})

    return asked


def is_of(run, it_mw):
    return (
        run.record["it_mw"] == run.portfolio["it_mw"] == it_mw
        and run.ranking["it_mw"].tolist() == [it_mw]
        and run.complexes["it_mw"].tolist() == [it_mw]
        and run.has_map
    )


@pytest.fixture
def overtaken(toy, tmp_path, monkeypatch):
    """Run 1000 MW; a run of 2000 MW writes into the same folder before the first one returns."""
    written, may_return = threading.Event(), threading.Event()
    real = evaluation.publish

    def publish(files, record, folder):
        found = real(files, record, folder)
        if record["it_mw"] == 1000.0:
            written.set()
            assert may_return.wait(WAIT_S)
        return found

    monkeypatch.setattr(evaluation, "publish", publish)
    runs, out, cache = {}, tmp_path / "out", tmp_path / "cache"

    def first():
        try:
            runs[1000.0] = siteopt.run(toy(1000.0), out, cache=cache)
        finally:
            written.set()

    thread = threading.Thread(target=first)
    thread.start()
    assert written.wait(WAIT_S)
    runs[2000.0] = siteopt.run(toy(2000.0), out, cache=cache)
    may_return.set()
    thread.join(WAIT_S)
    assert not thread.is_alive()
    return runs


def test_each_of_two_runs_in_one_folder_returns_what_it_wrote(overtaken, tmp_path):
    assert all(is_of(run, it_mw) for it_mw, run in overtaken.items())
    assert is_of(siteopt.open_run(tmp_path / "out"), 2000.0)


@pytest.mark.usefixtures("overtaken")
@pytest.mark.parametrize("it_mw", [1000.0, 2000.0])
def test_the_cache_knows_each_of_them_as_its_own(toy, tmp_path, it_mw):
    told = []
    run = siteopt.run(toy(it_mw), tmp_path / "o", cache=tmp_path / "cache", tell=told.append)
    assert {outcome.ran for outcome in told} == {False}
    assert is_of(run, it_mw)
    assert f"<p>{it_mw}</p>" == run.map_path.read_text()


def test_an_opened_run_says_so_when_another_one_came_after(toy, tmp_path):
    siteopt.run(toy(1000.0), tmp_path / "out", cache=tmp_path / "cache")
    opened, late = siteopt.open_run(tmp_path / "out"), siteopt.open_run(tmp_path / "out")
    assert opened.ranking["it_mw"].tolist() == [1000.0]
    siteopt.run(toy(2000.0), tmp_path / "out", cache=tmp_path / "cache")
    assert opened.ranking["it_mw"].tolist() == [1000.0]
    for name in ("ranking", "complexes"):
        with pytest.raises(siteopt.LayerFileError, match=rf"{name}.csv is not as the run wrote it"):
            getattr(late, name)
    (tmp_path / "out" / "eligibility.tif").unlink()
    with pytest.raises(siteopt.LayerFileError, match=r"eligibility.tif is missing"):
        late.explain("127.0,36.0")


def test_a_study_returns_what_it_wrote(toy, tmp_path):
    study = siteopt.Study(toy(1000.0))
    run = study.write(tmp_path / "out")
    study.change({"target.it_mw": 2000.0}).write(tmp_path / "out")
    assert is_of(run, 1000.0)
