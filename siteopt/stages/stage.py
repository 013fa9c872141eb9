"""What a stage is, what it is given, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["Given", "Outcome", "Stage"]


class Given(Protocol):
    """What a stage is given; whatever it reads of it is noted."""

    @property
    def scenario(self) -> Scenario:
        """What is decided."""
        ...

    @property
    def layers(self) -> Layers:
        """What is known."""
        ...

    def result(self, stage: str) -> Any:  # noqa: ANN401 - whatever that stage returns
        """Return the result of another stage, which runs first where it has to."""
        ...


class Stage(NamedTuple):
    """A step of a run.

    Attributes
    ----------
    name : str
        Under which others ask for its result.
    says : str
        What the progress bar says of it.
    function : callable
        Takes a :class:`Given` and returns a plain value.
    phase : str
        Under which ``run.json`` counts its seconds.
    """

    name: str
    says: str
    function: Callable[[Given], Any]
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
