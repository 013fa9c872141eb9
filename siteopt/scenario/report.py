"""Scenario section of the report: how the answer is shown; it moves no figure."""

from __future__ import annotations

from typing import Literal

from siteopt.scenario._base import Model

__all__ = ["ReportOptions"]


class ReportOptions(Model):
    """What ``report.pdf`` is to be like."""

    language: Literal["ko", "en"] = "ko"
    """Language of the report: Korean, or English."""
