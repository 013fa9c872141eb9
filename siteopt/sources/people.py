"""Electors per km2 on 250 m: eup/myeon/dong totals spread over flat land, sums kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import Built, write_raster
from siteopt.sources._frame import NATIONAL
from siteopt.sources.admin import read_districts
from siteopt.sources.relief import model_slope_deg

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["build", "electors_by_unit", "name_key", "spread"]

_FINE: Final = 5
"""A 250 m cell is cut into 5 x 5, to share it between the units that meet in it."""

_CODE: Final = 5
"""Digits of a district code, which stands before a name."""

_STRIP_ROWS: Final = 60
"""Rows of 250 m that are cut up at once; bounds memory."""

_FLAT_DEG: Final = 3.0
_STEEP_DEG: Final = 15.0
_STEEP_WEIGHT: Final = 0.02
"""People live on flat land: weight 1 up to 3 degrees, falling to 0.02 at 15 degrees and above
(of the 190 m model, not corrected).
An assumption of this layer, chosen after settlement patterns, not fitted."""


def name_key(name: str, known: Container[str] = ()) -> str:
    """Return a name in the form that both tables share: '종로제1.2가동' as '종로1·2가동'.

    Parameters
    ----------
    name : str
        Of an eup, myeon or dong.
    known : container of str
        Keys that stand as they are: the 제 of '홍제1동' belongs to the name, the second one of
        '홍제제1동' means 'number'.
    """
    key = re.sub(r"[^0-9가-힣]", "", name)
    return key if key in known else re.sub(r"제(?=\d)", "", key)


def _stem_of(place: str) -> str:
    """Return 'district name' without the numbers of the name: split or merged dong share it."""
    return place[:_CODE] + re.sub(r"\d", "", place[_CODE:])


def _seat(place: str) -> str:
    """Return 'district name' without eup, myeon, dong: a myeon that became an eup keeps it."""
    return re.sub(r"(읍|면|동)$", "", place)


def electors_by_unit(units: pd.DataFrame, votes: pd.DataFrame, totals: pd.Series) -> pd.DataFrame:
    """Return electors of every eup/myeon/dong polygon, sums of districts kept.

    Names that differ in numbers only make a group in their district. A group whose names agree
    on both sides is joined name by name; any other (dong that split or merged) has the sum of
    its rows spread over its polygons by area. A row left over goes to the polygon whose name
    differs in eup/myeon/dong only. What is still left of a district goes to its polygons without
    a match by area. At last each district is scaled to its own total, which has the electors who
    are in no row (early votes and others).

    Parameters
    ----------
    units : DataFrame
        Polygons: columns district_code, name, area_km2; a unique index.
    votes : DataFrame
        Columns district_code, name, electors.
    totals : Series
        Electors by district_code.

    Returns
    -------
    DataFrame
        Index of ``units``; columns electors (float) and joined (``name``, ``stem``, ``seat`` or
        ``rest``), the way each polygon got its electors.
    """
    out = pd.DataFrame({"electors": 0.0, "joined": "rest"}, index=units.index)
    plain = units["district_code"] + " " + units["name"].map(lambda item: name_key(item, item))
    left = votes.assign(key=_vote_keys(votes, set(plain)))
    agreed = _agreed_groups(plain, left["key"])
    for how, shape in (("name", str), ("stem", _stem_of), ("seat", _seat)):
        places = plain[out["joined"] == "rest"]
        rows = left["key"]
        if how == "name":
            places = places[places.map(_stem_of).isin(agreed)]
            rows = rows[rows.map(_stem_of).isin(agreed)]
        sums = left.loc[rows.index, "electors"].groupby(rows.map(shape)).sum()
        target = places.map(shape)
        target = target[target.isin(sums.index)]
        area = units.loc[target.index, "area_km2"]
        share = area / area.groupby(target).transform("sum")
        out.loc[target.index, "electors"] = target.map(sums) * share
        out.loc[target.index, "joined"] = how
        left = left.drop(rows.index[rows.map(shape).isin(target)])
    return _rest_and_scale(out, units, left, totals)


def _vote_keys(votes: pd.DataFrame, known: set[str]) -> pd.Series[str]:
    """Return 'district name' of every elector row, written as the polygons write it."""
    places = votes["district_code"] + " " + votes["name"].map(lambda item: name_key(item, item))
    ordinal = votes["district_code"] + " " + votes["name"].map(name_key)
    return places.where(places.isin(known), ordinal)


def _agreed_groups(places: pd.Series[str], rows: pd.Series[str]) -> set[str]:
    """Return the stems whose polygons and rows have the same names."""
    left = places.groupby(places.map(_stem_of)).agg(set).to_dict()
    right = rows.groupby(rows.map(_stem_of)).agg(set).to_dict()
    return {str(stem) for stem, names in left.items() if right.get(stem) == names}


def _rest_and_scale(
    out: pd.DataFrame, units: pd.DataFrame, left: pd.DataFrame, totals: pd.Series
) -> pd.DataFrame:
    """Return ``out`` with the rows that found no polygon, scaled to the totals of districts."""
    code = units["district_code"]
    missing = left.groupby("district_code")["electors"].sum()
    rest = out["joined"] == "rest"
    area = units["area_km2"].where(rest, 0.0)
    share = area / area.groupby(code).transform("sum").where(lambda item: item > 0)
    out["electors"] += share.fillna(0.0) * code.map(missing).fillna(0.0)
    found = out["electors"].groupby(code).transform("sum")
    if (found <= 0).any():
        raise LayerError(f"electors: district {code[found <= 0].iloc[0]} has no joined row")
    out["electors"] *= code.map(totals) / found
    return out


def _slope_weight(out: Path) -> NDArray[np.float32]:
    """Return how likely people live in each 250 m cell, from the slopes of the 190 m model."""
    slope = np.nan_to_num(model_slope_deg(out))
    fall = (slope - _FLAT_DEG) / (_STEEP_DEG - _FLAT_DEG)
    weight: NDArray[np.float32] = np.clip(
        1.0 - fall * (1.0 - _STEEP_WEIGHT), _STEEP_WEIGHT, 1.0
    ).astype(np.float32)
    return weight


def _shares(shapes: NDArray[np.object_]) -> pd.DataFrame:
    """Return how many 50 m cells of each 250 m cell lie in each unit.

    Returns
    -------
    DataFrame
        Columns unit (place in ``shapes``), cell (flat index on the national lattice), count.
    """
    tree = shapely.STRtree(shapes)
    fine = NATIONAL.cell_m / _FINE
    west, _, east, north = NATIONAL.bounds_m
    parts = []
    for top in range(0, NATIONAL.n_rows, _STRIP_ROWS):
        rows = min(_STRIP_ROWS, NATIONAL.n_rows - top)
        y = north - top * NATIONAL.cell_m
        near = np.sort(tree.query(shapely.box(west, y - rows * NATIONAL.cell_m, east, y)))
        if not len(near):
            continue
        drawn = rasterize(
            ((shapes[i], i + 1) for i in near),
            out_shape=(rows * _FINE, NATIONAL.n_cols * _FINE), dtype="int32",
            transform=Affine(fine, 0.0, west, 0.0, -fine, y),
        )  # fmt: skip
        at_row, at_col = np.nonzero(drawn)
        cell = (top + at_row // _FINE) * NATIONAL.n_cols + at_col // _FINE
        pair, count = np.unique(
            (drawn[at_row, at_col].astype(np.int64) - 1) * NATIONAL.n_rows * NATIONAL.n_cols + cell,
            return_counts=True,
        )
        unit, cell = np.divmod(pair, NATIONAL.n_rows * NATIONAL.n_cols)
        parts.append(pd.DataFrame({"unit": unit, "cell": cell, "count": count}))
    return pd.concat(parts, ignore_index=True).groupby(["unit", "cell"], as_index=False).sum()


def spread(
    shares: pd.DataFrame, weight: NDArray[np.float32], electors: NDArray[np.float64],
    district: NDArray[np.object_],
) -> NDArray[np.uint32]:  # fmt: skip
    """Return whole electors per km2 on flat cells of the national lattice.

    Parameters
    ----------
    shares : DataFrame
        Columns unit, cell, count: how much of a cell lies in a unit.
    weight : ndarray of float32
        Likelihood of a dwelling, flat over the lattice.
    electors : ndarray, one per unit
        To be spread over the cells of the unit.
    district : ndarray of str, one per unit
        Within each, rounding keeps the sum: 16 cells of 1 per km2 are one elector.

    Returns
    -------
    ndarray of uint32
        Flat over the lattice.
    """
    unit = shares["unit"].to_numpy()
    raw = shares["count"].to_numpy() * weight[shares["cell"].to_numpy()].astype(np.float64)
    total = np.bincount(unit, raw, minlength=len(electors))
    if (total[electors > 0] <= 0).any():
        raise LayerError("electors: a unit with electors covers no cell of the lattice")
    cells_per_km2 = 1e6 / NATIONAL.cell_m**2
    density = raw / total[unit] * electors[unit] * cells_per_km2
    whole = np.floor(density)
    # largest remainders within a district get the rest, ties by cell
    table = pd.DataFrame(
        {"district": district[unit], "part": density - whole, "cell": shares["cell"]}
    )
    order = table.sort_values(
        ["district", "part", "cell"], ascending=[True, False, True], kind="stable"
    )
    rank = order.groupby("district").cumcount()
    open_parts = table.groupby("district")["part"].transform("sum").round()
    whole[rank.index.to_numpy()] += rank.to_numpy() < open_parts[rank.index].to_numpy()
    out = np.bincount(shares["cell"], whole, minlength=NATIONAL.n_rows * NATIONAL.n_cols)
    return out.astype(np.uint32)


def _read_units(sources: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.Series]:
    """Return polygons, elector rows and district totals that :func:`electors_by_unit` takes."""
    districts = read_districts(sources)
    by_kostat = districts.set_index("kostat_code")["district_code"]
    units = gpd.read_file(sources / "admin" / "eupmyeondong_kostat2018.geojson").to_crs(CRS_EPSG)
    units = units.sort_values("code").reset_index(drop=True)
    units["district_code"] = units["code"].str[:5].map(by_kostat)
    units["area_km2"] = units.area / 1e6
    raw = pd.read_csv(
        sources / "population" / "electors_by_eupmyeondong_2022.csv", encoding="utf-8"
    )
    by_name = {
        (row.sido_2022, row.sigungu_2022): row.district_code for row in districts.itertuples()
    }
    places = zip(raw["ELEC_SIDO"], raw["ELEC_GU"], strict=True)
    votes = pd.DataFrame(
        {"district_code": [by_name.get(place) for place in places], "name": raw["ELEC_EMD"],
         "electors": raw["electors_2022"].astype(float)}
    )  # fmt: skip
    for what, table in (("eupmyeondong polygon", units), ("elector row", votes)):
        if table["district_code"].isna().any():
            name = table.loc[table["district_code"].isna(), "name"].iloc[0]
            raise LayerError(f"electors: {what} {name} belongs to no district")
    return units, votes, districts.set_index("district_code")["electors"].astype(float)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - as all builders
    """Write ``electors.tif``; needs ``slope.tif`` in ``out``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies, of the fact tables (not used), and of the layer files.
    """
    units, votes, totals = _read_units(sources)
    joined = electors_by_unit(units, votes, totals)
    flat = spread(
        _shares(np.asarray(units.geometry.array, dtype=object)), _slope_weight(out).ravel(),
        joined["electors"].to_numpy(), units["district_code"].to_numpy(),
    )  # fmt: skip
    if flat.max() > np.iinfo(np.uint16).max:
        raise LayerError(f"electors: {flat.max()} per km2 does not fit 16 bits")
    values = flat.astype(np.uint16).reshape(NATIONAL.shape)
    write_raster(values, NATIONAL, out / "electors.tif", unit="electors per km2")
    share = joined["electors"].groupby(joined["joined"]).sum() / joined["electors"].sum()
    return [_entry(share)]


def _entry(share: pd.Series) -> Built:
    pct = {how: 100.0 * float(share.get(how, 0.0)) for how in ("name", "seat", "stem", "rest")}
    return Built(
        id="electors", file="electors.tif", kind="raster", title_ko="선거인 밀도(인구 대용)",
        title_en="Electors per km2 (as population)",
        source="vuski/admdongkor ver20220309 (commit 20dca68, electors) on "
        "southkorea/southkorea-maps kostat/2018 eup/myeon/dong (commit fe65e05), slope.tif",
        licence="free use, naming vuski/admdongkor recommended; borders KOSTAT, 'Free to share or "
        "remix'",
        vintage="2022-03-09 on borders of 2018", crs="EPSG:5179", unit="electors per km2",
        confidence="totals by si/gun/gu published; their places derived",
        good_for="People within 1 to 5 km, dense residential land. Electors (adults) are about "
        "86 % of the population.",
        not_good_for="Single blocks: totals of eup/myeon/dong are spread over their flat land, "
        "not over buildings. "
        f"{pct['name']:.1f} % of electors joined by name, {pct['seat']:.1f} % as a renamed "
        f"eup/myeon, {pct['stem']:.1f} % over split or merged dong, {pct['rest']:.1f} % over "
        "unmatched dong of their district (new towns).",
    )  # fmt: skip
