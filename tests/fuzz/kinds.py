"""What a kind of input is to the fuzzer: seeds, mutators, siteopt's reading, a plain reading."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "Files",
    "Kind",
    "Mutation",
    "Rule",
    "UnknownError",
    "UnsoundError",
    "difference",
    "mutate",
]

Files = dict[str, bytes]
"""Content by name; a name may have folders."""

BAIT = b"@BAIT@"
"""Stands for a folder that nothing may open."""
PORT = b"@PORT@"
"""Stands for a port of this machine that nothing may connect to."""

_SAME_M = 0.02
_SAME = 1e-6


class UnsoundError(Exception):
    """A file that must not be accepted, by a plain reading; the reason in words."""


class UnknownError(Exception):
    """A file that the plain reading cannot judge."""


@dataclass(frozen=True)
class Mutation:
    """A changed input."""

    files: Files
    told: str
    same: bool = False
    """Whether it must read as the seed does."""


@dataclass(frozen=True)
class Kind:
    """A kind of input."""

    name: str
    seeds: Callable[[], list[Files]]
    mutators: tuple[Callable[[random.Random, Files], Mutation | None], ...]
    read: Callable[[Path], Any]
    """What siteopt makes of the files in a folder, as plain values."""
    plain: Callable[[Files], Any]
    """What the files say, as plain values; UnsoundError where they must be refused."""


@dataclass(frozen=True)
class Rule:
    """A plain reading that says of siteopt's what is otherwise."""

    told: Callable[[Any], str | None]


def mutate(kind: Kind, seed: int) -> tuple[Files, Mutation]:
    """Return the seed files of a case and what became of them; the same for the same number."""
    rng = random.Random(f"{kind.name} {seed}")
    files = rng.choice(kind.seeds())
    changed = Mutation(files, "as it is", same=True)
    told = []
    wanted = rng.choice((1, 1, 1, 2))
    for _ in range(20):
        made = rng.choice(kind.mutators)(rng, dict(changed.files))
        if made is not None:
            told.append(made.told)
            changed = Mutation(made.files, "; ".join(told), changed.same and made.same)
            wanted -= 1
        if wanted == 0:
            break
    return files, changed


def difference(found: Any, wanted: Any, at: str = "") -> str | None:
    """Return the first place where two readings differ, in words; None where they do not."""
    if isinstance(wanted, Rule):
        return wanted.told(found)
    if isinstance(found, dict) and isinstance(wanted, dict):
        if found.keys() != wanted.keys():
            odd = sorted(map(str, found.keys() ^ wanted.keys()))
            return f"{at}: keys {odd[:3]}"
        pairs = [(found[key], wanted[key], f"{at}.{key}") for key in found]
    elif isinstance(found, list | tuple) and isinstance(wanted, list | tuple):
        if len(found) != len(wanted):
            return f"{at}: {len(found)} items, plainly {len(wanted)}"
        pairs = [
            (one, two, f"{at}[{n}]") for n, (one, two) in enumerate(zip(found, wanted, strict=True))
        ]
    else:
        return None if _alike(found, wanted) else f"{at}: {found!r:.80}, plainly {wanted!r:.80}"
    return next((told for pair in pairs if (told := difference(*pair))), None)


def _alike(found: Any, wanted: Any) -> bool:
    if isinstance(found, shapely.Geometry) and isinstance(wanted, shapely.Geometry):
        same = found.geom_type.removeprefix("Multi") == wanted.geom_type.removeprefix("Multi")
        return same and bool(shapely.hausdorff_distance(found, wanted) <= _SAME_M)
    numbers = [
        one for one in (found, wanted) if isinstance(one, int | float) and not isinstance(one, bool)
    ]
    if len(numbers) == 2:
        if any(math.isnan(one) for one in numbers):
            return all(math.isnan(one) for one in numbers)
        return found == wanted or math.isclose(found, wanted, rel_tol=_SAME, abs_tol=1e-12)
    if isinstance(found, float) and wanted is None:
        return math.isnan(found)
    return type(found) is type(wanted) and bool(found == wanted)
