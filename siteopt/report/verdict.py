"""Verdict of a site: chosen or not, the reasons, and the change that would reverse it.

Command line and map, Korean and English only render what is decided here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from siteopt.report._against import Gap, cut_share, gap_between, gap_fact, or_dash
from siteopt.report._least_build import least_build_mw
from siteopt.report._names import names_of_run
from siteopt.report._plain_table import SiteRows, plain_table
from siteopt.report._room import Room, used_up
from siteopt.report.facts import Fact, figure_digits

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from siteopt.report._names import Names
    from siteopt.report._plain_table import PlainTable

__all__ = ["Verdict", "Verdicts"]

_TIE: Final = 1e-6
"""Of the objective: values below are within the solver's tolerance."""
_METRES: Final = 1000.0
_UNITS: Final = ("bn_krw", "suitable_mw")
_COMPARED: Final = (
    "site_id", "chosen", "bn_krw_per_mw", "x_m", "y_m", "station_id", "province_code",
)  # fmt: skip
"""Columns by which the rival of a chosen site is found."""
_STATIONLESS: Final = ("connection", "headroom", "no_option")
"""Reasons that the nearest station explains."""

Row = dict[str, Any]
State = Literal["chosen", "must", "not_chosen", "impossible"]
Figure = Literal[
    "exact", "zero", "range", "least", "most", "unknown", "indispensable", "impossible"
]


@dataclass(frozen=True)
class Verdict:
    """The verdict on a site: its state, figure and reasons.

    Attributes
    ----------
    site_id : str
        The site.
    state : str
        ``chosen``; ``must``: chosen, and it was decided beforehand; ``not_chosen``;
        ``impossible``: no plan can have it.
    figure : str
        How well it is known what the plan loses without the site, or with it: ``exact``, ``zero``
        (nothing that matters), ``range``, ``least``, ``most`` (proven bounds), ``unknown``;
        ``indispensable``: there is no plan without it; ``impossible``: none with it.
    amount, least, most : float or None
        That figure and its bounds, in the unit of the objective; None where it is not known.
    sentence : Fact
        All of this in one sentence.
    rival : str or None
        The site to set it against: the chosen one that it would replace, stand too near to, share
        a station or a province with, or that the plan gives up most easily; of a chosen site the
        best other one by the same order.
    gap : Gap or None
        Cost against the rival.
    causes : tuple of Fact
        What limits the size of a chosen site; why any other is not chosen or cannot be built.
    changes : tuple of Fact
        What would have to change for it to be chosen.
    full : frozenset of int
        Limits of the plan, by their place in it, without room for a block more (a chosen site) or
        for the smallest build (any other one) here.
    """

    site_id: str
    state: State
    figure: Figure
    amount: float | None
    least: float | None
    most: float | None
    sentence: Fact
    rival: str | None
    gap: Gap | None
    causes: tuple[Fact, ...]
    changes: tuple[Fact, ...]
    full: frozenset[int]


class Verdicts:
    """The verdicts of a run.

    Parameters
    ----------
    ranking : DataFrame or PlainTable
        ``ranking.csv``: one row a site, best first.
    plan : dict
        ``portfolio.json``.
    record : dict
        ``run.json``.
    """

    def __init__(
        self, ranking: pd.DataFrame | PlainTable, plan: dict[str, Any], record: dict[str, Any]
    ) -> None:
        self.plan, self.record = plan, record
        self._table = plain_table(ranking)
        self.unit = next((one for one in _UNITS if f"value_{one}" in self._table.names), _UNITS[0])
        scenario = record.get("scenario", {})
        decided = scenario.get("sites", {})
        self._must = {
            *decided.get("must", []),
            *(one["site_id"] for one in decided.get("begun", [])),
        }
        self._build = scenario.get("build", {})
        self._campus = (scenario.get("candidates") or {}).get("campus") or {}
        self._spacing_km = scenario.get("spacing_km") or 0.0

    @cached_property
    def names(self) -> Names:
        """What ids are called."""
        return names_of_run(self._table, self.plan)

    @cached_property
    def rows(self) -> SiteRows:
        """Rows of the ranking by site, best first; what is not known is None."""
        return SiteRows(self._table)

    @cached_property
    def chosen(self) -> list[Row]:
        """Rows of the chosen sites, best first."""
        known = zip(self.rows, self.rows.column("chosen"), strict=True)
        return [self.rows[site] for site, is_chosen in known if is_chosen]

    @cached_property
    def _others(self) -> list[Row]:
        """What sites that are not chosen are compared by, of those whose costs are known."""
        known = (
            dict(zip(_COMPARED, values, strict=True)) for values in self.rows.values_of(*_COMPARED)
        )
        return [row for row in known if not row["chosen"] and row.get("bn_krw_per_mw") is not None]

    @cached_property
    def room(self) -> Room:
        """What is left of the limits of the plan."""
        return Room(self.plan)

    def all(self) -> list[Verdict]:
        """Return the verdicts of all sites, best first."""
        return [self.of(site) for site in self.rows]

    def of(self, site_id: str) -> Verdict:
        """Return the verdict of a site."""
        row = self.rows[site_id]
        state, figure = self._state(row), self._figure(row)
        rival = self._rival(row)
        gap = None if rival is None else gap_between(row, rival)
        full = () if state == "impossible" else used_up(row, self.room)
        return Verdict(
            site_id=site_id, state=state, figure=figure,
            amount=self._amount(row) if figure in {"exact", "zero"} else None,
            least=row.get(f"lower_{self.unit}"), most=row.get(f"upper_{self.unit}"),
            sentence=self._sentence(row, state, figure),
            rival=None if rival is None else rival["site_id"], gap=gap,
            causes=tuple(self._causes(row, state, figure, rival, gap)),
            changes=tuple(self._changes(row, state, figure)),
            full=frozenset(full),
        )  # fmt: skip

    def state(self, site_id: str) -> State:
        """Return whether a site is chosen, could be, or is impossible; see `Verdict`."""
        return self._state(self.rows[site_id])

    # -- what is decided ---------------------------------------------------------------------

    def _state(self, row: Row) -> State:
        if row["chosen"]:
            return "must" if row["site_id"] in self._must else "chosen"
        if row.get("proof") == "impossible" or row.get("reason"):
            return "impossible"
        known = [row.get(f"{name}_{self.unit}") for name in ("regret", "lower", "upper")]
        return "not_chosen" if any(one is not None for one in known) else "impossible"

    def _amount(self, row: Row) -> float | None:
        """Return what the plan loses without a chosen site, or with any other one."""
        found: float | None = row.get(f"{'value' if row['chosen'] else 'regret'}_{self.unit}")
        return found

    def _figure(self, row: Row) -> Figure:
        if self._state(row) == "impossible":
            return "impossible"
        if row.get("proof") == "indispensable":
            return "indispensable"
        amount, least, most = (
            self._amount(row), row.get(f"lower_{self.unit}"), row.get(f"upper_{self.unit}"),
        )  # fmt: skip
        if amount is not None:
            return "zero" if self.is_nothing(amount) else "exact"
        if most is not None and self.is_nothing(most):
            return "zero"
        low = least is not None and not self.is_nothing(least)
        if low and most is not None:
            return "range"
        return "least" if low else "most" if most is not None else "unknown"

    def is_nothing(self, value: float) -> bool:
        """Return whether a loss is within the solver's tolerance."""
        objective = self.plan.get(f"objective_{self.unit}") or 0.0
        return bool(abs(value) <= _TIE * max(1.0, abs(objective)))

    def _rival(self, row: Row) -> Row | None:
        """Return the site to set another against; see `Verdict`."""
        if row.get("bn_krw_per_mw") is None:
            return None
        pool = self._others if row["chosen"] else self.chosen
        pool = [one for one in pool if one["site_id"] != row["site_id"]]
        pool = [one for one in pool if one.get("bn_krw_per_mw") is not None]
        if not row["chosen"]:  # the easiest to give up first
            value = f"value_{self.unit}"
            pool.sort(key=lambda one: (one.get(value) is None, one.get(value) or 0.0))
        leaves = str(row.get("replaces") or "").split(" ")
        ways: tuple[Callable[[Row], bool], ...] = (
            lambda one: one["site_id"] in leaves,
            lambda one: self._too_near(row, one),
            lambda one: _same("station_id", row, one),
            lambda one: _same("province_code", row, one),
            lambda _: True,
        )
        found = next((one for way in ways for one in pool if way(one)), None)
        return None if found is None else self.rows[found["site_id"]]

    def _too_near(self, row: Row, other: Row) -> bool:
        if None in {row.get("x_m"), other.get("x_m")}:
            return False
        apart = math.hypot(row["x_m"] - other["x_m"], row["y_m"] - other["y_m"])
        return apart < float(self._spacing_km) * _METRES

    # -- its wording -------------------------------------------------------------------------

    def _sentence(self, row: Row, state: State, figure: Figure) -> Fact:
        if state == "impossible":
            return Fact("verdict.impossible", {"why": ("of", self._gate_fact(row))})
        mw = ("n", row["it_mw"], 0) if row.get("it_mw") is not None else ("as is", "–")
        if figure == "indispensable":
            return Fact(f"verdict.{state}_indispensable", {"mw": mw})
        rank = self._rank(row, figure)
        if rank is not None:
            rank = Fact("explain.rank_said", {"rank": ("of", rank)})
        values = {"mw": mw, "rank": ("of", rank)}
        if figure in {"zero", "unknown"}:
            return Fact(f"verdict.{state}_{figure}", values)
        return Fact(f"verdict.{state}", values | {"loss": ("of", self._loss(row, figure))})

    def _loss(self, row: Row, figure: Figure) -> Fact:
        """Return what the plan loses, or the proven bounds on it, as the end of a sentence."""
        low, high = row.get(f"lower_{self.unit}"), row.get(f"upper_{self.unit}")
        amounts = {"a": self._amount(row) if figure == "exact" else low, "b": high}
        wanted = {"exact": "a", "least": "a", "most": "b", "range": "ab"}[figure]
        return Fact(
            f"loss.{figure}_{self.unit}", {name: self._worth(amounts[name]) for name in wanted}
        )

    def _worth(self, value: float | None) -> tuple[Any, ...]:
        if value is None:
            return ("as is", "–")
        return ("money", value) if self.unit == "bn_krw" else ("n", value, figure_digits(value))

    def _rank(self, row: Row, figure: Figure) -> Fact | None:
        """Return the rank of a site, or the ranks between which it is proven to be."""
        low, high = row.get("rank_low"), row.get("rank_high")
        if row.get("rank") is None:
            return None
        if low is not None and low != high:
            return Fact("explain.rank_between", {"low": ("n", low, 0), "high": ("n", high, 0)})
        if figure != "exact":
            return None
        tied = (row.get("tied") or 1) > 1
        proven = row.get("rank_proven", True)  # older runs do not say
        key = "explain.rank_tied" if tied else "explain.rank"
        return Fact(key if proven else f"{key}_provisional", {"n": ("n", row["rank"], 0)})

    def _causes(
        self, row: Row, state: State, figure: Figure, rival: Row | None, gap: Gap | None
    ) -> list[Fact]:
        if state == "impossible":
            return [self._gate_fact(row), *self._nearest_station(row)]
        if row["chosen"]:
            must = [Fact("limit.must")] if state == "must" else []
            causes = must + self._size_limits(row)
            return causes or [Fact("limit.none")]
        causes = [
            Fact("why.spacing", {"site": ("site", other["site_id"]),
                                 "km": ("n", self._spacing_km, 1)})
            for other in self.chosen if self._too_near(row, other)
        ]  # fmt: skip
        causes += self.room.causes(row)
        if figure == "zero":
            causes.append(Fact("why.zero"))
        if gap is not None and rival is not None and gap.is_told:
            causes.append(gap_fact(gap, rival["site_id"]))
        open_ = "" if self.plan.get("status", "optimal") == "optimal" else "_feasible"
        return causes or [Fact(f"why.general{open_}")]

    def _size_limits(self, row: Row) -> list[Fact]:
        """Return what stops a chosen site from taking one more block."""
        block = self.plan.get("block_it_mw")
        if block is None or row.get("it_mw") is None:
            return []
        causes, mw = [], row["it_mw"] + block - 1e-6
        most, land = self._build.get("it_max_mw"), row.get("it_max_mw")
        if row.get("kind") == "campus":
            most = self._campus.get("it_max_mw")
        if most is not None and mw > most:
            causes.append(Fact("limit.build", {"mw": ("n", most, 0)}))
        elif land is not None and mw > land:
            causes.append(Fact("limit.land", {"mw": ("n", land, 0)}))
        contract = row.get("facility_max_mw")
        if contract is not None and row["facility_mw"] / row["it_mw"] * mw > contract:
            figures = {"kv": ("n", row["voltage_kv"], 1), "mw": ("n", contract, 0)}
            causes.append(Fact("limit.class", figures))
        return causes + self.room.causes(row)

    def _gate_fact(self, row: Row) -> Fact:
        """Return the gate that closes a site."""
        gate = row.get("reason") or "no_option"
        least = least_build_mw(row, self.plan) or 0.0
        return Fact(f"why.{_WHY.get(gate, gate)}", {"mw": ("n", least, 0)})

    def _nearest_station(self, row: Row) -> list[Fact]:
        """Return the nearest station by the criteria, where it is the stations that close a site."""
        if (row.get("reason") or "no_option") not in _STATIONLESS:
            return []
        found = []
        for name, km in row.items():
            head, _, kv = name.removesuffix("_km").partition("_")
            mw = row.get(f"headroom_{kv}_mw")
            if head == "distance" and kv.isdigit() and km is not None and mw is not None:
                found.append((km, kv, mw))
        if not found:
            return []
        km, kv, mw = min(found)
        return [Fact("why.nearest", {"kv": ("as is", kv), "km": ("n", km, 1),
                                     "mw": ("n", mw, figure_digits(mw))})]  # fmt: skip

    def _changes(self, row: Row, state: State, figure: Figure) -> list[Fact]:
        """Return what would have to change for a site to be chosen."""
        if state != "not_chosen" or self.unit != "bn_krw":
            return []
        changes = []
        amount = self._amount(row) if figure == "exact" else row.get("lower_bn_krw")
        if figure in {"exact", "least", "range"} and amount is not None:
            share = cut_share(row, amount) if figure == "exact" else None
            key = "explain.cut" if figure == "exact" else "explain.cut_least"
            changes.append(Fact(key, {"money": ("money", amount), "share": ("of", share)}))
        proof = row.get("headroom_proof")
        if proof is not None:
            figures = {
                "mw": or_dash(row.get("headroom_more_mw"), 1),
                "least": or_dash(row.get("headroom_more_low_mw"), 1),
            }
            changes.append(Fact(f"explain.headroom_{proof.replace(' ', '_')}", figures))
        if row.get("first_year") is not None:
            changes.append(
                Fact("explain.first_year", {"year": ("as is", str(int(row["first_year"])))})
            )
        return changes


_WHY: Final = {"province": "provinces"}
"""Gates whose text has another name."""


def _same(column: str, row: Row, other: Row) -> bool:
    return row.get(column) is not None and bool(row[column] == other.get(column))
