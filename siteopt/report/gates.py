"""Gates: the preconditions for a build at a site, and which are met beside the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siteopt.limit_key import LimitKey
from siteopt.report._against import contract_per_it
from siteopt.report._least_build import least_build_mw
from siteopt.report.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.report.verdict import Verdicts

__all__ = ["Gate", "gates", "need_fact"]

_ROUNDING: Final = 1e-3
_OF_REASON: Final = {
    "time": "time", "size": "land", "headroom": "station", "province": "province",
    "group": "group", "basin": "basin", "excluded": "must_not",
}  # fmt: skip
"""Reasons why a site is impossible, and the gate of each."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Gate:
    """One gate.

    Attributes
    ----------
    key : str
        What it requires.
    passed : bool or None
        Whether the smallest build passes; None where there is nothing to pass.
    fact : Fact
        What there is and what it takes.
    """

    key: str
    passed: bool | None
    fact: Fact

    def line(self) -> Fact:
        """Return the gate with what came of it."""
        if self.passed is None:
            return self.fact
        mark = Fact("explain.passed" if self.passed else "explain.failed")
        return Fact("gate.line", {"mark": ("of", mark), "said": ("of", self.fact)})


def gates(site_id: str, verdicts: Verdicts) -> list[Gate]:
    """Return the gates of a site, in the order in which they are checked.

    Parameters
    ----------
    site_id : str
        The site.
    verdicts : Verdicts
        Those of the run.
    """
    plan, row = verdicts.plan, verdicts.rows[site_id]
    least = least_build_mw(row, plan)
    if least is None:
        return []
    found = [*_ruled(row, verdicts), *_land(row, verdicts, least), *_stations(row, verdicts, least)]
    found += _shared(row, verdicts)
    reason = row.get("reason")
    if not row["chosen"] and reason:
        key = str(_OF_REASON.get(reason, reason))
        if not any(gate.key == key and gate.passed is False for gate in found):
            figures = {"mw": ("n", least, 0)}
            why = {"province": "provinces"}.get(reason, reason)
            found.append(Gate(key, passed=False, fact=Fact(f"why.{why}", figures)))
    return found


def need_fact(site_id: str, verdicts: Verdicts) -> Fact:
    """Return the line above the gates: the smallest build, and its contract power."""
    row = verdicts.rows[site_id]
    least = least_build_mw(row, verdicts.plan) or 0.0
    need = least * contract_per_it(row)
    return Fact("explain.gates", {"mw": ("n", least, 1), "need": ("n", need, 1)})


def _ruled(row: Row, verdicts: Verdicts) -> Iterator[Gate]:
    """Yield the exclusions of the screening, and what kind of site it is."""
    record = verdicts.record
    scenario = record.get("scenario", {})
    rules = record.get("screening", [])
    candidates = scenario.get("candidates", {})
    if row.get("kind") == "complex":
        exempt = candidates.get("complex_exempt", [])
        rules = [rule for rule in rules if rule.get("reason") not in exempt]
    slope = row.get("slope_mean_deg")
    most = next(
        (one["threshold"] for one in scenario.get("screening", {}).get("exclusions", [])
         if one.get("layer") == "slope" and one.get("kind") == "above"
         and any(rule.get("reason") == one["id"] for rule in rules)), None,
    )  # fmt: skip
    limit = None if most is None else Fact("gate.slope_most", {"limit": ("n", most, 2)})
    slope_value = ("as is", "–") if slope is None else ("n", slope, 1)
    figures: dict[str, Any] = {
        "n": ("n", len(rules), 0), "slope": slope_value, "limit": ("of", limit),
    }  # fmt: skip
    if row.get("kind") == "parcel" and candidates.get("parcels_screened") is False:
        yield Gate("screening", passed=None, fact=Fact("gate.unscreened", figures))
    else:
        yield Gate("screening", passed=True, fact=Fact("explain.screening", figures))
    if row.get("kind") is not None:
        yield Gate("kind", passed=None, fact=_kind(row))


def _kind(row: Row) -> Fact:
    """Return what kind of site it is, and for a complex what bounds its land and how surely."""
    kind = Fact(f"kind.{row['kind']}")
    if row["kind"] != "complex":
        return Fact("explain.kind", {"kind": ("of", kind)})
    figures = {
        "kind": ("of", kind), "ha": ("n", row.get("eligible_ha") or 0.0, 1),
        "rule": ("text", f"area.{row.get('area_rule')}"),
        "sure": ("text", f"confidence.{row.get('area_confidence')}"),
    }  # fmt: skip
    return Fact("explain.kind_complex", figures)


def _land(row: Row, verdicts: Verdicts, least: float) -> Iterator[Gate]:
    if row.get("it_max_mw") is not None:
        figures = {"mw": ("n", row["it_max_mw"], 0), "need": ("n", least, 1)}
        passed = row["it_max_mw"] >= least - _ROUNDING
        yield Gate("land", passed=passed, fact=Fact("explain.land", figures))
    most, kv = row.get("facility_max_mw"), row.get("voltage_kv")
    if most is not None and kv is not None:
        figures = {"kv": ("n", kv, 1), "mw": ("n", most, 0)}
        passed = most >= least * contract_per_it(row) - _ROUNDING
        yield Gate("class", passed=passed, fact=Fact("explain.class", figures))
    first, year = row.get("first_year"), verdicts.plan.get("year")
    if first is not None:
        years: dict[str, Any] = {
            "year": ("as is", f"{int(first)}"),
            "target": ("as is", f"{year or '–'}"),
        }
        passed = year is None or first <= year
        yield Gate("time", passed=passed, fact=Fact("explain.time", years))


@dataclass(frozen=True)
class _Station:
    """A station within reach: its headroom, whose figure that is, what works bring it to."""

    id: str
    kv: str
    room_mw: float
    whose: str
    most_mw: float


def _stations_of(row: Row) -> Iterator[_Station]:
    """Yield each station within reach of a site; runs of before say less of it."""
    for part in str(row["stations"]).split("; ") if row.get("stations") else ():
        station, kv, room, *more = part.split(" ")
        whose, most = (*more, *("model", room)[len(more) :])[:2]
        yield _Station(station, kv, float(room), whose, float(most))


def _stations(row: Row, verdicts: Verdicts, least: float) -> Iterator[Gate]:
    """Yield the stations within reach: whether what others leave of them carries the build."""
    need = least * contract_per_it(row)
    for station in _stations_of(row):
        key = LimitKey("stations", "station", station.id, float(station.kv))
        limit = verdicts.room.limit(key)
        used = 0.0 if limit is None else float(limit["used"])
        there = max(station.room_mw, 0.0 if limit is None else float(limit["at_most"]))
        own = row["facility_mw"] if row["chosen"] and row.get("station_id") == station.id else 0.0
        works = None
        if station.most_mw > station.room_mw:
            works = Fact("explain.with_works", {"mw": ("n", station.most_mw, 1)})
        figures = {
            "station": ("station", station.id), "kv": ("as is", station.kv),
            "mw": ("n", station.room_mw, 1), "who": ("text", f"confidence.{station.whose}"),
            "used": ("n", used, 1), "works": ("of", works),
        }  # fmt: skip
        passed = there - (used - min(own, used)) >= need - _ROUNDING
        yield Gate("station", passed=passed, fact=Fact("explain.station", figures))


def _shared(row: Row, verdicts: Verdicts) -> Iterator[Gate]:
    """Yield the water of the basin and the share of the province: what the plan leaves of them."""
    room = verdicts.room
    full = {place for _, place in room.used_up(row)}
    for family, kind, place in (
        ("basins", "basin", row.get("basin_id")),
        ("provinces", "province", row.get("province_code")),
    ):
        key = LimitKey(family, kind, str(place))
        limit = room.limit(key)
        if limit is None:
            continue
        figures = {
            "place": (kind, place), "used": ("n", limit["used"], 1), "most": ("n", limit["at_most"], 1),
        }  # fmt: skip
        passed = bool(row["chosen"]) or room.by_key[key] not in full
        yield Gate(kind, passed=passed, fact=Fact(f"explain.{kind}", figures))
    for name in room.groups_of(row):
        key = LimitKey("groups", "group", name)
        limit = room.limit(key)
        if limit is not None:
            figures = {
                "place": ("both", *room.group_names[name]), "used": ("n", limit["used"], 1),
                "most": ("n", limit["at_most"], 1),
            }  # fmt: skip
            passed = bool(row["chosen"]) or room.by_key[key] not in full
            yield Gate("group", passed=passed, fact=Fact("explain.province", figures))
