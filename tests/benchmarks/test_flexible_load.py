"""The benchmark of flexible load: lines, and what would be wrong."""

from benchmarks import flexible_load
from benchmarks.flexible_load import Figure

STEADY = Figure(0.8, 0.0, between=False, krw_kwh=220.0)


def test_what_each_percent_saves_is_told():
    found = [STEADY, Figure(0.8, 0.05, between=True, krw_kwh=218.0)]
    assert flexible_load.lines(found) == [
        "80 % by the hour,  0.0 % of load flexible: 220.00 KRW/kWh",
        (
            "80 % by the hour,  5.0 % of load flexible (between sites too): 218.00 KRW/kWh, "
            "0.40 less for each %"
        ),
    ]
    assert flexible_load.faults(found) == []


def test_flexible_load_that_costs_more_is_a_fault():
    found = [STEADY, Figure(0.8, 0.05, between=False, krw_kwh=220.1)]
    assert flexible_load.faults(found) == ["more flexible load costs more at 80 %"]
