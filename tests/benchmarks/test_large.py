"""The figures of large cases: both programs on the same tables."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import large
from benchmarks.angles import AngleProgram
from benchmarks.published import Tables, published, write


def test_a_case_is_measured_on_both_sides():
    found = large.measure("case39")
    assert (found["buses"], found["branches"]) == (39, 46)
    assert found["apart_mw"] < 1e-3
    assert found["cpu"] > 0
    assert found["plain_cpu"] > 0


def test_a_file_has_the_tables_that_were_written(tmp_path):
    tables = published("case9")
    write(tables, tmp_path / "nine.m")
    again = large._tables(tmp_path / "nine.m")
    assert again.base_mva == tables.base_mva
    for name in ("bus", "gen", "branch"):
        np.testing.assert_array_equal(getattr(again, name), getattr(tables, name))


def test_the_plain_program_by_hand():
    # two thirds of what bus 3 draws from bus 1 takes the direct branch, a third goes by bus 2
    bus, gen, branch = np.zeros((3, 13)), np.zeros((1, 10)), np.zeros((3, 11))
    bus[:, 0] = [1, 2, 7]
    gen[0, [0, 7, 8]] = [1, 1, 1000]
    branch[:, :2] = [[1, 2], [2, 7], [1, 7]]
    branch[:, [3, 10]] = [0.1, 1]
    branch[2, 5] = 60
    plain = AngleProgram(*Tables(100.0, bus, gen, branch))
    assert [plain.most(number) for number in (1, 2, 7)] == pytest.approx([1000, 180, 90])
