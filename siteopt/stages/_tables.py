"""Arrays and tables as bytes, and back, with their types exactly as they were."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from geopandas.array import GeometryArray
from pandas.arrays import BooleanArray, FloatingArray, IntegerArray, NumpyExtensionArray

from siteopt.stages import values
from siteopt.stages._wkb import check_depth
from siteopt.stages.values import Bytes, DamagedValueError, Json

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas.api.extensions import ExtensionArray

__all__ = ["pack_table", "unpack_table"]

_PlainDtype = type(NumpyExtensionArray(np.zeros(1)).dtype)
_PLAIN_KINDS: Final = "biufcmMSU"
"""Numbers, times and texts of fixed length: bytes that hold no pointer."""
_CRS_CODE: Final = re.compile(r"[A-Z]+:[0-9]+")
_TEXT_DTYPES: Final = {"string": "string", "str": "str"}
_MASKED = {
    "boolean": BooleanArray,
    "Int": IntegerArray,
    "UInt": IntegerArray,
    "Float": FloatingArray,
}


def pack_table(value: Any, held: Bytes) -> Json:  # noqa: ANN401, PLR0911 - one line a kind
    """Return an array or a table as JSON, its bytes kept in ``held``; TypeError for others."""
    if isinstance(value, np.generic):
        return {"scalar": pack_table(np.asarray(value), held)}
    if value is pd.NA:
        return {"na": 0}
    if isinstance(value, shapely.Geometry):
        return {"shape": held.add(shapely.to_wkb(value, include_srid=True))}
    if isinstance(value, np.ndarray):
        return _pack_array(value, held)
    if isinstance(value, pd.Index):
        return _pack_index(value, held)
    if isinstance(value, pd.Series):
        column = _pack_column(value.array, held)
        return {"series": column, "index": _pack_index(value.index, held),
                "name": values.pack(value.name, held)}  # fmt: skip
    if isinstance(value, pd.DataFrame):
        return _pack_frame(value, held)
    kind = type(value)
    raise TypeError(f"a stage returned {kind.__module__}.{kind.__qualname__}; it cannot be kept")


def unpack_table(kind: str, described: Json, held: Bytes) -> Any:  # noqa: ANN401, PLR0911
    """Return the array or table that :func:`pack_table` described."""
    match kind:
        case "scalar":
            return unpack_table("array", described[kind], held)[()]
        case "na":
            return pd.NA
        case "shape":
            wkb = held.take(described[kind])
            check_depth(wkb)
            return shapely.from_wkb(wkb)
        case "array":
            flat = np.frombuffer(held.take(described[kind]), dtype=_plain_dtype(described["dtype"]))
            return flat.reshape(described["shape"])
        case "objects":
            return _unpack_objects(described, held)
        case "range" | "index":
            return _unpack_index(kind, described, held)
        case "series":
            index = values.unpack(described["index"], held)
            series = _typed(_unpack_column(described[kind], held), index)
            return series.rename(values.unpack(described["name"], held))
        case "frame":
            return _unpack_frame(described, held)
        case _:
            raise DamagedValueError(f"not a kept value: {kind} is not known")


def _pack_array(array: np.ndarray, held: Bytes) -> Json:
    if array.dtype.hasobject:
        items = [values.pack(item, held) for item in array.ravel().tolist()]
        return {"objects": list(array.shape), "items": items}
    if array.dtype.kind not in _PLAIN_KINDS:
        raise TypeError("a stage returned an array of records; it cannot be kept")
    plain = np.ascontiguousarray(array)
    return {
        "array": held.add(plain.tobytes()),
        "dtype": array.dtype.str,
        "shape": list(array.shape),
    }


def _unpack_objects(described: Json, held: Bytes) -> np.ndarray:
    out = np.empty(len(described["items"]), dtype=object)
    for place, item in enumerate(described["items"]):
        out[place] = values.unpack(item, held)
    out = out.reshape(described["objects"])
    out.flags.writeable = False
    return out


def _pack_index(index: pd.Index, held: Bytes) -> Json:
    if isinstance(index, pd.MultiIndex):
        raise TypeError("a stage returned a table with several index levels; it cannot be kept")
    name = values.pack(index.name, held)
    if isinstance(index, pd.RangeIndex):
        return {"range": [index.start, index.stop, index.step], "name": name}
    return {"index": _pack_column(index.array, held), "name": name}


def _unpack_index(kind: str, described: Json, held: Bytes) -> pd.Index:
    name = values.unpack(described["name"], held)
    if kind == "range":
        start, stop, step = described[kind]
        return pd.RangeIndex(start, stop, step, name=name)
    column = _unpack_column(described[kind], held)
    return pd.Index(column, name=name, dtype=column.dtype)


def _pack_column(array: Any, held: Bytes) -> Json:  # noqa: ANN401 - any array of pandas
    dtype = array.dtype
    if isinstance(dtype, np.dtype | _PlainDtype):
        return {"numpy": _pack_array(np.asarray(array), held)}
    if isinstance(array, GeometryArray):
        crs = None if array.crs is None else _crs_text(array.crs)
        shapes = np.asarray(array, dtype=object)
        wkb = shapely.to_wkb(shapes, include_srid=True).tolist()
        lengths = np.array([-1 if item is None else len(item) for item in wkb], dtype=np.int64)
        joined = held.add(b"".join(item for item in wkb if item is not None))
        return {"shapes": joined, "lengths": _pack_array(lengths, held), "crs": crs}
    if isinstance(dtype, pd.StringDtype):
        missing = array.isna().tolist()
        items = [None if none else str(item) for item, none in zip(array, missing, strict=True)]
        return {"texts": items, "dtype": "string" if dtype.na_value is pd.NA else "str"}
    if isinstance(dtype, pd.CategoricalDtype):
        return {"categories": _pack_index(dtype.categories, held), "ordered": bool(dtype.ordered),
                "codes": _pack_array(np.asarray(array.codes), held)}  # fmt: skip
    if isinstance(array, BooleanArray | IntegerArray | FloatingArray):
        mask = array.isna()
        plain = np.dtype(str(dtype).lower().replace("boolean", "bool"))
        data = array.to_numpy(dtype=plain, na_value=plain.type(0))  # what lies below is chance
        return {"masked": str(dtype), "data": _pack_array(data, held),
                "mask": _pack_array(mask, held)}  # fmt: skip
    raise TypeError(f"a stage returned a column of type {dtype}; it cannot be kept")


def _unpack_column(described: Json, held: Bytes) -> NDArray[Any] | ExtensionArray:
    kind = next(iter(described))
    match kind:
        case "numpy":
            return cast("NDArray[Any]", values.unpack(described[kind], held))
        case "shapes":
            return cast("ExtensionArray", _unpack_shapes(described, held))
        case "texts":
            texts: ExtensionArray = pd.Series(
                described[kind], dtype=_TEXT_DTYPES[described["dtype"]]
            ).array
            return texts
        case "categories":
            sorts: Any = pd.Categorical.from_codes(
                values.unpack(described["codes"], held),
                categories=values.unpack(described[kind], held),
                ordered=described["ordered"],
            )
            return cast("ExtensionArray", sorts)
        case "masked":
            head = described[kind].rstrip("0123456789")
            data = values.unpack(described["data"], held).copy()
            mask = values.unpack(described["mask"], held).copy()
            masked: ExtensionArray = _MASKED[head](data, mask)
            return masked
        case _:
            raise DamagedValueError(f"not a kept value: column {kind} is not known")


def _typed(column: np.ndarray | ExtensionArray, index: pd.Index) -> pd.Series[Any]:
    """Return a column that keeps its type: pandas would take objects that are texts for texts."""
    if column.shape != (len(index),):  # a single value would be spread over any index
        raise DamagedValueError(f"not a kept value: a column of {column.shape}")
    return pd.Series(column, index=index, dtype=column.dtype)


def _unpack_shapes(described: Json, held: Bytes) -> GeometryArray:
    lengths, joined = (
        values.unpack(described["lengths"], held).tolist(),
        held.take(described["shapes"]),
    )
    items: list[bytes | None] = []
    at = 0
    for length in lengths:
        items.append(None if length < 0 else joined[at : at + length])
        at += max(length, 0)
    for item in items:
        if item is not None:
            check_depth(item)
    shapes = np.empty(len(items), dtype=object)
    shapes[:] = shapely.from_wkb(np.array([*items, None], dtype=object))[:-1]
    return GeometryArray(shapes, crs=_crs_of(described["crs"]))


def _crs_text(crs: pyproj.CRS) -> str:
    short = crs.to_string()
    is_code = _CRS_CODE.fullmatch(short) and pyproj.CRS.from_user_input(short) == crs
    return short if is_code else crs.to_wkt()


def _crs_of(text: str | None) -> pyproj.CRS | None:
    """Return a CRS from what `_crs_text` gave: PROJ takes other texts for files it reads."""
    if text is None:
        return None
    return pyproj.CRS(text) if _CRS_CODE.fullmatch(text) else pyproj.CRS.from_wkt(text)


def _plain_dtype(text: str) -> np.dtype[Any]:
    dtype = np.dtype(str(text))
    if dtype.kind not in _PLAIN_KINDS:
        raise DamagedValueError(f"not a kept value: an array of {text}")
    return dtype


def _pack_frame(frame: pd.DataFrame, held: Bytes) -> Json:
    out = {
        "frame": [
            _pack_column(frame.iloc[:, place].array, held) for place in range(frame.shape[1])
        ],
        "columns": _pack_index(frame.columns, held),
        "index": _pack_index(frame.index, held),
    }
    if isinstance(frame, gpd.GeoDataFrame):
        out["geometry"] = frame._geometry_column_name  # noqa: SLF001 - also where there is none
    return out


def _unpack_frame(described: Json, held: Bytes) -> pd.DataFrame:
    index = values.unpack(described["index"], held)
    columns = [_typed(_unpack_column(item, held), index) for item in described["frame"]]
    frame = pd.DataFrame(dict(enumerate(columns)), index=index)
    frame.columns = values.unpack(described["columns"], held)
    if "geometry" not in described:
        return frame
    placed: Any = gpd.GeoDataFrame(frame)
    placed._geometry_column_name = described["geometry"]  # noqa: SLF001
    return cast("pd.DataFrame", placed)
