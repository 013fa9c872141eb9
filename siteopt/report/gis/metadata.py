"""Metadata of the layers: what they are, where they come from, under which licence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from siteopt.report._terms import of_fetched, size_words, terms_words
from siteopt.report.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siteopt.layers.provenance import Provenance
    from siteopt.report.gis.layer import GisLayer

__all__ = ["attribution", "layer_metadata", "sources_of"]

_SCHEMA: Final = {
    "xmlns": "http://www.isotc211.org/2005/gmd", "xmlns:gco": "http://www.isotc211.org/2005/gco",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
}  # fmt: skip
METADATA_URI: Final = "http://www.isotc211.org/2005/gmd"


def sources_of(layer: GisLayer, used: Sequence[Provenance]) -> list[Provenance]:
    """Return the layers of the run that a layer is made from, as far as the run read them.

    Parameters
    ----------
    layer : GisLayer
        A layer of the GIS files.
    used : sequence of Provenance
        Layers that the run read.
    """
    return [one for one in used if one.id in layer.sources]


def attribution(used: Iterable[Provenance]) -> str:
    """Return what must be named wherever the data are shown: notices, each once.

    Parameters
    ----------
    used : iterable of Provenance
        Layers.
    """
    return " ".join(dict.fromkeys(one.notice for one in used if one.notice))


def layer_metadata(layer: GisLayer, used: Sequence[Provenance]) -> str:
    """Return the metadata of a layer as ISO 19139, in Korean with English beside it.

    Parameters
    ----------
    layer : GisLayer
        The layer.
    used : sequence of Provenance
        All layers that the run read.
    """
    sources = sources_of(layer, used)
    root = Element("MD_Metadata", _SCHEMA)
    _text(SubElement(root, "language"), "kor")
    scope = SubElement(root, "hierarchyLevel")
    SubElement(
        scope, "MD_ScopeCode", codeList=f"{METADATA_URI}#MD_ScopeCode", codeListValue="dataset"
    ).text = "dataset"
    info = SubElement(SubElement(root, "identificationInfo"), "MD_DataIdentification")
    citation = SubElement(SubElement(info, "citation"), "CI_Citation")
    _text(SubElement(citation, "title"), layer.title("ko"))
    _text(SubElement(citation, "alternateTitle"), layer.title("en"))
    _text(SubElement(info, "abstract"), f"{layer.description('ko')} / {layer.description('en')}")
    constraints = SubElement(SubElement(info, "resourceConstraints"), "MD_LegalConstraints")
    for said in _licences(sources):
        _text(SubElement(constraints, "useLimitation"), said)
    _text(SubElement(info, "language"), "kor")
    quality = SubElement(SubElement(root, "dataQualityInfo"), "DQ_DataQuality")
    lineage = SubElement(SubElement(quality, "lineage"), "LI_Lineage")
    _text(SubElement(lineage, "statement"), text("page.notice", "ko"))
    for one in sources:
        source = SubElement(SubElement(lineage, "source"), "LI_Source")
        _text(SubElement(source, "description"), _description(one))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _licences(sources: Sequence[Provenance]) -> list[str]:
    """Return licences and notices of sources; the user's own file has neither."""
    found = [
        f"{one.title_ko} ({one.title_en}): "
        + (one.licence or text("gis.licence_user", "ko"))
        + (f". {one.notice}" if one.notice else "")
        + "".join(f". {terms_words(row, 'ko')}" for row in of_fetched([one]))
        for one in sources
    ]
    return found or [text("gis.licence_own", "ko")]


def _description(one: Provenance) -> str:
    parts: list[Any] = [
        one.title_ko,
        one.source,
        one.vintage,
        one.confidence,
        f"SHA-256 {one.sha256}",
        *((one.address, one.fetched, size_words(one.bytes)) if one.fetched else ()),
    ]
    return "; ".join(str(part) for part in parts if part)


def _text(parent: Element, words: str) -> None:
    SubElement(parent, "gco:CharacterString").text = words
