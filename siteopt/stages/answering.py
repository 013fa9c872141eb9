"""Answers of stages: taken where all that a stage read is the same, made again where not."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from siteopt.stages.code import code_of, libraries_of
from siteopt.stages.inputs import GONE, Inputs
from siteopt.stages.layer_contents import LayerContents
from siteopt.stages.reading import ReadLayers, ReadModel
from siteopt.stages.stage import Outcome
from siteopt.stages.values import (
    DamagedValueError,
    content_hash,
    decode,
    encode,
    handed,
    own_modules,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario
    from siteopt.stages.stage import Stage
    from siteopt.stages.store import Store

__all__ = ["Answers", "Held"]

_LOG: Final = logging.getLogger(__name__)


@dataclass
class Held:
    """Results in memory, shared by the studies that came of one another.

    Attributes
    ----------
    values : dict
        By the hash of their content.
    traces : dict
        What each stage read and what came of it, the last first.
    layers : dict
        Hashes of the values of layer files.
    """

    values: dict[str, Any] = field(default_factory=dict)
    traces: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    layers: dict[str, str] = field(default_factory=dict)

    def forget(self, kept: Iterable[str]) -> None:
        """Drop all values but those named; a store that has them gives them back.

        Parameters
        ----------
        kept : iterable of str
            Hashes of values.
        """
        for name in self.values.keys() - set(kept):
            del self.values[name]


class _Given:
    """What a stage is given; see `siteopt.stages.stage.Given`."""

    def __init__(self, answers: Answers, note: Callable[[str, str], None]) -> None:
        def read(key: str) -> None:
            note(key, answers.inputs.token(key))

        self._answers, self._note, self._read = answers, note, read
        self.scenario = cast("Scenario", ReadModel(answers.inputs.scenario, "", read))
        self.layers = cast("Layers", ReadLayers(answers.inputs.layers, read))

    def result(self, stage: str) -> Any:  # noqa: ANN401 - whatever that stage returns
        """Return the result of another stage, which runs first where it has to."""
        self._note(f"result: {stage}", self._answers.identity(stage))
        found = self._answers.value(stage)
        for module in sorted(own_modules(found)):
            self._read(f"code of: {module}")
        return found


class _LostError(Exception):
    """A kept result that is damaged or was taken away since it was found."""


class Answers:
    """The results of all stages for one scenario, found when they are asked for.

    Parameters
    ----------
    stages : sequence of Stage
        In any order: a stage waits for those whose results it asks for.
    scenario : Scenario
        What is decided.
    layers : Layers
        As opened for it.
    store : Store, optional
        Where results are kept between runs; none by default.
    held : Held, optional
        Results in memory to share.
    fresh : bool
        Whether every stage runs, whatever is kept.
    begun : callable, optional
        Called with the stage before it is looked at.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        stages: Sequence[Stage],
        scenario: Scenario,
        layers: Layers,
        store: Store | None = None,
        *,
        held: Held | None = None,
        fresh: bool = False,
        begun: Callable[[Stage], None] | None = None,
    ) -> None:
        self._stages = {stage.name: stage for stage in stages}
        self._store, self._held, self._fresh = store, held or Held(), fresh
        self._begun = begun or (lambda _: None)
        self._contents = LayerContents(layers, None if fresh else store, self._held.layers)
        self.inputs = Inputs(scenario, layers, self._contents.token)
        self.outcomes: dict[str, Outcome] = {}
        self._found: dict[str, str] = {}
        self._reads: dict[str, list[str]] = {}
        self._asked: list[str] = []
        self._waited_s = [0.0]

    def check_layers(self) -> list[str]:
        """Read and check every layer that is not known to be sound; return their ids.

        Raises
        ------
        LayerError, LayerFileError
            With the first fault, and the ids of other layers that have one.
        """
        return self._contents.check()

    def result(self, stage: str) -> Any:  # noqa: ANN401 - whatever that stage returns
        """Return the result of a stage; the caller's copy.

        Raises
        ------
        SiteoptError
            Whatever the stage raises.
        """
        while True:
            try:
                self.identity(stage)
                return self.value(stage)
            except _LostError:
                # All is looked at again, so that results of two answers are never mixed.
                self._found.clear()

    def identity(self, stage: str) -> str:
        """Return the hash of the result of a stage, which runs where it has to."""
        if stage not in self._found:
            self._begun(self._stages[stage])
            begin = time.perf_counter()
            self._waited_s.append(0.0)
            self._asked.append(stage)
            try:
                why, trace = self._look(stage)
                answered = self._run(self._stages[stage]) if trace is None else trace
            finally:
                self._asked.pop()
                whole = time.perf_counter() - begin
                own = whole - self._waited_s.pop()
                self._waited_s[-1] += whole
            self._found[stage] = answered["result"]
            self._reads[stage] = [str(key) for key, _ in answered["reads"]]
            if trace is not None and self._store is not None:
                self._store.used(stage, _name(trace))
            if trace is None or stage not in self.outcomes:
                outcome = self.outcomes[stage] = Outcome(stage, trace is None, why, own)
                _LOG.info("%s (%.2f s)", outcome, own)
        return self._found[stage]

    def reads(self, stage: str) -> set[str]:
        """Return the keys of all that the result of a stage rests on, other stages' reads included.

        Parameters
        ----------
        stage : str
            One whose identity is known.
        """
        found, left = set(self._reads[stage]), [stage]
        seen = {stage}
        while left:
            for key in self._reads[left.pop()]:
                kind, _, name = key.partition(": ")
                if kind == "result" and name not in seen:
                    seen.add(name)
                    left.append(name)
                    found.update(self._reads[name])
        return found

    def value(self, stage: str) -> Any:  # noqa: ANN401 - whatever that stage returned
        """Return the value of a stage whose identity is known; the caller's copy."""
        name = self._found[stage]
        if name not in self._held.values:
            content = self._store.get(name) if self._store is not None else None
            if content is None:
                raise _LostError
            self._held.values[name] = self._decoded(name, content)
        return handed(self._held.values[name])

    def _decoded(self, name: str, content: bytes) -> Any:  # noqa: ANN401
        try:
            return decode(content)
        except DamagedValueError as error:
            if self._store is not None:
                self._store.drop(name)
            raise _LostError from error

    def _look(self, stage: str) -> tuple[str, dict[str, Any] | None]:
        """Return why a stage has to run, or the trace by which it has not."""
        if self._fresh:
            return "everything was asked for anew", None
        code = code_of(
            self._stages[stage].function.__name__, self._stages[stage].function.__module__
        )
        now = {"code": code, "libraries": libraries_of(code)}
        reasons = []
        for trace in self._traces(stage):
            reason = self._change(trace, now)
            if not reason and self._is_there(trace["result"]):
                return "nothing that it reads changed", trace
            reasons.append(reason or (len(trace["reads"]), "its kept result is damaged or gone"))
        if not reasons:
            return "there is no earlier result", None
        return max(reasons, key=lambda reason: reason[0])[1], None  # of the nearest trace

    def _change(self, trace: dict[str, Any], now: dict[str, Any]) -> tuple[int, str] | None:
        """Return place and words of the first thing that is otherwise than in a trace."""
        for place, kind in enumerate(("libraries", "code")):
            changed = sorted(
                name
                for name in trace[kind].keys() | now[kind].keys()
                if trace[kind].get(name) != now[kind].get(name)
            )
            if changed:
                return place - 2, f"{kind} changed: {', '.join(changed[:3])}"
        # In the order in which they were read: what comes after a change would not be read.
        for place, (key, token) in enumerate(trace["reads"]):
            kind, _, name = key.partition(": ")
            found = self._now(name) if kind == "result" else self.inputs.token(key)
            if found != token:
                return place, _said(key, token, found)
        return None

    def _now(self, stage: str) -> str:
        """Return the hash of what a trace says was read; no stage waits for itself."""
        known = stage in self._stages and stage not in self._asked
        return self.identity(stage) if known else GONE

    def _is_there(self, name: str) -> bool:
        return name in self._held.values or (self._store is not None and self._store.has(name))

    def _traces(self, stage: str) -> list[dict[str, Any]]:
        held = self._held.traces.get(stage, [])
        kept = [] if self._store is None else self._store.records(stage)
        return [*held, *(trace for trace in kept if _is_trace(trace))]

    def _run(self, stage: Stage) -> dict[str, Any]:
        """Run a stage; keep its result with what it read; return both as a trace."""
        reads: dict[str, str] = {}

        def note(key: str, token: str) -> None:
            reads.setdefault(key, token)

        function = stage.function
        code = code_of(function.__name__, function.__module__)
        content = encode(function(_Given(self, note)))
        name = content_hash(content)
        trace = {
            "code": code,
            "libraries": libraries_of(code),
            "reads": [list(item) for item in reads.items()],
            "result": name,
        }
        # What others get is what the store gives back, so that a taken result is no other.
        self._held.values[name] = decode(content)
        others = self._held.traces.get(stage.name, [])
        self._held.traces[stage.name] = [trace, *(t for t in others if _name(t) != _name(trace))]
        if self._store is not None and GONE not in reads.values():
            self._store.put(name, content)
            self._store.remember(stage.name, _name(trace), trace)
        return trace


def _is_trace(record: dict[str, Any]) -> bool:
    """Return whether a record has the form of a trace: the folder may hold anything."""
    pairs = [record.get(kind) for kind in ("code", "libraries")]
    reads = record.get("reads")
    return (
        all(isinstance(found, dict) and _texts(found.values()) for found in pairs)
        and isinstance(reads, list)
        and all(isinstance(read, list) and len(read) == 2 and _texts(read) for read in reads)  # noqa: PLR2004 - key, token
        and all(token != GONE for _, token in reads)
        and isinstance(record.get("result"), str)
    )


def _texts(items: Iterable[Any]) -> bool:
    return all(isinstance(item, str) for item in items)


def _name(trace: dict[str, Any]) -> str:
    """Return the name of a trace: what was read, not what came of it."""
    return content_hash(repr([trace[key] for key in ("code", "libraries", "reads")]).encode())


def _said(key: str, before: str, now: str) -> str:
    """Return a change as people say it."""
    kind, _, name = key.partition(": ")
    subject = {"scenario": f"scenario {name or 'as a whole'}", "result": f"result of {name}"}
    what = subject.get(kind, f"{kind} {name}")
    if any(text.startswith("sha256 ") or len(text) > 60 for text in (before, now)):  # noqa: PLR2004 - a line
        return f"{what} changed"
    return f"{what} changed: {before} -> {now}"
