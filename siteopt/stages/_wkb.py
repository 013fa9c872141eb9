"""Geometries as bytes (WKB) that GEOS can read: it calls itself for parts of parts, without limit.

A few megabytes of collections in collections end the process with its stack, so the depth is
known before GEOS reads them.
"""

from __future__ import annotations

import struct
from typing import Final

from siteopt.stages.values import DamagedValueError

__all__ = ["check_depth"]

_DEPTH_MAX: Final = 8
_ORDERS: Final = {0: ">I", 1: "<I"}
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000
_POINT, _LINE, _POLYGON, _COLLECTION = 1, 2, 3, 7
_SIMPLE: Final = {
    order + struct.pack(form, kind)
    for order, form in ((b"\x00", ">I"), (b"\x01", "<I"))
    for kind in (_POINT, _LINE, _POLYGON)
}
"""How geometries begin that have no parts: nearly all of a layer."""


def check_depth(wkb: bytes) -> None:
    """Raise DamagedValueError where parts of parts go deeper than any geometry of ours.

    Parameters
    ----------
    wkb : bytes
        As shapely writes it (extended WKB), or anything else: what else is wrong, GEOS says.
    """
    if wkb[:5] in _SIMPLE:
        return
    at, left = 0, [1]
    while left:
        if left[-1] == 0:
            left.pop()
            continue
        left[-1] -= 1
        at, parts = _past_head(wkb, at)
        if parts is not None:
            left.append(parts)
        if len(left) > _DEPTH_MAX:
            raise DamagedValueError(f"not a kept value: a geometry nested {_DEPTH_MAX} deep")


def _past_head(wkb: bytes, at: int) -> tuple[int, int | None]:
    """Return where the next geometry begins, and of how many parts this one is."""
    try:
        whole = _ORDERS[wkb[at]]
        (kind,) = struct.unpack_from(whole, wkb, at + 1)
        at += 5 + (4 if kind & _SRID else 0)
        iso, base = divmod(kind & 0xFFFF, 1000)
        has_z, has_m = bool(kind & _Z) or iso in {1, 3}, bool(kind & _M) or iso in {2, 3}
        corner = 8 * (2 + has_z + has_m)
        if base == _POINT:
            return at + corner, None
        (count,) = struct.unpack_from(whole, wkb, at)
        at += 4
        if base == _LINE:
            return at + count * corner, None
        if base == _POLYGON:
            for _ in range(count):
                (corners,) = struct.unpack_from(whole, wkb, at)
                at += 4 + corners * corner
            return at, None
    except (KeyError, IndexError, struct.error) as error:
        raise DamagedValueError("not a kept value: a geometry is cut off") from error
    if base > _COLLECTION:
        raise DamagedValueError(f"not a kept value: a geometry of kind {kind}")
    return at, count
