"""Index of places by name: units of administration, complexes, stations, candidates."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KINDS", "Place", "PlaceIndex", "PlaceKind", "plain", "stem"]

PlaceKind = Literal["province", "district", "area", "village", "complex", "station", "site"]
KINDS: Final[tuple[PlaceKind, ...]] = (
    "province", "district", "area", "village", "complex", "station", "site",
)  # fmt: skip
"""In the order in which equally good matches are listed."""

_UNSEEN: Final = re.compile(r"[\s·ㆍ‧,]+")
_SUFFIX: Final = re.compile(r"(특별자치도|특별자치시|특별시|광역시|[시도군구읍면동리])$")
_BETWEEN: Final = "\0"
"""Sign that no name has."""
_WITHOUT_ID: Final = frozenset({"area", "village"})
"""Kinds of places that nobody calls by their code."""
_LEAST_STEM: Final = 2
_OLD_PROVINCE: Final = 4
"""Syllables of 경상북도 and its like, whose short name is the first and the third: 경북."""


def plain(text: str) -> str:
    """Return a name as it is compared: composed signs, no case, no spaces and middle dots.

    Examples
    --------
    >>> plain("청송군 진보면"), plain("Naju-si")
    ('청송군진보면', 'naju-si')
    """
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text)).lower()


def stem(name: str) -> str:
    """Return a plain name without its unit (시, 군, 면 ...); itself where too little is left.

    Examples
    --------
    >>> stem("진보면"), stem("중구"), stem("전북특별자치도")
    ('진보', '중구', '전북')
    """
    short = _SUFFIX.sub("", name)
    return short if len(short) >= _LEAST_STEM else name


class Place(NamedTuple):
    """A named place.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    key : str
        Code of an administrative unit, else the id of the complex, station or candidate.
    name : tuple of str
        In Korean and English; the same where there is one.
    path : tuple of str
        Names of the units above it in Korean, the largest first.
    lon, lat : float
        A point inside it, degrees.
    """

    kind: PlaceKind
    key: str
    name: tuple[str, str]
    path: tuple[str, ...]
    lon: float
    lat: float

    @property
    def label(self) -> str:
        """Its name after those of the units above it."""
        return " ".join([*self.path, self.name[0]])


class _Entry(NamedTuple):
    """A place as it is compared: names of the units above it, and its own names."""

    above: tuple[str, str]
    own: Sequence[str]


class PlaceIndex:
    """Places that can be found by name; ``search.js`` finds the same ones.

    Parameters
    ----------
    places : sequence of Place
        Those of a kind in the order in which they are to be listed.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        order = {kind: number for number, kind in enumerate(KINDS)}
        self.places = sorted(places, key=lambda one: order[one.kind])

    @cached_property
    def _own_names(self) -> list[list[str]]:
        """Own names of each place, and its id where people know it, as they are compared."""
        said = [
            place.name if place.kind in _WITHOUT_ID else (*place.name, place.key)
            for place in self.places
        ]
        known = iter(_all_plain([name for names in said for name in names]))
        return [[name for name in islice(known, len(names)) if name] for names in said]

    def find(self, query: str) -> tuple[list[Place], bool]:
        """Return the places that a name may mean, the likeliest first, and whether it is theirs.

        Parameters
        ----------
        query : str
            A name, with names of units above it before it or without, such as ``청송군 진보면``.

        Returns
        -------
        list of Place
            Those whose whole name it is (with or without the unit, 진보 for 진보면); else those
            that begin with it, then those that contain it.
        bool
            Whether it is a whole name.
        """
        words = [plain(word) for word in query.split()]
        words = [word for word in words if word]
        if not words:
            return [], False
        last, whole = words[-1], "".join(words)
        found: list[tuple[int, int]] = []
        for number, own in enumerate(self._own_names):
            # Whatever grade a place has, one of its names holds the last word, or begins in them.
            if any(last in name or name[:_LEAST_STEM] in whole for name in own):
                grade = _grade(words, _Entry(_above(self.places[number].path), own))
                if grade is not None:
                    found.append((grade, number))
        found.sort()
        best = [self.places[number] for grade, number in found if grade == 0]
        return (best, True) if best else ([self.places[number] for _, number in found], False)


def _all_plain(names: Sequence[str]) -> list[str]:
    """Return names as :func:`plain` does, all of them in one step."""
    text = _BETWEEN.join(names)
    if text.count(_BETWEEN) == max(len(names) - 1, 0):
        return plain(text).split(_BETWEEN)
    return [plain(name) for name in names]


@cache
def _above(path: tuple[str, ...]) -> tuple[str, str]:
    """Return the names of units in one word, and the same with the short name of a province."""
    names = [plain(name) for name in path]
    return "".join(names), "".join(_shortened(name) for name in names)


def _shortened(name: str) -> str:
    old = len(name) == _OLD_PROVINCE and name.endswith("도")
    return name[0] + name[2] if old else name


def _is_above(word: str, entry: _Entry) -> bool:
    return any(word in names for names in entry.above)


def _grade(words: Sequence[str], entry: _Entry) -> int | None:
    """Return 0 for a whole name, 1 for its beginning, 2 for a part of it, None for no match."""
    grades = []
    for number in range(len(words)):  # a name may have spaces of its own, as 대불 국가산단
        if all(_is_above(word, entry) for word in words[:number]):
            own = "".join(words[number:])
            grades += [_own_grade(own, entry), _joined_grade(own, entry)]
    return min((grade for grade in grades if grade is not None), default=None)


def _own_grade(word: str, entry: _Entry) -> int | None:
    """Return the grade of a name without those of the units above it."""
    grades = []
    for own in entry.own:
        if own.startswith(word):
            if word in {own, stem(own)}:
                return 0
            grades.append(1)
        elif word in own:
            grades.append(2)
    return min(grades, default=None)


def _joined_grade(word: str, entry: _Entry) -> int | None:
    """Return the grade of names written without a space between them, 청송군진보면."""
    for own in entry.own:
        if own[:_LEAST_STEM] not in word:
            continue  # a stem is the beginning of its name
        for name in (own, stem(own)):
            if (
                len(word) > len(name)
                and word.endswith(name)
                and _is_above(word[: -len(name)], entry)
            ):
                return 0
    return None
