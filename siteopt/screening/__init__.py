"""Screening: eligible land for data centres, with every reason for exclusion."""

from siteopt.screening.eligibility import Eligibility
from siteopt.screening.exclusions import (
    LayerSource,
    check_screening,
    screen,
    screening_lattice,
)

__all__ = ["Eligibility", "LayerSource", "check_screening", "screen", "screening_lattice"]
