"""The key of a stage has the type of its result."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
from typing import assert_type
from siteopt.grid.connections import Connections
from siteopt.portfolio.optimal_plan import Planned
from siteopt.runs.pipeline import CANDIDATES, CONNECTIONS, PORTFOLIO
from siteopt.stages.stage import Given, Stage

def read(given: Given) -> None:
    assert_type(given.result(CONNECTIONS), Connections)
    assert_type(given.result(PORTFOLIO), Planned)
    assert_type(given.result(CANDIDATES), list[str])
"""
WRONG = """
from siteopt.runs import pipeline

def misspelt(given: Given) -> None:
    given.result(pipeline.CONECTIONS)

def by_name(given: Given) -> None:
    given.result("connections")

def taken_for_another(given: Given) -> Connections:
    return given.result(PORTFOLIO)

def of_another_result(given: Given) -> Planned:
    return given.result(PORTFOLIO)

ANOTHER: Stage[list[str]] = Stage("another", "", of_another_result, "")
"""


@pytest.mark.parametrize(("program", "wrong"), [(PROGRAM, []), (PROGRAM + WRONG, [
    '"CONECTIONS"', 'has incompatible type "str"', '(got "Planned", expected "Connections")',
    'has incompatible type "Callable[[Given], Planned]"',
])])  # fmt: skip
def test_mypy_knows_the_result_of_a_stage(program, wrong, tmp_path):
    file = tmp_path / "program.py"
    file.write_text(program)
    words = ["--config-file", str(ROOT / "pyproject.toml")]
    done = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-m", "mypy", *words, "--follow-imports", "silent", str(file)],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env=os.environ | {"MYPYPATH": str(ROOT)},
    )  # fmt: skip
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert len(errors) == len(wrong), done.stdout
    for line, part in zip(errors, wrong, strict=True):
        assert part in line
