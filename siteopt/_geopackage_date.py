"""Date of a GeoPackage: one that is fixed, so that the same features give the same bytes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FIXED_DATE", "fixed_date"]

FIXED_DATE: Final = "2000-01-01T00:00:00.000Z"
"""Time of every change in a GeoPackage of ours."""
_OPTION: Final = "OGR_CURRENT_DATE"


@contextmanager
def fixed_date() -> Iterator[None]:
    """Let GDAL write :data:`FIXED_DATE` in place of the clock; its setting is as before afterwards."""
    import pyogrio  # noqa: PLC0415 - a scenario alone needs no library

    before = pyogrio.get_gdal_config_option(_OPTION)
    pyogrio.set_gdal_config_options({_OPTION: FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_OPTION: before})
