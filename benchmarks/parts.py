"""Where the package's seconds go while it solves: its steps, timed from outside."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import highspy

from siteopt.portfolio import build
from siteopt.portfolio.bounds import column_generation
from siteopt.portfolio.search import restricted_mips
from siteopt.portfolio.solver import backends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["BUILD", "HANDOVER", "timed_parts"]

_STEPS: dict[str, list[tuple[object, str]]] = {
    "tables": [(build, "build_problem")],
    "model": [(restricted_mips, "program_arrays")],
    "handle": [(backends, "handle")],
    "dominance": [(restricted_mips, "undominated")],
    "relaxation": [
        (column_generation.RestrictedMaster, "solve"),
        (column_generation.RestrictedMaster, "__init__"),
    ],
    "solver": [(highspy.Highs, "run")],
}
BUILD = ("tables", "model")
"""Steps that write the model."""
HANDOVER = ("handle",)
"""Steps that give it to the solver."""


class _Clock:
    """Seconds a step, each second counted once: those of the innermost step."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys([*_STEPS, "other"], 0.0)
        self._open = ["other"]
        self._since = time.perf_counter()

    def turn(self) -> None:
        """Give the seconds since the last turn to the innermost step."""
        now = time.perf_counter()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that counts towards a step."""

        def timed(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - any function's
            self.turn()
            self._open.append(name)
            try:
                return function(*args, **options)
            finally:
                self.turn()
                self._open.pop()

        return timed


@contextmanager
def timed_parts() -> Iterator[dict[str, float]]:
    """Give the seconds a step of all that the package solves meanwhile, in this thread alone."""
    clock = _Clock()
    with ExitStack() as stack:
        for name, places in _STEPS.items():
            for owner, attribute in places:
                timed = clock.around(name, getattr(owner, attribute))
                stack.enter_context(mock.patch.object(owner, attribute, timed))
        yield clock.seconds
        clock.turn()
