"""The benchmark of the energy program: its figures agree, and what is wrong is named."""

from benchmarks import energy


def test_a_day_on_the_embedded_case_is_answered_the_same_warm_and_from_scratch():
    found = energy.figures(1)
    assert energy.faults(found) == []
    assert found["rows"] > 24
    assert "1 typical days, all branches in service" in energy.lines(1, found, network=True)[0]


def test_a_cut_above_a_cost_is_a_fault():
    assert energy.faults({"difference": 0.0, "cut_above": 1e-3}) == ["a cut is above by 1.0e-03"]
