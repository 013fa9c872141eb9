"""``complexes.csv``: every industrial complex with its site or the obstacles to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt._csv import write_csv
from siteopt._file_names import COMPLEXES
from siteopt._temporary import temporary_folder

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["complex_files"]

_COLUMNS: Final = (
    "complex_id", "name_ko", "name_en", "province_code", "district_code", "lon", "lat",
    "eligible_ha", "it_max_mw", "area_rule", "area_confidence", "excluded_by",
)  # fmt: skip


def complex_files(judged: gpd.GeoDataFrame) -> dict[str, bytes]:
    """Return ``complexes.csv`` and its types, as bytes by name.

    Parameters
    ----------
    judged : GeoDataFrame
        Of :func:`siteopt.sites.complexes.judge_complexes`.
    """
    table = pd.DataFrame(judged[list(_COLUMNS)])
    with temporary_folder() as part:
        write_csv(table, part / COMPLEXES)
        return {file.name: file.read_bytes() for file in sorted(part.iterdir())}
