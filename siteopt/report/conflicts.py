"""Limits in conflict as a sentence, in English and Korean: who needs how much more of what."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.portfolio import constraints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siteopt.limit_key import LimitKey
    from siteopt.portfolio import Diagnosis, Problem
    from siteopt.portfolio.constraints.family import LeastChange

__all__ = ["PlaceNames", "amount_text", "limit_words", "sentences"]

_DEMANDS: Final = ("group minimum", "province minimum", "province count", "rules", "target")
"""Kinds that demand sites, in the order in which a sentence names them; others follow."""
_NAMED: Final = 3
"""Number of limits that are named; the others are counted."""
_EOK_PER_BN: Final = 10


@cache
def limit_words() -> dict[str, tuple[str, str]]:
    """Return the words of kinds of limits by key, Korean and English."""
    table = files("siteopt.report").joinpath("limit_words.csv").read_text(encoding="utf-8")
    return {row["key"]: (row["ko"], row["en"]) for row in csv.DictReader(table.splitlines())}


@dataclass(frozen=True)
class PlaceNames:
    """What places are called, Korean and English, by code or id."""

    provinces: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stations: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def province(self, code: str) -> tuple[str, str]:
        """Return the name of a province; its code where it has none."""
        return self.provinces.get(code, (f"시도 {code}", f"province {code}"))

    def group(self, key: str) -> tuple[str, str]:
        """Return the name of a group of provinces; its key where it has none."""
        return self.groups.get(key, (key, key))

    def station(self, name: str) -> tuple[str, str]:
        """Return the name of a station; its id where it has none."""
        return self.stations.get(name, (name, name))


def sentences(problem: Problem, found: Diagnosis, names: PlaceNames) -> tuple[str, str]:
    """Return what conflicts and what would settle it: a Korean and an English sentence.

    Parameters
    ----------
    problem : Problem
        The one without a plan.
    found : Diagnosis
        With the limits in conflict.
    names : PlaceNames
        What places are called.
    """
    by_kind: dict[str, list[LimitKey]] = {}
    for limit in found.limits:
        by_kind.setdefault(constraints.kind_of(limit).name, []).append(limit)
    asking = [kind.name for kind in constraints.kinds() if kind.side == "least"]
    asking.sort(key=lambda kind: _DEMANDS.index(kind) if kind in _DEMANDS else len(_DEMANDS))
    demands = [(kind, limit) for kind in asking for limit in by_kind.get(kind, [])]
    if not demands:
        return "", ""
    phrases = [_demand(problem, kind, limit, names) for kind, limit in demands[:_NAMED]]
    ko, en = "과 ".join(one[0] for one in phrases), " and ".join(one[1] for one in phrases)
    first = en[0].upper() + en[1:]
    supplies = [kind for kind in found.changes if kind not in asking]
    if not supplies:
        return _land(*next(iter(found.changes.items())), ko, first)
    year = demands[0][1].year or int(problem.years[-1])
    own = len(demands) == 1 and demands[0][0] == "province minimum"
    needs = [
        _need(kind, found.changes[kind], by_kind.get(kind, []), names, year, own=own)
        for kind in supplies
    ]
    needed = " 또는 ".join(one[0] for one in needs)
    form = limit_words()["sentence.needs"]
    return (
        form[0].format(demand=ko, object=_object(ko), needs=needed, subject=_subject(needed)),
        form[1].format(demand=first, verb="need" if len(phrases) > 1 else "needs",
                       needs="; or ".join(one[1] for one in needs)),
    )  # fmt: skip


def _land(kind: str, change: LeastChange, ko: str, en: str) -> tuple[str, str]:
    """Return the sentence where nothing but the sites themselves falls short."""
    unit, amount = _unit(kind), amount_text(change)
    if not np.isfinite(change.enough) or unit == "sites":
        form = limit_words()["sentence.no site"]
        return form[0].format(demand=ko, object=_object(ko)), form[1].format(demand=en)
    form = limit_words()["sentence.land"]
    return (
        form[0].format(demand=ko, topic=_topic(ko), amount=amount, unit=_unit_ko(unit)),
        form[1].format(demand=en, amount=amount, unit=_unit_en(unit)),
    )


def _demand(problem: Problem, kind: str, limit: LimitKey, names: PlaceNames) -> tuple[str, str]:
    """Return what is demanded, in Korean and English."""
    year = limit.year or int(problem.years[-1])
    place = int(np.searchsorted(problem.years, year))
    figures: dict[str, Any] = {"year": year, "site": limit.subject}
    if kind == "target":
        figures["mw"] = problem.target_blocks[place] * problem.block_mw
    elif kind == "province minimum":
        row = int(np.searchsorted(problem.province_code, limit.subject))
        figures["mw"] = problem.province_min_blocks[row, place] * problem.block_mw
        figures["ko"], figures["en"] = names.province(limit.subject)
    elif kind == "group minimum":
        row = int(np.searchsorted(problem.group_id, limit.subject))
        figures["mw"] = problem.group_min_blocks[row, place] * problem.block_mw
        figures["ko"], figures["en"] = names.group(limit.subject)
    elif kind == "province count":
        figures["count"] = problem.province_count_min
    form = limit_words().get(f"demand.{kind}") or _what(kind)
    return form[0].format(**figures), form[1].format(**figures)


def _need(  # noqa: PLR0913 - one part of a sentence from all there is
    kind: str,
    change: LeastChange,
    limits: Sequence[LimitKey],
    names: PlaceNames,
    year: int,
    *,
    own: bool,
) -> tuple[str, str]:
    """Return how much more of a kind of limit is needed, in Korean and English."""
    words, what = limit_words(), _what(kind)
    if not np.isfinite(change.enough):
        form = words["need.other"]
        return form[0].format(what=what[0]), form[1].format(what=what[1])
    ko, en = _owners(kind, limits, names, own=own)
    one, unit = len(limits) == 1, _unit(kind)
    figures: dict[str, Any] = {
        "amount": amount_text(change), "year": year, "ko": ko, "en": en, "now": change.now,
        "left": change.now - change.enough, "eok": f"{change.enough * _EOK_PER_BN:,.0f}",
        "have": "has" if one else "have", "give": "gives" if one else "give", "unit": unit,
    }  # fmt: skip
    form = words.get(f"need.{kind}") or words["need."]
    return form[0].format(what=what[0], **figures), form[1].format(what=what[1], **figures)


def _what(kind: str) -> tuple[str, str]:
    """Return what a kind of limits is called; its name where the table has no words for it."""
    return limit_words().get(f"what.{kind}", (kind, kind))


def _unit(kind: str) -> str:
    return next(one.unit for one in constraints.kinds() if one.name == kind)


def _owners(
    kind: str, limits: Sequence[LimitKey], names: PlaceNames, *, own: bool
) -> tuple[str, str]:
    """Return whose limits they are: '의' is part of the Korean."""
    subjects = [one.subject for one in limits]
    if kind == "headroom":
        if own and len(limits) > _NAMED:
            return "관내 변전소의", "its stations"
        return _listed([names.station(one) for one in subjects], "변전소", "station")
    if kind == "basins":
        return _listed([(one, one) for one in subjects], "유역", "basin")
    if kind == "province maximum":
        return _listed([names.province(code) for code in dict.fromkeys(subjects)], "", "")
    if kind == "group maximum":
        return _listed([names.group(key) for key in dict.fromkeys(subjects)], "", "")
    return "", ""


def _listed(pairs: Sequence[tuple[str, str]], kind_ko: str, kind_en: str) -> tuple[str, str]:
    if len(pairs) > _NAMED:
        what = kind_en or "province"
        return f"{kind_ko or '시도'} {len(pairs)}곳의", f"{len(pairs)} {what}s"
    plural = "s" if len(pairs) > 1 else ""
    ko, en = "·".join(one[0] for one in pairs), " and ".join(one[1] for one in pairs)
    return (
        f"{ko} {kind_ko}의" if kind_ko else f"{ko}의",
        f"{kind_en}{plural} {en}" if kind_en else en,
    )


def amount_text(change: LeastChange) -> str:
    """Return an amount, or the interval that it is in."""
    if change.is_exact:
        return f"{change.enough:,.6g}"
    return f"{change.least:,.6g} to {change.enough:,.6g}"


def _unit_ko(unit: str) -> str:
    return {"MW IT": " MW", "pct of the target": " %p(목표 대비)", "provinces": "곳"}.get(
        unit, unit
    )


def _unit_en(unit: str) -> str:
    return {"pct of the target": " % of the target", "provinces": ""}.get(unit, f" {unit}")


def _has_final(word: str) -> bool:
    """Return whether the last sound of a word is closed, as Korean particles need to know."""
    last = word[-1]
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28 != 0
    return last in "013678LMNlmn"


def _object(word: str) -> str:
    # MW is read 메가와트, an open sound.
    return "를" if word.endswith("MW") or not _has_final(word) else "을"


def _subject(word: str) -> str:
    return "이" if _has_final(re.sub(r"\([^)]*\)$", "", word)) else "가"


def _topic(word: str) -> str:
    return "는" if word.endswith("MW") or not _has_final(word) else "은"
