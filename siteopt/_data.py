"""The data folder: embedded layers and ready scenarios."""

from __future__ import annotations

from pathlib import Path

__all__ = ["data_folder"]


def data_folder() -> Path:
    """Return the folder with ``catalogue.toml``, ``reference/`` and ``scenarios/``.

    In an installed siteopt it lies inside the package, in a checkout beside it.

    Returns
    -------
    Path
        Of the embedded layers.

    Examples
    --------
    >>> from siteopt.layers import data_folder
    >>> (data_folder() / "catalogue.toml").is_file()
    True
    """
    package = Path(__file__).resolve().parent
    inside = package / "_data"
    return inside if inside.is_dir() else package.parent / "data"
