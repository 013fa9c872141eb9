"""How many examples a property gets: few in ``make test``, all in ``make test-all``."""

from __future__ import annotations

from hypothesis import settings


def examples(thorough: int, *, fewest: int = 2, parent: settings | None = None) -> settings:
    """Return the settings of a property with its own number of examples.

    A thorough run takes that number; others the share of it that their profile has, and no fewer
    than those without which the property would not meet what it is about.
    """
    share = settings.default.max_examples / settings.get_profile("thorough").max_examples
    return settings(parent, max_examples=max(round(thorough * share), fewest))
