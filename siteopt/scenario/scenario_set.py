"""Scenario set: variants of one scenario that a decision has to stand, in one TOML file.

The file names a base scenario, and for every variant what is otherwise than there: keys of the
scenario by dotted name, and values of parameters. A variant may also name a scenario of its own.
"""

from __future__ import annotations

import difflib
import math
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from siteopt._data import data_folder
from siteopt._plain_data import read_toml
from siteopt.errors import LayerError, LayerFileError, ScenarioError
from siteopt.scenario._base import Model, Name, Text
from siteopt.scenario._strict_numbers import read_otherwise
from siteopt.scenario.changes import changed_scenario
from siteopt.scenario.loading import load_scenario
from siteopt.scenario.scenario import Scenario, first_fault

__all__ = ["ScenarioSet", "SetVariant", "VariantScenario", "is_scenario_set", "load_scenario_set"]

_SUM_TOLERANCE: Final = 1e-9
_LIST: Final = "variant"
"""Key of the list of variants: a TOML file that has it is a set."""


class SetVariant(Model):
    """One future: what is otherwise than in the base scenario."""

    id: Name
    """Short name, unique in the set; the folder of its run."""
    title: Text
    """What people read."""
    scenario: str | None = None
    """Scenario that this variant begins with, as ``base``; that of the set by default."""
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    """Probability; equal for all variants where none is given."""
    changes: dict[str, Any] = Field(default={}, alias="set")
    """Values of the scenario by dotted key, such as ``"grid.security" = "n-1"``; written ``set``."""
    parameters: dict[str, float] = {}
    """Values of parameters, in the unit of their row."""


class ScenarioSet(Model):
    """Variants of one scenario: every one is solved, and the plans are judged in all of them."""

    name: Name
    """Short name of the set."""
    title: Text
    """What people read above tables and map."""
    base: str
    """Scenario that variants change: the name of a ready one, or a file beside this one."""
    variants: Annotated[list[SetVariant], Field(min_length=2, max_length=100, alias="variant")]
    """The futures, each a ``[[variant]]``."""

    @field_validator("base")
    @classmethod
    def _base_is_named(cls, given: str) -> str:
        if not given:
            raise ValueError("names no scenario; give a file or the name of a ready one")
        return given

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [one.id for one in self.variants]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"ids of variants must be unique, but {twice[0]} appears twice")
        return self

    @model_validator(mode="after")
    def _probabilities_sum_to_one(self) -> Self:
        without = [one.id for one in self.variants if one.probability is None]
        if len(without) == len(self.variants):
            return self
        if without:
            raise ValueError(
                f"variant {without[0]} has no probability while others have one; give it to all, "
                "or to none (all are equal then)"
            )
        total = math.fsum(one.probability or 0.0 for one in self.variants)
        if abs(total - 1.0) > _SUM_TOLERANCE:
            raise ValueError(f"probabilities of the variants sum to {total:g}; they must sum to 1")
        return self

    @property
    def has_probabilities(self) -> bool:
        """Whether the file gives probabilities; equal ones are meant otherwise."""
        return self.variants[0].probability is not None

    def probability(self, variant: SetVariant) -> float:
        """Return the probability of a variant, equal ones where none is given.

        Parameters
        ----------
        variant : SetVariant
            One of the set.
        """
        return 1.0 / len(self.variants) if variant.probability is None else variant.probability


@dataclass(frozen=True)
class VariantScenario:
    """A variant with its whole scenario."""

    variant: SetVariant
    scenario: Scenario
    probability: float


def is_scenario_set(path: Path | str) -> bool:
    """Return whether a scenario file, or a ready one by its name, is a set: it has variants.

    Parameters
    ----------
    path : Path or str
        As of `load_scenario`.
    """
    file = _file_of(path)
    try:
        return file.is_file() and _LIST in read_toml(file)
    except (LayerError, LayerFileError, OSError, ValueError):
        return False  # what is wrong with it is for the reader of scenarios to say


def _file_of(path: Path | str) -> Path:
    file = Path(path)
    return file if file.suffix == ".toml" else data_folder() / "scenarios" / f"{path}.toml"


def load_scenario_set(path: Path | str) -> tuple[ScenarioSet, list[VariantScenario]]:
    """Read a scenario set, and make the scenario of every variant.

    Parameters
    ----------
    path : Path or str
        A TOML file, or the name of a set that siteopt carries, such as ``national-2035-futures``.

    Returns
    -------
    ScenarioSet
        As the file has it.
    list of VariantScenario
        Its variants, each with its scenario.

    Raises
    ------
    LayerFileError
        If there is no such file.
    ScenarioError
        If the file is not TOML, a key or value is wrong, or probabilities do not sum to 1; the
        message names the variant and what would be right.

    Examples
    --------
    >>> from siteopt.scenario import load_scenario_set
    >>> found, variants = load_scenario_set("national-2035-futures")
    >>> found.base, variants[0].variant.id
    ('national-2035', 'base')
    """
    file = _file_of(path)
    if not file.is_file():
        raise LayerFileError(
            f"{path}: no such scenario set; give a .toml file with [[variant]] entries or "
            "national-2035-futures"
        )
    try:
        raw = read_toml(file)
    except LayerError as error:
        raise ScenarioError(str(error)) from error
    if _LIST not in raw:
        raise ScenarioError(f"{file}: no set of scenarios, it has no [[variant]]; add two at least")
    try:
        found = ScenarioSet.model_validate(raw)
    except ValidationError as error:
        raise ScenarioError(f"{file}: {_named(raw, error)}") from error
    if message := read_otherwise(raw, found.model_dump(mode="json", by_alias=True)):
        raise ScenarioError(f"{file}: {message}")
    return found, [_with_scenario(found, one, file) for one in found.variants]


def _named(raw: dict[str, Any], error: ValidationError) -> str:
    """Return the first fault, with the id of its variant and the nearest key to an unknown one."""
    place = error.errors()[0]["loc"]
    fault = first_fault(error).removeprefix("scenario: ")
    if len(place) < 2 or place[0] != _LIST or not isinstance(place[1], int):  # noqa: PLR2004
        return fault
    entry = raw[_LIST][place[1]]
    named = entry.get("id", f"no. {place[1] + 1}") if isinstance(entry, dict) else ""
    if error.errors()[0]["type"] != "extra_forbidden":
        return f"variant {named}: {fault.removeprefix(f'{_LIST}.no. {place[1] + 1}.')}"
    keys = [info.alias or name for name, info in SetVariant.model_fields.items()]
    return (
        f"variant {named}: {place[2]} is no key of a variant; {_nearest(str(place[2]), keys)}"
        "there are " + ", ".join(keys)
    )


def _with_scenario(asked: ScenarioSet, variant: SetVariant, file: Path) -> VariantScenario:
    """Return a variant with its scenario; errors name the variant."""
    place = f"{file}: variant {variant.id}"
    for key in variant.changes:
        _check_key(key, place)
    base = variant.scenario or asked.base
    beside = file.parent / base
    try:
        scenario = load_scenario(beside if Path(base).suffix == ".toml" else base)
        own = {"parameters": scenario.parameters | variant.parameters}
        titled = {
            "name": variant.id,
            "title": {
                "ko": f"{asked.title.ko}: {variant.title.ko}",
                "en": f"{asked.title.en}: {variant.title.en}",
            },
        }
        changed = changed_scenario(scenario, variant.changes | own | titled)
    except LayerFileError as error:
        raise LayerFileError(f"{place}: scenario {error}") from error
    except ScenarioError as error:
        raise ScenarioError(f"{place}: {error}") from error
    return VariantScenario(variant, changed, asked.probability(variant))


def _check_key(key: str, place: str) -> None:
    """Raise ScenarioError where a scenario has no such key, with the nearest that it has."""
    if key.split(".", maxsplit=1)[0] == "parameters":
        raise ScenarioError(f"{place}: set.{key}: values of parameters stand under `parameters`")
    model: Any = Scenario
    done: list[str] = []
    for part in key.split("."):
        fields = getattr(model, "model_fields", None)
        if fields is None:
            return  # inside a table with keys of its own, such as provinces.shares; checked as values
        if part not in fields:
            known = [".".join([*done, name]) for name in fields]
            nearest = _nearest(".".join([*done, part]), _all_keys(), known)
            raise ScenarioError(
                f"{place}: set has {key}, which is no key of a scenario; {nearest.strip()}"
            )
        done.append(part)
        model = _model_of(fields[part].annotation)


def _model_of(annotation: Any) -> Any:  # noqa: ANN401 - any type of a field
    """Return the model that a field holds; None where it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in typing.get_args(annotation):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return None if typing.get_origin(annotation) in {list, dict} else inner
    return None


def _all_keys() -> list[str]:
    """Return the dotted keys of a scenario, sections without their lists."""

    def below(model: Any, head: str) -> list[str]:  # noqa: ANN401 - a pydantic model
        found = []
        for name, info in model.model_fields.items():
            inner = _model_of(info.annotation)
            found += [f"{head}{name}"] if inner is None else below(inner, f"{head}{name}.")
        return found

    return below(Scenario, "")


def _nearest(key: str, known: list[str], beside: list[str] | None = None) -> str:
    """Return the nearest key as a hint; where none is near, those of the same section."""
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if not close:  # the same word in another section
        word = key.rsplit(".", maxsplit=1)[-1]
        close = [other for other in known if other.rsplit(".", maxsplit=1)[-1] == word][:1]
    if close:
        return f"did you mean {close[0]}? "
    return f"there are {', '.join(beside)}" if beside else ""
