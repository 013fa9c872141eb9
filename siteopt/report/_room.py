"""Slack of the limits of a plan, and which of them are binding for a site."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from siteopt.report.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Room", "mark_rooms", "used_up"]

_ROUNDING: Final = 1e-3
"""MW and the like: figures in the files are rounded."""
_LEAST_MW: Final = 0.05
"""What a province can draw more is known no better."""

_LEVEL: Final = re.compile(r"(\S+) ([0-9.]+) kV")
"""How the headroom of a level of a station is named."""

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
    def by_name(self) -> dict[tuple[str, str], int]:
        """The place of each limit with an upper bound that holds in the last year."""
        year = self.plan.get("year")
        found = {}
        for place, limit in enumerate(self.plan.get("limits", [])):
            name = str(limit["limit"])
            if limit.get("at_most") is None or limit.get("year") not in (None, year):
                continue
            found[limit["family"], name.removesuffix(f" in {year}")] = place
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
    def _levels(self) -> dict[str, list[tuple[float, str]]]:
        """The levels of each station that the plan uses: voltage, and name of the limit."""
        found: dict[str, list[tuple[float, str]]] = {}
        for family, name in self.by_name:
            level = _LEVEL.fullmatch(name) if family == "stations" else None
            if level:
                found.setdefault(level[1], []).append((float(level[2]), name))
        return {station: sorted(levels) for station, levels in found.items()}

    def _level(self, station: str, voltage_kv: float) -> str:
        """Return the limit of the level that feeds a voltage: the lowest that is as high."""
        levels = self._levels.get(station, [])
        return next((name for kv, name in levels if kv >= voltage_kv), "")

    def limit(self, family: str, name: str) -> Limit | None:
        """Return a limit in its last year, None where the plan has none of the name."""
        place = self.by_name.get((family, name))
        found: Limit | None = None if place is None else self.plan["limits"][place]
        return found

    def step_mw(self, row: Row) -> float | None:
        """Return the least IT load that may come to a site: a block, or the smallest build."""
        found: float | None = self.plan.get("block_it_mw" if row["chosen"] else "it_min_mw")
        return found

    def used_up(self, row: Row) -> Iterator[tuple[str, int]]:
        """Yield family and place of the limits that are full for a site, in the order told."""
        step = self.step_mw(row)
        if step is None or not row.get("it_mw") or row.get("facility_mw") is None:
            return
        facility = step * row["facility_mw"] / row["it_mw"]
        share = 100.0 * step / self.plan["target_it_mw"] if self.plan.get("target_it_mw") else 0.0
        station = row.get("station_id")
        asked = [
            ("stations", self._level(str(station), row.get("voltage_kv") or 0.0), facility),
            ("stations", f"{station}", facility),
            ("stations", f"{row.get('headroom_area_id')} area", facility),
            ("provinces", f"share {row.get('province_code')}", share),
            ("diversity", f"share of station {station}", share),
            ("diversity", f"share of basin {row.get('basin_id')}", share),
            ("basins", f"basin {row.get('basin_id')}", step * (row.get("water_m3_day_per_mw") or 0)),
        ]  # fmt: skip
        told = set()
        for family, name, need in asked:
            place = self.by_name.get((family, name))
            if place is None or place in told:
                continue
            told.add(place)
            limit = self.plan["limits"][place]
            if limit["at_most"] - limit["used"] < need - _ROUNDING:
                yield family, place
        for place, flow in self._flows:
            beyond = facility * flow["mw_per_mw"].get(str(row.get("bus_id")), 0.0)
            at = self.by_name.get(("flows", flow["limit"])) if "limit" in flow else None
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
        family, name = limit["family"], str(limit["limit"])
        if family == "stations":
            head, _, tail = name.partition(" ")
            area = tail.startswith("area")
            figures |= {
                "station": ("of", Fact("station.area" if area else "station.one",
                                       {"name": ("area" if area else "station", head)})),
                "mw": ("n", limit["at_most"], 1), "rest": ("n", rest, 1),
                "need": ("n", step * row["facility_mw"] / row["it_mw"], 1),
            }  # fmt: skip
        elif family == "provinces":
            figures |= {"province": ("province", row["province_code"]),
                        "pct": ("n", limit["at_most"], 1), "rest": ("n", rest, 1)}  # fmt: skip
        elif family == "basins":
            figures |= {"basin": ("basin", row["basin_id"]), "m3": ("n", limit["at_most"], 0),
                        "rest": ("n", rest, 0)}  # fmt: skip
        else:
            of_station = name.startswith("share of station")
            place = row["station_id"] if of_station else row["basin_id"]
            figures |= {"place": ("station" if of_station else "basin", place),
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
        said: dict[str, Any] = {
            "snapshot": ("snapshot", found["snapshot_id"]), "mw": ("n", step, 1)
        }  # fmt: skip
        if not found["branches_en"]:
            return Fact(f"{kind}.supply", said)
        return Fact(f"{kind}.flow", said | {"branches": (which, place)})


_WORD: Final = {
    "stations": "headroom_left", "provinces": "province", "basins": "basin_left",
    "diversity": "share",
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
