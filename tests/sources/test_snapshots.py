"""The rules of the snapshots on a made-up year whose right hours are put there by hand."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.errors import LayerError
from siteopt.sources.snapshots import find_hours, snapshot_tables
from siteopt.sources.typical_days import Year

HOURS = 8760


def hour_of(day, hour):
    return (day - 1) * 24 + hour


def year(**changes):
    """Return a flat year of two buses; ``demand={hour: MW}`` and so on set single hours."""
    daylight = (np.arange(HOURS) % 24 >= 7) & (np.arange(HOURS) % 24 < 18)
    values = {
        "demand": np.full((HOURS, 2), 100.0),
        "solar": np.repeat(np.where(daylight, 0.3, 0.0)[:, None], 2, axis=1),
        "wind": np.full((HOURS, 2), 0.2),
    }
    for name, cells in changes.items():
        for hour, value in cells.items():
            values[name][hour - 1] = value
    return Year(
        values["demand"], values["solar"], values["wind"], np.array([50.0, 10.0]),
        np.array([5.0, 20.0]), np.array(["46", "47"]),
    )  # fmt: skip


def test_each_rule_finds_its_hour():
    hours = find_hours(
        year(
            demand={
                hour_of(200, 15): 300,  # the peak
                hour_of(20, 19): 250,  # winter, dark
                hour_of(20, 12): 260,  # winter, but by day
                hour_of(100, 12): 60,  # spring
                hour_of(180, 12): 50,  # lower still, but summer
            },
            wind={
                hour_of(80, 3): (0.3, 0.9),
                hour_of(80, 12): 1.0,  # windier, but by day
                hour_of(81, 3): (1.0, 0.6),  # higher ratios, fewer MW
            },
        )
    )
    assert hours == {
        "peak": hour_of(200, 15), "winter_evening": hour_of(20, 19),
        "spring_noon": hour_of(100, 12), "windy_night": hour_of(80, 3),
    }  # fmt: skip


def test_the_lowest_net_load_counts_sun_and_not_only_demand():
    sunny, quiet = hour_of(110, 13), hour_of(111, 13)
    found = find_hours(year(demand={quiet: 95.0}, solar={sunny: 1.0, quiet: 0.3}))
    assert found["spring_noon"] == sunny


def test_of_equal_hours_the_first_is_taken():
    assert find_hours(year())["peak"] == 1
    assert find_hours(year())["spring_noon"] == hour_of(60, 8)


def test_a_year_without_a_dark_winter_evening_is_refused():
    bright = {hour_of(day, hour): 0.1 for day in range(1, 366) for hour in range(18, 25)}
    with pytest.raises(LayerError, match="snapshot winter_evening: no hour of the year"):
        find_hours(year(solar=bright))


def test_tables_hold_every_bus_of_every_snapshot():
    at = hour_of(200, 15)
    snapshots, buses = snapshot_tables(year(demand={at: (300.0, 7.0)}), [5, 9])
    assert snapshots["snapshot_id"].tolist() == sorted(snapshots["snapshot_id"])
    assert snapshots.set_index("snapshot_id")["solar_and_wind"].to_dict() == {
        "peak": False, "spring_noon": True, "windy_night": True, "winter_evening": True,
    }  # fmt: skip
    assert len(buses) == 8
    peak = buses[buses["snapshot_id"] == "peak"].set_index("bus_id")["demand_mw"]
    assert peak.to_dict() == {5: 300.0, 9: 7.0}
