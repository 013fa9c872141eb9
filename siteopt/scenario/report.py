"""Scenario section of the report: how the answer is shown; it moves no figure."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from siteopt.scenario._base import Model

__all__ = ["ReportOptions"]


class ReportOptions(Model):
    """What the page and the files of a run tell beside the answer; no plan depends on it."""

    language: Literal["ko", "en"] = "ko"
    """Language of ``report.pdf``: Korean, or English."""
    places: Path | None = None
    """A CSV file of places to be answered on: ``name``, and where a name is not enough ``lon`` and
    ``lat`` (degrees) or ``x`` and ``y`` (EPSG:5179 metres); ``note``."""
