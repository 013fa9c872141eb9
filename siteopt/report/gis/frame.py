"""Frame of the projects: what they show beside the layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siteopt.report.gis.raster_style import RasterClass

__all__ = ["ProjectFrame"]


@dataclass(frozen=True, slots=True, eq=False)
class ProjectFrame:
    """What the projects of a run show beside its layers.

    Attributes
    ----------
    title : (str, str)
        Of the scenario, in Korean and English.
    lines : (str, str)
        What stands below it on the page to print: target, cost, how sure.
    credits : str
        Attribution of the data.
    bounds_m : tuple of float
        West, south, east, north of the country, EPSG:5179.
    cells : tuple of RasterClass
        Classes of ``eligibility.tif``.
    """

    title: tuple[str, str]
    lines: tuple[str, str]
    credits: str
    bounds_m: tuple[float, float, float, float]
    cells: tuple[RasterClass, ...] = ()
