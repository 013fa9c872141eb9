"""Kinds of made cases, by what makes them hard.

- ``base``: large sites, few of them in the best plan, 5 km apart.
- ``hard``: sites of 40 to 100 MW, fifty or so in the best plan, 20 km apart. Cheap land lies in
  clusters in which every site is nearly as good as its neighbour.
- ``dense``: as ``hard``, 12 km apart, with a target that needs more than a hundred sites.
- ``crowd``: as ``hard``, 7 km apart, with a target that needs some two hundred sites.
- ``whole``: as ``base``, 20 km apart, with all costs of a data centre.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KINDS", "Kind"]

_SMALL_MW = 100.0


@dataclass(frozen=True)
class Kind:
    """What a kind of case looks like."""

    target_mw: float
    """National IT load in the target year."""
    spacing_km: float
    """Smallest distance between two chosen sites."""
    land_mw: tuple[float, float]
    """Least and most IT load that the land of a site carries."""
    wave_km: float
    """Length over which costs a MW vary."""
    own_bn_krw: float
    """Part of the cost of a MW that is a site's own, whatever its neighbours cost."""
    common_bn_krw: float = 0.0
    """Part of the cost of a MW that is the same everywhere."""
    common_capital_bn_krw: float = 0.0
    """Capital in that part."""

    @property
    def small(self) -> bool:
        """Whether sites are of much the same, small size."""
        return self.land_mw[1] <= _SMALL_MW


KINDS: dict[str, Kind] = {
    "base": Kind(3000.0, 5.0, (40.0, 1000.0), 120.0, 0.11),
    "hard": Kind(4000.0, 20.0, (40.0, 100.0), 80.0, 0.02),
    "dense": Kind(10_000.0, 12.0, (40.0, 100.0), 80.0, 0.02),
    "crowd": Kind(16_000.0, 7.0, (40.0, 100.0), 80.0, 0.02),
    "whole": Kind(3000.0, 20.0, (40.0, 1000.0), 120.0, 0.11, 34.5, 13.0),
}
