"""Changed scenarios: some values replaced, validated like a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from siteopt.errors import ScenarioError
from siteopt.scenario.key_paths import set_at
from siteopt.scenario.scenario import Scenario, first_fault, with_absolute_paths

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
        New values by path, in their order: ``{"target.it_mw": 2000}``, an entry of a list by its
        number from 0 or by its id (``{"screening.exclusions.slope.threshold": 8}``), a new entry
        as a mapping, and `siteopt.scenario.DELETE` for what is to go.

    Raises
    ------
    ScenarioError
        If a key is not known or a value cannot be; the message names the first, and for a key the
        nearest that there is.
    """
    raw = scenario.model_dump()
    for key, value in changes.items():
        set_at(raw, key, _plain(value))
    if isinstance(raw.get("weights"), dict) and {"file", "stakeholder"} & set(raw["weights"]):
        from siteopt.scenario.judgements import with_weights_of_file  # noqa: PLC0415 - loads numpy

        raw["weights"] = {
            name: value
            for name, value in raw["weights"].items()
            if f"weights.{name}" in changes or name not in scenario.weights
        }
        raw = with_weights_of_file(raw, Path("change"))
    try:
        changed = Scenario.model_validate(raw)
    except ValidationError as error:
        raise ScenarioError(f"change of {scenario.name}: {first_fault(error)}") from error
    return with_absolute_paths(changed, Path.cwd())


def _plain(value: Any) -> Any:  # noqa: ANN401 - checked by the models
    """Return a value of the caller's as plain ones of our own."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
