"""Judgements: a file in which stakeholders say what matters to them, and the weights of it."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from siteopt._data import data_folder
from siteopt._plain_data import read_toml
from siteopt.elicitation import (
    PairwiseComparison,
    aggregate_weights,
    ahp_weights,
    rank_order_weights,
    swing_weights,
)
from siteopt.errors import LayerError, ScenarioError
from siteopt.scenario._base import Model, Name, Text
from siteopt.scenario._faults import first_fault
from siteopt.scenario._strict_numbers import read_otherwise
from siteopt.scenario.weights import CRITERION_NAMES, Criterion, Weights

__all__ = [
    "Comparisons",
    "Judgements",
    "Outranking",
    "RankOrder",
    "Swing",
    "WeightSpace",
    "read_judgements",
    "with_weights_of_file",
]

_SCALE_MAX = 9.0
"""End of Saaty's scale: "extremely more important"."""
_SLACK = 1e-9
_FRACTION = re.compile(r"1/[1-9]")


def _ratio(given: Any) -> Any:  # noqa: ANN401 - not checked yet
    """Return a number; a text such as ``1/5`` is one too, as forms of the method write it."""
    if isinstance(given, str) and _FRACTION.fullmatch(given):
        return 1.0 / int(given[2:])
    if isinstance(given, str | bool):
        raise ValueError('a number such as 3 or a text such as "1/3" is needed')  # noqa: TRY004 - pydantic's
    return given


def _on_scale(ratio: float) -> float:
    if not 1.0 / _SCALE_MAX - _SLACK <= ratio <= _SCALE_MAX + _SLACK:
        raise ValueError("Saaty's scale goes from 1/9 to 9")
    return ratio


def _within_one(interval: tuple[float, float]) -> tuple[float, float]:
    low, high = interval
    if low > high:
        raise ValueError(f"low ({low:g}) must not exceed high ({high:g})")
    return interval


_Ratio: TypeAlias = Annotated[float, BeforeValidator(_ratio), AfterValidator(_on_scale)]
_Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
_Interval: TypeAlias = Annotated[tuple[_Share, _Share], AfterValidator(_within_one)]
_Place: TypeAlias = Criterion | list[Criterion]


class _Stakeholder(Model):
    """One who judges."""

    name: Name
    """Short name, used for columns."""
    title: Text | None = None
    """What people read."""
    voice: Annotated[float, Field(ge=0)] = 1.0
    """How much the stakeholder counts in a compromise."""


class Comparisons(_Stakeholder):
    """Judgements by pairwise comparison (AHP)."""

    method: Literal["ahp"]
    """Analytic hierarchy process."""
    judgements: Annotated[list[tuple[Criterion, Criterion, _Ratio]], Field(min_length=1)]
    """Two criteria, and how many times as important the first is: 1 to 9, or "1/2" to "1/9"."""

    @cached_property
    def comparison(self) -> PairwiseComparison:
        """Weights, consistency and the judgement to revisit."""
        return ahp_weights(self.judgements)

    @property
    def weights(self) -> dict[str, float]:
        """Weights by criterion."""
        return self.comparison.weights


class Swing(_Stakeholder):
    """Judgements by swing weighting."""

    method: Literal["swing"]
    """Swing weighting."""
    points: dict[Criterion, float]
    """Points of the swing of each criterion from its worst to its best; the most are 100."""

    @property
    def weights(self) -> dict[str, float]:
        """Weights by criterion."""
        return swing_weights(self.points)


class RankOrder(_Stakeholder):
    """Judgements by rank order."""

    method: Literal["rank_order"]
    """Rank-order weights."""
    order: list[_Place]
    """Criteria, the most important first; those of one place as a list."""
    rule: Literal["centroid", "sum", "reciprocal"] = "centroid"
    """Which closed form makes weights of places."""

    @property
    def weights(self) -> dict[str, float]:
        """Weights by criterion."""
        return rank_order_weights(self.order, self.rule)


class Direct(_Stakeholder):
    """Weights that are given as they are."""

    method: Literal["direct"]
    """Weights themselves."""
    values: Annotated[Weights, Field(alias="weights")]
    """Weights by criterion, of any sum."""

    @model_validator(mode="after")
    def _some_are_given(self) -> Self:
        if not self.values:
            raise ValueError("weights are empty; at least one criterion needs a positive weight")
        return self

    @property
    def weights(self) -> dict[str, float]:
        """Weights by criterion, summing to 1."""
        total = sum(self.values.values())
        return {name: weight / total for name, weight in self.values.items()}


Stakeholder: TypeAlias = Comparisons | Swing | RankOrder | Direct


class WeightSpace(Model):
    """Weights that are thought possible, drawn for rank acceptabilities (SMAA); any by default."""

    draws: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Number of draws."""
    seed: int = Field(default=0, ge=0)
    """Seed of the draws."""
    order: list[_Place] = []
    """Criteria, the most important first; between those of one place, and of those that are not
    named, nothing is known."""
    intervals: dict[Criterion, _Interval] = {}
    """Least and largest weight of single criteria."""
    between_stakeholders: bool = False
    """Whether each weight is between the least and the largest that a stakeholder gives it."""
    draw_unknown: bool = False
    """Whether columns that are not known are drawn too, evenly between the worst and the best."""

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [name for place in self.places for name in place]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"order names {twice} twice; each criterion has one place")
        return self

    @property
    def places(self) -> list[list[str]]:
        """The order as lists of criteria."""
        return [[place] if isinstance(place, str) else list(place) for place in self.order]


class Outranking(Model):
    """Thresholds of PROMETHEE II; any difference counts fully by default."""

    indifference: _Share = 0.0
    """Difference of two scores up to which neither site is preferred."""
    preference: _Share = 0.0
    """Difference of two scores from which one site is preferred fully."""
    cost_indifference_bn_krw_per_mw: Annotated[float, Field(ge=0)] = 0.0
    """The same for cost, in bn KRW per MW."""
    cost_preference_bn_krw_per_mw: Annotated[float, Field(ge=0)] = 0.0
    """The same for cost, in bn KRW per MW."""

    @model_validator(mode="after")
    def _indifference_is_less(self) -> Self:
        pairs = {
            "indifference": (self.indifference, self.preference),
            "cost_indifference_bn_krw_per_mw": (
                self.cost_indifference_bn_krw_per_mw,
                self.cost_preference_bn_krw_per_mw,
            ),
        }
        for name, (least, most) in pairs.items():
            if least > most:
                raise ValueError(
                    f"{name} ({least:g}) must not exceed that of preference ({most:g})"
                )
        return self


class Judgements(Model):
    """What stakeholders say of the importance of the criteria."""

    stakeholders: Annotated[
        list[Annotated[Stakeholder, Field(discriminator="method")]],
        Field(alias="stakeholder", min_length=1),
    ]
    """Those who judge, each with a method."""
    consistency_max: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Largest consistency ratio of pairwise comparisons; Saaty's rule is 0.1."""
    compromise: Literal["arithmetic", "geometric"] = "arithmetic"
    """Mean of the stakeholders' weights that a scenario takes."""
    best: Annotated[int, Field(ge=1)] = 10
    """How many of the best sites of each stakeholder are compared."""
    cost_weight: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Weight of cost per MW beside all criteria in TOPSIS and PROMETHEE II; 0: it stands beside."""
    smaa: WeightSpace = WeightSpace()
    promethee: Outranking = Outranking()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [one.name for one in self.stakeholders]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"stakeholder {twice} stands there twice; names must differ")
        taken = {"arithmetic", "geometric", "least_regret", "criterion"} & set(names)
        if taken:
            raise ValueError(f"stakeholder {min(taken)}: the name is taken by a compromise")
        if not any(one.voice > 0 for one in self.stakeholders):
            raise ValueError("no stakeholder has a voice; at least one must be above 0")
        return self

    @property
    def individual(self) -> dict[str, dict[str, float]]:
        """Weights of every criterion by stakeholder, each summing to 1."""
        return {
            one.name: dict.fromkeys(CRITERION_NAMES, 0.0) | one.weights for one in self.stakeholders
        }

    def mean_weights(self, mean: Literal["arithmetic", "geometric"]) -> dict[str, float]:
        """Return the weighted mean of the stakeholders' weights."""
        voices = [one.voice for one in self.stakeholders]
        return aggregate_weights(list(self.individual.values()), voices, mean)

    def inconsistency(self) -> str | None:
        """Return the first stakeholder whose comparisons are too inconsistent, and the remedy."""
        for one in self.stakeholders:
            if isinstance(one, Comparisons) and one.comparison.revisit is not None:
                found, again = one.comparison, one.comparison.revisit
                if found.consistency_ratio > self.consistency_max:
                    return (
                        f"stakeholder {one.name}: consistency ratio {found.consistency_ratio:.3f} "
                        f"is above {self.consistency_max:g}; revisit {again.first} over "
                        f"{again.second} = {again.given:g}, {again.consistent:.2f} would agree "
                        f"with the others (ratio then {again.ratio_then:.3f})"
                    )
        return None


def read_judgements(path: Path | str) -> Judgements:
    """Read a file of judgements.

    Parameters
    ----------
    path : Path or str
        A TOML file with one or more ``[[stakeholder]]``, or the name of a ready one: ``example``.

    Returns
    -------
    Judgements
        Checked, with weights of every stakeholder; whether comparisons are consistent enough is
        for `Judgements.inconsistency`.

    Raises
    ------
    LayerFileError
        If there is no such file.
    ScenarioError
        If the file is not TOML, a key or value is wrong, or judgements contradict each other.

    Examples
    --------
    >>> import siteopt
    >>> judgements = siteopt.read_judgements("example")
    >>> {name: round(weights["grid"], 3) for name, weights in judgements.individual.items()}
    {'ministry': 0.347, 'operator': 0.244, 'province': 0.034}
    """
    file = Path(path)
    if file.suffix != ".toml":
        file = data_folder() / "weights" / f"{path}.toml"
    try:
        raw = read_toml(file)
    except LayerError as error:
        raise ScenarioError(str(error)) from error
    try:
        judgements = Judgements.model_validate(raw)
    except ValidationError as error:
        fault = first_fault(error, "see docs/how-to/weights.md")
        raise ScenarioError(f"{file}: {fault}") from error
    for number, one in enumerate(judgements.stakeholders):
        written = {k: v for k, v in raw["stakeholder"][number].items() if k != "judgements"}
        read = one.model_dump(mode="json", by_alias=True)
        if message := read_otherwise(written, read):
            raise ScenarioError(f"{file}: stakeholder {one.name}: {message}")
        try:
            _ = one.weights
        except ScenarioError as error:
            raise ScenarioError(f"{file}: stakeholder {one.name}: {error}") from error
    rest = {key: value for key, value in raw.items() if key != "stakeholder"}
    if message := read_otherwise(rest, judgements.model_dump(mode="json")):
        raise ScenarioError(f"{file}: {message}")
    try:
        judgements.mean_weights(judgements.compromise)
    except ScenarioError as error:
        raise ScenarioError(f"{file}: {error}") from error
    return judgements


def with_weights_of_file(raw: dict[str, Any], file: Path) -> dict[str, Any]:
    """Return a scenario's plain data with weights in place of the file that ``[weights]`` names.

    What counts for results that are kept is then the weights themselves, whatever file they are
    of.

    Parameters
    ----------
    raw : dict
        As TOML holds it.
    file : Path
        The scenario file, from whose folder a relative path is read.

    Raises
    ------
    LayerFileError, ScenarioError
        As of `read_judgements`, or if comparisons are too inconsistent, or there is no such
        stakeholder.
    """
    asked = raw.get("weights")
    if not isinstance(asked, dict) or "file" not in asked:
        return raw
    other = sorted(set(asked) - {"file", "stakeholder"})
    if other or not isinstance(asked["file"], str):
        raise ScenarioError(
            f"{file}: weights.{other[0] if other else 'file'}: with a file of judgements there are "
            'only file = "..." and stakeholder = "..."'
        )
    path = Path(asked["file"])
    if path.suffix == ".toml":
        path = file.parent.resolve() / path
    judgements = read_judgements(path)
    if message := judgements.inconsistency():
        raise ScenarioError(f"{path}: {message}")
    individual = judgements.individual
    name = asked.get("stakeholder")
    if name is None:
        return raw | {"weights": judgements.mean_weights(judgements.compromise)}
    if not isinstance(name, str) or name not in individual:
        raise ScenarioError(
            f"{file}: weights.stakeholder: {name!r} is none of {path}; there are "
            f"{', '.join(individual)}"
        )
    return raw | {"weights": individual[name]}
