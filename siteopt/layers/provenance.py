"""Provenance of a layer: file, hash, source, licence and vintage."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Provenance"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a layer that a run used comes from.

    Attributes
    ----------
    id : str
        Catalogue id, or the user's name for it.
    file : str
        Path below the data folder, or the name of the user's file.
    sha256 : str
        Hash of the file as it was read.
    title_ko, title_en : str
        What people read.
    source, licence, vintage, confidence, notice : str
        As in the catalogue; the user's own file has none of these.
    replaced : bool
        Whether the user's file replaces an embedded layer.
    address, fetched, redistribution, commercial : str
        Of a layer that was fetched, as in the catalogue; else empty.
    bytes : int
        Size of the file of a layer that was fetched; else 0.
    beside : tuple of (str, str)
        Name and hash of the files that were read with it, such as the parts of a Shapefile.
    """

    id: str
    file: str
    sha256: str
    title_ko: str
    title_en: str
    source: str
    licence: str
    vintage: str
    confidence: str
    notice: str
    replaced: bool
    beside: tuple[tuple[str, str], ...] = ()
    address: str = ""
    fetched: str = ""
    redistribution: str = ""
    commercial: str = ""
    bytes: int = 0
