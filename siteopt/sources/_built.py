"""Result of a builder: the catalogue fields of each written layer file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from siteopt.sources._write import write_bytes, write_csv, write_geojson, write_raster

__all__ = [
    "NOTICE_KPG",
    "NOTICE_OSM",
    "Built",
    "write_bytes",
    "write_csv",
    "write_geojson",
    "write_raster",
]

NOTICE_OSM: Final = (
    "Contains information from OpenStreetMap, © OpenStreetMap contributors, which is made "
    "available under the Open Database License (ODbL) 1.0; this layer is a derivative database "
    "under the same licence: https://opendatacommons.org/licenses/odbl/1-0/"
)
"""Notice for layers derived from OpenStreetMap."""

NOTICE_KPG: Final = (
    "Contains information from the KPG 193 test grid (agm-center/kpg-testgrid), which is made "
    "available under the Open Database License (ODbL) 1.0; this layer is a derivative database "
    "under the same licence: https://opendatacommons.org/licenses/odbl/1-0/"
)
"""Notice for layers derived from the KPG 193-bus test grid."""


@dataclass(frozen=True, slots=True)
class Built:
    """One layer file that a builder wrote into the folder ``out`` it was given.

    A builder module exposes ``build(sources: Path, facts: Path, out: Path) -> list[Built]``. It
    writes its files with the writers of this module and returns one ``Built`` a file; hashes and
    ``catalogue.toml`` are the work of :mod:`siteopt.sources.build`. Builders run in a fixed
    order, so one may read files that an earlier one wrote into ``out``
    (``provinces.geojson``, ``districts.geojson``, ``electors.tif`` come first).

    Attributes
    ----------
    id : str
        Catalogue id, the stem of the file.
    file : str
        File name inside ``out``.
    kind : {'vector', 'table', 'raster'}
        ``vector`` also for CSV files whose rows are points (columns lon, lat).
    title_ko, title_en : str
        What people read.
    source : str
        Owner/repository or publisher, with commit or date where known.
    licence : str
        Licence as its source states it.
    vintage : str
        Year or period that the content describes.
    crs : str
        ``EPSG:4326``, ``EPSG:5179`` or empty for a table without place.
    unit : str
        Units of the main columns or of the raster's values.
    confidence : str
        ``published``, ``compiled-high``, ``compiled-medium``, ``compiled-low``, ``derived``,
        ``model`` or ``per row``.
    good_for, not_good_for : str
        Honest and specific, one or two sentences.
    notice : str
        Attribution that must travel with the layer (ODbL), or empty.
    """

    id: str
    file: str
    kind: Literal["vector", "table", "raster"]
    title_ko: str
    title_en: str
    source: str
    licence: str
    vintage: str
    crs: str
    unit: str
    confidence: str
    good_for: str
    not_good_for: str
    notice: str = ""
