"""Serialisation of results: pickle, restricted to plain data and to the forms listed here.

Whatever is no plain value is written as a persistent id of pickle (`Python library reference,
pickle: Persistence of External Objects`): the name of a form, and the plain values it is rebuilt
from. So no class or function can be named by the bytes, no code of theirs runs, and equal values
give equal bytes, which pickle alone does not promise (it keeps sharing and the layout in memory).
"""

from __future__ import annotations

import dataclasses
import io
import json
import pickle
import pickletools
import re
import struct
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from geopandas.array import GeometryArray
from pandas.arrays import BooleanArray, FloatingArray, IntegerArray, NumpyExtensionArray
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DamagedValueError", "decode", "encode", "handed", "register"]

_PLAIN: Final = {type(None), bool, int, float, str, bytes, list, tuple, dict}
_OPCODES: Final = {
    "PROTO", "FRAME", "MARK", "STOP", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1",
    "BININT2", "LONG1", "LONG4", "BINFLOAT", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8",
    "SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT",
    "SETITEM", "SETITEMS", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "BINPERSID",
}  # fmt: skip
"""What plain data needs: none that names, calls, changes or repeats an object."""
_OPCODES_MAX: Final = 5_000_000
"""Most of them in a value, some 100 bytes of memory each; the whole country needs 100,000."""
_DEPTH_MAX: Final = 100
"""Values inside values; results of stages have less than ten."""
_ARRAY_KINDS: Final = "biufcmMSU"
"""Numbers, times and texts of fixed length: bytes that hold no pointer."""
_NUMPY_DTYPE: Final = type(NumpyExtensionArray(np.zeros(1)).dtype)
_TEXT_DTYPES: Final = {"string": "string", "str": "str"}
_MASKED: Final = {"b": BooleanArray, "i": IntegerArray, "u": IntegerArray, "f": FloatingArray}
_CRS_CODE: Final = re.compile(r"[A-Z]+:[0-9]+")

_classes: dict[str, Any] = {}
_unpack: Callable[[str, bytes, int], tuple[int, ...]] = struct.unpack_from


class DamagedValueError(ValueError):
    """Bytes that are no value: cut off, changed, or of another version."""


def register(*classes: type) -> None:
    """Name the dataclasses and models that results are made of; no other is built from bytes."""
    _classes.update({kind.__name__: kind for kind in classes})


def encode(value: object) -> bytes:
    """Return a value as bytes; equal values give equal bytes.

    Parameters
    ----------
    value : object
        Scalars, texts, bytes, lists, tuples, dicts, numpy arrays, pandas and geopandas tables,
        and registered dataclasses and models of these.

    Raises
    ------
    TypeError
        If it holds anything else; a stage must not return that.
    """
    packed = io.BytesIO()
    pickler = _Pickler(packed, protocol=5)
    pickler.fast = True  # without memo: bytes do not depend on which equal parts are one object
    pickler.dump(value)
    return packed.getvalue()


def decode(content: bytes) -> Any:  # noqa: ANN401 - whatever was encoded
    """Return the value behind bytes of :func:`encode`; arrays in it cannot be written to.

    Raises
    ------
    DamagedValueError
        If they are none.
    """
    try:
        return _Unpickler(content).checked()
    except DamagedValueError:
        raise
    except Exception as error:  # whatever pickle, numpy, pandas, GEOS or PROJ raise on such bytes
        raise DamagedValueError(f"not a kept value: {error}") from error


def handed(value: Any) -> Any:  # noqa: ANN401 - whatever a stage returned
    """Return a value for a caller who may change it: tables in it are copied on writing."""
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
        return value.copy(deep=False)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = {
            f.name: handed(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init
        }
        return dataclasses.replace(value, **given)
    if type(value) is dict:
        return {key: handed(item) for key, item in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(handed(item) for item in value)
    return value


class _Pickler(pickle.Pickler):
    """Pickler that writes all but plain values as forms, each in one layout."""

    def persistent_id(self, value: Any) -> tuple[Any, ...] | None:  # noqa: ANN401, C901, PLR0911, PLR0912 - a line a form
        if type(value) in _PLAIN:
            return None
        instance: Any = value  # not narrowed by the cases
        dtype: Any = getattr(value, "dtype", None)
        match value:
            case np.generic():
                return "scalar", np.asarray(value)
            case np.ndarray() if value.dtype.hasobject:
                return "objects", list(value.shape), value.ravel().tolist()
            case np.ndarray() if value.dtype.kind in _ARRAY_KINDS:
                return "array", value.dtype.str, list(value.shape), value.tobytes()
            case shapely.Geometry():
                return "geometry", shapely.to_wkb(value, include_srid=True)
            case GeometryArray():
                shapes = shapely.to_wkb(np.asarray(value, dtype=object), include_srid=True)
                return "geometries", shapes.tolist(), _crs_text(value.crs)
            case pd.RangeIndex():
                return "range", value.start, value.stop, value.step, value.name
            case pd.Index() if not isinstance(value, pd.MultiIndex):
                return "index", _column(value), value.name
            case pd.Series():
                return "series", _column(value), value.index, value.name
            case gpd.GeoDataFrame():
                geometry = value._geometry_column_name  # noqa: SLF001 - also where there is none
                return "features", pd.DataFrame(value), geometry
            case pd.DataFrame():
                columns = [_column(value.iloc[:, place]) for place in range(value.shape[1])]
                return "table", columns, value.columns, value.index
            case BooleanArray() | IntegerArray() | FloatingArray():
                plain = dtype.numpy_dtype
                data = value.to_numpy(dtype=plain, na_value=plain.type(0))  # below a gap is chance
                return "masked", data, value.isna()
            case pd.Categorical():
                return "categories", value.codes, value.categories, value.ordered
            case pd.api.extensions.ExtensionArray() if isinstance(dtype, pd.StringDtype):
                texts = [None if text is dtype.na_value else text for text in value.tolist()]
                kind = "string" if dtype.na_value is pd.NA else "str"
                return "texts", json.dumps(texts, ensure_ascii=False), kind
            case BaseModel() if _classes.get(type(value).__name__) is type(value):
                return "model", type(value).__name__, value.model_dump_json()
            case _ if _classes.get(type(value).__name__) is type(value):
                fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(instance)}
                return "instance", type(value).__name__, fields
            case _ if value is pd.NA:
                return ("missing",)
        raise TypeError(f"a stage returned {type(value)}; it cannot be kept")


class _Unpickler(pickle.Unpickler):
    """Unpickler of plain data and forms; it finds no class and no function."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))
        self._content, self._depths = content, dict[int, int]()

    def checked(self) -> Any:  # noqa: ANN401 - whatever was encoded
        for number, (opcode, _, _) in enumerate(pickletools.genops(self._content)):
            if opcode.name not in _OPCODES or number > _OPCODES_MAX:
                raise DamagedValueError(f"not a kept value: {opcode.name} at no. {number}")
        value = self.load()
        self._depth(value)
        return value

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        raise DamagedValueError(f"not a kept value: it names {module}.{name}")

    def persistent_load(self, form: Any) -> Any:  # noqa: ANN401
        name, *parts = form
        made = _FORMS[name](*parts)
        self._depths[id(made)] = self._depth(parts)
        return made

    def _depth(self, value: Any) -> int:  # noqa: ANN401
        if type(value) not in {list, tuple, dict}:
            return self._depths.get(id(value), 0)
        inner = [*value, *value.values()] if type(value) is dict else value
        depth = 1 + max(map(self._depth, inner), default=0)
        if depth > _DEPTH_MAX:
            raise DamagedValueError(f"not a kept value: nested more than {_DEPTH_MAX} deep")
        return depth


def _column(table: Any) -> Any:  # noqa: ANN401 - the array of a column or an index
    """Return a numpy array where there is one below, else an array of pandas."""
    plain = isinstance(table.array.dtype, np.dtype | _NUMPY_DTYPE)
    return np.asarray(table.array) if plain else table.array


def _array(dtype: str, shape: list[int], content: bytes) -> np.ndarray:
    found = np.dtype(str(dtype))
    if found.kind not in _ARRAY_KINDS:
        raise DamagedValueError(f"not a kept value: an array of {dtype}")
    return np.frombuffer(content, dtype=found).reshape(shape)


def _objects(shape: list[int], items: list[Any]) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        array[place] = item
    array = array.reshape(shape)
    array.flags.writeable = False
    return array


def _geometries(shapes: list[bytes | None], crs: str | None) -> GeometryArray:
    for wkb in shapes:
        if wkb is not None:
            _check_wkb(wkb)
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapely.from_wkb(np.array([*shapes, None], dtype=object))[:-1]
    return GeometryArray(array, crs=_crs_of(crs))


def _geometry(wkb: bytes) -> shapely.Geometry:
    _check_wkb(wkb)
    return shapely.from_wkb(wkb)


def _check_wkb(wkb: bytes, at: int = 0, depth: int = 1) -> int:
    """Return where a geometry ends (extended WKB, as shapely writes it).

    GEOS calls itself for parts of parts without limit, until the process ends with its stack.
    """
    point, line, polygon, collection, depth_max = 1, 2, 3, 7, 8
    order, kind = _unpack("<BI", wkb, at)
    has_z, has_m, has_srid, kind = kind >> 31, kind >> 30 & 1, kind >> 29 & 1, kind & 0x1FFFFFFF
    if order != 1 or not point <= kind <= collection or depth > depth_max:
        raise DamagedValueError(f"not a kept value: a geometry of kind {kind}, {depth} deep")
    at += 5 + 4 * has_srid
    corner = 8 * (2 + has_z + has_m)
    if kind == point:
        return at + corner
    (count,) = _unpack("<I", wkb, at)
    at += 4
    if kind == line:
        return at + count * corner
    for _ in range(count):
        if kind == polygon:
            at += 4 + corner * _unpack("<I", wkb, at)[0]
        else:
            at = _check_wkb(wkb, at, depth + 1)
    return at


def _crs_text(crs: pyproj.CRS | None) -> str | None:
    if crs is None:
        return None
    short = crs.to_string()
    is_code = _CRS_CODE.fullmatch(short) and pyproj.CRS.from_user_input(short) == crs
    return short if is_code else crs.to_wkt()


def _crs_of(text: str | None) -> pyproj.CRS | None:
    """Return a CRS from what `_crs_text` gave: PROJ takes other texts for files it reads."""
    if text is None:
        return None
    return pyproj.CRS(text) if _CRS_CODE.fullmatch(text) else pyproj.CRS.from_wkt(text)


def _series(column: Any, index: pd.Index, name: Any = None) -> Any:  # noqa: ANN401
    """Return a column that keeps its type: pandas would take objects that are texts for texts."""
    # neither a single value nor a range may be spread over any length
    if isinstance(column, pd.Index) or column.shape != (len(index),):
        raise DamagedValueError(f"not a kept value: a column of {column.shape}")
    return pd.Series(column, index=index, dtype=column.dtype, name=name)


def _table(columns: list[Any], names: pd.Index, index: pd.Index) -> pd.DataFrame:
    series = [_series(column, index) for column in columns]
    frame = pd.DataFrame(dict(enumerate(series)), index=index)
    frame.columns = names
    return frame


def _features(frame: pd.DataFrame, geometry: str | None) -> Any:  # noqa: ANN401 - geopandas has no types
    features: Any = gpd.GeoDataFrame(frame)
    features._geometry_column_name = geometry  # noqa: SLF001
    return features


_FORMS: Final[dict[str, Callable[..., Any]]] = {
    "scalar": lambda array: array[()],
    "objects": _objects,
    "array": _array,
    "geometry": _geometry,
    "geometries": _geometries,
    "range": lambda start, stop, step, name: pd.RangeIndex(start, stop, step, name=name),
    "index": lambda column, name: pd.Index(column, name=name, dtype=column.dtype),
    "series": _series,
    "features": _features,
    "table": _table,
    "masked": lambda data, mask: _MASKED[data.dtype.kind](data.copy(), mask.copy()),
    "categories": lambda codes, categories, ordered: pd.Categorical.from_codes(
        codes.reshape(-1),
        categories=categories,
        ordered=ordered,  # no range has that
    ),
    "texts": lambda texts, dtype: pd.Series(json.loads(texts), dtype=_TEXT_DTYPES[dtype]).array,
    "model": lambda name, text: _classes[name].model_validate_json(text),
    "instance": lambda name, fields: _classes[name](**fields),
    "missing": lambda: pd.NA,
}
"""How each form of `_Pickler` becomes a value again."""
