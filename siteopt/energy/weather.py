"""Hourly capacity factors of solar and wind from a user's weather (PVWatts, power curves).

Solar: PVWatts version 5 (Dobos 2014, NREL/TP-6A20-62641) by ``pvlib``. Wind: logarithmic wind
profile and the power curve of a turbine by ``windpowerlib``. Both libraries come with
``pip install siteopt[weather]``.
"""

from __future__ import annotations

import difflib
import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt.energy._hours import (
    YEAR_H,
    hour_begins,
    hour_numbers,
    numbers,
    read_hourly,
    refuse_gaps,
    refuse_twice,
)
from siteopt.errors import LayerError, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from siteopt._arrays import Floats
    from siteopt.energy._hours import Stamp

__all__ = [
    "Place",
    "PowerCurve",
    "PvPlant",
    "Weather",
    "WindPlant",
    "read_weather",
    "solar_profile",
    "wind_profile",
]  # fmt: skip

_RANGES: Final = {
    "ghi_w_m2": (0.0, 1500.0), "dni_w_m2": (0.0, 1500.0), "dhi_w_m2": (0.0, 1500.0),
    "temp_c": (-60.0, 60.0), "wind_speed_m_s": (0.0, 100.0), "pressure_hpa": (500.0, 1100.0),
}  # fmt: skip
"""Columns of weather, and what no hour in Korea is outside of: other values are another unit."""

_LEAST_PEAK_W_M2: Final = 100.0
"""The year's highest radiation below which it is in another unit (MJ/m2: about 4)."""
_DEEP_NIGHT_DEG: Final = -10.0
"""Height of the sun in the middle of an hour below which it is down for the whole hour."""
_NIGHT_SHARE: Final = 0.01
"""Share of the year's radiation in such hours above which the clock is wrong."""
_CLOCK_OFF_H: Final = 0.5
"""Hours between the centres of radiation and of sun above which the clock is wrong."""
_SAPM_HEIGHT_M: Final = 10.0
"""Height of the wind speed in the cell temperature model (King, Boyson and Kratochvil 2004)."""
_SCREEN_HEIGHT_M: Final = 2
"""Height of air temperature; that of a station's screen."""
_LEAST_CUT_OUT_M_S: Final = 20.0
"""Lowest cut-out speed of turbines; a curve at full output that ends sooner was cut short."""
_KELVIN: Final = 273.15


@dataclass(frozen=True)
class Place:
    """Place of a weather series.

    Attributes
    ----------
    lon, lat : float
        In degrees (EPSG:4326).
    wind_height_m : float
        Height above ground of the wind speed.
    roughness_m : float
        Roughness length of the ground about, for the logarithmic wind profile.
    """

    lon: float
    lat: float
    wind_height_m: float
    roughness_m: float

    def __post_init__(self) -> None:
        """Refuse values of another unit.

        Raises
        ------
        ScenarioError
            If a value is out of range.
        """
        ranges = {"lon": (-180, 180), "lat": (-90, 90), "wind_height_m": (1, 300)}
        _refuse("place of the weather", self, ranges)
        below = min(self.wind_height_m, _SAPM_HEIGHT_M)
        if not 0 < self.roughness_m < below:
            raise ScenarioError(
                f"place of the weather: roughness_m is {self.roughness_m:g} for wind at "
                f"{self.wind_height_m:g} m; a length above 0 and below {below:g} is needed"
            )


@dataclass(frozen=True, eq=False)
class Weather:
    """Hourly weather of a year at a place.

    Attributes
    ----------
    name : str
        File or table that it comes from.
    place : Place
        Where it was, and the height of the wind speed.
    hourly : DataFrame, shape (8760, columns)
        ``ghi_w_m2, dni_w_m2, dhi_w_m2, temp_c, wind_speed_m_s, pressure_hpa``, those that there
        are; the index says when each hour begins, in KST, from 1 January 00:00 on.
    """

    name: str
    place: Place
    hourly: pd.DataFrame

    def column(self, name: str) -> Floats:
        """Return a column, shape (8760,).

        Raises
        ------
        LayerError
            If the weather does not have it.
        """
        if name not in self.hourly:
            raise LayerError(
                f"{self.name}: no column {name}; it is needed beside {', '.join(map(str, self.hourly))}"
            )
        return self.hourly[name].to_numpy(dtype=np.float64)


@dataclass(frozen=True)
class PvPlant:
    """Photovoltaic plant of fixed tilt; output is per MW of modules (DC).

    Attributes
    ----------
    tilt_deg : float
        Tilt of the modules: 0 flat, 90 upright.
    loss_pct : float
        Losses before the inverter: soiling, shading, wiring, mismatch, outages.
    temperature_pct_k : float
        Change of output by a K of cell temperature; below 0.
    azimuth_deg : float
        Where the modules face: 90 east, 180 south.
    dc_ac_ratio : float
        Modules over what the inverter can take.
    """

    tilt_deg: float
    loss_pct: float
    temperature_pct_k: float
    azimuth_deg: float = 180.0
    dc_ac_ratio: float = 1.0

    def __post_init__(self) -> None:
        """Refuse values of another unit.

        Raises
        ------
        ScenarioError
            If a value is out of range.
        """
        _refuse("PV plant", self, {
            "tilt_deg": (0, 90), "loss_pct": (0, 100), "temperature_pct_k": (-1, 0),
            "azimuth_deg": (0, 360), "dc_ac_ratio": (1, 3),
        })  # fmt: skip


@dataclass(frozen=True, eq=False)
class PowerCurve:
    """Power curve of a turbine, from the maker's data sheet.

    Attributes
    ----------
    speed_m_s : ndarray, shape (n,)
        Wind speeds at hub height, ascending, up to the cut-out speed.
    output : ndarray, shape (n,)
        Output over rated power at each, 0 to 1; nothing outside of the speeds.
    """

    speed_m_s: Floats
    output: Floats

    def __post_init__(self) -> None:
        """Refuse what is no power curve.

        Raises
        ------
        ScenarioError
            If speeds do not ascend, outputs are not within 0 and 1, or the curve is cut short.
        """
        speed, output = np.asarray(self.speed_m_s), np.asarray(self.output)
        if speed.shape != output.shape or speed.ndim != 1 or not len(speed):
            raise ScenarioError(
                f"power curve: {speed.shape} speeds and {output.shape} outputs; one of each is "
                "needed at every speed"
            )
        if not (speed[0] >= 0 and (np.diff(speed) > 0).all()):
            raise ScenarioError("power curve: speeds from 0 on that ascend are needed")
        if not ((output >= 0) & (output <= 1)).all():
            raise ScenarioError("power curve: outputs are over rated power; 0 to 1 is needed")
        _refuse_short(speed, output, "power curve")


@dataclass(frozen=True, eq=False)
class WindPlant:
    """Wind turbine; output is per MW of rated power.

    Attributes
    ----------
    turbine : str or PowerCurve
        Type in the library of ``windpowerlib`` (V126/3450), or a curve of your own.
    hub_m : float
        Hub height above ground.
    loss_pct : float
        Losses behind the curve: wakes, outages, wiring.
    """

    turbine: str | PowerCurve
    hub_m: float
    loss_pct: float

    def __post_init__(self) -> None:
        """Refuse values of another unit.

        Raises
        ------
        ScenarioError
            If a value is out of range.
        """
        _refuse("wind plant", self, {"hub_m": (10, 300), "loss_pct": (0, 100)})


def _refuse(what: str, plant: object, ranges: Mapping[str, tuple[float, float]]) -> None:
    for name, (least, most) in ranges.items():
        value = getattr(plant, name)
        if not least <= value <= most:
            raise ScenarioError(
                f"{what}: {name} is {value:g}; a value from {least} to {most} is needed"
            )


def _refuse_short(speed: Floats, output: Floats, what: str) -> None:
    if speed[-1] < _LEAST_CUT_OUT_M_S and output[-1] > 0.5 * output.max():
        raise ScenarioError(
            f"{what}: ends at {speed[-1]:g} m/s at {output[-1] / output.max():.0%} of its highest "
            "output; speeds up to the cut-out are needed"
        )


def _library(name: str) -> Any:  # noqa: ANN401 - a module without types
    """Return an optional library.

    Raises
    ------
    LayerError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise LayerError(
            f"profiles from weather need the package {error.name}; install siteopt[weather]"
        ) from error


def read_weather(
    source: Path | str | pd.DataFrame,
    place: Place,
    *,
    stamp: Stamp = "end",
    utc_offset_h: float = 9.0,
    name: str = "weather",
) -> Weather:
    """Return the hourly weather of a year from a CSV file or a table, checked.

    Hours are brought to KST and to the order of the year; months may be of several years (a
    typical meteorological year). A year in UTC lacks its first nine hours in KST: those after
    its end stand in for them.

    Parameters
    ----------
    source : Path, str or DataFrame
        A column ``hour`` (1 to 8760) or ``time`` (2025-01-01 01:00, with or without a time zone; a
        table's index will do), and some of ``ghi_w_m2``, ``dni_w_m2``, ``dhi_w_m2``, ``temp_c``,
        ``wind_speed_m_s``, ``pressure_hpa`` (at the station): means of the hour.
    place : Place
        Where it was, and the height of the wind speed.
    stamp : {'end', 'begin'}
        Whether a time stamp names the end or the beginning of its hour.
    utc_offset_h : float
        Clock of numbered hours and of times without a zone: hours ahead of UTC, 0 for UTC.
    name : str
        What messages call a table; a file is called by its own name.

    Returns
    -------
    Weather
        Hours 1 to 8760 of the year in KST.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If an hour is missing or there twice, a value is empty, no number or of another unit, a
        column is unknown, or radiation does not follow the sun over the place.

    Warns
    -----
    UserWarning
        If 29 February was left out, or hours after the end of the year stand in for its first.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> table = pd.DataFrame({"hour": np.arange(1, 8761), "wind_speed_m_s": 6.0})
    >>> weather = read_weather(table, Place(126.5, 34.8, wind_height_m=10, roughness_m=0.1))
    >>> print(weather.hourly.index[0], weather.column("wind_speed_m_s").mean())
    2023-01-01 00:00:00+09:00 6.0
    """
    table, name, of_hours = read_hourly(source, name)
    columns = [str(column) for column in table if column != of_hours]
    unknown = sorted(set(columns) - set(_RANGES))
    if unknown or not columns:
        raise LayerError(
            f"{name}: {f'column {unknown[0]!r} is unknown' if unknown else 'no column of weather'}"
            f"; columns are {', '.join(_RANGES)}"
        )
    begins = hour_begins(table[of_hours], name, stamp, utc_offset_h)
    hour = hour_numbers(begins)
    hourly = pd.DataFrame(
        {column: numbers(table[column], f"{name}: {column}", hour, *_RANGES[column])
         for column in _RANGES if column in columns},
        index=begins,
    )  # fmt: skip
    weather = Weather(name, place, _in_order(hourly, name))
    if "ghi_w_m2" in columns:
        _check_sun(weather)
    return weather


def _in_order(hourly: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return hours 1 to 8760 of the year in KST, without 29 February."""
    hour = hour_numbers(pd.DatetimeIndex(hourly.index))
    leap = int(np.count_nonzero(hour == 0))
    if leap:
        _warn(f"{name}: {leap} hours of 29 February are left out; a year has {YEAR_H} hours")
        hourly, hour = hourly[hour > 0], hour[hour > 0]
    refuse_twice(hour, name)
    refuse_gaps(hour, name)
    begins = pd.DatetimeIndex(hourly.index)
    if begins.is_monotonic_increasing and hour[0] > 1:
        _warn(
            f"{name}: runs from {begins[0]:%Y-%m-%d %H:%M} KST on; hours beyond the calendar year "
            "stand in for those that it lacks"
        )
    return hourly.iloc[np.argsort(hour)]


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=4)


def _sun(weather: Weather) -> pd.DataFrame:
    """Return the position of the sun in the middle of each hour, in degrees.

    Refraction knows the temperature and the pressure that there are.
    """
    pvlib = _library("pvlib")
    air: dict[str, Floats] = {}
    if "temp_c" in weather.hourly:
        air["temperature"] = weather.column("temp_c")
    if "pressure_hpa" in weather.hourly:
        air["pressure"] = weather.column("pressure_hpa") * 100
    middle = pd.DatetimeIndex(weather.hourly.index) + pd.Timedelta(minutes=30)
    position: pd.DataFrame = pvlib.solarposition.get_solarposition(
        middle, weather.place.lat, weather.place.lon, **air
    )
    return position


def _check_sun(weather: Weather) -> None:
    """Raise an error if radiation is of another unit, or does not follow the sun."""
    ghi = weather.column("ghi_w_m2")
    if ghi.max() < _LEAST_PEAK_W_M2:
        raise LayerError(
            f"{weather.name}: ghi_w_m2 is {ghi.max():g} at most; W/m2 is needed (a MJ/m2 of an "
            "hour is 277.8 W/m2)"
        )
    up = _sun(weather)["elevation"].to_numpy(dtype=np.float64)
    night = float(ghi[up < _DEEP_NIGHT_DEG].sum() / ghi.sum())
    clock = np.arange(YEAR_H) % 24 + 0.5
    light = np.maximum(np.sin(np.radians(up)), 0.0)
    late = float(clock @ ghi / ghi.sum() - clock @ light / light.sum())
    if night > _NIGHT_SHARE or abs(late) > _CLOCK_OFF_H:
        raise LayerError(
            f"{weather.name}: ghi_w_m2 has {night:.0%} of its sum at night and comes {abs(late):.1f}"
            f" hours {'after' if late > 0 else 'before'} the sun over {weather.place.lon:g}, "
            f"{weather.place.lat:g}; times in KST are needed, or utc_offset_h=0 for UTC, and "
            "stamp='begin' if times name the beginning of their hour"
        )


def _beam_and_diffuse(weather: Weather, zenith: Floats) -> tuple[Floats, Floats]:
    """Return direct normal and diffuse horizontal radiation, each given, closed or by Erbs."""
    irradiance = _library("pvlib").irradiance
    ghi = weather.column("ghi_w_m2")
    beam, sky = "dni_w_m2" in weather.hourly, "dhi_w_m2" in weather.hourly
    if beam and sky:
        return weather.column("dni_w_m2"), weather.column("dhi_w_m2")
    if beam:
        dni = weather.column("dni_w_m2")
        return dni, np.maximum(ghi - dni * np.maximum(np.cos(np.radians(zenith)), 0.0), 0.0)
    if sky:
        dhi = weather.column("dhi_w_m2")
        dni = irradiance.dni(ghi, dhi, zenith)
        return np.nan_to_num(dni), dhi
    # Erbs, Klein and Duffie 1982
    split = irradiance.erbs(ghi, zenith, pd.DatetimeIndex(weather.hourly.index))
    return np.asarray(split["dni"]), np.asarray(split["dhi"])


def solar_profile(weather: Weather, plant: PvPlant) -> Floats:
    """Return the hourly output of a photovoltaic plant per MW of modules (PVWatts version 5).

    Position of the sun in the middle of each hour; diffuse radiation by Erbs where it is not
    given; radiation on the modules by Perez, reflection by the law of Fresnel, cell temperature
    by the Sandia model for an open rack, losses, inverter: all as ``pvlib`` has them.

    Parameters
    ----------
    weather : Weather
        With ``ghi_w_m2``, ``temp_c`` and ``wind_speed_m_s``.
    plant : PvPlant
        Modules and inverter.

    Returns
    -------
    ndarray, shape (8760,)
        0 to 1; hour h ends h hours into the year in KST.

    Raises
    ------
    LayerError
        If a column is missing, or ``pvlib`` is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> hour = np.arange(1, 8761)
    >>> sun = 800 * np.maximum(np.cos((hour - 13) / 12 * np.pi), 0) ** 2
    >>> table = pd.DataFrame({"hour": hour, "ghi_w_m2": sun, "temp_c": 12.0, "wind_speed_m_s": 3.0})
    >>> weather = read_weather(table, Place(126.5, 34.8, wind_height_m=10, roughness_m=0.1))
    >>> plant = PvPlant(tilt_deg=30, loss_pct=14, temperature_pct_k=-0.4)
    >>> print(f"{solar_profile(weather, plant).mean():.3f}")
    0.201
    """
    pvlib = _library("pvlib")
    sun = _sun(weather)
    zenith = sun["apparent_zenith"].to_numpy(dtype=np.float64)
    azimuth = sun["azimuth"].to_numpy(dtype=np.float64)
    dni, dhi = _beam_and_diffuse(weather, zenith)
    tilted = pvlib.irradiance.get_total_irradiance(
        plant.tilt_deg, plant.azimuth_deg, zenith, azimuth, dni, weather.column("ghi_w_m2"), dhi,
        dni_extra=pvlib.irradiance.get_extra_radiation(pd.DatetimeIndex(weather.hourly.index)).to_numpy(),
        airmass=pvlib.atmosphere.get_relative_airmass(zenith), model="perez",
    )  # fmt: skip
    angle = pvlib.irradiance.aoi(plant.tilt_deg, plant.azimuth_deg, zenith, azimuth)
    direct, diffuse = (np.nan_to_num(tilted[name]) for name in ("poa_direct", "poa_diffuse"))
    rack = pvlib.temperature.TEMPERATURE_MODEL_PARAMETERS["sapm"]["open_rack_glass_polymer"]
    cell_c = pvlib.temperature.sapm_cell(
        direct + diffuse, weather.column("temp_c"), _wind_at(weather, _SAPM_HEIGHT_M), **rack
    )
    used = direct * pvlib.iam.physical(angle) + diffuse
    dc = pvlib.pvsystem.pvwatts_dc(used, cell_c, 1.0, plant.temperature_pct_k / 100)
    ac = pvlib.inverter.pvwatts(dc * (1 - plant.loss_pct / 100), 1 / plant.dc_ac_ratio)
    return np.clip(np.asarray(ac, dtype=np.float64), 0.0, 1.0)


def _wind_at(weather: Weather, height_m: float) -> Floats:
    """Return the wind speed at another height, by the logarithmic wind profile."""
    speed = weather.column("wind_speed_m_s")
    return np.asarray(
        speed * np.log(height_m / weather.place.roughness_m)
        / np.log(weather.place.wind_height_m / weather.place.roughness_m)
    )  # fmt: skip


def wind_profile(weather: Weather, plant: WindPlant) -> Floats:
    """Return the hourly output of a wind turbine per MW of rated power, by its power curve.

    Wind speed at hub height by the logarithmic wind profile; where the weather has pressure and
    temperature, the curve is corrected for the density of the air. Output above rated power,
    which some curves have, is cut.

    Parameters
    ----------
    weather : Weather
        With ``wind_speed_m_s``; with ``pressure_hpa`` and ``temp_c`` for the density.
    plant : WindPlant
        Turbine.

    Returns
    -------
    ndarray, shape (8760,)
        0 to 1; hour h ends h hours into the year in KST.

    Raises
    ------
    LayerError
        If a column is missing, or ``windpowerlib`` is not installed.
    ScenarioError
        If the library has no such turbine, or only a part of its curve.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> table = pd.DataFrame({"hour": np.arange(1, 8761), "wind_speed_m_s": 6.0})
    >>> weather = read_weather(table, Place(126.5, 34.8, wind_height_m=10, roughness_m=0.1))
    >>> print(f"{wind_profile(weather, WindPlant('V126/3450', hub_m=117, loss_pct=10))[0]:.3f}")
    0.688
    """
    library = _library("windpowerlib")
    turbine = _turbine(plant)
    columns = {
        ("wind_speed", weather.place.wind_height_m): weather.column("wind_speed_m_s"),
        ("roughness_length", 0): weather.place.roughness_m,
    }
    dense = "pressure_hpa" in weather.hourly
    if dense:
        columns["temperature", _SCREEN_HEIGHT_M] = weather.column("temp_c") + _KELVIN
        columns["pressure", 0] = weather.column("pressure_hpa") * 100
    table = pd.DataFrame(columns, index=weather.hourly.index)
    table.columns.names = ["variable_name", "height"]
    chain = library.ModelChain(
        turbine, wind_speed_model="logarithmic", density_correction=dense
    ).run_model(table)
    output = chain.power_output.to_numpy(dtype=np.float64) / turbine.nominal_power
    return np.asarray(np.minimum(output, 1.0) * (1 - plant.loss_pct / 100))


def _turbine(plant: WindPlant) -> Any:  # noqa: ANN401 - of a library without types
    """Return the turbine of a plant as ``windpowerlib`` has it."""
    library = _library("windpowerlib")
    if isinstance(plant.turbine, PowerCurve):
        curve = pd.DataFrame(
            {"wind_speed": plant.turbine.speed_m_s, "value": plant.turbine.output}, dtype=float
        )
        return library.WindTurbine(plant.hub_m, nominal_power=1.0, power_curve=curve)
    types = library.get_turbine_types(turbine_library="local", print_out=False)
    known = sorted(types.loc[types["has_power_curve"], "turbine_type"].astype(str))
    if plant.turbine not in known:
        like = difflib.get_close_matches(plant.turbine, known, n=5, cutoff=0.4) or known[:5]
        raise ScenarioError(
            f"wind plant: no power curve of turbine {plant.turbine!r} in windpowerlib; a type is "
            f"needed such as {', '.join(like)}, or a PowerCurve of your own"
        )
    turbine = library.WindTurbine(plant.hub_m, turbine_type=plant.turbine)
    curve = turbine.power_curve
    _refuse_short(
        curve["wind_speed"].to_numpy(dtype=np.float64), curve["value"].to_numpy(dtype=np.float64),
        f"wind plant: curve of turbine {plant.turbine} in windpowerlib",
    )  # fmt: skip
    return turbine
