"""Virtual files of GDAL: rasters in object storage, on a server or in a ZIP archive.

Only the command line names them. Which programs and addresses a run reaches is so decided by the
person who starts it, and by no scenario, catalogue or layer file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["gdal_name", "is_virtual", "layers_of_options", "virtual_file"]

_SYSTEMS: Final = ("vsicurl", "vsis3", "vsigs", "vsiaz", "vsizip")
"""What is read: HTTP, the storage of Amazon, Google and Azure, and ZIP archives on any of them."""

_SCHEME: Final = re.compile(r"\b(https?|ftp):/(?!/)")
_ZIP: Final = "/vsizip/"


def is_virtual(path: Path | str) -> bool:
    """Return whether GDAL would look for a file in a virtual file system.

    Examples
    --------
    >>> is_virtual("/vsis3/bucket/slope.tif"), is_virtual("/data/slope.tif")
    (True, False)
    """
    return Path(path).as_posix().startswith("/vsi")


def virtual_file(name: str) -> Path:
    """Return the path of a virtual file that the command line names.

    Parameters
    ----------
    name : str
        As GDAL takes it.

    Raises
    ------
    LayerError
        If the file system is none that is read, or the file is no GeoTIFF by its suffix.

    Examples
    --------
    >>> gdal_name(virtual_file("/vsicurl/https://example.org/slope.tif"))
    '/vsicurl/https://example.org/slope.tif'
    """
    system = name.split("/")[1]
    if system not in _SYSTEMS:
        raise LayerError(
            f"{name}: /{system}/ is not read; {', '.join(f'/{one}/' for one in _SYSTEMS)} are"
        )
    if Path(name).suffix.lower() not in {".tif", ".tiff"}:
        raise LayerError(
            f"{name}: only rasters (.tif) are read through virtual file systems; copy the file to "
            "the disk and name it there"
        )
    if name.startswith(_ZIP) and not name.startswith((_ZIP + "/", _ZIP + "{")):
        name = f"{_ZIP}/{(Path.cwd() / name.removeprefix(_ZIP)).as_posix().lstrip('/')}"
    path = Path(name)
    if gdal_name(path) != name:
        raise LayerError(
            f"{name}: has `//`, `/./` or a `/` at its end, which names of layer files cannot keep; "
            "give it a plain name"
        )
    return path


def gdal_name(path: Path) -> str:
    """Return the name by which GDAL opens a file.

    A path has joined the two slashes of an address, and those before the archive of a ZIP.

    Parameters
    ----------
    path : Path
        Local, or of :func:`virtual_file`.
    """
    name = path.as_posix()
    if not is_virtual(path):
        return str(path)
    name = _SCHEME.sub(r"\1://", name)
    return name if name.startswith(_ZIP + "{") else name.replace(_ZIP, _ZIP + "/")


def layers_of_options(options: Iterable[str]) -> dict[str, Path]:
    """Return the files of layers that the command line names, by id.

    Parameters
    ----------
    options : iterable of str
        Each ``ID=FILE``; a file is local, from the working folder on, or a virtual one.

    Raises
    ------
    LayerError
        If one has no id or no file, an id appears twice, or as :func:`virtual_file`.
    """
    found: dict[str, Path] = {}
    for option in options:
        layer_id, _, file = option.partition("=")
        if not (layer_id and file):
            raise LayerError(f"--layer {option}: is no ID=FILE, such as slope=my_slope.tif")
        if layer_id in found:
            raise LayerError(f"--layer {option}: {layer_id} is named twice; one file is read")
        found[layer_id] = virtual_file(file) if is_virtual(file) else Path(file).absolute()
    return found
