"""Profiles from a user's weather: the libraries' own figures, closed forms, and clocks."""

from __future__ import annotations

import itertools
import sys
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pvlib
import pytest
import windpowerlib

from siteopt.energy._hours import KST, YEAR_H, hour_label
from siteopt.energy.profiles import read_profiles
from siteopt.energy.weather import (
    Place,
    PowerCurve,
    PvPlant,
    Weather,
    WindPlant,
    read_weather,
    solar_profile,
    wind_profile,
)
from siteopt.errors import LayerError, LayerFileError, ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt._arrays import Floats

MOKPO = Place(126.4, 34.8, wind_height_m=10.0, roughness_m=0.15)
PLANT = PvPlant(tilt_deg=30, loss_pct=14, temperature_pct_k=-0.4)
LINEAR = PowerCurve(np.arange(21.0), np.arange(21.0) / 20)
"""Output is hub speed over 20 m/s, nothing above."""
HOURS = pd.date_range("2025-01-01", periods=YEAR_H, freq="h", tz=KST)


def clear_sky(begins: pd.DatetimeIndex) -> Floats:
    """Return global radiation of a clear sky (Haurwitz) over the place."""
    middle = begins + pd.Timedelta(minutes=30)
    zenith = pvlib.solarposition.get_solarposition(middle, MOKPO.lat, MOKPO.lon)["apparent_zenith"]
    return np.asarray(pvlib.clearsky.haurwitz(zenith)["ghi"], dtype=np.float64)


@cache
def clear_table(year: int = 2025, hours: int = YEAR_H) -> pd.DataFrame:
    """Return a year of half-cloudy weather, by the beginning of its hours in KST."""
    begins = pd.date_range(f"{year}-01-01", periods=hours, freq="h", tz=KST)
    rng = np.random.default_rng(16)
    days = np.repeat(rng.uniform(0.2, 1.0, hours // 24 + 1), 24)[:hours]
    clock = np.arange(hours)
    return pd.DataFrame(
        {
            "ghi_w_m2": clear_sky(begins) * days,
            "temp_c": 13 - 11 * np.cos(clock / YEAR_H * 2 * np.pi) - 4 * np.cos(clock / 12 * np.pi),
            "wind_speed_m_s": rng.weibull(2.0, hours) * 6,
        },
        index=begins,
    )


def weather(place: Place = MOKPO, **columns: Any) -> Weather:
    return read_weather(clear_table().assign(**columns), place, stamp="begin", name="mine")


def by_month_and_hour(profile: Floats) -> Floats:
    return np.asarray(profile.reshape(-1, 24).mean(axis=0))


# -- sun


def test_the_sun_yields_most_at_noon_and_nothing_at_night() -> None:
    profile = solar_profile(weather(), PLANT)
    assert profile.shape == (YEAR_H,)
    mean_day = by_month_and_hour(profile)
    assert int(mean_day.argmax()) + 1 in {12, 13}
    assert not mean_day[[22, 23, 0, 1, 2, 3]].any()
    assert 0.08 < profile.mean() < 0.2
    found = read_profiles(pd.DataFrame({"hour": range(1, YEAR_H + 1), "46": profile}), "solar")
    np.testing.assert_array_equal(found.of("46"), profile)


def test_pvwatts_of_the_library_gives_the_same() -> None:
    rng = np.random.default_rng(3)
    ghi = clear_table()["ghi_w_m2"].to_numpy()
    dni, dhi = ghi * rng.uniform(0, 0.9, YEAR_H), ghi * rng.uniform(0.1, 0.9, YEAR_H)
    one = weather(dni_w_m2=dni, dhi_w_m2=dhi, pressure_hpa=1004.0)
    system = pvlib.pvsystem.PVSystem(
        surface_tilt=25, surface_azimuth=150, module_type="glass_polymer", racking_model="open_rack",
        module_parameters={"pdc0": 1.0, "gamma_pdc": -0.0037}, inverter_parameters={"pdc0": 1 / 1.2},
    )  # fmt: skip
    chain = pvlib.modelchain.ModelChain.with_pvwatts(
        system, pvlib.location.Location(MOKPO.lat, MOKPO.lon, altitude=0)
    )
    wind = one.column("wind_speed_m_s")
    chain.run_model(
        pd.DataFrame(
            {"ghi": ghi, "dni": dni, "dhi": dhi, "temp_air": one.column("temp_c"),
             "wind_speed": wind, "pressure": 100400.0},
            index=HOURS + pd.Timedelta(minutes=30),
        )
    )  # fmt: skip
    losses = float(pvlib.pvsystem.pvwatts_losses())
    plant = PvPlant(25, losses, temperature_pct_k=-0.37, azimuth_deg=150, dc_ac_ratio=1.2)
    expected = np.nan_to_num(chain.results.ac.to_numpy())
    assert expected.max() > 0.7
    np.testing.assert_allclose(solar_profile(one, plant), expected, rtol=1e-9, atol=1e-9)


def test_a_flat_plant_below_an_even_sky_is_the_closed_form() -> None:
    """Diffuse light alone: King, Boyson and Kratochvil 2004 and Dobos 2014, by hand."""
    ghi = clear_table()["ghi_w_m2"].to_numpy()
    one = weather(dni_w_m2=0.0, dhi_w_m2=ghi, wind_speed_m_s=4.0)
    cell = one.column("temp_c") + ghi * np.exp(-3.56 - 0.075 * 4.0) + ghi / 1000 * 3
    dc = ghi / 1000 * (1 - 0.004 * (cell - 25)) * 0.86
    loading = np.where(dc > 0, dc, 1.0)
    efficiency = 0.96 / 0.9637 * (-0.0162 * loading - 0.0059 / loading + 0.9858)
    expected = np.clip(efficiency * dc, 0.0, 0.96)
    found = solar_profile(one, PvPlant(0, 14, temperature_pct_k=-0.4))
    # of the diffuse light of a low sun Perez brings a part from its disk
    high = pvlib.solarposition.get_solarposition(
        HOURS + pd.Timedelta(minutes=30), MOKPO.lat, MOKPO.lon
    )["elevation"].to_numpy() > 10  # fmt: skip
    assert high.sum() > 3000
    np.testing.assert_allclose(found[high], expected[high], rtol=1e-6)


def test_more_radiation_yields_more() -> None:
    base = clear_table()["ghi_w_m2"].to_numpy()
    flat = PvPlant(0, 14, temperature_pct_k=-0.4)
    yields = [solar_profile(weather(ghi_w_m2=base * part), flat) for part in (0.25, 0.5, 0.75, 1)]
    noon = np.arange(YEAR_H) % 24 == 12
    for less, more in itertools.pairwise(yields):
        assert (more[noon] > less[noon]).all()
        assert more.mean() > less.mean()


def test_tilt_heat_loss_and_inverter_do_what_they_do() -> None:
    one = weather()
    base = solar_profile(one, PLANT)

    def other(**changed: Any) -> Floats:
        given = {"tilt_deg": 30.0, "loss_pct": 14.0, "temperature_pct_k": -0.4} | changed
        return solar_profile(one, PvPlant(**given))

    assert base.mean() > other(tilt_deg=0.0).mean()
    assert base.mean() > other(azimuth_deg=0.0).mean()
    east, west = other(azimuth_deg=90.0), other(azimuth_deg=270.0)
    assert by_month_and_hour(east).argmax() < by_month_and_hour(west).argmax()
    assert solar_profile(weather(temp_c=clear_table()["temp_c"] + 10), PLANT).mean() < base.mean()
    assert other(loss_pct=20.0).mean() < base.mean()
    assert not other(loss_pct=100.0).any()
    clipped = other(dc_ac_ratio=1.6)
    assert clipped.max() == pytest.approx(0.96 / 1.6)
    assert clipped.max() < base.max()


def test_one_of_beam_and_diffuse_closes_the_other() -> None:
    ghi = clear_table()["ghi_w_m2"].to_numpy()
    middle, temp_c = HOURS + pd.Timedelta(minutes=30), clear_table()["temp_c"].to_numpy()
    sun = pvlib.solarposition.get_solarposition(middle, MOKPO.lat, MOKPO.lon, temperature=temp_c)
    zenith = sun["apparent_zenith"].to_numpy()  # fmt: skip
    split = pvlib.irradiance.erbs(ghi, zenith, HOURS)
    dni, dhi = np.asarray(split["dni"]), np.asarray(split["dhi"])
    whole = solar_profile(weather(), PLANT)
    high = zenith < 80
    split_up = {"dni_w_m2": dni, "dhi_w_m2": dhi}
    for names in (["dni_w_m2"], ["dhi_w_m2"], ["dni_w_m2", "dhi_w_m2"]):
        found = solar_profile(weather(MOKPO, **{name: split_up[name] for name in names}), PLANT)
        np.testing.assert_allclose(found[high], whole[high], rtol=1e-9)


# -- wind


def test_hub_speeds_are_those_of_the_library_s_own_example() -> None:
    # 5.0 and 6.5 m/s at 10 m, roughness 0.15 m: tests/test_modelchain.py of windpowerlib
    table = clear_table()[[]].assign(wind_speed_m_s=np.where(np.arange(YEAR_H) % 2, 6.5, 5.0))
    one = read_weather(table, MOKPO, stamp="begin")
    found = wind_profile(one, WindPlant(LINEAR, hub_m=100, loss_pct=0))
    assert found[:2] * 20 == pytest.approx([7.74136523, 10.0637748], rel=1e-8)


@pytest.mark.parametrize("name", ["V126/3450", "V112/3000", "SWT130/3300"])
def test_a_turbine_stands_still_below_cut_in_and_above_cut_out(name: str) -> None:
    at_hub = Place(126.4, 34.8, wind_height_m=100, roughness_m=0.1)
    speeds = np.resize(np.arange(0, 40, 0.25), YEAR_H)
    one = read_weather(clear_table()[[]].assign(wind_speed_m_s=speeds), at_hub, stamp="begin")
    found = wind_profile(one, WindPlant(name, hub_m=100, loss_pct=10))[: len(np.unique(speeds))]
    speed = speeds[: len(found)]
    assert not found[speed < 2.5].any()
    assert not found[speed > 34].any()
    running = np.flatnonzero(found)
    assert (np.diff(running) == 1).all()
    assert found.max() == pytest.approx(0.9)
    rising = found[speed < 12]
    assert (np.diff(rising) >= 0).all()


def test_every_turbine_of_the_library_is_taken_or_its_curve_ends_early() -> None:
    one = Weather("three weeks", MOKPO, clear_table()[["wind_speed_m_s"]].head(500))
    types = windpowerlib.get_turbine_types(turbine_library="local", print_out=False)
    names = types.loc[types["has_power_curve"], "turbine_type"]
    short = []
    for name in names:
        try:
            found = wind_profile(one, WindPlant(name, hub_m=100, loss_pct=0))
        except ScenarioError:
            short.append(name)
        else:
            assert 0.1 < found.mean() < 0.7, name
            assert found.max() <= 1.0
    assert len(names) > 60
    assert short == ["V90/2000"]


def test_the_density_of_the_air_moves_the_curve_as_the_standard_has_it() -> None:
    """Below 7.5 m/s a speed of the curve moves with the cube root of the density (IEC 61400-12)."""
    at_hub = Place(126.4, 34.8, wind_height_m=100, roughness_m=0.1)
    table = clear_table()[[]].assign(wind_speed_m_s=5.0, temp_c=-6.15, pressure_hpa=1011.25)
    found = wind_profile(read_weather(table, at_hub, stamp="begin"), WindPlant(LINEAR, 100, 0))
    hub_k = 267.0 - 0.0065 * 98
    density = (1011.25 - 100 / 8) * 1.225 * 288.15 / (1013.30 * hub_k)
    assert found[0] == pytest.approx(5.0 / 20 * (density / 1.225) ** (1 / 3), rel=1e-9)


# -- clocks and calendars


def utc(stamps: Any) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(stamps).tz_convert("UTC")


def test_all_ways_to_name_the_hours_say_the_same() -> None:
    base = weather().hourly
    local = clear_table()
    naive = local.set_axis(HOURS.tz_localize(None))
    ways = [
        read_weather(local.set_axis(utc(HOURS)), MOKPO, stamp="begin"),
        read_weather(local.set_axis(utc(HOURS) + pd.Timedelta(hours=1)), MOKPO),
        read_weather(naive, MOKPO, stamp="begin"),
        read_weather(naive.set_axis(naive.index + pd.Timedelta(hours=1)), MOKPO),
        read_weather(naive.set_axis(utc(HOURS).tz_localize(None)), MOKPO, stamp="begin",
                     utc_offset_h=0),
        read_weather(naive.sample(frac=1, random_state=1), MOKPO, stamp="begin"),
    ]  # fmt: skip
    for way in ways:
        pd.testing.assert_frame_equal(way.hourly, base, check_freq=False, check_index_type=False)
    numbered = read_weather(local.reset_index(drop=True).assign(hour=range(1, YEAR_H + 1)), MOKPO)
    np.testing.assert_array_equal(numbered.hourly.to_numpy(), base.to_numpy())


def test_a_clock_that_is_none_is_refused() -> None:
    with pytest.raises(LayerError, match=r"^mine: utc_offset_h is 900; 9 for KST or 0 for UTC is"):
        read_weather(clear_table(), MOKPO, stamp="begin", utc_offset_h=900, name="mine")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mokpo.csv"
    clear_table().rename_axis("time").to_csv(path)
    found = read_weather(path, MOKPO, stamp="begin")
    assert found.name == "mokpo.csv"
    np.testing.assert_array_equal(found.hourly.to_numpy(), weather().hourly.to_numpy())
    with pytest.raises(LayerFileError, match="no such file"):
        read_weather(tmp_path / "none.csv", MOKPO)


def test_a_year_of_utc_is_turned_round() -> None:
    whole = clear_table(2025, YEAR_H + 9)
    table = whole.iloc[9:].set_axis(utc(whole.index[9:]))
    with pytest.warns(
        UserWarning,
        match=r"^mine: runs from 2025-01-01 09:00 KST on; hours beyond the calendar year st",
    ):
        found = read_weather(table, MOKPO, stamp="begin", name="mine")
    assert found.hourly.index[0] == pd.Timestamp("2026-01-01", tz=KST)
    assert found.hourly.index[9] == pd.Timestamp("2025-01-01 09:00", tz=KST)
    np.testing.assert_array_equal(found.column("temp_c")[9:], whole["temp_c"].iloc[9:YEAR_H])
    np.testing.assert_array_equal(found.column("temp_c")[:9], whole["temp_c"].iloc[YEAR_H:])


def test_a_leap_year_loses_29_february() -> None:
    table = clear_table(2024, 8784)
    with pytest.warns(UserWarning, match=r"^mine: 24 hours of 29 February are left out") as seen:
        found = read_weather(table, MOKPO, stamp="begin", name="mine")
    assert seen[0].filename == __file__
    expected = table.drop(table.index[59 * 24 : 60 * 24])
    np.testing.assert_array_equal(found.hourly.to_numpy(), expected.to_numpy())
    numbered = table.reset_index(drop=True).assign(hour=range(1, 8785))
    with pytest.warns(UserWarning, match="24 hours of 29 February"):
        again = read_weather(numbered, MOKPO)
    np.testing.assert_array_equal(again.hourly.to_numpy(), expected.to_numpy())


def test_a_typical_year_has_months_of_several_years() -> None:
    years = {month: 2010 + month for month in range(1, 13)}  # its February is of 2012
    stamps = pd.DatetimeIndex([time.replace(year=years[time.month]) for time in HOURS])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read_weather(clear_table().set_axis(stamps), MOKPO, stamp="begin")
    np.testing.assert_array_equal(found.column("temp_c"), clear_table()["temp_c"])


BAD: dict[str, tuple[Any, str]] = {
    "UTC taken for KST": (
        lambda: clear_table().set_axis(HOURS - pd.Timedelta(hours=9)),
        (r"^mine: ghi_w_m2 has \d\d% of its sum at night and comes \d\.\d hours before the sun over "
        r"126\.4, 34\.8; times in KST are needed, or utc_offset_h=0 for UTC, and stamp='begin'"),
    ),
    "beginnings taken for ends": (
        lambda: clear_table().set_axis(HOURS - pd.Timedelta(hours=1)),
        r"^mine: ghi_w_m2 has \d% of its sum at night and comes 1\.0 hours before the sun",
    ),
    "an hour late": (
        lambda: clear_table().set_axis(HOURS + pd.Timedelta(hours=1)),
        r"^mine: ghi_w_m2 has \d% of its sum at night and comes 1\.0 hours after the sun",
    ),
    "MJ": (
        lambda: clear_table().div([277.8, 1, 1]),
        r"^mine: ghi_w_m2 is 3\.\d* at most; W/m2 is needed \(a MJ/m2 of an hour is 277\.8 W/m2\)$",
    ),
    "negative": (
        lambda: clear_table().assign(ghi_w_m2=clear_table()["ghi_w_m2"] - 2),
        r"^mine: ghi_w_m2, hour 1 \(1 January, 00:00 to 01:00 KST\) is -2; a number from 0 to 1500",
    ),
    "kelvin": (
        lambda: clear_table().assign(temp_c=clear_table()["temp_c"] + 273.15),
        r"^mine: temp_c, hour 1 \(1 January, .*\) is 27\d\.\d*; a number from -60 to 60 is needed$",
    ),
    "nan": (
        lambda: clear_table().assign(temp_c=np.where(np.arange(YEAR_H) == 99, np.nan, 1.0)),
        r"^mine: temp_c, hour 100 \(5 January, 03:00 to 04:00 KST\) is empty; a number from -60",
    ),
    "gap": (
        lambda: clear_table().drop(HOURS[[500, 600]]),
        r"^mine: 8758 hours, 8760 are needed: 2 missing, the first is hour 501 \(21 January, ",
    ),
    "half hours": (
        lambda: clear_table().set_axis(HOURS + pd.Timedelta(minutes=30)),
        r"^mine: time '2025-01-01 00:30:00\+09:00' is not on the hour in KST; whole hours are ",
    ),
    "two years": (
        lambda: pd.concat([clear_table(), clear_table(2026)]),
        r"^mine: hour 1 \(1 January, .*\) is there twice, in rows 1 and 8761 of 17520; each hour",
    ),
    "unknown column": (
        lambda: clear_table().rename(columns={"temp_c": "temp"}),
        r"^mine: column 'temp' is unknown; columns are ghi_w_m2, dni_w_m2, dhi_w_m2, temp_c, wind_",
    ),
    "no column": (
        lambda: clear_table()[[]],
        r"^mine: no column of weather; columns are ghi_w_m2, ",
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:mine. runs from")
@pytest.mark.parametrize("case", BAD)
def test_weather_that_cannot_be_right_is_told_in_one_line(case: str) -> None:
    made, message = BAD[case]
    with pytest.raises(LayerError, match=message) as caught:
        read_weather(made(), MOKPO, stamp="begin", name="mine")
    assert "\n" not in str(caught.value)


def test_a_column_that_a_profile_needs_is_named() -> None:
    sun = read_weather(clear_table()[["ghi_w_m2", "temp_c"]], MOKPO, stamp="begin", name="mine")
    needed = r"^mine: no column wind_speed_m_s; it is needed beside ghi_w_m2, temp_c$"
    with pytest.raises(LayerError, match=needed):
        solar_profile(sun, PLANT)
    with pytest.raises(LayerError, match=needed):
        wind_profile(sun, WindPlant(LINEAR, 100, 0))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: Place(34.8, 126.4, 10, 0.1), "weather: lat is 126.4; a value from -90 to 90"),
        (lambda: Place(126.4, 34.8, 0, 0.1), "weather: wind_height_m is 0; a value from 1 to 300"),
        (lambda: Place(126.4, 34.8, 10, 0), "roughness_m is 0 for wind at 10 m; a length above 0"),
        (lambda: Place(126.4, 34.8, 100, 12), "is 12 for wind at 100 m; a length above 0 and below"),
        (lambda: PvPlant(91, 14, -0.4), "PV plant: tilt_deg is 91; a value from 0 to 90 is needed"),
        (lambda: PvPlant(30, np.nan, -0.4), "PV plant: loss_pct is nan; a value from 0 to 100 is"),
        (lambda: PvPlant(30, 14, 0.4), "temperature_pct_k is 0.4; a value from -1 to 0 is needed"),
        (lambda: PvPlant(30, 14, -0.4, 180, 0.9), "dc_ac_ratio is 0.9; a value from 1 to 3 is"),
        (lambda: WindPlant("V126/3450", 1, 0), "wind plant: hub_m is 1; a value from 10 to 300"),
        (lambda: PowerCurve(np.array([3.0, 3.0]), np.zeros(2)), "speeds from 0 on that ascend"),
        (lambda: PowerCurve(np.array([3.0, 25.0]), np.array([0, 3450])), "0 to 1 is needed"),
        (lambda: PowerCurve(np.array([3.0, 25.0]), np.zeros(3)), r"\(2,\) speeds and \(3,\) outp"),
        (
            lambda: PowerCurve(np.array([3.0, 14.0]), np.array([0.0, 1.0])),
            "power curve: ends at 14 m/s at 100% of its highest output; speeds up to the cut-out",
        ),
    ],
)  # fmt: skip
def test_plants_of_another_unit_are_refused(made: Any, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        made()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("V126", r"^wind plant: no power curve of turbine 'V126' in windpowerlib; .*V126/3450"),
        ("V90/2000", r"^wind plant: curve of turbine V90/2000 in windpowerlib: ends at 16\.5 m/s "),
    ],
)
def test_a_turbine_that_the_library_lacks_is_told_with_those_like_it(
    name: str, message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        wind_profile(weather(), WindPlant(name, 100, 10))


@pytest.mark.parametrize(
    ("library", "profile"),
    [
        ("pvlib", lambda one: solar_profile(one, PLANT)),
        ("windpowerlib", lambda one: wind_profile(one, WindPlant(LINEAR, 100, 0))),
    ],
)
def test_a_missing_library_is_named_with_its_extra(
    library: str, profile: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = weather()
    monkeypatch.setitem(sys.modules, library, None)
    message = rf"^profiles from weather need the package {library}; install siteopt\[weather\]$"
    with pytest.raises(LayerError, match=message):
        profile(one)


def test_hours_of_the_year_have_their_names() -> None:
    assert hour_label(1) == "hour 1 (1 January, 00:00 to 01:00 KST)"
    assert hour_label(YEAR_H) == "hour 8760 (31 December, 23:00 to 24:00 KST)"
