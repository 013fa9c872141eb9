"""Weather of a taken file as `siteopt.energy.weather` has it, for hourly profiles of sun and wind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.energy.weather import Place, read_weather
from siteopt.errors import LayerError

if TYPE_CHECKING:
    from siteopt.energy.weather import Weather
    from siteopt.sources.fetching.station_hours import StationHours

__all__ = ["profile_weather"]

_COLUMNS: Final = ("ghi_w_m2", "temp_c", "wind_speed_m_s", "pressure_hpa")


def profile_weather(station: StationHours, *, wind_height_m: float, roughness_m: float) -> Weather:
    """Return the weather of a station for profiles: radiation, temperature, wind, pressure.

    Profiles stay the user's to make and to name in a scenario: they hang on plant and turbine,
    which no weather file has.

    Parameters
    ----------
    station : StationHours
        One year, such as of `siteopt.sources.fetching.epw.read_epw`.
    wind_height_m : float
        Height above ground of the wind speed; 10 m at stations of the WMO.
    roughness_m : float
        Roughness length of the ground about.

    Raises
    ------
    LayerError
        If there are several years, or as of `siteopt.energy.weather.read_weather`.
    """
    if station.years != 1:
        raise LayerError(
            f"{station.place.name}: {station.years} years; profiles are of one, so give one year"
        )
    names = [name for name in _COLUMNS if name in station.hourly]
    table = pd.DataFrame(station.hourly[names]).sort_index()
    place = Place(station.place.lon, station.place.lat, wind_height_m, roughness_m)
    return read_weather(table, place, stamp="begin", name=station.place.name)
