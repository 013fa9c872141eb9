"""Work that the benchmark of screening times."""

from __future__ import annotations

from typing import get_args

import pytest

from benchmarks.screening import CASES, OPERATORS, made_screening
from siteopt.scenario import LayerExclusion, ShapeExclusion


@pytest.mark.parametrize("name", ["made", *OPERATORS])
@pytest.mark.parametrize("cell_m", [30.0, 100.0])
def test_exclusions_of_a_case_are_valid(name: str, cell_m: float) -> None:
    found = made_screening(cell_m, name)
    assert found.exclusions[0].kind == "outside"
    assert len(found.exclusions) == (12 if name == "made" else 1 + len(OPERATORS[name]))


def test_every_kind_is_timed() -> None:
    used = {
        one.kind for name in ("made", *OPERATORS) for one in made_screening(30.0, name).exclusions
    }
    kinds = {
        name
        for kind in (*get_args(LayerExclusion), *get_args(ShapeExclusion))
        for name in get_args(kind.model_fields["kind"].annotation)
    }
    assert used == kinds - {"below"}  # the work of `above`
    assert {case.name for case in CASES} >= set(OPERATORS)
