"""Changed scenarios: some values replaced, validated like a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from siteopt.errors import ScenarioError
from siteopt.scenario.scenario import Scenario, first_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["changed_scenario"]


def changed_scenario(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Return a scenario with single values set otherwise.

    Parameters
    ----------
    scenario : Scenario
        What to begin with.
    changes : mapping
        New values by dotted key, such as ``{"target.it_mw": 2000}``.

    Raises
    ------
    ScenarioError
        If a key is not known or a value cannot be; the message names the first.
    """
    raw = scenario.model_dump()
    for key, value in changes.items():
        at: Any = raw
        *groups, last = key.split(".")
        for group in groups:
            at = at.get(group)
            if not isinstance(at, dict):
                raise ScenarioError(
                    f"{key}: {group} is no group of keys; see `siteopt scenario schema` for the "
                    "keys there are"
                )
        at[last] = value
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        raise ScenarioError(f"change of {scenario.name}: {first_fault(error)}") from error
