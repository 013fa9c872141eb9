"""The road graph, timed: from a made extract to layers, and from these to travel times of sites."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["Timed", "time_roads"]

_WEST, _SOUTH, _EAST, _NORTH = 126.6, 34.7, 129.2, 37.8
_BENDS = 4
"""Vertices between two junctions."""
_EXPRESSWAY_EVERY, _ENTRY_EVERY = 40, 20
_CLASSES = ("tertiary", "tertiary", "secondary", "tertiary", "primary")

_FETCH = """
import json, sys, time
from pathlib import Path
from benchmarks._peak import peak_mb
from siteopt.sources.fetching.fetch import fetch_openstreetmap
begin = time.perf_counter()
fetch_openstreetmap(Path(sys.argv[2]), ["roads"], extract=Path(sys.argv[1]), offline=True)
print(json.dumps({
    "seconds": time.perf_counter() - begin, "cpu_seconds": time.process_time(),
    "peak_mb": peak_mb(),
}))
"""

_DESCRIBE = """
import json, sys, time
from pathlib import Path
from benchmarks._peak import peak_mb
import geopandas as gpd, numpy as np
from siteopt.criteria.access import access
from siteopt.layers import open_layers
from siteopt.scenario import load_scenario
layers, scenario = open_layers(folder=Path(sys.argv[1])), load_scenario("national-2035")
random = np.random.default_rng(int(sys.argv[3]))
count = int(sys.argv[2])
points = gpd.GeoSeries.from_xy(
    random.uniform(126.7, 129.1, count), random.uniform(34.8, 37.7, count), crs=4326
).to_crs(5179)
sites = gpd.GeoDataFrame(
    {"site_id": [f"{n:05d}" for n in range(count)], "x_m": points.x, "y_m": points.y},
    geometry=points,
)
layers.raster("electors"), layers.vector("expressways"), layers.parameters
begin = time.perf_counter()
edges = len(layers.vector("road_edges"))
layers.vector("road_nodes"), layers.vector("interchanges")
read = time.perf_counter()
found = access(sites, layers, scenario)
print(json.dumps({
    "edges": edges, "read_seconds": read - begin, "seconds": time.perf_counter() - read,
    "known": int(found["interchange_minutes"].notna().sum()),
    "peak_mb": peak_mb(),
}))
"""


class Timed(NamedTuple):
    """What a road graph took.

    Attributes
    ----------
    extract_mb : float
        Size of the made extract.
    fetch_seconds, fetch_cpu_seconds, fetch_peak_mb : float
        Wall and processor seconds and peak memory of the fetch in a process of its own.
    edges : int
        Rows of ``road_edges``.
    read_seconds : float
        To read and check the three layers.
    seconds, peak_mb : float
        Of the criterion ``access`` of all sites, the graph made from the layers included, and the
        peak memory of its process.
    known : int
        Sites with a time to an interchange.
    """

    extract_mb: float
    fetch_seconds: float
    fetch_cpu_seconds: float
    fetch_peak_mb: float
    edges: int
    read_seconds: float
    seconds: float
    peak_mb: float
    known: int


def time_roads(edges: int, sites: int, seed: int = 20_351_130) -> Timed:
    """Return what a lattice of roads over the mainland takes.

    Parameters
    ----------
    edges : int
        Roads between two junctions, about.
    sites : int
        Sites at random places.
    seed : int, optional
        Of bends and sites.
    """
    with tempfile.TemporaryDirectory() as name:
        extract, data = Path(name) / "made.osm.pbf", Path(name) / "data"
        _write(extract, edges, seed)
        fetched = _child(_FETCH, str(extract), str(data))
        described = _child(_DESCRIBE, str(data), str(sites), str(seed))
        return Timed(
            extract.stat().st_size / 1e6, fetched["seconds"], fetched["cpu_seconds"],
            fetched["peak_mb"],
            int(described["edges"]), described["read_seconds"], described["seconds"],
            described["peak_mb"], int(described["known"]),
        )  # fmt: skip


def _child(code: str, *arguments: str) -> dict[str, float]:
    told = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    ).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


def _write(path: Path, edges: int, seed: int) -> None:
    """Write a lattice of bent roads, every fortieth row an expressway that few columns join."""
    import osmium  # noqa: PLC0415 - for this benchmark alone
    from osmium.osm.mutable import Node, Way  # noqa: PLC0415

    random = np.random.default_rng(seed)
    side = round(np.sqrt(edges / 2))
    x, y = np.linspace(_WEST, _EAST, side), np.linspace(_SOUTH, _NORTH, side)
    ways: list[tuple[list[int], dict[str, str]]] = []
    with osmium.SimpleWriter(str(path)) as out:
        count = 0

        def node(lon: float, lat: float) -> int:
            nonlocal count
            count += 1
            out.add_node(Node(id=count, location=(float(lon), float(lat)), version=1))
            return count

        shaken = random.uniform(-0.2, 0.2, (side, side, 2)) * [x[1] - x[0], y[1] - y[0]]
        place = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1) + shaken
        ids = [[node(*place[i, j]) for j in range(side)] for i in range(side)]

        def road(cells: list[tuple[int, int]], tags: dict[str, str]) -> None:
            refs = [ids[cells[0][0]][cells[0][1]]]
            for start, end in itertools.pairwise(cells):
                share = np.linspace(0, 1, _BENDS + 2)[1:-1, None]
                bends = place[start] * (1 - share) + place[end] * share
                bends += random.uniform(-3e-4, 3e-4, bends.shape)
                refs += [node(*bend) for bend in bends] + [ids[end[0]][end[1]]]
            ways.append((refs, tags))

        for line in range(side):
            name = _CLASSES[line % len(_CLASSES)]
            across = [(i, line) for i in range(side)]
            if line % _EXPRESSWAY_EVERY == _EXPRESSWAY_EVERY // 2:
                entries = across[::_ENTRY_EVERY]
                road(entries, {"highway": "motorway", "maxspeed": "100"})
                road(entries[::-1], {"highway": "motorway", "maxspeed": "100"})
            else:
                road(across, {"highway": name})
            road([(line, j) for j in range(side)], {"highway": name, "maxspeed": "60"})
        for number, (refs, tags) in enumerate(ways, start=1):
            for part, start in enumerate(range(0, len(refs) - 1, 50)):
                cut = refs[start : start + 51]
                out.add_way(Way(id=number * 10_000 + part, nodes=cut, tags=tags, version=1))
