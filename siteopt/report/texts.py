"""Message catalogue in Korean and English, and the formatting of money."""

from __future__ import annotations

import csv
import math
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

__all__ = ["LANGUAGES", "Language", "money", "page_texts", "percent", "text", "texts"]

Language = Literal["ko", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_OTHER_PAGES: Final = (
    "column", "comparison", "gis", "hubs", "plot", "preview", "report", "scenario_set", "workbook",
)  # fmt: skip
"""First parts of the keys that the map of a run has no use for."""

_EOK_PER_BN: Final = 10.0
"""eok (hundred million) won in a billion won."""
_EOK_PER_JO: Final = 10_000
_MAN_PER_EOK: Final = 10_000
_WHOLE_EOK: Final = 100.0
"""From here on, tenths of an eok are not displayed."""
_BN_PER_TN: Final = 1000.0
_NO_PCT: Final = 1e-9
_SMALL_PCT: Final = 0.01
"""Below it one digit is shown, above it two."""
_DECIMALS_MAX: Final = 9


@cache
def texts() -> dict[str, dict[Language, str]]:
    """Return all texts by key, each in Korean and English."""
    table = files("siteopt.report").joinpath("texts.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return {row["key"]: {"ko": row["ko"], "en": row["en"]} for row in rows}


def page_texts(page: str = "") -> dict[str, dict[Language, str]]:
    """Return the texts of one page by key.

    Parameters
    ----------
    page : {'', 'comparison', 'hubs', 'plot', 'preview', 'report', 'scenario_set'}
        Its keys come without this first part; by default those of the map of a run.
    """
    if not page:
        heads = tuple(f"{other}." for other in _OTHER_PAGES)
        return {key: both for key, both in texts().items() if not key.startswith(heads)}
    return {
        key.removeprefix(f"{page}."): both
        for key, both in texts().items()
        if key.startswith(f"{page}.")
    }


def text(key: str, language: Language, **figures: object) -> str:
    """Return a text, with its figures filled in.

    Parameters
    ----------
    key : str
        Key of the table, such as ``'site.rank'``.
    language : {'ko', 'en'}
        Korean or English.
    **figures
        Values of the ``{name}`` in the text; without any it is returned as it is.

    Raises
    ------
    KeyError
        If the table has no such key.
    """
    found = texts()[key][language]
    return found.format(**figures) if figures else found


def money(value_bn_krw: float, language: Language) -> str:
    """Return an amount as people say it: 조 and 억 won in Korean, tn, bn and m in English.

    Parameters
    ----------
    value_bn_krw : float
        Amount in billion won (십억 원).
    language : {'ko', 'en'}
        Korean or English.
    """
    sign = "-" if value_bn_krw < 0 else ""
    amount = abs(value_bn_krw)
    return sign + (_won_ko(amount) if language == "ko" else _won_en(amount))


def percent(share: float) -> str:
    """Return a share of one as a percentage; the same rules as ``siteopt.percent`` of the page.

    Parameters
    ----------
    share : float
        From 0 on.

    Examples
    --------
    >>> percent(1e-6), percent(0.00123), percent(0.25)
    ('0.0001%', '0.12%', '25%')
    """
    pct = 100.0 * share
    if pct < _NO_PCT:
        return "0%"
    digits = (0 if pct < _SMALL_PCT else 1) - math.floor(math.log10(pct))
    told = f"{float(f'{pct:.1e}'):.{min(_DECIMALS_MAX, max(0, digits))}f}"
    return f"{told.rstrip('0').rstrip('.') if '.' in told else told}%"


def _won_ko(amount_bn: float) -> str:
    eok = amount_bn * _EOK_PER_BN
    if eok >= _WHOLE_EOK:
        jo, rest = divmod(_half_up(eok), _EOK_PER_JO)
        parts = [f"{jo:,}조"] if jo else []
        parts += [f"{rest:,}억"] if rest else []
        return " ".join(parts) + " 원"
    tenths = _half_up(eok * 10)
    if tenths >= 10:  # noqa: PLR2004 - ten tenths
        whole, tenth = divmod(tenths, 10)
        return f"{whole}.{tenth}억 원" if tenth else f"{whole}억 원"
    man = _half_up(eok * _MAN_PER_EOK)
    return f"{man:,}만 원" if man else "0원"


def _won_en(amount_bn: float) -> str:
    if amount_bn >= _BN_PER_TN:
        return f"KRW {_half_up(amount_bn / _BN_PER_TN * 100) / 100:,.2f} tn"
    if amount_bn >= 1:
        return f"KRW {_half_up(amount_bn * 10) / 10:,.1f} bn"
    million = _half_up(amount_bn * _BN_PER_TN)
    return f"KRW {million:,} m" if million else "KRW 0"


def _half_up(amount: float) -> int:
    """Round a positive amount to the nearest whole number, halves up, as browsers do."""
    return int(amount + 0.5)
