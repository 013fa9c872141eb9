"""An extract of OpenStreetMap, timed: from a made file of some megabytes to clean layers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["Timed", "time_extract"]

_TAGS = (
    {"natural": "water"}, {"landuse": "forest"}, {"landuse": "farmland"}, {"landuse": "residential"},
    {"building": "yes"}, {"building": "yes"}, {"amenity": "school"}, {"landuse": "industrial"},
)  # fmt: skip
"""Areas of the made extract; as in a real one, much of it is not asked for."""

_CHILD = """
import json, sys, time
from pathlib import Path
from benchmarks._peak import peak_mb
from siteopt.sources.fetching.fetch import fetch_openstreetmap
begin = time.perf_counter()
entries = fetch_openstreetmap(Path(sys.argv[2]), extract=Path(sys.argv[1]), offline=True)
print(json.dumps({
    "seconds": time.perf_counter() - begin, "layers": len(entries),
    "peak_mb": peak_mb(),
}))
"""


class Timed(NamedTuple):
    """What an extract took.

    Attributes
    ----------
    extract_mb : float
        Size of the file.
    seconds, peak_mb : float
        Wall seconds and peak memory of a process of its own, imports included.
    layers : int
        Layers that were put into the folder.
    """

    extract_mb: float
    seconds: float
    peak_mb: float
    layers: int


def time_extract(megabytes: float, seed: int = 20_351_128) -> Timed:
    """Return what an extract of about some megabytes takes.

    Parameters
    ----------
    megabytes : float
        Size of the extract.
    seed : int, optional
        Of the shapes.
    """
    with tempfile.TemporaryDirectory() as name:
        extract = Path(name) / "made.osm.pbf"
        _write(extract, megabytes, seed)
        told = subprocess.run(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", _CHILD, str(extract), str(Path(name) / "data")],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        found = json.loads(told.splitlines()[-1])
        return Timed(
            extract.stat().st_size / 1e6, found["seconds"], found["peak_mb"], found["layers"]
        )


def _write(path: Path, megabytes: float, seed: int) -> None:
    """Write areas of eight corners and lines of twelve, named, until the file is large enough."""
    import osmium  # noqa: PLC0415 - for this benchmark alone
    from osmium.osm.mutable import Node, Way  # noqa: PLC0415

    random = np.random.default_rng(seed)
    count = int(megabytes * 1e6 / _BYTES_A_WAY)
    centres = np.column_stack(
        [random.uniform(126.5, 129.3, count), random.uniform(34.6, 38.0, count)]
    )
    ways = []
    with osmium.SimpleWriter(str(path)) as out:
        number = 0
        for place, (lon, lat) in enumerate(centres):
            is_line = place % 10 == 0
            corners = 12 if is_line else 8
            angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
            radius = random.uniform(0.0004, 0.003, corners)
            first = number + 1
            for x, y in zip(
                lon + radius * np.cos(angle), lat + radius * np.sin(angle), strict=True
            ):
                number += 1
                out.add_node(Node(id=number, location=(float(x), float(y)), version=1))
            refs = list(range(first, number + 1))
            tags = {"waterway": "river"} if is_line else dict(_TAGS[place % len(_TAGS)])
            tags["name"] = f"이름 {place}"
            ways.append((refs if is_line else [*refs, first], tags))
        for place, (refs, tags) in enumerate(ways, start=1):
            out.add_way(Way(id=place, nodes=refs, tags=tags, version=1))


_BYTES_A_WAY = 51.0
"""Of the compressed file, measured."""
