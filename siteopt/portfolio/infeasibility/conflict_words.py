"""Named limits in conflict as a sentence, in English and Korean: who needs how much more of what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.portfolio.bounds.reduced_cost import FEASIBILITY_TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from siteopt.portfolio.infeasibility.deletion_filter import NamedLimit
    from siteopt.portfolio.problem.problem import Problem

__all__ = ["Names", "sentences"]

_DEMANDS: Final = ("province minimum", "province count", "rules", "target")
_NAMED: Final = 3
"""So many are named; of more the number is told."""
_EOK_PER_BN: Final = 10


@dataclass(frozen=True)
class Names:
    """What places are called, Korean and English, by code or id."""

    provinces: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stations: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def province(self, code: str) -> tuple[str, str]:
        """Return the name of a province; its code where it has none."""
        return self.provinces.get(code, (f"시도 {code}", f"province {code}"))

    def station(self, name: str) -> tuple[str, str]:
        """Return the name of a station; its id where it has none."""
        return self.stations.get(name, (name, name))


def sentences(
    problem: Problem, limits: Sequence[NamedLimit], table: pd.DataFrame, names: Names
) -> tuple[str, str]:
    """Return what conflicts and what would settle it: an English and a Korean sentence.

    Parameters
    ----------
    problem : Problem
        The one without a plan.
    limits : sequence of NamedLimit
        The limits in conflict.
    table : DataFrame
        What each kind would have to give alone; see `siteopt.portfolio.Diagnosis`.
    names : Names
        What places are called.
    """
    demands = [limit for kind in _DEMANDS for limit in limits if limit.kind == kind]
    if not demands:
        return "", ""
    said = [_demand(problem, limit, names) for limit in demands[:_NAMED]]
    ko = "과 ".join(one[0] for one in said)
    en = " and ".join(one[1] for one in said)
    rows: dict[str, dict[str, Any]] = {
        str(row["limit"]): {str(key): value for key, value in row.items()}
        for row in table.to_dict("records")
    }
    supplies = [kind for kind in rows if kind not in _DEMANDS]
    if not supplies:
        return _land(rows, ko, en)
    needs = [
        _need(problem, str(kind), rows[kind], [one for one in limits if one.kind == kind], names,
              demands)
        for kind in supplies
    ]  # fmt: skip
    needed = " 또는 ".join(one[0] for one in needs)
    verb = "need" if len(said) > 1 else "needs"
    first = en[0].upper() + en[1:]
    return (
        f"{first} {verb} {'; or '.join(one[1] for one in needs)}.",
        f"{ko}{_object(ko)} 채우려면 {needed}{_subject(needed)} 필요합니다.",
    )


def _land(rows: Mapping[Any, dict[str, Any]], ko: str, en: str) -> tuple[str, str]:
    """Return the sentence where nothing but the sites themselves falls short."""
    kind = next(iter(rows))
    amount, unit = _amount(rows[kind]), str(rows[kind]["unit"])
    first = en[0].upper() + en[1:]
    if amount is None or unit == "sites":
        return (
            f"{first} cannot be met by any of the candidate sites.",
            f"{ko}{_object(ko)} 채울 수 있는 후보지가 없습니다.",
        )
    return (
        f"{first} is {amount}{_unit_en(unit)} more than the candidate sites can hold.",
        f"{ko}{_topic(ko)} 후보지가 수용할 수 있는 규모보다 {amount}{_unit_ko(unit)} 많습니다.",
    )


def _demand(problem: Problem, limit: NamedLimit, names: Names) -> tuple[str, str]:
    """Return what is asked for, in Korean and English."""
    year = int(problem.years[-1]) if limit.year is None else limit.year
    place = int(np.searchsorted(problem.years, year))
    if limit.kind == "target":
        mw = problem.target_blocks[place] * problem.block_mw
        return f"{year}년 목표 {mw:,g} MW", f"the target of {mw:,g} MW in {year}"
    if limit.kind == "province minimum":
        row = int(np.searchsorted(problem.province_code, limit.name))
        mw = problem.province_min_blocks[row, place] * problem.block_mw
        ko, en = names.province(limit.name)
        return (
            f"{ko}의 {year}년 최소 배분 {mw:,g} MW",
            f"{en}'s minimum share of {mw:,g} MW in {year}",
        )
    if limit.kind == "province count":
        count = problem.province_count_min
        return f"최소 {count}개 시도 배분", f"the minimum of {count} provinces"
    return f"지정 입지 {limit.name}", f"the rule on site {limit.name}"


def _need(  # noqa: PLR0911, PLR0913, PLR0917 - one part of a sentence from all there is
    problem: Problem,
    kind: str,
    row: dict[str, Any],
    limits: Sequence[NamedLimit],
    names: Names,
    demands: Sequence[NamedLimit],
) -> tuple[str, str]:
    """Return how much more of a kind of limit is needed, in Korean and English."""
    amount, year = _amount(row), demands[0].year or int(problem.years[-1])
    own = len(demands) == 1 and demands[0].kind == "province minimum"
    ko, en = _owners(kind, limits, names, own=own)
    if amount is None:
        what_ko, what_en = _WHAT[kind]
        return (
            f"{what_ko} 외 다른 조건의 조정",
            f"more than a change of {what_en} alone",
        )
    now = float(row["now"])
    if kind == "headroom":
        have = "has" if len(limits) == 1 else "have"
        return (
            f"{year}년까지 {ko} 여유용량 {amount} MW 추가",
            f"{amount} MW more headroom than {en} {have} by {year}",
        )
    if kind == "basins":
        give = "gives" if len(limits) == 1 else "give"
        return f"{ko} 용수 하루 {amount} ㎥ 추가", f"{amount} m3 a day more water than {en} {give}"
    if kind == "budget":
        eok = f"{float(row['gives_enough']) * _EOK_PER_BN:,.0f}"
        return f"투자비 한도 {eok}억 원 상향", f"{amount} bn KRW more than the budget"
    if kind == "province maximum":
        return (
            f"{ko} 배분 상한 {amount} %p(목표 대비) 상향",
            f"{amount} % of the target more than the maximum share of {en}",
        )
    if kind == "spacing":
        left = now - float(row["gives_enough"])
        return (
            f"입지 간 거리 축소({now:g} → {left:g} km)",
            f"sites {left:g} km apart instead of {now:g} km",
        )
    if kind == "flows":
        return (
            f"송전선로 조류 한도 {amount} MW 상향",
            f"{amount} MW more than the flow limits of the grid leave",
        )
    return (
        f"변전소·유역별 상한 {amount} %p(목표 대비) 상향",
        f"{amount} % of the target more than one station or basin may have",
    )


_WHAT: Final = {
    "headroom": ("변전소 여유용량", "headroom"),
    "basins": ("유역 용수", "the water of basins"),
    "budget": ("투자비 한도", "the budget"),
    "province maximum": ("시도별 배분 상한", "maximum shares"),
    "spacing": ("입지 간 거리", "spacing"),
    "flows": ("송전선로 조류 한도", "flow limits"),
    "diversity": ("변전소·유역별 상한", "shares of stations and basins"),
}


def _owners(kind: str, limits: Sequence[NamedLimit], names: Names, *, own: bool) -> tuple[str, str]:
    """Return whose limits they are: '의' is part of the Korean."""
    if kind == "headroom":
        if own and len(limits) > _NAMED:
            return "관내 변전소의", "its stations"
        return _listed([names.station(one.name) for one in limits], "변전소", "station")
    if kind == "basins":
        return _listed([(one.name, one.name) for one in limits], "유역", "basin")
    if kind == "province maximum":
        by_name = dict.fromkeys(one.name for one in limits)
        return _listed([names.province(code) for code in by_name], "", "")
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


def _amount(row: dict[str, Any]) -> str | None:
    """Return what a limit has to give alone; None where that is not enough or not known."""
    least, enough = float(row["gives_least"]), float(row["gives_enough"])
    if not np.isfinite(enough):
        return None
    if enough - least <= FEASIBILITY_TOLERANCE * max(1.0, enough):
        return f"{enough:,.6g}"
    return f"{least:,.6g} to {enough:,.6g}"


def _unit_ko(unit: str) -> str:
    return {"MW IT": " MW", "pct of the target": " %p(목표 대비)", "provinces": "곳"}.get(
        unit, unit
    )


def _unit_en(unit: str) -> str:
    return {"pct of the target": " % of the target", "provinces": ""}.get(unit, f" {unit}")


def _has_final(word: str) -> bool:
    """Return whether the last sound of a word is closed, as Korean particles ask."""
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
