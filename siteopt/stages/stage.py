"""Stage: a step of a run as a typed key, what it is given, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["Given", "Outcome", "Stage"]

T = TypeVar("T")


class Given(Protocol):
    """What a stage is given; whatever it reads of it is recorded."""

    @property
    def scenario(self) -> Scenario:
        """What is decided."""
        ...

    @property
    def layers(self) -> Layers:
        """What is known."""
        ...

    def result(self, stage: Stage[T]) -> T:
        """Return the result of another stage, which runs first where it has to."""
        ...


@dataclass(frozen=True)
class Stage(Generic[T]):
    """A step of a run: the key of its result, and the type of it.

    Attributes
    ----------
    name : str
        Under which its traces are stored.
    label : str
        What the progress bar shows.
    function : callable
        Takes a :class:`Given` and returns a value that can be serialised.
    phase : str
        Under which ``run.json`` counts its seconds.
    """

    name: str
    label: str
    function: Callable[[Given], T]
    phase: str


class Outcome(NamedTuple):
    """What became of a stage.

    Attributes
    ----------
    stage : str
        Its name.
    ran : bool
        Whether it ran; else its result was taken.
    why : str
        What caused it to run, or that nothing changed.
    seconds : float
        Wall seconds, without those of the stages that it waited for.
    """

    stage: str
    ran: bool
    why: str
    seconds: float

    def __str__(self) -> str:
        """Return it as a line for people."""
        return f"{self.stage:12} {'ran' if self.ran else 'taken':6} {self.why}"
