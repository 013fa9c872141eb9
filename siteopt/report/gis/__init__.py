"""GIS files of a run: a GeoPackage with styles and a project for QGIS, and a GeoParquet.

`sites.gpkg` has every layer in EPSG:5179; `sites.parquet` has the candidates alone, in the same
CRS, for programs; `eligibility.qml` colours `eligibility.tif`.
"""

from __future__ import annotations

from siteopt.report.gis.files import gis_layers, write_gis
from siteopt.report.gis.layer import GisInputs, GisLayer

__all__ = ["GisInputs", "GisLayer", "gis_layers", "write_gis"]
