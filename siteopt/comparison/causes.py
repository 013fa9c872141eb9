"""Attribution of changes to inputs by ablation; cost differences by Shapley values.

A change is laid to an input where the first side shows it with that input alone taken from the
second, and the second does not show it without. Where no single input does it, the smallest set
that is left when inputs are taken back one by one is its cause (every member of it is needed).
Runs are kept, so the changes of one comparison share them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.comparison.result_diff import SAME_KM2, interval, unit_of
from siteopt.report.rank_ranges import proven_ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from siteopt.comparison.reruns import RerunResult, Reruns
    from siteopt.comparison.switches import Switch
    from siteopt.runs.results import Run

__all__ = ["Causes", "Change", "changes_of", "find_causes"]

_SHAPLEY_MAX: Final = 3
"""Most inputs whose cost is shared over all their orders: no run more than tracing takes."""
_RANKS_MAX: Final = 10
"""Number of moves in rank that are traced, the best ranked."""


@dataclass(frozen=True)
class Change:
    """One change of the answer to find the cause of.

    Attributes
    ----------
    kind : str
        ``entered``, ``left``, ``resized``, ``rescheduled``, ``reconnected``, ``rank``,
        ``eligible land`` or ``objective``.
    subject : str
        Site id, or empty.
    """

    kind: str
    subject: str

    def value(self, run: Run) -> Hashable:
        """Return its value in a run; two runs with equal values are alike in it."""
        if self.kind == "eligible land":
            return round(float(run.record["eligible_km2"]) / SAME_KM2)
        if self.kind == "rank":
            table = run.ranking
            found = table.loc[(table["site_id"] == self.subject) & proven_ranks(table), "rank"]
            return int(found.iloc[0]) if len(found) else None
        site = next((s for s in run.portfolio["sites"] if s["site_id"] == self.subject), None)
        if self.kind in {"entered", "left"} or site is None:
            return site is not None
        keys = {"resized": "it_mw", "rescheduled": "open_year", "reconnected": "option_id"}
        value: Hashable = site.get(keys[self.kind])
        return value


@dataclass(frozen=True, eq=False)
class Causes:
    """What brought the changes about.

    Attributes
    ----------
    table : DataFrame
        ``change``, ``subject``, ``cause`` (labels of inputs, joined by " + "), ``how``: ``only
        input``, ``alone`` (with it the change is there, without it not), ``enough`` (the others
        together bring it about too), ``either`` (each of the causes, joined by " or ", is
        enough), ``together`` (each is needed), ``not traced``.
    costs : DataFrame
        ``input``, ``difference``, ``low``, ``high`` (between what it is proven), ``unit``: how the
        difference of the objective is shared.
    cost_method : str
        ``shapley``, ``in order`` or empty.
    runs : int
        Runs made, the two sides' own aside.
    runs_max : int
        Most that would have been made.
    notes : tuple of str
        What a reader must know: inputs that cannot be switched alone, limits reached.
    """

    table: pd.DataFrame
    costs: pd.DataFrame
    cost_method: str = ""
    runs: int = 0
    runs_max: int = 0
    notes: tuple[str, ...] = ()


def changes_of(sites: pd.DataFrame, ranks: pd.DataFrame, figures: pd.DataFrame) -> list[Change]:
    """Return the changes to trace: those that the proofs settle.

    Parameters
    ----------
    sites : DataFrame
        Changed sites.
    ranks : DataFrame
        Moved ranks.
    figures : DataFrame
        Changed figures.
    """
    sure = sites[sites["sure"]]
    found = [Change(str(c), str(s)) for c, s in zip(sure["change"], sure["site_id"], strict=True)]
    land = figures[(figures["figure"] == "eligible land") & figures["sure"]]
    found += [Change("eligible land", "")] if len(land) else []
    return found + [Change("rank", str(site)) for site in ranks["site_id"].head(_RANKS_MAX)]


def find_causes(reruns: Reruns, changes: Iterable[Change]) -> Causes:
    """Trace changes to inputs, and share the difference of the objective among them.

    Parameters
    ----------
    reruns : Reruns
        Makes the runs; it has the two sides' own.
    changes : iterable of Change
        From :func:`changes_of`.
    """
    switches = reruns.found.switches
    trace = _Trace(reruns)
    rows = [(change.kind, change.subject, *trace.cause(change)) for change in changes]
    table = pd.DataFrame(rows, columns=["change", "subject", "cause", "how"])
    costs, method = _shared_cost(reruns)
    notes = [
        f"with only {next(iter(taken)).label} switched: {outcome.failure}"
        for taken, outcome in reruns.outcomes.items()
        if outcome.run is None and len(taken) == 1
    ]
    if reruns.made >= reruns.runs_max and len(switches) > 1:
        notes.append(f"stopped after {reruns.runs_max} runs (--runs-max)")
    return Causes(table, costs, method, reruns.made, reruns.runs_max, tuple(notes))


class _Trace:
    """Finds the inputs that bring one change about."""

    def __init__(self, reruns: Reruns) -> None:
        self._reruns = reruns
        self._all = frozenset(reruns.found.switches)

    def cause(self, change: Change) -> tuple[str, str]:
        """Return the cause of a change in words, and how it brings it about."""
        if len(self._all) == 1:
            return next(iter(self._all)).label, "only input"
        shows = self._shows(change)
        enough = [one for one in sorted(self._all) if shows(frozenset({one}))]
        if len(enough) == 1:
            alone = self._lacks(change, self._all - {enough[0]})
            return enough[0].label, "alone" if alone else "enough"
        if enough:
            return " or ".join(one.label for one in enough), "either"
        needed = self._smallest(shows)
        if needed is None:
            return "", "not traced"
        return " + ".join(one.label for one in sorted(needed)), "together"

    def _shows(self, change: Change) -> Callable[[frozenset[Switch]], bool | None]:
        after = change.value(self._run(self._all))

        def shows(taken: frozenset[Switch]) -> bool | None:
            outcome = self._reruns.outcome(taken)
            if outcome is None:
                return None
            return outcome.run is not None and change.value(outcome.run) == after

        return shows

    def _lacks(self, change: Change, taken: frozenset[Switch]) -> bool:
        """Return whether a run with these inputs is as the first side; true where it is not known.

        A run that cannot be made does not show the change either.
        """
        outcome = self._reruns.outcome(taken)
        after = change.value(self._run(self._all))
        return outcome is None or outcome.run is None or change.value(outcome.run) != after

    def _run(self, taken: frozenset[Switch]) -> Run:
        outcome = self._reruns.outcomes[taken]
        if outcome.run is None:  # pragma: no cover - both sides have a plan
            raise ValueError("the side has no run")
        return outcome.run

    def _smallest(
        self, shows: Callable[[frozenset[Switch]], bool | None]
    ) -> frozenset[Switch] | None:
        """Return a set that shows a change and does not when any one of it is taken back.

        First what is needed in any case (the change is gone without it) is tried together, for
        few changes need more; then inputs are taken back one by one.
        """
        needed: set[Switch] = set()
        for one in sorted(self._all):
            without = shows(self._all - {one})
            if without is None:
                return None
            if not without:
                needed.add(one)
        few = frozenset(needed)
        kept = few if few and few != self._all and shows(few) else self._all
        while True:
            smaller = [(kept - {one}, shows(kept - {one})) for one in sorted(kept)]
            if any(shown is None for _, shown in smaller):
                return None
            kept_less = next((some for some, shown in smaller if shown), None)
            if kept_less is None:
                return kept
            kept = kept_less


def _shared_cost(reruns: Reruns) -> tuple[pd.DataFrame, str]:
    """Share the difference of the objective among the inputs.

    With few inputs by Shapley: the mean of what an input adds over all orders; else by what each
    adds in their order. Either way the shares sum to the difference.
    """
    columns = ["input", "difference", "low", "high", "unit"]
    switches = reruns.found.switches
    empty = pd.DataFrame(columns=columns)
    ends = [reruns.outcomes[frozenset(some)].run for some in ((), switches)]
    if ends[0] is None or ends[1] is None or unit_of(ends[0]) != unit_of(ends[1]):
        return empty, ""
    method = "shapley" if len(switches) <= _SHAPLEY_MAX else "in order"
    rows = _shapley(reruns) if method == "shapley" else _in_order(reruns)
    if rows is None and method == "shapley":
        method, rows = "in order", _in_order(reruns)
    if rows is None:
        return empty, ""
    table = pd.DataFrame(
        [(one.label, *share, unit_of(ends[0])) for one, share in zip(switches, rows, strict=True)],
        columns=columns,
    )
    return table, method if len(switches) > 1 else "only input"


def _step(
    before: RerunResult | None, after: RerunResult | None
) -> tuple[float, float, float] | None:
    """Return the step of the objective between two runs, and between what it is proven."""
    if before is None or after is None or before.run is None or after.run is None:
        return None
    (low, old), (floor, new) = interval(before.run), interval(after.run)
    return new - old, floor - old, new - low


def _shapley(reruns: Reruns) -> list[tuple[float, ...]] | None:
    switches = reruns.found.switches
    count = len(switches)
    shares: list[tuple[float, ...]] = []
    for one in switches:
        rest = [other for other in switches if other != one]
        total = [0.0, 0.0, 0.0]
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for some in combinations(rest, size):
                step = _step(
                    reruns.outcome(frozenset(some)), reruns.outcome(frozenset({*some, one}))
                )
                if step is None:
                    return None
                total = [sum_ + weight * part for sum_, part in zip(total, step, strict=True)]
        shares.append(tuple(total))
    return shares


def _in_order(reruns: Reruns) -> list[tuple[float, ...]] | None:
    switches = reruns.found.switches
    shares: list[tuple[float, ...]] = []
    for place in range(len(switches)):
        step = _step(
            reruns.outcome(frozenset(switches[:place])),
            reruns.outcome(frozenset(switches[: place + 1])),
        )
        if step is None:
            return None
        shares.append(step)
    return shares


def cause_of(causes: pd.DataFrame, change: str, subject: str) -> dict[str, Any]:
    """Return the row of a change; empty where it was not traced.

    Parameters
    ----------
    causes : DataFrame
        Attribution table of :class:`Causes`.
    change : str
        Kind of change, such as ``entered``.
    subject : str
        Site id, or empty.
    """
    found = causes[(causes["change"] == change) & (causes["subject"] == subject)]
    return {} if found.empty else {str(k): v for k, v in found.iloc[0].items()}
