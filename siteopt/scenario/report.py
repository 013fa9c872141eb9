"""Scenario section of the report: what it tells beside the answer."""

from __future__ import annotations

from pathlib import Path

from siteopt.scenario._base import Model

__all__ = ["ReportOptions"]


class ReportOptions(Model):
    """What the page and the files of a run tell beside the answer; no plan depends on it."""

    places: Path | None = None
    """A CSV file of places to be answered on: ``name``, and where a name is not enough ``lon`` and
    ``lat`` (degrees) or ``x`` and ``y`` (EPSG:5179 metres); ``note``."""
