"""Version of the program: one hash of the package's sources, and the versions of its libraries.

A part of every trace, so any edit of the package empties the cache.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

__all__ = ["LIBRARIES", "package_files", "versions"]

_ROOT: Final = Path(__file__).resolve().parent.parent

LIBRARIES: Final = (
    "branca", "clarabel", "dask", "distributed", "exactextract", "folium", "geopandas", "highspy", "koreanize-matplotlib", "matplotlib", "netcdf4", "networkx", "numba", "numpy", "opencv-python-headless",
    "openpyxl", "osmnx", "pandas", "pandera", "pulp", "pvlib", "pyarrow", "pydantic", "pyflwdir", "pymcdm", "pyogrio", "pyproj", "rasterio", "requests",
    "rich", "salib", "scipy", "shapely", "tomli-w", "tsam", "typer", "typst", "urllib3", "windpowerlib",
    "xlsxwriter", "xstatic-leaflet",
)  # fmt: skip
"""Distributions that siteopt imports."""


def package_files() -> list[Path]:
    """Return all files of the package, in order."""
    return sorted(
        path
        for path in _ROOT.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "_data" not in path.parts
    )


@cache
def versions() -> dict[str, str]:
    """Return the hash of the package, and the versions of Python, the machine and libraries."""
    package = hashlib.sha256()
    for path in package_files():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        package.update(f"{path.relative_to(_ROOT).as_posix()} {content}\n".encode())
    found = {"siteopt": package.hexdigest(), "python": platform.python_version()}
    found["machine"] = platform.machine()
    for name in LIBRARIES:
        try:
            # `version` would read the whole of it as an e-mail, in ten times the time
            text = distribution(name).read_text("METADATA") or ""
            found[name] = text.partition("\nVersion: ")[2].partition("\n")[0]
        except PackageNotFoundError:
            found[name] = ""
    return found
