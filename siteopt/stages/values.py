"""Results of stages as bytes, and back: the same value gives the same bytes, and no code runs.

The form is our own, because pickle would run code of a damaged or foreign file, and Parquet does
not keep what stages hand on: dataclasses, arrays of two dimensions, None beside NaN. A value is
one line of JSON that describes it, followed by the bytes of its arrays. No bytes can name a class
that is not listed here, nest without end, or ask for more memory than a few times their own size.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
import math
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "CLASSES",
    "Bytes",
    "DamagedValueError",
    "content_hash",
    "decode",
    "encode",
    "handed",
    "own_modules",
]

_MAGIC: Final = b"siteopt value 1\n"
_LENGTH: Final = struct.Struct("<Q")
_OWN: Final = "siteopt."
_DEPTH_MAX: Final = 100
"""Values inside values; results of stages have less than ten."""
_DESCRIBED_MAX: Final = 1 << 28
"""Bytes of JSON, which takes some twenty times as much memory; the whole country has 10 MB."""

CLASSES: Final = frozenset(
    {
        "siteopt.scenario.screening:Above", "siteopt.scenario.screening:Below",
        "siteopt.scenario.screening:Far", "siteopt.scenario.screening:Near",
        "siteopt.scenario.screening:Outside", "siteopt.grid.assessment:Assessment",
        "siteopt.grid.connections:Connections", "siteopt.grid.impact:ImpactItem",
        "siteopt.grid.impact:Scoring", "siteopt.grid.routes:Routes", "siteopt.lattice:Lattice",
        "siteopt.portfolio.choice:Choice", "siteopt.portfolio.analysis:Further",
        "siteopt.portfolio.search.plan:Plan", "siteopt.portfolio.optimal_plan:Planned",
        "siteopt.portfolio.optimal_plan:Portfolio", "siteopt.portfolio.problem.problem:FlowName",
        "siteopt.portfolio.problem.problem:Problem",
        "siteopt.portfolio.site_values:MetPlans", "siteopt.portfolio.site_values:Valued",
        "siteopt.screening.eligibility:Eligibility",
    }
)  # fmt: skip
"""The classes that results of stages are made of; no other is built from a file."""

Json = Any


class DamagedValueError(ValueError):
    """Bytes that are no value: cut off, changed, or of another version."""


class Bytes:
    """The bytes of arrays, written or read one after the other."""

    def __init__(self, parts: list[bytes] | None = None) -> None:
        self.parts: list[bytes] = [] if parts is None else parts
        self._taken: set[int] = set()
        self._depth = 0

    def add(self, part: bytes) -> int:
        """Keep a part; return its number."""
        self.parts.append(part)
        return len(self.parts) - 1

    def take(self, number: int) -> bytes:
        """Return a part, once: a part that is named often would unpack to more than it holds."""
        if number < 0 or number in self._taken:
            raise DamagedValueError(f"not a kept value: part {number} is named twice or not there")
        self._taken.add(number)
        return self.parts[number]

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count a value inside another."""
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise DamagedValueError(f"not a kept value: nested more than {_DEPTH_MAX} deep")
        yield
        self._depth -= 1


def encode(value: object) -> bytes:
    """Return a value as bytes.

    Parameters
    ----------
    value : object
        Scalars, texts, bytes, lists, tuples, dicts, numpy arrays, pandas and geopandas tables,
        and siteopt's own dataclasses, named tuples and scenario models of these.

    Raises
    ------
    TypeError
        If it holds anything else; a stage must not return that.
    """
    held = Bytes()
    described = json.dumps(
        pack(value, held), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()
    lengths = [len(described), len(held.parts), *map(len, held.parts)]
    head = b"".join(_LENGTH.pack(length) for length in lengths)
    return b"".join([_MAGIC, head, described, *held.parts])


def decode(content: bytes) -> Any:  # noqa: ANN401 - whatever was encoded
    """Return the value behind bytes of :func:`encode`; arrays in it cannot be written to.

    Raises
    ------
    DamagedValueError
        If they are none.
    """
    try:
        described, parts = _split(memoryview(content))
        return unpack(json.loads(described), Bytes(parts))
    except DamagedValueError:
        raise
    except Exception as error:  # whatever numpy, pandas, GEOS or PROJ say to such bytes
        raise DamagedValueError(f"not a kept value: {error}") from error


def content_hash(content: bytes) -> str:
    """Return the SHA-256 of bytes as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def handed(value: Any) -> Any:  # noqa: ANN401 - whatever a stage returned
    """Return a value for a caller who may change it: tables in it are copied on writing."""
    if type(value).__module__.startswith(("pandas", "geopandas")) and hasattr(value, "copy"):
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


def own_modules(value: Any) -> set[str]:  # noqa: ANN401 - whatever a stage returned
    """Return the modules of siteopt whose classes a value is made of: their methods come with it."""
    if isinstance(value, dict):
        return {name for item in value.values() for name in own_modules(item)}
    kind = type(value)
    found: set[str] = {kind.__module__} if kind.__module__.startswith(_OWN) else set()
    if dataclasses.is_dataclass(value):
        parts = [getattr(value, field.name) for field in dataclasses.fields(value)]
    elif isinstance(value, BaseModel):
        parts = [getattr(value, name) for name in type(value).model_fields]
    else:
        parts = list(value) if isinstance(value, list | tuple) else []
    return found.union(*map(own_modules, parts))


def _split(content: memoryview) -> tuple[bytes, list[bytes]]:
    start = len(_MAGIC)
    if bytes(content[:start]) != _MAGIC:
        raise DamagedValueError("not a kept value: it begins otherwise")

    def length(place: int) -> int:
        found: int = _LENGTH.unpack_from(content, start + place * _LENGTH.size)[0]
        return found

    try:
        counts = [length(place) for place in range(2 + length(1))]
    except struct.error as error:
        raise DamagedValueError("not a kept value: cut off") from error
    if counts[0] > _DESCRIBED_MAX:
        raise DamagedValueError(f"not a kept value: described by {counts[0]} bytes")
    at = start + len(counts) * _LENGTH.size
    parts = []
    for count in (counts[0], *counts[2:]):
        parts.append(content[at : at + count])
        at += count
    if at != len(content):
        raise DamagedValueError(f"not a kept value: {len(content)} bytes, {at} expected")
    return bytes(parts[0]), [bytes(part) for part in parts[1:]]


def pack(value: Any, held: Bytes) -> Json:  # noqa: ANN401, PLR0911 - one line a kind
    """Return a value as JSON, the bytes of its arrays kept in ``held``."""
    if value is None or type(value) in {bool, str, int}:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if type(value) in {list, tuple}:
        return {type(value).__name__: [pack(item, held) for item in value]}
    if type(value) is dict:
        return {"dict": [[pack(key, held), pack(item, held)] for key, item in value.items()]}
    if type(value) in {bytes, memoryview}:
        return {"bytes": held.add(bytes(value))}
    if (own := _pack_own(value, held)) is not None:
        return own
    from siteopt.stages import _tables  # noqa: PLC0415 - plain values need no pandas

    return _tables.pack_table(value, held)


def _pack_own(value: Any, held: Bytes) -> Json | None:  # noqa: ANN401
    """Return an instance of one of siteopt's own classes as JSON; None for anything else."""
    kind = type(value)
    name = f"{kind.__module__}:{kind.__qualname__}"
    if not kind.__module__.startswith(_OWN):
        return None
    if name not in CLASSES:
        raise TypeError(f"a stage returned {name}; CLASSES of {__name__} names what can be kept")
    if isinstance(value, BaseModel):
        return {"model": name, "json": value.model_dump_json()}
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        names = list(value._fields)
    else:
        raise TypeError(f"a stage returned {name}; dataclasses, tables and plain values are kept")
    return {"own": name, "fields": [[n, pack(getattr(value, n), held)] for n in names]}


def unpack(described: Json, held: Bytes) -> Any:  # noqa: ANN401 - whatever was packed
    """Return the value that :func:`pack` described."""
    if not isinstance(described, dict):
        if isinstance(described, list):
            raise DamagedValueError("not a kept value: a bare list")
        return described
    with held.deeper():
        return _unpack(next(iter(described), ""), described, held)


def _unpack(kind: str, described: Json, held: Bytes) -> Any:  # noqa: ANN401, PLR0911 - one line a kind
    match kind:
        case "float":
            return float(described[kind])
        case "list":
            return [unpack(item, held) for item in described[kind]]
        case "tuple":
            return tuple(unpack(item, held) for item in described[kind])
        case "dict":
            return {unpack(key, held): unpack(item, held) for key, item in described[kind]}
        case "bytes":
            return held.take(described[kind])
        case "model":
            return _own_class(described[kind]).model_validate_json(described["json"])
        case "own":
            return _built(described, held)
        case _:
            from siteopt.stages import _tables  # noqa: PLC0415 - plain values need no pandas

            return _tables.unpack_table(kind, described, held)


def _built(described: Json, held: Bytes) -> Any:  # noqa: ANN401
    kind: Any = _own_class(described["own"])
    given = {name: unpack(item, held) for name, item in described["fields"]}
    later = {f.name for f in getattr(kind, "__dataclass_fields__", {}).values() if not f.init}
    made: Any = kind(**{name: item for name, item in given.items() if name not in later})
    for name in later:
        object.__setattr__(made, name, given[name])
    return made


def _own_class(name: str) -> Any:  # noqa: ANN401 - a class known by its name only
    if name not in CLASSES:
        raise DamagedValueError(f"not a kept value: {name} is no class of values")
    module, _, qualified = name.partition(":")
    return getattr(importlib.import_module(module), qualified)
