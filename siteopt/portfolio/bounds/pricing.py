"""The cheapest way to build through each option, at given prices of opening and of a block.

In a plan of one year, and where sites do not grow, an option is built at its fewest or at its
most blocks: whatever the prices, one of the two is the cheapest. Where sites grow, the blocks of a
chain rise from the fewest to the most of some year, and the cheapest rise is found year by year
from the last one backwards (equation cheapest-build of docs/method.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["Builds", "KnownBuilds", "Prices", "Pricing"]

_KEY = np.uint64(0x9E3779B97F4A7C15)  # odd and far from regular, so that keys of builds differ


@dataclass(frozen=True, eq=False)
class Prices:
    """What the cheapest builds cost."""

    opening: Floats
    """(O,) least cost of a build that opens its site through an option; inf where none can."""
    use: Floats
    """(O,) at most the least cost of a build that has blocks of an option, opening or growing."""


@dataclass(frozen=True, eq=False)
class Builds:
    """Builds of sites: which option opens each, and the blocks of its options."""

    opener: Ints
    """(K,) option that opens the site of each build."""
    build: Ints
    """(E,) build that each entry belongs to."""
    option: Ints
    """(E,) option of each entry."""
    blocks: Ints
    """(E,) blocks of each entry, at least 1."""


class KnownBuilds:
    """Builds that were met, by a key of what each consists of.

    Two builds of one key are taken for one. That may cost a relaxation a column, and no bound.
    """

    def __init__(self) -> None:
        self._known: set[int] = set()

    def fresh(self, wanted: Builds) -> Builds:
        """Return the builds that are new, and know them from now on."""
        keys = np.zeros(len(wanted.opener), dtype=np.uint64)
        entry = wanted.option.astype(np.uint64) * _KEY + wanted.blocks.astype(np.uint64)
        np.add.at(keys, wanted.build, (entry ^ (entry >> np.uint64(29))) * _KEY)
        keys += wanted.opener.astype(np.uint64)
        place = np.full(len(keys), -1, dtype=np.int64)
        count = 0
        for build, key in enumerate(keys.tolist()):
            if key not in self._known:
                self._known.add(key)
                place[build] = count
                count += 1
        kept = place[wanted.build] >= 0
        return Builds(
            wanted.opener[place >= 0],
            place[wanted.build[kept]],
            wanted.option[kept],
            wanted.blocks[kept],
        )


class Pricing:
    """The cheapest builds of the options of a problem, at one set of prices after another."""

    def __init__(self, problem: Problem) -> None:
        self._low, self._high = problem.blocks_min, problem.blocks_max
        self._opens = problem.option_opens
        self.grows = problem.grows
        if self.grows:
            chains = int(problem.chain[-1]) + 1 if problem.options else 0
            self._at = np.full((chains, problem.horizon), -1, dtype=np.int64)
            self._at[problem.chain, problem.option_year] = np.arange(problem.options)
            self._there = self._at >= 0
            self._most = np.where(self._there, self._high[self._at], 0).astype(np.float64)
            self._least = np.zeros(chains)
            self._least[problem.chain] = self._low
            self._place = problem.chain, problem.option_year

    def price(self, fixed: Floats, each: Floats) -> Prices:
        """Return what the cheapest builds cost.

        Parameters
        ----------
        fixed, each : ndarray
            (O,) price of opening through an option, and of each of its blocks.
        """
        if not self.grows:
            cost = fixed + np.minimum(each * self._low, each * self._high)
            cost = np.where(self._opens, cost, np.inf)
            return Prices(cost, cost)
        opening, price = self._open_costs(fixed, each)[0], self._by_chain(each)
        before = np.full(opening.shape, np.inf)
        before[:, 1:] = np.minimum.accumulate(opening[:, :-1], axis=1)
        # Without one of its blocks a build is still one, so a block that grows costs its price.
        growing = before + np.maximum(price, 0.0)
        at_option = self._place
        return Prices(opening[at_option], np.minimum(opening, growing)[at_option])

    def builds(self, fixed: Floats, each: Floats, openers: Ints) -> Builds:
        """Return the cheapest build that opens through each of some options."""
        if not self.grows:
            larger = each[openers] * self._high[openers] < each[openers] * self._low[openers]
            blocks = np.where(larger, self._high[openers], self._low[openers])
            return Builds(openers, np.arange(len(openers)), openers, blocks)
        return self._rising(fixed, each, openers)

    def ends(self, openers: Ints) -> Builds:
        """Return the smallest and the largest build that open through options and do not grow."""
        both = np.concatenate([openers, openers])
        blocks = np.concatenate([self._low[openers], self._high[openers]])
        kept = (
            np.concatenate(
                [np.ones(len(openers), dtype=np.bool_), self._high[openers] > self._low[openers]]
            )
            & self._opens[both]
        )
        return Builds(both[kept], np.arange(kept.sum()), both[kept], blocks[kept])

    def _by_chain(self, values: Floats) -> Floats:
        return np.where(self._there, values[self._at], np.inf)

    def _open_costs(self, fixed: Floats, each: Floats) -> tuple[Floats, Floats, Ints, Ints]:
        """Return least cost by chain and year of opening, and how to get there.

        Also whether the opening is the largest one, and the year of the next rise (-1 for none)
        after having as much as can be, and after having the fewest.
        """
        price, most, least = self._by_chain(each), self._most, self._least
        chains, years = price.shape
        full, some = np.zeros((chains, years)), np.zeros((chains, years))
        after_full = np.full((chains, years), -1, dtype=np.int64)
        after_some = after_full.copy()
        with np.errstate(invalid="ignore"):  # no blocks more at no price is no rise
            for year in range(years - 2, -1, -1):
                for later in range(year + 1, years):
                    for cost, after, start in (
                        (full, after_full, most[:, year]),
                        (some, after_some, least),
                    ):
                        more = most[:, later] - start
                        rise = more * price[:, later] + full[:, later]
                        better = (more > 0) & (rise < cost[:, year])
                        cost[better, year] = rise[better]
                        after[better, year] = later
            opening = np.where(self._there & self._opens[self._at], fixed[self._at], np.inf)
            largest = opening + most * price + full
            smallest = opening + least[:, None] * price + some
        largest = np.where(np.isinf(opening), np.inf, largest)
        smallest = np.where(np.isinf(opening), np.inf, smallest)
        return (
            np.minimum(largest, smallest),
            (largest < smallest).astype(np.float64),
            after_full,
            after_some,
        )

    def _rising(self, fixed: Floats, each: Floats, openers: Ints) -> Builds:
        _, largest, after_full, after_some = self._open_costs(fixed, each)
        chain, year = (place[openers] for place in self._place)
        build = np.arange(len(openers))
        full = largest[chain, year] > 0
        have = np.where(full, self._most[chain, year], self._least[chain])
        entries = [(build, openers, have)]
        following = np.where(full, after_full[chain, year], after_some[chain, year])
        while True:
            go = np.flatnonzero(following >= 0)
            if not go.size:
                break
            build, chain, year = build[go], chain[go], following[go]
            reached = self._most[chain, year]
            entries.append((build, self._at[chain, year], reached - have[go]))
            have, following = reached, after_full[chain, year]
        return Builds(
            openers,
            np.concatenate([part[0] for part in entries]),
            np.concatenate([part[1] for part in entries]),
            np.concatenate([part[2] for part in entries]).astype(np.int64),
        )
