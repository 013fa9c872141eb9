"""What a newcomer reads first agrees with itself: versions, licence, paths, tools."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

OF_NO_PACKAGE = {"benchmarks", "ci", "docs", "fuzz", "notebooks"}
"""Folders of tests of what is beside the package."""
TOPICS = {
    "architecture", "assumptions", "browser", "comparison/national", "distribution/same_answers",
    "distribution/sets", "docstrings", "energy/pypsa",
    "grid/pieces", "grid/solved_state", "layers/bad_files", "layers/embedded", "portfolio/answer",
    "portfolio/constraints/new_family", "portfolio/published_program",
    "portfolio/search/on_a_real_grid", "report/accessibility", "report/compare_sites",
    "report/gis/qgis", "report/korean_page", "report/official_tasks", "report/page_tabs",
    "report/places/place_page", "runs/bad_input", "runs/curve_stage", "runs/kills",
    "runs/report_stage", "runs/same_bytes", "runs/views", "sources/facts", "wheel",
}  # fmt: skip
"""Tests of several modules at once, by what they are about."""


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_citation_and_changelog_name_the_version_of_the_package():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == PROJECT["version"]
    newest = re.search(
        r"^## (\d+\.\d+\.\d+) – (\d{4}-\d\d-\d\d)$", read("CHANGELOG.md"), re.MULTILINE
    )
    assert newest[1] == PROJECT["version"]
    assert newest[2] == citation["date-released"].isoformat()


def test_one_licence_everywhere():
    assert read("LICENSE").startswith("MIT License\n")
    assert PROJECT["license"] == "MIT" == yaml.safe_load(read("CITATION.cff"))["license"]
    assert "LICENSE" in PROJECT["license-files"]


def test_every_python_that_the_package_claims_is_tested():
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    tested = workflow["jobs"]["check"]["strategy"]["matrix"]["python"]
    word = "Programming Language :: Python :: "
    claimed = [name.removeprefix(word) for name in PROJECT["classifiers"] if word in name]
    assert tested == claimed
    assert PROJECT["requires-python"] == f">={tested[0]}"


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md", "README.ko.md"])
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", read(page)):
        assert (ROOT / target).exists(), target


def test_the_architecture_names_what_is_there():
    table = read("CONTRIBUTING.md").split("## The architecture", 1)[1].split("## What we", 1)[0]
    firsts = re.findall(r"^\| (`[^|]+) \|", table, flags=re.MULTILINE)
    named = {
        name.removeprefix("siteopt/")
        for first in firsts
        for name in re.findall(r"`([^`]+)`", first)
    }
    assert {"layers/", "portfolio/", "report/", "runs/"} <= named
    for name in named:
        assert list((ROOT / "siteopt").glob(name.rstrip("/"))), name
    folders = {path.parent.name + "/" for path in (ROOT / "siteopt").glob("*/__init__.py")}
    assert folders <= named, "a package that the page does not tell of"


def test_commit_hooks_use_the_tools_of_lint():
    config = yaml.safe_load(read(".pre-commit-config.yaml"))
    hooks = {hook["id"]: hook["entry"] for repo in config["repos"] for hook in repo["hooks"]}
    lint = read("Makefile").split("\nlint:", 1)[1].split("\n\n", 1)[0]
    for tool in ("ruff check", "ruff format --check", "mypy"):
        assert f"$(BIN)/{tool}" in lint
        assert any(entry.startswith(f".venv/bin/{tool}") for entry in hooks.values())
    assert "@.page-lint/check" in lint
    assert ".page-lint/check" in hooks.values()
    assert all(repo["repo"] == "local" for repo in config["repos"])


def test_every_script_of_a_page_is_checked():
    scripts = list((ROOT / "siteopt").glob("**/*.js"))
    assert {path.parent.parent.name for path in scripts} == {
        "report",
        "comparison",
        "scenario_sets",
    }
    for path in scripts:
        assert path.parent.name == "assets"
        assert path.read_text(encoding="utf-8").startswith('// @ts-check\n"use strict";\n'), path


def test_tools_of_the_pages_are_exact_versions_and_never_shipped():
    tools = json.loads(read(".page-lint/package.json"))
    assert tools["private"] is True
    assert set(tools) == {"private", "description", "devDependencies"}
    assert all(re.fullmatch(r"[\d.]+", version) for version in tools["devDependencies"].values())
    assert ".page-lint/node_modules/" in read(".gitignore").splitlines()
    build = tomllib.loads(read("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]
    assert not any(".page-lint" in str(part) for part in build.values())


def run_check(tmp_path, tools, **env):
    """Run the check of a copy whose search path has only some tools."""
    folder = tmp_path / ".page-lint"
    folder.mkdir()
    for script in ("check", "install"):
        shutil.copy(ROOT / ".page-lint" / script, folder)
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in ("bash", "dirname", *tools):
        (bin_ / name).symlink_to(shutil.which(name))
    return subprocess.run(  # noqa: S603 - our own script
        [shutil.which("bash"), folder / "check"], env={"PATH": str(bin_), **env},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_without_node_the_check_is_left_out_but_in_ci(tmp_path_factory):
    done = run_check(tmp_path_factory.mktemp("here"), ())
    assert (done.returncode, done.stdout) == (
        0,
        "pages: scripts not checked, there is no node on this machine\n",
    )
    done = run_check(tmp_path_factory.mktemp("ci"), (), CI="true")
    assert done.returncode == 1
    assert done.stderr == "pages: no node on this machine, and CI must check the scripts\n"


def test_tests_mirror_the_package():
    """A test file bears the name of its module or package; words after it are of one aspect."""
    package, apart = ROOT / "siteopt", set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        place = path.relative_to(ROOT / "tests").parent
        if place.parts and place.parts[0] in OF_NO_PACKAGE:
            continue
        beside = {one.stem.lstrip("_") for one in (package / place).iterdir()} | {place.name}
        name = path.stem.removeprefix("test_")
        if not any(name == one or name.startswith(f"{one}_") for one in beside - {""}):
            apart.add((place / name).as_posix())
    assert apart == TOPICS


def test_what_make_test_leaves_out_main_runs():
    makefile, workflow = read("Makefile"), yaml.safe_load(read(".github/workflows/ci.yml"))
    recipes = dict(
        re.findall(r"^(test|test-all|tests|ci-check):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    )
    assert re.search(r"^CHOICE = -m 'not slow'$", makefile, re.MULTILINE)
    assert "$(CHOICE)" in recipes["tests"]
    assert "lint tests" in recipes["test"]
    assert "lint tests CHOICE=--hypothesis-profile=thorough" in recipes["test-all"]
    assert "$(TESTS)" in recipes["ci-check"]
    steps = workflow["jobs"]["check"]["steps"]
    run = {step["run"]: step.get("if", "") for step in steps if "ci-check" in step.get("run", "")}
    assert run == {
        "make ci-check": "github.event_name == 'pull_request'",
        "make ci-check TESTS=test-all": "github.event_name != 'pull_request'",
    }
