"""The key of a stage has the type of its result."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
from typing import assert_type
from siteopt.grid.connections import Connections
from siteopt.portfolio.optimal_plan import OptimalPlan
from siteopt.runs.pipeline import CANDIDATES, CONNECTIONS, PORTFOLIO
from siteopt.stages.stage import Given, Stage

def read(given: Given) -> None:
    assert_type(given.result(CONNECTIONS), Connections)
    assert_type(given.result(PORTFOLIO), OptimalPlan)
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

def of_another_result(given: Given) -> OptimalPlan:
    return given.result(PORTFOLIO)

ANOTHER: Stage[list[str]] = Stage("another", "", of_another_result, "")
"""


EXPECTED = [
    '"CONECTIONS"', 'has incompatible type "str"', '(got "OptimalPlan", expected "Connections")',
    'has incompatible type "Callable[[Given], OptimalPlan]"',
]  # fmt: skip


def test_mypy_knows_the_result_of_a_stage(tmp_path):
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(PROGRAM)
    wrong.write_text(PROGRAM + WRONG)
    # The options are those of `make lint`, so that what it has checked is taken from its cache.
    done = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-m", "mypy", str(right), str(wrong)],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env=os.environ | {"MYPYPATH": str(ROOT)},
    )  # fmt: skip
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert len(errors) == len(EXPECTED), done.stdout
    for line, part in zip(errors, EXPECTED, strict=True):
        assert Path(line.split(":")[0]).name == wrong.name
        assert part in line
