"""GeoParquet 1.1 of the candidates, for programs: DuckDB, Arrow, geopandas, GDAL, QGIS."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Final

from siteopt.report.gis.fields import column_confidence, column_titles
from siteopt.report.gis.metadata import attribution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd
    from pyarrow import Schema

    from siteopt.layers.provenance import Provenance

__all__ = ["write_geoparquet"]

_VERSION: Final = "1.1.0"
_COMPRESSION: Final = "zstd"


def write_geoparquet(sites: gpd.GeoDataFrame, used: Sequence[Provenance], path: Path) -> None:
    """Write the candidates with a box a row (*covering*), EPSG:5179, titles in the fields.

    EPSG:5179 as all else of a run: distances are metres, and ``lon``, ``lat`` stand beside them.

    Parameters
    ----------
    sites : GeoDataFrame
        Of :func:`siteopt.report.gis.candidates.placed_sites`.
    used : sequence of Provenance
        Layers that the run read.
    path : Path
        The file.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy, and a run taken from the cache needs it not

    plain = BytesIO()
    sites.to_parquet(plain, index=False, schema_version=_VERSION, write_covering_bbox=True)
    table = pq.read_table(plain)
    schema = _with_titles(table.schema)
    about = json.dumps({"attribution": attribution(used)}, ensure_ascii=False).encode()
    schema = schema.with_metadata({**(table.schema.metadata or {}), b"siteopt": about})
    pq.write_table(table.cast(schema), path, compression=_COMPRESSION)


def _with_titles(schema: Schema) -> Schema:
    """Return the schema with Korean and English titles, and confidences, in its fields."""
    ko, en = column_titles(schema.names, "ko"), column_titles(schema.names, "en")
    for place, field in enumerate(schema):
        told = {"title_ko": ko[field.name], "title_en": en[field.name]}
        if (confidence := column_confidence(field.name)) != "":
            told["confidence"] = confidence
        schema = schema.set(place, field.with_metadata(told))
    return schema
