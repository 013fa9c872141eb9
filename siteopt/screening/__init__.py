"""Where a data centre may stand, and every reason where it may not."""

from siteopt.screening.eligibility import Eligibility
from siteopt.screening.exclusions import (
    check_screening,
    screen,
    screening_lattice,
)

__all__ = ["Eligibility", "check_screening", "screen", "screening_lattice"]
