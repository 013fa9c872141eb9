"""What a newcomer reads first agrees with itself: versions, licence, paths, tools."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


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


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md"])
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
    assert all(repo["repo"] == "local" for repo in config["repos"])
