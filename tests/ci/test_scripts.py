"""The stages of CI as scripts, in a small repository with a stand-in for siteopt."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false"]

SITEOPT = """\
#!/usr/bin/env bash
echo "$*" >>calls
case "$1 $2" in
  "run slow") echo "feasible: stopped"; exit 4 ;;
  "run broken") echo "siteopt: infeasible" >&2; exit 3 ;;
esac
if [ "$1" = compare ]; then
  case "$*" in *"--scenario broken"*) exit 2 ;; esac
  echo "### said of $*"
  while [ $# -gt 0 ]; do case "$1" in --map | --json) echo "$1" >"$2" ;; esac; shift; done
else
  echo "optimal: $2"
fi
"""


@pytest.fixture
def repository(tmp_path):
    """Return a git repository with two scenarios, the scripts and the stand-in."""
    home = tmp_path / "repository"
    shutil.copytree(ROOT / ".ci", home / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    (home / "data" / "scenarios").mkdir(parents=True)
    for name in ("first", "slow"):
        (home / "data" / "scenarios" / f"{name}.toml").write_text("")
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*GIT, *words], cwd=home, check=True)  # noqa: S603 - our own command
    program = tmp_path / "siteopt"
    program.write_text(SITEOPT)
    program.chmod(0o755)
    return home


def stage(repository, *words):
    env = {"PATH": os.environ["PATH"], "SITEOPT": str(repository.parent / "siteopt")}
    env["GITHUB_STEP_SUMMARY"] = str(repository / "summary.md")
    return subprocess.run(  # noqa: S603 - our own command
        words, cwd=repository, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def test_every_scenario_runs_and_one_that_was_stopped_is_an_answer(repository):
    done = stage(repository, ".ci/scenarios")
    assert done.returncode == 0, done.stderr
    assert (repository / "calls").read_text().splitlines() == [
        "run first --out runs/first --quiet",
        "run slow --out runs/slow --quiet",
    ]
    assert "feasible: stopped" in (repository / "summary.md").read_text()


def test_a_scenario_without_an_answer_fails_the_stage_after_the_others(repository):
    (repository / "data" / "scenarios" / "broken.toml").write_text("")
    done = stage(repository, ".ci/scenarios")
    assert done.returncode == 1
    assert done.stderr == "ci: no answer for broken\n"
    assert len((repository / "calls").read_text().splitlines()) == 3
    assert "siteopt: infeasible" in (repository / "build" / "ci" / "runs.md").read_text()


def test_a_comparison_names_the_commit_and_keeps_text_tables_and_map(repository):
    (repository / "data" / "scenarios" / "new.toml").write_text("")
    done = stage(repository, ".ci/compare", "main")
    assert done.returncode == 0, done.stderr
    report = (repository / "build" / "ci" / "comparison.md").read_text()
    assert "### new\n\nA new scenario" in report
    assert report.count("### ") == 3
    assert re.search(r"### said of compare [0-9a-f]{12} \. --scenario first", report)
    assert (repository / "summary.md").read_text() == report
    made = {path.name for path in (repository / "build" / "ci").iterdir()}
    assert {"first.md", "first.json", "first.html", "slow.json"} <= made
    assert "new.md" not in made
    calls = (repository / "calls").read_text().splitlines()
    assert len(calls) == 2  # text, map and tables come from one comparison
    assert not [line for line in calls if " main " in line]


def test_a_comparison_that_fails_says_so_and_fails_the_stage(repository):
    (repository / "data" / "scenarios" / "broken.toml").write_text("")
    subprocess.run([*GIT, "add", "-A"], cwd=repository, check=True)  # noqa: S603 - ours
    subprocess.run([*GIT, "commit", "-qm", "b"], cwd=repository, check=True)  # noqa: S603 - ours
    done = stage(repository, ".ci/compare", "HEAD")
    assert done.returncode == 1
    assert done.stderr == "ci: no comparison for broken\n"
    assert "said of" in (repository / "build" / "ci" / "comparison.md").read_text()


@pytest.mark.parametrize("base", ["gone", "--help", "$(touch pwned)"])
def test_a_revision_that_is_not_there_is_named(repository, base):
    done = stage(repository, ".ci/compare", base)
    assert done.returncode == 2
    assert done.stderr.startswith(f"ci: {base} is no revision")
    assert not (repository / "pwned").exists()


def test_pages_and_maps_come_together_in_one_folder(repository):
    docs, run = repository / "build" / "docs", repository / "runs" / "first"
    for folder in (docs, run, repository / "runs" / "unfinished"):
        folder.mkdir(parents=True)
    (docs / "index.html").write_text("pages")
    (run / "map.html").write_text("map")
    (run / "ranking.csv").write_text("rank")
    (run / "secret.txt").write_text("not asked for")
    (run / "run.json").write_text('{"scenario": {"title": {"ko": "가<나", "en": "a & b"}}}')
    stale = repository / "build" / "pages" / "old.html"
    stale.parent.mkdir()
    stale.write_text("old")
    done = stage(repository, sys.executable, ".ci/pages.py", "build/docs", "runs", "build/pages")
    assert done.returncode == 0, done.stderr
    pages = repository / "build" / "pages"
    files = {str(path.relative_to(pages)) for path in pages.rglob("*") if path.is_file()}
    assert files == {
        "index.html", "docs/index.html", "maps/first/map.html", "maps/first/ranking.csv",
        "maps/first/run.json",
    }  # fmt: skip
    listed = (pages / "index.html").read_text(encoding="utf-8")
    assert "가&lt;나" in listed
    assert 'href="maps/first/map.html"' in listed
    assert "ranking.xlsx" not in listed
