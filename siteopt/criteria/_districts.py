"""District tables joined to sites across the district codes of several years."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.errors import LayerError
from siteopt.layers.district_codes import DistrictCodes

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.district_codes import How
    from siteopt.layers.protocols import LayersLike

__all__ = ["district_rows", "rows_of_sites"]


def district_rows(layers: LayersLike, layer_id: str, how: Mapping[str, How]) -> pd.DataFrame:
    """Return a table by district, indexed by the codes of the ``districts`` layer.

    A table of the user's may bear the codes of 2022, 2024 or 2026.

    Parameters
    ----------
    layers : Layers
        The layer and, where the user's file replaces it, ``district_codes``.
    layer_id : str
        A table with ``district_code``.
    how : mapping
        Columns that are wanted, and what becomes of units that are one district.

    Raises
    ------
    LayerError
        If a code is not known, or a district has two rows.
    """
    table = layers.table(layer_id)
    codes = table["district_code"].astype(str)
    if codes.duplicated().any():
        twice = codes[codes.duplicated()].iloc[0]
        raise LayerError(f"{layer_id}: district {twice} has two rows; one row a district is needed")
    if layers.replaced(layer_id):
        concordance = DistrictCodes(layers.table("district_codes"))
        table = concordance.gather(table, how, file=layer_id)
    return table.set_index(table["district_code"].astype(str))[list(how)]


def rows_of_sites(sites: gpd.GeoDataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the row of each site's district, in the order of sites; empty where it has none.

    Parameters
    ----------
    sites : GeoDataFrame
        ``district_code`` of each site.
    rows : DataFrame
        Table indexed by district code.
    """
    return rows.reindex(sites["district_code"].astype(str).to_numpy())
