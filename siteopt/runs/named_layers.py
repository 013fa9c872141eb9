"""Files of layers that the command line names, over those of a scenario."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from siteopt.criteria import CRITERIA
from siteopt.errors import ScenarioError
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.schemas import SCHEMAS
from siteopt.layers.virtual_files import layers_of_options
from siteopt.scenario import LayerExclusion
from siteopt.sites.complexes import BORDERS_LAYER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt.scenario import Scenario

__all__ = ["with_named_layers"]


def with_named_layers(scenario: Scenario, options: Sequence[str]) -> Scenario:
    """Return a scenario that reads some layers from files.

    Parameters
    ----------
    scenario : Scenario
        Whose own files of these layers are not read.
    options : sequence of str
        Each ``ID=FILE``, as :func:`siteopt.layers.virtual_files.layers_of_options` reads them.

    Raises
    ------
    LayerError
        If one is not of this form.
    ScenarioError
        If nothing in siteopt or in the scenario reads a layer of that id: a misspelt one would
        change no answer and say nothing.
    """
    own = layers_of_options(options)
    known = _readable(scenario)
    for layer_id in own:
        if layer_id not in known:
            near = difflib.get_close_matches(layer_id, sorted(known), n=1)
            advice = (
                f"did you mean {near[0]}?"
                if near
                else (
                    "name one of `siteopt layers list`, or one that an exclusion of the scenario reads"
                )
            )
            raise ScenarioError(f"--layer {layer_id}: nothing reads a layer of this name; {advice}")
    return scenario.model_copy(update={"layers": dict(sorted((scenario.layers | own).items()))})


def _readable(scenario: Scenario) -> set[str]:
    """Return the ids of all layers that a run of a scenario may read."""
    return {
        BORDERS_LAYER,
        *read_catalogue(scenario.data).entries,
        *SCHEMAS,
        *scenario.layers,
        *(name for column in CRITERIA.values() for name in column.layers),
        *(rule.layer for rule in scenario.screening.exclusions if isinstance(rule, LayerExclusion)),
    }
