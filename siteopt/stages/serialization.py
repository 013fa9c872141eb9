"""Serialisation of results: a JSON header and one buffer, as in a safetensors file.

Hugging Face: safetensors, format of a file (https://github.com/huggingface/safetensors): the length
of the header in eight bytes, the header, the bytes of arrays. Whatever is no plain value is a form
here: its name, and the values it is rebuilt from. So no class or function can be named by the
bytes, no code of theirs runs, and equal values give equal bytes.
"""

from __future__ import annotations

import dataclasses
import io
import json
import re
import struct
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from geopandas.array import GeometryArray
from pandas.arrays import NumpyExtensionArray
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "Bytes", "DamagedValueError", "decode", "decode_parts", "encode", "encode_parts", "handed",
    "register",
]  # fmt: skip

Bytes: TypeAlias = bytes | memoryview
"""Bytes, or those of an array that nothing can write to."""

_ITEMS_MAX: Final = 5_000_000
"""Most of them in a header, some 100 bytes of memory each; the whole country needs 200,000."""
_DEPTH_MAX: Final = 100
"""Values inside values; results of stages have less than ten."""
_JSON: Final = {type(None), bool, int, float, str}
_LONG: Final = 1000
"""Texts of more characters are in the buffer."""
_MANY: Final = 1000
"""Texts in a column of which the header would have one each."""
_SHARED_BYTES: Final = 1 << 20
"""Arrays of so many bytes are not copied, where nothing can write to them."""
_ARRAY_KINDS: Final = "biufcmMSU"
"""Numbers, times and texts of fixed length: bytes that hold no pointer."""
_NUMPY_DTYPE: Final = type(NumpyExtensionArray(np.zeros(1)).dtype)
_MASKED: Final = re.compile(r"str|string|boolean|U?Int(8|16|32|64)|Float(32|64)")
"""Types of columns in which values can be missing."""
_TEXT_DTYPES: Final = {"str", "string"}
_CRS_CODE: Final = re.compile(r"[A-Z]+:[0-9]+")

_classes: dict[str, Any] = {}
_unpack: Callable[[str, bytes, int], tuple[int, ...]] = struct.unpack_from


class _Repeated(list[str | None]):
    """Texts that are mostly the same as others of them: each is in the header once."""


class _Joined(list[str | None]):
    """Texts that are mostly not the same: their letters are in the buffer, one after another."""


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
    return b"".join(encode_parts(value))


def encode_parts(value: object) -> list[Bytes]:
    """Return the bytes of :func:`encode` in parts; large frozen arrays are shared, not copied.

    Parameters
    ----------
    value : object
        As of :func:`encode`; errors likewise.
    """
    buffer: list[Bytes] = []
    header = json.dumps(_header(value, buffer), separators=(",", ":")).encode()
    return [struct.pack("<Q", len(header)) + header, *buffer]


def decode(content: bytes) -> Any:  # noqa: ANN401 - whatever was encoded
    """Return the value behind bytes of :func:`encode`; arrays in it cannot be written to.

    Raises
    ------
    DamagedValueError
        If they are none.
    """
    try:
        end = 8 + _unpack("<Q", content, 0)[0]
        buffer = io.BytesIO(content)
        buffer.seek(end)
        value = _whole_value(content[8:end], buffer)
        _require(buffer.tell() == len(content), "another length than the header gives")
    except Exception as error:  # whatever JSON, numpy, pandas, GEOS or PROJ raise on such bytes
        raise DamagedValueError(f"not a kept value: {error}") from error
    return value


def decode_parts(parts: Sequence[Bytes]) -> Any:  # noqa: ANN401 - whatever was encoded
    """Return the value behind parts of :func:`encode_parts`; its arrays share their memory."""
    return _whole_value(bytes(parts[0][8:]), _Parts(parts[1:]))


def handed(value: Any) -> Any:  # noqa: ANN401 - whatever a stage returned
    """Return a value for a caller who may change it: tables in it are copied on writing."""
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
        return value.copy(deep=False)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [f.name for f in dataclasses.fields(value) if f.init]
        return dataclasses.replace(value, **{name: handed(getattr(value, name)) for name in names})
    if type(value) is dict:
        return {key: handed(item) for key, item in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(handed(item) for item in value)
    return value


class _Readable(Protocol):
    """Bytes that are read from the first to the last."""

    def read(self, size: int, /) -> Bytes: ...


class _Parts:
    """Parts of a buffer, each read as a whole."""

    def __init__(self, parts: Iterable[Bytes]) -> None:
        self._parts = iter(parts)

    def read(self, size: int, /) -> Bytes:
        part = next(self._parts)
        _require(len(part) == size, "another length than the header gives")
        return part


def _whole_value(header: bytes, buffer: _Readable) -> Any:  # noqa: ANN401 - whatever was encoded
    _require(header.count(b",") + header.count(b"[") <= _ITEMS_MAX, "too many items")
    return _value(json.loads(header), buffer)


def _header(value: Any, buffer: list[Bytes]) -> Any:  # noqa: ANN401 - a value of JSON
    """Return what the header has of a value: itself, or name and parts of its form."""
    if type(value) in _JSON and not (type(value) is str and len(value) > _LONG):
        return value
    if type(value) in {bytes, memoryview}:
        buffer.append(value)
        return ["bytes", len(value)]
    name, *parts = _form(value)
    return [name, *(_header(part, buffer) for part in parts)]


def _form(value: Any) -> tuple[Any, ...]:  # noqa: ANN401, C901, PLR0911, PLR0912 - a line a form
    """Return the form of a value: its name, and the parts `_FORMS` rebuilds it from."""
    kind = type(value)
    dtype: Any = getattr(value, "dtype", None)
    is_own = _classes.get(kind.__name__) is kind
    instance: Any = value  # not narrowed by the cases
    match value:
        case str() if kind is str:
            return "text", value.encode("utf-8", "surrogatepass")
        case list() | tuple() if kind in {list, tuple}:
            return kind.__name__, *value
        case dict() if kind is dict:
            return "dict", list(value), list(value.values())
        case np.generic():
            return "scalar", np.asarray(value)
        case np.ndarray() if value.dtype.hasobject:
            return "objects", list(value.shape), _texts(value.ravel().tolist())
        case np.ndarray() if value.dtype.kind in _ARRAY_KINDS:
            return "array", value.dtype.str, list(value.shape), _bytes_of(value)
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
            return "features", pd.DataFrame(value), value._geometry_column_name  # noqa: SLF001
        case pd.DataFrame():
            columns = [_column(value.iloc[:, place]) for place in range(value.shape[1])]
            return "table", columns, value.columns, value.index
        case pd.Categorical():
            return "categories", value.codes, value.categories, value.ordered
        case pd.api.extensions.ExtensionArray() if str(dtype) in _TEXT_DTYPES:
            missing: Any = None  # as a value: without it pandas leaves NaN
            return "masked", str(dtype), _texts(value.to_numpy(object, na_value=missing).tolist())
        case pd.api.extensions.ExtensionArray() if _MASKED.fullmatch(str(dtype)):
            items = [None if pd.isna(item) else item for item in value.tolist()]
            return "masked", str(dtype), _texts(items)
        case _Repeated():
            words = {word: place for place, word in enumerate(dict.fromkeys(value))}
            places = np.fromiter((words[item] for item in value), np.int32, len(value))
            return "repeated", places, list(words)
        case _Joined():
            letters = "".join(item for item in value if item is not None)
            lengths = np.array([-1 if item is None else len(item) for item in value], np.int32)
            return "joined", lengths, letters.encode("utf-8", "surrogatepass")
        case BaseModel() if is_own:
            return "model", kind.__name__, value.model_dump_json()
        case _ if is_own:
            names = [f.name for f in dataclasses.fields(instance)]
            return "instance", kind.__name__, {name: getattr(value, name) for name in names}
        case _ if value is pd.NA:
            return ("missing",)
    raise TypeError(f"a stage returned {kind}; it cannot be kept")


def _bytes_of(array: np.ndarray) -> Bytes:
    """Return the bytes of an array, row by row: its own memory where it is large and frozen."""
    if array.nbytes < _SHARED_BYTES or not array.flags.c_contiguous or not _is_frozen(array):
        return array.tobytes()
    return array.reshape(-1).view(np.uint8).data


def _is_frozen(array: np.ndarray) -> bool:
    """Return whether neither an array nor another one with its memory can be written to."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return False
        owner = owner.base
    return owner is None or (isinstance(owner, bytes | memoryview) and memoryview(owner).readonly)


def _texts(items: list[Any]) -> list[Any]:
    """Return items as texts that repeat or are many, where they are: 50,000 sites have millions."""
    if not all(item is None or (type(item) is str and len(item) <= _LONG) for item in items):
        return items
    if 2 * len(set(items)) <= len(items):
        return _Repeated(items)
    return _Joined(items) if len(items) >= _MANY else items


def _value(header: Any, buffer: _Readable, depth: int = 1) -> Any:  # noqa: ANN401
    """Return the value of a part of a header; what it has in the buffer comes next there."""
    if type(header) is not list:
        _require(type(header) is not dict, "an object of JSON")
        return header
    _require(depth <= _DEPTH_MAX, f"nested more than {_DEPTH_MAX} deep")
    name, *parts = header
    if name == "bytes":
        found = buffer.read(parts[0])
        _require(len(found) == parts[0], "cut off")
        return found
    return _FORMS[name](*[_value(part, buffer, depth + 1) for part in parts])


def _require(is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition
    if not is_so:
        raise ValueError(otherwise)


def _column(table: Any) -> Any:  # noqa: ANN401 - the array of a column or an index
    """Return a numpy array where there is one below, else an array of pandas."""
    plain = isinstance(table.array.dtype, np.dtype | _NUMPY_DTYPE)
    return np.asarray(table.array) if plain else table.array


def _array(dtype: str, shape: list[int], content: Bytes) -> np.ndarray:
    found = np.dtype(str(dtype))
    _require(found.kind in _ARRAY_KINDS, f"an array of {dtype}")
    return np.frombuffer(content, dtype=found).reshape(shape)


def _repeated(places: np.ndarray, words: list[str | None]) -> list[str | None]:
    _require(places.ndim == 1 and bool((places >= 0).all()), "a place before the first text")
    return [words[place] for place in places.tolist()]


def _joined(lengths: np.ndarray, content: bytes) -> list[str | None]:
    _require(lengths.ndim == 1 and bool((lengths >= -1).all()), "a text of no length")
    letters = content.decode("utf-8", "surrogatepass")
    ends = np.cumsum(np.maximum(lengths, 0), dtype=np.int64)
    _require(len(letters) == (ends[-1] if len(ends) else 0), "texts of another length")
    begins = ends - np.maximum(lengths, 0)
    missing = (lengths < 0).tolist()
    return [
        None if none else letters[begin:end]
        for begin, end, none in zip(begins.tolist(), ends.tolist(), missing, strict=True)
    ]


def _objects(shape: list[int], items: list[Any]) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        array[place] = item
    array = array.reshape(shape)
    array.flags.writeable = False
    return array


def _geometries(shapes: list[bytes | None], crs: str | None) -> GeometryArray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = [None if wkb is None else _geometry(wkb) for wkb in shapes]
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
    is_known = order == 1 and point <= kind <= collection and depth <= depth_max
    _require(is_known, f"a geometry of kind {kind}, {depth} deep")
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
    is_one = not isinstance(column, pd.Index) and column.shape == (len(index),)
    _require(is_one, f"a column of {column.shape}")
    return pd.Series(column, index=index, dtype=column.dtype, name=name)


def _table(columns: list[Any], names: pd.Index, index: pd.Index) -> pd.DataFrame:
    series = [_series(column, index) for column in columns]
    frame = pd.DataFrame(dict(enumerate(series)), index=index)
    frame.columns = names
    return frame


def _masked(dtype: str, items: list[Any]) -> Any:  # noqa: ANN401
    _require(bool(_MASKED.fullmatch(dtype)) and type(items) is list, f"a column of {dtype}")
    return pd.Series(items, dtype=dtype).array


_FORMS: Final[dict[str, Callable[..., Any]]] = {
    "text": lambda content: content.decode("utf-8", "surrogatepass"),
    "list": lambda *items: list(items),
    "tuple": lambda *items: items,
    "dict": lambda keys, items: dict(zip(keys, items, strict=True)),
    "scalar": lambda array: array[()],
    "objects": _objects,
    "array": _array,
    "geometry": _geometry,
    "geometries": _geometries,
    "range": lambda start, stop, step, name: pd.RangeIndex(start, stop, step, name=name),
    "index": lambda column, name: pd.Index(column, name=name, dtype=column.dtype),
    "series": _series,
    "features": lambda frame, name: gpd.GeoDataFrame(frame, geometry=name),
    "table": _table,
    "masked": _masked,
    "repeated": _repeated,
    "joined": _joined,
    "categories": lambda codes, categories, ordered: pd.Categorical.from_codes(
        codes.reshape(-1), categories=categories, ordered=ordered
    ),  # no range has that shape
    "model": lambda name, text: _classes[name].model_validate_json(text),
    "instance": lambda name, fields: _classes[name](**fields),
    "missing": lambda: pd.NA,
}
"""How each form of `_form` becomes a value again."""
