"""Suspending scheduler with constructive traces and early cutoff.

Mokhov, Mitchell, Peyton Jones: Build Systems a la Carte, 2018, sections 4.1.3 and 4.2.3.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from siteopt.stages.keys import GONE, Keys
from siteopt.stages.serialization import (
    DamagedValueError,
    decode,
    decode_parts,
    encode_parts,
    handed,
)
from siteopt.stages.stage import Outcome
from siteopt.stages.store import content_hash
from siteopt.stages.trace_recorder import RecordedLayers, RecordedModel
from siteopt.stages.version import versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario
    from siteopt.stages.stage import Stage
    from siteopt.stages.store import Store

__all__ = ["Memory", "Scheduler"]

T = TypeVar("T")

_LOG: Final = logging.getLogger(__name__)
_LINE: Final = 60


class Trace(NamedTuple):
    """Tokens by key in the order in which they were read, and the hash of what came of them."""

    reads: dict[str, str]
    result: str

    @property
    def name(self) -> str:
        """What was read, not what came of it."""
        return content_hash(repr([*self.reads.items()]).encode())


@dataclass
class Memory:
    """Store of results and traces in memory, shared by the studies that came of one another.

    Attributes
    ----------
    values : dict
        Results by the hash of their content.
    traces : dict
        Traces of each stage, the last first.
    layers : dict
        Hashes of the values of layer files.
    """

    values: dict[str, Any] = field(default_factory=dict)
    traces: dict[str, list[Trace]] = field(default_factory=dict)
    layers: dict[str, str] = field(default_factory=dict)

    def forget(self, kept: Iterable[str]) -> None:
        """Drop all results but those of the hashes given; a store that has them gives them back."""
        for name in self.values.keys() - set(kept):
            del self.values[name]


class _Given:
    """What a stage is given; see `siteopt.stages.stage.Given`."""

    def __init__(self, scheduler: Scheduler, reads: dict[str, str]) -> None:
        def note(key: str) -> None:
            reads.setdefault(key, scheduler.keys.token(key))

        self._scheduler, self._reads = scheduler, reads
        self.scenario = cast("Scenario", RecordedModel(scheduler.keys.scenario, "", note))
        self.layers = cast("Layers", RecordedLayers(scheduler.keys.layers, note))

    def result(self, stage: Stage[T]) -> T:
        """Return the result of another stage, which runs first where it has to."""
        self._reads.setdefault(f"result: {stage.name}", self._scheduler.result_hash(stage.name))
        return self._scheduler.known_result(stage)


class _LostError(Exception):
    """A stored result that is damaged or was taken away since its trace was found."""


class Scheduler:
    """The results of all stages for one scenario, computed when they are asked for.

    Parameters
    ----------
    stages : sequence of Stage
        In any order: a stage is suspended until those are done whose results it asks for.
    scenario : Scenario
        What is decided.
    layers : Layers
        As opened for it.
    store : Store, optional
        Where results are kept between runs; none by default.
    memory : Memory, optional
        Results in memory to share.
    fresh : bool
        Whether every stage runs, whatever is stored.
    begun : callable, optional
        Called with the stage before it is looked at.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        stages: Sequence[Stage[Any]],
        scenario: Scenario,
        layers: Layers,
        store: Store | None = None,
        *,
        memory: Memory | None = None,
        fresh: bool = False,
        begun: Callable[[Stage[Any]], None] | None = None,
    ) -> None:
        self.stages = {stage.name: stage for stage in stages}
        self._store, self._memory, self._fresh = store, memory or Memory(), fresh
        self._begun = begun or (lambda _: None)
        self.keys = Keys(scenario, layers, None if fresh else store, self._memory.layers)
        self.outcomes: dict[str, Outcome] = {}
        self._traces: dict[str, Trace] = {}
        self._suspended: list[str] = []
        self._waited_s = [0.0]

    def result(self, stage: Stage[T]) -> T:
        """Return the result of a stage; the caller's copy.

        Raises
        ------
        SiteoptError
            Whatever the stage raises.
        """
        while True:
            try:
                self.result_hash(stage.name)
                return self.known_result(stage)
            except _LostError:
                # All is looked at again, so that results of two traces are never mixed.
                self._traces.clear()

    def result_hash(self, name: str) -> str:
        """Return the hash of the result of a stage, which runs where it has to."""
        if name not in self._traces:
            self._begun(self.stages[name])
            begin = time.perf_counter()
            self._waited_s.append(0.0)
            self._suspended.append(name)
            try:
                why, found = self._valid_trace(name)
                trace = self._run(self.stages[name]) if found is None else found
            finally:
                self._suspended.pop()
                whole = time.perf_counter() - begin
                own = whole - self._waited_s.pop()
                self._waited_s[-1] += whole
            self._traces[name] = trace
            if found is not None and self._store is not None:
                self._store.used(name, trace.name)
            if found is None or name not in self.outcomes:
                outcome = self.outcomes[name] = Outcome(name, found is None, why, own)
                _LOG.info("%s (%.2f s)", outcome, own)
        return self._traces[name].result

    def known_result(self, stage: Stage[T]) -> T:
        """Return the result of a stage whose hash is known; the caller's copy."""
        name = self._traces[stage.name].result
        if name not in self._memory.values:
            content = self._store.get(name) if self._store is not None else None
            try:
                self._memory.values[name] = decode(content or b"")
            except DamagedValueError as error:
                if self._store is not None:
                    self._store.drop(name)
                raise _LostError from error
        return cast("T", handed(self._memory.values[name]))

    def reads(self, name: str) -> set[str]:
        """Return the keys of all that the result of a stage rests on, other stages' reads included.

        Parameters
        ----------
        name : str
            Of a stage whose hash is known.
        """
        found, left = set[str](), {name}
        while left:
            keys = self._traces[left.pop()].reads.keys() - found
            left |= {key.removeprefix("result: ") for key in keys if key.startswith("result: ")}
            found |= keys
        return found

    def _valid_trace(self, name: str) -> tuple[str, Trace | None]:
        """Return why a stage has to run, or the trace by which it has not."""
        if self._fresh:
            return "everything was asked for anew", None
        stored = map(_trace, [] if self._store is None else self._store.records(name))
        reasons = []
        for trace in filter(None, [*self._memory.traces.get(name, []), *stored]):
            reason = self._change(trace)
            if reason is None and self._is_there(trace.result):
                return "nothing that it reads changed", trace
            reasons.append(reason or (len(trace.reads), "its kept result is damaged or gone"))
        if not reasons:
            return "there is no earlier result", None
        return max(reasons, key=lambda reason: reason[0])[1], None  # of the nearest trace

    def _change(self, trace: Trace) -> tuple[int, str] | None:
        """Return place and words of the first key of a trace that has another token now."""
        # In the order in which they were read: what comes after a change would not be read.
        for place, (key, token) in enumerate(trace.reads.items()):
            kind, _, name = key.partition(": ")
            if kind != "result":
                now = self.keys.token(key)
            else:  # no stage waits for itself, whatever a trace holds
                known = name in self.stages and name not in self._suspended
                now = self.result_hash(name) if known else GONE
            if now != token:
                return place, _change_in_words(key, token, now)
        return None

    def _is_there(self, name: str) -> bool:
        return name in self._memory.values or (self._store is not None and self._store.has(name))

    def _run(self, stage: Stage[Any]) -> Trace:
        """Run a stage; store its result; return its trace."""
        reads = {f"version: {name}": token for name, token in versions().items()}
        parts = encode_parts(stage.function(_Given(self, reads)))
        trace = Trace(reads, content_hash(*parts))
        # What others get is what the store gives back, so that a taken result is no other.
        self._memory.values[trace.result] = decode_parts(parts)
        others = self._memory.traces.get(stage.name, [])
        self._memory.traces[stage.name] = [trace, *(t for t in others if t.reads != reads)]
        if self._store is not None and GONE not in reads.values():
            self._store.put(trace.result, *parts)
            self._store.remember(stage.name, trace.name, trace._asdict())
        return trace


def _trace(record: dict[str, Any]) -> Trace | None:
    """Return a record as a trace, None where it is none: the folder may hold anything."""
    reads, result = record.get("reads"), record.get("result")
    if not isinstance(reads, dict) or not isinstance(result, str):
        return None
    is_sound = all(isinstance(token, str) and token != GONE for token in reads.values())
    return Trace(reads, result) if is_sound else None


def _change_in_words(key: str, before: str, now: str) -> str:
    kind, _, name = key.partition(": ")
    subject = {"scenario": f"scenario {name or 'as a whole'}", "result": f"result of {name}"}
    what = subject.get(kind, f"{kind} {name}")
    if kind in {"result", "layer"} or any(
        text.startswith("sha256 ") or len(text) > _LINE for text in (before, now)
    ):
        return f"{what} changed"
    return f"{what} changed: {before} -> {now}"
