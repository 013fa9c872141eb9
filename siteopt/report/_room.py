"""Slack of the limits of a plan, and which of them are binding for a site."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from siteopt.limit_key import LimitKey
from siteopt.report._least_build import least_build_mw
from siteopt.report.facts import Fact
from siteopt.report.limit_names import limit_key

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Room", "mark_rooms", "used_up"]

_ROUNDING: Final = 1e-3
"""MW and the like: figures in the files are rounded."""
_LEAST_MW: Final = 0.05
"""What a province can draw more is known no better."""

Row = dict[str, Any]
Limit = dict[str, Any]


class Room:
    """What is left of the limits of a plan in its last year.

    A limit is full for a chosen site where it has no room for one more block there, and for any
    other site where it has none for the smallest build.

    Parameters
    ----------
    plan : dict
        ``portfolio.json``.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan

    @cached_property
    def by_key(self) -> dict[LimitKey, int]:
        """The place of each limit with an upper bound that holds in the last year, undated."""
        year = self.plan.get("year")
        found = {}
        for place, limit in enumerate(self.plan.get("limits", [])):
            name = str(limit["limit"])
            if limit.get("at_most") is None or limit.get("year") not in (None, year):
                continue
            found[limit_key(limit["family"], name.removesuffix(f" in {year}"))] = place
        return found

    @cached_property
    def _flows(self) -> list[tuple[int, Limit]]:
        grid = self.plan.get("grid") or {}
        year = self.plan.get("year")
        return [
            (place, flow) for place, flow in enumerate(grid.get("flow_limits", []))
            if flow.get("year") in (None, year)  # what runs in the end is most
        ]  # fmt: skip

    @cached_property
    def _levels(self) -> dict[str, list[LimitKey]]:
        """The levels of each station that the plan uses, by rising voltage."""
        found: dict[str, list[LimitKey]] = {}
        for key in sorted(self.by_key):
            if key.family == "stations" and key.voltage_kv:
                found.setdefault(key.subject, []).append(key)
        return found

    def _level(self, station: str, voltage_kv: float) -> LimitKey | None:
        """Return the limit of the level that feeds a voltage: the lowest that is as high."""
        levels = self._levels.get(station, [])
        return next((key for key in levels if key.voltage_kv >= voltage_kv), None)

    def limit(self, key: LimitKey) -> Limit | None:
        """Return a limit in its last year, None where the plan has none of the key."""
        place = self.by_key.get(key)
        found: Limit | None = None if place is None else self.plan["limits"][place]
        return found

    @cached_property
    def group_names(self) -> dict[str, tuple[str, str]]:
        """Names of the groups of provinces with limits, Korean and English."""
        return {
            str(one["group"]): (str(one["names"][0]), str(one["names"][1]))
            for one in self.plan.get("province_groups", [])
        }

    def groups_of(self, row: Row) -> list[str]:
        """Return the groups of provinces with limits that a site is in."""
        return [
            str(one["group"])
            for one in self.plan.get("province_groups", [])
            if str(row.get("province_code")) in one["provinces"]
        ]

    def step_mw(self, row: Row) -> float | None:
        """Return the least IT load that may come to a site: a block, or the smallest build."""
        if row["chosen"]:
            block: float | None = self.plan.get("block_it_mw")
            return block
        return least_build_mw(row, self.plan)

    def used_up(self, row: Row) -> Iterator[tuple[str, int]]:
        """Yield family and place of the limits that are full for a site, in display order."""
        step = self.step_mw(row)
        if step is None or not row.get("it_mw") or row.get("facility_mw") is None:
            return
        facility = step * row["facility_mw"] / row["it_mw"]
        share = 100.0 * step / self.plan["target_it_mw"] if self.plan.get("target_it_mw") else 0.0
        station, basin = str(row.get("station_id")), str(row.get("basin_id"))
        needs = [
            (self._level(station, row.get("voltage_kv") or 0.0), facility),
            (LimitKey("stations", "station", station), facility),
            (LimitKey("stations", "area", str(row.get("headroom_area_id"))), facility),
            (LimitKey("provinces", "province", str(row.get("province_code"))), share),
            *((LimitKey("groups", "group", one), share) for one in self.groups_of(row)),
            (LimitKey("diversity", "station", station), share),
            (LimitKey("diversity", "basin", basin), share),
            (LimitKey("basins", "basin", basin), step * (row.get("water_m3_day_per_mw") or 0)),
        ]
        listed = set()
        for key, need in needs:
            place = None if key is None else self.by_key.get(key)
            if key is None or place is None or place in listed:
                continue
            listed.add(place)
            limit = self.plan["limits"][place]
            if limit["at_most"] - limit["used"] < need - _ROUNDING:
                yield key.family, place
        for place, flow in self._flows:
            beyond = facility * flow["mw_per_mw"].get(str(row.get("bus_id")), 0.0)
            at = self.by_key.get(limit_key("flows", flow["limit"])) if "limit" in flow else None
            if beyond - flow["slack_mw"] > _ROUNDING:
                yield "flow", -1 - place if at is None else at

    def causes(self, row: Row) -> list[Fact]:
        """Return the limits that are full for a site in words, one a kind."""
        kind = "limit" if row["chosen"] else "why"
        found: dict[str, Fact] = {}
        for family, place in self.used_up(row):
            if family != "flow" and family not in found:
                found[family] = self._cause(row, kind, self.plan["limits"][place])
        flow = self._flow_cause(row, kind)
        return [*found.values(), *([flow] if flow else [])]

    def _cause(self, row: Row, kind: str, limit: Limit) -> Fact:
        rest = max(0.0, limit["at_most"] - limit["used"])
        step = self.step_mw(row) or 0.0
        figures: dict[str, Any] = {"step": ("n", step, 1)}
        family, key = limit["family"], limit_key(limit["family"], str(limit["limit"]))
        if family == "stations":
            which = "area" if key.scope == "area" else "one"
            figures |= {
                "station": ("of", Fact(f"station.{which}", {"name": (key.scope, key.subject)})),
                "mw": ("n", limit["at_most"], 1), "rest": ("n", rest, 1),
                "need": ("n", step * row["facility_mw"] / row["it_mw"], 1),
            }  # fmt: skip
        elif family == "provinces":
            figures |= {"province": ("province", row["province_code"]),
                        "pct": ("n", limit["at_most"], 1), "rest": ("n", rest, 1)}  # fmt: skip
        elif family == "groups":
            figures |= {"place": ("both", *self.group_names[key.subject]),
                        "pct": ("n", limit["at_most"], 1), "rest": ("n", rest, 1)}  # fmt: skip
        elif family == "basins":
            figures |= {"basin": ("basin", row["basin_id"]), "m3": ("n", limit["at_most"], 0),
                        "rest": ("n", rest, 0)}  # fmt: skip
        else:
            figures |= {"place": (key.scope, row[f"{key.scope}_id"]),
                        "pct": ("n", limit["at_most"], 1), "rest": ("n", rest, 1)}  # fmt: skip
        return Fact(f"{kind}.{_WORD[family]}", figures)

    def _flow_cause(self, row: Row, kind: str) -> Fact | None:
        """Return the flow limit that a site exceeds most, else what its province can draw in all."""
        step = self.step_mw(row)
        if step is None or not row.get("it_mw") or row.get("facility_mw") is None:
            return None
        need, bus = step * row["facility_mw"] / row["it_mw"], str(row.get("bus_id"))
        beyond = [
            (need * flow["mw_per_mw"].get(bus, 0.0) - flow["slack_mw"], -place)
            for place, flow in self._flows
        ]
        worst, at = max(beyond, default=(0.0, 0))
        if worst > _ROUNDING:
            return self._grid_fact(kind, "flow", -at, step)
        for place, further in enumerate(
            (self.plan.get("grid") or {}).get("further_by_province", [])
        ):
            room = further["further_mw"]
            if (further.get("province_code") == row.get("province_code") and room is not None
                    and room < need - _LEAST_MW):  # fmt: skip
                return self._grid_fact(kind, "further", place, step)
        return None

    def _grid_fact(self, kind: str, which: str, place: int, step: float) -> Fact:
        table = "flow_limits" if which == "flow" else "further_by_province"
        found = self.plan["grid"][table][place]
        values: dict[str, Any] = {
            "snapshot": ("snapshot", found["snapshot_id"]), "mw": ("n", step, 1)
        }  # fmt: skip
        if not found["branches_en"]:
            return Fact(f"{kind}.supply", values)
        return Fact(f"{kind}.flow", values | {"branches": (which, place)})


_WORD: Final = {
    "stations": "headroom_left", "provinces": "province", "basins": "basin_left",
    "diversity": "share", "groups": "share",
}  # fmt: skip
"""Families of limits, and the end of the key of their sentence."""


def used_up(row: Row, room: Room) -> list[int]:
    """Return the places of the limits that are full for a site."""
    return [place for _, place in room.used_up(row) if place >= 0]


def mark_rooms(
    limits: list[Limit], full: set[int], short: set[int]
) -> list[Limit]:  # fmt: skip
    """Return the limits of a plan with ``room``.

    ``full``: a chosen site has no room for a block more, or all of the limit is used; ``short``:
    another site has none for the smallest build; ``met``: as much as there has to be, and no more;
    empty otherwise.

    Parameters
    ----------
    limits : list of dict
        Of the plan.
    full, short : set of int
        Places of limits that are full for a chosen site, and for another one.
    """
    return [
        limit | {"room": _room(limit, place in full, place in short)}
        for place, limit in enumerate(limits)
    ]


def _room(limit: Limit, full: bool, short: bool) -> str:  # noqa: FBT001 - two marks of a limit
    at_most = limit["at_most"]
    if full or (
        limit["binds"] and at_most is not None and limit["used"] >= at_most - _near(at_most)
    ):
        return "full"
    if short:
        return "short"
    return "met" if limit["binds"] else ""


def _near(value: float) -> float:
    return 1e-6 * max(1.0, abs(value))
