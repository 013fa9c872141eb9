"""Korean names in Latin letters: the Revised Romanization of 2000, with changes of sound.

Source: Ministry of Culture and Tourism notice 2000-8. Names of places: no hyphens, and an h after a
stop is written (Mukho).
"""

from __future__ import annotations

from typing import Final

__all__ = ["romanise"]

_FIRST: Final = (
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
)  # fmt: skip
_VOWEL: Final = (
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
)  # fmt: skip
_CLOSED: Final = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "t",
)  # fmt: skip
"""A final consonant before a pause or another consonant."""
_CARRIED: Final = (
    "", "g", "kk", "ks", "n", "nj", "n", "d", "r", "lg", "lm", "lb", "ls", "lt", "lp", "r", "m",
    "b", "ps", "s", "ss", "ng", "j", "ch", "k", "t", "p", "",
)  # fmt: skip
"""A final consonant before a vowel."""

_MEETING: Final = {
    **{("k", first): f"ng{first}" for first in ("n", "m")}, ("k", "r"): "ngn",
    **{("t", first): f"n{first}" for first in ("n", "m")}, ("t", "r"): "nn",
    **{("p", first): f"m{first}" for first in ("n", "m")}, ("p", "r"): "mn",
    ("n", "r"): "ll", ("l", "n"): "ll", ("l", "r"): "ll", ("m", "r"): "mn", ("ng", "r"): "ngn",
}  # fmt: skip
"""What becomes of a final and the first consonant after it."""

_BASE: Final = 0xAC00
_SYLLABLES: Final = 19 * 21 * 28


def romanise(name: str) -> str:
    """Return a Korean name in Latin letters, words capitalised; other characters stay.

    Examples
    --------
    >>> romanise("신태백"), romanise("왕십리"), romanise("한림"), romanise("옥천")
    ('Sintaebaek', 'Wangsimni', 'Hallim', 'Okcheon')
    """
    return " ".join(_word(word) for word in name.split())


def _word(word: str) -> str:
    out = ""
    held = 0
    for letter in word:
        place = ord(letter) - _BASE
        if not 0 <= place < _SYLLABLES:
            out += _CLOSED[held] + letter
            held = 0
            continue
        first, vowel, final = _FIRST[place // 588], _VOWEL[place // 28 % 21], place % 28
        if held and not first:
            out += _CARRIED[held]
        elif held:
            closed = _CLOSED[held]
            out += _MEETING.get((closed, first), closed + first)
        else:
            out += first
        out += vowel
        held = final
    out += _CLOSED[held]
    return out[:1].upper() + out[1:]
