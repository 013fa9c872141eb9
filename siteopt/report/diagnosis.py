"""A diagnosis in words: which limits conflict, and what each would have to give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.portfolio import constraints
from siteopt.report.conflicts import PlaceNames, amount_text, limit_words, sentences
from siteopt.report.limit_names import limit_text

if TYPE_CHECKING:
    from siteopt.portfolio import Diagnosis, Problem
    from siteopt.portfolio.constraints.family import LeastChange, LimitKind

__all__ = ["details_of", "message_of"]

_ITSELF: Final = ("target", "spacing")
"""Kinds that are one number, of which the rest is reported."""


def message_of(problem: Problem, found: Diagnosis) -> str:
    """Return the diagnosis in one line.

    Parameters
    ----------
    problem : Problem
        The one without a plan.
    found : Diagnosis
        Of it.
    """
    if not found.conflict:
        return "a plan meets all limits"
    kinds = {kind.name: kind for kind in constraints.kinds()}
    conflict = ", ".join(_name(problem, name) for name in found.changes)
    gives = "; or ".join(_gives(kinds[name], change) for name, change in found.changes.items())
    alone = len(found.changes) == 1
    land = " (the land and voltage classes of the sites hold no more)" if alone else ""
    return f"no plan meets all limits; in conflict: {conflict}{land}; it would do if {gives}"


def details_of(problem: Problem, found: Diagnosis, names: PlaceNames | None = None) -> str:
    """Return further lines: the conflict as sentences, and whether it is proven irreducible.

    Parameters
    ----------
    problem : Problem
        The one without a plan.
    found : Diagnosis
        Of it.
    names : PlaceNames, optional
        What provinces and stations are called; their codes by default.
    """
    ko, en = sentences(problem, found, names or PlaceNames())
    lines = [en, ko]
    if en and not found.limits_minimal:
        words = limit_words()["sentence.not settled"]
        lines.append(f"{words[1]} ({words[0]})")
    return "\n".join(line for line in lines if line)


def _name(problem: Problem, kind: str) -> str:
    """Return what a kind of limits is called, by the keys of the scenario."""
    words = limit_words()
    several = {
        "target": problem.horizon > 1,
        "budget": bool(np.isfinite(problem.year_budget_bn_krw).any()),
    }
    key = f"name.{kind}s" if several.get(kind, False) else f"name.{kind}"
    figures: dict[str, Any] = {
        "mw": problem.target_blocks[-1] * problem.block_mw, "year": problem.years[-1],
        "first": problem.target_blocks[0] * problem.block_mw, "begin": problem.years[0],
        "km": problem.spacing_m / 1000, "budget": problem.budget_bn_krw,
        "count": problem.province_count_min,
    }  # fmt: skip
    found = words.get(key) or words.get(f"what.{kind}") or (kind, kind)
    return found[1].format(**figures)


def _gives(kind: LimitKind, change: LeastChange) -> str:
    """Return what one kind of limits would have to give."""
    limit = kind.name
    if not np.isfinite(change.least):
        return f"{limit}: no change of it alone is enough"
    if not np.isfinite(change.enough):
        return f"{limit}: whether a change of it alone is enough was not settled in time"
    amount = f"{amount_text(change)} {kind.unit}"
    if limit in _ITSELF and np.isfinite(change.now):
        return f"{limit} gave {amount} ({_left(change)})"
    less = kind.side == "least"
    verb = "gave" if less else "grew by"
    return f"{limit} {verb} {amount}{_where(change, '-' if less else '+')}"


def _where(change: LeastChange, sign: str) -> str:
    """Return the limits that change most, in brackets; empty where there are none."""
    if not change.where:
        return ""
    named = ", ".join(f"{limit_text(key)} {sign}{gives:g}" for key, gives in change.where)
    more = f" and {change.elsewhere} more" if change.elsewhere else ""
    return f" ({named}{more})"


def _left(change: LeastChange) -> str:
    """Return what is left of a limit: a plan is known, and no plan has more than the rest."""
    now, least, enough = change.now, change.least, change.enough
    if change.is_exact:
        return f"down to {now - enough:,.6g}"
    return f"there is a plan with {now - enough:,.6g}, none above {now - least:,.6g}"
