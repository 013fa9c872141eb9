"""Profiles that a user brings: what is taken, what is refused in one line, and the scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import brentq

from siteopt.energy._hours import YEAR_H, hour_begins, hour_label, hour_numbers, numbers
from siteopt.energy.profiles import (
    YearProfiles,
    read_profiles,
    scaled_profiles,
    scaled_to_yield,
)
from siteopt.errors import LayerError, LayerFileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siteopt._arrays import Floats

PROVINCES = pd.DataFrame(
    {
        "province_code": ["46", "50"],
        "name_ko": ["전라남도", "제주특별자치도"],
        "name_en": ["Jeonnam", "Jeju"],
    }
)
HOUR = np.arange(1, YEAR_H + 1)
SUN = np.maximum(np.cos((HOUR - 13) / 12 * np.pi), 0.0)
"""Six to six, highest in the hour that ends at 13:00."""
WIND = 0.3 + 0.2 * np.sin(HOUR / 40)

Profile = arrays(np.float64, st.integers(1, 60), elements=st.floats(0.0, 1.0))


def table(**changed: Any) -> pd.DataFrame:
    return pd.DataFrame({"hour": HOUR, "Jeonnam": SUN, "50": WIND * 0.0 + SUN} | changed)


def read(source: Any, kind: Any = "solar", **more: Any) -> YearProfiles:
    return read_profiles(source, kind, provinces=PROVINCES, name="mine", **more)


def stamped(start: str, periods: int = YEAR_H, **more: Any) -> pd.DataFrame:
    """Return a table with time stamps, whose sun does not matter (to be read as wind)."""
    return pd.DataFrame(
        {"time": pd.date_range(start, periods=periods, freq="h", **more), "46": 0.3}
    )


def test_columns_are_provinces_by_code_or_name_in_the_order_of_codes() -> None:
    found = read(pd.DataFrame({"hour": HOUR, " jeju ": WIND, "전라남도": WIND / 2}), "wind")
    assert found.province_code.tolist() == ["46", "50"]
    np.testing.assert_array_equal(found.of("46"), WIND / 2)
    np.testing.assert_array_equal(found.of("50"), WIND)
    assert not found.hourly_yield.flags.writeable
    with pytest.raises(LayerError, match=r"^mine: no wind profile of province 11; it has 46, 50$"):
        found.of("11")


def test_the_embedded_provinces_are_the_default() -> None:
    found = read_profiles(pd.DataFrame({"hour": HOUR, "서울특별시": WIND}), "wind")
    assert found.province_code.tolist() == ["11"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_file_is_read_to_the_last_digit(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "sun.csv"
    table().rename(columns={"Jeonnam": "전라남도"}).to_csv(path, index=False, encoding=encoding)
    found = read(path)
    assert found.name == "sun.csv"
    np.testing.assert_array_equal(found.of("46"), SUN)


@pytest.mark.parametrize(
    ("frame", "stamp"),
    [
        (stamped("2025-01-01 01:00"), "end"),
        (stamped("2025-01-01 00:00"), "begin"),
        (stamped("2025-01-01 01:00", tz="Asia/Seoul"), "end"),
        (stamped("2024-12-31 16:00", tz="UTC"), "end"),
        (stamped("2025-01-01 01:00").set_index("time"), "end"),
        (stamped("2024-01-01 01:00", YEAR_H + 24).drop(range(59 * 24, 60 * 24)), "end"),
    ],
    ids=["end", "begin", "zone", "utc", "index", "leap day dropped"],
)
def test_time_stamps_name_the_hours_of_a_year(frame: pd.DataFrame, stamp: Any) -> None:
    frame = frame.assign(**{"46": WIND})
    np.testing.assert_array_equal(read(frame, "wind", stamp=stamp).of("46"), WIND)


def shifted(hours: int) -> pd.DataFrame:
    return table(Jeonnam=np.roll(SUN, hours))


def with_value(hour: int, value: Any) -> Callable[[], pd.DataFrame]:
    def made() -> pd.DataFrame:
        column = SUN.astype(object)
        column[hour - 1] = value
        return table(Jeonnam=column)

    return made


BAD: dict[str, tuple[Callable[[], pd.DataFrame], str]] = {
    "gap": (
        lambda: table().drop([99, 100, 5000]),
        ("mine: 8757 hours, 8760 are needed: 3 missing, the first is hour 100 (5 January, 03:00 to "
        "04:00 KST)"),
    ),
    "leap": (
        lambda: pd.DataFrame({"hour": range(1, 8785), "46": 0.1}),
        "mine: 8784 hours, 24 of them on 29 February; 8760 are needed: drop 29 February",
    ),
    "leap stamps": (
        lambda: stamped("2024-01-01 01:00", 8784),
        "mine: 8784 hours, 24 of them on 29 February; 8760 are needed: drop 29 February",
    ),
    "a leap year cut at its end": (
        lambda: stamped("2024-01-01 01:00"),
        "mine: 8760 hours, 24 of them on 29 February; 8760 are needed: drop 29 February",
    ),
    "a day": (
        lambda: table().head(24),
        ("mine: 24 hours, 8760 are needed: 8736 missing, the first is hour 25 (2 January, 00:00 to "
        "01:00 KST)"),
    ),
    "two years": (
        lambda: stamped("2022-01-01 01:00", 2 * YEAR_H),
        ("mine: hour 1 (1 January, 00:00 to 01:00 KST) is there twice, in rows 1 and 8761 of 17520; "
        "each hour of one year is needed once"),
    ),
    "half hours": (
        lambda: stamped("2025-01-01").assign(time=pd.date_range("2025", freq="30min", periods=8760)),
        ("mine: time '2025-01-01 00:30:00' is not on the hour in KST; whole hours are needed: round "
        "down and say stamp='begin'"),
    ),
    "twice": (
        lambda: pd.concat([table().head(7), table().tail(-6)]),
        ("mine: hour 7 (1 January, 06:00 to 07:00 KST) is there twice, in rows 7 and 8 of 8761; each "
        "hour of one year is needed once"),
    ),
    "unsorted": (
        lambda: table().iloc[[1, 0, *range(2, YEAR_H)]],
        ("mine: hour 1 (1 January, 00:00 to 01:00 KST) comes after hour 2, in row 2; hours in order "
        "from 1 January 00:00 to 31 December 24:00 KST are needed"),
    ),
    "year of UTC": (
        lambda: stamped("2025-01-01 00:00", tz="UTC"),
        ("mine: hour 1 (1 January, 00:00 to 01:00 KST) comes after hour 8760, in row 8753; hours in "
        "order from 1 January 00:00 to 31 December 24:00 KST are needed"),
    ),
    "beginnings": (
        lambda: stamped("2025-01-01 00:00"),
        ("mine: the first time is 00:00 on 1 January, which ends an hour of the year before; 01:00 "
        "is needed there, or stamp='begin' if times name the beginning of their hour"),
    ),
    "hours from 0": (
        lambda: table(hour=HOUR - 1),
        "mine: hour '0' in row 1; a whole number from 1 to 8760, or a time (2025-01-01 01:00) in every row, is needed",
    ),
    "half an hour": (
        lambda: table(hour=np.where(HOUR == 5, 5.5, HOUR)),
        "mine: hour '5.5' in row 5; a whole number from 1 to 8760, or a time (2025-01-01 01:00) in every row, is needed",
    ),
    "no hour": (
        lambda: table(hour=np.where(HOUR == 5, "noon", HOUR.astype(str))),
        (
            "mine: hour 'noon' in row 5; a whole number from 1 to 8760, or a time (2025-01-01 "
            "01:00) in every row, is needed"
        ),
    ),
    "no time": (
        lambda: stamped("2025-01-01 01:00").astype({"time": str}).replace(
            "2025-01-02 00:00:00", "2025-01-01 24:00"
        ),
        (
            "mine: time '2025-01-01 24:00' in row 24 cannot be read; a time like 2025-01-01 01:00 "
            "or 2025-01-01T01:00+09:00 is needed, or hours from 1 to 8760"
        ),
    ),
    "one zone": (
        lambda: stamped("2025-01-01 01:00").astype({"time": str}).assign(
            time=lambda t: t["time"] + np.where(t.index == 3, "", "+09:00")
        ),
        "mine: time '2025-01-01 04:00:00' has no time zone, others have one; all or none is needed",
    ),
    "above 1": (
        with_value(4000, 1.08),
        ("mine: Jeonnam, hour 4000 (16 June, 15:00 to 16:00 KST) is 1.08; a number from 0 to 1 is "
        "needed"),
    ),
    "below 0": (
        with_value(1, -0.001),
        ("mine: Jeonnam, hour 1 (1 January, 00:00 to 01:00 KST) is -0.001; a number from 0 to 1 is "
        "needed"),
    ),
    "infinite": (
        with_value(2, np.inf),
        ("mine: Jeonnam, hour 2 (1 January, 01:00 to 02:00 KST) is inf; a number from 0 to 1 is "
        "needed"),
    ),
    "nan": (
        with_value(8760, np.nan),
        ("mine: Jeonnam, hour 8760 (31 December, 23:00 to 24:00 KST) is empty; a number from 0 to 1 "
        "is needed"),
    ),
    "nan in numbers": (
        lambda: table(Jeonnam=np.where(HOUR == 3, np.nan, SUN)),
        ("mine: Jeonnam, hour 3 (1 January, 02:00 to 03:00 KST) is empty; a number from 0 to 1 is "
        "needed"),
    ),
    "text": (
        with_value(12, "0,4"),
        ("mine: Jeonnam, hour 12 (1 January, 11:00 to 12:00 KST) is '0,4'; a number from 0 to 1 is "
        "needed"),
    ),
    "UTC": (
        lambda: shifted(-9),
        ("mine: Jeonnam yields 0.716 from 22:00 to 04:00 and most in hour 4 of the mean day; no sun "
        "at night and a peak in hours 10 to 15 are needed: local time KST, hour h ends at h o'clock "
        "(files in UTC are 9 hours early)"),
    ),
    "a little late": (
        lambda: shifted(3),
        ("mine: Jeonnam yields 0.000 from 22:00 to 04:00 and most in hour 16 of the mean day; no sun "
        "at night and a peak in hours 10 to 15 are needed: local time KST, hour h ends at h o'clock "
        "(files in UTC are 9 hours early)"),
    ),
    "night": (
        lambda: table(Jeonnam=SUN * 0.9 + 0.01),
        ("mine: Jeonnam yields 0.010 from 22:00 to 04:00 and most in hour 13 of the mean day; no sun "
        "at night and a peak in hours 10 to 15 are needed: local time KST, hour h ends at h o'clock "
        "(files in UTC are 9 hours early)"),
    ),
    "no sun": (
        lambda: table(Jeonnam=SUN * 0),
        "mine: Jeonnam is 0 all year; a solar yield above 0 is needed",
    ),
    "no province": (
        lambda: table().rename(columns={"50": "Honam"}),
        ("mine: column 'Honam' is no province; a code or name of the layer provinces is needed (46, "
        "전라남도 or Jeonnam)"),
    ),
    "a province twice": (
        lambda: table().rename(columns={"50": "46"}),
        "mine: column '46' is a second one of province 46; one is needed",
    ),
    "a name twice": (
        lambda: table().rename(columns={"50": "Jeonnam"}),
        "mine: column Jeonnam appears twice; names must be unique",
    ),
    "hours alone": (
        lambda: table()[["hour"]],
        "mine: no column beside the hours; one for each province is needed",
    ),
    "no hours": (
        lambda: table().drop(columns="hour"),
        "mine: no column of hours; one is needed: 'time' (2025-01-01 01:00) or 'hour' (1 to 8760)",
    ),
    "hours in two ways": (
        lambda: table(time=HOUR),
        "mine: two columns of hours; one is needed: 'time' (2025-01-01 01:00) or 'hour' (1 to 8760)",
    ),
    "no rows": (
        lambda: table().head(0),
        "mine: has no rows; a row for each of the 8760 hours is needed",
    ),
}  # fmt: skip


def kind_of(case: str) -> str:
    return "wind" if list(BAD[case][0]().columns[:1]) == ["time"] else "solar"


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_in_one_line(case: str) -> None:
    made, message = BAD[case]
    with pytest.raises(LayerError) as caught:
        read(made(), kind_of(case))
    assert str(caught.value) == message


@pytest.mark.parametrize("case", ["gap", "above 1", "nan", "text", "UTC", "no province", "twice"])
def test_a_file_gets_the_same_line_as_a_table(tmp_path: Path, case: str) -> None:
    made, message = BAD[case]
    made().to_csv(tmp_path / "mine", index=False)
    with pytest.raises(LayerError) as caught:
        read(tmp_path / "mine")
    assert str(caught.value) == message


def test_a_file_that_is_not_there_or_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerFileError, match="no such file"):
        read(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_text("hour;46\n1;0.2\n", encoding="utf-8")
    with pytest.raises(LayerError, match="semicolons between cells; commas are needed"):
        read(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_text('hour,46\n1,"0.2\n', encoding="utf-8")
    with pytest.raises(LayerError, match=r"^a\.csv: cannot be read as csv \(.*is the file whole"):
        read(tmp_path / "a.csv")


def test_other_words_than_the_known_are_refused() -> None:
    with pytest.raises(LayerError, match=r"^mine: profiles of 'sun'; 'solar' or 'wind' is needed$"):
        read(table(), "sun")
    with pytest.raises(LayerError, match=r"^mine: stamp is 'start'; 'end' or 'begin' is needed$"):
        read(table(), stamp="start")


def test_wind_blows_at_night_and_may_be_nothing() -> None:
    found = read(table(Jeonnam=WIND, **{"50": WIND * 0}), "wind")
    assert found.of("50").sum() == 0


@given(st.lists(st.floats() | st.floats(-0.1, 1.1).map(str) | st.text(max_size=4), min_size=1))
def test_cells_are_numbers_of_the_range_or_the_first_other_one_is_named(cells: list[Any]) -> None:
    good = [is_yield(cell) for cell in cells]
    column, hour = pd.Series(cells, dtype=object), np.arange(1, len(cells) + 1)
    if all(good):
        found = numbers(column, "mine: 46", hour, 0.0, 1.0)
        assert found.tolist() == [float(cell) for cell in cells]
        return
    with pytest.raises(LayerError) as caught:
        numbers(column, "mine: 46", hour, 0.0, 1.0)
    assert str(caught.value).startswith(f"mine: 46, {hour_label(good.index(False) + 1)} is ")
    assert "\n" not in str(caught.value)


def is_yield(cell: float | str) -> bool:
    try:
        return 0.0 <= float(cell) <= 1.0 and "_" not in str(cell)
    except ValueError:
        return False


@given(st.integers(1970, 2100), st.integers(1, YEAR_H), st.integers(1, YEAR_H))
def test_a_lost_hour_is_found(year: int, lost: int, also: int) -> None:
    times = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")
    times = times[(times.month != 2) | (times.day != 29)]
    keep = np.setdiff1d(np.arange(YEAR_H), [lost - 1, also - 1])
    with pytest.raises(LayerError) as caught:
        read(pd.DataFrame({"time": times[keep], "46": 0.2}), "wind", stamp="begin")
    assert f"the first is {hour_label(min(lost, also))}" in str(caught.value)


@given(st.integers(-9, 14))
def test_the_clock_of_naive_times_is_the_one_given(offset: int) -> None:
    local = pd.Series(pd.date_range("2025-01-01 01:00", periods=48, freq="h"))
    found = hour_begins(local, "mine", utc_offset_h=offset)
    assert found[0].tz_convert("UTC") == pd.Timestamp("2025-01-01", tz="UTC") - pd.Timedelta(
        hours=offset
    )


def test_hours_of_every_year_are_numbered_alike() -> None:
    for year in (2023, 2024, 2025, 2100):
        times = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")
        number = hour_numbers(times)
        leap = (times.month == 2) & (times.day == 29)
        np.testing.assert_array_equal(number[~leap], HOUR)
        assert not number[leap].any()


def by_root_search(profile: Floats, mean: float) -> Floats:
    def miss(log_factor: float) -> float:
        return float(np.minimum(profile * np.exp(log_factor), 1.0).mean()) - mean

    factor = np.exp(float(brentq(miss, -40.0, 40.0, xtol=1e-13)))
    return np.asarray(np.minimum(profile * factor, 1.0))


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(1e-6, 1.0)), st.floats(0.01, 0.99))
def test_a_root_search_finds_the_same_scaling(profile: Floats, mean: float) -> None:
    np.testing.assert_allclose(
        scaled_to_yield(profile, mean), by_root_search(profile, mean), rtol=1e-9, atol=1e-12
    )


@given(Profile, st.floats(0.0, 1.0))
def test_scaling_keeps_range_order_and_zeros_and_meets_the_mean(
    profile: Floats, part: float
) -> None:
    mean = part * np.count_nonzero(profile > 0) / len(profile)
    scaled = scaled_to_yield(profile, mean)
    assert ((scaled >= 0) & (scaled <= 1)).all()
    assert not scaled[profile == 0].any()
    assert (np.diff(scaled[np.argsort(profile, kind="stable")]) >= 0).all()
    assert scaled.mean() == pytest.approx(mean, rel=1e-9, abs=1e-300)


@given(Profile)
def test_scaling_to_its_own_mean_changes_nothing(profile: Floats) -> None:
    np.testing.assert_allclose(scaled_to_yield(profile, profile.mean()), profile, rtol=1e-9)


@given(Profile, st.floats(1e-9, 1.0))
def test_a_mean_beyond_the_hours_that_yield_is_refused(profile: Floats, more: float) -> None:
    reachable = np.count_nonzero(profile > 0) / len(profile)
    for mean in (reachable + more, -more, np.nan):
        with pytest.raises(LayerError, match=r"cannot be reached by scaling the profile; from 0"):
            scaled_to_yield(profile, mean)


def test_the_sun_of_half_the_hours_reaches_half() -> None:
    scaled = scaled_to_yield(SUN, np.count_nonzero(SUN > 0) / YEAR_H)
    assert set(scaled.tolist()) == {0.0, 1.0}
    with pytest.raises(LayerError, match=r"^a mean yield of 0\.7 cannot be reached"):
        scaled_to_yield(SUN, 0.7)


def test_profiles_meet_the_measured_yields_of_their_provinces() -> None:
    found = scaled_profiles(read(table()), {"46": 0.132, "50": 0.15, "11": 0.1})
    assert found.hourly_yield.mean(axis=0) == pytest.approx([0.132, 0.15], rel=1e-12)
    with pytest.raises(LayerError, match=r"^mine: solar of province 50 has no measured yield; a"):
        scaled_profiles(found, {"46": 0.132})
    with pytest.raises(LayerError, match=r"^mine: solar of province 50: a mean yield of 0\.9 cann"):
        scaled_profiles(found, {"46": 0.132, "50": 0.9})
