"""Grid results for the report: branch limits, flows of the plan, hosting capacity of buses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pandas as pd

from siteopt.grid.hosting import has_own_case, hosting_of_case
from siteopt.lattice import DEGREES_EPSG
from siteopt.limit_key import branch_and_outage, branch_text
from siteopt.report._column_codec import compact
from siteopt.report._json_values import plain, records
from siteopt.report._years import several_years
from siteopt.report.limit_names import keys_of, limit_name
from siteopt.report.texts import text

if TYPE_CHECKING:
    import geopandas as gpd

    from siteopt.report.run_tables import RunTables
    from siteopt.report.texts import Language

__all__ = ["grid_payload", "grid_record"]

_PRICE_DECIMALS: Final = 4
_MODEL: Final = "KPG 193-bus case, a public and synthetic model of the Korean grid"
_OWN_MODEL: Final = "the user's own grid case"


@dataclass(frozen=True)
class _Case:
    """The grid case of a run, for people."""

    tables: RunTables

    @cached_property
    def buses(self) -> gpd.GeoDataFrame:
        """Buses with places in degrees."""
        return self.tables.layers.vector("case_buses").to_crs(DEGREES_EPSG).reset_index(drop=True)

    @cached_property
    def branches(self) -> pd.DataFrame:
        """``branch_id``, the rows of its ``from`` and ``to`` bus, ``kv``, and ``circuit``.

        The case has no transformers: ``kv`` is the lower base voltage of the two buses. Branches
        between the same two buses are distinguished by the number of their circuit, in the order of
        the case; 0 where there is one.
        """
        table = self.tables.layers.table("case_branches")
        rows = pd.Index(self.buses["bus_id"].astype(str))
        base_kv = self.buses["base_kv"].to_numpy(dtype=np.float64)
        ends = {
            name: rows.get_indexer(pd.Index(table[f"{name}_bus"].astype(str)))
            for name in ("from", "to")
        }
        kv = np.minimum(base_kv[ends["from"]], base_kv[ends["to"]])
        found = pd.DataFrame({"branch_id": table["branch_id"].astype(str), **ends, "kv": kv})
        pair = [np.minimum(ends["from"], ends["to"]), np.maximum(ends["from"], ends["to"])]
        beside = found.groupby(pair)["branch_id"]
        several = beside.transform("size") > 1
        return found.assign(circuit=np.where(several, beside.cumcount() + 1, 0))

    @property
    def is_own(self) -> bool:
        """Whether the user's case replaces the embedded one."""
        return has_own_case(self.tables.layers)

    @cached_property
    def hosting(self) -> pd.DataFrame | None:
        """What buses of this case can host further; None where that is not known."""
        return hosting_of_case(self.tables.layers)

    @cached_property
    def snapshots(self) -> dict[str, list[str]]:
        """Korean and English title of every snapshot, by id."""
        titles: dict[str, list[str]] = {}
        if "snapshots" in self.tables.layers.ids:
            table = self.tables.layers.table("snapshots")
            names = table[["snapshot_id", "title_ko", "title_en"]].astype(str).to_numpy().tolist()
            titles = {name: [ko, en] for name, ko, en in names}
        for choice in self.tables.scenario.grid.snapshots:
            if choice.title is not None:
                titles[choice.id] = [choice.title.ko, choice.title.en]
        return titles

    def title(self, snapshot_id: str) -> list[str]:
        """Return the titles of a snapshot, its id where it has none."""
        return self.snapshots.get(snapshot_id, [snapshot_id, snapshot_id])

    def named(self, limit: list[str], language: Language) -> str:
        """Return a branch limit as people say it: from, to, voltage, and what is out."""
        branch, outage = (self._branch(name, language) if name else "" for name in limit)
        if not outage:
            return branch
        return text("grid.outage", language).format(branch=branch, outage=outage)

    def _branch(self, branch_id: str, language: Language) -> str:
        found = self.branches[self.branches["branch_id"] == branch_id]
        if found.empty:
            return branch_id
        names = self.buses[f"name_{language}"].astype(str)
        branch = found.iloc[0]
        named = f"{names[branch['from']]}–{names[branch['to']]} {branch['kv']:g}\u00a0kV"
        if not branch["circuit"]:
            return named
        return text("grid.circuit", language).format(branch=named, n=branch["circuit"])


def _has_case(tables: RunTables) -> bool:
    return {"case_buses", "case_branches"} <= set(tables.layers.ids)


def grid_record(tables: RunTables) -> dict[str, Any] | None:
    """Return what the plan does to the grid, as in ``portfolio.json``.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.

    Returns
    -------
    dict or None
        ``model``, ``security``, ``snapshots`` (demand, load, cost and curtailment before and
        after), ``further_by_province`` (MW that a province could draw beside the plan, None
        where the case has no bus there, and the branches that stop more), ``flow_limits`` (slack,
        and by bus the MW of it that a MW of load takes). None where flow limits are off.
    """
    plan = tables.plan
    if plan.grid_account is None or plan.grid_further is None or not _has_case(tables):
        return None
    case = _Case(tables)
    titles = [case.title(name) for name in plan.grid_account["snapshot_id"].astype(str)]
    account = plan.grid_account.assign(
        title_ko=[ko for ko, _ in titles], title_en=[en for _, en in titles]
    )
    return {
        "model": _OWN_MODEL if case.is_own else _MODEL,
        "security": tables.scenario.grid.security,
        "snapshots": records(account),
        "further_by_province": [
            {
                "province_code": row["province"],
                "province_ko": row["name"][0],
                "province_en": row["name"][1],
                "snapshot_id": row["snapshot"],
                "further_mw": row["mw"],
                "branches": [branch_text(*limit) for limit in row["limits"]],
                "branches_ko": [case.named(limit, "ko") for limit in row["limits"]],
                "branches_en": [case.named(limit, "en") for limit in row["limits"]],
            }
            for row in _further(case)
        ],
        "flow_limits": [
            {
                "limit": flow["limit"],
                "snapshot_id": flow["snapshot"],
                "branches_ko": [case.named(limit, "ko") for limit in flow["limits"]],
                "branches_en": [case.named(limit, "en") for limit in flow["limits"]],
                "further_branches": flow["more"],
                "slack_mw": flow["slack"],
                **({"year": flow["year"]} if "year" in flow else {}),
                "mw_per_mw": {
                    bus: round(float(price), _PRICE_DECIMALS)
                    for bus, price in zip(case.buses["bus_id"], flow["price"], strict=True)
                },
            }
            for flow in _flows(case)
        ],
    }


def _further(case: _Case) -> list[dict[str, Any]]:
    """Return how much more each province could draw, the tightest first, those without a bus last."""
    further = case.tables.plan.grid_further
    if further is None:
        return []
    provinces = case.tables.layers.vector("provinces")
    code = provinces["province_code"].astype(str)
    titles = provinces[["name_ko", "name_en"]].astype(str).to_numpy().tolist()
    names = dict(zip(code, titles, strict=True))
    with_bus = set(case.buses["province_code"].astype(str))
    rows = []
    for row in further.to_dict("records"):
        province, limits = str(row["province_code"]), cast("list[tuple[str, str]]", row["branches"])
        known = province in with_bus
        rows.append(
            {
                "province": province,
                "name": names.get(province, [province, province]),
                "snapshot": str(row["snapshot_id"]) if known else None,
                "mw": max(round(float(row["further_mw"]), 1), 0.0) + 0.0 if known else None,
                "limits": [list(limit) for limit in limits] if known else [],
            }
        )
    return sorted(rows, key=lambda row: (row["mw"] is None, row["mw"] or 0.0, row["province"]))


def _flows(case: _Case) -> list[dict[str, Any]]:
    """Return the flow limits that the plan knows, with the price of every bus in the case's order."""
    prices, limits = case.tables.plan.flow_prices, case.tables.plan.limits
    if prices is None:
        return []
    several = several_years(case.tables.scenario)
    flows = limits[limits["family"] == "flows"]
    known = dict(
        zip(flows["subject"], zip(keys_of(flows), flows["slack"], strict=True), strict=True)
    )
    buses = case.buses["bus_id"].astype(str)
    found = []
    for number, part in prices.groupby("subject", sort=False):
        key, slack = known[number]
        by_bus = part.set_index(part["bus_id"].astype(str))["price"].reindex(buses).fillna(0.0)
        found.append(
            {
                "limit": limit_name(key),
                "snapshot": key.snapshot,
                "limits": [list(pair) for pair in key.branches],
                "more": key.more,
                "slack": plain(float(slack)),
                **({"year": key.year} if several else {}),
                "price": by_bus.to_numpy(dtype=np.float64),
            }
        )
    return found


def grid_payload(tables: RunTables) -> dict[str, Any] | None:
    """Return what the map shows of the grid; None where the run has no case.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.

    Returns
    -------
    dict
        ``bus`` and ``branch`` (names, places, voltages), ``snapshots`` (titles), ``account``,
        ``further`` and ``flows`` of the plan (None, [] and [] where flow limits are off), and
        ``hosting`` of every bus.
    """
    if not _has_case(tables):
        return None
    case = _Case(tables)
    buses, branches = case.buses, case.branches
    account = tables.plan.grid_account
    return {
        "own": case.is_own,
        "security": tables.scenario.grid.security,
        "bus": {
            "id": buses["bus_id"].astype(str).tolist(),
            "ko": buses["name_ko"].astype(str).tolist(),
            "en": buses["name_en"].astype(str).tolist(),
            "kv": compact(buses["base_kv"], 1),
            "lon": compact(buses.geometry.x, 4),
            "lat": compact(buses.geometry.y, 4),
        },
        "branch": {
            "id": branches["branch_id"].tolist(),
            "from": compact(branches["from"], 0),
            "to": compact(branches["to"], 0),
            "kv": compact(branches["kv"], 1),
            "circuit": compact(branches["circuit"], 0),
        },
        "snapshots": case.snapshots,
        "account": None if account is None else [_account_row(row) for row in records(account)],
        "further": _further(case),
        "flows": [
            {
                "limits": flow["limits"],
                "more": flow["more"],
                "price": compact(pd.Series(flow["price"]), _PRICE_DECIMALS),
            }
            for flow in _flows(case)
        ],
        "hosting": _hosting(case),
    }


def _account_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a snapshot of the account with its overloaded branches as a list."""
    return row | {"overloads": str(row["overloads"]).split(", ") if row["overloads"] else []}


def _hosting(case: _Case) -> dict[str, Any] | None:
    """Return what every bus can host, by snapshot and security, in the order of the case."""
    table = case.hosting
    if table is None:
        return None
    ends = ("binding_branch", "injection_branch")
    limits = sorted({one for name in ends for one in table[name].dropna().astype(str) if one})
    place = {one: row for row, one in enumerate(limits)}
    buses = case.buses["bus_id"].astype(str)
    found: dict[str, dict[str, Any]] = {}
    for (snapshot, security), part in table.groupby(["snapshot_id", "security"], sort=True):
        rows = part.set_index(part["bus_id"].astype(str)).reindex(buses)
        one = found.setdefault(str(snapshot), {})
        one[str(security)] = {
            "load": compact(rows["hosting_mw"], 0),
            "load_limit": compact(rows["binding_branch"].map(place).astype(float), 0),
            "feed": compact(rows["injection_mw"], 0),
            "feed_limit": compact(rows["injection_branch"].map(place).astype(float), 0),
        }
        one["curtailed"] = compact(rows["curtailed_mw"], 1)
        one["held"] = compact(rows["held_back_mw"], 1)
    order = [name for name in case.snapshots if name in found]
    return {
        "limits": [list(branch_and_outage(one)) for one in limits],
        "snapshots": {name: found[name] for name in [*order, *sorted(set(found) - set(order))]},
    }
