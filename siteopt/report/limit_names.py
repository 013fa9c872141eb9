"""Names of limits in files: the text of a key, and the key that a text names.

The only place where such texts are made, and, for runs on disk, read again.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from siteopt.limit_key import KEY_COLUMNS, LimitKey, branch_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["keys_of", "limit_key", "limit_name", "limit_text", "named_limits"]

_FORMS: Final[Mapping[tuple[str, str], str]] = {
    ("target", ""): "target",
    ("stations", "station"): "{subject}",
    ("stations", "area"): "{subject} area",
    ("upgrades", "station"): "works {subject}",
    ("provinces", "province"): "share {subject}",
    ("provinces", ""): "count",
    ("groups", "group"): "group {subject}",
    ("diversity", "station"): "share of station {subject}",
    ("diversity", "basin"): "share of basin {subject}",
    ("budget", ""): "budget",
    ("budget", "year"): "budget",
    ("caps", ""): "cap {subject}",
    ("spacing", ""): "spacing",
    ("spacing", "site"): "{subject}",
}
"""Text by family and scope; others are called by scope and subject, such as ``basin B1``."""
_OF_ALL: Final[Mapping[tuple[str, str], str]] = {
    ("diversity", "station"): "share of every station",
    ("diversity", "basin"): "share of every basin",
    ("budget", "year"): "budget of a year",
}
"""The same for all subjects, or years, alike."""
_UNITS: Final = "all units"
"""What binds where no branch does."""
_FLOW: Final = re.compile(r"flow (\S+).*")


def limit_text(key: LimitKey) -> str:
    """Return how files name a limit, with its year where it has one."""
    name = limit_name(key)
    return f"{name} in {key.year}" if key.year else name


def limit_name(key: LimitKey) -> str:
    """Return how files name a limit whose year is in another column.

    Examples
    --------
    >>> limit_name(LimitKey("stations", "station", "N1", 154.0))
    'N1 154 kV'
    >>> limit_name(LimitKey("flows", "grid", "3", snapshot="peak", branches=(("L1", "L2"),), more=2))
    'flow 3 peak: L1 when L2 is out and 2 more'
    """
    if key.family == "flows":
        return _flow_name(key)
    place = (key.family, key.scope)
    if place in _OF_ALL and not (key.subject or key.year):
        return _OF_ALL[place]
    form = _FORMS.get(place, f"{key.scope or key.family} {{subject}}")
    text = form.format(subject=key.subject).strip()
    if key.voltage_kv:
        text = f"{text} {key.voltage_kv:g} kV"
    return f"{key.side} {text}" if key.side else text


def _flow_name(key: LimitKey) -> str:
    branches = ", ".join(branch_text(*pair) for pair in key.branches) or _UNITS
    more = f" and {key.more} more" if key.more else ""
    return f"flow {key.subject} {key.snapshot}: {branches}{more}"


def limit_key(family: str, name: str) -> LimitKey:
    """Return the key of a limit by its `limit_name`; of a flow limit its number alone.

    Examples
    --------
    >>> limit_key("diversity", "share of basin B1")
    LimitKey(family='diversity', scope='basin', subject='B1', voltage_kv=0.0, year=0, side='', snapshot='', branches=(), more=0)
    """
    if family == "flows":
        found = _FLOW.fullmatch(name)
        return LimitKey(family, "grid", name if found is None else found[1])
    for scope, pattern in _patterns(family):
        found = pattern.fullmatch(name)
        if found is not None:
            parts = found.groupdict()
            return LimitKey(family, scope, parts.get("subject") or "", float(parts["kv"] or 0.0))
    scope, _, subject = name.partition(" ")
    return LimitKey(family, scope, subject)


@cache
def _patterns(family: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return the forms of a family, those with most text of their own first."""
    forms = [(scope, form) for (name, scope), form in _FORMS.items() if name == family]
    forms.sort(key=lambda one: -len(one[1].replace("{subject}", "")))
    voltage = r"(?: (?P<kv>[0-9.]+) kV)?"
    return [
        (scope, re.compile(form.replace("{subject}", r"(?P<subject>.+?)") + voltage))
        for scope, form in forms
    ]


def keys_of(limits: pd.DataFrame) -> list[LimitKey]:
    """Return the key of each row of a table of limits."""
    return [LimitKey.of_row(row) for row in limits.to_dict("records")]


def named_limits(limits: pd.DataFrame, *, dated: bool = True) -> pd.DataFrame:
    """Return a table of limits as files have it: ``family`` and ``limit`` in place of the key.

    Parameters
    ----------
    limits : DataFrame
        With the columns of `LimitKey`.
    dated : bool
        Whether the name has the year in it.
    """
    import pandas as pd  # noqa: PLC0415 - the name of one limit needs no tables

    name = limit_text if dated else limit_name
    named = limits.assign(
        limit=pd.Series([name(key) for key in keys_of(limits)], index=limits.index, dtype=str)
    )
    others = [column for column in limits.columns if column not in KEY_COLUMNS]
    return named[["family", "limit", *others]]
