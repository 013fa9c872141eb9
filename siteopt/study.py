"""An answer in memory: stages run when they are asked for, and a change reruns what it concerns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteopt.pipeline import STAGES, write
from siteopt.runs import Run, open_run
from siteopt.scenario import Scenario, changed_scenario, load_scenario

__all__ = []
