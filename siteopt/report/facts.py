"""Facts: messages of the catalogue with their figures and ids, rendered in either language."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

from siteopt.report.texts import money, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siteopt.report._names import Names
    from siteopt.report.texts import Language

__all__ = ["Fact", "Value", "figure_digits", "number_text", "plain_fact", "say"]

Value = tuple[Any, ...]
"""Value in a fact: its kind first.

``("n", value, digits)``, ``("money", bn_krw)``, ``("signed", bn_krw)``, ``("unit", bn_krw, digits,
signed)`` (an amount whose unit the text names: billions, or hundred millions in Korean), ``("site"
| "station" | "area" | "province" | "basin" | "snapshot", id)``, ``("flow" | "further", place)``
(branches of a limit of the grid), ``("text", key)``, ``("both", ko, en)``, ``("as is", word)``,
``("of", fact or None)``, ``("list", between, facts)``. ``verdict.js`` has the same.
"""

_NAMED: Final = 3
"""Branches that a sentence names."""
_MONEY_DECIMALS: Final = 5
"""Of a billion won: 만 원 is the smallest unit displayed."""
_EOK_DECIMALS: Final = 1
"""A figure in hundred millions has one decimal fewer than the same one in billions."""
_EOK_PER_BN: Final = 10
_MINUS: Final = "\u2212"


@dataclass(frozen=True)
class Fact:
    """A text and the values in it.

    Attributes
    ----------
    key : str
        Key of the table of texts.
    values : dict of str to tuple
        By the name in the text; see :data:`Value`.
    """

    key: str
    values: dict[str, Value] = field(default_factory=dict)


def say(fact: Fact, language: Language, names: Names) -> str:
    """Return a fact in words.

    Parameters
    ----------
    fact : Fact
        What to say.
    language : {'ko', 'en'}
        Korean or English.
    names : Names
        What sites, stations and other places are called.
    """
    values = {name: _said(value, language, names) for name, value in fact.values.items()}
    return text(fact.key, language).format(**values)


def _said(value: Value, language: Language, names: Names) -> str:  # noqa: C901, PLR0911 - one a kind
    kind, *rest = value
    match kind:
        case "n":
            return number_text(rest[0], rest[1])
        case "money":
            return money(_won(rest[0]), language)
        case "signed":
            sign = "+" if rest[0] > 0 else _MINUS if rest[0] < 0 else ""
            return sign + money(abs(_won(rest[0])), language)
        case "unit":
            return _unit_money(rest[0], rest[1], rest[2], language)
        case "text":
            known = texts().get(rest[0])
            return known[language] if known else str(rest[0]).split(".", 1)[-1]
        case "both":
            return str(rest[0] if language == "ko" else rest[1])
        case "as is":
            return str(rest[0])
        case "of":
            return "" if rest[0] is None else say(rest[0], language, names)
        case "list":
            return str(rest[0]).join(say(one, language, names) for one in rest[1])
        case "flow" | "further":
            return _branches(*names.branches(kind, rest[0], language), language)
        case _:
            return names.of(kind, rest[0], language)


def _won(bn_krw: float) -> float:
    """Return an amount rounded as the map has it: rounded again it must not come out otherwise."""
    return float(_rounded(bn_krw, _MONEY_DECIMALS))


def number_text(value: float, digits: int) -> str:
    """Return a number with up to ``digits`` decimals, halves up, as browsers write it.

    Parameters
    ----------
    value : float
        The number.
    digits : int
        Most decimals.
    """
    rounded = _rounded(value, digits)
    shown = f"{rounded:,f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if shown == "-0" else shown


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def figure_digits(value: float) -> int:
    """Return the decimals that a figure of some size deserves.

    Parameters
    ----------
    value : float
        The figure.
    """
    size = abs(value)
    return 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3  # noqa: PLR2004


def _unit_money(bn_krw: float, digits: int, signed: bool, language: Language) -> str:  # noqa: FBT001 - a Value has places, not names
    amount = _rounded(bn_krw, digits)
    if language == "ko":
        amount, digits = amount * _EOK_PER_BN, digits - _EOK_DECIMALS
    shown = f"{abs(amount):,.{digits}f}"
    if not any(sign in "123456789" for sign in shown):
        return shown
    return (_MINUS if amount < 0 else "+" if signed else "") + shown


def _branches(named: list[str], more: int, language: Language) -> str:
    """Return the first few branches, and how many more there are."""
    rest = max(len(named) - _NAMED, 0) + more
    listed = ", ".join(named[:_NAMED])
    return text("grid.more", language).format(branches=listed, n=rest) if rest else listed


def plain_fact(fact: Fact) -> list[Any]:
    """Return a fact as JSON has it, figures rounded as displayed.

    Parameters
    ----------
    fact : Fact
        The fact.
    """
    return [fact.key, {name: _plain(value) for name, value in fact.values.items()}]


def _plain(value: Value) -> list[Any]:
    kind, *rest = value
    match kind:
        case "n":
            return ["n", _short(_rounded(rest[0], rest[1])), rest[1]]
        case "money" | "signed":
            return [kind, _short(_rounded(rest[0], _MONEY_DECIMALS))]
        case "of":
            return ["of", None if rest[0] is None else plain_fact(rest[0])]
        case "list":
            return ["list", rest[0], _plain_all(rest[1])]
        case _:
            return [kind, *rest]


def _plain_all(facts: Iterable[Fact]) -> list[list[Any]]:
    return [plain_fact(one) for one in facts]


def _short(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
