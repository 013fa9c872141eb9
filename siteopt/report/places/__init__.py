"""Answers on places: what is there, what it fails, the candidates near it, and what would change it."""

from siteopt.report.places.answer import PlaceAnswer, Section, answer_place, answer_point
from siteopt.report.places.index import Place, PlaceIndex
from siteopt.report.places.tables import PlaceTables

__all__ = [
    "Place",
    "PlaceAnswer",
    "PlaceIndex",
    "PlaceTables",
    "Section",
    "answer_place",
    "answer_point",
]
