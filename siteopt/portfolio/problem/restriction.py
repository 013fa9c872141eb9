"""Restriction of a problem to some of its options, and plans carried from one to the other.

A reduction with ``apply`` and ``invert`` as in cvxpy (Agrawal, Verschueren, Diamond and Boyd, A
rewriting system for convex optimization problems, 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["Restriction"]


@dataclass(frozen=True, eq=False)
class Restriction:
    """A problem of which only some options may be built."""

    whole: Problem
    """The problem with all options."""
    options: Ints
    """(K,) those that stay, indices into the options of ``whole``; rising, each once."""

    @classmethod
    def to_open(cls, problem: Problem) -> Self:
        """Return the restriction of a problem to the options that every single limit allows."""
        return cls(problem, problem.open_options())

    @classmethod
    def none(cls, problem: Problem) -> Self:
        """Return the restriction that leaves a problem as it is."""
        found = cls(problem, np.arange(problem.options))
        found.__dict__.update(part=problem, sites=np.arange(problem.sites))
        return found

    @cached_property
    def part(self) -> Problem:
        """The restricted problem, with the sites of its options (`Problem.take`)."""
        return self.whole.take(self.options)

    @cached_property
    def option_place(self) -> Ints:
        """(O,) index in ``part`` of each option of ``whole``, -1 for those left out."""
        place = np.full(self.whole.options, -1, dtype=np.int64)
        place[self.options] = np.arange(len(self.options))
        return place

    @cached_property
    def sites(self) -> Ints:
        """(S of ``part``,) its sites as indices into those of ``whole``, rising."""
        return self.whole.sites_of(self.options)

    @cached_property
    def site_place(self) -> Ints:
        """(S,) index in ``part`` of each site of ``whole``, -1 for those left out."""
        place = np.full(self.whole.sites, -1, dtype=np.int64)
        place[self.sites] = np.arange(len(self.sites))
        return place

    def narrow(self, kept: Ints) -> Restriction:
        """Return the restriction of ``whole`` to some options of ``part``, indices rising."""
        return Restriction(self.whole, self.options[kept])

    def apply(self, blocks: Ints) -> Ints | None:
        """Return a plan of ``whole`` (blocks an option) as one of ``part``.

        None where it has blocks of an option that is left out.
        """
        kept = blocks[self.options]
        return kept if kept.sum() == blocks.sum() else None

    def invert(self, blocks: Ints) -> Ints:
        """Return a plan of ``part`` (blocks an option) as one of ``whole``."""
        plan = np.zeros(self.whole.options, dtype=np.int64)
        plan[self.options] = blocks
        return plan
