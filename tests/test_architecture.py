"""The graph of imports: no circle, the contracts of pyproject.toml kept; lazy and type-only count."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}


def graph_of(package):
    return grimp.build_graph(package, cache_dir=None)


def circles(graph):
    """Return the strongly connected components of more than one module (Tarjan 1972)."""
    number, low, stack, found = {}, {}, [], []

    def visit(module):
        number[module] = low[module] = len(number)
        stack.append(module)
        for other in sorted(graph.find_modules_directly_imported_by(module)):
            if other not in number:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], number[other])
        if low[module] == number[module]:
            place = stack.index(module)
            members = stack[place:]
            del stack[place:]
            if len(members) > 1:
                found.append(sorted(members))

    for module in sorted(graph.modules):
        if module not in number:
            visit(module)
    return found


def outside(graph, package):
    """Return the modules that a package imports and that are not in it."""
    inside = {package, *graph.find_descendants(package)}
    imported = {other for one in inside for other in graph.find_modules_directly_imported_by(one)}
    return imported - inside


@pytest.fixture(scope="module")
def graph():
    return graph_of("siteopt")


@pytest.fixture(scope="module")
def linted():
    """The words of import-linter on every contract, whitespace aside."""
    command = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT, capture_output=True, check=False, text=True, encoding="utf-8", timeout=60,
        env={"PATH": "", "PYTHONUTF8": "1", "COLUMNS": "200"},
    )  # fmt: skip
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("package", ["siteopt", "benchmarks"])
def test_no_module_imports_itself_by_way_of_others(package):
    assert circles(graph_of(package)) == []


@pytest.mark.parametrize("contract", sorted(CONTRACTS))
def test_contract_is_kept(contract, linted):
    assert f"{CONTRACTS[contract]} KEPT" in linted, linted


def test_the_graph_has_every_module(graph):
    # a folder without __init__.py would be no part of it, and so of no contract
    files = {file.relative_to(ROOT) for file in (ROOT / "siteopt").rglob("*.py")}
    names = {".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files}
    assert names == set(graph.modules)


def test_portfolio_depends_on_scenario_errors_solver_and_arrays_alone(graph):
    ground = {
        "siteopt._arrays", "siteopt.errors", "siteopt.highs", "siteopt.limit_key",
        "siteopt._notebook",  # a base without any content, by which notebooks show a plan
    }  # fmt: skip
    others = outside(graph, "siteopt.portfolio") - ground
    assert {name for name in others if not name.startswith("siteopt.scenario")} == set()


def test_verification_shares_nothing_with_the_program_it_verifies(graph):
    imported = graph.find_modules_directly_imported_by("siteopt.portfolio.verification")
    assert imported <= {"siteopt.errors", "siteopt.scenario"}


def test_nothing_imports_the_face_of_the_package(graph):
    assert graph.find_modules_that_directly_import("siteopt") == set()


def test_every_module_is_named_by_what_it_holds(graph):
    vague = {"utils", "util", "helpers", "misc", "common", "tools"}
    assert [name for name in graph.modules if name.split(".")[-1].strip("_") in vague] == []


@pytest.mark.parametrize(
    "back",
    [
        "from made_up.first import one\n",
        "def two():\n    from made_up.first import one\n    return one\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from made_up.first import one\n",
    ],
    ids=["plain", "lazy", "types only"],
)
def test_a_circle_is_found_however_it_is_imported(back, tmp_path, monkeypatch):
    package = tmp_path / "made_up"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "first.py").write_text("import made_up.second\n", encoding="utf-8")
    (package / "second.py").write_text("import made_up.third\n", encoding="utf-8")
    (package / "third.py").write_text(back, encoding="utf-8")
    (package / "apart.py").write_text("import made_up.first\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert circles(graph_of("made_up")) == [["made_up.first", "made_up.second", "made_up.third"]]
    (package / "third.py").write_text("", encoding="utf-8")
    assert circles(graph_of("made_up")) == []
