"""Where a data centre may stand, and every reason where it may not."""

from siteopt.screening.eligibility import Eligibility
from siteopt.screening.exclusions import LayerSource, screen

__all__ = ["Eligibility", "LayerSource", "screen"]
