"""Screening: eligible land for data centres, with every reason for exclusion."""

from siteopt.screening.eligibility import Eligibility
from siteopt.screening.exclusions import (
    check_screening,
    screen,
    screening_lattice,
)

__all__ = ["Eligibility", "check_screening", "screen", "screening_lattice"]
