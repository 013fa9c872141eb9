"""Revisions, the working tree and run folders, answered by a small program in their repository."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import siteopt
from siteopt import cli, comparison
from siteopt.comparison import diff, reruns
from siteopt.comparison.reruns import RerunResult, run_inputs
from siteopt.comparison.revisions import find_sides
from siteopt.errors import InfeasibleError, LayerFileError, ScenarioError
from siteopt.layers.catalogue import read_catalogue
from tests.comparison.conftest import PROGRAM, QUESTION, STATIONS

compare = comparison.compare
ROOT = Path(siteopt.__file__).parent.parent


def command(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["siteopt", "compare", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Folder of temporary files that a comparison must clear."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    tempfile.tempdir = None


def test_a_revision_that_differs_in_nothing_is_no_change_and_no_run(repository, temporary):
    repository.write("README.md", "other words")
    found = compare("HEAD", ".")
    assert found.is_same
    assert "no change in the answer" in found.text()
    assert found.notes == ("nothing was run: no input of the answer differs",)
    assert not list(temporary.iterdir())


def test_two_inputs_that_only_together_bring_a_site_in(repository, temporary):
    repository.write("data/stations.csv", STATIONS + "S2,이,127.2,36.1\n")
    repository.write("data/scenarios/tiny.toml", QUESTION.replace("sites_max = 1", "sites_max = 2"))
    repository.write("data/parameters.csv", (repository.folder / "data/parameters.csv").read_text("utf-8").replace("cost,5", "cost,8"))  # fmt: skip
    state = repository.state()
    found = compare("main")
    assert found.after == "working tree"
    assert found.sites[["site_id", "change"]].to_numpy().tolist() == [["B", "entered"]]
    assert found.causes[["cause", "how"]].to_numpy().tolist() == [
        ["layer stations + scenario sites_max", "together"]
    ]
    assert dict(zip(found.cost_shares["input"], found.cost_shares["difference"], strict=True)) == {
        "layer stations": 1.0, "parameter cost": 3.0, "scenario sites_max": 0.0,
    }  # fmt: skip
    assert found.runs_made == 6
    assert found.rows[["layer", "change", "row"]].to_numpy().tolist() == [
        ["parameters", "changed", "cost"], ["stations", "added", "S2"],
    ]  # fmt: skip
    told = found.markdown()
    assert "**The answer changes: 1 entered**" in told
    assert "layer stations + scenario sites\\_max (only together)" in told
    assert "<details><summary>Inputs that changed (3)</summary>" in told
    json.dumps(found.to_dict(), allow_nan=False)
    assert repository.state() == state
    assert not list(temporary.iterdir())


def test_the_code_is_an_input_like_the_others(repository):
    repository.write("siteopt/__main__.py", PROGRAM.replace("EXTRA", "2"))
    repository.write("data/stations.csv", STATIONS + "S2,이,127.2,36.1\n")
    repository.commit()
    found = compare("HEAD~1", "HEAD")
    assert dict(zip(found.cost_shares["input"], found.cost_shares["difference"], strict=True)) == {
        "code": 100.0, "layer stations": 1.0,
    }  # fmt: skip
    assert found.inputs["kind"].tolist()[0] == "code"
    assert found.sites.empty


def test_causes_can_be_left_out(repository):
    repository.write("data/stations.csv", STATIONS + "S2,이,127.2,36.1\n")
    found = compare("HEAD", causes=False)
    assert found.causes.empty
    assert not found.is_same


def test_uncommitted_and_new_files_count_and_ignored_ones_do_not(repository, tmp_path):
    repository.write(".gitignore", "ignored.txt\n")
    repository.write("ignored.txt", "x")
    repository.write("new.txt", "x")
    (repository.folder / "data" / "parameters.csv").unlink()
    (tmp_path / "home").mkdir()
    find_sides(("HEAD", "."), tmp_path / "home")
    tree = tmp_path / "home" / "tree-after"
    assert (tree / "new.txt").is_file()
    assert not (tree / "ignored.txt").exists()
    assert not (tree / "data" / "parameters.csv").exists()
    assert (tmp_path / "home" / "tree-before" / "data" / "parameters.csv").is_file()


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        (
            ("nowhere", "."),
            LayerFileError,
            "neither the folder of a finished run nor a git revision",
        ),
        (("--all", "."), LayerFileError, "neither the folder of a finished run nor a git revision"),
        (("HEAD", "data/none"), LayerFileError, "data/none: neither the folder"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_a_name_that_means_nothing_is_told(words, kind, said):
    with pytest.raises(kind, match=said):
        compare(*words)


def test_a_scenario_that_a_side_does_not_have_is_told(repository):
    repository.write("data/scenarios/other.toml", QUESTION)
    with pytest.raises(LayerFileError, match=r"other: no such scenario in HEAD .*; there are tiny"):
        compare("HEAD", scenario="other")
    with pytest.raises(ScenarioError, match="working tree has other, tiny; name one"):
        compare(".", ".")


def test_a_scenario_file_of_the_repository_is_that_of_each_side(repository):
    repository.write("mine.toml", QUESTION.replace("tiny", "mine"))
    repository.commit()
    repository.write("mine.toml", QUESTION.replace("tiny", "mine").replace("= 1", "= 2"))
    found = compare("HEAD", scenario="mine.toml")
    assert found.inputs[["input", "before", "after"]].to_numpy().tolist() == [
        ["sites_max", "1", "2"]
    ]


def test_a_side_without_a_plan_is_told_with_its_name(repository):
    repository.write("data/scenarios/tiny.toml", QUESTION.replace("= 1", "= 0"))
    with pytest.raises(
        InfeasibleError, match="working tree: no plan: sites_max 0 must be at least 1"
    ):
        compare("HEAD")


def test_a_folder_without_git_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(LayerFileError, match="nor in a git repository; give a run folder"):
        compare("HEAD")


def test_the_command_prints_each_format(first, tmp_path, changed, run_at, monkeypatch, capsys):
    record, plan = changed
    plan["sites"][0]["it_mw"] = 120.0
    plan |= {"objective_bn_krw": 101.0, "bound_bn_krw": 101.0}
    run_at(tmp_path / "b", record, plan)
    sides = (str(first.folder), str(tmp_path / "b"))
    assert command(monkeypatch, *sides, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["same_answer"] is False
    assert told["sites"][0]["change"] == "resized"
    assert command(monkeypatch, *sides, "--format", "markdown") == 0
    assert "| 가 / Ga | resized | 100 → 120 |" in capsys.readouterr().out
    assert command(monkeypatch, *sides, "--json", str(tmp_path / "all.json")) == 0
    assert json.loads((tmp_path / "all.json").read_text("utf-8")) == told
    assert "resized: A Ga, 100 -> 120 MW IT" in capsys.readouterr().out


def test_run_folders_whose_layers_are_gone_say_why_there_are_no_causes(first, tmp_path, run_at):
    record = json.loads((first.folder / "run.json").read_text("utf-8"))
    file = read_catalogue()["stations"].file
    record["inputs"] = [{"id": "stations", "file": file, "sha256": "a" * 64, "replaced": False}]
    other = run_at(tmp_path / "b", record)
    found = compare(str(other.folder), str(other.folder), causes=True)
    assert "layer stations: hash changed; the earlier file is not at hand" in found.notes[0]


@pytest.fixture
def folders(tmp_path, changed, run_at):
    """Two finished runs without layers, which differ in two keys and in the cost."""
    record, plan = changed
    runs = []
    for name, spacing, seed, cost in (("a", 20.0, 0, 100.0), ("b", 30.0, 1, 110.0)):
        asked = record["scenario"] | {"spacing_km": spacing, "seed": seed}
        proven = plan | {"objective_bn_krw": cost, "bound_bn_krw": cost}
        runs.append(run_at(tmp_path / name, record | {"scenario": asked, "inputs": []}, proven))
    return runs


def test_causes_of_two_run_folders_are_traced_where_the_code_gives_them_again(
    folders, tmp_path, run_at, monkeypatch
):
    made = []

    def again(inputs, place, cache=None):  # noqa: ARG001 - as run_inputs
        made.append((inputs.scenario["spacing_km"], inputs.scenario["seed"]))
        record = json.loads((folders[0].folder / "run.json").read_text("utf-8"))
        plan = json.loads((folders[0].folder / "portfolio.json").read_text("utf-8"))
        cost = 100.0 + (inputs.scenario["spacing_km"] - 20.0)
        plan |= {"objective_bn_krw": cost, "bound_bn_krw": cost}
        return RerunResult(run_at(tmp_path / f"again-{len(made)}", record, plan))

    monkeypatch.setattr(diff, "run_inputs", again)
    monkeypatch.setattr(reruns, "run_inputs", again)
    found = compare(*(str(run.folder) for run in folders), causes=True)
    assert made == [(20.0, 0), (30.0, 1), (20.0, 1), (30.0, 0)]
    assert dict(zip(found.cost_shares["input"], found.cost_shares["difference"], strict=True)) == {
        "scenario seed": 0.0, "scenario spacing_km": 10.0,
    }  # fmt: skip
    assert not compare(*(str(run.folder) for run in folders)).runs_made


def test_run_folders_that_the_code_answers_otherwise_have_no_causes(folders, monkeypatch):
    monkeypatch.setattr(diff, "run_inputs", lambda *_: RerunResult(folders[0]))
    found = compare(*(str(run.folder) for run in folders), causes=True)
    assert found.causes.empty
    assert found.notes[-1].startswith("small (b): the code in use gives another answer")


@pytest.mark.usefixtures("repository")
def test_a_map_that_cannot_be_written_is_told_before_any_run(tmp_path):
    with pytest.raises(LayerFileError, match="give a file to --map"):
        compare("HEAD", map_path=tmp_path)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_comparison_that_is_stopped_leaves_the_repository_as_it_was(
    repository, temporary, tmp_path, ending
):
    mark = tmp_path / "running"
    question = QUESTION.replace("title", f'wait_s = 30\nmark = "{mark}"\ntitle')
    repository.write("data/scenarios/tiny.toml", question)
    state = repository.state()
    script = "from siteopt.cli import main; main()"
    process = subprocess.Popen(  # noqa: S603 - this Python
        [sys.executable, "-P", "-c", script, "compare", "HEAD"], cwd=repository.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 60
    while not mark.exists() and time.monotonic() < end and process.poll() is None:
        time.sleep(0.02)
    assert mark.exists()
    process.send_signal(ending)
    assert process.wait(timeout=60) != 0
    assert repository.state() == state
    if ending != signal.SIGKILL:
        assert not list(temporary.iterdir())


def test_a_program_that_fails_is_told_in_one_line(repository, tmp_path):
    repository.write("siteopt/__main__.py", "raise RuntimeError('broken')")
    home = tmp_path / "home"
    (home / "one").mkdir(parents=True)
    side = find_sides((".", "."), home)[0]
    assert run_inputs(side.inputs, home / "one").failure == "failed: RuntimeError: broken"


SECRETS = {
    "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "NPM_TOKEN",
    "SSH_AUTH_SOCK", "PGPASSWORD", "GIT_ASKPASS", "PIP_INDEX_URL", "HTTPS_PROXY", "LD_PRELOAD",
    "PYTHONSTARTUP", "SITEOPT_TOKEN", "PATH_TOKEN", "LC_TOKEN",
}  # fmt: skip


def test_the_code_of_a_revision_sees_no_secret_of_the_environment(
    repository, tmp_path, monkeypatch
):
    for name in SECRETS:
        monkeypatch.setenv(name, "secret")
    told = {"LANG": "C.UTF-8", "TMPDIR": str(tmp_path), "TZ": "Asia/Seoul", "HOME": str(tmp_path)}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    seen = tmp_path / "seen.json"
    program = repository.folder / "siteopt" / "__main__.py"
    look = f"import json, os, pathlib\npathlib.Path({str(seen)!r}).write_text(json.dumps(dict(os.environ)))\n"
    repository.write("siteopt/__main__.py", look + program.read_text("utf-8"))
    home = tmp_path / "home"
    (home / "one").mkdir(parents=True)
    side = find_sides((".", "."), home)[0]
    assert run_inputs(side.inputs, home / "one", tmp_path / "cache").run is not None
    found = json.loads(seen.read_text())
    assert not SECRETS & found.keys()
    assert "secret" not in found.values()
    assert found.items() >= told.items()
    assert found["SITEOPT_CACHE"] == str(tmp_path / "cache")
    ours = reruns._HANDED | {"SITEOPT_CACHE", "PYTHONPATH"}
    assert found.keys() - ours <= {"PWD", "SHLVL", "_", "__CF_USER_TEXT_ENCODING", "LC_CTYPE"}


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "..", "", "a/b", "가-1.0"])
def test_the_name_of_a_question_names_no_folder_elsewhere(repository, tmp_path, name):
    question = QUESTION.replace('"tiny"', json.dumps(name), 1)
    repository.write("data/scenarios/tiny.toml", question)
    home = tmp_path / "home"
    (home / "one").mkdir(parents=True)
    side = find_sides((".", "."), home)[0]
    run = run_inputs(side.inputs, home / "one").run
    assert run.folder.parent == home / "one" / "run"
    assert run.folder.name == (name if name == "가-1.0" else "run")


def test_the_help_says_that_a_revision_is_run(monkeypatch, capsys):
    assert command(monkeypatch, "--help") == 0
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "is run with the code that it holds, as you: name none that you would not run" in said
