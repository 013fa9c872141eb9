import ast
import sys

import pytest

from siteopt.runs import pipeline
from siteopt.stages import code
from siteopt.stages.code import LIBRARIES, code_of, libraries_of, package_files

STAGES = {stage.name: stage for stage in pipeline.STAGES}


def of(stage):
    return code_of(STAGES[stage].function.__name__, "siteopt.runs.pipeline")


def test_the_code_of_the_map_is_no_concern_of_screening():
    assert not [part for part in of("eligibility") if "report" in part or "portfolio" in part]
    assert "siteopt.report._payload" in of("map")
    assert "siteopt/report/assets/app.js" in of("map")
    assert "siteopt/report/texts.csv" in of("map")


@pytest.mark.parametrize(
    ("stage", "modules"),
    [
        ("eligibility", {"screening.kernel", "screening.exclusions", "_scenario_screening"}),
        ("sites", {"candidates", "parcels", "layers.readers"}),
        ("criteria", {"criteria", "criteria.water", "criteria._places"}),
        ("connections", {"grid.routes", "grid._dijkstra", "grid.reinforcements", "_processes"}),
        ("portfolio", {"portfolio.families.flows", "grid.dispatch", "highs", "portfolio.core"}),
    ],
)
def test_modules_are_followed_to_where_names_come_from(stage, modules):
    assert {f"siteopt.{name}" for name in modules} <= set(of(stage))
    assert "siteopt.scenario" not in of("eligibility")


def test_a_helper_of_the_function_belongs_to_it(monkeypatch, tmp_path):
    before = of("map")["siteopt.runs.pipeline:_map"]
    text = code._path("siteopt.runs.pipeline").read_text(encoding="utf-8")
    (tmp_path / "siteopt").mkdir()

    def with_text(changed):
        (tmp_path / "pipeline.py").write_text(changed, encoding="utf-8")
        source = code._Source.__new__(code._Source)
        monkeypatch.setattr(code, "_path", lambda _: tmp_path / "pipeline.py")
        source.__init__("siteopt.runs.pipeline")
        monkeypatch.undo()
        parts = {name: source.text(node) for name, node in _defined(source).items()}
        named = {
            stage: [source.text(node) for node in source.named(stage)]
            for stage in ("_map", "_sites")
        }
        return parts, named

    _, plain = with_text(text)
    _, changed = with_text(text.replace("further=further,", "further=further,  # x"))
    assert changed["_map"] != plain["_map"]  # through _tables
    assert changed["_sites"] == plain["_sites"]
    assert before


def _defined(source):
    return {node.name: node for node in source.tree.body if isinstance(node, ast.FunctionDef)}


def test_what_only_a_type_checker_sees_is_left_out():
    tree = ast.parse(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from siteopt.costs.discounted import cost_options\n"
        "else:\n    from siteopt.highs import solve\n"
        "def f():\n    from siteopt.criteria.scoring import score_sites\n"
    )
    assert set(code._imports(tree)) == {"siteopt.highs", "siteopt.criteria.scoring"}


def test_every_library_that_siteopt_imports_is_known():
    found = set()
    for path in package_files():
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module]
                found |= {name.partition(".")[0] for name in names}
    assert found - sys.stdlib_module_names - {"siteopt"} <= set(LIBRARIES)


def test_a_stage_hangs_on_the_libraries_that_it_reaches():
    assert "folium" in libraries_of(of("map"))
    assert "folium" not in libraries_of(of("portfolio"))
    assert {"python", "machine", "highspy", "numpy"} <= set(libraries_of(of("portfolio")))


def test_no_module_behind_a_stage_imports_by_name():
    """What is imported by a computed name could not be followed."""
    for stage in STAGES:
        for part in of(stage):
            if "/" in part or ":" in part or part.startswith("siteopt.stages."):
                continue
            tree = ast.parse(code._path(part).read_text(encoding="utf-8"))
            names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
            names |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
            assert not names & {"import_module", "__import__"}, part
